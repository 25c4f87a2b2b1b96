"""Values behind distinct counts and percentiles, so that these can be recomputed at every level and window.

Belongs here: one Parquet file per source and month, derived and deletable. They are no table: there may be as many as
rows, and nobody but the computation reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from scorecards.periods import period_text
from warehouse.home import Home

STATES = {
    "measure": pl.String(), "part": pl.String(), "period": pl.Date(), "unit": pl.String(), "slice": pl.String(),
    "item": pl.String(), "whole": pl.Int64(), "number": pl.Float64(), "rows": pl.Int64(),
}  # fmt: skip


def replace_states(home: Home, source_id: str, months: Sequence[date], states: pl.DataFrame) -> None:
    """Write a source's states of these months, each month's file as a whole, and delete what has none.

    It comes before the coverage of the months is committed: until then they count as not computed.
    """
    found = {month: rows for (month,), rows in states.partition_by("period", as_dict=True).items()}
    for month in months:
        path = _file(home, source_id, month)
        rows = found.get(month)
        if rows is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        rows.write_parquet(part, compression="lz4", statistics=False)
        part.replace(path)


def read_states(home: Home, sources: Iterable[str], months: Sequence[date]) -> pl.DataFrame:
    """The states of these sources and months: the frame ``STATES``."""
    files = [_file(home, source_id, month) for source_id in sorted(sources) for month in months]
    there = [path for path in files if path.exists()]
    if not there:
        return pl.DataFrame(schema=STATES)
    return pl.scan_parquet(there, glob=False).select(list(STATES)).collect()


def _file(home: Home, source_id: str, month: date) -> Path:
    return home.states / source_id / f"{period_text(month)}.parquet"
