"""Rows about months far ahead, most likely a slip of the pen such as 2052 for 2025: they count in no month that is run.

A plan or budget speaks of months to come, so that only those are told that lie further ahead than plans do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb

from scorecards.periods import add_months, period_text
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.reading import file_literal

AHEAD = 36
"""Months ahead of the day on which a delivery became known up to which its rows are not told."""


def far_ahead_told(
    connection: duckdb.DuckDBPyConnection, accepted: Path, source: Source, months: Sequence[date], known_on: date
) -> Iterator[str]:
    """The note on rows of a delivery, which has rows of these ``months``, about others than can be planned already."""
    limit = add_months(known_on.replace(day=1), AHEAD)
    if max(months, default=limit) <= limit:
        return
    sql = f"SELECT count(*) FROM read_parquet({file_literal(accepted)}) WHERE _period > DATE '{limit}'"
    [(rows,)] = connection.execute(sql).fetchall()
    column = source.staged.get(str(source.period))
    last = "" if column is not None and column.personal else f", the last {period_text(max(months))}"
    yield (
        f"{plural(rows, 'row is', 'rows are')} about months more than {AHEAD} after the delivery became known{last}: "
        "look whether the dates are right"
    )
