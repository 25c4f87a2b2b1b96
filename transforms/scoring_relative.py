"""Scores by place among others: siblings, units of a level, or the KPI's own past.

Sources: min-max and z-score normalisation as in the OECD's Handbook on Constructing Composite Indicators (2008), step
5; T-scores (50 + 10 z) of educational testing; the percentile rank of a value is the share of the others below it, with
those equal counting half. Where all values are equal, nobody is better: each is in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scorecards.organisation import Scale
from scorecards.scoring import Relative
from transforms.grid import Floats, Ints
from transforms.scored import TOO_FEW_TO_COMPARE, Operands, Scored

# A spread below this share of the values' size is float noise, and would be blown up to a full scale.
_NOISE = 1e-12


@dataclass(frozen=True)
class _Comparison:
    """What each place is compared with, itself included: how many values, and their figures."""

    count: Floats
    least: Floats
    greatest: Floats
    mean: Floats
    deviation: Floats
    below: Floats
    equal: Floats


def score_relative(operands: Operands, relative: Relative, scale: Scale, *, direction: str, step: int) -> Scored:
    """The place among others, from the scale's lowest score (0) to the target's (100).

    ``step`` is how many months lie between two values of the KPI's own past.
    """
    value = operands.value if direction == "higher" else -operands.value
    if relative.to == "history":
        past = operands.peers.past(relative.months, step)
        earlier = [column if direction == "higher" else -column for column in past]
        found = _with_past(value, earlier)
    else:
        groups = operands.peers.siblings if relative.to == "siblings" else operands.peers.level
        found = _within_groups(value, groups)
    place = _place(value, found, relative.by)
    raw = scale.lowest + place * (scale.target_score - scale.lowest)
    return Scored(raw, ((found.count < relative.at_least, TOO_FEW_TO_COMPARE),))


def _place(value: Floats, found: _Comparison, by: str) -> Floats:
    """0 for the worst, 1 for the best; of a z-score 0.5 at the mean and 0.1 more a standard deviation."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.maximum(np.abs(found.least), np.abs(found.greatest))
        is_flat = ~(found.greatest - found.least > _NOISE * size)
        if by == "percentile rank":
            return (found.below + 0.5 * (found.equal - 1)) / (found.count - 1)
        if by == "min-max":
            place = (value - found.least) / (found.greatest - found.least)
        else:
            place = 0.5 + 0.1 * (value - found.mean) / found.deviation
    return np.where(is_flat & ~np.isnan(value), 0.5, place)


def _with_past(value: Floats, columns: list[Floats]) -> _Comparison:
    """Each value against the known ones of its own past, of which it is the first."""
    count, total, below, equal = (np.zeros(value.shape) for _ in range(4))
    least, greatest = np.full(value.shape, np.inf), np.full(value.shape, -np.inf)
    for column in columns:
        known = ~np.isnan(column)
        count += known
        total += np.where(known, column, 0.0)
        below += column < value
        equal += column == value
        least, greatest = np.fmin(least, column), np.fmax(greatest, column)
    mean = total / np.maximum(count, 1)
    squares = sum((np.where(np.isnan(column), 0.0, (column - mean) ** 2) for column in columns), np.zeros(value.shape))
    return _Comparison(count, least, greatest, mean, np.sqrt(squares / np.maximum(count, 1)), below, equal)


def _within_groups(value: Floats, groups: Ints) -> _Comparison:
    """Each value against the known ones of the same group. Sums run in the order of size: no order of units matters."""
    known = np.flatnonzero(~np.isnan(value))
    order = known[np.lexsort((value[known], groups[known]))]
    sorted_value, sorted_group = value[order], groups[order]
    starts = np.flatnonzero(np.r_[True, sorted_group[1:] != sorted_group[:-1]]) if order.size else np.empty(0, int)
    sizes = np.diff(np.r_[starts, order.size])
    mean = np.add.reduceat(sorted_value, starts) / sizes
    deviation = np.sqrt(np.add.reduceat((sorted_value - np.repeat(mean, sizes)) ** 2, starts) / sizes)
    same = np.r_[True, (sorted_group[1:] != sorted_group[:-1]) | (sorted_value[1:] != sorted_value[:-1])]
    runs = np.flatnonzero(same)
    run_sizes = np.diff(np.r_[runs, order.size])
    below = np.repeat(runs, run_sizes) - np.repeat(starts, sizes)

    def spread(numbers: Floats) -> Floats:
        everywhere = np.full(value.shape, np.nan)
        everywhere[order] = numbers
        return everywhere

    ends = starts + sizes - 1
    return _Comparison(
        np.nan_to_num(spread(np.repeat(sizes, sizes).astype(float))),
        spread(np.repeat(sorted_value[starts], sizes)), spread(np.repeat(sorted_value[ends], sizes)),
        spread(np.repeat(mean, sizes)), spread(np.repeat(deviation, sizes)),
        spread(below.astype(float)), spread(np.repeat(run_sizes, run_sizes).astype(float)),
    )  # fmt: skip
