"""What is printed in colour can be read, and what differs in meaning is told apart by every eye and without colour."""

import re
from collections.abc import Callable, Mapping
from itertools import combinations, pairwise

import pytest

from report_templates.charts import mark_path
from report_templates.formatting import SIGNS, STATUS_WORDS
from report_templates.palette import DARK, Palette, palette_of
from report_templates.rendering import render_html
from report_templates.twin_page import print_twin
from report_templates.workbook_sheets import Sheet, sheets
from scorecards import colours
from scorecards.colours import DEFICIENCIES, LEAST_APART, WHITE, contrast, distance, grey_distance
from scorecards.packs import Colours
from tests.reports.pack_factory import company_pack
from transforms.pack import Pack, Status

PAPER = Palette()
STATUSES: tuple[Status, ...] = ("good", "warning", "bad")
STATUS_SETS = {
    "marks": {status: PAPER.STATUS_COLOURS[status] for status in STATUSES},
    "words": {status: PAPER.STATUS_TEXT[status] for status in STATUSES},
    "marks on a dark screen": {status: DARK[f"{status}-line"] for status in STATUSES},
    "words on a dark screen": {status: DARK[status] for status in STATUSES},
}
# What stands in one chart: this month, the months before, last year behind them, the plan's outline, and variances
# from it. The target is a line in the colour of this month.
SERIES = {
    "paper": {
        "actual": PAPER.INK, "earlier months": PAPER.COLUMN, "previous year": PAPER.LIGHT, "plan": PAPER.GREY,
        "better": PAPER.STATUS_COLOURS["good"], "worse": PAPER.STATUS_COLOURS["bad"],
    },
    "a dark screen": {
        "actual": DARK["ink"], "earlier months": DARK["column"], "previous year": DARK["light"], "plan": DARK["grey"],
        "better": DARK["good-line"], "worse": DARK["bad-line"],
    },
}  # fmt: skip
TOGETHER = (("actual", "earlier months", "previous year", "plan"), ("actual", "better", "worse"))
# Viénot, Brettel and Mollon (1999), on linear RGB: another model than the one that colours.py follows.
VIENOT = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def assert_apart(shown: Mapping[str, str], deficiency: str) -> None:
    near = {
        (a, b): round(found, 1)
        for (a, one), (b, other) in combinations(shown.items(), 2)
        if (found := distance(one, other, deficiency)) < LEAST_APART
    }
    assert not near


@pytest.mark.parametrize("status", STATUSES)
def test_status_words_are_readable_on_every_ground_that_they_stand_on(status: Status) -> None:
    for ground in (WHITE, PAPER.SOFT, PAPER.STATUS_TINTS[status]):
        assert contrast(PAPER.STATUS_TEXT[status], ground) >= 4.5
    for name in ("paper", "soft", f"{status}-tint"):
        assert contrast(DARK[status], DARK[name]) >= 4.5


def test_ink_and_grey_are_readable_on_paper_and_on_soft_rows() -> None:
    for palette, grounds in ((PAPER.DRAWN, (WHITE, PAPER.SOFT)), (DARK, (DARK["paper"], DARK["soft"]))):
        for ground in grounds:
            assert contrast(palette["ink"], ground) >= 7
            assert contrast(palette["grey"], ground) >= 4.5


@pytest.mark.parametrize("name", ["column", "mid", "good-line", "warning-line", "bad-line"])
def test_lines_columns_and_marks_stand_out_from_the_grounds_that_they_are_drawn_on(name: str) -> None:
    assert min(contrast(PAPER.DRAWN[name], ground) for ground in (WHITE, PAPER.SOFT)) >= 3
    assert min(contrast(DARK[name], DARK[ground]) for ground in ("paper", "soft")) >= 3


@pytest.mark.parametrize("deficiency", ["", *DEFICIENCIES])
@pytest.mark.parametrize("shown", STATUS_SETS)
def test_status_colours_are_told_apart_by_every_eye(shown: str, deficiency: str) -> None:
    assert_apart(STATUS_SETS[shown], deficiency)


