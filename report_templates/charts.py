"""The geometry of the small charts: where every value lies, in the chart's own units.

Belongs here: pure functions from numbers to positions and SVG path data (sparkline, bullet bar, marks). Does not belong
here: colours and words; the macros in ``pack/charts.html`` draw what is computed here.

``y`` grows downwards, as in SVG. A missing value is a gap, never a zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.pack import BandShown, Status

Values = Sequence[float | None]


@dataclass(frozen=True)
class Axis:
    """A straight scale from the values ``low`` to ``high`` onto the positions ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The position of ``value``; values outside lie outside."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def axis_over(values: Values, start: float, end: float, *, with_zero: bool = False) -> Axis:
    """The axis that just holds ``values`` (and zero, if asked for); a constant series lies in its middle."""
    present = [v for v in values if v is not None]
    if with_zero:
        present.append(0.0)
    low, high = (min(present), max(present)) if present else (0.0, 1.0)
    # Differences that drown in the numbers' own precision are no scale.
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        room = abs(high) or 1.0
        low, high = low - room, high + room
    return Axis(low, high, start, end)


def line_path(xs: Sequence[float], ys: Values) -> str:
    """A polyline with a gap at every None; a point that stands alone is drawn as a short stroke so that it is seen."""
    parts: list[str] = []
    for i, y in enumerate(ys):
        if y is None:
            continue
        is_joined = i > 0 and ys[i - 1] is not None
        parts.append(f"{'L' if is_joined else 'M'}{xs[i]:g} {round(y, 2):g}")
        if not is_joined and (i + 1 == len(ys) or ys[i + 1] is None):
            parts.append("h.6")
    return "".join(parts)


def step_path(xs: Sequence[float], ys: Values, half: float) -> str:
    """Level strokes of ``half`` to both sides of each position, joined where the level stays; a gap at every None."""
    parts: list[str] = []
    for i, y in enumerate(ys):
        if y is None:
            continue
        if i > 0 and ys[i - 1] == y:
            parts[-1] = f"H{round(xs[i] + half, 2):g}" if parts[-1][0] == "H" else parts[-1]
        else:
            parts.append(f"M{round(xs[i] - half, 2):g} {round(y, 2):g}")
            parts.append(f"H{round(xs[i] + half, 2):g}")
    return "".join(parts)


def mark_path(status: Status | None, x: float, y: float, radius: float) -> str:
    """The shape of a status round a centre.

    Circle for good, triangle for warning, square for bad, ring-sized dot else.
    """
    r = radius
    if status == "warning":
        return f"M{x - 1.1 * r:.2f} {y + 0.9 * r:.2f}h{2.2 * r:.2f}l{-1.1 * r:.2f} {-2 * r:.2f}z"
    if status == "bad":
        return f"M{x - 0.9 * r:.2f} {y - 0.9 * r:.2f}h{1.8 * r:.2f}v{1.8 * r:.2f}h{-1.8 * r:.2f}z"
    r = r if status == "good" else 0.7 * r
    return f"M{x - r:.2f} {y:.2f}a{r:.2f} {r:.2f} 0 1 0 {2 * r:.2f} 0a{r:.2f} {r:.2f} 0 1 0 {-2 * r:.2f} 0z"


@dataclass(frozen=True)
class Sparkline:
    """A sparkline: the values' path, the target's, and the last value's place, if there is one."""

    width: float
    height: float
    line: str
    target: str
    last: tuple[float, float] | None


def sparkline(
    values: Values, targets: Values, width: float = 96, height: float = 18, slots: int = 24, uppers: Values = ()
) -> Sparkline:
    """The last ``slots`` months; the newest always stands at the right, however short the history is.

    Where the target is a range, ``targets`` are its lower ends and ``uppers`` the upper ones.
    """
    values, targets, uppers = (list(each)[-slots:] for each in (values, targets, uppers))
    pad = 2.6
    axis = axis_over([*values, *targets, *uppers], height - pad, pad)
    xs = [round(x, 2) for x in slot_centres(len(values), slots, pad, width - pad)]
    ys = [None if v is None else axis.at(v) for v in values]
    half = (width - 2 * pad) / max(slots - 1, 1) / 2
    goal = "".join(
        step_path(xs[len(xs) - len(each) :], [None if t is None else axis.at(t) for t in each], half)
        for each in (targets, uppers)
    )
    last = (xs[-1], round(ys[-1], 2)) if ys and ys[-1] is not None else None
    return Sparkline(width, height, line_path(xs, ys), goal, last)


def slot_centres(count: int, slots: int, first: float, last: float) -> list[float]:
    """The last ``count`` of ``slots`` evenly spaced positions from ``first`` to ``last``."""
    step = (last - first) / max(slots - 1, 1)
    return [last - step * (count - 1 - i) for i in range(count)]


@dataclass(frozen=True)
class Bullet:
    """A bullet bar: the bands behind as (x, width), the bar as (x, width) and the position of the target."""

    width: float
    bands: tuple[tuple[float, float], ...]
    bar: tuple[float, float] | None
    target: float


def bullet(
    score: float | None, bands: Sequence[BandShown], lowest: float, highest: float, target: float, width: float = 80
) -> Bullet:
    """A score on the one scale of the pack, from ``lowest`` to ``highest``; the target's tick stands at its score."""
    top = max(highest, target)
    axis = Axis(lowest, top, 0.0, width)
    edges = [lowest, *(b.at_least for b in bands if b.at_least is not None and lowest < b.at_least < top), top]
    shown = tuple((axis.at(a), axis.at(b) - axis.at(a)) for a, b in itertools.pairwise(edges))
    zero = axis.at(min(max(0.0, lowest), top))
    if score is None:
        return Bullet(width, shown, None, axis.at(target))
    end = axis.at(min(max(score, lowest), top))
    return Bullet(width, shown, (min(zero, end), abs(end - zero)), axis.at(target))
