"""Plan and forecast in a chart of columns: the plan as an outline, the forecast as a hatched outline, both from zero.

Notation after the International Business Communication Standards. Belongs here: paths only.
"""

from __future__ import annotations

from collections.abc import Sequence

HATCH = 1.1
"""Millimetres between two strokes of a hatching."""


def outlines(columns: Sequence[tuple[float, float]], zero: float, width: float) -> str:
    """One open outline for each (middle, end): up one side, over the end, down the other; the zero line closes it."""
    return "".join(f"M{x - width / 2:.2f} {zero:.2f}V{end:.2f}H{x + width / 2:.2f}V{zero:.2f}" for x, end in columns)


def hatching(columns: Sequence[tuple[float, float]], zero: float, width: float) -> str:
    """Strokes at 45 degrees inside each column, which end at its edges."""
    parts: list[str] = []
    for x, end in columns:
        left, right, top, foot = x - width / 2, x + width / 2, min(zero, end), max(zero, end)
        # On a stroke x + y is constant; it runs from where it enters the column to where it leaves it.
        level = left + top + HATCH
        while level < right + foot:
            start, stop = max(left, level - foot), min(right, level - top)
            parts.append(f"M{start:.2f} {level - start:.2f}L{stop:.2f} {level - stop:.2f}")
            level += HATCH
    return "".join(parts)
