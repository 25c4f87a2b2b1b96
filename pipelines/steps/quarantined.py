"""What is told of rows in quarantine where nobody asked: by a run, of what it counted; by status, of shared files.

Belongs here: which files, and how many of their rows. The rows themselves are ``rejected.py``'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from pipelines.steps.late_rows import first_of
from pipelines.steps.setting import Setting
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.selection import Load, spread
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import LOADS


def rejected_told(setting: Setting, periods: Sequence[date]) -> Iterator[str]:
    """One line for every source with rows in quarantine, among the loads that count for these months."""
    rejected = _counts(setting)
    for source_id, source in setting.project.sources.items():
        counted = setting.counting(source_id, periods).values()
        loads = {load.id: load for found in counted for load in telling_of_months(source, found, periods)}
        yield from _line(setting, source_id, loads.values(), rejected)


def rejected_of_many_told(setting: Setting) -> Iterator[str]:
    """The same of the files that count in no single month, for any month."""
    rejected = _counts(setting)
    for source_id, source in setting.project.sources.items():
        found = spread(source, setting.loads(source_id), setting.view())
        yield from _line(setting, source_id, [load for load, _ in found if load.period is None], rejected)


def telling_of_months(source: Source, loads: Sequence[Load], months: Collection[date]) -> list[Load]:
    """Of loads that count, the oldest first, those whose rejects may be of these months.

    Of increments that is the newest, since its rows of a month may all be rejected, and each with rows of the months.
    """
    if source.replaces != "nothing":
        return list(loads)
    return [
        load
        for load in loads
        if load is loads[-1] or not load.periods or not {load.period, *load.periods}.isdisjoint(months)
    ]


def rejected_by_load(warehouse: Warehouse) -> dict[str, int]:
    """By load its rows in quarantine, with those whose reference leads nowhere, which the journal does not count."""
    return dict(warehouse.read(LOADS).select("load", "rejected").iter_rows())


def _counts(setting: Setting) -> dict[str, int]:
    with open_warehouse(setting.home) as warehouse:
        return rejected_by_load(warehouse)


def _line(setting: Setting, source_id: str, loads: Iterable[Load], rejected: Mapping[str, int]) -> Iterator[str]:
    found = {load.name: rejected.get(load.id, load.rejected) for load in loads}
    names = [name for name, rows in found.items() if rows]
    if names:
        rows, day = sum(found.values()), setting.home.as_of
        files = names[0] if len(names) == 1 else f"{len(names)} files ({first_of(names)})"
        remedy = f"scorepack export rejects --as-of {day}" if day else f"scorepack rejects --source {source_id}"
        are = "is" if rows == 1 else "are"
        yield f"rejected: {source_id}: {plural(rows, 'row')} of {files} {are} in quarantine. See with: {remedy}"
