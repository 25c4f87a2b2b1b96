"""What every step works on: a checked project, its home, and which of the asked months are fit to be computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from scorecards.calendar import CALENDAR_FILE
from scorecards.errors import CallError, DeclarationError
from scorecards.periods import period_text
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
        if self.project.calendar.is_table and source.period in source.columns:
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


def newest_over(project: Project) -> date:
    """The newest period that is over today in the organisation's time zone, as the schedule counts days."""
    return project.calendar.newest_over(datetime.now(ZoneInfo(project.organisation.time_zone)).date())


def require_over(project: Project, periods: Sequence[date]) -> None:
    """Raise ``CallError`` where one of the periods is not over: a calendar's may end later than the month's."""
    newest, calendar = newest_over(project), project.calendar
    early = next((period for period in sorted(periods) if period > newest), None)
    if early is None:
        return
    named = period_text(early)
    if calendar.is_table and early not in calendar.periods:
        raise CallError(f"{named} has no days in {CALENDAR_FILE}: add its row. Nothing was run.")
    days = f" by {CALENDAR_FILE}" if calendar.is_table else ""
    raise CallError(
        f"{named} is not over: its last day{days} is {calendar.last_day(early)}. Nothing was run. "
        f"Run it after that day; the newest that is over is {period_text(newest)}."
    )


def require_sound_commentary(setting: Setting, periods: Sequence[date]) -> None:
    """Raise ``DeclarationError`` with the errors in the commentary of these months, if any."""
    flaws = [problem for period in periods for problem in setting.project.flaws.get(period, ())]
    if flaws:
        raise DeclarationError(flaws, "The packs of the month are not rendered and not sent.")


def good_periods(setting: Setting, periods: Sequence[date]) -> list[date]:
    """The asked months that nothing blocks."""
    bad = blocked(setting, periods)
    return [period for period in periods if period not in bad]
