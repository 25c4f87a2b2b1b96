"""How months and days are written.

Belongs here: their names and order. English has the house's own short forms; every other language has its customs.
"""

from __future__ import annotations

from datetime import date

from report_templates.formatting import MISSING
from report_templates.language import language

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def month(period: date, locale: str) -> str:
    """``October 2026``."""
    say = language(locale)
    if say.is_english:
        return f"{_MONTHS[period.month - 1]} {period.year}"
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", period, locale=say.customs)


def month_name(period: date, locale: str) -> str:
    """``October``."""
    say = language(locale)
    return _MONTHS[period.month - 1] if say.is_english else say.customs.months["stand-alone"]["wide"][period.month]


def short_month(period: date, locale: str, *, year: bool = False) -> str:
    """``Oct``, or ``Oct 25`` with the year."""
    say = language(locale)
    if say.is_english:
        name = _MONTHS[period.month - 1][:3]
    else:
        name = say.customs.months["stand-alone"]["abbreviated"][period.month]
    return f"{name}\u00a0{period.year % 100:02d}" if year else name


def day(value: date | None, locale: str) -> str:
    """``4 November 2026``; an en dash where missing."""
    return _written(value, locale, "{day}\u00a0{month} {year}", "long")


def short_day(value: date | None, locale: str) -> str:
    """``4 Nov 26``; an en dash where missing."""
    return _written(value, locale, "{day}\u00a0{month:.3}\u00a0{short_year:02}", "short")


def day_in_year(value: date | None, year: int, locale: str) -> str:
    """``4 Nov``, or ``4 Jan 27`` where it is of another year than this; an en dash where missing."""
    if value is not None and value.year != year:
        return short_day(value, locale)
    return _written(value, locale, "{day}\u00a0{month:.3}", "MMdd")


def _written(value: date | None, locale: str, english: str, custom: str) -> str:
    """A day in the house's English form, or as a locale's custom has it: a length, or a skeleton of CLDR's letters."""
    if value is None:
        return MISSING
    say = language(locale)
    if say.is_english:
        name = _MONTHS[value.month - 1]
        return english.format(day=value.day, month=name, year=value.year, short_year=value.year % 100)
    from babel.dates import format_date, format_skeleton

    if custom in ("long", "short"):
        return format_date(value, custom, locale=say.customs).replace(" ", "\u00a0", 1)
    return format_skeleton(custom, value, locale=say.customs)


def due_text(text: str, locale: str) -> str:
    """A due day as somebody wrote it; an ISO date becomes ``30 Nov 26``."""
    try:
        return short_day(date.fromisoformat(text), locale)
    except ValueError:
        return text
