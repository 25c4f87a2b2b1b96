from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from report_templates.look import OURS
from report_templates.site_map import SiteMap, asset_files
from report_templates.site_pages import Shown, period_files
from tests.browser.conftest import Open, wait_until
from tests.reports.pack_factory import company_pack, hostile_pack, large_pack, watched_pack
from transforms.pack import Pack, Point

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def packs_of(period: date) -> list[Pack]:
    """A company, in October also a unit below it, and a unit whose every text is hostile."""
    company = replace(company_pack(), unit="all", period=period)
    online = replace(large_pack(24), unit="online", unit_name="Online shop", path=("Whole company",), period=period)
    company = replace(company, children=tuple(replace(each, unit="online") for each in company.children[:1]))
    hostile = replace(hostile_pack(), unit="hostile", period=period)
    pages = [replace(page, kpis=page.kpis[:1]) for page in hostile.perspectives]
    hostile = replace(hostile, perspectives=(*pages[:1], *(replace(page, kpis=()) for page in pages[1:])))
    return [company, *([online] if period == OCTOBER else []), expecting(period), hostile]


def expecting(period: date) -> Pack:
    """A company whose signals are told from noise, and which has forecast two months of its operating margin."""
    pack = replace(watched_pack(), unit="watched", unit_name="Watched company", path=(), period=period)
    to_come = (Point(date(2026, 11, 1), 0.112, 0.12, None), Point(date(2026, 12, 1), 0.114, 0.12, None))
    pages = (
        replace(page, kpis=tuple(replace(k, forecast=to_come if k.id == "operating_margin" else ()) for k in page.kpis))
        for page in pack.perspectives
    )
    return replace(pack, perspectives=tuple(pages))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("share") / "a site, with (brackets) & ümlauts"
    packs = {period: packs_of(period) for period in (SEPTEMBER, OCTOBER)}
    site = SiteMap({period: frozenset((p.scorecard, p.unit) for p in own) for period, own in packs.items()})
    shown = [[Shown(pack, OURS) for pack in own] for own in packs.values()]
    for address, content in [*asset_files([OURS]), *(each for own in shown for each in period_files(site, own))]:
        path = root / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def plain(text: str) -> str:
    """A text with ordinary spaces."""
    return text.replace("\u202f", " ")


def test_the_start_leads_to_the_newest_period_and_on_to_a_unit_and_a_kpi(folder: Path, opened: Open) -> None:
    page = opened(folder / "index.html")
    page.wait_for_url("**/2026-10/index.html")
    page.get_by_role("link", name="Online shop").click()
    assert page.locator("main h1").count() == 1
    assert page.locator(".bar-who").inner_text() == "Overview › Whole company › Online shop"
    page.get_by_role("link", name="Whole company").click()
    page.locator(".kpis").get_by_role("link", name="Operating margin").click()
    assert page.locator("h1").inner_text().startswith("Operating margin")
    page.get_by_role("link", name="Overview").click()
    assert page.locator("h1").inner_text() == "Scorecards of October 2026"


def test_the_switch_of_periods_works_by_keyboard_and_says_where_a_unit_is_not(folder: Path, opened: Open) -> None:
    page = opened(folder / "2026-10/company-all.html")
    page.locator(".periods summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2026-09/company-all.html")
    online = opened(folder / "2026-10/company-online.html")
    online.locator(".periods summary").click()
    assert "September 2026: not there" in online.locator(".periods").inner_text()


def test_typing_finds_units_and_kpis_and_tells_how_many(folder: Path, opened: Open) -> None:
    page = opened(folder / "2026-10/index.html")
    page.fill("#search", "online")
    assert page.locator("tr[data-text]:visible").count() == 1
    assert page.locator("#found").inner_text().startswith("1 unit")
    page.fill("#search", "OPERATING mar")
    assert re.fullmatch(r"\d KPIs?", page.locator("#found").inner_text())
    page.locator(".matches a:visible").first.click()
    assert page.locator("h1").inner_text().startswith("Operating margin")
    page.go_back()
    page.fill("#search", "")
    assert page.locator("tr[data-text]:visible").count() == 4


def test_in_an_older_month_a_kpi_is_found_on_the_page_of_its_unit(folder: Path, opened: Open) -> None:
    page = opened(folder / "2026-09/index.html")
    page.fill("#search", "operating margin")
    page.locator(".matches a:visible").first.click()
    page.wait_for_url("**/2026-09/company-all.html#kpi-operating_margin")
    assert page.locator("#kpi-operating_margin").inner_text().startswith("Operating margin")


def test_a_chart_tells_its_months_to_the_pointer_and_to_the_keyboard(folder: Path, opened: Open) -> None:
    page = opened(folder / "kpi/company-all-operating_margin.html")
    plot, told = page.locator(".plot"), page.locator(".reading")
    rows = page.locator(".figures tbody tr").evaluate_all("rows => rows.map(row => row.dataset.words)")
    assert told.inner_text() == rows[-1]
    assert rows[-1].startswith("October 2026: ")
    plot.focus()
    page.keyboard.press("ArrowLeft")
    assert told.inner_text() == rows[-2]
    page.keyboard.press("Home")
    assert told.inner_text() == rows[0]
    box = page.locator(".canvas svg").bounding_box()
    assert box is not None
    width = page.locator(".canvas svg").evaluate("e => e.viewBox.baseVal.width")
    share = float(page.locator(".interactive").get_attribute("data-plot") or 0) / width
    page.mouse.move(box["x"] + box["width"] * share * (20 + 0.5) / len(rows), box["y"] + 20)
    assert told.inner_text() == rows[20]


