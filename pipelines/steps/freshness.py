"""Freshness: which deliveries are late, by the days after the end of a month that their contracts allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.steps.setting import Setting
from scorecards.periods import FREQUENCY_MONTHS, add_months, last_date, months_between, period_text
from scorecards.words import plural


@dataclass(frozen=True)
class Late:
    """A month's delivery of a source that was due on a day and has not come, or came later (``came_on``)."""

    source: str
    period: date
    due: date
    came_on: date | None

    def days(self, today: date) -> int:
        """How many days it is, or was, late."""
        return ((self.came_on or today) - self.due).days


def late(setting: Setting, periods: Sequence[date], today: date, sources: Sequence[str] = ()) -> list[Late]:
    """The late deliveries of these months, oldest first; of the named ``sources`` only, where any are named.

    Late is what neither came by the day it was due nor was accepted since. The first accepted delivery that speaks of
    the month counts; a correction is not late.
    """
    found = []
    for source_id, source in setting.project.sources.items():
        if source.expects.due is None or (sources and source_id not in sources):
            continue
        for period, came_on in first_came(setting, source_id, periods).items():
            due = due_on(setting, source_id, period)
            if due is not None and (came_on or today) > due:
                found.append(Late(source_id, period, due, came_on))
    return sorted(found, key=lambda one: (one.period, one.source))


def due_on(setting: Setting, source_id: str, period: date) -> date | None:
    """The last day on which a source's delivery by a month is in time; None where none is due by it, or by no day."""
    days = setting.project.sources[source_id].expects.due
    return (
        None
        if days is None or not due_for(setting, source_id, period)
        else setting.project.calendar.last_day(period) + timedelta(days)
    )


def due_for(setting: Setting, source_id: str, period: date) -> list[date]:
    """The months of which one must have a delivery by the end of this one.

    The month itself, or the months of the quarter or year that ends with it; none where neither does.
    """
    frequency, start = setting.project.sources[source_id].frequency, setting.project.organisation.fiscal_year_starts
    if last_date(period, frequency, start) != period:
        return []
    return months_between(add_months(period, 1 - FREQUENCY_MONTHS[frequency]), period)


def first_came(setting: Setting, source_id: str, periods: Sequence[date]) -> dict[date, date | None]:
    """By month the day on which the first accepted delivery came that speaks of it; None where none has.

    Of a month by which that of a quarter or year is due, the first of the whole quarter or year.
    """
    view = setting.view()
    loads = [load for load in setting.loads(source_id) if load.refused is None and view.has(load)]
    found: dict[date, date | None] = {}
    for period in periods:
        months = {period, *due_for(setting, source_id, period)}
        days = (load.known_on for load in loads if not months.isdisjoint((load.period, *load.periods)))
        found[period] = min(days, default=None)
    return found


def due_months(setting: Setting, months: int, today: date) -> list[date]:
    """The newest months that are over, oldest first, none before the project's first."""
    newest = setting.project.calendar.newest_over(today)
    return months_between(max(setting.project.organisation.first_period, add_months(newest, 1 - months)), newest)


def late_told(setting: Setting, periods: Sequence[date], today: date) -> Iterator[str]:
    """One line for every delivery of these months that was due and has not come."""
    for one in late(setting, periods, today):
        if one.came_on is None:
            owner = setting.project.sources[one.source].owner
            asked = f" Ask {owner}." if owner else ""
            ago = plural(one.days(today), "day")
            yield f"late: {period_text(one.period)} {one.source}: was due on {one.due}, {ago} ago.{asked}"
