"""Twins and the site in the look and the language of a project: pages, colours, typeface, logo, German."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from report_templates.fonts import font_files
from report_templates.look import Look, look_in
from report_templates.site_map import SiteMap, asset_files
from report_templates.site_pages import Shown, period_files
from report_templates.twin_page import print_twin
from scorecards.errors import DeclarationError
from scorecards.packs import Colours, Font, Layout, PageName
from tests.browser.conftest import Open, wait_until
from tests.reports.pack_factory import company_pack, large_pack, person_pack
from tests.reports.test_languages import english_only, nobodys, words
from transforms.pack import Pack

BOARD: tuple[PageName, ...] = (
    "summary", "scorecard", "strategy_map", "exceptions", "perspectives", "cascade", "initiatives", "edition",
    "definitions", "data",
)  # fmt: skip
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#14213d"/></svg>'
)
STYLE = {"logo": "assets/logo.svg", "colours": Colours(ink="#14213d", good="#0b6e4f")}
LAYOUTS = {
    "board": Layout(pages=BOARD, **STYLE),
    "upright": Layout(pages=("summary", "scorecard", "exceptions", "data"), orientation="portrait", **STYLE),
    "page": Layout(pages=("one_page",), **STYLE),
}
OCTOBER = date(2026, 10, 1)


def german(made: Callable[[], Pack]) -> Pack:
    """The pack in German, with figures for everything that a project says in its own words."""
    return nobodys(replace(made(), locale="de_DE"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "assets").mkdir()
    (root / "assets" / "logo.svg").write_text(LOGO)
    (root / "fonts").mkdir()
    for name, weight in (("Own-Regular.ttf", 400), ("Own-Bold.ttf", 650)):
        (root / "fonts" / name).write_bytes(font_files()[weight].read_bytes())
    return root


@pytest.fixture(scope="module")
def twins(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, found = tmp_path_factory.mktemp("twins"), {}
    for name, layout in LAYOUTS.items():
        found[name] = folder / f"{name}.html"
        made = person_pack if name == "page" else company_pack
        found[name].write_text(print_twin(german(made), look_in(project, layout)), encoding="utf-8")
    return found


@pytest.mark.parametrize("name", list(LAYOUTS))
@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 1400), ("light", 360)])
def test_every_layout_is_open_to_every_reader_and_no_wider_than_the_window(
    twins: dict[str, Path], opened: Open, name: str, scheme: str, width: int
) -> None:
    page = opened(twins[name], scheme=scheme, width=width)
    result = Axe().run(page)
    assert result.response["violations"] == [], result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_twin_has_the_pages_of_its_layout_in_their_order(twins: dict[str, Path], opened: Open) -> None:
    contents = opened(twins["board"]).locator("nav.contents a").all_inner_texts()
    assert contents[:4] == ["Überblick", "Scorecard auf einer Seite", "Strategielandkarte", "Abweichungen"]
    assert opened(twins["upright"]).locator("nav.contents a").count() == 4
    page = opened(twins["page"])
    assert page.locator("nav.contents").count() == 0
    assert page.locator("main section").count() == 1


def test_every_link_of_every_layout_leads_to_a_place_on_the_page(twins: dict[str, Path], opened: Open) -> None:
    for name, file in twins.items():
        missing = opened(file).evaluate(
            """[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))
               .filter(href => !href.startsWith('#') || !document.getElementById(href.slice(1)))"""
        )
        assert missing == [], name


def test_a_single_page_shows_every_kpi_on_a_screen_however_many_there_are(tmp_path: Path, opened: Open) -> None:
    file = tmp_path / "twin.html"
    pack = large_pack(90)
    file.write_text(print_twin(pack, Look(LAYOUTS["page"].model_copy(update={"logo": None}))), encoding="utf-8")
    rows = opened(file).locator("th[id^=kpi-]")
    assert rows.count() == len(pack.kpis)


def test_colours_typeface_and_logo_are_the_declared_ones(project: Path, tmp_path: Path, opened: Open) -> None:
    font = Font(regular="fonts/Own-Regular.ttf", bold="fonts/Own-Bold.ttf")
    look = look_in(project, LAYOUTS["board"].model_copy(update={"font": font}))
    file = tmp_path / "twin.html"
    file.write_text(print_twin(company_pack(), look), encoding="utf-8")
    page = opened(file)
    assert page.evaluate("getComputedStyle(document.documentElement).color") == "rgb(20, 33, 61)"
    assert page.evaluate("getComputedStyle(document.querySelector('.good')).color") == "rgb(11, 110, 79)"
    wait_until(page, "document.fonts.status === 'loaded'")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any(look.family in family for family in loaded)
    assert page.evaluate("document.querySelector('img.logo').naturalWidth") == 40


def test_a_german_twin_says_nothing_in_english(twins: dict[str, Path], opened: Open) -> None:
    for name, file in twins.items():
        page = opened(file)
        said = page.inner_text("body") + " ".join(
            page.evaluate("[...document.querySelectorAll('[aria-label]')].map(e => e.getAttribute('aria-label'))")
        )
        assert words(said) & english_only() == set(), name
        assert page.evaluate("document.documentElement.lang") == "de-DE"


@pytest.fixture(scope="module")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two looks in German: the company in the board's, a person in the single page's."""
    root = tmp_path_factory.mktemp("site")
    board = look_in(project, LAYOUTS["board"])
    page = look_in(project, LAYOUTS["page"].model_copy(update={"colours": Colours(ink="#3b0d2a")}))
    company = replace(german(company_pack), unit="all", unit_name="111", path=())
    person = replace(german(person_pack), unit="one", unit_name="222", path=("111",))
    packs = {period: [replace(company, period=period), replace(person, period=period)] for period in (OCTOBER,)}
    made = SiteMap({OCTOBER: frozenset((pack.scorecard, pack.unit) for pack in packs[OCTOBER])}, board)
    shown = [Shown(pack, look) for pack, look in zip(packs[OCTOBER], (board, page), strict=True)]
    for address, content in [*asset_files([board, page]), *period_files(made, shown)]:
        path = root / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def test_a_german_site_says_nothing_in_english_on_any_kind_of_page(site: Path, opened: Open) -> None:
    for name in ("2026-10/index.html", *sorted(str(p.relative_to(site)) for p in site.glob("2026-10/*-*.html")),
                 *sorted(str(p.relative_to(site)) for p in site.glob("kpi/*.html"))[:6]):  # fmt: skip
        page = opened(site / name)
        for details in page.locator("details summary").all():
            details.click()
        attributes = (
            "e => ['aria-label', 'aria-roledescription', 'data-units', 'data-kpis'].map(a => e.getAttribute(a))"
        )
        labels = page.evaluate(f"[...document.querySelectorAll('body *')].flatMap({attributes}).filter(Boolean)")
        assert words(f"{page.inner_text('body')} {' '.join(labels)} {page.title()}") & english_only() == set(), name
    page = opened(site / "2026-10/index.html")
    page.fill("#search", "222")
    assert page.locator("#found").inner_text().startswith("1 Einheit")


