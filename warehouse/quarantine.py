"""Quarantine: the rejected rows of one load with line, record (of a JSON array), rule, reason and raw text.

Values of personal columns are masked in the raw text too: the line number leads to the row in the archived delivery,
and so nothing that is published, exported or copied from here names a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import duckdb
import polars as pl

from scorecards.sources import Source
from warehouse.checking import counted_under
from warehouse.reading import Reading
from warehouse.rules import Rule

MOST_OF_A_REFUSED = 250_000
_PIECE = 50_000
REJECTS = {"line": pl.Int64, "record": pl.Int64, "rule": pl.String, "reason": pl.String, "raw": pl.String}


def rejected(
    connection: duckdb.DuckDBPyConnection,
    reading: Reading,
    source: Source,
    rules: Sequence[Rule],
    file: int,
    first: int,
    count: int,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rejected rows (columns of ``REJECTS``) in the order of the file, and how many there are of each kind.

    ``file`` is its place among those in ``checked``, ``first`` the rowid of its first row there; it has ``count`` rows
    in all. Where the contract allows as many rejects as there are, the frame has all of them; else the file is refused,
    and the first ``MOST_OF_A_REFUSED`` tell enough: all of them could take more than any memory.
    """
    thrown = f"FROM checked WHERE _rule IS NOT NULL AND _file = {file}"
    listed = f"SELECT rowid - {first}, _rule, _reason {thrown} ORDER BY rowid"
    rows = connection.execute(f"{listed} LIMIT {MOST_OF_A_REFUSED + 1}").fetchall()
    kinds = Counter(counted_under(rules, source, place, reason) for _, place, reason in rows)
    if len(rows) > MOST_OF_A_REFUSED:
        kinds = _kinds_of_many(connection, thrown, source, rules)
        is_allowed = source.rejects.allows(kinds.total() + len(reading.broken), count)
        rows = connection.execute(listed).fetchall() if is_allowed else rows[:MOST_OF_A_REFUSED]
    places = reading.locate([row for row, _, _ in rows]) if rows else {}
    kinds.update(f"form: the row {broken.reason.split(' (')[0]}" for broken in reading.broken)
    found = [
        (
            places[row][0],
            reading.records[row] if reading.records else None,
            rules[place].name if place >= 0 else "duplicate",
            reason,
            places[row][1],
        )
        for row, place, reason in rows
    ]
    found += [
        (broken.line, broken.record, "form", f"the row {broken.reason}", broken.text) for broken in reading.broken
    ]
    frame = pl.DataFrame(found, schema=REJECTS, orient="row").sort(
        "line", "record", nulls_last=True, maintain_order=True
    )
    return frame, dict(kinds.most_common())


def _kinds_of_many(
    connection: duckdb.DuckDBPyConnection, thrown: str, source: Source, rules: Sequence[Rule]
) -> Counter[str]:
    """How many rows there are of each kind, in the order in which the kinds come in the file; read piece by piece."""
    kinds = Counter[str]()
    counted = connection.execute(f"SELECT _rule, _reason, count(*) {thrown} GROUP BY ALL ORDER BY min(rowid)")
    while some := counted.fetchmany(_PIECE):
        for place, reason, number in some:
            kinds[counted_under(rules, source, place, reason)] += number
    return kinds
