"""From a landed file to checked rows: one immutable Parquet file of accepted rows, one of rejected ones.

Belongs here: the order of reading, checking, counting and writing one load. Which loads are current is ``loads.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import polars as pl

from scorecards.calendar import MONTHS, Calendar
from scorecards.errors import DataRefused, nearest_unit
from scorecards.sources import Source
from warehouse.checking import Terms, check_rows, count, require_usable, staging_connection
from warehouse.drift import retyped
from warehouse.exchanged_days import exchanged_days_told
from warehouse.facts import Facts, facts_of
from warehouse.hashing import HashKey, hash_sql
from warehouse.home import temporary, temporary_folder
from warehouse.quarantine import rejected
from warehouse.reading import Reading, literal, quoted, read, unreadable
from warehouse.rules import Rule, sql_type
from warehouse.unpacking import unpacked

__all__ = ["Staged", "stage", "staged_columns", "staging_connection"]

_SMALL_FILE = 4_000_000
# A third less time than by default: differences of neighbours are kept where they are small, and no dictionary is begun
# for columns of too many values.
_PARQUET = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 4000"


@dataclass(frozen=True)
class Staged:
    """What came of one file: counts, months with rows, kinds of rejects, and why the load is refused, if it is.

    ``rows`` counts accepted and rejected rows alike; ``notes`` say what of the file is no row, or may be otherwise than
    it looks; ``facts`` has the accepted rows by month, and the sums of the columns that the contract compares: they are
    what rules about the delivery as a whole are judged by.
    """

    rows: int
    rejected: int
    periods: tuple[date, ...]
    reasons: dict[str, int]
    extra_columns: tuple[str, ...]
    refused: str | None
    notes: tuple[str, ...] = ()
    facts: Facts = field(default_factory=dict)


def stage(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    shown: str,
    source: Source,
    period: date | None,
    first_period: date,
    units: Collection[str],
    accepted: Path,
    rejects: Path,
    calendar: Calendar = MONTHS,
    day: date | None = None,
    hash_key: HashKey | None = None,
) -> Staged:
    """Type and check one file and write its rows. ``connection`` is from ``staging_connection``.

    ``shown`` names the file in messages; ``period`` is the month of a monthly file, ``day`` that of a file of many,
    by which the form of a contract that changed is chosen; ``calendar`` gives days periods; ``accepted`` and
    ``rejects`` are the Parquet files to write (rejects only where there are any); ``hash_key`` is for columns that are
    staged hashed. A file that cannot be read is refused with zero rows.
    Raises ``DeclarationError`` where the contract holds a pattern or a format that cannot be used.
    """
    require_usable(connection, source)
    form = source.in_force(period or day)
    with temporary_folder(accepted) as folder:
        try:
            terms = Terms(period, first_period, units, calendar)
            path = unpacked(path, form, folder)
            # On a small file, planning the checks takes longer than making them: unoptimised, they take half the time.
            connection.execute(f"PRAGMA {'disable' if path.stat().st_size < _SMALL_FILE else 'enable'}_optimizer")
            reading, rules = _checked(connection, path, form, terms, folder)
        except DataRefused as error:
            return Staged(0, 0, (), {}, (), f"{shown}: {error}")
        changed = retyped(connection, reading.relation, form, rules)
        if changed:
            return Staged(
                count(connection, "SELECT count(*) FROM checked"), 0, (), {}, reading.extra, f"{shown}: {changed}"
            )
        found, kinds = rejected(connection, reading, form, rules)
    rows = count(connection, "SELECT count(*) FROM checked") + len(reading.broken)
    if found.height:
        _replace(rejects, partial(_write_frame, found))
    refused = None
    if form.rejects.allows(found.height, rows):
        _replace(accepted, partial(_write_accepted, connection, source, form, hash_key))
    else:
        refused = _refusal(shown, form, found, rows, units)
    months = connection.execute(
        "SELECT DISTINCT _period FROM checked WHERE _rule IS NULL AND _period IS NOT NULL ORDER BY 1"
    ).fetchall()
    facts = facts_of(connection, source, form)
    connection.execute(
        "DROP TABLE IF EXISTS checked; DROP TABLE IF EXISTS raw; "
        "DROP TABLE IF EXISTS held; DROP TABLE IF EXISTS filled; DROP TABLE IF EXISTS turned"
    )
    periods = tuple(month for (month,) in months)
    notes = (*reading.notes, *exchanged_days_told(found, form))
    return Staged(rows, found.height, periods, kinds, reading.extra, refused, notes, facts)


def _checked(
    connection: duckdb.DuckDBPyConnection, path: Path, source: Source, terms: Terms, work: Path
) -> tuple[Reading, list[Rule]]:
    """Read and judge a file; once more, record by record, where the quick way cannot be trusted."""
    reading = read(connection, path, source, work)
    rows: int | None = None
    empty = 0
    try:
        rules = check_rows(connection, reading, source, terms)
        has_no_value = " AND ".join(f"{quoted(name)} IS NULL" for name in source.columns)
        empty = count(connection, f"SELECT count(*) FROM checked WHERE {has_no_value}")
        rows = count(connection, "SELECT count(*) FROM checked")
    except duckdb.Error as error:
        if reading.settle is None:
            raise DataRefused(unreadable(source, path, error)) from None
        rules = []
    if reading.settle is None:
        return reading, rules
    settled = reading.settle(rows, empty)
    if settled.relation != reading.relation:
        rules = check_rows(connection, settled, source, terms)
    return settled, rules


def _refusal(shown: str, source: Source, found: pl.DataFrame, rows: int, units: Collection[str]) -> str:
    allowed = source.rejects.at_most
    limit = f"{allowed} rows" if isinstance(allowed, int) else f"{allowed * 100:g}%"
    line, _, reason, _ = found.row(0)
    text = f"{shown}: {found.height} of {rows} rows are rejected, the contract allows {limit}."
    codes = [*units, *(source.unit.values if source.unit else ())]
    text += f" First: line {line}: {reason}. {nearest_unit(str(reason), codes)}".rstrip()
    other, word = (",", "comma") if source.decimal == "." else (".", "point")
    if found["reason"].str.contains(rf"'[-+]?[\d ]+[{other}]\d+' is not a (whole )?number").any():
        text += f" The numbers look as if they had a decimal {word}:"
        text += f" ask for the declared '{source.decimal}', or declare decimal: '{other}'."
    return text


def _write_accepted(
    connection: duckdb.DuckDBPyConnection, source: Source, form: Source, hash_key: HashKey | None, target: Path
) -> None:
    here, pads = form.row_columns, ""
    values = {name: quoted(name) if name in here else "NULL" for name in source.staged}
    if source.hashed:
        if hash_key is None:
            raise ValueError(f"no key to hash {', '.join(source.hashed)}")
        hash_key.hand_to(connection)
        pads = ", _pads"
        values |= {name: hash_sql(name) for name in source.hashed if name in here}
    columns = ", ".join(
        f"{values[name]}::{sql_type(column)} AS {quoted(name)}" for name, column in source.staged.items()
    )
    connection.execute(
        f"COPY (SELECT {columns}, _unit, _period, checked.rowid AS _row FROM checked{pads} WHERE _rule IS NULL) "
        f"TO {literal(str(target))} ({_PARQUET})"
    )


def _write_frame(frame: pl.DataFrame, target: Path) -> None:
    frame.write_parquet(target)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write through a temporary file beside the target, so that a killed run leaves no half file under its name."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = temporary(path)
    try:
        write(work)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)


def staged_columns(source: Source) -> Sequence[str]:
    """The columns of a staged Parquet file."""
    return [*source.staged, "_unit", "_period", "_row"]
