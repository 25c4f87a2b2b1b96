"""The ledger of messages: what became of each, entry by entry, in the journal.

Belongs here: the key that makes a message the same one, its states, and the lock of those who send. A message is
``planned`` before anything is tried. It is ``sending`` from just before the server is told that it is whole until the
server has answered; a process that ends between the two leaves it so, and nobody can know what the server did. The
next one that sends writes ``unknown`` over it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from scorecards.errors import HomeBusy
from scorecards.periods import parse_period, period_text
from warehouse import journal
from warehouse.home import Home
from warehouse.locks import holder, is_held, take
from warehouse.working import told_where_unwritable

KIND = "delivery"
LOCK = "sending.lock"
State = Literal["planned", "sending", "accepted", "written", "refused", "failed", "skipped", "unknown"]
HAD: tuple[State, ...] = ("accepted", "written")
"""The states of a message that has left."""
OVER: tuple[State, ...] = (*HAD, "skipped")
"""The states that nothing follows."""
LET_BE = "taken as arrived"
"""What is said of a skipped message of which nobody knew whether it arrived, once somebody decided that it did."""
NOTHING_NEW = "changes nothing in it"
"""How the words about a skipped message end whose reader has had the same figures in an earlier edition."""
NO_READER = "is no recipient of it any more"
"""What is said of a skipped message whose reader was taken away before it left."""


@dataclass(frozen=True)
class Key:
    """What makes a message the same one: it is never handed over twice."""

    period: date
    scorecard: str
    edition: int
    unit: str
    recipient: str
    transport: str

    def __str__(self) -> str:
        parts = (period_text(self.period), self.scorecard, str(self.edition), self.unit, self.recipient, self.transport)
        return "/".join(parts)


@dataclass(frozen=True)
class Record:
    """An entry about a message: its state, in the server's words; the attempt, the pack's digest, and when.

    Of a proof copy, ``attempt`` says which of its key it is, and ``words`` begin with whose message it shows.
    """

    key: Key
    state: State
    words: str = ""
    attempt: int = 0
    digest: str = ""
    at: str = ""


def records(home: Home, period: date | None = None) -> list[Record]:
    """All entries, of a period where one is given, oldest first."""
    found = [_record(entry) for entry in journal.entries(home, KIND)]
    return [one for one in found if period is None or one.key.period == period]


def last_records(home: Home, period: date | None = None) -> dict[Key, Record]:
    """The last entry about each message."""
    return {one.key: one for one in records(home, period)}


def messages(home: Home, period: date | None = None) -> list[Record]:
    """The last entry about each message. Proof copies have a key together: each is a message, by its ``attempt``."""
    last = {(one.key, 0 if one.key.edition else one.attempt): one for one in records(home, period)}
    return list(last.values())


def write(home: Home, new: Sequence[Record]) -> list[Record]:
    """Append entries in one transaction; returns them with their time, once they are on disk."""
    facts = [(str(one.key), _body(one)) for one in new]
    return [_record(entry) for entry in journal.append_all(home, KIND, facts)] if facts else []


def joined(of: str, words: str) -> str:
    """What is said of a message, behind whose it is."""
    return ": ".join(part for part in (of, words) if part)


@contextmanager
def sending(home: Home) -> Iterator[None]:
    """Hold the right to send from a home: one process at a time. Runs and readings go on beside it.

    What a process that ended left in the state ``sending`` becomes ``unknown``. Raises ``HomeBusy`` where another
    process sends and does not end in time.
    """
    try:
        descriptor = os.open(home.root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HomeBusy(f"The home {home.root} cannot be written: {error.strerror}.") from None
    try:
        with told_where_unwritable(home):
            if not take(descriptor):
                process = holder(home.root / LOCK) or "?"
                raise HomeBusy(f"Process {process} is sending from {home.root}. Wait until it ends, then send again.")
            with journal.kept_open(home):
                left = [one for one in last_records(home).values() if one.state == "sending"]
                words = "sending was cut off before the server's answer"
                write(home, [replace(one, state="unknown", words=joined(one.words, words)) for one in left])
                yield
    finally:
        os.close(descriptor)


def is_sending(home: Home) -> bool:
    """Whether a process is sending from the home now."""
    try:
        return is_held(home.root / LOCK)
    except OSError:
        return False


def _body(record: Record) -> dict[str, Any]:
    facts = asdict(record.key) | {"period": period_text(record.key.period)}
    return {**facts, "state": record.state, "words": record.words, "attempt": record.attempt, "digest": record.digest}


def _record(entry: journal.Entry) -> Record:
    body = entry.body
    key = Key(
        parse_period(body["period"]), body["scorecard"], body["edition"], body["unit"], body["recipient"],
        body["transport"],
    )  # fmt: skip
    return Record(key, body["state"], body["words"], body["attempt"], body["digest"], entry.at)
