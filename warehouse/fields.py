"""The fields of one delimited record, from as many lines as it takes.

Python's csv module reads doubled quotes. Its escape character works outside quotes too, where a backslash is a letter
for us, as for DuckDB: such records are read here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

LONGEST_FIELD = 4_000_001


def fields_of(lines: Iterator[str], delimiter: str, quote: str, backslash: bool = False) -> list[str]:
    """The fields of the first record of ``lines``, which takes no more of them than it needs.

    Raises ``csv.Error`` for a quote that does not close or has text after it.
    """
    if backslash:
        return _with_backslashes(lines, delimiter, quote)
    csv.field_size_limit(LONGEST_FIELD)
    # Spaces before a quote do not count; where a space is the delimiter it is one.
    return next(
        csv.reader(
            lines,
            delimiter=delimiter,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            strict=True,
            skipinitialspace=delimiter != " ",
        ),
        [],
    )


def _with_backslashes(lines: Iterator[str], delimiter: str, quote: str) -> list[str]:
    fields: list[str] = []
    text = next(lines, "").rstrip("\n")
    place = 0
    while True:
        start = place
        while delimiter != " " and text[start : start + 1] == " ":
            start += 1
        if text[start : start + 1] != quote:
            end = text.find(delimiter, place)
            fields.append(text[place:] if end < 0 else text[place:end])
            if end < 0:
                return fields
            place = end + 1
            continue
        value, place = "", start + 1
        while (letter := text[place : place + 1]) != quote:
            if not letter or (letter == "\\" and place + 1 == len(text)):
                line = next(lines, None)
                if line is None:
                    raise csv.Error("unexpected end of data")
                text, place, value = line.rstrip("\n"), 0, value + "\n"
                continue
            if letter == "\\":
                place += 1
            value += text[place]
            place += 1
        place += 1
        while delimiter != " " and text[place : place + 1] == " ":
            place += 1
        fields.append(value)
        if place >= len(text):
            return fields
        if text[place] != delimiter:
            raise csv.Error(f"'{delimiter}' expected after '{quote}'")
        place += 1
