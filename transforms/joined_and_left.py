"""Which units count into others that did not before, and which do no longer: moved, begun or ended between two months.

Belongs here: comparing two trees. What that did to figures is ``like_for_like.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from scorecards.project import Project
from scorecards.units import PERSON, UnitTree
from transforms.pack import UnitMove

JOINED_AND_LEFT = {
    "period": pl.Date, "unit": pl.String, "other": pl.String, "has_joined": pl.Boolean, "is_whole": pl.Boolean,
}  # fmt: skip


def joined_and_left(project: Project, months: Mapping[date, date]) -> pl.DataFrame:
    """The units that joined or left another since the month that a period is compared with: ``JOINED_AND_LEFT``.

    ``months`` gives that month for each period. ``unit`` is there at both ends, ``other`` the topmost of what joined or
    left it. ``is_whole`` says that no month is counted on either side without it: it took its past along, or has none.
    """
    takes_past = project.organisation.units_that_move == "take their past along"
    rows = []
    for period, earlier in months.items():
        now, then = project.tree(period), project.tree(earlier)
        for unit, other, has_joined in between(now, then):
            is_whole = (takes_past and other in now.units) or (has_joined and other not in then.units)
            rows.append((period, unit, other, has_joined, is_whole))
    return pl.DataFrame(rows, schema=JOINED_AND_LEFT, orient="row")


def between(now: UnitTree, then: UnitTree) -> Iterator[tuple[str, str, bool]]:
    """Every unit that is in both trees, with the topmost units that joined (True) or left (False) below it."""
    if _parents(now) == _parents(then):
        return
    for unit in sorted(now.units.keys() | then.units.keys()):
        here, there = (_above(tree, unit) for tree in (now, then))
        for above in here ^ there:
            tree = now if above in here else then
            other = then if above in here else now
            if above not in now.units or above not in then.units:
                continue
            parent = tree.units[unit].parent
            # What stands below a unit that joined or left itself comes with it.
            if parent is not None and parent != above and above not in _above(other, parent):
                continue
            yield above, unit, above in here


def moves_of(project: Project, months: Sequence[date]) -> dict[str, tuple[UnitMove, ...]]:
    """By unit who joined or left it in these months, each against the one before, oldest first.

    Persons are told by the unit that they stand in directly: above it, coming and going is no news.
    """
    names = {unit.id: unit.name for unit in project.units}
    found: dict[str, list[UnitMove]] = {}
    for earlier, period in pairwise(months):
        for _, unit, other, has_joined, is_whole in joined_and_left(project, {period: earlier}).iter_rows():
            placed = project.tree(period if has_joined else earlier).units[other]
            if placed.level != PERSON or placed.parent == unit:
                found.setdefault(unit, []).append(UnitMove(period, other, names[other], has_joined, is_whole))
    return {unit: tuple(moves) for unit, moves in found.items()}


def _parents(tree: UnitTree) -> dict[str, str | None]:
    return {unit.id: unit.parent for unit in tree.units.values()}


def _above(tree: UnitTree, unit: str) -> set[str]:
    return set(tree.ancestors(unit)) - {unit} if unit in tree.units else set()
