"""packs.yaml: what may be declared, what is refused and with which words, and which pack gets which layout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from report_templates.templates import TEMPLATES as OUR_FOLDER
from scorecards.errors import DeclarationError
from scorecards.house_colours import COLUMN, INK, SOFT, STATUS_WORDS
from scorecards.pack_files import TEMPLATES
from scorecards.packs import STANDARD_LAYOUT
from scorecards.project import Project, load_project
from tests.small_company import small_company

LAYOUTS = """\
style:
  margins: 10mm
  colours: {{ink: "#101820"}}
layouts:
  page: {{pages: [one_page]}}
  board:
    pages: [summary, scorecard]
    margins: {{top: 20mm, right: 0.5in, bottom: 1cm, left: 15mm}}
    colours: {{grey: "#505a66"}}
{more}
use:
  - {{layout: board, units: {{levels: [company]}}}}
  - {{layout: page, units: {{ids: [north]}}}}
"""


def company(folder: Path, packs: str | None = None, **files: str) -> Path:
    small_company(folder, months=())
    for name, text in ({"packs.yaml": packs} if packs is not None else {}).items() | files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(DeclarationError) as found:
        load_project(folder)
    assert found.value.exit_code == 2
    return str(found.value)


def layout_of(project: Project, unit: str) -> str:
    return project.layout_of("company", unit, project.organisation.first_period)[0]


def test_without_the_file_every_pack_has_the_standard_layout(tmp_path: Path) -> None:
    project = load_project(company(tmp_path))
    found = project.layout_of("company", "north", project.organisation.first_period)
    assert found == ("standard", STANDARD_LAYOUT)


def test_the_first_use_that_fits_a_pack_gives_its_layout_and_what_none_fits_is_standard(tmp_path: Path) -> None:
    project = load_project(company(tmp_path, LAYOUTS.format(more="")))
    assert [layout_of(project, unit) for unit in ("company", "north", "south")] == ["board", "page", "standard"]


def test_a_layout_takes_from_the_style_what_it_does_not_say_itself_key_by_key(tmp_path: Path) -> None:
    packs = load_project(company(tmp_path, LAYOUTS.format(more=""))).packs
    page, board = packs.layout("page"), packs.layout("board")
    assert page.margins is not None
    assert (page.margins.left, page.margins.top) == (10.0, 10.0)
    assert board.margins is not None
    assert (board.margins.top, board.margins.right, board.margins.bottom) == (20.0, 12.7, 10.0)
    assert board.colours is not None
    assert (board.colours.ink, board.colours.grey) == ("#101820", "#505a66")
    assert packs.layout("standard").margins == page.margins


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("  x: {pages: [sumary]}", r"packs.yaml:10: layouts.x.pages.0: 'sumary' is not one of"),
        ("  x: {pages: [one_page, data]}", "packs.yaml:10: layouts.x: 'one_page' stands alone"),
        ("  x: {pages: []}", "packs.yaml:10: layouts.x: a layout needs at least one page"),
        ("  x: {pages: [data, data]}", "the page 'data' stands there twice"),
        ("  x: {pages: [data], paper: A9}", "packs.yaml:10: layouts.x.paper: 'A9' is not one of"),
        ("  x: {pages: [data], margins: wide}", "'wide' is not a length; write it as 12mm"),
        ("  x: {pages: [data], margins: 90mm}", "'90mm' leaves no room for a page"),
        ("  x: {pages: [data], logo: ../logo.svg}", "'../logo.svg' is not a file in assets/ of the project"),
        ("  x: {pages: [data], logo: assets/../../logo.svg}", "is not a file in assets/ of the project"),
        ("  x: {pages: [data], logo: assets/logo.svg}", "packs.yaml:10: layouts.x.logo: 'assets/logo.svg' does not"),
        ("  x: {pages: [data], colours: {ink: blue}}", "'blue' is not a colour"),
        ("  x: {pages: [data], formats: [docx]}", "'docx' is not"),
        ("  x: {pages: [data], font: {regular: fonts/a.ttf, bold: b.ttf}}", "'b.ttf' is not a file in fonts/"),
        ('  x: {pages: [data], colours: {grey: "#aab4be"}}', "has a contrast of 1.8 with the grounds"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_way_out(more: str, told: str, tmp_path: Path) -> None:
    assert told in refused(company(tmp_path, LAYOUTS.format(more=more)))


def test_names_that_do_not_exist_are_told_with_the_nearest_that_does(tmp_path: Path) -> None:
    said = refused(company(tmp_path, "use:\n  - {layout: standart, scorecards: companie, units: {ids: [nort]}}\n"))
    for one in ("Did you mean 'standard'?", "Did you mean 'company'?", "Did you mean 'north'?"):
        assert one in said


def test_the_colour_that_check_offers_instead_passes(tmp_path: Path) -> None:
    said = refused(company(tmp_path, 'style: {colours: {good: "#50c878"}}\n'))
    offered = said.split("passes: '")[1][:7]
    load_project(company(tmp_path, f'style: {{colours: {{good: "{offered}"}}}}\n'))


def test_status_colours_that_look_alike_without_red_receptors_are_a_warning(tmp_path: Path) -> None:
    project = load_project(company(tmp_path, 'style: {colours: {good: "#4f6f1f", bad: "#8a5a1f"}}\n'))
    assert any("look alike to people with" in problem.message for problem in project.warnings)


@pytest.mark.parametrize(
    ("colours", "told"),
    [
        ('{good: "#0b6e4f", bad: "#a3241f"}', "'good' (#0b6e4f) and 'bad' (#a3241f) look alike in black and white."),
        ('{bad: "#8a5a00"}', "'warning' (#8f6300) and 'bad' (#8a5a00) look alike to everybody and in black and white."),
        ('{ink: "#3c4753", column: "#4d5966"}', "'ink' (#3c4753) and 'column' (#4d5966) look alike to everybody"),
        ('{ink: "#0b5a52", good: "#095e55"}', "'good' (#095e55) and 'ink' (#0b5a52) look alike to everybody"),
    ],
)
def test_colours_of_different_meaning_that_look_alike_are_a_warning(colours: str, told: str, tmp_path: Path) -> None:
    project = load_project(company(tmp_path, f"style:\n  colours: {colours}\n"))
    said = [str(problem) for problem in project.warnings if "look alike" in problem.message]
    assert any(told in one for one in said), said
    assert all(one.startswith("packs.yaml:2: style.colours.") for one in said), said


def test_a_layouts_colours_are_compared_with_those_that_all_layouts_share(tmp_path: Path) -> None:
    text = (
        'style: {colours: {good: "#0a5e46", warning: "#8f6300", bad: "#760b09"}}\n'
        'layouts:\n  a: {pages: [data], colours: {bad: "#90201b"}}\nuse:\n  - {layout: a, units: {ids: [north]}}\n'
    )
    said = [str(p) for p in load_project(company(tmp_path, text)).warnings if "look alike" in p.message]
    assert [one.split(":")[:2] for one in said] == [["packs.yaml", "3"]]
    assert "'good' (#0a5e46) and 'bad' (#90201b) look alike in black and white." in said[0]


def test_our_own_colours_declared_as_a_projects_are_no_warning(tmp_path: Path) -> None:
    ours = {"ink": INK, "column": COLUMN, "soft": SOFT, **STATUS_WORDS}
    text = "".join(f'    {name}: "{colour}"\n' for name, colour in ours.items())
    assert not [
        p for p in load_project(company(tmp_path, f"style:\n  colours:\n{text}")).warnings if "alike" in p.message
    ]


def test_a_layout_that_nothing_uses_and_a_use_behind_one_for_all_are_warnings(tmp_path: Path) -> None:
    text = (
        "layouts:\n  a: {pages: [data]}\nuse:\n  - {layout: standard}\n  - {layout: standard, units: {ids: [north]}}\n"
    )
    said = [str(problem) for problem in load_project(company(tmp_path, text)).warnings]
    assert any("is used by no pack" in one for one in said)
    assert any("fits every pack" in one for one in said)


def test_a_template_with_the_name_of_none_and_one_that_is_not_sound_are_told_with_file_and_line(tmp_path: Path) -> None:
    files = {"templates/pack/sumary.html": "x", "templates/pack/data.html": "<p>\n{% if %}\n</p>"}
    said = refused(company(tmp_path, **files))
    assert "templates/pack/sumary.html: has the name of no template" in said
    assert "Did you mean 'summary.html'?" in said
    assert "templates/pack/data.html:2: is not a sound template" in said


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    folder = company(tmp_path / "project")
    (tmp_path / "secret.svg").write_text("<svg/>")
    (folder / "assets").mkdir()
    (folder / "assets" / "logo.svg").symlink_to(tmp_path / "secret.svg")
    assert "assets/logo.svg: leads out of the project" in refused(folder)


def test_templates_assets_and_fonts_are_declarations_whose_change_is_another_digest(tmp_path: Path) -> None:
    folder = company(tmp_path, **{"templates/pack/style.css": "p {}", "assets/note.txt": "1"})
    before = load_project(folder)
    digest = before.digest()
    names = {path.relative_to(folder).as_posix() for path in before.declaration_files()}
    assert {"templates/pack/style.css", "assets/note.txt"} <= names
    (folder / "assets" / "note.txt").write_text("2")
    assert load_project(folder).digest() != digest


def test_the_names_of_templates_that_may_be_replaced_are_those_that_there_are() -> None:
    assert set(TEMPLATES) == {path.name for path in (OUR_FOLDER / "pack").iterdir()}


def test_the_guide_lists_the_pages_of_the_layout_standard() -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/packs.md").read_text(encoding="utf-8")
    sentence = re.search(r"The layout `standard` has ([^.]*)\.", guide)
    assert sentence is not None
    assert tuple(re.findall(r"`(\w+)`", sentence[1])) == STANDARD_LAYOUT.pages
