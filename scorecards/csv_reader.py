"""Reading the project's CSV tables: the header checked, every row made a record, every bad cell told with its line.

Belongs here: how a table is read and what its cells may hold. Which tables there are is ``tables.py``.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from scorecards.errors import Problem, did_you_mean

Row = dict[str, str]
T = TypeVar("T")
# Of a header in which more columns are strange, not the columns are wrong but the file.
_TOLD_COLUMNS = 10


def read_table(
    path: Path, shown: str, problems: list[Problem], required: tuple[str, ...], optional: tuple[str, ...],
    make: Callable[[Row, int], T],
) -> tuple[T, ...]:  # fmt: skip
    """The records that ``make`` gives for the rows; a table that is not there has none.

    Appends what is wrong to ``problems``: the header, a row's number of fields, a cell, the encoding.
    """
    if not path.exists():
        return ()
    records: list[T] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, restkey="", strict=True)
            if not _header_fits(reader.fieldnames or [], shown, problems, required, optional):
                return ()
            for row, line in _rows(reader):
                if "" in row or None in row.values():
                    problems.append(
                        Problem(shown, line, "", "does not have as many fields as the header.", "Quote commas.")
                    )
                    continue
                try:
                    records.append(make({key: value.strip() for key, value in row.items()}, line))
                except BadCell as bad:
                    problems.append(Problem(shown, line, bad.column, bad.message, bad.remedy))
    except UnicodeDecodeError as error:
        problems.append(Problem(shown, 0, "", f"is not UTF-8 text (byte {error.start}).", "Save it as UTF-8."))
    except csv.Error as error:
        problems.append(Problem(shown, 0, "", f"is not CSV: {error}.", "Check its quotes."))
    return tuple(records)


def _rows(reader: csv.DictReader[str]) -> Iterator[tuple[dict[str, str], int]]:
    for row in reader:
        # line_num is the row's last line: quoted fields may hold line breaks, and empty lines are passed over.
        breaks = sum(value.count("\n") for value in row.values() if isinstance(value, str))
        yield row, reader.line_num - breaks


def _header_fits(
    header: object, shown: str, problems: list[Problem], required: tuple[str, ...], optional: tuple[str, ...]
) -> bool:
    names = list(header) if isinstance(header, (list, tuple)) else []
    known = [*required, *optional]
    if len(names) == 1 and ";" in names[0]:
        problems.append(Problem(shown, 1, "", "has semicolons between its columns.", "Save it with commas."))
        return False
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    unknown = [name for name in names if name not in known]
    missing = [name for name in required if name not in names]
    listed = f"Columns: {', '.join(known)}."
    problems += [Problem(shown, 1, name, "stands twice in the header.", "Delete one.") for name in repeated]
    problems += [
        Problem(shown, 1, name, "is not a column of this table.", did_you_mean(name, known))
        for name in unknown[:_TOLD_COLUMNS]
    ]
    if len(unknown) > _TOLD_COLUMNS:
        others = f"{len(unknown) - _TOLD_COLUMNS:,} more columns are not of this table."
        problems.append(Problem(shown, 1, "", others, listed))
    problems += [Problem(shown, 1, name, "is missing from the header.", listed) for name in missing]
    return not missing and not unknown and not repeated


class BadCell(Exception):
    """A cell that cannot be read: its column, what is wrong, and what to write instead."""

    def __init__(self, column: str, message: str, remedy: str = "") -> None:
        self.column, self.message, self.remedy = column, message, remedy
        super().__init__(message)


def text_in(row: Row, column: str) -> str:
    """The text of a cell that must not be empty. Raises ``BadCell``."""
    if not row.get(column):
        raise BadCell(column, "is empty.", "Fill it in.")
    return row[column]


def day_in(row: Row, column: str, default: date | None) -> date | None:
    """The day in a cell, or the default for an empty one. Raises ``BadCell``."""
    text = row.get(column, "")
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCell(column, f"'{text}' is not a day.", "Write it as 2025-09-30.") from None


def number_in(text: str, column: str = "value") -> tuple[float, bool]:
    """A number, and whether it was written as a percentage (then it is a fraction). Raises ``BadCell``."""
    match = re.fullmatch(r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(%?)", text.replace("_", ""))
    if not match:
        raise BadCell(column, f"'{text}' is not a number.", "Write 1250.5, or 12% for a percentage.")
    if not math.isfinite(float(match[1])):
        raise BadCell(column, f"'{text[:20]}…' is too large a number.", "Write it with fewer digits.")
    # Divided rather than scaled, so that 12% is the float nearest to 0.12.
    return (float(match[1]) / 100, True) if match[2] else (float(match[1]), False)
