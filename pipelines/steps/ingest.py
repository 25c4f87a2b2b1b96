"""Ingest: take in what has been delivered for the asked months, source by source."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl

from pipelines.steps.fetching import folder_of, incoming, not_taken, not_taken_among
from pipelines.steps.freshness import due_for
from pipelines.steps.rejected import all_rejects
from pipelines.steps.setting import Setting
from scorecards.errors import DeclarationError, Problem
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.checking import require_usable
from warehouse.controls import control_names, take_in_controls
from warehouse.deliveries import MANIFEST, candidates
from warehouse.selection import Load, spread
from warehouse.staging import staging_connection
from warehouse.store import open_warehouse
from warehouse.tables import LOADS, REJECTS
from warehouse.taking_in import Desk, take_in
from warehouse.working import at_work

State = Literal["loaded", "missing", "not due", "refused"]


@dataclass(frozen=True)
class Ingested:
    """What one source has for one month: its state, the loads that count or were refused, and their rows."""

    source: str
    period: date
    state: State
    loads: tuple[Load, ...]

    @property
    def rows(self) -> int:
        """Rows in the files of the current loads."""
        return sum(load.rows for load in self.loads if not load.refused)

    @property
    def rejected(self) -> int:
        """Rows of the current loads that are in quarantine."""
        return sum(load.rejected for load in self.loads if not load.refused)


def ingest(setting: Setting, source_id: str, periods: Sequence[date]) -> list[Ingested]:
    """Take in the source's files for the asked months, and check again what was taken in under another contract.

    Returns one record per month. A refused file does not raise: it is recorded, and blocks its month downstream.
    """
    source = setting.project.sources[source_id]
    project, contract = setting.project, setting.contract(source)
    first, units = project.organisation.first_period, project.unit_ids
    looked_for = incoming(setting, source, periods) if setting.takes_in else nullcontext(())
    # At work before anything is fetched: what killed runs left is swept first, and never what is being fetched.
    with at_work(setting.home), looked_for as found:
        zone = project.organisation.declared_zone
        desk = Desk(
            setting.home, source, contract, first, units, project.calendar, setting.view(), setting.hash_key, zone
        )
        take_in(desk, found)
    if setting.takes_in:
        take_in_controls(setting.home, source, folder_of(setting, source) or project.extracts)
    show(setting, source_id)
    return states(setting, source_id, periods)


def require_usable_contracts(setting: Setting) -> None:
    """Raise ``DeclarationError`` for patterns and date formats of any contract that the engine does not know."""
    problems: list[Problem] = []
    with staging_connection() as connection:
        for source_id, source in setting.project.sources.items():
            try:
                require_usable(connection, source, setting.project.places[f"source {source_id}"])
            except DeclarationError as error:
                problems.extend(error.problems)
    if problems:
        raise DeclarationError(problems)


def passed_over_told(setting: Setting) -> Iterator[str]:
    """One line for every file that looks like a source's but is not taken in."""
    extracts, known = setting.project.extracts, set[str]()
    for source in setting.project.sources.values():
        controls = control_names(source, folder_of(setting, source) or extracts)
        if source.is_in_extracts:
            found = candidates(source, extracts)
            passed = not_taken_among(setting, source, found, extracts)
            known |= {one.name for one in found}
        else:
            passed = not_taken(setting, source)
        known |= control_names(source, extracts)
        known |= {MANIFEST} if source.known_on == "manifest" else set()
        for name, reason in passed:
            if name not in controls:
                yield f"not taken in: {source.source}: {name}: {reason}"
    strangers = _belonging_to_no_source(extracts, known)
    if strangers:
        shown = ", ".join(strangers[:5]) + (", …" if len(strangers) > 5 else "")
        yield f"not taken in: {len(strangers)} of the extracts fit the path of no source: {shown}"


def _belonging_to_no_source(extracts: Path, known: Collection[str]) -> list[str]:
    """The files of the folder that no source knows of; hidden ones are nobody's."""
    others = (path for path in extracts.rglob("*") if path.relative_to(extracts).as_posix() not in known)
    files = (path.relative_to(extracts).as_posix() for path in others if path.is_file())
    return sorted(name for name in files if not name.rpartition("/")[2].startswith("."))


def notes_told(setting: Setting, periods: Sequence[date]) -> Iterator[str]:
    """What was no row in the files of these months: one line a file, three files a source."""
    for source_id in setting.project.sources:
        counted = setting.counting(source_id, periods)
        told = list({load.id: load for loads in counted.values() for load in loads if load.notes}.values())
        for load in told[:3]:
            yield f"note: {source_id}: {load.name}: {'; '.join(load.notes)}"
        if len(told) > 3:
            yield f"note: {source_id}: and the like in {plural(len(told) - 3, 'more file')}"


def states(setting: Setting, source_id: str, periods: Sequence[date]) -> list[Ingested]:
    """What the source has for each month, from the journal alone."""
    source = setting.project.sources[source_id]
    accepted, refused = setting.counting(source_id, periods), setting.refused(source_id, periods)
    found: list[Ingested] = []
    for period in periods:
        bad = tuple(refused[period])
        good = _of_month(source, accepted[period])
        state: State = "refused" if bad else "loaded" if good else "missing"
        if state == "missing" and source.frequency != "month":
            due = setting.counting(source_id, due_for(setting, source_id, period))
            state = "missing" if due and not any(_of_month(source, loads) for loads in due.values()) else "not due"
        found.append(Ingested(source_id, period, state, bad or good))
    return found


def _of_month(source: Source, loads: Sequence[Load]) -> tuple[Load, ...]:
    return tuple(load for load in loads if load.period is not None or not source.is_monthly)


def show(setting: Setting, source_id: str) -> None:
    """Make the source's loads, rejects and current rows visible in the warehouse."""
    source = setting.project.sources[source_id]
    loads = setting.loads(source_id)
    shown = spread(source, loads, setting.view())
    counted = {load.id for load, _ in shown}
    rejects = all_rejects(setting, source, loads)
    rejected = dict(rejects.group_by("load").len().iter_rows())
    rows = [
        (
            load.id,
            source_id,
            load.name,
            load.period,
            load.known_on,
            load.digest,
            load.rows,
            rejected.get(load.id, 0),
            load.id in counted,
            load.refused,
        )
        for load in loads
    ]
    types = {"period": pl.Date, "known_on": pl.Date, "rows": pl.Int64, "rejected": pl.Int64, "is_current": pl.Boolean}
    frame = pl.DataFrame(rows, schema={name: types.get(name, pl.String()) for name in LOADS.columns}, orient="row")
    with open_warehouse(setting.home) as warehouse:
        warehouse.replace({LOADS: frame, REJECTS: rejects}, [source_id])
        warehouse.show_staging(setting.home, source, shown, setting.late(source_id))
