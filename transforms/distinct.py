"""Distinct counts over windows, exactly, from the values that were seen in each month.

A value that is seen in month m is, until it is seen again, the newest sighting: it counts for every span that ends from
then on until the month before the next sighting, as long as the span begins no later than m. So each sighting adds one
to a run of spans, and a running total over the spans gives all counts at once, whatever the windows' length.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.spans import month_number
from transforms.tree import Trees

_FAR = np.iinfo(np.int32).max
Integers = npt.NDArray[Any]


def distinct_over_spans(states: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """How many different items each unit saw in each span: columns period, unit, slice, value; no row where none.

    ``states`` has unit and slice (categories), m and value, a text or a whole number; ``spans`` is ``SPANS``, of one
    input, so that first and last never fall. All is done on whole numbers that stand for units, slices and values:
    there may be millions of sightings.
    """
    units = trees.pairs["unit"].unique().cast(pl.String).sort()
    slices = states["slice"].unique().cast(pl.String).sort()
    unit, inside = _codes(states["unit"], units), _codes(states["slice"], slices)
    item = _items(states["value"])
    m = states["m"].cast(pl.Int64).to_numpy()
    found = [
        pl.DataFrame(schema={"period": pl.Date, "unit": pl.Categorical, "slice": pl.Categorical, "value": pl.Int64})
    ]
    for (tree,), own in spans.sort("period").partition_by("tree", as_dict=True, maintain_order=True).items():
        in_reach = (m >= own["first"].min()) & (m <= own["last"].max()) & (unit >= 0)
        reached = _kept(in_reach, unit, inside, item, m)
        # Most of the time goes into sorting, which lets other threads run.
        with ThreadPoolExecutor(2) as pool:
            counted = partial(_counted_at, reached=reached, spans=own, groups=(len(units), len(slices)))
            totals = pool.map(counted, _ancestors(trees, int(str(tree)), units, reached[0], reached[3]))
        found += [_told(counts, own, units, slices) for counts in totals]
    return pl.concat(found)


def _counted_at(
    above: Integers, reached: tuple[Integers, ...], spans: pl.DataFrame, groups: tuple[int, int]
) -> Integers:
    """Counts of the units at one distance from the top, by unit times slices plus slice."""
    _, inside, item, m = reached
    group, item, m = _kept(above >= 0, above * groups[1] + inside, item, m)
    return _counted(group, item, m, spans, groups[0] * groups[1])


def _kept(mask: npt.NDArray[np.bool_], *columns: Integers) -> tuple[Integers, ...]:
    """The columns where the mask holds; as they are where it holds everywhere."""
    return columns if mask.all() else tuple(column[mask] for column in columns)


def _items(values: pl.Series) -> Integers:
    """A number from 0 for every different value; whole numbers stand for themselves where they lie close enough."""
    lowest, highest = values.min(), values.max()
    if isinstance(lowest, int) and isinstance(highest, int) and highest - lowest < 2**31:
        return (values - lowest).to_numpy()
    return values.rank("dense").cast(pl.Int64).to_numpy()


def _codes(values: pl.Series, known: pl.Series) -> Integers:
    """The place of each value among the known ones; −1 for others."""
    physical, places = (one.cast(pl.Categorical).to_physical().to_numpy() for one in (values, known))
    most = max((int(one.max()) for one in (physical, places) if len(one)), default=-1)
    table = np.full(most + 1, -1, dtype=np.int64)
    table[places] = np.arange(len(places))
    found: Integers = table[physical]
    return found


def _ancestors(trees: Trees, tree: int, units: pl.Series, unit: Integers, m: Integers) -> Iterator[Integers]:
    """For each distance from the top, the unit there that each sighting counts into, or −1: one at most.

    So no sighting counts twice into the same unit, and each distance can be counted by itself.
    """
    pairs = trees.pairs if trees.past_stays else trees.pairs.filter(pl.col("tree") == tree)
    top = pairs.group_by("tree", pl.col("unit").alias("ancestor")).agg(pl.col("distance").max().alias("depth"))
    pairs = pairs.join(top, on=["tree", "ancestor"])
    depth, number = pairs["depth"].to_numpy(), pairs["tree"].to_numpy()
    below, above = _codes(pairs["unit"], units), _codes(pairs["ancestor"], units)
    if trees.past_stays:
        tree_of = {month_number(month): tree for month, tree in trees.tree_of.items()}
        months, place = np.unique(m, return_inverse=True)
        row = np.array([tree_of.get(int(month), -1) for month in months], dtype=np.int64)[place]
    else:
        row, number = np.zeros(len(unit), dtype=np.int64), np.zeros(len(number), dtype=np.int64)
    for far in np.unique(depth):
        table = np.full((int(number.max()) + 1, len(units)), -1, dtype=np.int64)
        at = depth == far
        table[number[at], below[at]] = above[at]
        yield np.where(row >= 0, table[row, unit], -1)


def _counted(group: Integers, item: Integers, m: Integers, spans: pl.DataFrame, groups: int) -> Integers:
    """Counts by group and number of the span."""
    steps = np.zeros((groups, spans.height + 1), dtype=np.int64)
    if len(group):
        group, m, following = _sightings(group, item, m)
        first, last = spans["first"].to_numpy(), spans["last"].to_numpy()
        # Looked up by month: a search for each of millions of sightings costs several times as much.
        earliest = int(m.min())
        calendar = np.arange(earliest, max(int(m.max()), int(last[-1])) + 2)
        begins = np.searchsorted(last, calendar, side="left")
        leaves = np.searchsorted(first, calendar, side="right")
        begin = begins[m - earliest]
        end = np.minimum(begins[np.minimum(following, calendar[-1]) - earliest], leaves[m - earliest])
        counts, width = begin < end, spans.height + 1
        size = groups * width
        added = np.bincount(group[counts] * width + begin[counts], minlength=size)
        steps = (added - np.bincount(group[counts] * width + end[counts], minlength=size)).reshape(groups, width)
    totals: Integers = steps.cumsum(axis=1)[:, :-1]
    return totals


def _told(totals: Integers, spans: pl.DataFrame, units: pl.Series, slices: pl.Series) -> pl.DataFrame:
    rows, columns = np.nonzero(totals)
    return pl.DataFrame(
        {
            "period": spans["period"].gather(columns),
            "unit": (units.gather(rows // len(slices)) if len(slices) else units.clear()).cast(pl.Categorical),
            "slice": (slices.gather(rows % len(slices)) if len(slices) else slices).cast(pl.Categorical),
            "value": pl.Series(totals[rows, columns], dtype=pl.Int64),
        }
    )


def _sightings(group: Integers, item: Integers, m: Integers) -> tuple[Integers, Integers, Integers]:
    """Group, month and month of the next sighting (or one never reached) of each different sighting."""
    earliest = int(m.min())
    month_bits, item_bits = (int(m.max()) - earliest).bit_length(), int(item.max()).bit_length()
    if int(group.max()).bit_length() + item_bits + month_bits < 63:
        # One number holds all three: sorting it is several times faster than sorting by three columns.
        keys = (((group << item_bits) | item) << month_bits) | (m - earliest)
        keys.sort()
        keys = keys[np.r_[True, keys[1:] != keys[:-1]]]
        seen = keys >> month_bits
        group, m = seen >> item_bits, (keys & ((1 << month_bits) - 1)) + earliest
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
