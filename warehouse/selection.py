"""Loads: accepted and refused deliveries in the journal, and which of them are current.

Current is always a selection, never an overwrite: the newest accepted delivery of every logical file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from scorecards.periods import parse_period
from scorecards.sources import Source
from warehouse import journal
from warehouse.home import Home
from warehouse.staging import staged_columns


@dataclass(frozen=True)
class Load:
    """One delivery as it was taken in. ``period`` is set for monthly files; ``refused`` says why, where it was."""

    id: str
    seq: int
    source: str
    name: str
    logical: str
    digest: str
    period: date | None
    known_on: date
    rows: int
    rejected: int
    periods: tuple[date, ...]
    reasons: dict[str, int]
    extra_columns: tuple[str, ...]
    refused: str | None
    contract: str


def _load(entry: journal.Entry) -> Load:
    body = entry.body
    return Load(
        id=body["id"],
        seq=entry.seq,
        source=body["source"],
        name=body["name"],
        logical=body["logical"],
        digest=body["digest"],
        period=parse_period(body["period"]) if body["period"] else None,
        known_on=date.fromisoformat(body["known_on"]),
        rows=body["rows"],
        rejected=body["rejected"],
        periods=tuple(parse_period(period) for period in body["periods"]),
        reasons=body["reasons"],
        extra_columns=tuple(body["extra_columns"]),
        refused=body["refused"],
        contract=body["contract"],
    )


def all_loads(home: Home, source_id: str | None = None) -> list[Load]:
    """Every load ever recorded, oldest first."""
    return [_load(entry) for entry in journal.entries(home, "load", source_id)]


def newest(loads: Iterable[Load]) -> dict[str, Load]:
    """For every logical file its newest load, accepted or refused: by the day it was known, then as taken in."""
    found: dict[str, Load] = {}
    for load in sorted(loads, key=lambda load: (load.known_on, load.seq)):
        found[load.logical] = load
    return found


def current(loads: Iterable[Load]) -> list[Load]:
    """The newest accepted load of every logical file."""
    return list(newest(load for load in loads if load.refused is None).values())


def refusals(loads: Iterable[Load]) -> list[Load]:
    """Refused loads that nothing accepted has replaced since."""
    return [load for load in newest(loads).values() if load.refused is not None]


def accepted_file(home: Home, load: Load) -> Path:
    """The Parquet file of a load's accepted rows."""
    return home.staging / load.source / f"{load.id}.parquet"


def rejects_file(home: Home, load: Load) -> Path:
    """The Parquet file of a load's rejected rows; it exists only where there are any."""
    return home.quarantine / load.source / f"{load.id}.parquet"


def scan(home: Home, source: Source, loads: Iterable[Load]) -> pl.LazyFrame:
    """The accepted rows of these loads, lazily: the contract's columns, _unit, _period, _row and _file."""
    files = [accepted_file(home, load) for load in loads]
    if not files:
        return pl.LazyFrame(schema=_schema(source))
    return pl.scan_parquet(files, include_file_paths="_file", glob=False).select(*staged_columns(source), "_file")


def _schema(source: Source) -> dict[str, pl.DataType]:
    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "float": pl.Float64(),
        "date": pl.Date(),
        "datetime": pl.Datetime(),
        "month": pl.Date(),
        "boolean": pl.Boolean(),
    }
    columns = {
        name: pl.Decimal(18, column.scale) if column.type == "decimal" else types.get(column.type, pl.String())
        for name, column in source.staged.items()
    }
    return {**columns, "_unit": pl.String(), "_period": pl.Date(), "_row": pl.Int64(), "_file": pl.String()}


def rejected_rows(home: Home, loads: Iterable[Load]) -> Iterator[tuple[Load, pl.DataFrame]]:
    """The quarantined rows of each load that has any."""
    for load in loads:
        if load.rejected and rejects_file(home, load).exists():
            yield load, pl.read_parquet(rejects_file(home, load), glob=False)
