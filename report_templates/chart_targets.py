"""Where the target stands in a chart: as one line, or as the band of a range that has two ends.

Belongs here: positions that the charts of a KPI share, labels at their right included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.charts import Axis, Values, step_path
from transforms.pack import Point

LABEL_GAP = 2.9
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class Targets:
    """The targets of the months of a chart.

    ``lines`` are the target, or the lower end of a range, and the upper end. A range is drawn only where both ends are
    there and differ; with one end alone, that is the line.
    """

    lines: tuple[tuple[float | None, ...], tuple[float | None, ...]]

    @property
    def values(self) -> list[float | None]:
        """All of them, for the scale."""
        return [*self.lines[0], *self.lines[1]]

    def path(self, xs: Sequence[float], axis: Axis, half: float) -> str:
        """The lines as one path, ``half`` a month to both sides of each position."""
        return "".join(step_path(xs, [None if v is None else axis.at(v) for v in line], half) for line in self.lines)

    def bands(self, xs: Sequence[float], axis: Axis, pitch: float) -> tuple[Rectangle, ...]:
        """The ranges between their ends."""
        return tuple(stretches(xs, *self.lines, axis, pitch))

    def last(self, axis: Axis) -> tuple[float | None, float | None, float | None]:
        """The positions of the newest month's target, or of its range's upper and lower end; None for the others."""
        low, high = ((line[-1] if line else None) for line in self.lines)
        if low is None or high is None:
            return None if low is None else axis.at(low), None, None
        return None, axis.at(high), axis.at(low)


def targets_of(points: Sequence[Point]) -> Targets:
    """The targets of these months."""
    low = tuple(next((v for v in (p.target, p.lower, p.upper) if v is not None), None) for p in points)
    high = tuple(p.upper if p.target is None and p.lower is not None else None for p in points)
    return Targets((low, high))


def stretches(xs: Sequence[float], lowers: Values, uppers: Values, axis: Axis, pitch: float) -> list[Rectangle]:
    """One rectangle as (x, y, width, height) for every stretch of months with equal limits."""
    found: list[Rectangle] = []
    for i, (x, lower, upper) in enumerate(zip(xs, lowers, uppers, strict=True)):
        if lower is None or upper is None:
            continue
        top, tall = axis.at(upper), axis.at(lower) - axis.at(upper)
        if i and found and (lowers[i - 1], uppers[i - 1]) == (lower, upper):
            left, _, wide, _ = found[-1]
            found[-1] = (left, top, wide + pitch, tall)
        else:
            found.append((x - pitch / 2, top, pitch, tall))
    return found


def spread(wanted: Sequence[tuple[str, float]], top: float, floor: float) -> dict[str, float] | None:
    """The labels moved apart, in their order, between top and floor; None where they do not fit."""
    if (len(wanted) - 1) * LABEL_GAP > floor - top:
        return None
    ordered = sorted(wanted, key=lambda item: item[1])
    ys: list[float] = []
    for _, y in ordered:
        ys.append(max(y, top, ys[-1] + LABEL_GAP if ys else top))
    for i in range(len(ys) - 1, -1, -1):
        ys[i] = min(ys[i], ys[i + 1] - LABEL_GAP if i + 1 < len(ys) else floor)
    return {name: y for (name, _), y in zip(ordered, ys, strict=True)}
