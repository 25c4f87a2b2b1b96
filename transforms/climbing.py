"""Up the organisation tree, and over the months of windows: the two ways in which cells combine.

Belongs here: joins and running totals that know nothing of measures. Frames have the columns tree, unit, slice, m (the
month's number, see ``spans.py``) and value; unit is the one that is computed once a frame has climbed.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def running(rolled: pl.DataFrame) -> pl.DataFrame:
    """Running totals of value and of months with a value (``n``), for every month from before the first to the last."""
    lowest, highest = rolled["m"].min(), rolled["m"].max()
    if not isinstance(lowest, int) or not isinstance(highest, int):
        return rolled.with_columns(pl.lit(0, pl.Int64).alias("n"))
    months = pl.DataFrame({"m": range(lowest - 1, highest + 1)}, schema={"m": pl.Int32})
    dense = rolled.select(KEYS).unique().join(months, how="cross")
    filled = dense.join(rolled.with_columns(pl.lit(1, pl.Int64).alias("n")), on=[*KEYS, "m"], how="left")
    ordered = filled.sort(*KEYS, "m").with_columns(pl.col("value").fill_null(0), pl.col("n").fill_null(0))
    return ordered.with_columns(pl.col("value", "n").cum_sum().over(KEYS))


def over_spans(totals: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """What running totals grew by over each span: columns period, unit, slice, value, n (months with a value)."""
    lowest, highest = totals["m"].min(), totals["m"].max()
    if not isinstance(lowest, int) or not isinstance(highest, int):
        return totals.select(pl.lit(None, pl.Date).alias("period"), "unit", "slice", "value", "n")
    ends = spans.select(
        "period", "tree", pl.col("last").clip(lowest, highest), (pl.col("first") - 1).clip(lowest, highest)
    )
    later = ends.join(totals, left_on=["tree", "last"], right_on=["tree", "m"])
    before = totals.select(*KEYS, "m", pl.col("value").alias("_value"), pl.col("n").alias("_n"))
    both = later.join(before, left_on=[*KEYS, "first"], right_on=[*KEYS, "m"])
    return both.select("period", "unit", "slice", pl.col("value") - pl.col("_value"), pl.col("n") - pl.col("_n"))


def month_by_month(rolled: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Every row once for each span that holds its month, with the span's period."""
    months = spans.select("period", "tree", pl.int_ranges("first", pl.col("last") + 1, dtype=pl.Int32).alias("m"))
    return rolled.join(months.explode("m"), on=["tree", "m"])
