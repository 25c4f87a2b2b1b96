"""Rows that hold from a day on, for a unit and all below it: which one is in force.

The nearest wins: a row for the scorecard over one for all scorecards, then the unit's own over its parent's over a row
without a unit, then the latest that was in force at the end of the month. Targets and weights share this rule.

Belongs here: the rule, and the spans of months over which its outcome cannot change. What the rows hold is
``targets.py`` and ``aggregation.py``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from scorecards.project import Project
from scorecards.units import UnitTree

ROWS = {"for_card": pl.String, "ancestor": pl.String, "effective_from": pl.Date}
ANCESTORS = {
    "epoch": pl.Date, "last_day": pl.Date, "unit": pl.String, "ancestor": pl.String, "distance": pl.Int64,
}  # fmt: skip
_FAR = 1_000_000


def epochs(project: Project, periods: Iterable[date], days: Iterable[date]) -> dict[date, date]:
    """Every period with its epoch: the first of the periods that share its tree, and on which of ``days`` are past.

    What depends on the tree and on rows that take effect on ``days`` is worked out once an epoch.
    """
    changes = {unit.valid_from for unit in project.units} | set(days)
    changes |= {unit.valid_to + timedelta(days=1) for unit in project.units if unit.valid_to < date.max}
    ordered = sorted(changes)
    first: dict[int, date] = {}
    return {
        period: first.setdefault(bisect_right(ordered, project.calendar.last_day(period)), period)
        for period in sorted(set(periods))
    }


def epoch_frame(found: Mapping[date, date]) -> pl.DataFrame:
    """The same as a frame: columns period, epoch."""
    return pl.DataFrame(list(found.items()), schema={"period": pl.Date, "epoch": pl.Date}, orient="row")


def ancestors(project: Project, trees: Mapping[date, UnitTree]) -> pl.DataFrame:
    """Every unit paired with itself and all units above it, by epoch and its last day: the frame ``ANCESTORS``."""
    rows = [
        (epoch, project.calendar.last_day(epoch), unit, ancestor, distance)
        for epoch, tree in trees.items()
        for unit in tree.units
        for distance, ancestor in enumerate(tree.ancestors(unit))
    ]
    return pl.DataFrame(rows, schema=ANCESTORS, orient="row")


def in_force(
    rows: pl.DataFrame, wanted: pl.DataFrame, above: pl.DataFrame, on: Sequence[str], each: Sequence[str] = ()
) -> pl.DataFrame:
    """The row in force for everything wanted.

    ``rows`` has the columns ``ROWS``, those of ``on`` and ``each``, and what else a row holds; ``wanted`` has
    scorecard, epoch, unit and ``on``; ``above`` is ``ANCESTORS``. One row is found for each value of ``each``, such as
    every anchor. Returns the columns of ``wanted``, ``each``, what else the rows hold, and ``is_own``: whether a row
    for this very unit is in force.
    """
    keys = ["scorecard", "epoch", "unit", *on, *each]
    own = rows.filter(pl.col("ancestor").is_not_null())
    general = rows.filter(pl.col("ancestor").is_null()).drop("ancestor")
    near = above.join(own.select("ancestor").unique(), on="ancestor", how="semi")
    days = above.select("epoch", "last_day").unique()
    candidates = pl.concat(
        [
            wanted.join(near, on=["epoch", "unit"]).join(own, on=["ancestor", *on]).drop("ancestor"),
            wanted.join(days, on="epoch")
            .join(general, on=list(on))
            .with_columns(pl.lit(_FAR, dtype=pl.Int64).alias("distance")),
        ],
        how="diagonal",
    ).filter(
        pl.col("effective_from") <= pl.col("last_day"),
        pl.col("for_card").is_null() | (pl.col("for_card") == pl.col("scorecard")),
    )
    return (
        candidates.with_columns((pl.col("distance").min().over(keys) == 0).alias("is_own"))
        .sort(pl.col("for_card").is_null(), "distance", "effective_from", descending=[False, False, True])
        .unique(keys, keep="first", maintain_order=True)
        .drop("for_card", "distance", "effective_from", "last_day")
    )
