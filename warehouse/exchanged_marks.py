"""Numbers of which some are rejected because they have the other decimal mark: then accepted ones may be misread.

12,50 where the contract has a point is no number and is rejected; 1.500 is one either way, and nothing in its own row
tells whether a thousand and a half or one and a half is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from scorecards.columns import NUMBERS
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.exchanged_days import untyped_values
from warehouse.number_signs import MINUS

MARKS = {".": "point", ",": "comma"}


def exchanged_marks_told(found: pl.DataFrame, source: Source) -> Iterator[str]:
    """A note for every column of which rejected values are numbers with the other decimal mark.

    ``found`` are rejected rows. Personal values are in no reason, and so nothing is told of them.
    """
    other = "," if source.decimal == "." else "."
    for name, column in source.columns.items():
        values = untyped_values(found, name) if column.type in NUMBERS else []
        fitting = [value for value in values if _has_mark(value, other)]
        if fitting:
            yield (
                f"{name}: {plural(len(fitting), 'rejected value')}, such as '{fitting[0]}', would be a number with a "
                f"decimal {MARKS[other]}: accepted values with a {MARKS[source.decimal]} may have been read as "
                f"fractions where thousands were meant"
            )


def _has_mark(value: str, mark: str) -> bool:
    """Whether a value is a number with this decimal mark, and cannot be one with a mark of thousands there."""
    whole, *fraction = value.strip(f"+-{MINUS} %").split(mark)
    if len(fraction) != 1 or not fraction[0].isdecimal() or not re.fullmatch(r"[\d .,'\u00a0\u202f]*", whole):
        return False
    return len(fraction[0]) != 3 or not re.fullmatch(r"[1-9]\d{0,2}", whole)
