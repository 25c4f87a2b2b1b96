"""What is noted of deliveries without refusing them: unknown columns, and expectations that only warn."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from pipelines.steps.setting import Setting
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.selection import Load, View, age, refusals, spread

_SHOWN = 12


def noted_told(setting: Setting, periods: Collection[date] | None = None) -> Iterator[str]:
    """One line for every note on a delivery that counts or stands refused: all, or those of these months.

    New columns are noted once, with the first delivery that has them.
    """
    view = setting.view()
    for source_id, source in setting.project.sources.items():
        loads = setting.loads(source_id)
        standing = [load for load, _ in spread(source, loads, view)] + refusals(loads, view)
        standing.sort(key=lambda load: (load.period or date.min, load.known_on, load.arrived))
        yield from _new_columns(source, standing, periods)
        for load in standing:
            if _is_of(load, periods):
                yield from (f"noted: {source_id}: {words}" for words in load.noted)
        yield from _shrunk(source, loads, view)
        if not source.key:
            yield from _copies(source_id, [load for load in standing if _is_of(load, periods)])


def _shrunk(source: Source, loads: list[Load], view: View) -> Iterator[str]:
    """Full snapshots of which the newest has less than half of the rows of the one that it replaces."""
    if source.replaces != "all" or source.is_monthly:
        return
    by_file: dict[str, list[Load]] = {}
    for load in sorted(loads, key=age):
        if load.refused is None and view.has(load):
            by_file.setdefault(load.logical, []).append(load)
    for found in by_file.values():
        before, newest = found[-2:] if len(found) > 1 else (found[0], found[0])
        if 2 * newest.rows < before.rows:
            yield (
                f"noted: {source.source}: {newest.name} has {plural(newest.rows, 'row')}, less than half of the "
                f"{before.rows} of the delivery that it replaces. If it is incomplete, have it delivered again."
            )


def _copies(source_id: str, loads: list[Load]) -> Iterator[str]:
    """Files of the same bytes that count side by side: without a key nothing tells that their rows are the same."""
    first: dict[str, Load] = {}
    for load in loads:
        other = first.setdefault(load.digest, load)
        months = {other.period, *other.periods} & {load.period, *load.periods} - {None}
        if other is not load and load.refused is None and load.rows and months:
            yield (
                f"noted: {source_id}: {load.name} has the same bytes as {other.name}, and both count. "
                "Take one away, or declare a key."
            )


def _new_columns(source: Source, loads: list[Load], periods: Collection[date] | None) -> Iterator[str]:
    first: dict[str, Load] = {}
    for load in loads:
        for header in load.extra_columns:
            if header not in source.ignored:
                first.setdefault(header, load)
    for load in {load.id: load for load in first.values()}.values():
        if _is_of(load, periods):
            headers = [header for header, where in first.items() if where.id == load.id]
            shown = ", ".join(f"'{header}'" for header in headers[:_SHOWN])
            over = f", … ({len(headers)} in all)" if len(headers) > _SHOWN else ""
            what, them = ("a column", "it") if len(headers) == 1 else ("columns", "them")
            yield (
                f"noted: {source.source}: {load.name} has {what} {shown}{over} that the contract does not know. "
                f"Declare {them} under columns, or name {them} under ignored."
            )


def _is_of(load: Load, periods: Collection[date] | None) -> bool:
    return periods is None or load.period is None or load.period in periods
