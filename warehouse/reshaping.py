"""Tables laid out for people brought to one row a fact: empty cells filled from above, columns turned into rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from scorecards.errors import DataRefused
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.cell_flaws import unmarked
from warehouse.headers import headers, turned, unpivoted
from warehouse.reading import Located, Reading, literal, quoted
from warehouse.showing import HIDDEN, is_shown


def reshaped(connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source) -> Reading:
    """The reading with its empty cells filled from above and its declared columns turned into rows.

    Raises ``DataRefused`` where a broken row may hold the value that the rows below it repeat.
    """
    wide = _held(connection, reading)
    if source.fill_down:
        wide = _filled(connection, wide, source)
    return _turned(connection, wide, source) if source.unpivot else wide


def _held(connection: duckdb.DuckDBPyConnection, reading: Reading) -> Reading:
    """The reading as a table, in the order of the file, once it can be trusted."""
    settle = reading.settle

    def hold(relation: str) -> int:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT * FROM {relation}")
        ((rows,),) = connection.execute("SELECT count(*) FROM held").fetchall()
        return int(rows)

    try:
        rows: int | None = hold(reading.relation)
    except duckdb.Error:
        if settle is None:
            raise
        rows = None
    if settle is not None:
        ((names,),) = connection.execute(
            f"SELECT list(column_name) FROM (DESCRIBE SELECT * FROM {reading.relation})"
        ).fetchall()
        has_no_value = " AND ".join(f"coalesce(trim({quoted(name)}), '') = ''" for name in names)
        empty = 0
        if rows:
            ((empty,),) = connection.execute(f"SELECT count(*) FROM held WHERE {has_no_value}").fetchall()
        settled = settle(rows, int(empty))
        if settled.relation != reading.relation:
            hold(settled.relation)
        reading = replace(settled, settle=None)
    return replace(reading, relation="held", native=None)


def _filled(connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source) -> Reading:
    if reading.broken:
        first = min(reading.broken, key=lambda broken: broken.line)
        raise DataRefused(
            f"line {first.line} {first.reason}, and with 'fill_down' it may hold what the rows below repeat. "
            "Ask for the line to be corrected."
        )
    filled = ", ".join(
        f"last_value(nullif(trim({quoted(name)}), '') IGNORE NULLS) OVER (ORDER BY rowid) AS {quoted(name)}"
        for name in source.fill_down
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE filled AS SELECT * REPLACE ({filled}) FROM held ORDER BY rowid")
    return replace(reading, relation="filled", native=None)


def _cell(name: str, source: Source) -> str:
    """SQL of a cell's text; one that means an empty value is an empty cell."""
    text = f"nullif(trim({name}), '')"
    for null in source.nulls:
        text = f"nullif({text}, {literal(null)})"
    return text


def _turned(connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source) -> Reading:
    unpivot = source.unpivot
    if unpivot is None:
        return reading
    found = unpivoted(source, reading.header)
    kept = ", ".join(quoted(name) for name in headers(source).values())
    names = ", ".join(literal(value) for value in found.values())
    cells = ", ".join(_cell(quoted(turned(header)), source) for header in found)
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE turned AS SELECT rowid AS _held, {kept or "NULL AS _none"},
        unnest([{names}]) AS {quoted(unpivot.name)}, unnest([{cells}]) AS {quoted(unpivot.value)}
        FROM {reading.relation}""")
    notes = reading.notes
    if unpivot.empty == "skip":
        has_value = f"{quoted(unpivot.value)} IS NOT NULL"
        ((empty,),) = connection.execute(f"SELECT count(*) FROM turned WHERE NOT ({has_value})").fetchall()
        connection.execute(f"CREATE OR REPLACE TEMP TABLE turned AS SELECT * FROM turned WHERE {has_value}")
        if empty:
            notes = (*notes, f"{plural(int(empty), 'empty cell')} of the turned columns made no row")
    columns = ", ".join(quoted(name) for name in source.columns)
    shown = ", ".join(quoted(name) if is_shown(source, name) else f"'{HIDDEN}'" for name in source.columns)

    def locate(rows: Sequence[int]) -> Located:
        texts = connection.execute(
            f"SELECT rowid, _held, [{shown}] FROM turned WHERE rowid IN (SELECT unnest(?))", [list(rows)]
        ).fetchall()
        places = reading.locate(sorted({held for _, held, _ in texts}))
        return {
            row: (places[held][0], source.separator.join(unmarked(value or "") for value in values))
            for row, held, values in texts
        }

    exact = reading.exact | {unpivot.value} if {*map(turned, found)} <= reading.exact else reading.exact
    relation = f"(SELECT {columns} FROM turned)"
    return replace(reading, relation=relation, locate=locate, notes=notes, native=None, exact=exact)
