"""What a strptime format tells of a day, so that none is declared that takes the first month for every one.

Belongs here: the signs of formats. How values are read by them is the warehouse's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIGNS = re.compile(r"%-?(.)")
_MONTHS, _DAYS = frozenset("mbBjcxUVW"), frozenset("djcxuwaA")
_OF_DATES = _MONTHS | _DAYS | frozenset("yYgG")
_KNOWN = _OF_DATES | frozenset("fHIMnpSXzZ")


def untold(form: str, kind: str) -> Iterator[str]:
    """What a format of a month, a date or a time leaves open although its column needs it: `month`, `day`.

    By what a format does not tell the first is read. A time of day alone, with nothing of a date, is complete. Of
    signs that nobody knows the engine speaks.
    """
    signs = set(_SIGNS.findall(form.replace("%%", "")))
    if signs - _KNOWN or (kind == "datetime" and signs and not signs & _OF_DATES):
        return
    if not signs & _MONTHS:
        yield "month"
    if kind != "month" and not signs & _DAYS:
        yield "day"
