from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from report_templates.declared_words import in_its_language
from report_templates.formatting import row_scale
from report_templates.headline import headline
from report_templates.look import Look
from report_templates.palette import STATUS_TINTS
from report_templates.workbook import print_workbook
from report_templates.workbook_sheets import Figure, figure_form, sheets
from scorecards.packs import STANDARD_LAYOUT, Colours
from tests.reports.pack_factory import BANDS, company_pack, empty_pack, hostile_pack, large_pack, person_pack
from tests.reports.test_languages import english_only, nobodys, words
from transforms.pack import BandShown, KpiLine, Pack, Signal, SignalPoint

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return company_pack()


@pytest.fixture(scope="module")
def content(pack: Pack) -> bytes:
    return print_workbook(pack)


def grid_of(content: bytes, name: str) -> list[list[object]]:
    """The cells of a sheet as an independent reader finds them; an empty cell is None."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name)
    return [[None if cell == "" else cell for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def rows_of(content: bytes, name: str) -> list[dict[str, object]]:
    titles, *rows = grid_of(content, name)
    return [dict(zip(map(str, titles), row, strict=True)) for row in rows]


def part(content: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return ElementTree.fromstring(archive.read(name))


def parts(content: bytes) -> Sequence[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]


def test_every_figure_of_the_scorecard_is_the_unrounded_number_of_the_pack(pack: Pack, content: bytes) -> None:
    rows = {row["KPI"]: row for row in rows_of(content, "Scorecard")}
    assert list(rows) == [line.name for line in pack.kpis]
    for line in pack.kpis:
        row = rows[line.name]
        shown = {
            "Actual": line.value, "Target": line.target, "Variance": variance_of(line), "Month before": line.previous,
            "Last year": line.last_year, "Score": line.score, "Weight": line.weight, "Numerator": line.numerator,
        }  # fmt: skip
        for title, value in shown.items():
            assert row[title] == (None if value is None else pytest.approx(value, rel=1e-15)), (line.name, title)


def variance_of(line: KpiLine) -> float | None:
    """Percentages differ in points."""
    return line.variance if line.variance is None or line.measured_in != "percent" else 100 * line.variance


def test_a_variance_of_percentages_is_in_points_and_no_figure_ends_in_its_point(pack: Pack) -> None:
    page = pack.perspectives[0]
    share = replace(page.kpis[0], measured_in="percent", value=0.884, target=0.95, numerator=142_000.0, denominator=2.5)
    changed = replace(pack, perspectives=(replace(page, kpis=(share,)),), children=())
    sheet = next(sheet for sheet in sheets(changed) if sheet.name == "Scorecard")
    cells = dict(zip([column.title for column in sheet.columns], sheet.rows[0], strict=True))
    assert cells["Variance"] == Figure(pytest.approx(-6.6), '0.0" pp"')  # type: ignore[arg-type]
    assert (cells["Numerator"], cells["Denominator"]) == (Figure(142_000.0, "#,##0"), Figure(2.5, "#,##0.00"))


def test_figures_that_the_decimals_of_the_page_would_show_as_zero_have_more(pack: Pack) -> None:
    def form(value: float, target: float) -> str:
        line = replace(pack.kpis[0], measured_in="mol", value=value, target=target, decimals=None, history=())
        return figure_form(replace(line, previous=None, last_year=None), pack)

    assert [form(50.2, 0.003), form(1.02e-6, 1e-6)] == ["#,##0.000", "0.00E+00"]


def test_the_workbook_has_the_year_to_date_days_when_things_are_due_and_late_ones_first(pack: Pack) -> None:
    page = pack.perspectives[0]
    lines = (replace(page.kpis[0], to_date=41.5, to_date_target=44.0), *page.kpis[1:])
    remarks = (replace(pack.remarks[0], kpi="delivered_on_time", due="2026-11-30"), *pack.remarks[1:])
    changed = replace(pack, perspectives=(replace(page, kpis=lines), *pack.perspectives[1:]), remarks=remarks)
    content = print_workbook(changed)
    first = rows_of(content, "Scorecard")[0]
    assert (first["Year to date"], first["Its target"]) == (41.5, 44.0)
    assert "Year to date" not in rows_of(print_workbook(pack), "Scorecard")[0]
    assert date(2026, 11, 30) in [row["Due"] for row in rows_of(content, "Exceptions")]
    late = [bool(row["Late"]) for row in rows_of(content, "Initiatives")]
    assert any(late)
    assert late == sorted(late, reverse=True)


def test_every_month_of_every_kpi_stands_in_the_history_with_a_real_day(pack: Pack, content: bytes) -> None:
    rows = rows_of(content, "KPI history")
    expected = [(line.name, point.period, point.value) for line in pack.kpis for point in line.history]
    assert [(row["KPI"], row["Period"]) for row in rows] == [(name, period) for name, period, _ in expected]
    assert [row["Value"] for row in rows] == [
        None if value is None else pytest.approx(value, rel=1e-15) for _, _, value in expected
    ]


@pytest.mark.parametrize("made", [company_pack, person_pack, empty_pack, hostile_pack, large_pack])
def test_no_cell_of_any_pack_is_a_formula_or_a_link(made: object) -> None:
    content = print_workbook(made())  # type: ignore[operator]
    for name in parts(content):
        sheet = part(content, name)
        assert not list(sheet.iter(f"{MAIN}f")), name
        assert not list(sheet.iter(f"{MAIN}hyperlink")), name


def test_texts_that_begin_like_formulas_come_back_letter_by_letter(pack: Pack) -> None:
    names = ["=1+1", "+44 20", "-5", "@SUM(A1)", '=HYPERLINK("http://example.org")', "\t=1", "0012", "1e5", "</t>&"]
    remarks = tuple(replace(pack.remarks[0], text=name) for name in names)
    page = pack.perspectives[0]
    lines = tuple(
        replace(line, name=name) for line, name in zip(page.kpis * len(names), names, strict=False)
    )  # fmt: skip
    changed = replace(pack, perspectives=(replace(page, kpis=lines),), remarks=remarks, children=())
    found = [row["KPI"] for row in rows_of(print_workbook(changed), "Scorecard")]
    assert found == names


def test_the_definitions_say_what_a_kpi_is_held_against(pack: Pack) -> None:
    page = pack.perspectives[0]
    first = replace(page.kpis[0], target_origins=("budget",), frequency="quarter")
    ends = {"lower_target": 0.9, "upper_target": 0.95}
    second = replace(page.kpis[1], direction="within", target=None, anchors=tuple(ends.items()), **ends)
    lines = replace(pack, perspectives=(replace(page, kpis=(first, second)),), children=())
    titles = ("How often", "Target", "Target to", "Target from", "Scale", "Sources")
    rows = [[row[title] for title in titles] for row in rows_of(print_workbook(lines), "Definitions")]
    assert [[re.sub(r"\s", " ", cell) if isinstance(cell, str) else cell for cell in row] for row in rows] == [
        ["quarterly", 44e6, None, "budget", "0 at EUR 30.0 m (floor), 100 at EUR 44.0 m (target)", "ledger (3 Nov 26)"],
        ["monthly", 0.9, 0.95, None, "100 at 90.0 % (lower target), 100 at 95.0 % (upper target)", None],
    ]


def test_a_text_longer_than_a_cell_is_cut_with_a_mark_and_not_dropped(pack: Pack) -> None:
    page = pack.perspectives[0]
    line = replace(page.kpis[0], definition="x" * 40_000)
    changed = replace(pack, perspectives=(replace(page, kpis=(line,)),), children=())
    (row,) = rows_of(print_workbook(changed), "Definitions")
    assert len(str(row["Definition"])) == 32_767
    assert str(row["Definition"]).endswith(" […]")


def test_scores_take_the_colours_of_their_bands_and_empty_ones_none(content: bytes, pack: Pack) -> None:
    sheet = part(content, parts(content)[1])
    (rules,) = list(sheet.iter(f"{MAIN}conditionalFormatting"))
    kinds = [(rule.get("type"), rule.get("stopIfTrue")) for rule in rules]
    assert kinds == [("containsBlanks", "1"), *[("cellIs", "1")] * len(BANDS)]
    thresholds = [float(rule.findtext(f"{MAIN}formula", "nan")) for rule in list(rules)[1:]]
    assert thresholds == pytest.approx([95.0, 70.0, -1e300])
    assert thresholds[0] < 95.0, "a score of 95 less a float's noise is in its band"


def test_headings_stay_in_sight_and_every_table_can_be_filtered(content: bytes) -> None:
    for name in parts(content):
        sheet = part(content, name)
        pane = next(sheet.iter(f"{MAIN}pane"))
        assert pane.get("state") == "frozen"
        assert list(sheet.iter(f"{MAIN}autoFilter")), name


def test_what_a_cell_shows_has_the_decimals_of_the_page(pack: Pack) -> None:
    for line in pack.kpis:
        scale = row_scale(line, pack.currency, pack.locale)
        form = figure_form(line, pack)
        assert form.endswith("%") == (line.measured_in == "percent")
        if scale.divisor <= 1:
            assert len(form.rstrip("%").partition(".")[2]) == scale.decimals, line.name


@pytest.mark.parametrize(
    ("changes", "limits", "told"),
    [
        ({}, (0.9, 0.85, 0.95), ["outside", "common cause"]),
        ({"is_trial": True, "points": 8}, (0.9, 0.85, 0.95), ["outside, on trial", "on trial"]),
        ({"is_overlapping": True}, (None, None, None), ["not judged"] * 2),
        ({"flagged": 13}, (None, None, None), ["no usual range"] * 2),
    ],
)
def test_the_history_tells_limits_and_signals_where_the_pack_does(
    pack: Pack, changes: dict[str, Any], limits: tuple[float | None, ...], told: list[str]
) -> None:
    page = pack.perspectives[0]
    outside = SignalPoint(0.9, 0.85, 0.95, "outside", "concern", -1)
    usual = replace(outside, label="common cause", variation="common cause")
    signal = Signal(
        label="common cause", variation="common cause", assurance="hit and miss", mean=0.9, lower=0.85, upper=0.95,
        points=25, every="month", flagged=1, is_trial=False, is_overlapping=False, is_seasonal=False, side=-1,
        running=3, is_rising=False, history=(*(None,) * 23, outside, usual),
    )  # fmt: skip
    line = replace(page.kpis[0], signal=replace(signal, **changes))
    made = replace(pack, perspectives=(replace(page, kpis=(line,)),), children=())
    history = next(sheet for sheet in sheets(made) if sheet.name == "KPI history").rows
    assert [row[-1] for row in history] == [None] * 23 + told
    assert all(tuple(cell.value for cell in row[-4:-1] if isinstance(cell, Figure)) == limits for row in history[-2:])


def test_a_variance_that_is_not_zero_is_not_shown_as_zero(pack: Pack) -> None:
    page = pack.perspectives[0]
    share = replace(page.kpis[1], measured_in="percent", value=0.917, target=0.924, decimals=0, history=())
    stars = replace(share, measured_in="stars", value=4.4496, target=4.4503, decimals=1)
    amount = replace(page.kpis[0], measured_in="currency", value=13_324_999.7, target=13_325_000.0, history=())
    changed = replace(pack, perspectives=(replace(page, kpis=(share, stars, amount)),), children=())
    scorecard = next(sheet for sheet in sheets(changed) if sheet.name == "Scorecard")
    titles = [column.title for column in scorecard.columns]
    forms = [
        [cell.form for cell in row[titles.index("Target") + 2 :][:2] if isinstance(cell, Figure)]
        for row in scorecard.rows
    ]
    assert forms == [['0.0" pp"', "0.0%"], ["#,##0.0000", "0.00%"], ["#,##0.0", "0.0%"]]


def test_the_same_pack_gives_the_same_bytes(pack: Pack, content: bytes) -> None:
    assert print_workbook(pack) == content


def test_a_pack_without_data_has_a_workbook_that_says_why() -> None:
    rows = rows_of(print_workbook(empty_pack()), "Scorecard")
    assert rows
    assert all(row["Actual"] is None and row["Why missing"] for row in rows)


def test_ranges_have_two_targets_and_texts_stand_for_numbers(pack: Pack) -> None:
    page = pack.perspectives[0]
    within = replace(page.kpis[0], direction="within", lower_target=5.0, upper_target=10.0, target=None)
    worded = replace(page.kpis[1], value=2.0, text="good", texts=("poor", "good"))
    changed = replace(pack, perspectives=(replace(page, kpis=(within, worded)),), children=())
    scorecard = next(sheet for sheet in sheets(changed) if sheet.name == "Scorecard")
    titles = [column.title for column in scorecard.columns]
    first, second = scorecard.rows
    assert (first[titles.index("Target")], first[titles.index("Target to")]) == (
        Figure(5.0, figure_form(within, changed)), Figure(10.0, figure_form(within, changed)),
    )  # fmt: skip
    assert second[titles.index("Actual")] == "good"


def test_the_summary_names_unit_month_and_message_above_its_table(content: bytes, pack: Pack) -> None:
    lines = [str(row[0]) for row in grid_of(content, "Summary")]
    assert pack.unit_name in lines[0]
    assert "October 2026" in lines[0]
    assert lines[1] == headline(pack)


def columns_of(sheet: ElementTree.Element) -> dict[str, dict[int, ElementTree.Element]]:
    """The cells of a sheet by column and row."""
    found: dict[str, dict[int, ElementTree.Element]] = {}
    for cell in sheet.iter(f"{MAIN}c"):
        letters, row = re.fullmatch(r"([A-Z]+)(\d+)", cell.attrib["r"]).groups()  # type: ignore[union-attr]
        found.setdefault(letters, {})[int(row)] = cell
    return found


def ground_of(content: bytes, rules: ElementTree.Element, value: float | None) -> str | None:
    """The colour in which a spreadsheet shows a value: that of the first rule that it fits, as the rules are ranked."""
    grounds = [
        fill.attrib["rgb"][-6:].lower() if (fill := dxf.find(f".//{MAIN}bgColor")) is not None else None
        for dxf in part(content, "xl/styles.xml").iter(f"{MAIN}dxf")
    ]
    for rule in sorted(rules, key=lambda rule: int(rule.attrib["priority"])):
        least = float(rule.findtext(f"{MAIN}formula", "nan")) if rule.get("type") == "cellIs" else None
        if value is None if least is None else value is not None and value >= least:
            return grounds[int(rule.attrib["dxfId"])] if "dxfId" in rule.attrib else None
    return None


def band_within_noise(score: float) -> BandShown:
    return next(band for band in reversed(BANDS) if band.at_least is None or score > band.at_least - 1e-9)


def test_every_score_is_shown_in_the_colour_of_its_band_as_a_spreadsheet_applies_the_rules(
    content: bytes, pack: Pack
) -> None:
    nodes = [pack.node]
    for page in pack.perspectives:
        nodes += [page.node, *(card.node for card in page.objectives)]
    kept = {"Scorecard": list(pack.kpis), "Summary": nodes, "Units below": [child.node for child in pack.children]}
    names = [sheet.name for sheet in sheets(pack)]
    for name, scored in kept.items():
        sheet = part(content, f"xl/worksheets/sheet{names.index(name) + 1}.xml")
        formats = {each.attrib["sqref"]: each for each in sheet.iter(f"{MAIN}conditionalFormatting")}
        place = next(i for i, column in enumerate(sheets(pack)[names.index(name)].columns) if column.title == "Score")
        letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]
        (area,) = [each for each in formats if each.startswith(letter)]
        first, last = (int(row) for row in re.findall(r"\d+", area))
        assert last - first + 1 == len(scored)
        for node in scored:
            expected = None if node.score is None else STATUS_TINTS[band_within_noise(node.score).status][1:]
            assert ground_of(content, formats[area], node.score) == expected
        assert ground_of(content, formats[area], None) is None


def test_filters_reach_from_the_titles_to_the_last_row_and_the_titles_stay(content: bytes, pack: Pack) -> None:
    for number, made in enumerate(sheets(pack), start=1):
        sheet = part(content, f"xl/worksheets/sheet{number}.xml")
        pane, (filtered,) = next(sheet.iter(f"{MAIN}pane")), list(sheet.iter(f"{MAIN}autoFilter"))
        first, last = (int(row) for row in re.findall(r"\d+", filtered.attrib["ref"]))
        assert last - first == len(made.rows), made.name
        assert pane.attrib["topLeftCell"] == f"B{first + 1}", made.name


def test_figures_are_numbers_in_the_format_of_their_kpi(content: bytes, pack: Pack) -> None:
    styles = part(content, "xl/styles.xml")
    forms = {each.attrib["numFmtId"]: each.attrib["formatCode"] for each in styles.iter(f"{MAIN}numFmt")}
    # Formats that every spreadsheet knows by number (ECMA-376, 18.8.30).
    forms |= {"0": "General", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%"}
    used = [forms[each.attrib["numFmtId"]] for each in next(styles.iter(f"{MAIN}cellXfs"))]
    names = [sheet.name for sheet in sheets(pack)]
    cells = columns_of(part(content, f"xl/worksheets/sheet{names.index('Scorecard') + 1}.xml"))
    titles = [column.title for column in sheets(pack)[names.index("Scorecard")].columns]
    actual = cells["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[titles.index("Actual")]]
    for row, line in enumerate(pack.kpis, start=2):
        assert actual[row].get("t", "n") == "n", line.name
        assert used[int(actual[row].attrib["s"])] == figure_form(line, pack), line.name


@pytest.mark.parametrize("made", [company_pack, person_pack, empty_pack])
def test_a_german_workbook_says_nothing_in_english(made: Callable[[], Pack]) -> None:
    said: set[str] = set()
    german = nobodys(replace(made(), locale="de_DE"))
    ids = {line.id for line in german.kpis}
    for sheet in sheets(in_its_language(german)):
        texts = [sheet.name, *sheet.lines, *(column.title for column in sheet.columns)]
        texts += [cell for row in sheet.rows for cell in row if isinstance(cell, str) and cell not in ids]
        said |= words(" ".join(texts))
    assert said & english_only() == set()
    assert {"kennzahl", "zielwert"} <= said


def test_a_workbook_has_german_titles_and_the_colours_of_its_layout(pack: Pack) -> None:
    look = Look(STANDARD_LAYOUT.model_copy(update={"colours": Colours(good="#0b6e4f")}))
    content = print_workbook(replace(pack, locale="de_DE"), look)
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names[:2] == ["Überblick", "Scorecard"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"FF0B6E4F" in archive.read("xl/styles.xml")