def test_every_page_of_the_site_has_the_look_of_its_pack(site: Path, opened: Open) -> None:
    assert len(list(site.glob("assets/*.css"))) == 2
    assert len(list(site.glob("assets/*.svg"))) == 1
    inks = {}
    for file in site.glob("2026-10/*.html"):
        page = opened(file)
        inks[file.stem.rpartition("-")[2]] = page.evaluate("getComputedStyle(document.documentElement).color")
        assert page.evaluate("document.querySelector('img.logo').naturalWidth") == 40
    assert inks == {"index": "rgb(20, 33, 61)", "all": "rgb(20, 33, 61)", "one": "rgb(59, 13, 42)"}
    kpi = opened(next(iter(sorted(site.glob("kpi/*-one-*.html")))))
    assert kpi.evaluate("getComputedStyle(document.documentElement).color") == "rgb(59, 13, 42)"


def test_from_a_single_page_every_kpi_leads_to_its_own(site: Path, opened: Open) -> None:
    page = opened(next(iter(site.glob("2026-10/*-one.html"))))
    links = page.locator(".kpis tbody a[href^='../kpi/']")
    assert links.count() == page.locator("th[id^=kpi-]").count() > 0
    links.first.click()
    page.wait_for_url("**/kpi/*.html")


def test_a_picture_of_a_projects_template_is_taken_into_the_page_and_no_file_beyond_the_project_is(
    tmp_path: Path, opened: Open
) -> None:
    root = tmp_path / "project"
    (root / "templates" / "pack").mkdir(parents=True)
    (root / "assets").mkdir()
    (root / "assets" / "logo.svg").write_text(LOGO)
    (tmp_path / "secret.svg").write_text(LOGO)
    (root / "assets" / "out.svg").symlink_to(tmp_path / "secret.svg")
    layout = Layout(pages=("data",))
    template = root / "templates" / "pack" / "data.html"
    template.write_text('<section class="page"><h1>1</h1><img class="x" src="assets/logo.svg" alt="1"></section>')
    file = tmp_path / "twin.html"
    file.write_text(print_twin(person_pack(), look_in(root, layout)), encoding="utf-8")
    assert opened(file).evaluate("document.querySelector('main img').naturalWidth") == 40
    for address in ("assets/out.svg", "../secret.svg", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/x.png"):
        template.write_text(f'<section class="page"><h1>1</h1><img src="{address}" alt="1"></section>')
        with pytest.raises(DeclarationError, match=re.escape(f"cannot be shown: {address}")):
            print_twin(person_pack(), look_in(root, layout))
