"""The journal's schema, version by version: each step brings a journal from the one before to its number.

The journal is a record and cannot be computed again, so that every version ever released stays here, and a test opens
one of each. Tables of the warehouse need no such steps: ``scorepack rebuild`` computes them anew.
"""

from __future__ import annotations

import sqlite3

from scorecards.errors import HomeBusy
from warehouse.home import Home

MIGRATIONS = (
    # 1: the first released schema.
    """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
    previous TEXT NOT NULL, digest TEXT NOT NULL
) STRICT;
CREATE INDEX entries_by_kind ON entries (kind, key);
CREATE TRIGGER entries_are_final BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
""",
)


def migrate(home: Home, connection: sqlite3.Connection) -> None:
    """Bring a journal to the newest version, each step in one transaction.

    Raises ``HomeBusy`` for a journal of a later version, and for one of no released version.
    """
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise HomeBusy(
            f"The journal {home.journal} was written by a newer version of Scorepack. "
            "Use that version, or another --home."
        )
    while version < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection)
            if version < len(MIGRATIONS):
                _require_released(home, connection, version)
                for statement in _statements(MIGRATIONS[version]):
                    connection.execute(statement)
                version += 1
                connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection) -> int:
    [(version,)] = connection.execute("PRAGMA user_version").fetchall()
    return int(version)


def _require_released(home: Home, connection: sqlite3.Connection, version: int) -> None:
    [(tables,)] = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'entries'").fetchall()
    if version == 0 and tables:
        raise HomeBusy(
            f"The home {home.root} was made by a version that was never released. Delete it, or choose another --home."
        )


def _statements(script: str) -> list[str]:
    """The statements of a script, one by one: run as a script they would end the transaction."""
    found, rest = [], ""
    for line in script.strip().splitlines():
        rest += line + "\n"
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    return found
