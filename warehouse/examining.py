"""How a home stands, for those who look after it: read as it is, and nothing in it changed or waited for.

Belongs here: what can be read of journal, warehouse, copy and locks without taking part. What of it is to be mended,
and how, is for ``pipelines.operating`` to say.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from scorecards.errors import HomeBusy
from scorecards.groups import NOTHING, Telling
from warehouse.analysts import is_current
from warehouse.home import Home
from warehouse.locks import holder, is_held
from warehouse.migrations import MIGRATIONS
from warehouse.store import connected, of_other_shape

Copy = Literal["none", "current", "older", "broken"]
_BUSY_SECONDS = 5.0


@dataclass(frozen=True)
class JournalState:
    """The journal's version, the number of its entries, and when the last was written; ``flaw`` says what is wrong.

    What is wrong may be that it is damaged, or that a version wrote it which this one does not know.
    """

    version: int = 0
    entries: int = 0
    last_at: datetime | None = None
    flaw: str = ""
    is_damaged: bool = False

    @property
    def is_older(self) -> bool:
        """Whether the next command brings it to a newer version."""
        return not self.flaw and self.version < len(MIGRATIONS)


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, as the file notes it, and since when."""

    process: str
    since: datetime


@dataclass(frozen=True)
class WarehouseState:
    """How the warehouse stands: the tables of other columns, what is wrong with it, who holds it, and its copy."""

    other_tables: tuple[str, ...] = ()
    flaw: str = ""
    is_held: bool = False
    copy: Copy = "none"


def journal_state(home: Home) -> JournalState | None:
    """How the journal stands; None where there is none. It is neither migrated nor written to."""
    if not home.journal.exists():
        return None
    place = f"file:{quote(str(home.journal.resolve()))}?mode=ro"
    try:
        connection = sqlite3.connect(place, uri=True, timeout=_BUSY_SECONDS)
    except sqlite3.Error as error:
        return JournalState(flaw=f"it cannot be opened: {error}", is_damaged=True)
    try:
        [(version,)] = connection.execute("PRAGMA user_version").fetchall()
        [(tables,)] = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'entries'").fetchall()
        if not tables:
            return JournalState(version)
        [(sound,), *_] = connection.execute("PRAGMA quick_check(1)").fetchall()
        [(count, last)] = connection.execute("SELECT count(*), max(at) FROM entries").fetchall()
    except sqlite3.Error as error:
        return JournalState(flaw=f"it is damaged: {error}", is_damaged=True)
    finally:
        connection.close()
    is_damaged = sound != "ok"
    flaw = f"it is damaged: {sound}" if is_damaged else ""
    if not flaw and version > len(MIGRATIONS):
        flaw = f"a newer version of Scorepack wrote it (schema {version}; this one knows {len(MIGRATIONS)})"
    if not flaw and version == 0:
        flaw = "a version that was never released wrote it"
    return JournalState(version, count, datetime.fromisoformat(last) if last else None, flaw, is_damaged)


def warehouse_state(home: Home, telling: Telling = NOTHING) -> WarehouseState | None:
    """How the warehouse and the analysts' copy stand; None where there is no warehouse."""
    if not home.warehouse.exists():
        return None
    link = home.analysts / "current"
    copy: Copy = "broken" if link.is_symlink() and not link.exists() else "none"
    try:
        with connected(home, read_only=True, patient=False) as connection:
            other = tuple(of_other_shape(connection))
            if not other and link.exists():
                copy = "current" if is_current(home, connection, telling) else "older"
    except HomeBusy as error:
        is_busy = " is held by " in str(error)
        return WarehouseState(flaw="" if is_busy else str(error), is_held=is_busy, copy=copy)
    return WarehouseState(other, copy=copy)


def lock_holder(file: Path) -> Holder | None:
    """Who holds the lock of a file; None where nobody does. Raises ``OSError`` where its file system keeps no locks."""
    if not is_held(file):
        return None
    return Holder(holder(file) or "?", datetime.fromtimestamp(file.stat().st_mtime, UTC))
