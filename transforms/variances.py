"""What an actual is measured against, and on which side of it is better.

Belongs here: the two questions of every comparison with a target. How a variance becomes a score is ``scoring.py``.
"""

from __future__ import annotations

from typing import Literal

Direction = Literal["higher", "lower", "within"]


def aim_of(
    value: float | None, target: float | None, lower: float | None, upper: float | None, direction: Direction
) -> float | None:
    """The target, or of a range the end that the value has passed; None inside the range."""
    if direction != "within" or value is None:
        return target
    if lower is not None and value < lower:
        return lower
    return upper if upper is not None and value > upper else None


def is_better_side(variance: float, direction: Direction) -> bool:
    """Whether a variance that is not zero (actual less aim) is a good one; outside a range none is."""
    return direction != "within" and (variance > 0) == (direction == "higher")
