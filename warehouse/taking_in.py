"""Taking in: from deliveries to loads. Each is landed, staged, and recorded in the journal last."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from scorecards.calendar import MONTHS, Calendar
from scorecards.periods import period_text
from scorecards.sources import Source
from warehouse import journal
from warehouse.checking import staging_connection
from warehouse.deliveries import Delivery, file_moment, form_day
from warehouse.far_ahead import far_ahead_told
from warehouse.forgotten import forgotten
from warehouse.hashing import HashKey
from warehouse.home import Home
from warehouse.landing import Syncing, digest_of, intact, land, landed
from warehouse.reading import file_literal, quoted
from warehouse.selection import TODAY, Load, View, accepted_file, all_loads, rejects_file, rewritten_id
from warehouse.staging import File, Staged, Terms, stage
from warehouse.working import at_work

_ENGINE = "5"
# So many deliveries are recorded at once: each transaction waits for the disk.
_TOGETHER = 60


@dataclass(frozen=True)
class Desk:
    """Where deliveries of one source are taken in: what its rows are checked against, and where they are kept.

    ``contract`` is the digest of the contract and all it refers to; ``units`` are the ids of declared units. What
    ``view`` does not know is left alone. ``hash_key`` is for columns that are staged hashed; times with an
    offset are taken in the ``time_zone``, if one is declared.
    """

    home: Home
    source: Source
    contract: str
    first_period: date
    units: Collection[str]
    calendar: Calendar = MONTHS
    view: View = TODAY
    hash_key: HashKey | None = None
    time_zone: str | None = None


@dataclass(frozen=True)
class _Task:
    """A delivery that is to be staged: the ids of delivery and load, and whether the journal knows either.

    ``first_id`` is set where the object was rewritten, since a person was forgotten: the load's id before.
    """

    delivery: Delivery
    digest: str
    delivery_id: str
    id: str
    known_on: date
    has_come: bool
    is_known: bool
    first_id: str | None = None


def take_in(desk: Desk, incoming: Iterable[Delivery]) -> None:
    """Land, stage and record deliveries, and check again what was taken in under another contract.

    A delivery that was taken in before under the same contract changes nothing, unless another took its place since.
    Bytes that were withdrawn are not taken in again under the same name.
    The journal's rows are written after the files they name, some deliveries in one transaction: a run that is killed
    leaves at most files that no load names, and the next one goes on from there. Bytes to be checked again come from
    the archive; the day on which they became known stays. One process at a time: raises ``HomeBusy`` when another one
    does not end.
    """
    with at_work(desk.home), Syncing(desk.home) as syncing, ExitStack() as opened:
        connection: duckdb.DuckDBPyConnection | None = None
        due, terms = _tasks(desk, incoming, syncing), Terms(desk.first_period, desk.units, desk.calendar, desk.hash_key)
        while tasks := list(islice(due, _TOGETHER)):
            connection = connection or opened.enter_context(
                staging_connection(desk.home.landing, desk.home.staging, desk.home.quarantine, time_zone=desk.time_zone)
            )
            files = [_file(desk, task) for task in tasks]
            told = map(partial(_told, desk, connection), tasks, files, stage(connection, files, desk.source, terms))
            bodies = [body for body in told if body is not None]
            if bodies:
                syncing.wait()
                journal.append_all(desk.home, "load", [(desk.source.source, body) for body in bodies])


def _tasks(desk: Desk, incoming: Iterable[Delivery], syncing: Syncing) -> Iterator[_Task]:
    """What is to be staged: of what had come before, loads that lack under this contract; then what is new."""
    loads = all_loads(desk.home, desk.source.source)
    known = {load.id: load for load in loads}
    come = {load.delivery: load for load in loads}
    now = forgotten(desk.home)
    last = {load.name: load for load in sorted(come.values(), key=lambda load: load.arrived)}
    withdrawn = {(load.name, load.digest) for load in come.values() if load.delivery in desk.view.withdrawn}
    standing = [load for load in come.values() if load.delivery not in desk.view.withdrawn]
    for load in filter(desk.view.knows, come.values()):
        again = Delivery(landed(desk.home, load.digest), load.name, load.logical, load.period, None)
        yield from _due(desk, known, now, again, load.digest, load.delivery, load.known_on, has_come=True)
    for delivery in incoming:
        if desk.view.known_by is not None and _known_on(desk, delivery, ()) > desk.view.known_by:
            continue
        before = last.get(delivery.name)
        # What came before is most likely unchanged: then nothing is copied.
        digest = digest_of(delivery.path) if before or now else land(desk.home, delivery.path, syncing)
        # Bytes that were rewritten, since they held a person who was forgotten, are never taken in again.
        digest = now.get(digest, digest)
        if digest not in now.values() and not landed(desk.home, digest).exists():
            digest = land(desk.home, delivery.path, syncing)
        if (delivery.name, digest) in withdrawn:
            continue
        known_on = _known_on(desk, delivery, standing)
        if desk.source.is_snapshot:
            month = desk.calendar.newest_over(known_on)
            delivery = replace(delivery, period=month, logical=f"{delivery.logical} of {period_text(month)}")
        if before is None or (before.digest, before.logical) != (digest, delivery.logical):
            turn = sum((load.name, load.digest) == (delivery.name, digest) for load in come.values())
            delivery_id = _short_digest(desk.source.source, delivery.name, digest, *([str(turn)] if turn else []))
            yield from _due(desk, known, now, delivery, digest, delivery_id, known_on, has_come=False)


def _due(
    desk: Desk, known: Mapping[str, Load], now: Mapping[str, str], delivery: Delivery, digest: str, delivery_id: str,
    known_on: date, has_come: bool,
) -> Iterator[_Task]:  # fmt: skip
    """The delivery as a task, or nothing where its load stands with its files; ``now`` are the rewritten objects."""
    load_id, first_id = _short_digest(delivery_id, desk.contract, _ENGINE), None
    if digest in now.values():
        load_id, first_id = rewritten_id(load_id, digest), load_id
    if load_id not in known or not _has_files(desk.home, known[load_id]):
        is_known = load_id in known and not known[load_id].is_rewritten
        yield _Task(delivery, digest, delivery_id, load_id, known_on, has_come, is_known, first_id)


def _short_digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _known_on(desk: Desk, delivery: Delivery, loads: Iterable[Load]) -> date:
    """The day on which a delivery became known, where ``loads`` had come before."""
    source = desk.source
    if source.known_on in ("{file_date}", "manifest") and delivery.file_date is not None:
        return delivery.file_date
    # A clock that was set back must not make a correction older than what it corrects.
    corrected = (
        load.known_on
        for load in loads
        if source.replaces != "all" or load.name == delivery.name or load.logical == delivery.logical
    )
    return max(datetime.now(UTC).date(), *corrected, date.min)


def _has_files(home: Home, load: Load) -> bool:
    has_accepted = load.refused is not None or accepted_file(home, load).exists()
    return has_accepted and (not load.rejected or rejects_file(home, load).exists())


def _file(desk: Desk, task: _Task) -> File:
    """A delivery as staging wants it, its bytes looked after where they came from the archive."""
    source, delivery = desk.source, task.delivery
    is_kept = task.has_come or task.first_id is not None
    return File(
        intact(desk.home, task.digest) if is_kept else landed(desk.home, task.digest),
        delivery.name.replace("\n", "\\n"),
        desk.home.staging / source.source / f"{task.id}.parquet",
        desk.home.quarantine / source.source / f"{task.id}.parquet",
        delivery.period,
        form_day(source, delivery.name, task.known_on),
    )


def _told(
    desk: Desk, connection: duckdb.DuckDBPyConnection, task: _Task, file: File, staged: Staged
) -> dict[str, Any] | None:
    """What the journal is to say of a staged delivery; nothing where it says so already."""
    source, delivery = desk.source, task.delivery
    if task.is_known:
        return None
    known_on = task.known_on
    if source.known_on_column and not task.has_come and staged.refused is None:
        known_on = _latest(connection, file.accepted, source.known_on_column) or known_on
    notes = list(staged.notes)
    if staged.refused is None:
        notes += far_ahead_told(connection, file.accepted, source, staged.periods, known_on)
    return {
        "id": task.id,
        **({"first_id": task.first_id} if task.first_id else {}),
        "delivery": task.delivery_id,
        "source": source.source,
        "name": delivery.name,
        "logical": delivery.logical,
        "digest": task.digest,
        "contract": desk.contract,
        "period": period_text(delivery.period) if delivery.period else None,
        "known_on": known_on.isoformat(),
        "moment": _moment(source, delivery.name),
        "rows": staged.rows,
        "rejected": staged.rejected,
        "periods": [period_text(period) for period in staged.periods],
        "reasons": staged.reasons,
        "extra_columns": list(staged.extra_columns),
        "refused": staged.refused,
        "notes": notes,
        "facts": staged.facts,
    }


def _moment(source: Source, name: str) -> str | None:
    """The moment of delivery that a file's name tells, where nothing else is declared to tell which is newer."""
    moment = file_moment(source, name) if source.known_on in ("load", "{file_date}") else None
    return moment.isoformat() if moment else None


def _latest(connection: duckdb.DuckDBPyConnection, accepted: Path, column: str) -> date | None:
    """The latest day in a column of staged rows."""
    sql = f"SELECT max({quoted(column)})::DATE FROM read_parquet({file_literal(accepted)})"
    [(day,)] = connection.execute(sql).fetchall()
    return day if isinstance(day, date) else None
