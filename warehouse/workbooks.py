"""The cells of one sheet of a workbook, of whatever kind, with errors as their texts and only in the declared range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.reading import first_sentence
from warehouse.workbook_errors import MOST_CELLS, survey


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
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        name = _sheet_name(source, workbook.sheet_names)
        found = survey(path, name)
        if found.rows * found.columns > MOST_CELLS:
            raise DataRefused(
                f"the sheet '{name}' reaches to row {found.rows:,} and column {found.columns:,}, too far to be read. "
                "Delete what stands far below or beside the table, and deliver it again."
            )
        sheet = workbook.get_sheet_by_name(name)
        cells = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges
    except (CalamineError, OSError, ValueError) as error:
        raise DataRefused(f"the file cannot be read as a workbook: {first_sentence(error)}") from None
    for (row, column), text in found.errors.items():
        if row < len(cells) and column < len(cells[row]):
            cells[row][column] = text
    top, left, bottom, right = source.cells
    end = len(cells) if bottom is None else bottom + 1
    rows = [(number, row[left : None if right is None else right + 1]) for number, row in enumerate(cells, start=1)]
    below = sum(any(cell not in (None, "") for cell in row) for _, row in rows[end:])
    notes = (f"{plural(below, 'row')} below the range {source.range} not read",) if below else ()
    places = None if merged is None else [(*start, *stop) for start, stop in merged]
    return Sheet(name, rows[top:end], places, notes)


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
