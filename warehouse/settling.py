"""A file read once more outside of taking in: its rows as texts, broken ones told apart, in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from scorecards.sources import Source
from warehouse.checking import count, staging_connection
from warehouse.reading import Reading, quoted, read
from warehouse.unpacking import unpacked


@contextmanager
def settled_reading(path: Path, form: Source) -> Iterator[tuple[duckdb.DuckDBPyConnection, Reading]]:
    """A reading that can be trusted, with the connection that holds it. Raises ``DataRefused`` as ``reading.read``."""
    with TemporaryDirectory(prefix="scorepack-") as folder:
        work = Path(folder)
        with staging_connection(path, work) as connection:
            reading = read(connection, unpacked(path, form, work), form, work)
            if reading.settle is not None:
                reading = reading.settle(*_counted(connection, reading))
            yield connection, reading


def _counted(connection: duckdb.DuckDBPyConnection, reading: Reading) -> tuple[int | None, int]:
    """The number of rows (None: they cannot be read), and how many of them have no value."""
    try:
        columns = connection.execute(f"DESCRIBE SELECT * FROM {reading.relation}").fetchall()
        is_empty = " AND ".join(f"nullif(trim({quoted(str(name))}), '') IS NULL" for name, *_ in columns)
        # As a table: what is broken is known only when a statement has ended.
        connection.execute(f"CREATE OR REPLACE TEMP TABLE looked_at AS SELECT {is_empty} AS e FROM {reading.relation}")
        empty = count(connection, "SELECT count(*) FILTER (e) FROM looked_at")
        return count(connection, "SELECT count(*) FROM looked_at"), empty
    except duckdb.Error:
        return None, 0
