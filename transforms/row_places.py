"""Which staged rows an input takes, as SQL: the units that count, and the column that dates the rows.

Belongs here: conditions on units and months. The statements that they stand in are ``row_sql.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from scorecards.calendar import Calendar
from scorecards.check_data import columns_of
from scorecards.kpis import Measure
from scorecards.periods import add_months
from scorecards.project import Project
from scorecards.sources import Source, Validity
from transforms.placing import looks_up_period, looks_up_unit
from transforms.sql_text import day, ident, listed, text


@dataclass(frozen=True)
class Taken:
    """Months that an input takes, in order, and the units whose rows count in them; None: every unit's."""

    units: tuple[str, ...] | None
    months: tuple[date, ...]


@dataclass(frozen=True)
class MonthColumn:
    """How rows are dated: by ``column``, which is a month or gives the ``day``; none: by the month that staging gives.

    ``expression`` gives the month, None where SQL cannot. For rows that hold over a time, ``holds`` says when they
    count in the one month, and ``joined`` are lines after FROM that repeat them for each of several months.
    """

    column: str | None
    day: str
    is_month: bool
    calendar: Calendar
    expression: str | None
    joined: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()

    def within(self, months: Sequence[date]) -> list[str]:
        """The conditions on which a row belongs to one of these months."""
        if self.holds:
            return list(self.holds)
        if self.is_month:
            name = ident(self.column) if self.column else "_period"
            return [_either([_within(name, first, last) for first, last in _runs(months)])]
        days = [
            (self.calendar.first_day(first), self.calendar.last_day(last))
            for first, last in (zip(months, months, strict=True) if self.calendar.is_table else _runs(months))
        ]
        return [_either([f"{self.day} BETWEEN {day(first)} AND {day(last)}" for first, last in days])]


def month_column(project: Project, source: Source, measure: Measure, taken: Sequence[Taken]) -> MonthColumn:
    """How the rows of a measure are dated when these months are taken."""
    calendar, types = project.calendar, columns_of(project, source)

    def as_day(name: str) -> str:
        return f"CAST({ident(name)} AS DATE)" if types.get(name) == "datetime" else ident(name)

    column = measure.period or (str(source.period) if looks_up_period(source) else None)
    if column is not None:
        is_month = calendar.is_table and types.get(column) == "month"
        truncated = f"CAST(date_trunc('month', {ident(column)}) AS DATE)"
        return MonthColumn(column, as_day(column), is_month, calendar, None if calendar.is_table else truncated)
    if not isinstance(source.period, Validity):
        return MonthColumn(None, "", True, calendar, "_period")
    months = [month for each in taken for month in each.months]
    start, end = as_day(source.period.start), as_day(source.period.end)
    if len(months) == 1:
        last = day(calendar.last_day(months[0]))
        holds = (f"{start} <= {last}", f"({end} IS NULL OR {end} >= {last})")
        return MonthColumn(None, "", True, calendar, day(months[0]), holds=holds)
    ends = [f"({day(month)}, {day(calendar.last_day(month))})" for month in months]
    joined = (
        *listed("JOIN (VALUES ", ends, "  ", ") AS months(_month, _last_day)").splitlines(),
        f"  ON {start} <= _last_day",
        f"  AND ({end} IS NULL OR {end} >= _last_day)",
    )
    return MonthColumn("_month", "", True, calendar, "_month", joined)


def is_taken(source: Source, month: MonthColumn, taken: Sequence[Taken]) -> list[str]:
    """The conditions that a row meets when it counts; they are to be joined by AND."""
    unit = _unit_of(source)
    if len(taken) == 1:
        (only,) = taken
        return [*_among(unit, only.units), *month.within(only.months)]
    each_way = [" AND ".join([*_among(unit, each.units), *month.within(each.months)]) for each in taken]
    return ["(" + "\n  OR ".join(each_way) + ")"]


def _unit_of(source: Source) -> str:
    if source.unit is None or not looks_up_unit(source):
        return "_unit"
    code = f"CAST({ident(str(source.unit.column))} AS VARCHAR)"
    cases = [f"WHEN {text(given)} THEN {text(meant)}" for given, meant in source.unit.values.items()]
    return f"CASE {code} {' '.join(cases)} ELSE {code} END" if cases else code


def _among(unit: str, units: Sequence[str] | None) -> list[str]:
    return [] if units is None else [listed(f"{unit} IN (", [text(each) for each in units], "    ", ")")]


def _within(name: str, first: date, last: date) -> str:
    return f"{name} = {day(first)}" if first == last else f"{name} BETWEEN {day(first)} AND {day(last)}"


def _either(tests: Sequence[str]) -> str:
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def _runs(months: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Months one after the other as spans without gaps."""
    first = None
    for place, month in enumerate(months):
        first = first or month
        if place == len(months) - 1 or months[place + 1] != add_months(month, 1):
            yield first, month
            first = None
