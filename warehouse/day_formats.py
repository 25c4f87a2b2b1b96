"""The ways in which days, moments and months are written, and which of them a column of texts is written in.

Belongs here: the list of formats that are looked for, and reading values by them. That a format is declared, and how
rows are typed by it, is ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

_DAYS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y",
    "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y",
)  # fmt: skip
_TIMES = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
FORMATS: dict[str, tuple[str, ...]] = {
    "date": ("%Y-%m-%d", *_DAYS),
    "datetime": tuple(f"{day}{gap}{time}" for day in ("%Y-%m-%d", *_DAYS) for gap in (" ", "T") for time in _TIMES),
    "month": ("%Y-%m", "%m/%Y", "%m.%Y", "%m-%Y", "%Y/%m", "%b %Y", "%B %Y", "%b-%y", "%b-%Y", "%Y%m"),
}


def readable_as(values: Sequence[str], kind: str) -> list[str]:
    """The formats of a kind (date, datetime or month) that read every one of the values as a year from 1900 to 2199."""
    return [form for form in FORMATS[kind] if values and all(reads(value, form) for value in values)]


def reads(value: str, form: str) -> bool:
    """Whether a text is written in a format."""
    try:
        found = datetime.strptime(value, form)
    except ValueError:
        return False
    # Python reads '2024-1-5' too, and '1/5' of a two-digit day; so does the engine.
    return 1900 <= found.year <= 2199 and ("%Y%m" not in form or len(value) == len(found.strftime(form)))
