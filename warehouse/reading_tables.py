"""Parquet: a file whose values have types already, brought to the texts that a CSV would hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from scorecards.columns import Column
from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.frames import fetch
from warehouse.headers import column_of, match_header
from warehouse.parquet_bounds import require_bounded
from warehouse.plain_values import plain_typed
from warehouse.raw_rows import MOST_HELD
from warehouse.reading import Located, Native, Reading, file_literal, literal, quoted
from warehouse.showing import HIDDEN, is_shown

_NESTED = ("STRUCT", "MAP", "UNION")
_FLOATS = ("FLOAT", "DOUBLE")
_BYTES = "BLOB"


def kinds_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """The columns of a Parquet file with DuckDB's types; BLOB are bytes, which old writers make of texts too."""
    found = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({file_literal(path)})").fetchall()
    return {str(name): str(kind) for name, kind, *_ in found}


def is_nested(kind: str) -> bool:
    """Whether values of a type are lists or structures."""
    return kind.endswith("]") or kind.startswith(_NESTED)


def holds_no_text(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> bool:
    """Whether a column of bytes has any that are not UTF-8."""
    sql = f"{quoted(name)} IS NOT NULL AND try(decode({quoted(name)})) IS NULL"
    found = connection.execute(f"SELECT 1 FROM read_parquet({file_literal(path)}) WHERE {sql} LIMIT 1").fetchall()
    return bool(found)


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path, held: bool) -> Reading:
    """Read a Parquet file: see ``reading.read``."""
    table = f"read_parquet({file_literal(path)}, binary_as_string = true, file_row_number = true)"
    kinds = kinds_of(connection, path)
    taken, extra = match_header(source, list(kinds))
    require_bounded(connection, path, {name: kinds[name] for name in taken})
    for name in taken:
        if is_nested(kinds[name]):
            raise DataRefused(
                f"the column '{name}' holds {kinds[name].split('(')[0]} values, where single ones are wanted. "
                "Ask for a plain column."
            )
        if kinds[name] == _BYTES:
            if holds_no_text(connection, path, name):
                raise DataRefused(
                    f"the column '{name}' holds bytes that are not UTF-8 text. Ask for a column of texts."
                )
            kinds[name] = "VARCHAR"
    texts = ", ".join(
        f"{_as_text(name, kinds[name], column_of(source, column), source)} AS {quoted(column)}"
        for name, column in taken.items()
    )
    numbered = f"SELECT file_row_number AS _row, {texts} FROM {table}"
    locate = _locator(connection, source, tuple(taken.values()), numbered)
    exact = frozenset(column for name, column in taken.items() if kinds[name] not in _FLOATS)
    reading = Reading(tuple(kinds), extra, f"(SELECT {texts} FROM {table})", locate, exact=exact)
    if held:
        frame = fetch(connection, f"SELECT {texts} FROM {table} LIMIT {MOST_HELD + 1}")
        if frame.height <= MOST_HELD:
            return replace(reading, frame=frame)
    return replace(reading, native=_native(source, taken, kinds, table))


def _native(source: Source, taken: Mapping[str, str], kinds: Mapping[str, str], table: str) -> Native:
    """The rows with the file's own values where these can be plain, and their texts where not."""
    plain = {
        column: kinds[name]
        for name, column in taken.items()
        if plain_typed(column, kinds[name], column_of(source, column), source) is not None
    }
    values = ", ".join(
        f"{quoted(name) if column in plain else _as_text(name, kinds[name], column_of(source, column), source)} "
        f"AS {quoted(column)}"
        for name, column in taken.items()
    )
    return Native(f"(SELECT {values}, file_row_number AS _row FROM {table})", plain)


def _as_text(name: str, kind: str, column: Column, source: Source) -> str:
    written = quoted(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        # In the connection's time zone.
        written, kind = f"{written}::TIMESTAMP", "TIMESTAMP"
    text = f"CAST({written} AS VARCHAR)"
    if source.decimal == "," and kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return f"replace({text}, '.', ',')"
    if column.strptime and (kind == "DATE" or kind.startswith("TIMESTAMP")):
        # A real date is written in the format of its column, where that keeps the whole of it.
        form = literal(column.strptime)
        shown = f"strftime({written}, {form})"
        same = f"try_strptime({shown}, {form})::DATE IN ({written}::DATE, date_trunc('month', {written})::DATE)"
        return f"CASE WHEN {same} THEN {shown} ELSE {text} END"
    return text


def _locator(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[str], numbered: str
) -> Callable[[Sequence[int]], Located]:
    """Lines and texts of rows: ``numbered`` selects all ``columns`` with their number."""
    shown = ", ".join(quoted(name) if is_shown(source, name) else f"'{HIDDEN}'" for name in columns)

    def locate(rows: Sequence[int]) -> Located:
        found = connection.execute(
            f"SELECT _row, [{shown}] FROM ({numbered}) WHERE _row IN (SELECT unnest(?))", [list(rows)]
        ).fetchall()
        return {row: (row + 1, source.separator.join(value or "" for value in values)) for row, values in found}

    return locate
