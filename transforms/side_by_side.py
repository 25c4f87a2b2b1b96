"""Work on several things at once, in the threads of this process.

Belongs here: nothing but the threads. Polars and NumPy let other threads run while they compute, and most frames are
too small to keep both processors busy by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# More would take memory for each, and hold one another up wherever Python itself is at work.
_THREADS = 2
Thing = TypeVar("Thing")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Thing], Result], things: Iterable[Thing]) -> list[Result]:
    """What the work makes of each thing, in the order of the things; the first error is raised."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, things))
