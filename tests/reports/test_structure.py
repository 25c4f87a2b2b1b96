"""What a screen reader finds in packs of every layout: headings, tables, charts, links, the order of reading."""

from __future__ import annotations

import html
import itertools
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from docs.draw_gallery import look_of
from report_templates.look import OURS, Look
from report_templates.rendering import render_html, render_pdf
from tests.reports.pack_factory import (
    company_pack,
    department_pack,
    hostile_pack,
    large_pack,
    person_pack,
    restated_pack,
    watched_pack,
)
from transforms.pack import Pack

needs_pdfinfo = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="pdfinfo (poppler-utils) is missing")


@dataclass(frozen=True)
class Printed:
    """A pack in a layout, as document and as file."""

    name: str
    document: str
    pdf: bytes
    locale: str


def german() -> Pack:
    return replace(company_pack(), locale="de_DE")


MADE: dict[str, tuple[Callable[[], Pack], Callable[[], Look]]] = {
    "standard": (company_pack, lambda: OURS),
    "standard, German": (german, lambda: OURS),
    "standard, restated": (restated_pack, lambda: OURS),
    "standard, hostile names": (hostile_pack, lambda: OURS),
    "board": (company_pack, lambda: look_of("board")),
    "upright": (company_pack, lambda: look_of("upright")),
    "department": (department_pack, lambda: look_of("hr_department")),
    "single page": (company_pack, lambda: look_of("single_page")),
    "single page, person": (person_pack, lambda: look_of("single_page")),
    "no summary": (watched_pack, lambda: look_of("watched")),
    "no summary, restated": (restated_pack, lambda: look_of("edition")),
    "a hundred KPIs": (large_pack, lambda: look_of("board")),
}


@pytest.fixture(scope="module", params=MADE)
def printed(request: pytest.FixtureRequest) -> Printed:
    pack, look = (make() for make in MADE[request.param])
    assert isinstance(pack, Pack)
    assert isinstance(look, Look)
    return Printed(request.param, render_html(pack, look), render_pdf(pack, look), pack.locale)


