"""The analysts' copy: the published tables as a DuckDB file and as Parquet files, apart from the warehouse.

Who reads it never holds up a run, and a run never pulls it away: each copy is a folder of its own, and the link
``current`` is moved to it in one step. A copy is written only where the warehouse has changed since the last one. The
file is opened by DuckDB from 1.0 on.
"""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb

from scorecards.errors import HomeBusy
from scorecards.groups import NOTHING, Telling
from warehouse.home import Home, temporary
from warehouse.reading import literal, quoted
from warehouse.store import connected
from warehouse.tables import COMPUTED, TABLES, Table
from warehouse.told import Told

FILE = "scorepack.duckdb"
_STORAGE = "v1.0.0"
_KEPT = 1
"""So many older copies stay, for who reads one and opens a file of it after the next has come."""
PUBLISHED = tuple(table for table in TABLES if table.is_published)


def write_copy(home: Home, telling: Telling = NOTHING, *, anew: bool = False) -> Path:
    """Bring the analysts' copy up to date and return its folder. Raises ``HomeBusy`` where it cannot be written.

    It holds what others may read by the rule in force (``Told``). One that is up to date is written again only
    ``anew``, as where its files may be damaged. The one before stays, but where anything is withheld of people: what it
    shows could be subtracted from what this one does, and who has its file open reads on all the same.
    """
    folder = home.analysts
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with connected(home) as connection:
            told = Told(connection, telling)
            state = _state(connection, told)
            current = folder / "current"
            if anew or not current.exists() or current.resolve().name != state:
                _replace(connection, folder / state, told)
                _point(current, state)
        _tidy(folder, state, kept=0 if telling.sources else _KEPT)
    except OSError as error:
        raise HomeBusy(f"The analysts' copy {folder} cannot be written: {error.strerror}. Make room for it.") from None
    return current


def is_current(home: Home, connection: duckdb.DuckDBPyConnection, telling: Telling = NOTHING) -> bool:
    """Whether the copy is of what the warehouse holds now, by the same rules of what is told."""
    current = home.analysts / "current"
    return current.exists() and current.resolve().name == _state(connection, Told(connection, telling))


def _state(connection: duckdb.DuckDBPyConnection, told: Told) -> str:
    """Digest of what the copy is made from: what the months were computed from, and the tables that records fill."""
    rules = f"{told.other_rules}{''.join(told.rows(table) for table in PUBLISHED)}"
    total = hashlib.sha256(rules.encode())
    recorded = [table for table in PUBLISHED if table.schema in ("landing", "quarantine", "packs", "editions")]
    for table in (COMPUTED, *recorded):
        total.update(f"{table.full_name} {sorted(table.columns)}".encode())
        keys = ", ".join(quoted(name) for name in table.key)
        [(rows, digest)] = connection.execute(
            f"SELECT count(*), coalesce(bit_xor(md5_number(row_text)), 0)::VARCHAR FROM "
            f"(SELECT to_json(one)::VARCHAR AS row_text FROM {table.full_name} AS one ORDER BY {keys})"
        ).fetchall()
        total.update(f"{rows} {digest}".encode())
    return total.hexdigest()[:16]


def _replace(connection: duckdb.DuckDBPyConnection, target: Path, told: Told) -> None:
    """Make a copy beside its place, and put it there once it is whole."""
    work = temporary(target)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        _write(connection, work, told)
        _put(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, told: Told) -> None:
    connection.execute(f"ATTACH {literal(str(folder / FILE))} AS copy (STORAGE_VERSION '{_STORAGE}')")
    try:
        # The files of one table are written beside the next table: each takes as long, and little of two processors.
        with ThreadPoolExecutor(1) as pool, connection.cursor() as beside:
            written: list[Future[None]] = []
            for table in PUBLISHED:
                order = ", ".join(quoted(name) for name in table.key)
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS copy.{table.schema}")
                rows = f"CREATE TABLE copy.{table.full_name} AS {told.rows(table)}"
                connection.execute(f"{rows} ORDER BY {order}")
                for sql in _comments(table):
                    connection.execute(sql)
                written.append(pool.submit(_write_parquet, beside, table, folder / table.name))
            for each in written:
                each.result()
    finally:
        connection.execute("DETACH copy")


def _comments(table: Table) -> list[str]:
    """What the table and its columns mean, where a database tool shows it."""
    of_columns = [
        f"COMMENT ON COLUMN copy.{table.full_name}.{quoted(name)} IS {literal(column.meaning)}"
        for name, column in table.columns.items()
    ]
    return [f"COMMENT ON TABLE copy.{table.full_name} IS {literal(table.meaning)}", *of_columns]


def _write_parquet(connection: duckdb.DuckDBPyConnection, table: Table, target: Path) -> None:
    """One folder a table; a table of months has one folder a month in it."""
    order = ", ".join(quoted(name) for name in table.key)
    is_monthly = "period" in table.columns and table.partition == "period"
    by = ", PARTITION_BY (period), WRITE_PARTITION_COLUMNS true" if is_monthly else ""
    target.mkdir(mode=0o700)
    place = target if is_monthly else target / f"{table.name}.parquet"
    connection.execute(
        f"COPY (FROM copy.{table.full_name} ORDER BY {order}) TO {literal(str(place))} "
        f"(FORMAT parquet, COMPRESSION zstd{by}{', OVERWRITE_OR_IGNORE' if is_monthly else ''})"
    )


def _put(work: Path, target: Path) -> None:
    """Put a finished copy in the place of one of the same state, which readers may have open."""
    old = target.with_name(f"{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    work.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _point(link: Path, name: str) -> None:
    """Let the link lead to a folder beside it, in one step."""
    work = temporary(link)
    work.unlink(missing_ok=True)
    work.symlink_to(name, target_is_directory=True)
    work.replace(link)


def _tidy(folder: Path, current: str, kept: int) -> None:
    """Delete all copies but the current one and so many before it."""
    old = sorted(
        (path for path in folder.iterdir() if path.is_dir() and not path.is_symlink() and path.name != current),
        key=lambda path: path.stat().st_mtime,
    )
    for path in old[: max(0, len(old) - kept)]:
        shutil.rmtree(path, ignore_errors=True)
