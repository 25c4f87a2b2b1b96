"""Files in which every row is good, written straight from the file: what is rejected has to be kept, what is good not.

The good rows are written and counted: where none is lacking, and no key repeats among them, that is all there is to do.
Only for files that are quickly read once more where one is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from scorecards.sources import Source
from warehouse.checking import Terms, any_same, count, judged, key_sets, sign_of
from warehouse.frames import fetch
from warehouse.reading import Reading, literal, quoted
from warehouse.rounding import rounded
from warehouse.rules import Rule


@dataclass(frozen=True)
class Straight:
    """The rules of a file in which no row breaks one, the number of its rows, and their months."""

    rules: list[Rule]
    rows: int
    months: list[date]


def write_straight(
    connection: duckdb.DuckDBPyConnection,
    reading: Reading,
    source: Source,
    terms: Terms,
    period: date | None,
    write: Callable[[Path], None],
    target: Path,
) -> Straight | None:
    """Write the rows of a file, all of which are good, to ``target``; ``write`` writes those of ``checked``.

    None where a row is bad or its key may repeat, where a number was rounded, where the rows cannot be read, or where
    judging them takes more than one look: what was written is of no use then.
    """
    (key, *more), expected = key_sets(source) or [()], source.expects
    can_be_judged = not (more or reading.broken or expected.change or expected.control)
    if reading.native is None or not can_be_judged or not set(key) <= source.staged.keys():
        return None
    judgement = judged(connection, reading, source, terms, period)
    names = ", ".join(quoted(name) for name in source.row_columns)
    names += ", _file, _unit, _period, _rule, NULL::VARCHAR AS _reason, _row AS rowid"
    connection.execute("DROP TABLE IF EXISTS checked")
    good = f"_rule IS NULL AND {rounded(source, reading.exact)} = 0"
    connection.execute(f"CREATE TEMP VIEW checked AS SELECT {names} FROM ({judgement.rows}) WHERE {good}")
    try:
        write(target)
        written = f"read_parquet({literal(str(target))})"
        if count(connection, f"SELECT count(*) FROM {written}") < count(
            connection, f"SELECT count(*) FROM {reading.native.relation}"
        ):
            return None
        sign = f"{sign_of(source, key)} AS sign, " if key else ""
        found = fetch(connection, f"SELECT {sign}_period FROM {written}")
    except duckdb.Error:
        # The way by the table says what cannot be read, or written.
        return None
    finally:
        connection.execute("DROP VIEW checked")
    if key and any_same(found["sign"]):
        return None
    return Straight(judgement.rules, found.height, found["_period"].drop_nulls().unique().sort().to_list())
