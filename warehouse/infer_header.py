"""Which rows of a table are its header: one full of names, or several that share them between them.

Belongs here: what a first contract guesses from the texts of rows, in text files and in sheets. How the rows of a
header become names is ``headers.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from warehouse.headers import joined_header
from warehouse.number_signs import MINUS

# A contract declares no more.
_MOST_ROWS = 3
_NUMBER = re.compile(rf"[+{MINUS}-]?\d+([.,' ]\d{3})*([.,]\d+)?\s*%?")
# A year or a month in figures may be a name.
_YEAR = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])?")

Area = tuple[int, int, int, int]
"""First row, first column, last row and last column of merged cells, from 0."""


@dataclass(frozen=True)
class HeaderRows:
    """The first row of a header, from 0, and how many there are."""

    first: int
    count: int = 1


def header_rows(rows: Sequence[Sequence[str]], full: int, merged: Sequence[Area] = ()) -> HeaderRows:
    """The header of a table, ``full`` being the first row in which hardly a cell is empty.

    That row is the header, unless it holds numbers and names stand above it: then it is the first row of data, which
    must not be lost. Names that come twice in it are told apart by a row above it that groups them.
    """
    above = full - 1
    if above < 0 or len(_filled(rows[above])) < 2:
        return _down(HeaderRows(full), merged)
    if _is_below_names(rows, full, merged):
        first = _top(rows, above)
        names = set[int]().union(*(_filled(row) for row in rows[first:full]))
        if 3 * len(names) >= 2 * len(_filled(rows[full])):
            return HeaderRows(first, full - first)
    first = _top(rows, full)
    if len(set(joined_header(rows[first : full + 1]))) > len(set(rows[full])):
        return HeaderRows(first, full + 1 - first)
    return _down(HeaderRows(full), merged)


def _is_below_names(rows: Sequence[Sequence[str]], full: int, merged: Sequence[Area]) -> bool:
    ends_above = any(top < bottom == full - 1 for top, _, bottom, _ in merged)
    return ends_above or (_has_numbers(rows[full]) and not _has_numbers(rows[full - 1]))


def _top(rows: Sequence[Sequence[str]], last: int) -> int:
    """The uppermost row of a header that ends in the row ``last``: each groups columns of the one below it."""
    first = last
    while first and last - first + 1 < _MOST_ROWS and _groups(rows[first - 1], rows[first]):
        first -= 1
    return first


def _groups(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether one of several names of the upper row stands over more than one of the lower row."""
    names, below = sorted(_filled(upper)), _filled(lower)
    spans = pairwise([*names, max(len(upper), len(lower))])
    return len(names) > 1 and any(len(below.intersection(range(*span))) > 1 for span in spans)


def _down(found: HeaderRows, merged: Sequence[Area]) -> HeaderRows:
    """The header with the rows that its merged cells reach down to."""
    bottom = max((bottom for top, _, bottom, _ in merged if top == found.first), default=found.first)
    return HeaderRows(found.first, min(bottom + 1 - found.first, _MOST_ROWS))


def _filled(row: Sequence[str]) -> set[int]:
    return {place for place, text in enumerate(row) if text.strip()}


def _has_numbers(row: Sequence[str]) -> bool:
    return any(_NUMBER.fullmatch(text.strip()) and not _YEAR.fullmatch(text.strip()) for text in row)
