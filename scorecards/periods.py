"""Months, windows and offsets: the calendar of the language.

Belongs here: pure arithmetic on months. A *period* is the first day of its month. Does not belong here: any data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

# A longer window or offset is a slip of the pen, and would leave the calendar.
_MOST_MONTHS = 600
# A unit that had no rows for longer than this is taken to have none, not to be late.
LATE_MONTHS = 12
WindowKind = Literal["month", "quarter", "quarter to date", "year", "year to date", "trailing"]
Frequency = Literal["month", "quarter", "year"]
FREQUENCY_MONTHS: dict[Frequency, int] = {"month": 1, "quarter": 3, "year": 12}
MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def parse_period(text: str) -> date:
    """``'2025-09'`` → 1 September 2025. Raises ``ValueError`` for anything else."""
    if not re.fullmatch(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])", text):
        raise ValueError(f"'{text}' is not a month; write it as 2025-09")
    return date(int(text[:4]), int(text[5:]), 1)


def period_text(period: date) -> str:
    """1 September 2025 → ``'2025-09'``."""
    return f"{period.year:04d}-{period.month:02d}"


def add_months(period: date, months: int) -> date:
    """The period ``months`` later (earlier when negative)."""
    index = period.year * 12 + period.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """All periods from ``first`` to ``last``, both included; empty when ``last`` is earlier."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first, i) for i in range(max(count, 0))]


def month_end(period: date) -> date:
    """The last day of the period."""
    return add_months(period, 1) - timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """The months over which an input is taken.

    ``quarter`` and ``year`` are whole fiscal quarters and years: they are complete in their last month only.
    The ``to date`` kinds run from the start of the fiscal quarter or year to the period itself.
    """

    kind: WindowKind
    months: int = 1

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read a declared window such as ``year to date`` or ``trailing 12 months``. Raises ``ValueError``."""
        words = " ".join(text.split()).lower()
        if words == "month to date":
            return cls("month")
        if words in ("month", "quarter", "quarter to date", "year", "year to date"):
            return cls(words)  # type: ignore[arg-type]
        match = re.fullmatch(r"trailing (\d+) months?", words)
        if match and 1 <= int(match[1]) <= _MOST_MONTHS:
            return cls("trailing", int(match[1]))
        raise ValueError(
            f"'{text}' is not a window; write month, quarter, quarter to date, year, year to date or trailing 12 months"
        )

    def __str__(self) -> str:
        return f"trailing {self.months} months" if self.kind == "trailing" else self.kind

    def span(self, period: date, fiscal_start: int) -> tuple[date, date]:
        """First and last month of the window that belongs to ``period``; ``fiscal_start`` is the month 1 to 12."""
        if self.kind == "month":
            return period, period
        if self.kind == "trailing":
            return add_months(period, 1 - self.months), period
        into_year = (period.month - fiscal_start) % 12
        length = 3 if self.kind.startswith("quarter") else 12
        first = add_months(period, -(into_year % length))
        return first, period if self.kind.endswith("to date") else add_months(first, length - 1)


def parse_offset(text: str) -> int:
    """Read ``1 year``, ``2 quarters`` or ``3 months`` as a number of months. Raises ``ValueError``."""
    match = re.fullmatch(r"(\d+) (month|quarter|year)s?", " ".join(text.split()).lower())
    months = int(match[1]) * {"month": 1, "quarter": 3, "year": 12}[match[2]] if match else _MOST_MONTHS + 1
    if months > _MOST_MONTHS:
        raise ValueError(f"'{text}' is not an offset; write 1 month, 2 quarters or 1 year")
    return months


def last_date(period: date, frequency: Frequency, fiscal_start: int) -> date:
    """The newest period, up to this one, that ends a fiscal quarter or year: when something of the frequency is due."""
    length = FREQUENCY_MONTHS[frequency]
    into = (period.month - fiscal_start) % 12 % length
    return period if into == length - 1 else add_months(period, -into - 1)


@dataclass(frozen=True)
class Late:
    """What a unit's stock is in a month for which its snapshot has not come: ``months`` counts for last known."""

    kind: Literal["missing", "left out", "last known"]
    months: int = 0

    @classmethod
    def parse(cls, text: str) -> Late:
        """Read ``missing``, ``left out`` or ``last known for 2 months``. Raises ``ValueError``."""
        words = " ".join(text.split()).lower()
        if words in ("missing", "left out"):
            return cls(words)  # type: ignore[arg-type]
        match = re.fullmatch(r"last known for (\d+) months?", words)
        if match and 1 <= int(match[1]) <= LATE_MONTHS:
            return cls("last known", int(match[1]))
        raise ValueError(f"'{text}' is not known; write missing, left out or last known for 2 months (at most 12)")

    def __str__(self) -> str:
        return f"last known for {self.months} months" if self.kind == "last known" else self.kind
