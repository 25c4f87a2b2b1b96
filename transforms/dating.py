"""From a row's day to its period, as an expression.

Belongs here: the project's calendar applied to a column. What the calendar says is ``scorecards.calendar``.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from scorecards.calendar import MONTHS, Calendar
from scorecards.check_data import columns_of
from scorecards.project import Project
from scorecards.sources import Source


@dataclass(frozen=True)
class Dating:
    """How the rows of a source are dated: by the calendar, but for columns of the type month, which name a period."""

    calendar: Calendar = MONTHS
    months: frozenset[str] = frozenset()

    def period(self, column: str) -> pl.Expr:
        """The period of the day in a date, datetime or month column; null where no period has the day."""
        day = pl.col(column).cast(pl.Date)
        if not self.calendar.is_table:
            return day.dt.truncate("1mo")
        known = self.calendar.periods
        pairs = [(period, period) for period in known] if column in self.months else list(self.calendar.days())
        days, periods = zip(*pairs, strict=True)
        return day.replace_strict(list(days), list(periods), default=None, return_dtype=pl.Date)


BY_MONTHS = Dating()


def dating_of(project: Project, source: Source) -> Dating:
    """How the rows of one source are dated, its looked-up columns included."""
    if not project.calendar.is_table:
        return BY_MONTHS
    types = columns_of(project, source)
    return Dating(project.calendar, frozenset(name for name, type_ in types.items() if type_ == "month"))
