"""How much a Parquet file holds once its values are written out: of few bytes it can be more than any memory.

A value that comes again and again costs a file next to nothing: a kilobyte holds millions of rows, or thousands of
texts of a megabyte.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from scorecards.errors import DataRefused
from warehouse.reading import file_literal, quoted
from warehouse.unpacking import MOST_BYTES, MOST_TIMES

# So much a file may hold however small it is.
FREE_BYTES = 16 << 20
# A sign and what divides it from the next.
_LEAST_OF_A_VALUE = 2
_LENGTHS = {"VARCHAR": "strlen", "BLOB": "octet_length"}


def require_bounded(connection: duckdb.DuckDBPyConnection, path: Path, kinds: Mapping[str, str]) -> None:
    """Refuse a file whose values, written out as texts, take much more room than the file.

    ``kinds`` are the columns that are read, with DuckDB's types. Raises ``DataRefused``.
    """
    file = file_literal(path)
    most = min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * path.stat().st_size))
    [(rows,)] = connection.execute(f"SELECT num_rows FROM parquet_file_metadata({file})").fetchall()
    size = rows * len(kinds) * _LEAST_OF_A_VALUE
    lengths = [
        f"coalesce(sum({_LENGTHS[kind]}({quoted(name)})), 0)" for name, kind in kinds.items() if kind in _LENGTHS
    ]
    if size <= most and lengths:
        [(length,)] = connection.execute(f"SELECT {' + '.join(lengths)} FROM read_parquet({file})").fetchall()
        size = max(size, int(length))
    if size > most:
        raise DataRefused(
            f"its {rows:,} rows, written out, take more than {MOST_TIMES} times the size of the file, or more than "
            f"{MOST_BYTES >> 30} GiB, as if to fill the memory. Deliver it as CSV, or in parts."
        )
