"""Taking in: from deliveries to loads. Each is landed, staged, and recorded in the journal last."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import duckdb

from scorecards.calendar import MONTHS, Calendar
from scorecards.periods import period_text
from scorecards.sources import Source
from warehouse import journal
from warehouse.deliveries import Delivery, file_day
from warehouse.home import Home
from warehouse.landing import digest_of, intact, land, landed
from warehouse.locks import taking_in
from warehouse.selection import Load, accepted_file, all_loads, current, refusals, rejects_file
from warehouse.staging import stage

_ENGINE = "2"


@dataclass(frozen=True)
class Desk:
    """Where deliveries of one source are taken in: what its rows are checked against, and where they are kept.

    ``contract`` is the digest of the contract and all it refers to; ``units`` are the ids of declared units.
    """

    home: Home
    source: Source
    contract: str
    first_period: date
    units: Collection[str]
    connection: duckdb.DuckDBPyConnection
    calendar: Calendar = MONTHS


@dataclass(frozen=True)
class _Task:
    """A delivery that is to be staged: under which id, and the load of the same bytes that it follows, if any."""

    delivery: Delivery
    digest: str
    id: str
    known_on: date
    follows: Load | None
    is_known: bool = field(default=False)


def take_in(desk: Desk, incoming: Iterable[Delivery]) -> None:
    """Land, stage and record deliveries, and check again what was taken in under another contract.

    A delivery that was taken in before under the same contract changes nothing, unless another took its place since.
    The journal's rows are written last, in one transaction: a run that is killed before leaves at most files that no
    load names. Bytes to be checked again come from the archive; their known-on day stays. One process at a time:
    raises ``HomeBusy`` when another one does not end.
    """
    with taking_in(desk.home):
        loads = all_loads(desk.home, desk.source.source)
        tasks = list(_tasks(desk, incoming, loads))
        # What is checked again keeps its place in the order; what is new comes after it.
        tasks.sort(key=lambda task: task.follows.seq if task.follows else float("inf"))
        bodies = [body for task in tasks if (body := _stage(desk, task)) is not None]
        if bodies:
            journal.append_all(desk.home, "load", [(desk.source.source, body) for body in bodies])


def _tasks(desk: Desk, incoming: Iterable[Delivery], loads: list[Load]) -> Iterator[_Task]:
    known = {load.id: load for load in loads}
    last = {load.name: load for load in loads}
    seen: set[tuple[str, str]] = set()
    for delivery in incoming:
        digest = digest_of(delivery.path)
        if not landed(desk.home, digest).exists():
            digest = land(desk.home, delivery.path)
        seen.add((delivery.name, digest))
        before = last.get(delivery.name)
        follows = before if before is not None and before.digest == digest else None
        task = _Task(delivery, digest, "", _known_on(desk, delivery, before, follows), follows)
        yield from _due(desk, task, known)
    for load in {load.id: load for load in (*current(loads), *refusals(loads))}.values():
        if (load.name, load.digest) not in seen:
            again = Delivery(landed(desk.home, load.digest), load.name, load.logical, load.period, None)
            yield from _due(desk, _Task(again, load.digest, "", load.known_on, load), known)


def _known_on(desk: Desk, delivery: Delivery, before: Load | None, follows: Load | None) -> date:
    if follows is not None:
        return follows.known_on
    if desk.source.known_on == "{file_date}" and delivery.file_date is not None:
        return delivery.file_date
    today = datetime.now(UTC).date()
    # A clock that was set back must not make a correction older than what it corrects.
    return max(today, before.known_on) if before is not None else today


def _due(desk: Desk, task: _Task, known: Mapping[str, Load]) -> Iterator[_Task]:
    """The task with its id, or nothing where the load stands as it is with its files."""
    parts = (desk.source.source, task.delivery.name, task.digest, desk.contract, _ENGINE)
    for turn in count():
        text = "\0".join((*parts, str(turn)) if turn else parts)
        load_id = hashlib.sha256(text.encode()).hexdigest()[:16]
        if load_id not in known:
            yield replace(task, id=load_id)
            return
        if task.follows is not None and task.follows.id == load_id:
            if not _has_files(desk.home, known[load_id]):
                yield replace(task, id=load_id, is_known=True)
            return


def _has_files(home: Home, load: Load) -> bool:
    has_accepted = load.refused is not None or accepted_file(home, load).exists()
    return has_accepted and (not load.rejected or rejects_file(home, load).exists())


def _stage(desk: Desk, task: _Task) -> dict[str, Any] | None:
    """Stage one delivery; returns what the journal is to say of it, or nothing where it says so already."""
    source, delivery = desk.source, task.delivery
    path = intact(desk.home, task.digest) if task.follows else landed(desk.home, task.digest)
    shown = delivery.name.replace("\n", "\\n")
    accepted = desk.home.staging / source.source / f"{task.id}.parquet"
    rejects = desk.home.quarantine / source.source / f"{task.id}.parquet"
    staged = stage(
        desk.connection, path, shown, source, delivery.period, desk.first_period, desk.units, accepted, rejects,
        desk.calendar, file_day(source, delivery.name),
    )  # fmt: skip
    if task.is_known:
        return None
    return {
        "id": task.id,
        "source": source.source,
        "name": delivery.name,
        "logical": delivery.logical,
        "digest": task.digest,
        "contract": desk.contract,
        "period": period_text(delivery.period) if delivery.period else None,
        "known_on": task.known_on.isoformat(),
        "rows": staged.rows,
        "rejected": staged.rejected,
        "periods": [period_text(period) for period in staged.periods],
        "reasons": staged.reasons,
        "extra_columns": list(staged.extra_columns),
        "refused": staged.refused,
    }
