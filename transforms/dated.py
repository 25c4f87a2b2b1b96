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
ANCESTORS = {"epoch": pl.Date, "unit": pl.String, "ancestor": pl.String, "distance": pl.Int64}
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


def ancestors(trees: Mapping[date, UnitTree]) -> pl.DataFrame:
    """Every unit paired with itself and all units above it, by epoch: the frame ``ANCESTORS``."""
    rows = [
        (epoch, unit, ancestor, distance)
        for epoch, tree in trees.items()
        for unit in tree.units
        for distance, ancestor in enumerate(tree.ancestors(unit))
    ]
    return pl.DataFrame(rows, schema=ANCESTORS, orient="row")


def in_force(
    project: Project, rows: pl.DataFrame, wanted: pl.DataFrame, above: pl.DataFrame, on: Sequence[str],
    each: Sequence[str] = (),
) -> pl.DataFrame:  # fmt: skip
    """The row in force for everything wanted.

    ``rows`` has the columns ``ROWS``, those of ``on`` and ``each``, and what else a row holds; ``wanted`` has
    scorecard, epoch, unit and ``on``; ``above`` is ``ANCESTORS``. One row is found for each value of ``each``, such as
    every anchor. Returns the columns of ``wanted``, ``each``, what else the rows hold, and ``is_own``: whether the row
    is one for this very unit.
    """
    latest = _latest(project, rows, wanted["epoch"].unique().sort().to_list(), [*on, *each])
    own = latest.filter(pl.col("ancestor").is_not_null())
    general = latest.filter(pl.col("ancestor").is_null()).drop("ancestor")
    near = above.join(own.select("ancestor").unique(), on="ancestor", how="semi")
    candidates = pl.concat(
        [
            wanted.join(near, on=["epoch", "unit"]).join(own, on=["epoch", "ancestor", *on]).drop("ancestor"),
            wanted.join(general, on=["epoch", *on]).with_columns(pl.lit(_FAR, dtype=pl.Int64).alias("distance")),
        ],
        how="diagonal",
    ).filter(pl.col("for_card").is_null() | (pl.col("for_card") == pl.col("scorecard")))
    return (
        candidates.sort(pl.col("for_card").is_null(), "distance")
        .unique(["scorecard", "epoch", "unit", *on, *each], keep="first", maintain_order=True)
        .with_columns((pl.col("distance") == 0).alias("is_own"))
        .drop("for_card", "distance")
    )


def _latest(project: Project, rows: pl.DataFrame, starts: Sequence[date], on: Sequence[str]) -> pl.DataFrame:
    """Of the rows that differ in their day only, the latest in force in every epoch."""
    days = rows["effective_from"].unique().sort().to_list()
    known: dict[int, pl.DataFrame] = {0: rows.clear().drop("effective_from")}
    found = [known[0].with_columns(pl.lit(None, dtype=pl.Date).alias("epoch"))]
    ordered = rows.sort("effective_from")
    for epoch in starts:
        past = bisect_right(days, project.calendar.last_day(epoch))
        if past not in known:
            begun = ordered.filter(pl.col("effective_from") <= days[past - 1])
            known[past] = begun.unique(["for_card", "ancestor", *on], keep="last", maintain_order=True).drop(
                "effective_from"
            )
        found.append(known[past].with_columns(pl.lit(epoch, dtype=pl.Date).alias("epoch")))
    return pl.concat(found)
