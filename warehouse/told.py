"""The published tables as others may read them: without what would tell of one person.

Belongs here: what leaves the warehouse, by `export` and in the analysts' copy, whose tables alone these are. The
warehouse, the journal and the archive keep everything, since work goes on from it.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from warehouse.frames import fetch
from warehouse.home import Home
from warehouse.reading import literal, quoted
from warehouse.store import connected
from warehouse.tables import EDITION_PACKS, LOADS, PACKS, REJECTS, Table

_ROW = "withheld: the row tells of a person"
_REFUSAL = "withheld: it may tell of a person"
_OF_A_FILE = ("file", "digest", "pages", "bytes", "inputs")


def read_told(home: Home, table: Table, about_people: Collection[str]) -> pl.DataFrame:
    """The rows of a published table as others may read them, in the order of its key."""
    order = ", ".join(quoted(name) for name in table.key)
    with connected(home) as connection:
        return fetch(connection, f"{told(table, about_people)} ORDER BY {order}")


def told(table: Table, about_people: Collection[str]) -> str:
    """The SQL of these rows; ``about_people`` are the sources of which figures of small groups are withheld.

    A rejected row of such a source is a group of one: that it was rejected is told, and by which rule, not more. What
    identifies the bytes of its files, or of a pack with a person's own figures, is not told either: who guesses what
    is in them would know by it whether the guess is right.
    """
    is_about = f"source IN ({', '.join(map(literal, sorted(about_people)))})" if about_people else "false"
    if table is REJECTS:
        columns = {name: f"CASE WHEN {is_about} THEN {literal(_ROW)} ELSE {name} END" for name in ("reason", "raw")}
        return _replaced(table, columns | {"load": _number(is_about)})
    if table is LOADS:
        columns = {
            "load": _number(is_about),
            "digest": f"CASE WHEN NOT {is_about} THEN digest END",
            "refused": f"CASE WHEN {is_about} AND refused IS NOT NULL THEN {_refusal()} ELSE refused END",
        }
        return _replaced(table, columns)
    if table in (PACKS, EDITION_PACKS):
        return _replaced(table, {name: f"CASE WHEN NOT is_private THEN {name} END" for name in _OF_A_FILE})
    return f"FROM {table.full_name}"


def _replaced(table: Table, columns: dict[str, str]) -> str:
    each = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    return f"SELECT * REPLACE ({each}) FROM {table.full_name} AS told"


def _number(is_about: str) -> str:
    """In the place of a load's id, which is made from what is in the file: its place among the source's loads."""
    order = "known_on, period, file, load"
    numbered = f"SELECT load, row_number() OVER (PARTITION BY source ORDER BY {order}) AS number FROM {LOADS.full_name}"
    number = f"SELECT any_value(number) FROM ({numbered}) AS each WHERE each.load = told.load"
    return f"CASE WHEN {is_about} THEN source || ' ' || ({number}) ELSE load END"


def _refusal() -> str:
    """Of a refused file the first row that is rejected, by line and rule; of another reason nothing."""
    first = (
        f"SELECT arg_min(rule, line) AS rule, min(line) AS line FROM {REJECTS.full_name} AS r WHERE r.load = told.load"
    )
    text = "told.rejected || ' of ' || told.rows || ' rows are rejected. First: line ' || line || ': ' || rule"
    return f"coalesce((SELECT {text} FROM ({first})), {literal(_REFUSAL)})"
