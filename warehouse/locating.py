"""Line and raw text of accepted rows, found again in the archived delivery.

Belongs here: the way back from a staged row to its line, for rows that turn out only later to count nowhere. It takes
a reading of the whole file, so what was found is kept beside the load's rejects.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.deliveries import form_day
from warehouse.home import Home, replace_bytes
from warehouse.landing import landed
from warehouse.selection import Load
from warehouse.settling import settled_reading

_SCHEMA = {"_row": pl.Int64, "line": pl.Int64, "record": pl.Int64, "raw": pl.String}


def lines_file(home: Home, load: Load) -> Path:
    """Where lines that were found are kept; derived and deletable."""
    return home.quarantine / load.source / f"{load.id}.lines.parquet"


def located(home: Home, source: Source, load: Load, rows: Sequence[int]) -> pl.DataFrame:
    """Line, record (of JSON) and raw text (personal values masked) of staged rows; columns _row, line, record, raw.

    Rows are left out where the archived file cannot be read any more.
    """
    kept = lines_file(home, load)
    known = pl.read_parquet(kept, glob=False) if kept.exists() else pl.DataFrame(schema=_SCHEMA)
    wanted = sorted(set(rows) - set(known["_row"]))
    path = landed(home, load.digest)
    if wanted and path.exists():
        try:
            form = source.in_force(load.period or form_day(source, load.name, load.known_on))
            with settled_reading(path, form) as (_, reading):
                places = reading.locate(wanted)
        except (DataRefused, duckdb.Error):
            return known
        numbers = reading.records
        found = [(row, line, numbers[row] if numbers else None, raw) for row, (line, raw) in places.items()]
        known = pl.concat([known, pl.DataFrame(found, schema=_SCHEMA, orient="row")]).sort("_row")
        replace_bytes(kept, _parquet(known))
    return known.filter(pl.col("_row").is_in(list(rows)))


def _parquet(frame: pl.DataFrame) -> bytes:
    out = BytesIO()
    frame.write_parquet(out)
    return out.getvalue()
