"""The rules of XmR charts once more, slowly and exactly: point by point, in fractions, with nothing of the package.

Written from the rules of *Making Data Count* so that the fast arithmetic has something independent to be held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

LIMIT, NEAR, SCREEN = Fraction(266, 100), Fraction(266, 150), Fraction(3267, 1000)


@dataclass(frozen=True)
class ByHand:
    """A chart: limits are None where there are none; labels as the package names them."""

    mean: Fraction
    lower: Fraction | None
    upper: Fraction | None
    labels: list[str]


def chart_by_hand(values: Sequence[int | Fraction], screen: bool = True, baseline: int | None = None) -> ByHand:
    points = [Fraction(value) for value in values]
    base = points if baseline is None else points[:baseline]
    mean = sum(base, Fraction(0)) / len(base)
    ranges = [abs(base[i] - base[i - 1]) for i in range(1, len(base))]
    if not ranges:
        return ByHand(mean, None, None, ["common cause"] * len(points))
    average = sum(ranges, Fraction(0)) / len(ranges)
    kept = [step for step in ranges if step < SCREEN * average]
    screened = sum(kept, Fraction(0)) / len(kept) if kept else Fraction(0)
    if screened == 0:
        is_constant = all(point == points[0] for point in points)
        limit = mean if is_constant else None
        labels = ["trend" if _in_trend(points, i) else "common cause" for i in range(len(points))]
        return ByHand(mean, limit, limit, labels)
    step = screened if screen else average
    labels = [_label(points, i, mean, step) for i in range(len(points))]
    return ByHand(mean, mean - LIMIT * step, mean + LIMIT * step, labels)


def _label(points: Sequence[Fraction], i: int, mean: Fraction, step: Fraction) -> str:
    if _is_outside(points[i], mean, step):
        return "outside"
    if _in_trend(points, i):
        return "trend"
    if _is_near(points[i], mean, step):
        for first in range(i - 2, i + 1):
            three = _window(points, first, 3)
            if three and _one_side(three, mean) and sum(_is_near(p, mean, step) for p in three) >= 2:
                return "two of three"
    for first in range(i - 6, i + 1):
        seven = _window(points, first, 7)
        if seven and _one_side(seven, mean):
            return "shift"
    return "common cause"


def _in_trend(points: Sequence[Fraction], i: int) -> bool:
    for first in range(i - 6, i + 1):
        seven = _window(points, first, 7)
        if seven and (seven == sorted(set(seven)) or seven == sorted(set(seven), reverse=True)):
            return True
    return False


def _window(points: Sequence[Fraction], first: int, length: int) -> list[Fraction]:
    return list(points[first : first + length]) if first >= 0 and first + length <= len(points) else []


def _one_side(points: Sequence[Fraction], mean: Fraction) -> bool:
    return all(p > mean for p in points) or all(p < mean for p in points)


def _is_outside(point: Fraction, mean: Fraction, step: Fraction) -> bool:
    return abs(point - mean) > LIMIT * step


def _is_near(point: Fraction, mean: Fraction, step: Fraction) -> bool:
    return NEAR * step < abs(point - mean) <= LIMIT * step
