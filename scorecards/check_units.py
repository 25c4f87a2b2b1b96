"""Rules about the organisation tree: that on every day it is one tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from scorecards.errors import Problem, did_you_mean
from scorecards.project import Project
from scorecards.tables import Unit


def check_units(project: Project) -> Iterator[Problem]:
    """Problems of ``units.csv``: names, spans, circles, units whose parent is not there, several tops."""
    known, levels = project.unit_ids, project.organisation.levels
    spans: dict[str, list[Unit]] = {}
    for unit in project.units:
        if unit.level not in levels:
            yield _problem(unit, "level", f"'{unit.level}' is not a level.", did_you_mean(unit.level, levels))
        if unit.parent is not None and unit.parent not in known:
            yield _problem(unit, "parent", f"'{unit.parent}' is not a unit.", did_you_mean(unit.parent, known))
        for other in spans.setdefault(unit.id, []):
            if unit.valid_from <= other.valid_to and other.valid_from <= unit.valid_to:
                yield _problem(unit, "id", f"'{unit.id}' is declared twice for the same day.", "End one row.")
        spans[unit.id].append(unit)
    yield from _shape(project, known)


def _shape(project: Project, known: list[str]) -> Iterator[Problem]:
    """What is wrong with the tree at the end of any month in which it changes; each finding is told once."""
    told: set[object] = set()
    for day in _days_of_change(project):
        tree = {unit.id: unit for unit in project.units if unit.valid_from <= day <= unit.valid_to}
        tops = [unit for unit in tree.values() if unit.parent is None]
        if len(tops) > 1 and "tops" not in told:
            told.add("tops")
            names = " and ".join(f"'{unit.id}'" for unit in tops)
            yield _problem(tops[1], "parent", f"{names} are both top units on {day}.", "Give all but one a parent.")
        for unit in tree.values():
            if unit.parent in known and unit.parent not in tree and (unit.id, unit.line) not in told:
                told.add((unit.id, unit.line))
                message = f"'{unit.parent}' does not exist on {day}, but '{unit.id}' below it does."
                yield _problem(unit, "parent", message, "End the row, and give the unit another parent from then on.")
            loop = _loop(tree, unit)
            if loop and frozenset(loop) not in told:
                told.add(frozenset(loop))
                shown = " → ".join([*loop, loop[0]])
                yield _problem(
                    tree[loop[0]], "parent", f"the tree runs in a circle: {shown}.", "Give one of them another parent."
                )


def _days_of_change(project: Project) -> list[date]:
    """Ends of months, since a period has the tree of its last day; none before the project's first."""
    calendar = project.calendar
    first = calendar.last_day(project.organisation.first_period)
    starts = [unit.valid_from for unit in project.units]
    after = [unit.valid_to + timedelta(days=1) for unit in project.units if unit.valid_to < date(9999, 1, 1)]
    periods = (calendar.period_of(day) for day in (*starts, *after) if day > first)
    return sorted({first, *(calendar.last_day(period) for period in periods if period is not None)})


def _loop(tree: dict[str, Unit], unit: Unit) -> list[str]:
    path, current = [unit.id], unit.parent
    while current in tree and current not in path:
        path.append(current)
        current = tree[current].parent
    return path[path.index(current) :] if current in path else []


def _problem(unit: Unit, column: str, message: str, remedy: str) -> Problem:
    return Problem("units.csv", unit.line, column, message, remedy)