@pytest.mark.parametrize("deficiency", VIENOT)
@pytest.mark.parametrize("shown", STATUS_SETS)
def test_status_colours_are_told_apart_in_another_model_of_the_deficiency_too(
    shown: str, deficiency: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(colours.DEFICIENCIES, deficiency, VIENOT[deficiency])
    assert_apart(STATUS_SETS[shown], deficiency)


@pytest.mark.parametrize("shown", STATUS_SETS)
def test_status_colours_are_told_apart_in_black_and_white(shown: str) -> None:
    for one, other in combinations(STATUS_SETS[shown].values(), 2):
        assert grey_distance(one, other) >= LEAST_APART


@pytest.mark.parametrize("deficiency", ["", *DEFICIENCIES])
@pytest.mark.parametrize("ground", SERIES)
def test_the_series_of_a_chart_are_told_apart_by_every_eye(ground: str, deficiency: str) -> None:
    for names in TOGETHER:
        assert_apart({name: SERIES[ground][name] for name in names}, deficiency)


@pytest.mark.parametrize("ground", SERIES)
def test_months_and_variances_are_told_apart_in_black_and_white(ground: str) -> None:
    shown = SERIES[ground]
    for one, other in (pair for names in TOGETHER for pair in combinations(names, 2)):
        assert grey_distance(shown[one], shown[other]) >= LEAST_APART, (one, other)


def test_the_grounds_of_a_bullet_bar_grow_lighter_step_by_step() -> None:
    for one, other in pairwise((*PAPER.BAND_GREYS, WHITE)):
        assert contrast(other, one) > 1.1


def test_a_pair_that_looks_alike_is_found() -> None:
    with pytest.raises(AssertionError):
        assert_apart({"good": "#4f6f1f", "bad": "#8a5a1f"}, "protanopia")


def test_each_status_has_a_sign_a_word_and_a_shape_of_its_own() -> None:
    statuses = (*STATUSES, None)
    assert len({SIGNS[status] for status in statuses}) == len(statuses)
    assert len({str(STATUS_WORDS[status]) for status in statuses}) == len(statuses)
    assert len({mark_path(status, 0, 0, 1) for status in statuses}) == len(statuses)


@pytest.mark.parametrize("page", [render_html, print_twin], ids=["printed", "twin"])
def test_text_in_the_colour_of_a_status_says_it_by_sign_or_word_too(page: Callable[[Pack], str]) -> None:
    body = page(company_pack()).split("<body")[1]
    found = re.findall(r'<(span|b|td|p)[^>]*class="[^"]*\b(?:good|warning|bad)\b[^"]*"[^>]*>(.*?)</\1>', body)
    assert len(found) > 100
    for _, content in found:
        assert re.search(r"[●▲■◆◇▼△]|target|usual|better|worse|concern|improvement|[−+\d]", content), content


@pytest.mark.parametrize("page", [render_html, print_twin], ids=["printed", "twin"])
def test_grounds_and_edges_in_the_colour_of_a_status_hold_its_sign_and_its_word(page: Callable[[Pack], str]) -> None:
    body = page(company_pack()).split("<body")[1]
    cells = re.findall(r'<td class="tint-(good|warning|bad)">(.*?)</td>', body)
    tiles = [tile.split('<div class="columns')[0] for tile in re.split(r'<div class="tile [^"]*line-', body)[1:]]
    assert len(cells) >= 15
    assert len(tiles) == 5
    for status, content in [*cells, *(tile.split('">', 1) for tile in tiles)]:
        assert SIGNS[status] in content
        assert str(STATUS_WORDS[status]) in content


@pytest.mark.parametrize("page", [render_html, print_twin], ids=["printed", "twin"])
def test_marks_in_a_chart_have_the_shape_of_their_status(page: Callable[[Pack], str]) -> None:
    charts = re.findall(r"<svg.*?</svg>", page(company_pack()), re.DOTALL)
    filled = {
        status: [d for chart in charts for d in re.findall(rf'<path d="([^"]*)" fill="{colour}"', chart)]
        for status, colour in STATUS_SETS["marks"].items()
    }
    assert all(len(drawn) > 5 for drawn in filled.values()), {k: len(v) for k, v in filled.items()}
    assert all("a" in d for d in filled["good"] if "h" not in d)
    assert all(re.search(r"h[\d.]+l-", d) or "h1.1v" in d for d in filled["warning"])
    assert all(re.search(r"h[\d.]+v[\d.]+h-", d) for d in filled["bad"])


def test_rows_of_the_workbook_that_take_the_colours_of_bands_hold_sign_and_word() -> None:
    coloured: list[Sheet] = [sheet for sheet in sheets(company_pack()) if any(c.has_bands for c in sheet.columns)]
    assert [sheet.name for sheet in coloured] == ["Summary", "Scorecard", "Units below"]
    for sheet in coloured:
        titles = [column.title for column in sheet.columns]
        words = [row[titles.index("Band")] for row in sheet.rows]
        assert words
        for word in words:
            assert isinstance(word, str)
            assert re.fullmatch(r"[●▲■] (on|near|off) target", word)


def test_where_one_status_is_declared_the_marks_of_the_others_take_the_colour_of_their_words() -> None:
    own = palette_of(Colours(good="#0b5e45"))
    assert own.STATUS_COLOURS == own.STATUS_TEXT == {**PAPER.STATUS_TEXT, "good": "#0b5e45"}
    assert palette_of(Colours(ink="#14213d")).STATUS_COLOURS == PAPER.STATUS_COLOURS
