"""Working days: which days are free, and the moment by which the packs of a period are due.

Belongs here: counting. Public holidays come from the package ``holidays``, which is imported where a country is named.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scorecards.delivery import WEEKDAYS, Due


def is_free(due: Due, day: date) -> bool:
    """Whether nobody works on the day: weekend, public holiday, or a day that is declared free."""
    return (
        WEEKDAYS[day.weekday()] in due.weekend
        or day in due.free
        or (due.country is not None and day in public_holidays(due.country, due.region, day.year))
    )


def working_day_after(due: Due, last_day: date) -> date:
    """The working day that is declared, counted from the day after ``last_day``."""
    day, left = last_day, due.working_day
    while left:
        day += timedelta(days=1)
        left -= not is_free(due, day)
    return day


def due_moment(due: Due, last_day: date, time_zone: str) -> datetime:
    """The moment (UTC) by which a period that ends on ``last_day`` is due; ``time_zone`` where none is declared.

    A time of day that a change of clocks leaves out is taken as if the clocks had not changed yet.
    """
    zone = ZoneInfo(due.time_zone or time_zone)
    return datetime.combine(working_day_after(due, last_day), due.at, zone).astimezone(UTC)


@lru_cache(maxsize=64)
def public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """The public holidays of a country or a part of it in a year. Raises ``ValueError`` for one that is not known."""
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, subdiv=region, years=year))
    except NotImplementedError:
        where = f"{country}-{region}" if region else country
        raise ValueError(f"the public holidays of {where} are not known; declare them under 'free'") from None
