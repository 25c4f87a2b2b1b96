"""A pack looked at before it is made: drawn from what is computed, with the project's files as they are now.

Nothing is recorded: no table, no journal entry, no pack in its place. Belongs here: which pack it is, and which files
are watched.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import get_args

import polars as pl

from pipelines.steps.outcome import not_computed, require_good
from pipelines.steps.packs import pack_tables
from pipelines.steps.setting import Setting
from report_templates.changed_pages import print_changed
from report_templates.look import Look, look_in
from report_templates.pack_files import PackFile, print_file
from report_templates.rendering import PrintedPack
from scorecards.check_packs import check_pack_files
from scorecards.errors import CallError, DeclarationError, did_you_mean
from scorecards.pack_files import FOLDERS
from scorecards.packs import PDF, Format
from scorecards.periods import period_text
from scorecards.project import Project, load_project
from scorecards.words import plural
from transforms.pack import Pack
from transforms.pack_building import build_pack
from transforms.pack_tables import PackTables, packs_of

_PATTERNS = ("*.yaml", "*.csv", "sources/*", "kpis/*.yaml", "commentary/*.yaml", *(f"{name}/**/*" for name in FOLDERS))
# Files of which figures do not depend: where only these change, the tables need not be read again.
_LOOKS = tuple(f"{name}/" for name in FOLDERS)
_WORDS_AND_LOOKS = ("packs.yaml", "actions.csv", "forecasts.csv", "recipients.yaml", "commentary/", *_LOOKS)
SUFFIXES: dict[str, Format] = {f".{form}": form for form in get_args(Format)}
_WORDS: dict[Format, str] = {"html": "one page for a browser", "xlsx": "a workbook"}
_EVERY = 0.1
State = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Preview:
    """One pack that is looked at; ``layout`` is another than the declared one, if any."""

    unit: str
    period: date
    scorecard: str = ""
    layout: str = ""

    def card(self, project: Project) -> str:
        """The scorecard whose pack it is. Raises ``CallError`` where the unit has none, or several are meant."""
        packs = packs_of(project, self.period)
        cards = [card for card, unit in packs if unit == self.unit and self.scorecard in ("", card)]
        when = period_text(self.period)
        if not cards:
            own = [card for card, unit in packs if unit == self.unit]
            if own:
                raise CallError(
                    f"'{self.unit}' has no scorecard '{self.scorecard}'. {did_you_mean(self.scorecard, own)}"
                )
            known = sorted({unit for _, unit in packs})
            raise CallError(f"'{self.unit}' has no scorecard in {when}. {did_you_mean(self.unit, known)}")
        if len(cards) > 1:
            raise CallError(f"'{self.unit}' has several scorecards. Name one with --scorecard: {', '.join(cards)}.")
        return cards[0]


def preview_tables(setting: Setting, preview: Preview) -> PackTables:
    """What the pack is made from. Raises ``CallError`` where the month was not computed."""
    tables = pack_tables(setting, preview.period)
    if tables.scores.filter(pl.col("period") == preview.period).is_empty():
        require_good(setting, [preview.period])
        raise not_computed(setting, preview.period)
    return tables


def preview_pack(setting: Setting, tables: PackTables, preview: Preview, form: Format = PDF) -> PackFile:
    """The pack as it would be made now. Raises ``DeclarationError`` for what is wrong in commentary or templates."""
    return print_file(*_as_of_now(setting, tables, preview), form)


def preview_file(setting: Setting, tables: PackTables, preview: Preview, suffix: str) -> tuple[bytes, str]:
    """The pack as a file of this suffix (``SUFFIXES``), and what it is in words; raises as ``preview_pack`` does."""
    form = SUFFIXES[suffix]
    made = preview_pack(setting, tables, preview, form)
    return made.content, _WORDS.get(form) or plural(made.pages or 0, "page")


class Watched:
    """What a pack's printed preview looked like last, so that its changed pages can be shown before all are printed."""

    def __init__(self) -> None:
        self._before = ""

    def changed(self, setting: Setting, tables: PackTables, preview: Preview) -> PrintedPack | None:
        """The changed pages alone, None where all are to be printed; raises as ``preview_pack`` does."""
        pack, look = _as_of_now(setting, tables, preview)
        printed, self._before = print_changed(pack, self._before, look)
        return printed


def _as_of_now(setting: Setting, tables: PackTables, preview: Preview) -> tuple[Pack, Look]:
    project = setting.project
    flaws = project.flaws.get(preview.period)
    if flaws:
        raise DeclarationError(flaws, "The pack is not rendered.")
    card = preview.card(project)
    _, layout = project.layout_of(card, preview.unit, preview.period)
    if preview.layout:
        if preview.layout not in project.packs.layout_ids:
            known = did_you_mean(preview.layout, project.packs.layout_ids)
            raise CallError(f"'{preview.layout}' is not a layout of packs.yaml. {known}")
        layout = project.packs.layout(preview.layout)
    return build_pack(project, setting.plan, tables, card, preview.unit), look_in(project.root, layout)


def again(setting: Setting, tables: PackTables, preview: Preview, changed: list[str]) -> tuple[Setting, PackTables]:
    """Setting and tables after files have changed; what these files do not touch is not read again.

    Raises ``DeclarationError`` for what is wrong in them.
    """
    if all(name.startswith(_LOOKS) for name in changed):
        if problems := list(check_pack_files(setting.project.root)):
            raise DeclarationError(problems, "The pack is not rendered.")
        return setting, tables
    found = replace(setting, project=load_project(setting.project.root, setting.project.extracts))
    if all(name.startswith(_WORDS_AND_LOOKS) for name in changed):
        return found, replace(tables, declarations_digest=found.project.digest())
    return found, preview_tables(found, preview)


def changes(root: Path) -> Iterator[list[str]]:
    """Names of the project's files that have changed since the call, come or gone, each time some have; else it waits.

    Files are looked at ten times a second: that works on every file system, mounted ones too.
    """
    return _changes_since(_state(root), root)


def _changes_since(known: State, root: Path) -> Iterator[list[str]]:
    while True:
        time.sleep(_EVERY)
        now = _state(root)
        if now != known:
            yield sorted(name for name in known.keys() | now.keys() if known.get(name) != now.get(name))
            known = now


def _state(root: Path) -> State:
    found: State = {}
    for pattern in _PATTERNS:
        for path in root.glob(pattern):
            try:
                status = path.stat()
            except OSError:
                continue  # it went while it was looked at
            if stat.S_ISREG(status.st_mode):
                found[path.relative_to(root).as_posix()] = (status.st_mtime_ns, status.st_size)
    return found
