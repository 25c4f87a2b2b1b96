"""The published tables as others may read them: without what would tell of one person.

Belongs here: what leaves the warehouse, by `export` and in the analysts' copy, whose tables alone these are. The
warehouse, the journal and the archive keep everything, since work goes on from it. What is narrowed besides, wherever
it shows, is ``obeying.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from scorecards.groups import Telling
from warehouse.frames import fetch
from warehouse.home import Home
from warehouse.obeying import OF_A_FILE, note_other_rules, obeying
from warehouse.reading import literal, quoted
from warehouse.store import connected
from warehouse.tables import EDITION_PACKS, LOADS, PACKS, REJECTS, Table

_ROW = "withheld: the row tells of a person"
_REFUSAL = "withheld: it may tell of a person"


def read_told(home: Home, table: Table, telling: Telling) -> pl.DataFrame:
    """The rows of a published table as others may read them, in the order of its key."""
    order = ", ".join(quoted(name) for name in table.key)
    with connected(home) as connection:
        return fetch(connection, f"{Told(connection, telling).rows(table)} ORDER BY {order}")


class Told:
    """The SQL of these rows, for a connection.

    A rejected row of a source about people is a group of one: that it was rejected is told, and by which rule, not
    more. What identifies the bytes of its files, or of a pack with a person's own figures, is not told either: who
    guesses what is in them would know by it whether the guess is right.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, telling: Telling) -> None:
        self._sources = sorted(telling.sources)
        self.other_rules = note_other_rules(connection, telling)

    def rows(self, table: Table) -> str:
        """The rows of one table."""
        place = obeying(table) if self.other_rules else table.full_name
        columns = _columns(table, self._sources)
        each = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
        return f"SELECT * REPLACE ({each}) FROM {place} AS told" if columns else f"FROM {place}"


def _columns(table: Table, about_people: Sequence[str]) -> dict[str, str]:
    """The SQL of the columns that are told otherwise than they are kept."""
    is_about = f"source IN ({', '.join(map(literal, about_people))})" if about_people else "false"
    if table is REJECTS:
        hidden = {name: f"CASE WHEN {is_about} THEN {literal(_ROW)} ELSE {name} END" for name in ("reason", "raw")}
        return hidden | {"load": _number(is_about)}
    if table is LOADS:
        return {
            "load": _number(is_about),
            "digest": f"CASE WHEN NOT {is_about} THEN digest END",
            "refused": f"CASE WHEN {is_about} AND refused IS NOT NULL THEN {_refusal()} ELSE refused END",
        }
    if table in (PACKS, EDITION_PACKS):
        return {name: f"CASE WHEN NOT is_private THEN {name} END" for name in OF_A_FILE}
    return {}


def _number(is_about: str) -> str:
    """In the place of a load's id, which is made from what is in the file: its place among the source's loads."""
    order = "known_on, period, file, load"
    numbered = f"SELECT load, row_number() OVER (PARTITION BY source ORDER BY {order}) AS number FROM {LOADS.full_name}"
    number = f"SELECT any_value(number) FROM ({numbered}) AS each WHERE each.load = told.load"
    return f"CASE WHEN {is_about} THEN source || ' ' || ({number}) ELSE load END"


def _refusal() -> str:
    """Of a refused file the first row that is rejected, by line and rule; of another reason nothing."""
    first = (
        f"SELECT rule, coalesce('record ' || record || ', ', '') || 'line ' || line AS place FROM {REJECTS.full_name} "
        "AS r WHERE r.load = told.load ORDER BY line, record LIMIT 1"
    )
    text = "told.rejected || ' of ' || told.rows || ' rows are rejected. First: ' || place || ': ' || rule"
    return f"coalesce((SELECT {text} FROM ({first})), {literal(_REFUSAL)})"
