"""Workbooks: a sheet's table brought to the texts that a CSV would hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from scorecards.columns import SERIAL, Column
from scorecards.errors import DataRefused
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.cell_flaws import unmarked
from warehouse.footers import footer_start
from warehouse.headers import column_of, joined_header, match_header
from warehouse.raw_rows import RawRows
from warehouse.reading import Located, Reading, footer_told, unnamed_told
from warehouse.showing import HIDDEN, is_shown
from warehouse.workbooks import Sheet, cell_text, judged_texts, read_sheet, since_1904

_DAY = re.compile(r"\d{4}-\d\d-\d\d( [\d:.]+)?")


def read_excel(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path, held: bool) -> Reading:
    """Read a sheet: see ``reading.read``. Rows without any value are no rows."""
    table = table_of(path, source)
    taken, extra = match_header(source, table.header)
    places = {column: table.header.index(name) for name, column in taken.items()}
    columns = {
        column: judged_texts([row[place] for _, row in table.rows], source, column_of(source, column), table.sheet)
        for column, place in places.items()
    }
    rows = RawRows(connection, columns, held=held)
    rows.add_frame(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
    return Reading(
        tuple(table.header),
        extra,
        "raw",
        _locator(source, columns, [number for number, _ in table.rows]),
        notes=table.notes,
        frame=rows.finish(),
    )


def _locator(
    source: Source, columns: Mapping[str, Sequence[str | None]], numbers: Sequence[int]
) -> Callable[[Sequence[int]], Located]:
    def locate(rows: Sequence[int]) -> Located:
        return {
            row: (
                numbers[row],
                source.separator.join(
                    unmarked(values[row] or "") if is_shown(source, name) else HIDDEN
                    for name, values in columns.items()
                ),
            )
            for row in rows
        }

    return locate


@dataclass(frozen=True)
class SheetTable:
    """A sheet's table: its header and the rows of it, its rows, each with its number, and what is no row."""

    sheet: Sheet
    header: list[str]
    header_numbers: tuple[int, ...]
    rows: list[tuple[int, list[Any]]]
    notes: tuple[str, ...]


def table_of(path: Path, source: Source) -> SheetTable:
    """The table of the declared sheet. Raises ``DataRefused`` where there is none."""
    sheet = read_sheet(path, source)
    first = source.cells[0] + source.skip_rows
    rows = [
        (number, row)
        for number, row in sheet.rows
        if number > first
        and any(cell_text(cell, ".", None) for cell in row)
        and not (source.comment and (cell_text(row[0], ".", None) or "").startswith(source.comment))
    ]
    if len(rows) < max(source.header_rows, 1):
        raise DataRefused(f"the sheet '{sheet.name}' is empty{f' in {source.range}' if source.range else ''}.")
    top = rows[: source.header_rows]
    header = _header(source, sheet, top) or [str(i) for i in range(1, len(rows[0][1]) + 1)]
    rows, notes = _without_footer(source, rows[source.header_rows :])
    unnamed = [place for place, name in enumerate(header) if not name]
    stray = sum(bool(cell_text(row[place], ".", None)) for _, row in rows for place in unnamed)
    notes = (*notes, *unnamed_told(stray))
    hidden = sum(number in sheet.hidden for number, _ in rows) if sheet.hidden else 0
    if hidden:
        notes = (*notes, f"{plural(hidden, 'hidden row')} read as any other")
    return SheetTable(sheet, header, tuple(number for number, _ in top), rows, (*sheet.notes, *notes))


def _header(source: Source, sheet: Sheet, rows: list[tuple[int, list[Any]]]) -> list[str]:
    column = source.columns[source.unpivot.name] if source.unpivot else Column()
    texts = [[cell_text(cell, ".", None) or "" for cell in row] for _, row in rows]
    if sheet.counts_from_1904 and SERIAL in column.format:
        texts = [[since_1904(text, column.format) for text in row] for row in texts]
    names = _joined(source, sheet, [number for number, _ in rows], texts)
    days = {cell_text(cell, ".", None): cell for _, row in rows for cell in row if isinstance(cell, date)}
    return [_in_a_format(name, days, column) for name in names] if days and column.strptime else names


def _in_a_format(name: str, days: Mapping[str | None, date], column: Column) -> str:
    """A header that holds a real date, written in the first format that gives the whole of it, words beside it too."""
    shown = _DAY.search(name)
    if shown is None or shown[0] not in days:
        return name
    before, after = name[: shown.start()], name[shown.end() :]
    for form in column.format:
        written = "" if form == SERIAL else str(cell_text(days[shown[0]], ".", form))
        if written and written.startswith(before) and written.endswith(after):
            return written
    return name


def _joined(source: Source, sheet: Sheet, numbers: list[int], texts: list[list[str]]) -> list[str]:
    if len(texts) < 2:
        return texts[0] if texts else []
    left, places = source.cells[1], [number - 1 for number in numbers]
    merged = [area for area in sheet.merged or () if area[0] in places[:-1]]
    if not merged:
        return joined_header(texts)
    # Where the sheet says which cells are merged, an empty one beside them is empty.
    for top, first, _, last in merged:
        row = texts[places.index(top)]
        for place in range(max(first - left, 0), min(last - left + 1, len(row))):
            row[place] = row[max(first - left, 0)]
    return [" ".join(filter(None, parts)) for parts in zip(*texts, strict=True)]


def _without_footer(
    source: Source, rows: list[tuple[int, list[Any]]]
) -> tuple[list[tuple[int, list[Any]]], tuple[str, ...]]:
    if not source.footer:
        return rows, ()
    # A footer is at most a page: no more rows are looked at.
    tail = rows[-1_000:]
    texts = ["\t".join(cell_text(cell, ".", None) or "" for cell in row) for _, row in tail]
    kept = footer_start(texts, source.footer, "\t ")
    if kept is None:
        raise DataRefused(f"the sheet has fewer than the {source.footer} footer rows of the contract. Check 'footer'.")
    shown = [text.strip("\t ").replace("\t", source.separator) for text in texts[kept:]]
    return rows[: len(rows) - len(tail) + kept], footer_told(source, shown)
