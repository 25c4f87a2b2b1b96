"""While one writes, the pages that have changed are printed first, alone."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from report_templates.changed_pages import MOST_GROUPS, print_changed
from report_templates.look import Look
from scorecards.packs import Colours, Layout
from tests.reports.pack_factory import company_pack
from transforms.pack import Pack

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is missing")
LOOK = Look(Layout(pages=("summary", "strategy_map", "exceptions", "definitions", "data")))


def reworded(pack: Pack, text: str) -> Pack:
    return replace(pack, remarks=(replace(pack.remarks[0], text=text), *pack.remarks[1:]))


def test_nothing_is_printed_alone_the_first_time_nor_where_nothing_has_changed() -> None:
    first, before = print_changed(company_pack(), "", LOOK)
    second, _ = print_changed(replace(company_pack(), declarations_digest="000000000000"), before, LOOK)
    assert (first, second) == (None, None)


@needs_pdftotext
def test_a_reworded_remark_prints_the_pages_that_it_stands_on_and_no_other(tmp_path: Path) -> None:
    pack = company_pack()
    _, before = print_changed(pack, "", LOOK)
    printed, _ = print_changed(reworded(pack, "A carrier was changed."), before, LOOK)
    assert printed is not None
    file = tmp_path / "part.pdf"
    file.write_bytes(printed.content)
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True, text=True).stdout
    pages = text.removesuffix("\f").split("\f")
    assert len(pages) == printed.pages
    assert "A carrier was changed." in " ".join(pages[0].split())
    assert "Exceptions" in pages[1]
    assert not any(
        title in page for page in pages for title in ("Definitions\n", "Strategy map\n", "Data and method\n")
    )


def test_what_changes_every_page_is_printed_as_a_whole() -> None:
    pack = company_pack()
    _, before = print_changed(pack, "", LOOK)
    other = Look(LOOK.layout.model_copy(update={"colours": Colours(ink="#14213d")}))
    assert print_changed(pack, before, other)[0] is None
    assert print_changed(replace(pack, organisation="Another"), before, LOOK)[0] is None


def test_of_many_changed_pages_the_first_are_printed() -> None:
    pack = company_pack()
    look = Look(Layout(pages=("summary", "strategy_map", "perspectives", "definitions", "data")))
    _, before = print_changed(pack, "", look)
    first = pack.perspectives[0]
    pages = tuple(replace(p, question=f"{p.question} And why?") for p in pack.perspectives)
    printed, _ = print_changed(replace(pack, perspectives=pages), before, look)
    assert first.question
    assert printed is not None
    assert printed.pages == MOST_GROUPS