def elements(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """All structure elements in the order of reading, as (type, element)."""

    def walk(node: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(node, pikepdf.Array):
            for child in node:
                yield from walk(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield str(node.S).removeprefix("/"), node
            if "/K" in node:
                yield from walk(node.K)

    yield from walk(pdf.Root.StructTreeRoot.K)


def test_it_is_tagged_and_says_its_language_and_its_title(printed: Printed) -> None:
    title = re.search(r"<title>(.*?)</title>", printed.document)
    assert title is not None
    with pikepdf.open(BytesIO(printed.pdf)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == printed.locale.replace("_", "-")
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == html.unescape(title[1])


def test_headings_begin_with_one_of_the_first_level_and_leave_none_out(printed: Printed) -> None:
    with pikepdf.open(BytesIO(printed.pdf)) as pdf:
        levels = [int(kind[1]) for kind, _ in elements(pdf) if re.fullmatch(r"H[1-6]", kind)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_no_heading_is_the_last_thing_on_its_page(printed: Printed) -> None:
    assert stranded_headings(printed.pdf) == []


def stranded_headings(pdf_bytes: bytes) -> list[int]:
    """The pages on which a heading stands without what it heads: the next that is read and no heading."""
    with pikepdf.open(BytesIO(pdf_bytes)) as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        read = list(marked(pdf.Root.StructTreeRoot.K))
    assert any(is_heading for is_heading, _ in read)
    return [
        numbers[page]
        for place, (is_heading, page) in enumerate(read)
        if is_heading and next((other for heads, other in read[place:] if not heads), None) != page
    ]


def marked(node: Any, page: Any = None, is_heading: bool = False) -> Iterator[tuple[bool, Any]]:
    """All content in the order of reading: whether it is a heading's, and its page."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from marked(child, page, is_heading)
    elif isinstance(node, int):
        yield is_heading, page
    elif "/S" in node and "/K" in node:
        own = node.Pg.objgen if "/Pg" in node else page
        yield from marked(node.K, own, is_heading or re.fullmatch(r"/H[1-6]", str(node.S)) is not None)


def test_every_head_of_a_table_says_what_it_heads_and_every_cell_knows_its_heads(printed: Printed) -> None:
    heads = re.findall(r"<th\b[^>]*>", printed.document)
    assert heads or "<table" not in printed.document
    assert [head for head in heads if not re.search(r' scope="(col|row|rowgroup)"', head)] == []
    with pikepdf.open(BytesIO(printed.pdf)) as pdf:
        found = list(elements(pdf))
        known = {str(e.ID) for kind, e in found if kind == "TH"}
        for kind, cell in found:
            if kind == "TD":
                named = {str(each) for each in cell.A.get("/Headers", [])}
                assert named
                assert named <= known


def test_every_chart_has_an_alternative_text_that_says_something_with_figures(printed: Printed) -> None:
    with pikepdf.open(BytesIO(printed.pdf)) as pdf:
        texts = [str(e.get("/Alt", "")) for kind, e in elements(pdf) if kind == "Figure"]
    if re.search(r'<h1 class="who"><img class="logo"', printed.document):
        assert texts.pop(0) == "Meridian Outdoor"
    assert len(texts) == len(re.findall(r"<svg\b", printed.document))
    assert min(map(len, texts), default=9) > 8
    # Samples of lines in a legend have a name and no figures.
    wordy = [text for text in texts if not re.search(r"\d|: |\b(?:[Nn]o|[Kk]ein\w*) ", text)]
    assert len(wordy) <= printed.document.count('class="link-style"'), wordy


def test_every_link_leads_to_a_place_in_the_file(printed: Printed) -> None:
    with pikepdf.open(BytesIO(printed.pdf)) as pdf:
        names = pdf.Root.get("/Names", {}).get("/Dests", {}).get("/Names", [])
        places = {str(names[i]) for i in range(0, len(names), 2)}
        links = [a for page in pdf.pages for a in page.get("/Annots", []) if a.Subtype == "/Link"]
        asked = {str(link.get("/Dest", link.get("/A", {}).get("/D", ""))) for link in links}
    assert len(links) >= printed.document.count('<a href="#')
    assert asked <= places


@needs_pdfinfo
def test_headings_are_read_in_the_order_in_which_they_stand_in_the_document(printed: Printed, tmp_path: Path) -> None:
    if printed.name == "a hundred KPIs":
        pytest.skip("pdfinfo takes four minutes over a hundred KPIs, on pages of the board's layout")
    file = tmp_path / "pack.pdf"
    file.write_bytes(printed.pdf)
    told = subprocess.run(["pdfinfo", "-struct-text", str(file)], capture_output=True, check=True).stdout.decode()
    read = [plain(text) for text in headings(told)]
    written = [
        plain(re.sub(r"<[^>]*>", "", text)) for text in re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", printed.document)
    ]
    assert written
    assert [text[:12] for text in read if is_left_to_right(text)] == [
        text[:12] for text in written if is_left_to_right(text)
    ]


def is_left_to_right(text: str) -> bool:
    """Whether pdfinfo gives the text back as it is written: the letters of others it turns round."""
    return text != "" and not re.search(r"[\u0590-\u08ff]", text)


def headings(told: str) -> Iterator[str]:
    """The texts of the headings in pdfinfo's outline of the structure, where what is inside stands further in."""
    depth, text = -1, ""
    for line in [*told.splitlines(), ""]:
        own = len(line) - len(line.lstrip())
        if depth >= 0 and own <= depth:
            yield text
            depth = -1
        if depth >= 0 and (said := re.fullmatch(r'\s*"(.*)"', line)):
            text += said[1]
        if re.match(r"\s*H[1-6] \(block\)", line):
            depth, text = own, ""


def plain(text: str) -> str:
    return re.sub(r"\W", "", html.unescape(text))


def test_from_the_summary_links_lead_to_the_details() -> None:
    pdf_bytes = render_pdf(company_pack())
    with pikepdf.open(BytesIO(pdf_bytes)) as pdf:
        names = pdf.Root.Names.Dests.Names
        places = {str(names[i]): names[i + 1][0].objgen for i in range(0, len(names), 2)}
        first = pdf.pages[0].objgen
        links = [str(a.A.D if "/A" in a else a.Dest) for a in pdf.pages[0].Annots if a.Subtype == "/Link"]
        assert len([link for link in links if link.startswith("kpi-")]) >= 5
        assert len([link for link in links if link.startswith("perspective-")]) == 4
        assert all(places[link] != first for link in links)
