"""Workbooks and Parquet: files whose values have types already, brought to the texts that a CSV would hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source
from warehouse.frames import Stream
from warehouse.headers import match_header
from warehouse.reading import Located, Reading, file_literal, first_sentence, quoted
from warehouse.showing import HIDDEN
from warehouse.workbook_errors import error_cells

_NESTED = ("STRUCT", "MAP", "UNION", "BLOB")


def read_excel(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    """Read a sheet into the temporary table ``raw``: see ``reading.read``. Rows without any value are no rows."""
    sheet, cells = _sheet(path, source)
    rows = [
        (number, row)
        for number, row in enumerate(cells, start=1)
        if number > source.skip_rows and any(cell not in (None, "") for cell in row)
    ]
    if not rows:
        raise DataRefused(f"the sheet '{sheet}' is empty.")
    header = [(_cell_text(cell, ".") or "") for cell in rows[0][1]]
    taken, extra = match_header(source, header)
    places = {column: header.index(name) for name, column in taken.items()}
    columns = {
        column: [_cell_text(row[place], source.decimal) for _, row in rows[1:]] for column, place in places.items()
    }
    connection.register("_incoming", Stream(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))))
    connection.execute("CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM _incoming")
    connection.unregister("_incoming")
    lines = [number for number, _ in rows[1:]]
    return Reading(tuple(header), extra, "raw", _locator(connection, source, "SELECT rowid AS _row, * FROM raw", lines))


def _sheet(path: Path, source: Source) -> tuple[str, list[list[Any]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        if not names:
            raise DataRefused("the workbook has no sheet.")
        sheet = source.sheet or names[0]
        if sheet not in names:
            raise DataRefused(f"the workbook has no sheet '{sheet}'. {did_you_mean(sheet, names)}")
        cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise DataRefused(f"the file cannot be read as a workbook: {first_sentence(error)}") from None
    for (row, column), text in error_cells(path, sheet).items():
        if row < len(cells) and column < len(cells[row]):
            cells[row][column] = text
    return sheet, cells


def _cell_text(value: Any, point: str) -> str | None:
    """A cell as the text that a CSV would hold: whole floats without a point, others with the declared."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).replace(".", point)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip()


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    """Read a Parquet file: see ``reading.read``."""
    table = f"read_parquet({file_literal(path)}, binary_as_string = true, file_row_number = true)"
    found = [
        (str(name), str(kind))
        for name, kind, *_ in connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {table}").fetchall()
    ]
    taken, extra = match_header(source, [name for name, _ in found])
    kinds = dict(found)
    for name in taken:
        if kinds[name].endswith("]") or kinds[name].startswith(_NESTED):
            raise DataRefused(
                f"the column '{name}' holds {kinds[name].split('(')[0]} values, where single ones are wanted. "
                "Ask for a plain column."
            )
    texts = ", ".join(f"{_as_text(name, kinds[name], source)} AS {quoted(column)}" for name, column in taken.items())
    numbered = f"SELECT file_row_number AS _row, {texts} FROM {table}"
    return Reading(tuple(kinds), extra, f"(SELECT {texts} FROM {table})", _locator(connection, source, numbered, None))


def _as_text(name: str, kind: str, source: Source) -> str:
    text = f"CAST({quoted(name)} AS VARCHAR)"
    if source.decimal == "," and kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return f"replace({text}, '.', ',')"
    return text


def _locator(
    connection: duckdb.DuckDBPyConnection, source: Source, numbered: str, lines: list[int] | None
) -> Callable[[Sequence[int]], Located]:
    """Lines and texts of rows: ``numbered`` selects all with their number, ``lines`` has the lines."""

    def locate(rows: Sequence[int]) -> Located:
        shown = ", ".join(
            f"{quoted(name)}" if not column.personal else f"'{HIDDEN}'" for name, column in source.columns.items()
        )
        found = connection.execute(
            f"SELECT _row, [{shown}] FROM ({numbered}) WHERE _row IN (SELECT unnest(?))", [list(rows)]
        ).fetchall()
        return {
            row: (lines[row] if lines else row + 1, source.separator.join(value or "" for value in values))
            for row, values in found
        }

    return locate
