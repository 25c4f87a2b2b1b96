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


@contextmanager
def settled_reading(path: Path, form: Source) -> Iterator[tuple[duckdb.DuckDBPyConnection, Reading]]:
    """A reading that can be trusted, with the connection that holds it. Raises ``DataRefused`` as ``reading.read``."""
    with TemporaryDirectory(prefix="scorepack-") as folder, staging_connection() as connection:
        reading = read(connection, path, form, Path(folder))
        if reading.settle is not None:
            reading = reading.settle(_rows(connection, reading))
        yield connection, reading


def _rows(connection: duckdb.DuckDBPyConnection, reading: Reading) -> int | None:
    try:
        # Every value is looked at, as when a file is checked: broken rows show only then.
        columns = connection.execute(f"DESCRIBE SELECT * FROM {reading.relation}").fetchall()
        names = ", ".join(quoted(str(name)) for name, *_ in columns)
        # As a table: what is broken is known only when a statement has ended.
        connection.execute(f"CREATE OR REPLACE TEMP TABLE looked_at AS SELECT hash({names}) FROM {reading.relation}")
        return count(connection, "SELECT count(*) FROM looked_at")
    except duckdb.Error:
        return None
