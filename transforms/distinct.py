"""Distinct counts over windows, exactly, from the values that were seen in each month.

A value that is seen in month m is, until it is seen again, the newest sighting: it counts for every span that ends from
then on until the month before the next sighting, as long as the span begins no later than m. So each sighting adds one
to a run of spans, and a running total over the spans gives all counts at once, whatever the windows' length.

A sighting is one whole number, from its highest bits on unit, slice, item and month: one sort brings each item's
sightings together, in the order of their months.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.side_by_side import side_by_side
from transforms.spans import month_number
from transforms.tree import Trees

_BLOCK = 2**16
Integers = npt.NDArray[Any]


@dataclass(frozen=True)
class _Bits:
    """How many bits of a sighting's number its slice, item and month take; months count from the ``earliest``."""

    slice: int
    item: int
    month: int
    earliest: int

    @property
    def below_unit(self) -> int:
        """How many bits lie below the unit's."""
        return self.slice + self.item + self.month


def distinct_over_spans(states: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """How many different items each unit saw in each span: columns period, unit, slice, value; no row where none.

    ``states`` has unit and slice (categories), m and value, a text or a whole number; ``spans`` is ``SPANS``, of one
    input, so that first and last never fall. There may be millions of sightings.
    """
    found = [
        pl.DataFrame(schema={"period": pl.Date, "unit": pl.Categorical, "slice": pl.Categorical, "value": pl.Int64})
    ]
    if states.is_empty():
        return found[0]
    units = trees.pairs["unit"].unique().cast(pl.String).sort()
    slices = states["slice"].unique().cast(pl.String).sort()
    bits, unplaced = _unplaced(states, units, slices)
    unit, m = _codes(states["unit"], units), states["m"].to_numpy()
    for (tree,), own in spans.sort("period").partition_by("tree", as_dict=True, maintain_order=True).items():
        in_reach = (m >= own["first"].min()) & (m <= own["last"].max()) & (unit >= 0)
        if in_reach.all():
            place, reached = _place(trees, units, unit, m), unplaced
        else:
            place, reached = _place(trees, units, unit[in_reach], m[in_reach]), unplaced[in_reach]
        counted = partial(_counted, place=place, unplaced=reached, bits=bits, spans=own, units=len(units))
        # Most of the time goes into sorting, which lets other threads run.
        totals = side_by_side(counted, _ancestors(trees, int(str(tree)), units))
        found += [_told(counts, own, units, slices) for counts in totals]
    return pl.concat(found)


def _unplaced(states: pl.DataFrame, units: pl.Series, slices: pl.Series) -> tuple[_Bits, Integers]:
    """The sightings' numbers, without their units."""
    m = states["m"].to_numpy()
    earliest = int(m.min())
    slice_bits, month_bits = (len(slices) - 1).bit_length(), (int(m.max()) - earliest).bit_length()
    room = 63 - (len(units) - 1).bit_length() - slice_bits - month_bits
    numbers, item_bits = _items(states["value"], room)
    numbers <<= month_bits
    numbers |= m - earliest
    if len(slices) > 1:
        numbers |= _codes(states["slice"], slices) << (item_bits + month_bits)
    return _Bits(slice_bits, item_bits, month_bits, earliest), numbers


def _items(values: pl.Series, room: int) -> tuple[Integers, int]:
    """A number from 0 for every different value, and its bits; whole numbers stand for themselves where they fit."""
    lowest, highest = values.min(), values.max()
    if isinstance(lowest, int) and isinstance(highest, int) and (highest - lowest).bit_length() <= room:
        numbers = values.to_numpy() - lowest
    else:
        # As many numbers as rows at most: counts by unit, slice and month would fill the memory before these overflow.
        numbers = values.rank("dense").to_numpy().astype(np.int64) - 1
    return numbers, int(numbers.max()).bit_length()


def _codes(values: pl.Series, known: pl.Series) -> Integers:
    """The place of each value among the known ones; −1 for others."""
    physical, places = (one.cast(pl.Categorical).to_physical().to_numpy() for one in (values, known))
    most = max((int(one.max()) for one in (physical, places) if len(one)), default=-1)
    table = np.full(most + 1, -1, dtype=np.int64)
    table[places] = np.arange(len(places))
    found: Integers = table[physical]
    return found


def _place(trees: Trees, units: pl.Series, unit: Integers, m: Integers) -> Integers:
    """Where each sighting stands in the tables of ``_ancestors``; where its past stays, in its own month's tree."""
    if not trees.past_stays:
        return unit
    tree_of = {month_number(month): tree for month, tree in trees.tree_of.items()}
    months, at = np.unique(m, return_inverse=True)
    tree = np.array([tree_of.get(int(month), -1) for month in months], dtype=np.int64)[at]
    place: Integers = np.where(tree >= 0, tree * len(units) + unit, -1)
    return place


def _ancestors(trees: Trees, tree: int, units: pl.Series) -> Iterator[Integers]:
    """For each distance from the top, the unit there that each unit counts into, or −1: one at most.

    So no sighting counts twice into the same unit, and each distance can be counted by itself. The tables run through
    the units, of every tree in turn where the past stays; −1 stands at the end, for sightings without a place.
    """
    pairs = trees.pairs if trees.past_stays else trees.pairs.filter(pl.col("tree") == tree)
    top = pairs.group_by("tree", pl.col("unit").alias("ancestor")).agg(pl.col("distance").max().alias("depth"))
    pairs = pairs.join(top, on=["tree", "ancestor"])
    depth, number = pairs["depth"].to_numpy(), pairs["tree"].to_numpy()
    below, above = _codes(pairs["unit"], units), _codes(pairs["ancestor"], units)
    if not trees.past_stays:
        number = np.zeros(len(number), dtype=np.int64)
    for far in np.unique(depth):
        table = np.full((int(number.max()) + 1) * len(units) + 1, -1, dtype=np.int64)
        at = depth == far
        table[number[at] * len(units) + below[at]] = above[at]
        yield table


def _counted(
    above: Integers, place: Integers, unplaced: Integers, bits: _Bits, spans: pl.DataFrame, units: int
) -> Integers:
    """How many items were seen in each span: an array of units, slices and spans, of units at one distance."""
    # In place as far as can be: numbers by the million are slower to make room for than to compute.
    sightings = np.empty(len(place) + 1, dtype=np.int64)
    np.take(above << bits.below_unit, place, out=sightings[:-1], mode="wrap")
    sightings[:-1] |= unplaced
    sightings[-1] = np.iinfo(np.int64).max
    sightings.sort()
    # Sightings that count into no unit at this distance are negative.
    sightings = sightings[np.searchsorted(sightings, 0) :]
    width = spans.height + 1
    steps = np.zeros((units << bits.slice) * width, dtype=np.int64)
    begins, leaves = _runs(spans, bits)
    # In blocks, of which all that is worked out stays in the processor's cache.
    for start in range(0, len(sightings) - 1, _BLOCK):
        block = sightings[start : start + _BLOCK + 1]
        seen, month = block >> bits.month, block & ((1 << bits.month) - 1)
        is_seen_again = seen[1:] == seen[:-1]
        following = np.where(is_seen_again, month[1:], len(begins) - 1)
        begin = begins[month[:-1]]
        # One that is seen twice in a month is followed by itself at once, and counts for no span the first time.
        end = np.maximum(np.minimum(begins[following], leaves[month[:-1]]), begin)
        group = (seen[:-1] >> bits.item) * width
        first = int(group[0])
        size = int(group[-1]) + width - first
        steps[first : first + size] += np.bincount(group + (begin - first), minlength=size)
        steps[first : first + size] -= np.bincount(group + (end - first), minlength=size)
    totals: Integers = steps.reshape(units, 1 << bits.slice, width).cumsum(axis=2)[:, :, :-1]
    return totals


def _runs(spans: pl.DataFrame, bits: _Bits) -> tuple[Integers, Integers]:
    """For every month from the earliest: the first span that ends no sooner, and the first that begins later.

    The last entry is of a month after all spans, for what is never seen again.
    """
    first, last = spans["first"].to_numpy(), spans["last"].to_numpy()
    beyond = max(bits.earliest + (1 << bits.month) - 1, int(last[-1])) + 1
    calendar = np.arange(bits.earliest, beyond + 1)
    return np.searchsorted(last, calendar, side="left"), np.searchsorted(first, calendar, side="right")


def _told(totals: Integers, spans: pl.DataFrame, units: pl.Series, slices: pl.Series) -> pl.DataFrame:
    unit, inside, span = np.nonzero(totals)
    return pl.DataFrame(
        {
            "period": spans["period"].gather(span),
            "unit": units.gather(unit).cast(pl.Categorical),
            "slice": slices.gather(inside).cast(pl.Categorical),
            "value": pl.Series(totals[unit, inside, span], dtype=pl.Int64),
        }
    )