def test_on_a_phone_the_newest_month_is_in_sight_and_then_the_chosen_one(folder: Path, opened: Open) -> None:
    page = opened(folder / "kpi/company-all-operating_margin.html", width=360)
    plot = page.locator(".plot")
    assert plot.evaluate("e => e.scrollLeft + e.clientWidth >= e.scrollWidth - 1 && e.scrollLeft > 0")
    plot.focus()
    page.keyboard.press("Home")
    wait_until(page, "document.querySelector('.plot').scrollLeft === 0")


def test_the_table_view_has_a_row_for_every_month_of_the_chart(folder: Path, opened: Open) -> None:
    page = opened(folder / "kpi/company-all-operating_margin.html")
    page.locator(".figures summary").click()
    assert page.locator(".figures tbody tr:visible").count() == 24


def test_months_to_come_are_drawn_and_told_as_forecast_beside_the_limits(folder: Path, opened: Open) -> None:
    page = opened(folder / "kpi/company-watched-operating_margin.html")
    columns, limits = page.locator(".interactive").all()
    message = plain(columns.locator("title").text_content() or "")
    assert "Forecast: November 2026 11.2 %; December 2026 11.4 %." in message
    rows = page.locator(".figures tbody tr").evaluate_all("rows => rows.map(row => row.dataset.words)")
    assert len(rows) == 26
    assert [plain(words) for words in rows[-2:]] == [
        "November 2026: forecast 11.2 %, target 12.0.", "December 2026: forecast 11.4 %, target 12.0."
    ]  # fmt: skip
    # Columns give two of their 24 places to the forecast; limits are those of the months that have been.
    for chart, first, last in [(columns, 2, 25), (limits, 0, 23)]:
        told = chart.locator(".reading")
        assert told.inner_text() == rows[23]
        chart.locator(".plot").focus()
        page.keyboard.press("Home")
        assert told.inner_text() == rows[first]
        page.keyboard.press("End")
        assert told.inner_text() == rows[last]


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("kpi/company-watched-operating_margin.html", 1400, "light"),
        ("2026-10/index.html", 1400, "light"),
        ("2026-10/index.html", 360, "dark"),
        ("kpi/company-all-operating_margin.html", 1400, "dark"),
        ("kpi/company-all-operating_margin.html", 360, "light"),
    ],
)
def test_axe_finds_nothing_that_shuts_a_reader_out(
    folder: Path, opened: Open, name: str, width: int, scheme: str
) -> None:
    page = opened(folder / name, width=width, scheme=scheme)
    # Axe would fetch the style sheet once more, which the policy forbids.
    result = Axe().run(page, options={"preload": False})
    assert result.response["violations"] == [], result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_prints_in_the_light_without_what_only_a_screen_needs(folder: Path, opened: Open) -> None:
    for name in ("2026-10/index.html", "2026-10/company-all.html", "kpi/company-all-operating_margin.html"):
        page = opened(folder / name, scheme="dark")
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        for gone in (".contents", ".periods", ".search", ".near", ".skip"):
            assert page.locator(f"{gone}:visible").count() == 0, (name, gone)
        assert page.locator("main h1:visible").count() == 1


def test_every_link_of_every_page_leads_to_a_page_that_is_there(folder: Path) -> None:
    pages = list(folder.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for address in re.findall(r'(?:href|src)="([^"#]+)"', text):
            target = page.parent / html.unescape(address)
            assert target.resolve().is_file(), f"{page.name}: {address}"


def test_no_page_may_load_anything_from_elsewhere(folder: Path) -> None:
    for page in folder.rglob("*/*.html"):
        text = html.unescape(page.read_text(encoding="utf-8"))
        assert "default-src 'none'" in text
        assert "unsafe" not in re.findall(r'Content-Security-Policy" content="([^"]*)"', text)[0]


def test_the_same_packs_give_the_same_files(folder: Path) -> None:
    packs = packs_of(OCTOBER)
    site = SiteMap({SEPTEMBER: frozenset((p.scorecard, p.unit) for p in packs_of(SEPTEMBER)),
                    OCTOBER: frozenset((p.scorecard, p.unit) for p in packs)})  # fmt: skip
    for address, content in period_files(site, [Shown(pack, OURS) for pack in packs]):
        assert (folder / address).read_bytes() == content, address


def test_the_charts_of_a_kpi_are_told_apart_and_say_how_many_months_are_forecast(folder: Path, opened: Open) -> None:
    file = next(each for each in (folder / "kpi").rglob("*operating_margin*") if "watched" in str(each))
    page = opened(file)
    names = page.evaluate("[...document.querySelectorAll('.plot')].map(e => e.getAttribute('aria-label'))")
    told = [name.partition(". ")[0] for name in names]
    assert told == [
        "Operating margin, columns from zero: 22 months, and a forecast of 2 months",
        "Operating margin, lines in the usual range: 24 months",
    ]
