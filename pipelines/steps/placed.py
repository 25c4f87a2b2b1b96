"""Staged rows with their lookups joined, and the rows for which a lookup or a reference finds nothing."""

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
from warehouse.selection import Load, accepted_file, scan, spread


@dataclass(frozen=True)
class Batch:
    """Months of a source that the same deliveries speak for: its loads, and those of each source it refers to."""

    months: tuple[date, ...]
    loads: tuple[Load, ...]
    looked_up: Mapping[str, tuple[Load, ...]]


def batches(setting: Setting, source: Source, months: Sequence[date]) -> list[Batch]:
    """The months in as few batches as there are; monthly files of different months go into one."""
    own = setting.counting(source.source, months)
    others = {other: setting.counting(other, months) for other in source.refers_to}
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

    return Batch((), of(source.source), {other: of(other) for other in source.refers_to})


def placed_rows(setting: Setting, source: Source, batch: Batch) -> pl.LazyFrame:
    """The rows of a batch, placed in unit and month by their own columns or by lookups; without those astray."""
    placed = _all_placed(setting, source, batch)
    return placed.filter(pl.col("_astray").is_null()).drop("_astray") if source.references else placed


def _own_rows(setting: Setting, source: Source, loads: Sequence[Load]) -> pl.LazyFrame:
    """The rows of the loads; those that came after their month was closed in the month in which they count, if any."""
    late, period = setting.late(source.source), pl.col("_period")
    rows = scan(setting.home, source, loads, late.waiting)
    for load in loads:
        moved = late.moved.get(load.id)
        if moved:
            is_of_load = pl.col("_file") == str(accepted_file(setting.home, load))
            other = pl.col("_period").replace(list(moved), list(moved.values()))
            period = pl.when(is_of_load).then(other).otherwise(period)
    return rows.with_columns(period.alias("_period")) if late.moved else rows


def file_months(setting: Setting, source: Source, batch: Batch) -> list[date]:
    """The months that the monthly files of a batch speak of: of late ones those in which their rows count."""
    moved = setting.late(source.source).moved
    return [moved.get(load.id, {}).get(load.period, load.period) for load in batch.loads if load.period]


def _all_placed(setting: Setting, source: Source, batch: Batch) -> pl.LazyFrame:
    def rows(source_id: str) -> pl.LazyFrame:
        return scan(setting.home, setting.project.sources[source_id], batch.looked_up[source_id])

    sources = setting.project.sources
    lookups = {
        name: reference_table(sources[lookup.source], rows(lookup.source)) for name, lookup in source.lookups.items()
    }
    keys = {other: rows(other).select(sources[other].key[0]) for other in source.references.values()}
    dating = dating_of(setting.project, source)
    own = _own_rows(setting, source, batch.loads)
    return place_rows(source, own, lookups, dating, keys or None)


def lost_rows(setting: Setting, source: Source, batch: Batch) -> pl.DataFrame:
    """Rows that count nowhere because what they look up or refer to is not known (``placing.orphans``)."""
    if not (looks_up_period(source) or looks_up_unit(source) or source.references):
        return pl.DataFrame(schema=dict.fromkeys(("_file", "rule", "reason"), pl.String) | {"_row": pl.Int64})
    return orphans(source, _all_placed(setting, source, batch), setting.project.unit_ids)


def refuse_orphans(setting: Setting, source: Source, batch: Batch) -> None:
    """Raise ``DataRefused`` when more rows find nothing in what they look up than the contract's rejects allow."""
    lost = lost_rows(setting, source, batch)
    if lost.height:
        rows = scan(setting.home, source, batch.loads).select(pl.len()).collect().item()
        if not source.rejects.allows(lost.height, rows):
            reason = str(lost["reason"][0])
            hint = nearest_unit(reason, setting.project.unit_ids)
            raise DataRefused(
                f"{source.source}: {lost.height} of {rows} rows find nothing in what they look up, "
                f"more than the contract allows. First: {reason}. {hint and hint + ' '}"
                "Deliver the table that they refer to, or allow them under rejects."
            )
