"""Records of a delimited text file, one by one: which are whole, which are broken, and on which line each begins.

DuckDB reads the same files many times faster; this reader judges where a file has broken rows, and finds the lines
of rejected ones. A record whose quotes do not close costs its first line only, so that one stray quote does not swallow
the rows after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scorecards.errors import DataRefused
from warehouse.fields import fields_of

LONGEST_LINE = 4_000_000
MOST_BROKEN = 250_000
FEWEST_FIELDS = 4
_MOST_LINES = 1_000
_NOT_CLOSED = "has a quote that is not closed"
# Looking for the end of each costs up to a thousand lines.
_MOST_NOT_CLOSED = 5_000


@dataclass(frozen=True)
class Dialect:
    """How a file's records are written.

    ``quote`` may be empty; with ``backslash`` a quote inside quotes stands after one, else it is doubled. Lines that
    begin with one of ``comment`` are no records. ``width`` is the number of fields, ``lines_before`` the number of
    lines before the first record.
    """

    delimiter: str
    quote: str = '"'
    backslash: bool = False
    comment: tuple[str, ...] = ()
    width: int = 0
    lines_before: int = 0

    def is_comment(self, line: str) -> bool:
        """Whether a line is a comment."""
        return bool(self.comment) and line.lstrip(" ").startswith(self.comment)

    def is_empty(self, line: str) -> bool:
        """Whether a line holds nothing but delimiters and spaces."""
        return not line.strip(f"{self.delimiter} \t\n")

    def is_plain(self, line: str) -> bool:
        """Whether a line's fields are simply what stands between its delimiters."""
        return not self.quote or self.quote not in line


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line (from 1), its text without the last newline, its fields, or what is wrong with it."""

    line: int
    text: str
    fields: list[str]
    broken: str | None = None


@dataclass
class Skipped:
    """Lines that are no records, as they were met: those of delimiters only, and those in quotes that look like one."""

    empty: int = field(default=0)
    row_like: int = field(default=0)


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


def records(path: Path, dialect: Dialect, skipped: Skipped | None = None) -> Iterator[Record]:
    """Every record with a value, in the order of the file; ``skipped`` counts the others.

    ``path`` is UTF-8 with line feeds. Raises ``DataRefused`` where quotes do not close again and again.
    """
    skipped = skipped or Skipped()
    lines = _Lines(path, dialect.lines_before)
    number, broken, not_closed = dialect.lines_before, 0, 0
    try:
        while line := lines.next():
            number += 1
            text = line.rstrip("\n")
            if not text or dialect.is_comment(text):
                continue
            if dialect.is_empty(text):
                skipped.empty += 1
            elif "\0" in text:
                yield Record(number, text, [], "holds a NUL character")
            elif len(text) > LONGEST_LINE:
                yield Record(number, f"{text[:200]}…", [], f"is too long to be a row ({len(text):,} characters)")
            elif dialect.is_plain(text):
                found = judged(number, text, text.split(dialect.delimiter), dialect)
                broken += found.broken is not None
                require_mostly_whole(broken)
                yield found
            else:
                found = _quoted(number, line, lines, dialect)
                not_closed += found.broken == _NOT_CLOSED
                if not_closed > _MOST_NOT_CLOSED:
                    raise DataRefused(
                        f"more than {_MOST_NOT_CLOSED:,} rows have a quote that is not closed, "
                        f"the last in line {number}. Check 'quote' and 'escape' in the contract."
                    )
                if not found.broken:
                    skipped.row_like += row_like(found, dialect)
                if found.broken or any(value.strip() for value in found.fields):
                    yield found
                else:
                    skipped.empty += 1
                number += found.text.count("\n")
    finally:
        lines.close()


def row_like(record: Record, dialect: Dialect) -> int:
    """How many lines inside of a record's quoted values have as many delimiters as a row.

    Where a quote is not closed and a later one stands at the end of a value, the rows between are taken for its text.
    Fewer than so many fields are as many as a sentence may seem to have.
    """
    if "\n" not in record.text or dialect.width < FEWEST_FIELDS:
        return 0
    wanted = dialect.width - 1
    return sum(
        line.count(dialect.delimiter) == wanted
        for value in record.fields
        if "\n" in value
        for line in value.split("\n")[1:]
    )


def require_mostly_whole(broken: int) -> None:
    """Raise ``DataRefused`` where so many rows are broken that the file is of another form than its contract says."""
    if broken > MOST_BROKEN:
        raise DataRefused(
            f"more than {MOST_BROKEN:,} rows cannot be taken apart. Check 'delimiter' and 'quote' in the contract."
        )


def plain_fields(path: Path, dialect: Dialect) -> list[list[str]] | None:
    """The fields of all ``records`` of a small file; None where any line needs to be looked at more closely."""
    with path.open(encoding="utf-8", newline="\n") as handle:
        text = handle.read()
    if dialect.comment or "\0" in text or not dialect.is_plain(text):
        return None
    lines = text.split("\n")[dialect.lines_before :]
    found = [line.split(dialect.delimiter) for line in lines if line]
    is_closer = any(len(fields) != dialect.width for fields in found) or any(map(dialect.is_empty, filter(None, lines)))
    return None if is_closer or max(map(len, lines), default=0) > LONGEST_LINE else found


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

    try:
        fields = fields_of(feed(), dialect.delimiter, dialect.quote, dialect.backslash)
    except csv.Error as error:
        lines.put_back(taken[1:])
        return Record(number, first.rstrip("\n"), [], _words(error) if len(taken) == 1 else _NOT_CLOSED)
    return judged(number, "".join(taken).rstrip("\n"), fields, dialect)


def _words(error: csv.Error) -> str:
    if "expected after" in str(error):
        return "has text after a closing quote"
    return "holds a carriage return" if "new-line" in str(error) else _NOT_CLOSED


@dataclass(frozen=True)
class Head:
    """The first records of a file: their fields, the lines up to and with them, and whether each took one line.

    ``has_return`` tells that the first that cannot be read holds a carriage return.
    """

    rows: tuple[list[str], ...]
    lines: int
    is_plain: bool
    has_return: bool = False


def head(path: Path, dialect: Dialect, wanted: int) -> Head:
    """The first ``wanted`` records with a value; fewer where there are no more, or where quotes do not close."""
    lines = _Lines(path, dialect.lines_before)
    place, rows, is_plain, has_return = dialect.lines_before, list[list[str]](), True, False
    taken = 0

    def feed() -> Iterator[str]:
        nonlocal taken
        while taken < _MOST_LINES and (line := lines.next()):
            taken += 1
            yield line

    try:
        while len(rows) < wanted:
            while (line := lines.next()) and (dialect.is_comment(line) or dialect.is_empty(line)):
                place += 1
            if not line:
                break
            lines.put_back([line])
            taken = 0
            fields = fields_of(feed(), dialect.delimiter, dialect.quote, dialect.backslash)
            place, is_plain = place + taken, is_plain and taken == 1
            rows.append(fields)
    except csv.Error:
        has_return = "\r" in line
    finally:
        lines.close()
    return Head(tuple(rows), place, is_plain, has_return)
