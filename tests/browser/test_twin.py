from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from report_templates.look import Look
from report_templates.twin_page import print_twin
from scorecards.packs import Layout, PageName
from tests.browser.conftest import Open, wait_until
from tests.reports.pack_factory import company_pack, empty_pack, hostile_pack, large_pack, person_pack
from transforms.pack import Pack

PACKS: dict[str, Callable[[], Pack]] = {
    "company": company_pack,
    "person": person_pack,
    "empty": empty_pack,
    "hostile": hostile_pack,
    "large": large_pack,
}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("twins")
    found = {}
    for name, made in PACKS.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(print_twin(made()), encoding="utf-8")
    return found


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("company", "light", 1400), ("company", "dark", 1400), ("company", "light", 360), ("hostile", "light", 1400)],
)
def test_axe_finds_nothing_that_shuts_a_reader_out(
    twins: dict[str, Path], opened: Open, name: str, scheme: str, width: int
) -> None:
    result = Axe().run(opened(twins[name], scheme=scheme, width=width))
    assert result.response["violations"] == [], result.generate_report()


def test_nothing_is_wider_than_the_window_but_what_scrolls_by_itself(twins: dict[str, Path], opened: Open) -> None:
    for name, file in twins.items():
        page = opened(file)
        for width in (360, 800, 1400):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_the_contents_lead_to_every_section_and_each_is_reached_by_keyboard(
    twins: dict[str, Path], opened: Open
) -> None:
    page = opened(twins["company"])
    links = page.locator("nav.contents a")
    assert links.all_inner_texts()[:3] == ["Summary", "Strategy map", "Financial"]
    assert links.count() == page.locator("main section").count()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Financial"
    page.keyboard.press("Enter")
    anchor = page.url.partition("#")[2]
    assert anchor.startswith("perspective-financial")
    box = page.locator(f"#{anchor} h2").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 300, "the heading stands below the bar that stays in sight"


def test_every_link_leads_to_a_place_on_the_page(twins: dict[str, Path], opened: Open) -> None:
    for file in twins.values():
        page = opened(file)
        missing = page.evaluate(
            """[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))
               .filter(href => !href.startsWith('#') || !document.getElementById(href.slice(1)))"""
        )
        assert missing == [], file.name


def test_wide_tables_scroll_by_keyboard_on_a_phone(twins: dict[str, Path], opened: Open) -> None:
    page = opened(twins["company"], width=360)
    table = page.locator(".scroll:has(> .kpis)").first
    table.focus()
    page.keyboard.press("ArrowRight")
    wait_until(page, "document.activeElement.scrollLeft > 0")


def test_a_chart_on_a_dark_screen_has_no_ink_of_paper(twins: dict[str, Path], opened: Open) -> None:
    fills = """[...new Set([...document.querySelectorAll('svg text')].map(e => getComputedStyle(e).fill))]"""
    light = set(opened(twins["company"]).evaluate(fills))
    dark = set(opened(twins["company"], scheme="dark").evaluate(fills))
    assert light
    assert not light & dark


def test_the_twin_says_what_the_printed_pack_says(twins: dict[str, Path], opened: Open) -> None:
    pack = company_pack()
    text = opened(twins["company"]).inner_text("main")
    for line in pack.kpis:
        assert line.name in text
    for remark in pack.remarks:
        assert remark.text in text


def test_a_script_in_a_name_stays_a_name(tmp_path: Path, opened: Open) -> None:
    name = '</style></title><script>document.body.remove()</script>" style="left: 0" onload="x'
    file = tmp_path / "twin.html"
    file.write_text(print_twin(replace(company_pack(), unit_name=name, organisation=name)), encoding="utf-8")
    page = opened(file)
    assert page.locator("script").count() == 0
    assert name in page.inner_text(".top-bar")


def test_the_same_pack_gives_the_same_page_and_asks_nobody(twins: dict[str, Path]) -> None:
    text = twins["company"].read_text(encoding="utf-8")
    assert print_twin(company_pack()) == text
    assert "default-src 'none'" in html.unescape(text)
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', text) == []
    assert len(text) < 1_000_000


LONG = "Supercalifragilistic_without_any_space_" * 3


