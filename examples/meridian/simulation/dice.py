"""Chance that falls the same way on every machine: built on ``Random.random``, whose sequence Python guarantees."""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of chance for one subject and month, independent of every other."""

    def __init__(self, *subject: object) -> None:
        self.roll = random.Random("meridian outdoor/" + "/".join(map(str, subject))).random

    def between(self, low: float, high: float) -> float:
        """Any value between the two, all equally likely."""
        return low + (high - low) * self.roll()

    def around(self, centre: float, share: float) -> float:
        """A value near ``centre``: bell-shaped, never further away than ``share`` of it."""
        return centre * (1 + share * (self.roll() + self.roll() + self.roll() - 1.5) / 1.5)

    def whole(self, expected: float) -> int:
        """A whole number whose mean is ``expected``: one of its two neighbours."""
        return int(expected + self.roll())

    def count(self, expected: float) -> int:
        """A number of independent events with mean ``expected``: Poisson when few, its bell curve when many."""
        if expected > 12:
            return self.whole(max(self.around(expected, min(3 / math.sqrt(expected), 1)), 0.0))
        events, left, limit = 0, self.roll(), math.exp(-expected)
        while left > limit:
            events, left = events + 1, left * self.roll()
        return events

    def day(self, days: Sequence[T]) -> T:
        """One of the days, all equally likely."""
        return days[int(self.roll() * len(days))]

    def chance(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        return self.roll() < share


class Choice:
    """Weighted choice among values, fast enough to be asked for every row."""

    def __init__(self, weights: dict[str, float]) -> None:
        self._values = list(weights)
        self._edges = list(accumulate(weights.values()))

    def pick(self, dice: Dice) -> str:
        """One of the values, as often as its weight says."""
        return self._values[bisect(self._edges, dice.roll() * self._edges[-1], 0, len(self._values) - 1)]
