"""Rows of texts on their way from a reader to the checks: in a table of the engine, or held as a frame where few."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import polars as pl

from warehouse.frames import Stream
from warehouse.reading import quoted

MOST_HELD = 50_000


class RawRows:
    """Rows of texts as a reader finds them, by the columns of the contract.

    They go into the temporary table ``raw``; where they are to be ``held``, and are at most ``MOST_HELD``, they stay in
    memory instead: see ``Reading.frame``.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: Iterable[str], *, held: bool) -> None:
        self._connection = connection
        self._schema = dict.fromkeys(columns, pl.String)
        self._frames: list[pl.DataFrame] = []
        self._batch: list[list[str | None]] = []
        self._is_held = held
        if not held:
            self._make_table()

    def add(self, row: list[str | None]) -> None:
        """Add one row."""
        self._batch.append(row)
        if len(self._batch) == MOST_HELD:
            self._flush()

    def add_frame(self, frame: pl.DataFrame) -> None:
        """Add the rows of a frame."""
        self._frames.append(frame)
        if self._is_held and sum(each.height for each in self._frames) > MOST_HELD:
            self._is_held = False
            self._make_table()
        if not self._is_held:
            for each in self._frames:
                self._connection.register("_incoming", Stream(each))
                self._connection.execute("INSERT INTO raw SELECT * FROM _incoming")
                self._connection.unregister("_incoming")
            self._frames.clear()

    def finish(self) -> pl.DataFrame | None:
        """The rows where they were held; None where they are in ``raw``."""
        self._flush()
        return pl.concat([pl.DataFrame(schema=self._schema), *self._frames]) if self._is_held else None

    def _flush(self) -> None:
        if self._batch:
            self.add_frame(pl.DataFrame(self._batch, schema=self._schema, orient="row"))
            self._batch.clear()

    def _make_table(self) -> None:
        columns = ", ".join(f"{quoted(column)} VARCHAR" for column in self._schema)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE raw ({columns})")
