"""Reading a delivered file of any format as rows of texts, before anything is typed or judged.

Every format ends as a ``Reading``: a relation with one VARCHAR column per declared column, in the order of the file, so
that one set of rules checks them all; the rows whose very form is broken; and the way back from a row to its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.showing import hides, shown_text


@dataclass(frozen=True)
class Broken:
    """A row that could not be taken apart: its line, its text, what is wrong with it, and its number as a record."""

    line: int
    text: str
    reason: str
    record: int | None = None


Located = Mapping[int, tuple[int, str]]


@dataclass(frozen=True)
class Native:
    """A relation in which the columns of ``kinds`` have these DuckDB types; cast to VARCHAR, they are its texts.

    It has the number of each row (from 0) as ``_row``.
    """

    relation: str
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """What came of a file: its header, columns beyond the contract's, its rows, and rows that are broken as such.

    ``relation`` is SQL that stands after FROM. ``locate`` gives line and raw text of rows, by their number (from 0) in
    the relation; for workbooks and Parquet the line is the row of the sheet or table. ``settle``, where it is set, is
    called after the relation was read, with the number of its rows (None: it could not be read) and how many of them
    seem to have no value, and gives the reading that can be trusted: this one, or one with another relation.
    ``notes`` are sentences on what of the file is no row. ``native``, where it is set, is the relation with the values
    of some columns as the file holds them. ``frame``, where it is set, has the rows, and there is no relation.
    ``exact`` names columns whose numbers are digits, and no floats, where the file can hold either.
    ``records`` gives of each row its number (from 1) among the records of the file, where several may share a line.
    Where a reading ``is_of_many`` files, its relation has the place of each row's file (from 0) as ``_file``, and the
    month of that file as ``_month``.
    """

    header: tuple[str, ...]
    extra: tuple[str, ...]
    relation: str
    locate: Callable[[Sequence[int]], Located]
    broken: tuple[Broken, ...] = ()
    settle: Callable[[int | None, int], Reading] | None = None
    notes: tuple[str, ...] = ()
    native: Native | None = None
    frame: pl.DataFrame | None = None
    is_of_many: bool = False
    records: Sequence[int] = ()
    exact: frozenset[str] = frozenset()


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """A path as a SQL literal that DuckDB does not take for a pattern of paths."""
    return literal("".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path)))


def first_sentence(error: Exception) -> str:
    """The first line of a library's error, as the end of a sentence of ours."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text.removeprefix("Invalid Input Error: ").rstrip(".") + "."


def empty_rows_told(rows: int) -> tuple[str, ...]:
    """The note on rows without any value."""
    if not rows:
        return ()
    return (
        "1 row without any value is passed over" if rows == 1 else f"{rows:,} rows without any value are passed over",
    )


def unnamed_told(cells: int) -> tuple[str, ...]:
    """The note on cells that hold a value, in columns without a name in the header."""
    return (f"{plural(cells, 'cell')} in columns without a header not read",) if cells else ()


def row_like_told(lines: int) -> tuple[str, ...]:
    """The note on lines inside of quoted values that have as many delimiters as a row."""
    if not lines:
        return ()
    what = "1 line inside a quoted value looks" if lines == 1 else f"{lines:,} lines inside quoted values look"
    return (f"{what} like a row: a quote may be missing, and what follows be taken for its text",)


def footer_told(source: Source, lines: Sequence[str]) -> tuple[str, ...]:
    """The note on lines at the end that are no rows, masked where the source is."""
    if not lines:
        return ()
    shown = shown_text(source, lines[0])[:60]
    return (f"{plural(len(lines), 'footer line')} passed over, the first '{shown}'",)


def read(
    connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path, *, held: bool = False
) -> Reading:
    """Read a file. ``work`` is a folder for temporary files, needed as long as the reading is.

    Where the rows are to be ``held`` they come as ``Reading.frame``, read in the way that costs a small file least,
    unless they are too many or have to be reshaped.
    Raises ``DataRefused`` when the file cannot be read at all: empty, of another format, or without a declared column.
    """
    from warehouse.reading_csv import read_csv
    from warehouse.reading_excel import read_excel
    from warehouse.reading_json import read_json
    from warehouse.reading_jsonl import read_jsonl
    from warehouse.reading_tables import read_parquet
    from warehouse.reshaping import reshaped

    if path.stat().st_size == 0:
        raise DataRefused("the file is empty (0 bytes). Ask for it to be delivered again.")
    reader = {"csv": read_csv, "excel": read_excel, "parquet": read_parquet, "jsonl": read_jsonl, "json": read_json}[
        source.file_format
    ]
    try:
        if source.unpivot or source.fill_down:
            return reshaped(connection, reader(connection, path, source, work, False), source)
        return reader(connection, path, source, work, held)
    except duckdb.Error as error:
        raise DataRefused(unreadable(source, path, error)) from None


def unreadable(source: Source, path: Path, error: Exception) -> str:
    """That a file cannot be read, in the engine's words without our path of it."""
    words = first_sentence(error).replace(f" '{path}'", "").replace(f' "{path}"', "")
    if hides(source):
        # The engine quotes what it stumbles over.
        words = re.sub(r"'[^']*'|\"[^\"]*\"", "…", words)
    return f"the file cannot be read as {source.file_format}: {words} Ask for it to be delivered again."
