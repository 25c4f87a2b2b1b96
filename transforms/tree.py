"""The organisation tree as a frame: which unit counts into which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from scorecards.project import Project

CLOSURE = {"period": pl.Date, "unit": pl.String, "ancestor": pl.String, "distance": pl.Int64}


def closure(project: Project, periods: Sequence[date]) -> pl.DataFrame:
    """For every period, each unit paired with itself and all units above it then.

    Columns: period, unit, ancestor, distance (0 for itself). A unit that does not exist in a period has no row there; its rows of earlier months
    count where it stands in the period (a unit that moves takes its past along).
    """
    rows = [
        (period, unit, ancestor, distance)
        for period in periods
        for tree in [project.tree(period)]
        for unit in tree.units
        for distance, ancestor in enumerate(tree.ancestors(unit))
    ]
    return pl.DataFrame(rows, schema=CLOSURE, orient="row")
