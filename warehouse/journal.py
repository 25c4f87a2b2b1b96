"""The journal: an append-only record in SQLite, its entries chained by digests.

One row there is the commit point of a step. Belongs here: appending, reading and verifying. What an entry means is for
its writer (``loads.py``, the mailer) to say; every kind keeps its facts in ``body``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from scorecards.errors import HomeBusy
from warehouse.home import Home
from warehouse.locks import held, patience
from warehouse.migrations import migrate


@dataclass(frozen=True)
class Entry:
    """One thing that happened: ``kind`` and ``key`` find it, ``at`` is when it was written, ``body`` its facts."""

    seq: int
    kind: str
    key: str
    at: str
    body: dict[str, Any]


# The connections that are kept open, by journal and thread: opening one costs more than most of what it is asked.
_KEPT: dict[tuple[Path, int], sqlite3.Connection] = {}


@contextmanager
def kept_open(home: Home) -> Iterator[None]:
    """Keep the journal open for this thread, which is to write much of it; make it where there is none."""
    place = _place(home)
    if place in _KEPT:
        yield
        return
    with _told(home):
        connection = _opened(home)
    _KEPT[place] = connection
    try:
        yield
    finally:
        del _KEPT[place]
        connection.close()


def _place(home: Home) -> tuple[Path, int]:
    return home.journal.resolve(), threading.get_ident()


@contextmanager
def _connected(home: Home) -> Iterator[sqlite3.Connection]:
    kept = _KEPT.get(_place(home)) if _KEPT else None
    with _told(home):
        connection = kept or _opened(home)
        try:
            yield connection
        finally:
            if kept is None:
                connection.close()
            elif kept.in_transaction:
                kept.execute("ROLLBACK")


def _opened(home: Home) -> sqlite3.Connection:
    is_new = not home.journal.exists()
    connection = sqlite3.connect(home.journal, timeout=patience(), isolation_level=None)
    try:
        if is_new:
            home.journal.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        migrate(home, connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _told(home: Home) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise held(home) from None
        why = "no space is left on its disk. Make room for it" if home.is_full else error
        raise HomeBusy(f"The journal {home.journal} cannot be written: {why}.") from None
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise HomeBusy(f"The journal {home.journal} is damaged: {error}. Bring it back from a backup.") from None


def append(home: Home, kind: str, key: str, body: Mapping[str, Any]) -> Entry:
    """Write one entry, chained to the one before, and return it once it is on disk."""
    return append_all(home, kind, [(key, body)])[0]


def append_all(home: Home, kind: str, facts: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
    """Write entries (key and body) of one kind in one transaction: all of them or none."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    written: list[Entry] = []
    with _connected(home) as connection:
        connection.execute("BEGIN IMMEDIATE")
        last = connection.execute("SELECT seq, digest FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous = last or (0, "")
        for key, body in facts:
            seq, text = seq + 1, json.dumps(body, sort_keys=True, ensure_ascii=False)
            digest = _chain(seq, kind, key, at, text, previous)
            connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", (seq, kind, key, at, text, previous, digest)
            )
            written.append(Entry(seq, kind, key, at, json.loads(text)))
            previous = digest
        connection.execute("COMMIT")
    return written


def entries(home: Home, kind: str | None = None, key: str | None = None) -> list[Entry]:
    """All entries, of a kind and a key where they are given, oldest first.

    Raises ``HomeBusy`` at an entry that is not as it was written; whether one is missing only ``first_broken`` sees.
    """
    if not home.journal.exists():
        return []
    with _connected(home) as connection:
        rows = connection.execute(
            "SELECT seq, kind, key, at, body, previous, digest FROM entries "
            "WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR key = ?2) ORDER BY seq",
            (kind, key),
        ).fetchall()
    for *facts, digest in rows:
        if digest != _chain(*facts):
            raise HomeBusy(
                f"The journal {home.journal} was changed: entry {facts[0]} is not as it was written. "
                "Bring it back from a backup."
            )
    return [Entry(seq, found, name, at, json.loads(body)) for seq, found, name, at, body, _, _ in rows]


def entries_until(home: Home, kind: str, known_by: date | None = None, upto: int | None = None) -> list[Entry]:
    """Those of a kind until a day, or until a place in the journal, oldest first; None: all."""
    return [
        entry
        for entry in entries(home, kind)
        if (upto is None or entry.seq <= upto) and (known_by is None or date.fromisoformat(entry.at[:10]) <= known_by)
    ]


def last(home: Home, kind: str | None = None, key: str | None = None) -> int:
    """The number of the newest entry, of a kind and a key where they are given; 0 when there is none."""
    return last_of(home, (kind, key))[0]


def last_of(home: Home, *asked: tuple[str | None, str | None]) -> list[int]:
    """See ``last``, for several kinds and keys at once: opening the journal costs more than asking it."""
    if not home.journal.exists():
        return [0] * len(asked)
    statement = "SELECT coalesce(max(seq), 0) FROM entries WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR key = ?2)"
    with _connected(home) as connection:
        return [int(connection.execute(statement, each).fetchone()[0]) for each in asked]


def digests(home: Home) -> list[str]:
    """The digests of all entries, oldest first."""
    if not home.journal.exists():
        return []
    with _connected(home) as connection:
        return [digest for (digest,) in connection.execute("SELECT digest FROM entries ORDER BY seq").fetchall()]


def first_broken(home: Home) -> int | None:
    """The number of the first entry that does not fit the chain, or None when the journal is as it was written."""
    previous, expected = "", 1
    if not home.journal.exists():
        return None
    with _connected(home) as connection:
        for seq, kind, key, at, body, before, digest in connection.execute("SELECT * FROM entries ORDER BY seq"):
            if seq != expected or before != previous or digest != _chain(seq, kind, key, at, body, before):
                return int(expected)
            previous, expected = digest, expected + 1
    return None


def _chain(seq: int, kind: str, key: str, at: str, body: str, previous: str) -> str:
    return hashlib.sha256("\0".join((str(seq), kind, key, at, body, previous)).encode()).hexdigest()
