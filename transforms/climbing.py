"""Up the organisation tree, and over the months of windows: the two ways in which cells combine.

Belongs here: joins and running totals that know nothing of measures. Frames have the columns tree, unit, slice, m (the
month's number, see ``spans.py``) and value; unit is the one that is computed once a frame has climbed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from transforms.float_sums import float_sums
from transforms.spans import numbered
from transforms.tree import Trees

KEYS = ["tree", "unit", "slice"]
ROW = ["period", "unit", "slice"]


def climb(frame: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """Every row once for each unit above it (itself included), in every tree that the spans need."""
    pairs = trees.pairs.select("tree", "unit", "ancestor")
    if trees.past_stays:
        up = (
            frame.join(trees_by_month(trees), on="m")
            .join(pairs, on=["tree", "unit"])
            .with_columns(pl.lit(0, pl.Int64).alias("tree"))
        )
    else:
        needed = spans.group_by("tree").agg(pl.col("first").min().alias("_from"), pl.col("last").max().alias("_to"))
        pairs = pairs.join(needed, on="tree")
        up = frame.join(pairs, on="unit").filter(pl.col("m").is_between("_from", "_to")).drop("_from", "_to")
    return up.drop("unit").rename({"ancestor": "unit"})


def trees_by_month(trees: Trees) -> pl.DataFrame:
    """The number of each month's tree: columns m and tree."""
    months = list(trees.tree_of.items())
    frame = pl.DataFrame(months, schema={"month": pl.Date, "tree": pl.Int64}, orient="row")
    return frame.select(numbered("month").alias("m"), "tree")


def summed(frame: pl.DataFrame, keys: Sequence[str] = (*KEYS, "m")) -> pl.DataFrame:
    """Values of the same unit and month (or other keys) added up; decimals exactly, floats in a fixed order."""
    if frame.schema["value"].is_float():
        return float_sums(frame, keys)
    return frame.group_by(keys).agg(pl.col("value").sum())


def over_spans(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """How many months of each span have rows, and what their values add up to: columns period, unit, slice, n, value.

    Only spans with rows. ``rows`` may have several of one unit and month; without a column value they are counted only.
    Values are whole numbers or decimals: over floats, differences of running totals would not be exact.
    """
    columns = ["value"] if "value" in rows.columns else []
    grouped = rows.group_by(KEYS).agg(pl.col("m", *columns).sort_by("m"))
    number = np.repeat(np.arange(grouped.height), grouped["m"].list.len().to_numpy())
    m = grouped["m"].explode().to_numpy()
    lowest, highest = (int(m.min()), int(m.max())) if len(m) else (0, 0)
    # Every unit's months in a line, one after the other: how many rows, and months with rows, lie before each.
    stretch = highest - lowest + 2
    per_month = np.bincount(number * stretch + (m - lowest), minlength=grouped.height * stretch)
    rows_before, months_before = (np.cumsum(np.r_[0, counts]) for counts in (per_month, per_month > 0))
    ends = spans.select("period", "tree", "first", "last")
    asked = grouped.select(KEYS).with_row_index("number").join(ends, on="tree")
    line = asked["number"].to_numpy().astype(np.int64) * stretch
    begin = line + np.clip(asked["first"].to_numpy() - lowest, 0, stretch - 1)
    end = line + np.clip(asked["last"].to_numpy() + 1 - lowest, 0, stretch - 1)
    found = asked.select(ROW).with_columns(n=pl.Series(months_before[end] - months_before[begin], dtype=pl.Int64))
    for column in columns:
        values = grouped[column].explode().fill_null(0)
        total = pl.concat([pl.repeat(0, 1, dtype=values.dtype, eager=True), values]).cum_sum()
        found = found.with_columns((total.gather(rows_before[end]) - total.gather(rows_before[begin])).alias(column))
    return found.filter(pl.col("n") > 0)


def month_by_month(rolled: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Every row once for each span that holds its month, with the span's period."""
    months = spans.select("period", "tree", pl.int_ranges("first", pl.col("last") + 1, dtype=pl.Int32).alias("m"))
    return rolled.join(months.explode("m"), on=["tree", "m"])
