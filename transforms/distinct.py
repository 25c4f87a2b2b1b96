"""Distinct counts over windows, exactly, from the values that were seen in each month.

A value that is seen in month m is, until it is seen again, the newest sighting: it counts for every span that ends from
then on until the month before the next sighting, as long as the span begins no later than m. So each sighting adds one
to a run of spans, and a running total over the spans gives all counts at once, whatever the windows' length.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from transforms.climbing import KEYS, climb, depths
from transforms.tree import Trees

_FAR = 1_000_000


def distinct_over_spans(states: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """How many different items each unit saw in each span: columns period, unit, slice, value; no row where none.

    ``states`` has unit, slice, m and item; ``spans`` is ``SPANS``, of one input, so that first and last never fall.
    """
    ordered = spans.sort("period").with_row_index("s").with_columns(pl.col("s").cast(pl.Int64))
    found = [_counted(climb(states, trees, spans, depth), ordered) for depth in depths(trees)]
    counts = pl.concat(found)
    kept = counts.join(ordered.select("s", "tree", "period"), on=["s", "tree"])
    return kept.filter(pl.col("value") > 0).select("period", "unit", "slice", "value")


def _counted(items: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Counts by tree, unit, slice and number of the span ``s``."""
    seen = items.select(*KEYS, "item", "m").unique().sort(*KEYS, "item", "m")
    following = pl.when(pl.struct(*KEYS, "item") == pl.struct(*KEYS, "item").shift(-1)).then(pl.col("m").shift(-1))
    seen = seen.select(*KEYS, "m", following.fill_null(_FAR).alias("next"))
    first, last = spans["first"].to_numpy(), spans["last"].to_numpy()
    m, then = seen["m"].to_numpy(), seen["next"].to_numpy()
    begin = np.searchsorted(last, m, side="left")
    end = np.minimum(np.searchsorted(last, then, side="left"), np.searchsorted(first, m, side="right"))
    runs = seen.select(KEYS).with_columns(
        pl.Series("begin", begin, dtype=pl.Int64), pl.Series("end", end, dtype=pl.Int64)
    ).filter(pl.col("begin") < pl.col("end"))  # fmt: skip
    steps = pl.concat(
        [
            runs.group_by(*KEYS, pl.col("begin").alias("s")).agg(pl.len().cast(pl.Int64).alias("step")),
            runs.group_by(*KEYS, pl.col("end").alias("s")).agg(-pl.len().cast(pl.Int64).alias("step")),
        ]
    )
    dense = runs.select(KEYS).unique().join(spans.select("s"), how="cross")
    summed = steps.group_by(*KEYS, "s").agg(pl.col("step").sum())
    filled = dense.join(summed, on=[*KEYS, "s"], how="left").sort(*KEYS, "s")
    return filled.select(*KEYS, "s", pl.col("step").fill_null(0).cum_sum().over(KEYS).alias("value"))
