"""The variance of each month in its column: what lies between actual and target, better or worse by meaning, not sign.

Notation after the International Business Communication Standards (integrated variances): on the columns' own scale and
at any size, so that equal heights are equal amounts. Belongs here: which piece of which colour stands where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.charts import Axis
from transforms.pack import Direction, Point, aim_of, is_better_side


@dataclass(frozen=True)
class VarianceBars:
    """Paths of strokes as wide as a column, from the target to the actual; of a range from the end that was passed."""

    better: str
    worse: str


def variance_bars(centres: Sequence[float], points: Sequence[Point], direction: Direction, axis: Axis) -> VarianceBars:
    """The pieces of all months that differ from their target."""
    paths: dict[bool, list[str]] = {True: [], False: []}
    for centre, point in zip(centres, points, strict=True):
        aim = aim_of(point.value, point.target, point.lower, point.upper, direction)
        if point.value is not None and aim is not None and point.value != aim:
            is_better = is_better_side(point.value - aim, direction)
            paths[is_better].append(f"M{centre:.2f} {axis.at(aim):.2f}V{axis.at(point.value):.2f}")
    return VarianceBars("".join(paths[True]), "".join(paths[False]))
