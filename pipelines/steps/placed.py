"""Staged rows with their lookups joined, and the rows for which a lookup finds nothing."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.steps.setting import Setting
from scorecards.errors import DataRefused, nearest_unit
from scorecards.sources import Source
from transforms.dating import dating_of
from transforms.placing import looks_up_period, looks_up_unit, orphans, place_rows, reference_table
from warehouse.selection import Load, all_loads, current, scan


def placed_rows(setting: Setting, source: Source, loads: Sequence[Load]) -> pl.LazyFrame:
    """The rows of these loads of a source, placed in unit and month by their own columns or by lookups."""
    lookups = {}
    for name, lookup in source.lookups.items():
        other = setting.project.sources[lookup.source]
        lookups[name] = reference_table(
            other, scan(setting.home, other, current(all_loads(setting.home, other.source)))
        )
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
