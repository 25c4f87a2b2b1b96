"""The cells of one sheet of a workbook, of whatever kind and only in the declared range, and their texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from scorecards.columns import SERIAL, Column
from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.cell_flaws import is_marked, unmarked
from warehouse.day_formats import reads
from warehouse.unreadable_workbooks import unreadable_workbook
from warehouse.workbook_process import READER, Refusal, Unreadable

_DAYS = re.compile(r"\d{2,7}([.,]\d+)?")
# Beyond this the digits of a number are of no use, and might be hundreds.
_WRITTEN_OUT = 1e30


@dataclass(frozen=True)
class Sheet:
    """The rows of the declared range, each with its number in the sheet (from 1), its merged cells, and what is told.

    ``merged`` are first row, first column, last row and last column in the sheet, from 0; None where the format does
    not tell. ``hidden`` are numbers of rows that the sheet does not show. Where it ``counts_from_1904``, a bare number
    of days is counted from the beginning of that year.
    """

    name: str
    rows: list[tuple[int, list[Any]]]
    merged: list[tuple[int, int, int, int]] | None
    hidden: frozenset[int]
    counts_from_1904: bool
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
    notes = [f"{plural(below, 'row')} below the range {source.range} not read"] if below else []
    if found.is_hidden and source.sheet is None:
        notes.append(f"the sheet '{name}' is read since it is the first, but it is hidden")
    if found.doubtful:
        notes.append(
            f"{plural(found.doubtful, 'formula')} of the sheet '{name}' with the value 0, which may never have been "
            "computed: the program that wrote the workbook leaves that to the one that opens it"
        )
    hidden = frozenset(row + 1 for row in found.hidden)
    return Sheet(name, rows[top:end], found.merged, hidden, found.counts_from_1904, tuple(notes))


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


def judged_texts(cells: Sequence[Any], source: Source, column: Column, sheet: Sheet) -> list[str | None]:
    """The cells of a column as texts to be judged: flawed ones keep their mark, unless ``nulls`` names the error."""
    point, form, nulls = source.decimal, column.strptime, source.nulls
    texts = [
        cell if is_marked(cell) and unmarked(cell) not in nulls else cell_text(cell, point, form) for cell in cells
    ]
    if sheet.counts_from_1904 and SERIAL in column.format:
        return [text if text is None or text in nulls else since_1904(text, column.format) for text in texts]
    return texts


def cell_text(value: Any, point: str, form: str | None) -> str | None:
    """A cell as the text that a CSV would hold: whole numbers as their digits, others with the declared point.

    Real dates are written in ``form``, the format of their column, where that keeps the whole of them; a duration is
    its number of days.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        value = value / timedelta(days=1)
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _WRITTEN_OUT:
            return str(int(value)) if abs(value) < 1e15 else f"{Decimal(repr(value)):.0f}"
        return repr(value).replace(".", point)
    if isinstance(value, (date, datetime)):
        return _moment_text(value, form)
    return value.isoformat() if isinstance(value, time) else unmarked(str(value).strip()) or None


def since_1904(text: str, forms: Sequence[str]) -> str:
    """The day of a bare number that no format before ``serial`` reads; what is no day in other workbooks is none."""
    if not _DAYS.fullmatch(text) or any(reads(text, form) for form in forms[: forms.index(SERIAL)]):
        return text
    days = float(text.replace(",", "."))
    if days < 61:
        return text
    try:
        return _moment_text(datetime(1904, 1, 1) + timedelta(seconds=round(days * 86400)), None)
    except OverflowError:
        return text


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
