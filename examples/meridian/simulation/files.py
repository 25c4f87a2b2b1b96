"""Writing tables as the source systems would: CSV in dialects, Excel, Parquet, JSON Lines; always the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from examples.meridian.simulation.table import Table


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written: delimiter, encoding, decimal sign, and the order of a date's parts."""

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    day_format: str = "{0:04d}-{1:02d}-{2:02d}"


STANDARD = Dialect()
DECIMAL_COMMA = Dialect(decimal=",")
BRITISH = Dialect(day_format="{2:02d}/{1:02d}/{0:04d}")
PLANT = Dialect(";", "cp1252", ",", "{2:02d}.{1:02d}.{0:04d}")
REGISTER = Dialect(";", "utf-8-sig")


def write_csv(path: Path, table: Table, dialect: Dialect = STANDARD) -> None:
    """Write a CSV file; booleans become true and false, missing values empty fields."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*(_column_text(table, name, dialect) for name in table.columns), strict=True))
    path.write_bytes(text.getvalue().encode(dialect.encoding))


def write_json_lines(path: Path, table: Table) -> None:
    """Write one JSON object a line; dates are ISO 8601 texts, hundredths become numbers."""
    columns = {name: _column_values(table, name, str) for name in table.columns}
    lines = (
        json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n"
        for row in zip(*columns.values(), strict=True)
    )
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def write_parquet(path: Path, table: Table) -> None:
    """Write a Parquet file with hundredths as DECIMAL(14, 2)."""
    columns = [
        pl.Series(name, list(_column_text(table, name, STANDARD))).cast(pl.Decimal(14, 2)).alias(name)
        if name in table.hundredths
        else pl.Series(name, cells)
        for name, cells in table.columns.items()
    ]
    pl.DataFrame(columns).write_parquet(path, compression="zstd")


def write_excel(path: Path, table: Table, sheet: str) -> None:
    """Write a workbook with one sheet: a header row, real dates and real numbers."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    # The time of writing would otherwise be in the file.
    book.set_properties({"author": "Meridian Outdoor", "created": datetime(2020, 1, 1)})
    page = book.add_worksheet(sheet)
    day, amount = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.00"})
    page.write_row(0, 0, list(table.columns), book.add_format({"bold": True}))
    page.freeze_panes(1, 0)
    page.set_column(0, len(table.columns) - 1, 16)
    for column, name in enumerate(table.columns):
        for row, cell in enumerate(_column_values(table, name, lambda value: value), 1):
            if isinstance(cell, date):
                page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), day)
            elif isinstance(cell, (int, float)):
                page.write_number(row, column, cell, amount if name in table.hundredths else None)
            elif cell is not None:
                page.write_string(row, column, cell)
    book.close()


def _column_values(table: Table, name: str, date_as: Callable[[date], Any]) -> list[Any]:
    hundredths = name in table.hundredths
    return [
        cell / 100 if hundredths and isinstance(cell, int) else date_as(cell) if isinstance(cell, date) else cell
        for cell in table.columns[name]
    ]


def _column_text(table: Table, name: str, dialect: Dialect) -> Iterable[str | int]:
    cells = table.columns[name]
    if name in table.hundredths:
        texts = (f"{cell / 100:.2f}" if isinstance(cell, int) else str(cell) for cell in cells)
        return texts if dialect.decimal == "." else (text.replace(".", dialect.decimal) for text in texts)
    if set(map(type, cells)) <= {str, int}:
        return cells
    days: dict[date, str] = {}
    return [_text(cell, dialect, days) for cell in cells]


def _text(cell: Any, dialect: Dialect, days: dict[date, str]) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date):
        if cell not in days:
            days[cell] = dialect.day_format.format(cell.year, cell.month, cell.day)
        return days[cell]
    return str(cell)
