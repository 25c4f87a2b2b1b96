"""Files in which every row is good, written straight from the file: what is rejected has to be kept, what is good not.

Only for files whose rows are quickly read twice, once to judge them and once to write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from scorecards.sources import Source
from warehouse.checking import Terms, any_same, count, judged, key_sets, sign_of
from warehouse.frames import fetch
from warehouse.reading import Reading, quoted
from warehouse.rounding import rounded
from warehouse.rules import Rule


@contextmanager
def all_good(
    connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source, terms: Terms, period: date | None
) -> Iterator[tuple[list[Rule], int, list[date]] | None]:
    """Rules, number of rows and their months, while ``checked`` has the rows as ``checking.check_rows`` fills it.

    None where a row is bad or its key may repeat, where a number was rounded, where the rows cannot be read, or where
    judging them takes more than one look.
    """
    (key, *more), expected = key_sets(source) or [()], source.expects
    if reading.native is None or more or expected.change is not None or expected.control is not None:
        yield None
        return
    judgement = judged(connection, reading, source, terms, period)
    sign = sign_of(source, key) if key else "NULL"
    try:
        asked = f"{sign} AS sign, _period, {rounded(source)} AS rounded"
        good = fetch(connection, f"SELECT {asked} FROM ({judgement.rows}) WHERE _rule IS NULL")
    except duckdb.Error:
        yield None
        return
    if good.height < count(connection, f"SELECT count(*) FROM {reading.native.relation}") or (
        good["rounded"].sum() or (key and any_same(good["sign"]))
    ):
        yield None
        return
    names = ", ".join(quoted(name) for name in source.row_columns)
    names += ", _file, _unit, _period, NULL::SMALLINT AS _rule, NULL::VARCHAR AS _reason, _row AS rowid"
    connection.execute("DROP TABLE IF EXISTS checked")
    connection.execute(f"CREATE TEMP VIEW checked AS SELECT {names} FROM ({judgement.typed})")
    try:
        yield judgement.rules, good.height, good["_period"].drop_nulls().unique().sort().to_list()
    finally:
        connection.execute("DROP VIEW checked")
