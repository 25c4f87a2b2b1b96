"""Packs in other layouts than the standard one: paper, pages, colours, fonts, the project's own templates."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from report_templates.fonts import font_files
from report_templates.geometry import page_of
from report_templates.look import OURS, Look, look_in
from report_templates.printing import OwnFilesOnly
from report_templates.rendering import print_pack, render_html, render_pdf
from report_templates.screen import screen_page
from report_templates.views import pack_view
from scorecards.errors import DeclarationError
from scorecards.packs import PAGE_NAMES, Colours, Font, Layout, PageName
from tests.reports.pack_factory import (
    company_pack,
    empty_pack,
    hostile_pack,
    large_pack,
    person_pack,
)
from transforms.pack import Pack

ONE = Layout(pages=("one_page",))
UPRIGHT = Layout(pages=("one_page",), orientation="portrait")
SCORECARD = Layout(pages=("scorecard",))
ALL: tuple[PageName, ...] = tuple(page for page in PAGE_NAMES if page != "one_page")


def look(layout: Layout, root: Path | None = None, **files: str | bytes) -> Look:
    if root is None:
        return Look(layout)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return look_in(root, layout)


def pages_of(content: bytes) -> list[tuple[float, float]]:
    with pikepdf.open(BytesIO(content)) as pdf:
        boxes = [[float(length) / 72 * 25.4 for length in page.mediabox] for page in pdf.pages]
    return [(round(right), round(top)) for _, _, right, top in boxes]


def text_of(content: bytes, folder: Path) -> str:
    file = folder / "pack.pdf"
    file.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_the_standard_layout_leaves_the_room_that_the_pages_were_drawn_for() -> None:
    assert (OURS.page.width, OURS.page.height, OURS.page.top, OURS.page.bottom) == (273.0, 174.0, 21.0, 15.0)


@pytest.mark.parametrize(
    ("layout", "size"),
    [
        (Layout(pages=("data",), paper="A3"), (420, 297)),
        (Layout(pages=("data",), paper="Letter", orientation="portrait"), (216, 279)),
    ],
)
def test_the_paper_is_the_declared_one_on_every_page(layout: Layout, size: tuple[int, int]) -> None:
    assert set(pages_of(render_pdf(person_pack(), look(layout)))) == {size}


@pytest.mark.parametrize("layout", [ONE, UPRIGHT], ids=["landscape", "portrait"])
@pytest.mark.parametrize(
    "pack", [person_pack(), company_pack(), large_pack(), empty_pack(), hostile_pack()], ids=range(5)
)
def test_a_pack_of_one_page_is_one_page_whatever_it_holds(pack: Pack, layout: Layout) -> None:
    assert print_pack(pack, look(layout)).pages == 1


def test_a_tile_without_a_change_begins_with_its_coverage() -> None:
    pack = company_pack()
    page = replace(pack.perspectives[0], node=replace(pack.perspectives[0].node, score=None, band=None, coverage=0.0))
    pack = replace(pack, perspectives=(page, *pack.perspectives[1:]))
    shown = render_html(pack, look(ONE))
    assert re.search(r'<p><span class="bad">coverage 0\s%</span></p>', shown)
    assert "<p> ·" not in shown


def test_a_page_without_room_for_every_kpi_keeps_those_off_target_and_counts_the_others(tmp_path: Path) -> None:
    pack = large_pack()
    text = text_of(render_pdf(pack, look(ONE)), tmp_path)
    off = [line.name for line in pack.kpis if line.band is not None and line.band.status == "bad"]
    rows = {name for name in off if re.search(rf"{name} +%", text)}
    assert len(rows) >= 15
    left = re.search(r"(\d+) KPIs with better scores have no row here", text)
    assert left is not None
    assert len(re.findall(r"^ *KPI number \d+ +%", text, re.MULTILINE)) == len(pack.kpis) - int(left[1])


def test_the_scorecard_stands_on_one_page_as_long_as_rows_can_stand_closer_and_then_flows() -> None:
    assert print_pack(company_pack(), look(SCORECARD)).pages == 1
    assert print_pack(large_pack(), look(SCORECARD)).pages > 1


def test_the_scorecard_counts_reds_beside_each_average_and_shows_coverage_under_all() -> None:
    pack = company_pack()
    first = replace(pack.perspectives[0], node=replace(pack.perspectives[0].node, coverage=0.5))
    html = render_html(replace(pack, perspectives=(first, *pack.perspectives[1:])), look(SCORECARD))
    assert html.count("KPIs off target") >= 4
    assert "coverage 50" in html


def test_an_empty_perspective_says_so_on_the_scorecard() -> None:
    pack = company_pack()
    node = replace(pack.perspectives[0].node, score=None, band=None, applicable=0, by_status={})
    first = replace(pack.perspectives[0], kpis=(), objectives=(), node=node)
    assert "no KPI applies to this unit" in render_html(
        replace(pack, perspectives=(first, *pack.perspectives[1:])), look(SCORECARD)
    )


def test_the_year_to_date_is_shown_where_it_is_known_and_its_columns_only_then() -> None:
    pack = company_pack()
    assert "Year to date" not in render_html(pack, look(SCORECARD))
    first = pack.perspectives[0]
    kpis = (replace(first.kpis[0], to_date=412.0e6, to_date_target=430.0e6), *first.kpis[1:])
    html = render_html(replace(pack, perspectives=(replace(first, kpis=kpis), *pack.perspectives[1:])), look(SCORECARD))
    assert "Year to date" in html
    assert ">412<" in html


def test_pages_stand_in_the_declared_order_and_those_without_content_are_left_out() -> None:
    html = render_html(person_pack(), look(Layout(pages=("definitions", "cascade", "initiatives", "scorecard"))))
    titles = re.findall(r"<h2>(.*?)</h2>", html)
    assert titles == ["Definitions", "Cascade", "Scorecard on one page"]


def test_an_exception_that_is_off_target_without_commentary_says_that_nobody_explained_it() -> None:
    pack = company_pack()
    html = render_html(replace(pack, remarks=()), look(Layout(pages=("exceptions",))))
    off = sum(line.band is not None and line.band.status == "bad" for line in pack.kpis)
    assert html.count('class="missing-answer">No explanation given.') == off
    assert f"{off} of those off target without an explanation" in html


def test_every_page_of_every_layout_is_tagged_and_has_its_fonts_in_it() -> None:
    with pikepdf.open(BytesIO(render_pdf(company_pack(), look(Layout(pages=ALL, orientation="portrait"))))) as pdf:
        assert "/StructTreeRoot" in pdf.Root
        assert all("/Font" in page.Resources for page in pdf.pages)


def test_declared_colours_replace_ours_in_text_and_in_charts() -> None:
    coloured = look(Layout(pages=("scorecard",), colours=Colours(ink="#123456", bad="#8a1020")))
    html = render_html(company_pack(), coloured)
    assert "#123456" in html.split("<body")[0]
    assert 'stroke="#123456"' in html
    assert OURS.palette.INK not in html
    assert 'fill="#8a1020"' in html


def test_a_font_of_the_project_is_embedded_and_the_logo_is_drawn(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    files: dict[str, str | bytes] = {
        "assets/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    }
    for weight, path in font_files().items():
        with TTFont(path) as font:
            for name_id in (1, 4, 6):
                font["name"].setName(f"Acme{weight}", name_id, 3, 1, 0x409)
            target = BytesIO()
            font.save(target)
        files[f"fonts/acme-{weight}.ttf"] = target.getvalue()
    font_of = Font(regular="fonts/acme-400.ttf", bold="fonts/acme-650.ttf")
    own = look(Layout(pages=("data",), font=font_of, logo="assets/logo.svg"), tmp_path, **files)
    with pikepdf.open(BytesIO(render_pdf(person_pack(), own))) as pdf:
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert fonts
    # A font is embedded under the name of its family in CSS; ours would be named after Inter.
    assert all(own.family.replace(" ", "-") in name for name in fonts), fonts


def test_a_template_of_the_project_takes_the_place_of_ours_and_may_include_it(tmp_path: Path) -> None:
    text = '<section class="page"><h2>Ours first</h2></section>{% include "scorepack/pack/data.html" %}'
    own = {"templates/pack/data.html": text}
    html = render_html(person_pack(), look(Layout(pages=("data",)), tmp_path, **own))
    assert html.index("Ours first") < html.index("Data and method")
    style = {"templates/pack/cascade.css": "h2 { color: #123456 }"}
    assert "color: #123456" in render_html(person_pack(), look(Layout(pages=("data",)), tmp_path, **style))


@pytest.mark.parametrize(
    "reach",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ fmt.re }}",
        "{{ said.add_months.__globals__ }}",
        "{{ view.pack.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{% include '/etc/passwd' %}",
        "{{ unknown }}",
    ],
)
def test_a_template_cannot_reach_out_and_its_error_names_file_and_line(reach: str, tmp_path: Path) -> None:
    own = {"templates/pack/data.html": f"<p>\n{reach}</p>"}
    with pytest.raises(DeclarationError) as found:
        render_html(person_pack(), look(Layout(pages=("data",)), tmp_path, **own))
    assert str(found.value).startswith("templates/pack/data.html:2: cannot be filled")


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "../secret.txt", "assets/out.png"]
)
def test_a_template_may_read_the_projects_folders_for_packs_and_nothing_else(address: str, tmp_path: Path) -> None:
    root = tmp_path / "project"
    (tmp_path / "secret.txt").write_text("secret")
    own = look(
        Layout(pages=("data",)),
        root,
        **{"templates/pack/data.html": f'<section><img src="{address}" alt="x"></section>'},
    )
    (root / "assets").mkdir()
    (root / "assets" / "out.png").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DeclarationError, match="may only use its own fonts and files"):
        print_pack(person_pack(), own)


def test_what_lies_in_the_projects_folders_is_given_out(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.svg").write_text("<svg/>")
    fetch = OwnFilesOnly(tmp_path, fail_on_errors=True).fetch
    assert fetch((tmp_path / "assets" / "a.svg").as_uri()).read() == b"<svg/>"
    (tmp_path / "scorecard.yaml").write_text("secret: 1")
    with pytest.raises(ValueError, match="its own fonts and files"):
        fetch((tmp_path / "scorecard.yaml").as_uri())


def test_the_same_project_in_another_place_gives_the_same_bytes_and_another_asset_gives_others(tmp_path: Path) -> None:
    layout = Layout(pages=("one_page",), logo="assets/logo.svg")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="{}" height="9"/></svg>'
    one, other = (look(layout, tmp_path / name, **{"assets/logo.svg": svg.format(9)}) for name in ("a", "b"))
    third = look(layout, tmp_path / "c", **{"assets/logo.svg": svg.format(5)})
    assert one.identity == other.identity != third.identity
    assert render_pdf(person_pack(), one) == render_pdf(person_pack(), other) != render_pdf(person_pack(), third)


def test_every_margin_and_every_paper_leaves_the_content_what_is_left() -> None:
    page = page_of(Layout(pages=("data",), paper="A5", orientation="portrait"))
    assert (page.width, page.height) == (124.0, 174.0)
    assert page.is_narrow


@pytest.mark.parametrize("first", ["scorecard", "strategy_map", "definitions"])
def test_without_a_summary_the_first_page_is_headed_by_whose_pack_it_is(first: PageName, tmp_path: Path) -> None:
    pages: tuple[PageName, ...] = (first, "data")
    company = company_pack()
    printed = text_of(render_pdf(company, look(Layout(pages=pages))), tmp_path)
    whose = f"{company.organisation} · {company.unit_name} · {company.scorecard_name}"
    # In its own place at the top of each page, and in the line at the foot.
    assert [page.count(whose) for page in printed.split("\f")[:-1]] == [2] * (printed.count("\f"))
    on_screen = screen_page(company, look(Layout(pages=pages)).on_screen)
    assert on_screen.body.count("<h1") == 1
    assert [entry.title for entry in on_screen.contents] == [TITLES[first], "Data and method"]


TITLES = {"scorecard": "Scorecard on one page", "strategy_map": "Strategy map", "definitions": "Definitions"}


@pytest.mark.parametrize("layout", [ONE, UPRIGHT], ids=["landscape", "portrait"])
@pytest.mark.parametrize("squeeze", range(9))
def test_what_a_single_page_shows_none_of_is_counted(layout: Layout, squeeze: int) -> None:
    pack = company_pack()
    page = pack_view(pack, look(layout), squeeze).one_page
    assert page is not None
    assert f"{len(pack.initiatives)} initiatives" in page.not_shown
    assert ("3 actions, 1 overdue" in page.not_shown) == (not page.actions)
    assert (f"{len(pack.children)} units below" in page.not_shown) == (not page.units)


@pytest.mark.parametrize("layout", [ONE, UPRIGHT], ids=["landscape", "portrait"])
def test_a_full_single_page_names_its_exceptions_and_counts_the_rest(layout: Layout, tmp_path: Path) -> None:
    company = company_pack()
    pack = replace(large_pack(), actions=company.actions, initiatives=company.initiatives, children=company.children)
    text = " ".join(text_of(render_pdf(pack, look(layout)), tmp_path).split())
    assert "Also off target" not in text
    assert "Off target: " in text
    assert "Not shown here: " in text
