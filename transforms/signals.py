"""XmR charts: which points of a series are signals, and which are the noise that the process makes anyway.

Belongs here: the arithmetic over plain arrays, many series of equal length at once. Which series there are, and what a
signal means for a KPI, is ``signal_table.py``.

Rules and constants are those of the NHS programme *Making Data Count* (its R package NHSRplotthedots), after Donald
Wheeler's *Understanding Variation*. 2.66 is 3 / 1.128: three sigma, told by the mean moving range of two points; 3.267
is the upper limit of such ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

LIMIT: Final = 2.66
SCREEN: Final = 3.267
RUN: Final = 7
LEAST_POINTS: Final = 12
"""Limits from fewer points are on trial."""

COMMON_CAUSE: Final = "common cause"
LABELS: Final = (COMMON_CAUSE, "outside", "trend", "two of three", "shift")
"""The label of a point by its code; of several that hold, a point takes the first after common cause."""
_NONE, _OUTSIDE, _TREND, _TWO_OF_THREE, _SHIFT = range(len(LABELS))

# Differences that are float noise of the numbers behind the points are no differences.
_RELATIVE, _ABSOLUTE = 1e-9, 1e-12


@dataclass(frozen=True)
class Charts:
    """Charts of n series of k points, each as judged at its last point.

    ``mean``, ``mean_range``, ``lower`` and ``upper`` have one entry per series; limits are NaN where none can be drawn.
    ``labels`` (k by n) holds codes of ``LABELS``, ``sides`` (k by n) is 1 above the mean, -1 below it and 0 on it.
    """

    mean: Floats
    mean_range: Floats
    lower: Floats
    upper: Floats
    labels: Codes
    sides: Codes


def xmr_charts(
    values: Floats, *, screen: bool = True, baseline: int | None = None, sizes: Floats | None = None
) -> Charts:
    """The charts of the series in the columns of ``values`` (k points by n series, oldest first, nothing missing).

    Limits are mean ± 2.66 × mean moving range, of the first ``baseline`` points or of all. With ``screen``, ranges of
    3.267 times their mean or more are left out, once; the mean itself never is screened. A series whose remaining
    ranges are all zero is constant, or nearly: what little it moves says nothing about how much it usually moves, so it
    has no limits (a constant one has them at its mean) and no point is judged by them.

    A point is labelled, in this order: **outside** the limits; one of 7 strictly rising or falling (**trend**); one of
    at least **two of three** neighbours beyond two thirds of the limits yet inside them, all three on that side of the
    mean; one of 7 on one side of the mean (**shift**). ``sizes`` (n) is the size of the numbers that the values were
    computed from, for telling float noise; by default the largest value of each series.
    """
    base = values[:baseline]
    mean = _total(base) / len(base)
    noise = _RELATIVE * (np.abs(values).max(axis=0) if sizes is None else sizes) + _ABSOLUTE
    ranges = np.abs(np.diff(base, axis=0))
    screened, unscreened = _mean_ranges(ranges, noise)
    is_flat = ~(screened > noise)
    is_constant = is_flat & (np.ptp(values, axis=0) <= noise) & (len(values) > 1)
    mean_range = np.where(is_constant, 0.0, screened if screen else unscreened)
    reach = np.where(is_constant, 0.0, np.where(is_flat, np.nan, LIMIT * mean_range))
    away = values - mean
    is_above, is_below = away > noise, away < -noise
    labels = _labels(values, away, noise, reach, is_above, is_below, ~is_flat)
    sides = is_above.astype(np.int8) - is_below.astype(np.int8)
    return Charts(mean, mean_range, mean - reach, mean + reach, labels, sides)


def _mean_ranges(ranges: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """The mean of the ranges that screening keeps (0 where it keeps none), and of all; NaN without any range."""
    if not len(ranges):
        none = np.full(ranges.shape[1], np.nan)
        return none, none
    unscreened = _total(ranges) / len(ranges)
    is_kept = ranges < SCREEN * unscreened - noise
    return _total(np.where(is_kept, ranges, 0.0)) / np.maximum(is_kept.sum(axis=0), 1), unscreened


def _total(values: Floats) -> Floats:
    # One after the other: a pairwise sum could depend on how many series and points stand beside.
    total = np.zeros(values.shape[1])
    for row in values:
        total += row
    return total


def _labels(
    values: Floats, away: Floats, noise: Floats, reach: Floats, is_above: Flags, is_below: Flags, is_judged: Flags
) -> Codes:
    # Nothing exceeds the reach of a series that is not judged: it is NaN, or the series lies within its noise.
    is_outside = np.abs(away) > reach + noise
    is_near = ~is_outside & (np.abs(away) > reach * 2 / 3 + noise)
    labels = np.zeros(values.shape, np.int8)
    steps = np.diff(values, axis=0)
    for is_side in (is_above & is_judged, is_below & is_judged):
        labels[_part_of(_runs(is_side, RUN), RUN, len(values))] = _SHIFT
    for is_side in (is_above, is_below):
        near = is_near & is_side
        pairs = (near[:-2] & near[1:-1]) | (near[:-2] & near[2:]) | (near[1:-1] & near[2:])
        labels[near & _part_of(pairs & _runs(is_side, 3), 3, len(values))] = _TWO_OF_THREE
    for is_step in (steps > noise, steps < -noise):
        labels[_part_of(_runs(is_step, RUN - 1), RUN, len(values))] = _TREND
    labels[is_outside] = _OUTSIDE
    return labels


def _runs(flags: Flags, length: int) -> Flags:
    """Where a run of ``length`` flags starts; ``length`` - 1 rows fewer than ``flags``."""
    starts = flags[: max(len(flags) - length + 1, 0)]
    for offset in range(1, length):
        starts = starts & flags[offset : offset + len(starts)]
    return starts


def _part_of(starts: Flags, length: int, points: int) -> Flags:
    """Which of so many points belong to a run of ``length`` points that starts where ``starts`` says."""
    found = np.zeros((points, starts.shape[1]), np.bool_)
    if starts.any():
        for offset in range(length):
            found[offset : offset + len(starts)] |= starts
    return found
