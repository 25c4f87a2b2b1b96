"""Records of a delimited text file, one by one: which are whole, which are broken, and on which line each begins.

DuckDB reads the same files many times faster; this reader judges where a file has broken rows, and finds the lines
of rejected ones. A broken record costs its first line only, so that one stray quote does not swallow the rows after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_LINE = 4_000_000
_MOST_LINES = 1_000


@dataclass(frozen=True)
class Dialect:
    """How a file's records are written: delimiter, the number of fields, and the lines before the first record."""

    delimiter: str
    width: int
    lines_before: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line (from 1), its text without the last newline, its fields, or what is wrong with it."""

    line: int
    text: str
    fields: list[str]
    broken: str | None = None


class _Lines:
    """Lines of a file that can be put back."""

    def __init__(self, path: Path, skip: int) -> None:
        self._handle = path.open(encoding="utf-8", newline="\n")
        for _ in range(skip):
            self._handle.readline()
        self._back: deque[str] = deque()

    def next(self) -> str:
        return self._back.popleft() if self._back else self._handle.readline()

    def put_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))

    def close(self) -> None:
        self._handle.close()


def records(path: Path, dialect: Dialect) -> Iterator[Record]:
    """Every record that is not blank, in the order of the file. ``path`` is UTF-8 with line feeds."""
    lines = _Lines(path, dialect.lines_before)
    number = dialect.lines_before
    try:
        while line := lines.next():
            number += 1
            text = line.rstrip("\n")
            if not text:
                continue
            if "\0" in text:
                yield Record(number, text, [], "holds a NUL character")
            elif len(text) > LONGEST_LINE:
                yield Record(number, f"{text[:200]}…", [], f"is too long to be a row ({len(text):,} characters)")
            elif '"' not in text:
                yield judged(number, text, text.split(dialect.delimiter), dialect)
            else:
                found = _quoted(number, line, lines, dialect)
                yield found
                number += found.text.count("\n")
    finally:
        lines.close()


def judged(number: int, text: str, fields: list[str], dialect: Dialect) -> Record:
    """A record of these fields, broken where they are not as many as the header's; an empty last one may be over."""
    if len(fields) == dialect.width + 1 and not fields[-1]:
        fields = fields[:-1]
    if len(fields) == dialect.width:
        return Record(number, text, fields)
    word = "fewer" if len(fields) < dialect.width else "more"
    return Record(number, text, fields, f"has {len(fields)} fields, {word} than the header's {dialect.width}")


def _quoted(number: int, first: str, lines: _Lines, dialect: Dialect) -> Record:
    """A record whose first line holds a quote: it may go on over more lines, which are put back when it is broken."""
    taken = [first]

    def feed() -> Iterator[str]:
        yield first
        size = len(first)
        while len(taken) < _MOST_LINES and size < LONGEST_LINE and (line := lines.next()):
            taken.append(line)
            size += len(line)
            yield line

    csv.field_size_limit(LONGEST_LINE + 1)
    try:
        fields = next(csv.reader(feed(), delimiter=dialect.delimiter, strict=True, skipinitialspace=True))
    except csv.Error as error:
        lines.put_back(taken[1:])
        return Record(number, first.rstrip("\n"), [], _words(error))
    found = judged(number, "".join(taken).rstrip("\n"), fields, dialect)
    if found.broken and len(taken) > 1:
        lines.put_back(taken[1:])
        return Record(number, first.rstrip("\n"), [], "has a quote that is not closed")
    return found


def _words(error: csv.Error) -> str:
    if "expected after" in str(error):
        return "has text after a closing quote"
    return "holds a carriage return" if "new-line" in str(error) else "has a quote that is not closed"


def first_record(path: Path, delimiter: str, skip: int) -> tuple[list[str], int, int]:
    """The fields of the first record that is not blank, the lines up to and with it, and the lines that it takes.

    Without fields where there is no record, or where its quotes do not close.
    """
    lines = _Lines(path, skip)
    before, taken = skip, 0

    def feed() -> Iterator[str]:
        nonlocal taken
        while taken < _MOST_LINES and (line := lines.next()):
            taken += 1
            yield line

    try:
        while (line := lines.next()) == "\n":
            before += 1
        lines.put_back([line] if line else [])
        fields = next(csv.reader(feed(), delimiter=delimiter, strict=True, skipinitialspace=True), [])
    except csv.Error:
        fields = []
    finally:
        lines.close()
    return fields, before + taken, taken
