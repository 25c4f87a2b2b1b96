"""Lagged association of pairs of monthly series: whether one's movement tells the other's, so many months later.

Belongs here: the arithmetic over plain arrays, many pairs of equal length at once. Which pairs there are, and what is
said of them, is ``link_evidence.py``.

Spearman's correlation of month-over-month changes: changes, since two series with a trend go together whatever they are
(Yule, 1926); ranks, since one odd month must not decide. Series with a memory or a season have less to tell than their
length: the number of pairs is reduced to the effective one by the product of both autocorrelations (Bartlett, 1946, as
in Pyper and Peterman, 1998). Significance by Fisher's transformation with Fieller's variance for ranks (1957).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_PAIRS: Final = 12
_FIELLER = 1.06
# Differences that are float noise of scores are no movement.
_NOISE = 1e-9


@dataclass(frozen=True)
class Lagged:
    """What n pairs of series say at one lag, one entry a pair: NaN where both moved too seldom.

    Too seldom is in fewer than 12 months, or in fewer than half of them: a quarterly figure stands still in between.

    ``pairs`` counts the pairs of changes that both moved, ``effective`` is what they are worth; ``chance`` is that of
    a correlation at least so far from zero if the two had nothing to do with each other.
    """

    lag: int
    correlation: Floats
    pairs: Floats
    effective: Floats
    chance: Floats


def lagged(drivers: Floats, outcomes: Floats, lags: Sequence[int]) -> Iterator[Lagged]:
    """The association of each column of ``drivers`` with that of ``outcomes`` (both k months by n), lag by lag.

    At lag 2 the driver's change of each month is held against the outcome's change two months later. Nothing may be
    missing.
    """
    before, after = _changes(drivers), _changes(outcomes)
    for lag in lags:
        if lag < len(before):
            yield _at(before[: len(before) - lag], after[lag:], lag)


def _at(before: Floats, after: Floats, lag: int) -> Lagged:
    count = len(before)
    moved = ((before != 0) & (after != 0)).sum(axis=0).astype(np.float64)
    x, y = _centred_ranks(before), _centred_ranks(after)
    # Ranks are whole or half numbers: their sums are exact, whatever the order of summing.
    power_x, power_y = (x * x).sum(axis=0), (y * y).sum(axis=0)
    is_told = (moved >= max(LEAST_PAIRS, count / 2)) & (power_x > 0) & (power_y > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(is_told, (x * y).sum(axis=0) / np.sqrt(power_x * power_y), np.nan)
        worth = np.ones(x.shape[1])
        for back in range(1, count - 1):
            memory_x = (x[back:] * x[:-back]).sum(axis=0) / power_x
            memory_y = (y[back:] * y[:-back]).sum(axis=0) / power_y
            worth = worth + 2 * memory_x * memory_y
        effective = np.where(is_told, np.minimum(moved, count / np.maximum(worth, 1.0)), np.nan)
        distance = np.abs(np.arctanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12)))
        deviation = distance * np.sqrt(np.maximum(effective - 3, 0.0) / _FIELLER)
    chance = np.array([math.nan if math.isnan(each) else math.erfc(each / math.sqrt(2)) for each in deviation])
    return Lagged(lag, correlation, moved, effective, chance)


def _changes(values: Floats) -> Floats:
    steps = np.diff(values, axis=0)
    return np.where(np.abs(steps) <= _NOISE * np.maximum(np.abs(values[1:]), 1.0), 0.0, steps)


def _centred_ranks(values: Floats) -> Floats:
    """Ranks of each column less their mean; equal values share the mean of their ranks."""
    count = len(values)
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    places = np.arange(count, dtype=np.float64)[:, None]
    is_new = np.vstack([np.ones((1, values.shape[1]), np.bool_), ordered[1:] != ordered[:-1]])
    is_last = np.vstack([is_new[1:], np.ones((1, values.shape[1]), np.bool_)])
    first = np.maximum.accumulate(np.where(is_new, places, -1.0), axis=0)
    last = np.minimum.accumulate(np.where(is_last, places, float(count))[::-1], axis=0)[::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last - (count - 1)) / 2, axis=0)
    return ranks
