"""The organisation tree as a frame: which unit counts into which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from scorecards.periods import month_end
from scorecards.project import Project
from scorecards.tables import Unit

CLOSURE = {"period": pl.Date, "unit": pl.String, "ancestor": pl.String, "distance": pl.Int64}


def closure(project: Project, periods: Sequence[date]) -> pl.DataFrame:
    """For every period, each unit paired with itself and all units above it then.

    Columns: period, unit, ancestor, distance (0 for itself). Rows of earlier months count where their unit stands in
    the period (a unit that moves takes its past along). A unit that does not exist in the period is nobody's ancestor,
    but what it did still counts above it: from its last known parent, or its first one where it has not begun yet,
    upwards.
    """
    rows_of: dict[str, list[Unit]] = {}
    for row in project.units:
        rows_of.setdefault(row.id, []).append(row)
    pairs: list[tuple[date, str, str, int]] = []
    for period in periods:
        parents = {unit: _nearest(rows, month_end(period)).parent for unit, rows in rows_of.items()}
        existing = project.tree(period).units
        for unit in rows_of:
            path = enumerate(_path(parents, unit))
            pairs += [(period, unit, ancestor, distance) for distance, ancestor in path if ancestor in existing]
    return pl.DataFrame(pairs, schema=CLOSURE, orient="row")


def _nearest(rows: Sequence[Unit], day: date) -> Unit:
    """The row of a unit that is valid on the day, else the one that ended last before it, else the first to come."""
    begun = [row for row in rows if row.valid_from <= day]
    return max(begun, key=lambda row: row.valid_from) if begun else min(rows, key=lambda row: row.valid_from)


def _path(parents: Mapping[str, str | None], unit: str) -> list[str]:
    path = [unit]
    while (parent := parents.get(path[-1])) is not None and parent not in path:
        path.append(parent)
    return path
