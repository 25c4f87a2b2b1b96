"""Loads: accepted and refused deliveries in the journal, and which of them are current.

A *logical file* is a delivery's path without its file date: a second delivery of it replaces the first for all it holds.
Current is always a selection, never an overwrite.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.periods import parse_period, period_text
from scorecards.sources import Source
from warehouse import journal
from warehouse.home import Home
from warehouse.landing import digest_of, land, landed
from warehouse.staging import stage, staged_columns

_ENGINE = "1"


@dataclass(frozen=True)
class Delivery:
    """A file in the extracts folder that belongs to a source: its path below it, its month and its day of delivery."""

    path: Path
    name: str
    logical: str
    period: date | None
    file_date: date | None


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


def deliveries(source: Source, extracts: Path) -> list[Delivery]:
    """The source's files below ``extracts``, in known-on order. Links that lead outside the folder are not followed."""
    pattern = re.escape(source.path).replace(r"\{period\}", r"(?P<period>\d{4}-\d{2})").replace(r"\{file_date\}", r"(?P<file_date>\d{8}|\d{4}-\d{2}-\d{2})")
    expression = re.compile(pattern.replace(r"\*", "[^/]*"))
    root = extracts.resolve()
    found: list[Delivery] = []
    for path in extracts.glob(re.sub(r"\{.*?\}", "*", source.path)):
        name = path.relative_to(extracts).as_posix()
        match = expression.fullmatch(name)
        if match and path.is_file() and path.resolve().is_relative_to(root):
            parts = match.groupdict()
            stamp = parts.get("file_date")
            logical = name if stamp is None else name[: match.start("file_date")] + "{file_date}" + name[match.end("file_date") :]
            try:
                period = parse_period(parts["period"]) if parts.get("period") else None
                file_date = date.fromisoformat(stamp) if stamp else None
            except ValueError as error:
                raise DataRefused(f"{name}: its name holds no real date ({error}). Rename it.") from None
            found.append(Delivery(path, name, logical, period, file_date))
    return sorted(found, key=lambda delivery: (delivery.file_date or date.min, delivery.name))


@dataclass(frozen=True)
class Desk:
    """Where deliveries of one source are taken in: what its rows are checked against, and the loads that are known.

    ``contract`` is the digest of the contract and all it refers to; ``units`` are the ids of declared units.
    """

    home: Home
    source: Source
    contract: str
    first_period: date
    units: Collection[str]
    connection: duckdb.DuckDBPyConnection


def take_in(desk: Desk, incoming: Iterable[Delivery]) -> None:
    """Land, stage and record deliveries, and check again what was taken in under another contract.

    A delivery that was taken in before under the same contract changes nothing. The journal's rows are written last, in one
    transaction: a run that is killed before leaves at most files that no load names. Bytes to be checked again come from
    the archive; their known-on day stays.
    """
    known = {load.id: load for load in all_loads(desk.home, desk.source.source)}
    bodies: list[dict[str, Any]] = []
    for delivery in incoming:
        digest = digest_of(delivery.path)
        if not landed(desk.home, digest).exists():
            land(desk.home, delivery.path)
        is_dated = desk.source.known_on == "{file_date}" and delivery.file_date is not None
        known_on = delivery.file_date if is_dated and delivery.file_date else datetime.now(UTC).date()
        bodies += _take(desk, delivery, digest, known_on, known)
    taken = {(body["logical"], body["digest"]) for body in bodies}
    for load in current(known.values()):
        if load.contract != desk.contract and (load.logical, load.digest) not in taken:
            again = Delivery(landed(desk.home, load.digest), load.name, load.logical, load.period, None)
            bodies += _take(desk, again, load.digest, load.known_on, known)
    if bodies:
        journal.append_all(desk.home, "load", [(desk.source.source, body) for body in bodies])


def _take(desk: Desk, delivery: Delivery, digest: str, known_on: date, known: Mapping[str, Load]) -> list[dict[str, Any]]:
    """Stage one delivery; returns what the journal is to say of it, or nothing where it is known already."""
    source = desk.source
    load_id = hashlib.sha256(f"{source.source}\0{delivery.name}\0{digest}\0{desk.contract}\0{_ENGINE}".encode()).hexdigest()[:16]
    before = known.get(load_id)
    if before is not None and (before.refused or accepted_file(desk.home, before).exists()):
        return []
    staged = stage(
        desk.connection, landed(desk.home, digest), delivery.name, source, delivery.period, desk.first_period, desk.units,
        desk.home.staging / source.source / f"{load_id}.parquet", desk.home.quarantine / source.source / f"{load_id}.parquet",
    )  # fmt: skip
    if before is not None:
        return []
    return [{
        "id": load_id, "source": source.source, "name": delivery.name, "logical": delivery.logical, "digest": digest,
        "contract": desk.contract, "period": period_text(delivery.period) if delivery.period else None, "known_on": known_on.isoformat(),
        "rows": staged.rows, "rejected": staged.rejected, "periods": [period_text(p) for p in staged.periods],
        "reasons": staged.reasons, "extra_columns": list(staged.extra_columns), "refused": staged.refused,
    }]  # fmt: skip


def _load(entry: journal.Entry) -> Load:
    body = entry.body
    return Load(
        body["id"], entry.seq, body["source"], body["name"], body["logical"], body["digest"],
        parse_period(body["period"]) if body["period"] else None, date.fromisoformat(body["known_on"]), body["rows"],
        body["rejected"], tuple(parse_period(p) for p in body["periods"]), body["reasons"], tuple(body["extra_columns"]), body["refused"],
        body["contract"],
    )  # fmt: skip


def all_loads(home: Home, source_id: str | None = None) -> list[Load]:
    """Every load ever recorded, oldest first."""
    return [_load(entry) for entry in journal.entries(home, "load", source_id)]


def newest(loads: Iterable[Load]) -> dict[str, Load]:
    """For every logical file its newest load, accepted or refused: by the day it was known, then by the order of taking in."""
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
    """The accepted rows of these loads as one lazy frame, with the contract's columns, _unit, _period, _row and _file."""
    files = [accepted_file(home, load) for load in loads]
    if not files:
        return pl.LazyFrame(schema=_schema(source))
    return pl.scan_parquet(files, include_file_paths="_file").select(*staged_columns(source), "_file")


def _schema(source: Source) -> dict[str, pl.DataType]:
    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(), "float": pl.Float64(), "date": pl.Date(), "datetime": pl.Datetime(), "month": pl.Date(), "boolean": pl.Boolean(),
    }  # fmt: skip
    columns = {name: pl.Decimal(18, c.scale) if c.type == "decimal" else types.get(c.type, pl.String()) for name, c in source.columns.items()}
    return {**columns, "_unit": pl.String(), "_period": pl.Date(), "_row": pl.Int64(), "_file": pl.String()}


def rejected_rows(home: Home, loads: Iterable[Load]) -> Iterator[tuple[Load, pl.DataFrame]]:
    """The quarantined rows of each load that has any."""
    for load in loads:
        if load.rejected and rejects_file(home, load).exists():
            yield load, pl.read_parquet(rejects_file(home, load))
