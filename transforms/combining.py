"""How the scores of a node's parts become its own, as sums that can be taken apart and put together again.

Belongs here: the roll-up methods in the form that "what if one part had been different" needs: every method is a pair
of running totals over the parts, so that thousands of nodes are answered at once. Coverage and the reasons of what is
missing are ``roll_up.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scorecards.organisation import Scale
from scorecards.roll_up import Method
from transforms.grid import Floats
from transforms.scoring import TOLERANCE

Flags = NDArray[np.bool_]
SELF_STANDING: Method = "self-standing"


@dataclass(frozen=True)
class Totals:
    """What a method keeps of any set of parts: the weight present, and its own sum (the least score for ``worst``)."""

    weight: Floats
    sum: Floats


@dataclass(frozen=True)
class Combining:
    """A method on a scale. Arrays of any shape; ``weight`` is 0 where a part is absent."""

    method: Method
    on_target: float
    lowest: float

    @classmethod
    def on(cls, method: str, scale: Scale) -> Combining:
        """The method of this name on the organisation's scale."""
        return cls(method, scale.target_score, scale.lowest)  # type: ignore[arg-type]

    def totals(self, weight: Floats, score: Floats) -> Totals:
        """The totals of each part alone.

        Σw·s for the weighted mean, Σw·ln s for the geometric and Σw/s for the harmonic mean (a score of zero or less
        makes either zero), the least score, and Σw over the parts on target.
        """
        is_there = weight > 0
        if not is_there.all():
            score = np.where(is_there, score, np.inf if self.method == "worst" else 1.0)
        if self.method == "worst":
            return Totals(weight, score)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.method == "geometric mean":
                value = np.log(np.maximum(score, 0.0))
            elif self.method == "harmonic mean":
                value = 1.0 / np.maximum(score, 0.0)
            elif self.method == "share on target":
                value = (score >= self.on_target - TOLERANCE).astype(np.float64)
            else:
                value = score
            return Totals(weight, weight * value)

    def together(self, one: Totals, other: Totals) -> Totals:
        """The totals of two sets of parts as one set."""
        joined = np.minimum(one.sum, other.sum) if self.method == "worst" else one.sum + other.sum
        return Totals(one.weight + other.weight, joined)

    def running(self, totals: Totals) -> Totals:
        """Along the last axis: the totals of all parts up to each, with those of none in front."""
        weight = np.cumsum(_led(totals.weight, 0.0), axis=-1)
        if self.method == "worst":
            return Totals(weight, np.minimum.accumulate(_led(totals.sum, np.inf), axis=-1))
        return Totals(weight, np.cumsum(_led(totals.sum, 0.0), axis=-1))

    def grouped(self, totals: Totals, starts: NDArray[np.intp]) -> Totals:
        """Along the first axis: the totals of each run of rows that begins at ``starts``."""
        reduce = np.minimum.reduceat if self.method == "worst" else np.add.reduceat
        return Totals(np.add.reduceat(totals.weight, starts, axis=0), reduce(totals.sum, starts, axis=0))

    def score(self, totals: Totals) -> Floats:
        """The node's score; NaN where no part is present."""
        if self.method == "worst":
            return np.where(totals.weight > 0, totals.sum, np.nan)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mean = totals.sum / totals.weight
            if self.method == "geometric mean":
                return np.exp(mean)
            if self.method == "harmonic mean":
                return 1.0 / mean
            if self.method == "share on target":
                return self.lowest + mean * (self.on_target - self.lowest)
            return mean


def _led(values: Floats, first: float) -> Floats:
    """The array with one more column in front."""
    return np.concatenate([np.full((*values.shape[:-1], 1), first), values], axis=-1)
