"""What is noted of deliveries without refusing them: unknown columns, and expectations that only warn."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from pipelines.steps.setting import Setting
from scorecards.sources import Source
from warehouse.selection import Load, refusals, spread


def noted_told(setting: Setting, periods: Collection[date] | None = None) -> Iterator[str]:
    """One line for every note on a delivery that counts or stands refused: all, or those of these months.

    A new column is noted once, with the first delivery that has it.
    """
    for source_id, source in setting.project.sources.items():
        loads = setting.loads(source_id)
        standing = [load for load, _ in spread(source, loads, setting.view())] + refusals(loads)
        standing.sort(key=lambda load: (load.period or date.min, load.known_on, load.arrived))
        yield from _new_columns(source, standing, periods)
        for load in standing:
            if _is_of(load, periods):
                yield from (f"noted: {source_id}: {words}" for words in load.noted)


def _new_columns(source: Source, loads: list[Load], periods: Collection[date] | None) -> Iterator[str]:
    first: dict[str, Load] = {}
    for load in loads:
        for header in load.extra_columns:
            if header not in source.ignored:
                first.setdefault(header, load)
    for header, load in first.items():
        if _is_of(load, periods):
            yield (
                f"noted: {source.source}: {load.name} has a column '{header}' that the contract does not know. "
                "Declare it under columns, or name it under ignored."
            )


def _is_of(load: Load, periods: Collection[date] | None) -> bool:
    return periods is None or load.period is None or load.period in periods
