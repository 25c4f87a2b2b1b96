"""Late rows of a source that declares ``late_rows: next open month``: those that came after their month was closed.

They count in the month that was open when they came. But a row whose key counts in a closed month corrects that one:
counted in an open month as well, the key would count twice. It waits until the closed month is reopened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from scorecards.sources import Source
from warehouse.home import Home
from warehouse.selection import Load, View, accepted_file, age, identity, redated

_SCHEMA = {"load": pl.String, "_file": pl.String, "_row": pl.Int64, "_period": pl.Date, "counts_in": pl.Date,
           "waits_for": pl.Date}  # fmt: skip
_Span = tuple[str, str, date, date, int]
"""The load, its file, a month of its rows, the month in which these count, and when the load arrived."""


@dataclass(frozen=True)
class Late:
    """``moved`` has for loads that came late the months that were closed, each with the month that counts in its place.

    ``rows`` are the late rows that count there, or wait. Columns: load, _file, _row, _period (the row's own month),
    counts_in, and waits_for: the closed month that has the row's key, where the row waits for that one's reopening. A
    late row that a newer one replaces is not among them.
    """

    moved: Mapping[str, Mapping[date, date]]
    rows: pl.DataFrame

    @property
    def waiting(self) -> pl.DataFrame:
        """The rows that count nowhere while the month that has their key is closed."""
        return self.rows.filter(pl.col("waits_for").is_not_null())

    @property
    def waiting_of(self) -> dict[str, list[int]]:
        """The same by load: their numbers in its file."""
        return dict(self.waiting.group_by("load").agg(pl.col("_row").sort()).iter_rows())


def late_rows(home: Home, source: Source, loads: Sequence[Load], view: View) -> Late:
    """What became of the late rows of a source; ``loads`` are those of it under one contract."""
    none = pl.DataFrame(schema=_SCHEMA)
    if source.late_rows == "wait" or not view.closed:
        return Late({}, none)
    known = sorted((load for load in loads if load.refused is None and view.has(load)), key=age)
    moved = {load.id: found for load in known if (found := redated(source, load, view))}
    spans: list[_Span] = []
    for load in known:
        file, of_load = accepted_file(home, load), {load.period, *load.periods} - {None}
        for month in of_load if file.exists() else ():
            assert month is not None
            spans.append((load.id, str(file), month, moved.get(load.id, {}).get(month, month), load.arrived))
    closings = tuple(sorted((place, month) for month, place in view.closed.items()))
    return Late(moved, _found(tuple(spans), closings, identity(source)) if moved and spans else none)


@lru_cache(maxsize=64)
def _found(spans: tuple[_Span, ...], closings: tuple[tuple[int, date], ...], key: tuple[str, ...]) -> pl.DataFrame:
    """The late rows; ``spans`` are of the loads from the oldest on, ``closings`` the closed months as they were closed.

    Staged files are written once under their names, so what was found of them stays true.
    """
    names = {"load": pl.String, "_file": pl.String, "_period": pl.Date, "counts_in": pl.Date, "arrived": pl.Int64}
    months = pl.DataFrame(spans, schema=names, orient="row").with_row_index("age")
    files = months["_file"].unique(maintain_order=True).to_list()
    columns = dict.fromkeys(("_file", "_row", "_period", *key))
    rows = pl.scan_parquet(files, include_file_paths="_file", glob=False).select(*columns)
    rows = rows.join(months.lazy(), on=["_file", "_period"])
    is_late = pl.col("counts_in") != pl.col("_period")
    late = rows.filter(is_late).collect()
    if not key:
        return late.with_columns(waits_for=pl.lit(None, pl.Date)).select(*_SCHEMA)
    # Of all others only rows of the same keys matter.
    mine = rows.join(late.lazy().select(*key).unique(), on=list(key), how="semi").collect()
    mine = mine.with_columns(waits_for=pl.lit(None, pl.Date)).sort("age", "_row")
    for place, month in closings:
        standing = mine.filter(pl.col("arrived") <= place, pl.col("waits_for").is_null())
        counting = standing.unique(list(key), keep="last").filter(pl.col("counts_in") == month).select(*key)
        has_key = pl.struct(key).is_in(counting.to_struct().implode()) if counting.height else pl.lit(False)
        waits = is_late & (pl.col("arrived") > place) & pl.col("waits_for").is_null() & has_key
        mine = mine.with_columns(waits_for=pl.when(waits).then(pl.lit(month)).otherwise("waits_for"))
    newest = mine.filter(pl.col("waits_for").is_null()).unique(list(key), keep="last")
    return (
        pl.concat([newest, mine.filter(pl.col("waits_for").is_not_null())])
        .filter(is_late)
        .select(*_SCHEMA)
        .sort("load", "_row")
    )
