"""How one pack looks: its layout, and the files of the project that take part in it.

Belongs here: the record that rendering needs beside the pack, and its digest. It travels to worker processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from report_templates.fonts import FAMILY
from report_templates.geometry import ENDLESS, Page, page_of
from report_templates.palette import Palette, palette_of
from scorecards.pack_files import is_of_mail, is_template, pack_files
from scorecards.packs import PDF, STANDARD_LAYOUT, Format, Layout


@dataclass(frozen=True)
class Look:
    """A layout in a project.

    ``root`` is the project's folder, None where only our own files count. ``templates`` are the project's templates,
    name and text, and ``digest`` is one of all its files that may take part. ``is_on_screen`` says that it is read on a
    screen, where a single page is as long as it must be. Looks are equal where they look the same.
    """

    layout: Layout
    root: Path | None = None
    templates: tuple[tuple[str, str], ...] = ()
    digest: str = ""
    is_on_screen: bool = False

    @cached_property
    def page(self) -> Page:
        """The page's geometry."""
        page = page_of(self.layout)
        return replace(page, paper_height=ENDLESS) if self.is_on_screen and self.layout.is_one_page else page

    @cached_property
    def palette(self) -> Palette:
        """The colours."""
        return palette_of(self.layout.colours)

    @cached_property
    def identity(self) -> str:
        """A digest of everything here that can change a pack; the same wherever the project lies."""
        layout = self.layout.model_dump_json(exclude={"name", "formats", "languages"})
        return hashlib.sha256(f"{layout}\0{self.digest}".encode()).hexdigest()

    @cached_property
    def on_screen(self) -> Look:
        """The same look for a screen."""
        return replace(self, is_on_screen=True)

    @property
    def formats(self) -> tuple[Format, ...]:
        """The files of its packs."""
        return self.layout.formats or (PDF,)

    @property
    def languages(self) -> tuple[str, ...]:
        """The further languages of its packs."""
        return self.layout.languages or ()

    @property
    def family(self) -> str:
        """The CSS name of the typeface; one of its own for each font, since a process may print several."""
        return FAMILY if self.layout.font is None else f"Pack {self.identity[:12]}"

    @property
    def families(self) -> str:
        """The typefaces as CSS lists them: signs that the first lacks come from ours."""
        return f'"{FAMILY}"' if self.layout.font is None else f'"{self.family}", "{FAMILY}"'


OURS = Look(STANDARD_LAYOUT)


def look_in(root: Path, layout: Layout) -> Look:
    """The look of a layout in the project at ``root``, whose files are read now."""
    return _look(root, layout, [name for name in pack_files(root) if not is_of_mail(name)])


def mail_look(root: Path, layout: Layout) -> Look:
    """The look of the messages that bring packs of a layout: its colours, with the project's templates of messages."""
    return _look(root, layout, [name for name in pack_files(root) if is_of_mail(name)])


def _look(root: Path, layout: Layout, names: Sequence[str]) -> Look:
    total = hashlib.sha256()
    templates = []
    for name in names:
        content = (root / name).read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode() + content)
        if is_template(name):
            templates.append((name, content.decode("utf-8-sig")))
    return Look(layout, root if names else None, tuple(templates), total.hexdigest() if names else "")
