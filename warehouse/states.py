"""Values behind distinct counts and percentiles, so that these can be recomputed at every level and window.

Belongs here: Parquet files by source, measure's part and month, derived and deletable. They are no table: there may be
as many as rows, and nobody but the computation reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from scorecards.periods import period_text
from warehouse.home import Home, temporary


def replace_states(
    home: Home, source_id: str, key: tuple[str, str], months: Sequence[date], states: pl.DataFrame
) -> None:
    """Write a part's states of these months, each month's file as a whole, and delete what has none.

    ``key`` names the measure and its part. It comes before the coverage of the months is committed: until then they
    count as not computed.
    """
    folder = _folder(home, source_id, key)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = {month: rows for (month,), rows in states.partition_by("period", as_dict=True).items()}
    for month in months:
        path = folder / f"{period_text(month)}.parquet"
        rows = found.get(month)
        if rows is None:
            path.unlink(missing_ok=True)
            continue
        part = temporary(path)
        rows.write_parquet(part, compression="lz4", statistics=False)
        part.replace(path)


def keep_states(home: Home, keys: Mapping[str, Collection[tuple[str, str]]], months: Sequence[date]) -> None:
    """Delete the states of these months of all but these parts, by source."""
    kept = {_folder(home, source_id, key) for source_id, own in keys.items() for key in own}
    for folder in home.states.glob("*/*"):
        if folder not in kept:
            for month in months:
                (folder / f"{period_text(month)}.parquet").unlink(missing_ok=True)


def scan_states(home: Home, source_id: str, key: tuple[str, str], months: Sequence[date]) -> pl.LazyFrame | None:
    """A part's states of these months, lazily: period, unit, slice, value, rows; None where there are none."""
    folder = _folder(home, source_id, key)
    files = [folder / f"{period_text(month)}.parquet" for month in months]
    there = [path for path in files if path.exists()]
    return pl.scan_parquet(there, glob=False) if there else None


def _folder(home: Home, source_id: str, key: tuple[str, str]) -> Path:
    return home.states / source_id / hashlib.sha256("\0".join(key).encode()).hexdigest()[:16]
