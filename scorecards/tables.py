"""The project's CSV tables: ``units.csv``, ``targets.csv`` and ``actions.csv``, read row by row with their lines.

Belongs here: one record per table and its reader. Does not belong here: rules across files (``check.py``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from scorecards.errors import Problem, did_you_mean

Row = dict[str, str]
T = TypeVar("T")
_START, _END = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Unit:
    """A node of the organisation tree for a span of days; a unit that moves has several rows.

    ``valid_from`` and ``valid_to`` are both included. ``parent`` is None for the top unit.
    """

    id: str
    name: str
    level: str
    parent: str | None
    valid_from: date
    valid_to: date
    head: str
    line: int


@dataclass(frozen=True)
class Target:
    """One anchor of a KPI's target from a day on: for a scorecard and a unit, or for all where those are None.

    ``value`` is in the KPI's own terms (a percent as a fraction); ``per_month`` targets are multiplied by the months
    of the window.
    """

    scorecard: str | None
    kpi: str
    unit: str | None
    effective_from: date
    anchor: str
    value: float
    is_percent: bool
    per_month: bool
    line: int


@dataclass(frozen=True)
class Action:
    """A step somebody promised: it reappears each month until it is closed."""

    id: str
    action: str
    objective: str
    unit: str
    owner: str
    due: date | None
    status: str
    closed_on: date | None
    line: int


def read_units(path: Path, shown: str, problems: list[Problem]) -> tuple[Unit, ...]:
    """Read ``units.csv``: id, name, level, parent, and optionally valid_from, valid_to, head."""
    return _read(path, shown, problems, ("id", "name", "level", "parent"), ("valid_from", "valid_to", "head"), _unit)


def read_targets(path: Path, shown: str, problems: list[Problem]) -> tuple[Target, ...]:
    """Read ``targets.csv``: kpi, anchor, value, and optionally scorecard, unit, effective_from, per."""
    required, optional = ("kpi", "anchor", "value"), ("scorecard", "unit", "effective_from", "per")
    return _read(path, shown, problems, required, optional, _target)


def read_actions(path: Path, shown: str, problems: list[Problem]) -> tuple[Action, ...]:
    """Read ``actions.csv``: id, action, objective, unit, and optionally owner, due, status, closed_on."""
    required, optional = ("id", "action", "objective", "unit"), ("owner", "due", "status", "closed_on")
    return _read(path, shown, problems, required, optional, _action)


def _read(
    path: Path, shown: str, problems: list[Problem], required: tuple[str, ...], optional: tuple[str, ...],
    make: Callable[[Row, int], T],
) -> tuple[T, ...]:  # fmt: skip
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
                except _BadCell as bad:
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
    repeated = sorted({name for name in names if names.count(name) > 1})
    unknown = [name for name in names if name not in known]
    missing = [name for name in required if name not in names]
    listed = f"Columns: {', '.join(known)}."
    problems += [Problem(shown, 1, name, "stands twice in the header.", "Delete one.") for name in repeated]
    problems += [
        Problem(shown, 1, name, "is not a column of this table.", did_you_mean(name, known)) for name in unknown
    ]
    problems += [Problem(shown, 1, name, "is missing from the header.", listed) for name in missing]
    return not missing and not unknown and not repeated


class _BadCell(Exception):
    def __init__(self, column: str, message: str, remedy: str = "") -> None:
        self.column, self.message, self.remedy = column, message, remedy
        super().__init__(message)


def _text(row: Row, column: str) -> str:
    if not row.get(column):
        raise _BadCell(column, "is empty.", "Fill it in.")
    return row[column]


def _day(row: Row, column: str, default: date | None) -> date | None:
    text = row.get(column, "")
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _BadCell(column, f"'{text}' is not a day.", "Write it as 2025-09-30.") from None


def _unit(row: Row, line: int) -> Unit:
    start, end = _day(row, "valid_from", _START), _day(row, "valid_to", _END)
    if start is None or end is None or start > end:
        raise _BadCell("valid_to", f"'{row.get('valid_to')}' is before valid_from.", "Swap the two days.")
    parent = row.get("parent") or None
    return Unit(
        _text(row, "id"), _text(row, "name"), _text(row, "level"), parent, start, end, row.get("head", ""), line
    )


def _target(row: Row, line: int) -> Target:
    value, is_percent = _number(_text(row, "value"))
    per = row.get("per") or "window"
    if per not in ("month", "window"):
        raise _BadCell("per", f"'{per}' is neither month nor window.", did_you_mean(per, ["month", "window"]))
    effective_from = _day(row, "effective_from", _START) or _START
    return Target(
        row.get("scorecard") or None, _text(row, "kpi"), row.get("unit") or None, effective_from,
        _text(row, "anchor"), value, is_percent, per == "month", line,
    )  # fmt: skip


def _number(text: str) -> tuple[float, bool]:
    match = re.fullmatch(r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(%?)", text.replace("_", ""))
    if not match:
        raise _BadCell("value", f"'{text}' is not a number.", "Write 1250.5, or 12% for a percentage.")
    # Divided rather than scaled, so that 12% is the float nearest to 0.12.
    return (float(match[1]) / 100, True) if match[2] else (float(match[1]), False)


def _action(row: Row, line: int) -> Action:
    return Action(
        _text(row, "id"), _text(row, "action"), _text(row, "objective"), _text(row, "unit"), row.get("owner", ""),
        _day(row, "due", None), row.get("status") or "open", _day(row, "closed_on", None), line,
    )  # fmt: skip
