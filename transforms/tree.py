"""The organisation tree as frames: which unit counts into which, and when.

Belongs here: reading effective-dated units into pairs. Nothing is aggregated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from scorecards.project import Project
from scorecards.tables import Unit
from scorecards.units import PERSON
from transforms.dated import epoch_frame, epochs

_PAIRS = {"tree": pl.Int64, "unit": pl.String, "ancestor": pl.String, "distance": pl.Int64}


@dataclass(frozen=True)
class Trees:
    """The trees of some months, each distinct one once.

    ``pairs`` (tree, unit, ancestor, distance) holds every unit with itself and all units above it; ``tree_of`` gives
    the number of a month's tree; ``existing`` (period, unit) the units of each month.

    A unit that does not exist in a month still counts above it: from its last known parent, or its first one where it
    has not begun yet. Where ``past_stays`` a row counts where its unit stood in its own month; else where the unit
    stands in the month that is computed (it takes its past along).
    """

    pairs: pl.DataFrame
    tree_of: Mapping[date, int]
    existing: pl.DataFrame
    past_stays: bool = False


def trees(project: Project, months: Iterable[date]) -> Trees:
    """The trees of these months."""
    rows_of = _rows_by_unit(project)
    numbers: dict[tuple[str | None, ...], int] = {}
    pairs: list[tuple[int, str, str, int]] = []
    existing: list[tuple[date, str]] = []
    of_epoch: dict[date, int] = {}
    spans = epochs(project, months, ())
    for epoch in sorted(set(spans.values())):
        parents = _parents(project, rows_of, epoch)
        shape = tuple(parents.values())
        if shape not in numbers:
            numbers[shape] = len(numbers)
            pairs += [(numbers[shape], unit, above, far) for unit in parents for far, above in _path(parents, unit)]
        of_epoch[epoch] = numbers[shape]
        existing += [(epoch, unit) for unit in project.tree(epoch).units]
    units = pl.DataFrame(existing, schema={"epoch": pl.Date, "unit": pl.String}, orient="row")
    return Trees(
        pl.DataFrame(pairs, schema=_PAIRS, orient="row"),
        {month: of_epoch[epoch] for month, epoch in spans.items()},
        epoch_frame(spans).join(units, on="epoch", maintain_order="left_right").select("period", "unit"),
        project.organisation.units_that_move == "leave their past behind",
    )


def units_elsewhere(then: Project, now: Project, months: Iterable[date]) -> set[str]:
    """The units that count elsewhere in any of these months by the units of one project than by another's.

    With them all units above, in either.
    """
    rows = [(project, _rows_by_unit(project)) for project in (then, now)]
    found: set[str] = set()
    for month in months:
        one, other = (_parents(project, rows_of, month) for project, rows_of in rows)
        moved = {unit for unit, _ in one.items() ^ other.items()}
        found |= {above for parents in (one, other) for unit in moved for _, above in _path(parents, unit)}
    return found


def holding_otherwise(then: Project, now: Project, month: date) -> frozenset[str]:
    """The units of two projects that hold, of those units that are in both, others by the one than by the other.

    Those of one of them alone are among them: what they hold was counted, or is now, under other names. Persons are
    not: their figures are told to nobody by either.
    """
    held: list[dict[str, set[str]]] = []
    for project in (then, now):
        parents = _parents(project, _rows_by_unit(project), month)
        below: dict[str, set[str]] = {}
        for unit in parents:
            for _, above in _path(parents, unit):
                below.setdefault(above, set()).add(unit)
        held.append(below)
    one, other = held
    both = one.keys() & other.keys()
    moved = (one.keys() ^ other.keys()) | {unit for unit in both if (one[unit] ^ other[unit]) & both}
    return frozenset(moved - {unit.id for project in (then, now) for unit in project.units if unit.level == PERSON})


def _parents(project: Project, rows_of: Mapping[str, Sequence[Unit]], month: date) -> dict[str, str | None]:
    day = project.calendar.last_day(month)
    return {unit: _nearest(rows, day).parent for unit, rows in rows_of.items()}


def _rows_by_unit(project: Project) -> dict[str, list[Unit]]:
    rows_of: dict[str, list[Unit]] = {}
    for row in project.units:
        rows_of.setdefault(row.id, []).append(row)
    return rows_of


def _nearest(rows: Sequence[Unit], day: date) -> Unit:
    """The row of a unit that is valid on the day, else the one that ended last before it, else the first to come."""
    begun = [row for row in rows if row.valid_from <= day]
    return max(begun, key=lambda row: row.valid_from) if begun else min(rows, key=lambda row: row.valid_from)


def _path(parents: Mapping[str, str | None], unit: str) -> Iterable[tuple[int, str]]:
    path = [unit]
    while (parent := parents.get(path[-1])) is not None and parent not in path:
        path.append(parent)
    return enumerate(path)
