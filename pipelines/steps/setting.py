"""What every step works on: a checked project, its home, and which of the asked months are fit to be computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from scorecards.errors import DeclarationError
from scorecards.project import Project, load_project
from scorecards.sources import Source
from transforms.plan import Plan, make_plan
from warehouse.home import Home
from warehouse.selection import Load, all_loads, refusals

Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Reports progress to nobody."""


@dataclass(frozen=True)
class Setting:
    """A project with its home and its plan."""

    project: Project
    home: Home

    @cached_property
    def plan(self) -> Plan:
        """The order of work that the declarations give."""
        return make_plan(self.project)

    def contract(self, source: Source) -> str:
        """Digest of all that a source's rows are checked against: contract, units, first period, table of periods."""
        parts = [source.model_dump_json(), *sorted(self.project.unit_ids), str(self.project.organisation.first_period)]
        if self.project.calendar.is_table and source.period in source.staged:
            parts.append(self.project.calendar.text())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def reach(self) -> int:
        """How many months back the furthest input looks."""
        return self.plan.reach(self.project.organisation.fiscal_year_starts)


def open_setting(root: Path, home: Path | None = None, extracts: Path | None = None) -> Setting:
    """Load a project and make its home, by default ``.scorepack/`` inside the project."""
    project = load_project(root, extracts)
    return Setting(project, Home(home or root / ".scorepack").create())


def blocked(setting: Setting, periods: Sequence[date]) -> dict[date, list[Load]]:
    """The asked months that must not be computed, each with the refused loads that no accepted delivery has replaced.

    A refused monthly file blocks its month; a refused file of many months blocks every month.
    """
    found: dict[date, list[Load]] = {}
    for load in refusals(load for load in all_loads(setting.home) if load.source in setting.project.sources):
        for period in periods:
            if load.period in (None, period):
                found.setdefault(period, []).append(load)
    return found


def require_sound_commentary(setting: Setting, periods: Sequence[date]) -> None:
    """Raise ``DeclarationError`` with the errors in the commentary of these months, if any."""
    flaws = [problem for period in periods for problem in setting.project.flaws.get(period, ())]
    if flaws:
        raise DeclarationError(flaws, "The packs of the month are not rendered and not sent.")


def good_periods(setting: Setting, periods: Sequence[date]) -> list[date]:
    """The asked months that nothing blocks."""
    bad = blocked(setting, periods)
    return [period for period in periods if period not in bad]
