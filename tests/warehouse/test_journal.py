"""The journal: append-only, chained, and whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scorecards.errors import HomeBusy
from warehouse import journal
from warehouse.home import Home
from warehouse.locks import FILE
from warehouse.migrations import MIGRATIONS


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").create()
    for number in range(5):
        journal.append(home, "load", "orders", {"n": number, "ü": "é"})
    return home


def tamper(home: Home, sql: str) -> None:
    connection = sqlite3.connect(home.journal)
    connection.executescript(f"DROP TRIGGER entries_are_final; DROP TRIGGER entries_stay; {sql};")
    connection.close()


@pytest.mark.parametrize(
    "sql", ["UPDATE entries SET body = '{}'", "DELETE FROM entries", "DELETE FROM entries WHERE seq = 5"]
)
def test_entries_cannot_be_changed_or_deleted(home: Home, sql: str) -> None:
    connection = sqlite3.connect(home.journal)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(sql)
    connection.close()
    assert len(journal.entries(home, "load")) == 5


def test_an_untouched_journal_is_whole(home: Home) -> None:
    assert journal.first_broken(home) is None


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE entries SET body = '{\"n\": 9}' WHERE seq = 3", 3),
        ("UPDATE entries SET at = '2020-01-01' WHERE seq = 1", 1),
        ("DELETE FROM entries WHERE seq = 2", 2),
        ("UPDATE entries SET seq = 9 WHERE seq = 5", 5),
        ("UPDATE entries SET key = 'other' WHERE seq = 4", 4),
        ("INSERT INTO entries VALUES (6, 'load', 'x', '', '{}', '', 'made up')", 6),
    ],
)
def test_tampering_is_found_at_the_first_entry_that_does_not_fit(home: Home, sql: str, broken: int) -> None:
    tamper(home, sql)
    assert journal.first_broken(home) == broken


@pytest.mark.parametrize("body", ["no JSON", "{}", '{"n": 9}'])
def test_an_entry_that_was_changed_is_told_to_whoever_reads_it(home: Home, body: str) -> None:
    tamper(home, f"UPDATE entries SET body = '{body}' WHERE seq = 3")
    with pytest.raises(HomeBusy, match=r"was changed: entry 3 .* Bring it back from a backup"):
        journal.entries(home, "load")
    assert journal.entries(home, "close") == []


def test_entries_of_one_step_are_written_all_or_none(home: Home) -> None:
    with pytest.raises(TypeError):
        journal.append_all(home, "load", [("a", {"n": 1}), ("b", {"n": object()})])
    assert len(journal.entries(home, "load")) == 5
    assert journal.first_broken(home) is None


def test_a_journal_that_is_no_database_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    home.journal.write_bytes(b"this is no database, but it is long enough to be looked at" * 100)
    with pytest.raises(HomeBusy, match=r"journal .* (damaged|not a database)"):
        journal.entries(home, "load")
    with pytest.raises(HomeBusy, match=r"journal .* (damaged|not a database)"):
        journal.append(home, "load", "x", {})


def test_a_home_without_a_journal_has_no_entries_and_is_whole(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    assert journal.entries(home, "load") == []
    assert journal.first_broken(home) is None
    assert not home.journal.exists()


# What each released version left on a disk, word for word; a line here is never changed.
_RELEASED = {
    1: """
CREATE TABLE entries (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
    body TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE INDEX entries_by_kind ON entries (kind, key);
CREATE TRIGGER entries_are_final BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
INSERT INTO entries VALUES (1, 'close', '2025-03', '2025-04-10T08:00:00+00:00',
    '{"by": "Ada", "closed": true, "reason": ""}', '',
    'f683356609dfec13e7b025306ac952bcc47b0cfe3763a6214728bdf52007c114');
PRAGMA user_version = 1;
""",
}


@pytest.mark.parametrize("version", _RELEASED)
def test_a_journal_of_every_released_version_opens_and_takes_entries(tmp_path: Path, version: int) -> None:
    home = Home(tmp_path).create()
    with sqlite3.connect(home.journal) as connection:
        connection.executescript(_RELEASED[version])
    connection.close()
    journal.append(home, "close", "2025-04", {"by": "Ada", "closed": True, "reason": ""})
    assert [(entry.seq, entry.key) for entry in journal.entries(home)] == [(1, "2025-03"), (2, "2025-04")]
    assert journal.first_broken(home) is None
    with sqlite3.connect(home.journal) as connection:
        assert connection.execute("PRAGMA user_version").fetchall() == [(len(MIGRATIONS),)]
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM entries")
    connection.close()


def test_every_version_has_its_released_journal_in_the_tests() -> None:
    assert list(_RELEASED) == list(range(1, len(MIGRATIONS) + 1))


@pytest.mark.parametrize(
    ("script", "told"),
    [("PRAGMA user_version = 99", "newer version"), ("CREATE TABLE entries (seq INTEGER)", "never released")],
)
def test_a_journal_of_an_unknown_version_is_told(tmp_path: Path, script: str, told: str) -> None:
    home = Home(tmp_path).create()
    with sqlite3.connect(home.journal) as connection:
        connection.execute(script)
    connection.close()
    with pytest.raises(HomeBusy, match=told):
        journal.entries(home)


def test_a_journal_that_another_process_is_writing_is_waited_for_and_then_its_holder_told(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOREPACK_WAIT_SECONDS", "0.1")
    (home.root / FILE).write_text("4321\n")
    other = sqlite3.connect(home.journal, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HomeBusy, match=r"is held by process 4321\. Wait until it ends"):
        journal.append(home, "load", "x", {})
    other.close()
    assert len(journal.entries(home, "load")) == 5


def test_an_entry_is_on_the_disk_before_it_is_returned(home: Home) -> None:
    """What SQLite promises of a commit in WAL mode with ``synchronous = FULL``: it outlasts the loss of power.

    See "PRAGMA synchronous" in SQLite's documentation; 2 is FULL.
    """
    with journal._connected(home) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
