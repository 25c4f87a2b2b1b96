"""Rules about ``calendar.csv``: that every day from the first period on belongs to one period, and to no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from scorecards.calendar import CALENDAR_FILE
from scorecards.errors import Problem
from scorecards.periods import add_months, months_between, period_text
from scorecards.project import Project
from scorecards.tables import CalendarPeriod


def check_calendar(project: Project) -> Iterator[Problem]:
    """Problems of the table: periods outside the project, twice or missing; days in two periods or in none."""
    rows, first = project.calendar.rows, project.organisation.first_period
    if not rows:
        if (project.root / CALENDAR_FILE).is_file():
            remedy = "Delete it for calendar months, or write period,first_day,last_day."
            yield Problem(CALENDAR_FILE, 0, "", "declares no period.", remedy)
        return
    known: dict[object, CalendarPeriod] = {}
    for row in rows:
        if row.period < first:
            message = f"{period_text(row.period)} is before the first period {period_text(first)} of scorecard.yaml."
            yield _problem(row, "period", message, "Delete the row, or set first_period to it.")
        elif row.period in known:
            message = f"{period_text(row.period)} stands in line {known[row.period].line} too."
            yield _problem(row, "period", message, "Keep one of them.")
        else:
            known[row.period] = row
    ordered = sorted(known.values(), key=lambda row: row.period)
    if ordered and ordered[0].period > first:
        begins = f"begins with {period_text(ordered[0].period)}, but the project with {period_text(first)}."
        yield _problem(ordered[0], "period", begins, "Add the periods before it.")
    for before, row in pairwise(ordered):
        yield from _follows(before, row)
    for row in ordered:
        yield from _is_over(project, row)


def _follows(before: CalendarPeriod, row: CalendarPeriod) -> Iterator[Problem]:
    missing = months_between(add_months(before.period, 1), add_months(row.period, -1))
    if missing:
        named = ", ".join(period_text(period) for period in missing[:3]) + (", …" if len(missing) > 3 else "")
        message = f"{named} is missing between lines {before.line} and {row.line}."
        yield _problem(row, "period", message, "Every month from the first to the last has a row.")
        return
    wanted = before.last_day + timedelta(days=1)
    if row.first_day > wanted:
        lost = row.first_day - timedelta(days=1)
        days = f"{wanted} belongs" if lost == wanted else f"{wanted} to {lost} belong"
        message = f"{days} to no period: {period_text(before.period)} ends on {before.last_day}."
        yield _problem(row, "first_day", message, f"Write {wanted}, or let the period before end later.")
    elif row.first_day < wanted:
        message = f"'{row.first_day}' belongs to {period_text(before.period)} (line {before.line}) already."
        yield _problem(row, "first_day", message, f"Write {wanted}, or let the period before end earlier.")


def _is_over(project: Project, row: CalendarPeriod) -> Iterator[Problem]:
    """The schedule runs a period on the close day of the month after the one that names it."""
    run_on = add_months(row.period, 1).replace(day=project.organisation.close_day)
    if row.last_day >= run_on:
        message = f"{period_text(row.period)} ends on {row.last_day}, but the schedule runs it on {run_on}."
        yield _problem(row, "last_day", message, "Declare a later close_day in scorecard.yaml.", "warning")


def _problem(row: CalendarPeriod, column: str, message: str, remedy: str, severity: str = "error") -> Problem:
    return Problem(CALENDAR_FILE, row.line, column, message, remedy, "warning" if severity == "warning" else "error")
