"""Columns of tables: figures of any length never touch, names of any length never overprint."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from report_templates.geometry import Page, page_of
from report_templates.kpi_columns import columns_for, fitting, scorecard_columns
from report_templates.look import Look
from report_templates.rendering import render_pdf
from report_templates.text_fit import text_width
from scorecards.packs import Layout
from tests.reports.pack_factory import company_pack
from transforms.pack import Pack

LANDSCAPE, PORTRAIT = page_of(Layout(pages=("scorecard",))), page_of(Layout(pages=("data",), orientation="portrait"))
LONG = "Kundenzufriedenheitsverbesserungsmaßnahmenperspektive"


def words_of(content: bytes, folder: Path) -> list[tuple[str, float, float, float, float]]:
    """The words of the first page, each with its left, top, right and lower edge."""
    file = folder / "pack.pdf"
    file.write_bytes(content)
    done = subprocess.run(["pdftotext", "-bbox", "-l", "1", str(file), "-"], capture_output=True, check=True)
    found = re.findall(r'xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*?)</word>', done.stdout.decode())
    return [(word, *map(float, edges)) for *edges, word in found]  # type: ignore[misc]


def overprinted(words: list[tuple[str, float, float, float, float]]) -> list[tuple[str, str]]:
    """Pairs of words of one line of which one begins well before the other ends."""
    return [
        (one[0], other[0])
        for one in words
        for other in words
        if one[1] < other[1] < one[3] - 0.5 and abs(one[4] - other[4]) < 1.0 and one is not other
    ]


@pytest.mark.parametrize("page", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
@pytest.mark.parametrize("all_kpis", [False, True])
def test_figures_of_any_length_have_room_and_the_table_stays_as_wide_as_the_page(page: Page, all_kpis: bool) -> None:
    columns = scorecard_columns(page, 0, True) if all_kpis else columns_for(page, 0)
    texts = {
        "variance_share": ["+309.8 pp"],
        "previous": ["1,771.2"],
        "weight": ["100.0 %"],
        "judged": ["common cause"],
    }
    made = fitting(columns, texts, page)
    assert made.whole == pytest.approx(page.width, abs=0.2)
    for name in ("variance_share", "previous", "weight"):
        assert made.room(name, page) >= text_width(texts[name][0], 8 * 0.3528) - 0.05


def test_columns_whose_texts_fit_stay_as_they_are() -> None:
    columns = columns_for(LANDSCAPE, 0)
    assert fitting(columns, {"actual": ["1,234"], "weight": ["4.2 %"]}, LANDSCAPE) is columns


def thousands_of_percent(pack: Pack) -> Pack:
    pages = tuple(
        replace(
            page,
            kpis=tuple(
                replace(k, value=17.983, target=15.0, previous=17.712, last_year=18.06)
                if k.measured_in == "percent"
                else k
                for k in page.kpis
            ),
        )
        for page in pack.perspectives
    )
    return replace(pack, perspectives=pages)


@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_percentages_over_a_thousand_do_not_run_together(orientation: str, tmp_path: Path) -> None:
    look = Look(Layout(pages=("scorecard",), orientation=orientation))  # type: ignore[arg-type]
    words = words_of(render_pdf(thousands_of_percent(company_pack()), look), tmp_path)
    assert any(word == "1,771.2" for word, *_ in words)
    assert overprinted(words) == []


@pytest.mark.parametrize("page", ["summary", "units", "cascade"])
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_long_names_of_perspectives_do_not_overprint_each_other(page: str, orientation: str, tmp_path: Path) -> None:
    pack = company_pack()
    pack = replace(pack, perspectives=tuple(replace(each, name=LONG) for each in pack.perspectives))
    look = Look(Layout(pages=(page,), orientation=orientation))  # type: ignore[arg-type]
    words = words_of(render_pdf(pack, look), tmp_path)
    assert any(word.startswith("Kunden") for word, *_ in words)
    assert overprinted(words) == []


@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_the_coverage_of_a_tile_stands_above_the_table(locale: str, tmp_path: Path) -> None:
    pack = company_pack()
    pages = tuple(replace(each, node=replace(each.node, coverage=0.4)) for each in pack.perspectives)
    pack = replace(pack, perspectives=pages, node=replace(pack.node, coverage=0.4), locale=locale)
    words = words_of(render_pdf(pack, Look(Layout(pages=("one_page",)))), tmp_path)
    head = min(top for word, _, top, *_ in words if word in {"Actual", "Ist"})
    coverage = [low for word, _, _, _, low in words if word in {"coverage", "Abdeckung"} or word.startswith("40")]
    assert coverage
    assert max(low for low in coverage if low < head + 10) <= head


def test_the_heads_of_initiatives_do_not_touch_upright(tmp_path: Path) -> None:
    look = Look(Layout(pages=("initiatives",), orientation="portrait"))
    assert overprinted(words_of(render_pdf(company_pack(), look), tmp_path)) == []
    text = " ".join(word for word, *_ in words_of(render_pdf(company_pack(), look), tmp_path))
    assert "budgetExpected" not in text
