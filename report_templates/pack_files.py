"""The files that a pack becomes, by their formats.

Belongs here: which format is made by what. Pure, and called in worker processes: heavy imports happen on first use.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from report_templates.look import Look
from scorecards.packs import PDF, Format
from transforms.pack import Pack


@dataclass(frozen=True)
class PackFile:
    """A file of a pack; only a PDF has ``pages``."""

    content: bytes
    pages: int | None = None


def print_file(pack: Pack, look: Look, form: Format) -> PackFile:
    """The pack as a file of one format; equal packs in equal looks are equal files.

    Raises ``DeclarationError`` where a template of the project cannot be filled, or asks for a file that it may not
    read.
    """
    if form == PDF:
        from report_templates.rendering import print_pack

        printed = print_pack(pack, look)
        return PackFile(printed.content, printed.pages)
    if form == "html":
        from report_templates.twin_page import print_twin

        return PackFile(print_twin(pack, look).encode())
    from report_templates.workbook import print_workbook

    return PackFile(print_workbook(pack, look))


def print_pickled(job: bytes) -> PackFile:
    """``print_file`` of its arguments as they were pickled for another process."""
    pack, look, form = pickle.loads(job)
    return print_file(pack, look, form)