def with_long_names() -> Pack:
    """A company whose every name is one word, longer than a phone is wide."""
    pack = company_pack()
    pages = tuple(
        replace(page, kpis=tuple(replace(line, name=f"{line.name.replace(' ', '')}{LONG}") for line in page.kpis))
        for page in pack.perspectives
    )
    children = tuple(replace(child, name=f"{child.name.replace(' ', '')}{LONG}") for child in pack.children)
    return replace(pack, perspectives=pages, children=children, organisation=LONG, unit_name=LONG)


@pytest.mark.parametrize("width", [375, 768])
def test_names_of_one_long_word_leave_the_figures_beside_them_in_sight(
    tmp_path: Path, opened: Open, width: int
) -> None:
    file = tmp_path / "twin.html"
    file.write_text(print_twin(with_long_names()), encoding="utf-8")
    page = opened(file, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    widths = page.evaluate(
        """[...document.querySelectorAll('.scroll th:first-child:not([colspan])')]
           .filter(e => getComputedStyle(e).position == 'sticky').map(e => e.getBoundingClientRect().width)"""
    )
    assert widths
    assert max(widths) <= 0.4 * width


@pytest.mark.parametrize("width", [375, 768])
def test_the_rows_of_initiatives_are_lower_than_half_a_screen(tmp_path: Path, opened: Open, width: int) -> None:
    pack, file = company_pack(), tmp_path / "twin.html"
    told = "Fewer parcels come late, and those who wait are told before they ask. " * 9
    initiatives = tuple(replace(each, expected=told) for each in pack.initiatives)
    file.write_text(print_twin(replace(pack, initiatives=initiatives)), encoding="utf-8")
    page = opened(file, width=width)
    heights = page.evaluate("[...document.querySelectorAll('.initiatives tr')].map(e => e.offsetHeight)")
    assert heights
    assert max(heights) < 400


def test_the_words_of_charts_can_be_read_on_a_phone(tmp_path: Path, opened: Open) -> None:
    file = tmp_path / "twin.html"
    pages: tuple[PageName, ...] = ("summary", "exceptions", "perspectives", "x_matrix")
    file.write_text(print_twin(company_pack(), Look(Layout(pages=pages))), encoding="utf-8")
    sizes = opened(file, width=375).evaluate(
        """[...document.querySelectorAll('svg text')].map(e => parseFloat(getComputedStyle(e).fontSize)
           * e.ownerSVGElement.getBoundingClientRect().width / e.ownerSVGElement.viewBox.baseVal.width)"""
    )
    assert sizes
    assert min(sizes) >= 9.8


def test_the_table_of_all_kpis_fits_a_wide_screen(tmp_path: Path, opened: Open) -> None:
    pack, file = company_pack(), tmp_path / "twin.html"
    pages = tuple(
        replace(each, kpis=tuple(replace(k, to_date=k.value, to_date_target=k.target) for k in each.kpis))
        for each in pack.perspectives
    )
    pack = replace(pack, perspectives=pages)
    file.write_text(print_twin(pack, Look(Layout(pages=("scorecard",)))), encoding="utf-8")
    page = opened(file, width=1440)
    beyond = page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.scroll:has(> .kpis)'))")
    assert beyond <= 0


@pytest.mark.parametrize("width", [800, 1000, 1366, 1439, 1440, 1920])
def test_no_table_of_the_first_page_has_to_be_scrolled_but_on_a_phone(
    twins: dict[str, Path], opened: Open, width: int
) -> None:
    page = opened(twins["company"], width=width)
    beyond = page.evaluate(
        """[...document.querySelector('main section').querySelectorAll('.scroll')]
           .map(e => [e.innerText.slice(0, 40), e.scrollWidth - e.clientWidth])"""
    )
    assert beyond
    assert [one for one in beyond if one[1] > 0] == []


def test_on_paper_no_heading_of_a_perspective_stands_without_its_first_kpi(opened: Open, tmp_path: Path) -> None:
    file, printed, pack = tmp_path / "twin.html", tmp_path / "printed.pdf", company_pack()
    file.write_text(print_twin(pack, Look(Layout(pages=("exceptions", "perspectives")))), encoding="utf-8")
    opened(file).pdf(path=printed, prefer_css_page_size=True)
    done = subprocess.run(["pdftotext", "-layout", str(printed), "-"], capture_output=True, check=True)
    pages = done.stdout.decode().split("\f")
    for perspective in pack.perspectives:
        headed = [page for page in pages if perspective.question in page]
        assert len(headed) == 1
        assert perspective.kpis[0].name in headed[0]
