"""Polars frames in and out of DuckDB over the Arrow C stream, without pyarrow."""

from __future__ import annotations

from typing import Any, Protocol

import duckdb
import polars as pl


class ArrowStream(Protocol):
    """A frame, or a part of a result, as any Arrow library or driver gives it."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The Arrow PyCapsule protocol."""


class Stream:
    """A frame that shows DuckDB nothing but its Arrow stream: DuckDB would ask for pyarrow if it saw a Polars frame."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The Arrow PyCapsule protocol."""
        return self._frame.__arrow_c_stream__(requested_schema)


def fetch(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> pl.DataFrame:
    """The result of a query as a Polars frame."""
    return pl.DataFrame(connection.sql(sql, params=parameters or []))
