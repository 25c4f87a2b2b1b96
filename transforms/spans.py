"""Months as numbers, and the months that an input takes for each period.

Belongs here: arithmetic on the calendar of an input. Nothing is aggregated here. A month's number is its years times
twelve plus its months, so that neighbours differ by one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from scorecards.periods import months_between
from transforms.plan import KpiInput
from transforms.tree import Trees

SPANS = {
    "period": pl.Date, "tree": pl.Int64, "first": pl.Int32, "last": pl.Int32, "covered": pl.Int64, "expected": pl.Int64,
    "window_from": pl.Date, "window_to": pl.Date,
}  # fmt: skip


def month_number(month: date) -> int:
    """The number of a month: February 2025 is one more than January 2025, and January one more than December 2024."""
    return month.year * 12 + month.month - 1


def numbered(column: str) -> pl.Expr:
    """The same for a column of dates."""
    return (pl.col(column).dt.year() * 12 + pl.col(column).dt.month() - 1).cast(pl.Int32)


def spans(
    declared: KpiInput, over_time: str, covered: Collection[date], periods: Sequence[date], trees: Trees, start: int
) -> pl.DataFrame:
    """One row a period: the frame ``SPANS``.

    ``first`` and ``last`` are the months that are taken, none of them after the period; ``covered`` is how many of them
    the source speaks of, ``expected`` how many the window has. A stock at one end of its window needs that month only.
    """
    rows: list[tuple[date, int, int, int, int, int, date, date]] = []
    for period in periods:
        first, last = declared.span(period, start)
        end = min(last, period)
        wanted = months_between(first, last)
        if over_time in ("first", "last"):
            wanted = [end if over_time == "last" else first]
        here = [month for month in wanted if month <= period]
        # A date before all months has no rows: any tree will do.
        dated = max(declared.dated(period, start), min(trees.tree_of))
        tree = 0 if trees.past_stays else trees.tree_of[dated]
        ends = (month_number(here[0]), month_number(here[-1]))
        rows.append(
            (period, tree, *ends, sum(month in covered for month in here), len(wanted), first, last)
        )  # fmt: skip
    return pl.DataFrame(rows, schema=SPANS, orient="row")
