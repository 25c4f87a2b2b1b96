"""The way back from a row of a delimited file to its line and its text: a second pass, for rejected rows only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from warehouse.fields import fields_of
from warehouse.reading import Located
from warehouse.records import Dialect, records

Shown = Callable[[str, Sequence[str]], str]


def by_records(path: Path, dialect: Dialect, shown: Shown) -> Callable[[Sequence[int]], Located]:
    """Where rows are records of any number of lines. ``shown`` gives what quarantine shows of a text and its fields."""

    def locate(rows: Sequence[int]) -> Located:
        wanted, found, number = set(rows), {}, 0
        for record in records(path, dialect):
            if record.broken:
                continue
            if number in wanted:
                found[number] = (record.line, shown(record.text, record.fields))
                if len(found) == len(wanted):
                    break
            number += 1
        return found

    return locate


def by_lines(path: Path, dialect: Dialect, broken: frozenset[int], shown: Shown) -> Callable[[Sequence[int]], Located]:
    """Where every line is a row, but for ``broken`` ones and those that hold none."""

    def locate(rows: Sequence[int]) -> Located:
        wanted, found = set(rows), {}
        with path.open(encoding="utf-8", newline="\n") as handle:
            number = -1
            for place, line in enumerate(handle, start=1):
                if place <= dialect.lines_before or place in broken or _is_no_row(line, dialect):
                    continue
                number += 1
                if number in wanted:
                    written = line.rstrip("\n")
                    fields = fields_of(iter([written]), dialect.delimiter, dialect.quote, dialect.backslash)
                    found[number] = (place, shown(written, fields))
                    if len(found) == len(wanted):
                        break
        return found

    return locate


def _is_no_row(line: str, dialect: Dialect) -> bool:
    """Whether a line that is a record by itself holds no value, or is a comment."""
    if dialect.is_empty(line) or dialect.is_comment(line):
        return True
    # Only of quotes, delimiters and spaces: it may be empty quotes.
    if not dialect.quote or line.strip(f"{dialect.delimiter}{dialect.quote} \t\n"):
        return False
    fields = fields_of(iter([line.rstrip("\n")]), dialect.delimiter, dialect.quote, dialect.backslash)
    return not any(value.strip() for value in fields)
