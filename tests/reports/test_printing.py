import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import tinyhtml5

from report_templates import printing
from report_templates.printing import ROOM, _PackHTML, _without_variables, print_document
from report_templates.rendering import OURS, _document, render_pdf, style_sheet
from tests.reports.pack_factory import company_pack, empty_pack, hostile_pack, person_pack
from transforms.pack import Breakdown, Pack, SliceRow


def shape(root: ElementTree.Element) -> Iterator[tuple[object, ...]]:
    """Every element with its attributes and texts, but for line ends between the parts of the document."""
    parts = [root, *root, *root[-1]]
    for element in root.iter():
        attributes = {name: value for name, value in element.attrib.items() if not name.endswith("}xmlns")}
        texts = [element.text or "", element.tail or ""]
        yield element.tag, attributes, [text.strip() for text in texts] if element in parts else texts


@pytest.mark.parametrize(
    "pack", [company_pack(), person_pack(), empty_pack(), hostile_pack()], ids=["company", "person", "empty", "hostile"]
)
def test_a_pack_read_as_xml_is_the_tree_that_a_parser_of_html_makes_of_it(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "_set_charts_aside", lambda tree: None)
    document = _document(pack, OURS, "")
    as_html = tinyhtml5.parse(document, namespace_html_elements=False)
    assert list(shape(_PackHTML(document).etree_element)) == list(shape(as_html))


def test_a_name_with_a_control_character_is_printed() -> None:
    pack = replace(person_pack(), unit_name="North\x0bWest")
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(f"<p>{pack.unit_name}</p>")
    with pikepdf.open(BytesIO(render_pdf(pack))) as pdf:
        assert len(pdf.pages) > 1


def test_fonts_are_found_again_where_temporary_files_lie_elsewhere_by_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, printed = person_pack(), list[bytes]()
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        printed.append(render_pdf(pack))
        assert [path.name.partition("-")[0] for path in folder.iterdir()] == ["weasyprint"]
        shutil.rmtree(folder)
    assert printed[0] == printed[1]
    with pikepdf.open(BytesIO(printed[1])) as pdf:
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert all("ScorepackInter" in name.replace("-", "").replace(" ", "") for name in fonts), fonts


def test_a_process_takes_its_fonts_away_at_its_end(tmp_path: Path) -> None:
    printed = tmp_path / "printed.pdf"
    code = (
        # As commands do: they search for no unused objects at their end.
        "import atexit, gc; atexit.register(gc.freeze); "
        "from pathlib import Path; from report_templates.rendering import render_pdf; "
        "from tests.reports.pack_factory import person_pack; "
        f"Path({str(printed)!r}).write_bytes(render_pdf(person_pack()))"
    )
    (tmp_path / "temporary").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOM.parent)
    assert printed.stat().st_size > 10_000
    assert list((tmp_path / "temporary").iterdir()) == []


def test_styles_are_printed_without_variables_and_with_their_values() -> None:
    declared, printed = style_sheet(), _without_variables(style_sheet())
    names = re.findall(r"^\s*(--[\w-]+):", declared, flags=re.MULTILINE)
    assert len(names) == len(set(names)) > 10
    assert "font-size: var(--body)" in declared
    assert "font-size: 8pt" in printed
    assert "var(" not in printed


def breakdowns_alone(rows: tuple[int, ...]) -> str:
    """A document of the page "Broken down" only, with one table for each number of rows."""
    row = SliceRow("", 1.0, None, None, None, 1.0, 1.0)
    pack = company_pack()
    broken_down = {
        line.id: replace(line, breakdowns=(Breakdown("site", tuple(replace(row, name=f"S{i}") for i in range(count))),))
        for line, count in zip(pack.kpis, rows, strict=False)
    }
    pages = tuple(
        replace(page, kpis=tuple(broken_down.get(line.id, line) for line in page.kpis)) for page in pack.perspectives
    )
    document = _document(replace(pack, perspectives=pages), OURS, "")
    section = re.search(r'<section class="page" id="breakdowns">.*?</section>', document, flags=re.DOTALL)
    assert section is not None
    assert section[0].count("<table") == len(rows)
    return re.sub("<body>.*</body>", lambda _: f"<body>{section[0]}</body>", document, flags=re.DOTALL)


@pytest.mark.parametrize("rows", [(4,), (3, 10), (10, 3), (9, 2, 3, 5), (2, 2, 12, 2, 2)])
def test_tables_are_divided_into_columns_as_weasyprint_balances_them(rows: tuple[int, ...]) -> None:
    divided = breakdowns_alone(rows)
    balanced = re.sub(r' style="(column-fill: auto|break-before: column)"', "", divided)
    printed, wanted = (print_document(each, style_sheet(), b"same") for each in (divided, balanced))
    assert printed == wanted


def test_tables_that_fit_a_page_are_divided_beforehand_and_only_those() -> None:
    assert ["column-fill" in breakdowns_alone(rows) for rows in [(4,), (9, 2, 3, 5), (30, 4), (14, 14, 14)]] == [
        True, True, False, False,
    ]  # fmt: skip


def test_what_is_printed_is_addressed_from_this_room() -> None:
    assert _PackHTML("<html><body/></html>").base_url == ROOM.as_uri() + "/"
