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

REJECTS = {"line": pl.Int64, "record": pl.Int64, "rule": pl.String, "reason": pl.String, "raw": pl.String}


def rejected(
    connection: duckdb.DuckDBPyConnection,
    reading: Reading,
    source: Source,
    rules: Sequence[Rule],
    file: int,
    first: int,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """All rejected rows (columns of ``REJECTS``) in the order of the file, and how many there are of each kind.

    ``file`` is its place among those in ``checked``, ``first`` the rowid of its first row there.
    """
    rows = connection.execute(
        f"SELECT rowid - {first}, _rule, _reason FROM checked WHERE _rule IS NOT NULL AND _file = {file} ORDER BY rowid"
    ).fetchall()
    places = reading.locate([row for row, _, _ in rows]) if rows else {}
    kinds = Counter(counted_under(rules, source, place, reason) for _, place, reason in rows)
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
