"""The record of runs: which months were computed, and from which declarations.

The place of an entry in the journal says which deliveries were known. ``rebuilding.py`` repeats what is recorded here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.steps.setting import Setting, archive_declarations
from scorecards.periods import parse_period, period_text
from warehouse import journal
from warehouse.home import Home

RUN, PACKS = "run", "packs"


@dataclass(frozen=True)
class Run:
    """One run, or one rendering of packs: its place in the journal, its months, and the digest of its declarations."""

    seq: int
    kind: str
    periods: tuple[date, ...]
    declarations: str


def begin_run(setting: Setting, periods: Sequence[date]) -> None:
    """Record that these months are now computed from the declarations as they are; not where the past is repeated."""
    _note(setting, RUN, periods)


def note_packs(setting: Setting, periods: Sequence[date]) -> None:
    """Record that packs of these months were rendered."""
    _note(setting, PACKS, periods)


def _note(setting: Setting, kind: str, periods: Sequence[date]) -> None:
    if setting.is_present and periods:
        snapshot = archive_declarations(setting)
        body = {"periods": [period_text(period) for period in periods], "declarations": snapshot.digest}
        journal.append(setting.home, kind, "", body)


def recorded_runs(home: Home) -> list[Run]:
    """Every run and rendering, oldest first."""
    found = [
        Run(
            entry.seq, kind, tuple(parse_period(period) for period in entry.body["periods"]), entry.body["declarations"]
        )
        for kind in (RUN, PACKS)
        for entry in journal.entries(home, kind)
    ]
    return sorted(found, key=lambda run: run.seq)
