"""The cells of one sheet of a workbook, of whatever kind, with errors as their texts and only in the declared range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.unreadable_workbooks import unreadable_workbook
from warehouse.workbook_process import READER, Refusal, Unreadable


@dataclass(frozen=True)
class Sheet:
    """The rows of the declared range, each with its number in the sheet (from 1), its merged cells, and what is told.

    ``merged`` are first row, first column, last row and last column in the sheet, from 0; None where the format does
    not tell.
    """

    name: str
    rows: list[tuple[int, list[Any]]]
    merged: list[tuple[int, int, int, int]] | None
    notes: tuple[str, ...]


def read_sheet(path: Path, source: Source) -> Sheet:
    """The declared sheet. Raises ``DataRefused`` where there is none, or the file is no workbook that can be held."""
    try:
        name = _sheet_name(source, READER.names(path))
        found = READER.sheet(name)
    except Refusal as refusal:
        raise DataRefused(str(refusal)) from None
    except Unreadable as error:
        raise DataRefused(unreadable_workbook(path, error)) from None
    cells = found.rows
    top, left, bottom, right = source.cells
    end = len(cells) if bottom is None else bottom + 1
    rows = [(number, row[left : None if right is None else right + 1]) for number, row in enumerate(cells, start=1)]
    below = sum(any(cell not in (None, "") for cell in row) for _, row in rows[end:])
    notes = (f"{plural(below, 'row')} below the range {source.range} not read",) if below else ()
    return Sheet(name, rows[top:end], found.merged, notes)


def _sheet_name(source: Source, names: list[str]) -> str:
    if not names:
        raise DataRefused("the workbook has no sheet.")
    wanted = source.sheet
    if wanted is None:
        return names[0]
    if str(wanted) in names:
        return str(wanted)
    if isinstance(wanted, int):
        if wanted <= len(names):
            return names[wanted - 1]
        raise DataRefused(f"the workbook has no sheet {wanted}: it has {plural(len(names), 'sheet')}.")
    raise DataRefused(f"the workbook has no sheet '{wanted}'. {did_you_mean(wanted, names)}")


def cell_text(value: Any, point: str, form: str | None) -> str | None:
    """A cell as the text that a CSV would hold: whole floats without a point, others with the declared one.

    Real dates are written in ``form``, the format of their column, where that keeps the whole of them.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).replace(".", point)
    if isinstance(value, (date, datetime)):
        return _moment_text(value, form)
    return value.isoformat() if isinstance(value, time) else str(value).strip() or None


def _moment_text(value: date | datetime, form: str | None) -> str:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    if form:
        try:
            written = moment.strftime(form)
            if datetime.strptime(written, form) in (moment, moment.replace(day=1)):
                return written
        except ValueError:
            pass
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat(sep=" ")
