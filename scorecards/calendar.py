"""Which days belong to a period: calendar months, or the rows of ``calendar.csv`` for a 4-4-5 or any other calendar.

Belongs here: from a day to its period and back. A period stays the first day of the month that names it, whatever its
days. Does not belong here: arithmetic on periods (``periods.py``), rules about the table (``check_calendar.py``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from scorecards.errors import DeclarationError, Problem
from scorecards.periods import add_months, month_end, period_text
from scorecards.tables import CalendarPeriod

CALENDAR_FILE = "calendar.csv"


@dataclass(frozen=True)
class Calendar:
    """The days of every period; without rows they are those of the calendar month."""

    rows: tuple[CalendarPeriod, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether the days come from ``calendar.csv``."""
        return bool(self.rows)

    @property
    def periods(self) -> list[date]:
        """The periods of the table, from the first to the last; none for calendar months, which have no end."""
        return [row.period for row in self._in_order]

    def period_of(self, day: date) -> date | None:
        """The period to which the day belongs; None outside the table."""
        if not self.rows:
            return day.replace(day=1)
        place = bisect_right(self._in_order, day, key=lambda row: row.first_day) - 1
        found = self._in_order[place] if place >= 0 else None
        return found.period if found is not None and day <= found.last_day else None

    def first_day(self, period: date) -> date:
        """The first day of the period. Raises ``DeclarationError`` for a period that the table does not have."""
        return self._row(period).first_day if self.rows else period

    def last_day(self, period: date) -> date:
        """The last day of the period. Raises ``DeclarationError`` for a period that the table does not have."""
        return self._row(period).last_day if self.rows else month_end(period)

    def newest_over(self, today: date) -> date:
        """The newest period that is over: its days have passed, and so has the month that names it."""
        newest = add_months(today.replace(day=1), -1)
        over = [row.period for row in self.rows if row.last_day < today and row.period <= newest]
        return max(over, default=newest) if self.rows else newest

    def days(self) -> Iterator[tuple[date, date]]:
        """Every day of the table with its period."""
        for row in self._in_order:
            for number in range((row.last_day - row.first_day).days + 1):
                yield row.first_day + timedelta(days=number), row.period

    def text(self) -> str:
        """The calendar as one line, from which digests are made; empty for calendar months."""
        return ",".join(f"{row.period}:{row.first_day}:{row.last_day}" for row in self._in_order)

    @cached_property
    def _in_order(self) -> list[CalendarPeriod]:
        return sorted(self.rows, key=lambda row: row.first_day)

    @cached_property
    def _by_period(self) -> dict[date, CalendarPeriod]:
        return {row.period: row for row in self.rows}

    def _row(self, period: date) -> CalendarPeriod:
        found = self._by_period.get(period)
        if found is None:
            last = self._in_order[-1]
            message = f"has no days for {period_text(period)}; it ends with {period_text(last.period)}."
            remedy = f"Add the periods after {last.last_day}."
            raise DeclarationError([Problem(CALENDAR_FILE, last.line, "period", message, remedy)])
        return found


MONTHS = Calendar()
