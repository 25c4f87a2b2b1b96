"""Parquet files and workbooks rewritten without a person: their tables are written anew.

Belongs here: what of such a file is kept. A workbook keeps the cells of the declared sheet at their places, as values;
its other sheets and its looks do not matter to a contract, and may name the person: they go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from scorecards.sources import Source
from warehouse.headers import column_of, match_header
from warehouse.reading_excel import table_of
from warehouse.redacting import CannotStay, Plan, masked
from warehouse.redacting_text import Redacted
from warehouse.workbooks import cell_text

_FORMATS = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss"}


def redact_parquet(path: Path, plan: Plan, target: Path, work: Path) -> Redacted:
    """Write a Parquet file without the person; columns keep their types, and rows their order."""
    frame, found = pl.read_parquet(path, glob=False), Redacted()
    taken, _ = match_header(plan.source, frame.columns)
    own = {column: name for name, column in taken.items() if column in plan.source.columns}
    texts = frame.select(pl.col(name).cast(pl.String, strict=False).alias(column) for column, name in own.items())
    sought = [plan.value, *([f"{plan.value}.0"] if plan.value.lstrip("+-").isdigit() else [])]
    near = pl.any_horizontal(
        pl.col(name).str.strip_chars().is_in(sought) | pl.col(name).str.contains(rf"^\s*[+-]?0*{_digits(plan)}\s*$")
        for name in sorted(plan.own | plan.mentions)
        if name in own
    )
    places = texts.with_row_index("_row").filter(near)["_row"].to_list() if plan.own & set(own) or plan.mentions else []
    changes: dict[str, dict[int, str | None]] = {}
    left_out: list[int] = []
    for place in places:
        row = {name: None if text is None else str(text) for name, text in texts.row(place, named=True).items()}
        try:
            new = plan.replaced(row)
        except CannotStay:
            left_out.append(place)
            continue
        written: dict[str, str | None] = {own[name]: text for name, text in new.items()}
        if plan.is_of_person(row):
            written |= dict.fromkeys(name for name in frame.columns if _is_unknown(name, taken, plan.source))
        found.rewritten += 1
        for name, text in written.items():
            changes.setdefault(name, {})[place] = text
    found.left_out = len(left_out)
    for name, values in changes.items():
        column = frame[name].to_list()
        for place, text in values.items():
            column[place] = _typed(text, frame.schema[name])
        frame = frame.with_columns(pl.Series(name, column, dtype=frame.schema[name]))
    frame.with_row_index("_row").filter(~pl.col("_row").is_in(left_out)).drop("_row").write_parquet(target)
    return found


def _typed(text: str | None, dtype: pl.DataType) -> Any:
    if text is None or dtype == pl.String:
        return text
    if dtype.is_temporal():
        return datetime.fromisoformat(text) if dtype == pl.Datetime else date.fromisoformat(text)
    return int(text) if dtype.is_integer() else Decimal(text) if dtype.is_decimal() else float(text)


def _digits(plan: Plan) -> str:
    digits = plan.value.lstrip("+-0")
    return digits if digits.isdigit() else "(never)^"


def _is_unknown(name: str, taken: Mapping[str, str], source: Source) -> bool:
    """Whether a column of the file is not declared, or holds personal cells that become rows."""
    if name not in taken:
        return True
    return taken[name] not in source.columns and column_of(source, taken[name]).personal


def redact_excel(path: Path, plan: Plan, target: Path, work: Path) -> Redacted:
    """Write the declared sheet of a workbook without the person, as a plain workbook of one sheet."""
    import xlsxwriter

    found, source = Redacted(), plan.source
    table = table_of(path, source)
    taken, _ = match_header(source, table.header)
    own = {column: table.header.index(name) for name, column in taken.items() if column in source.columns}
    rows = {number: list(cells) for number, cells in table.sheet.rows}
    filled: dict[str, str] = {}
    for number, _ in table.rows:
        cells = rows[number]
        row: dict[str, str | None] = {}
        for column, place in own.items():
            text = cell_text(cells[place], source.decimal, source.columns[column].strptime) or ""
            if column in source.fill_down:
                text = filled[column] = text.strip() or filled.get(column, "")
            row[column] = text
        try:
            new = plan.replaced(row)
        except CannotStay:
            found.left_out += 1
            rows[number] = [None] * len(cells)
            continue
        is_own = plan.is_of_person(row)
        found.rewritten += bool(new) or is_own
        for column, written in new.items():
            cells[own[column]] = None if written is None else _cell(written, cells[own[column]])
        if is_own:
            for place, name in enumerate(table.header):
                if place < len(cells) and _is_unknown(name, taken, source):
                    cells[place] = None
    kept = {number for number, _ in table.rows}
    for number, cells in rows.items():
        if number not in kept and number not in table.header_numbers:
            for place, cell in enumerate(cells):
                if isinstance(cell, str) and plan.value_in.search(cell):
                    cells[place], found.masked = masked(cell), found.masked + 1
    if found.is_changed:
        options = {"in_memory": True, "date_1904": table.sheet.counts_from_1904}
        with xlsxwriter.Workbook(str(target), options) as book:
            # The time of making would give other bytes each time.
            book.set_properties({"created": datetime(2000, 1, 1)})
            if isinstance(source.sheet, int):
                # The sheet keeps its number.
                for _ in range(source.sheet - 1):
                    book.add_worksheet()
            sheet = book.add_worksheet(table.sheet.name)
            looks = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
            for top, left, bottom, right in table.sheet.merged or ():
                sheet.merge_range(top, left, bottom, right, "")
            left = source.cells[1]
            for number, cells in rows.items():
                _write_row(sheet, number - 1, left, cells, looks)
    return found


def _cell(text: str, old: Any) -> Any:
    return float(text) if isinstance(old, (int, float)) and text.lstrip("-").isdigit() else text


def _write_row(sheet: Any, row: int, left: int, cells: Sequence[Any], looks: Mapping[type, Any]) -> None:
    for place, cell in enumerate(cells, start=left):
        if cell is None or cell == "":
            continue
        if isinstance(cell, tuple(looks)):
            kind = next(kind for kind in looks if isinstance(cell, kind))
            sheet.write_datetime(row, place, cell, looks[kind])
        elif isinstance(cell, str):
            sheet.write_string(row, place, cell)
        else:
            sheet.write(row, place, cell)
