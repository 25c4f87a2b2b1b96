"""Staged rows with their lookups joined, and the rows for which a lookup finds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.steps.setting import Setting
from scorecards.errors import DataRefused, nearest_unit
from scorecards.sources import Source
from transforms.dating import dating_of
from transforms.placing import looks_up_period, looks_up_unit, orphans, place_rows, reference_table
from warehouse.selection import Load, scan, spread


@dataclass(frozen=True)
class Batch:
    """Months of a source that the same deliveries speak for: its loads, and those of each source that it looks up."""

    months: tuple[date, ...]
    loads: tuple[Load, ...]
    looked_up: Mapping[str, tuple[Load, ...]]


def batches(setting: Setting, source: Source, months: Sequence[date]) -> list[Batch]:
    """The months in as few batches as there are; monthly files of different months go into one."""
    own = setting.counting(source.source, months)
    others = {lookup.source: setting.counting(lookup.source, months) for lookup in source.lookups.values()}
    grouped: dict[tuple[object, ...], list[date]] = {}
    for month in months:
        of_all = () if source.is_monthly else tuple(load.id for load in own[month])
        looked_up = tuple(tuple(load.id for load in others[name][month]) for name in others)
        grouped.setdefault((of_all, looked_up), []).append(month)
    return [
        Batch(
            tuple(group),
            tuple({load.id: load for month in group for load in own[month]}.values()),
            {name: tuple(found[group[0]]) for name, found in others.items()},
        )
        for group in grouped.values()
    ]


def whole(setting: Setting, source: Source) -> Batch:
    """All rows of a source that count for any month, with what they look up as it is now."""
    view = setting.view()

    def of(source_id: str) -> tuple[Load, ...]:
        loads = spread(setting.project.sources[source_id], setting.loads(source_id), view)
        return tuple(load for load, _ in loads)

    return Batch((), of(source.source), {lookup.source: of(lookup.source) for lookup in source.lookups.values()})


def placed_rows(setting: Setting, source: Source, batch: Batch) -> pl.LazyFrame:
    """The rows of a batch, placed in unit and month by their own columns or by lookups."""
    loads, lookups = batch.loads, {}
    for name, lookup in source.lookups.items():
        other = setting.project.sources[lookup.source]
        lookups[name] = reference_table(other, scan(setting.home, other, batch.looked_up[lookup.source]))
    return place_rows(source, scan(setting.home, source, loads), lookups, dating_of(setting.project, source))


def lost_rows(setting: Setting, source: Source, placed: pl.LazyFrame) -> pl.DataFrame:
    """Rows that count nowhere because a lookup does not know them (``placing.orphans``)."""
    if not (looks_up_period(source) or looks_up_unit(source)):
        return pl.DataFrame(schema={"_file": pl.String, "_row": pl.Int64, "reason": pl.String})
    return orphans(source, placed, setting.project.unit_ids)


def refuse_orphans(setting: Setting, source: Source, placed: pl.LazyFrame) -> None:
    """Raise ``DataRefused`` when lookups leave more rows without unit or month than the contract's rejects allow."""
    lost = lost_rows(setting, source, placed)
    if lost.height:
        rows = placed.select(pl.len()).collect().item()
        if not source.rejects.allows(lost.height, rows):
            reason = str(lost["reason"][0])
            hint = nearest_unit(reason, setting.project.unit_ids)
            raise DataRefused(
                f"{source.source}: {lost.height} of {rows} rows find nothing in what they look up, "
                f"more than the contract allows. First: {reason}. {hint and hint + ' '}"
                "Deliver the table that they refer to, or allow them under rejects."
            )
