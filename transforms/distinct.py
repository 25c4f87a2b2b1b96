"""Distinct counts over windows, exactly, from the values that were seen in each month.

A value that is seen in month m is, until it is seen again, the newest sighting: it counts for every span that ends from
then on until the month before the next sighting, as long as the span begins no later than m. So each sighting adds one
to a run of spans, and a running total over the spans gives all counts at once, whatever the windows' length.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.climbing import KEYS, climb, depths
from transforms.tree import Trees

_FAR = np.iinfo(np.int32).max
Integers = npt.NDArray[Any]


def distinct_over_spans(states: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """How many different items each unit saw in each span: columns period, unit, slice, value; no row where none.

    ``states`` has unit, slice, m and item; ``spans`` is ``SPANS``, of one input, so that first and last never fall.
    """
    ordered = spans.sort("period")
    coded = states.with_columns(pl.col("item").rank("dense").cast(pl.UInt32))
    found = [_counted(climb(coded, trees, spans, depth), ordered) for depth in depths(trees)]
    counts = pl.concat(found)
    periods = ordered.with_row_index("s").select(pl.col("s").cast(pl.Int64), "tree", "period")
    kept = counts.join(periods, on=["s", "tree"])
    return kept.filter(pl.col("value") > 0).select("period", "unit", "slice", "value")


def _counted(items: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Counts by tree, unit, slice and number of the span ``s``."""
    groups = items.select(KEYS).unique().sort(KEYS).with_row_index("group")
    if groups.is_empty():
        return pl.DataFrame(schema={**items.select(KEYS).schema, "s": pl.Int64, "value": pl.Int64})
    numbered = items.join(groups, on=KEYS).select("group", "item", "m")
    group, m, following = _sightings(*(numbered[name].to_numpy().astype(np.int64) for name in numbered.columns))
    first, last = spans["first"].to_numpy(), spans["last"].to_numpy()
    begin = np.searchsorted(last, m, side="left")
    end = np.minimum(np.searchsorted(last, following, side="left"), np.searchsorted(first, m, side="right"))
    counts = begin < end
    steps = np.zeros((groups.height, spans.height + 1), dtype=np.int64)
    np.add.at(steps, (group[counts], begin[counts]), 1)
    np.add.at(steps, (group[counts], end[counts]), -1)
    totals = steps.cumsum(axis=1)[:, :-1]
    rows, columns = np.nonzero(totals)
    return groups[rows].select(KEYS).with_columns(
        pl.Series("s", columns, dtype=pl.Int64), pl.Series("value", totals[rows, columns], dtype=pl.Int64)
    )  # fmt: skip


def _sightings(group: Integers, item: Integers, m: Integers) -> tuple[Integers, Integers, Integers]:
    """Group, month and month of the next sighting (or one never reached) of each different sighting."""
    months, items = int(m.max()) + 1, int(item.max()) + 1
    if (int(group.max()) + 1) * items * months < 2**62:
        # One number holds all three: sorting it is several times faster than sorting by three columns.
        keys = np.unique((group * items + item) * months + m)
        seen, m = np.divmod(keys, months)
        group = seen // items
    else:
        order = np.lexsort((m, item, group))
        group, item, m = group[order], item[order], m[order]
        seen = np.cumsum(np.r_[False, (group[1:] != group[:-1]) | (item[1:] != item[:-1])])
        fresh = np.r_[True, (seen[1:] != seen[:-1]) | (m[1:] != m[:-1])]
        group, seen, m = group[fresh], seen[fresh], m[fresh]
    following = np.full(len(m), _FAR, dtype=np.int64)
    same = seen[1:] == seen[:-1]
    following[:-1][same] = m[1:][same]
    return group, m, following
