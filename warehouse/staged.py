"""What comes of a file: its rows written where they belong, and the record of them.

Belongs here: all that is done with the checked rows of one file, whether it was checked alone or with others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from scorecards.errors import DataRefused, nearest_unit
from scorecards.sources import Source
from warehouse.checking import Terms
from warehouse.drift import retyped
from warehouse.exchanged_days import exchanged_days_told
from warehouse.exchanged_marks import exchanged_marks_told
from warehouse.facts import Facts, facts_of
from warehouse.hashing import hash_sql
from warehouse.home import temporary
from warehouse.number_signs import MINUS
from warehouse.quarantine import rejected
from warehouse.reading import Reading, quoted
from warehouse.rounding import rounded_told
from warehouse.rules import Rule, sql_type


@dataclass(frozen=True)
class File:
    """A file that is to be staged, and the Parquet files to write (rejects only where there are any).

    ``shown`` names it in messages; ``period`` is the month of a monthly file, ``day`` that of a file of many, by which
    the form of a contract that changed is chosen.
    """

    path: Path
    shown: str
    accepted: Path
    rejects: Path
    period: date | None = None
    day: date | None = None


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


Keep = Callable[[Path, Callable[[Path], object]], object]


@contextmanager
def writing_meanwhile() -> Iterator[Keep]:
    """Writes files beside other work, as ``put`` does; all of them are in their places at the end."""
    with ThreadPoolExecutor(2) as pool:
        under_way: list[Future[None]] = []
        yield lambda path, write: under_way.append(pool.submit(put, path, write))
        for each in under_way:
            each.result()


def unread(file: File, error: DataRefused) -> Staged:
    """The record of a file that cannot be read."""
    return Staged(0, 0, (), {}, (), f"{file.shown}: {error}")


def concluded(
    connection: duckdb.DuckDBPyConnection,
    file: File,
    reading: Reading,
    rules: Sequence[Rule],
    source: Source,
    form: Source,
    terms: Terms,
    rows: int,
    rounded: int,
    months: Sequence[date],
    write: Callable[[Path], object],
    place: int = 0,
    first: int = 0,
    is_clean: bool = False,
    keep: Keep | None = None,
) -> Staged:
    """Write what is rejected of a file, and what is accepted where the contract allows so many rejects.

    ``checked`` holds the file at this ``place`` in ``rows`` rows from rowid ``first`` on; none of them is rejected
    where it ``is_clean``. ``write`` writes the accepted rows, which are of these ``months``; so many of their numbers
    were ``rounded``. ``keep`` is how a file comes to its place.
    """
    keep = keep or put
    if not is_clean:
        changed = retyped(connection, reading.relation, form, rules, place)
        if changed:
            return Staged(rows, 0, (), {}, reading.extra, f"{file.shown}: {changed}")
    found, kinds, rows = None, dict[str, int](), rows + len(reading.broken)
    if not is_clean or reading.broken:
        found, kinds = rejected(connection, reading, form, rules, place, first, rows)
    thrown = sum(kinds.values())
    if found is not None and thrown:
        keep(file.rejects, found.write_parquet)
    refused = None
    if form.rejects.allows(thrown, rows):
        keep(file.accepted, write)
    elif found is not None:
        refused = _refusal(file.shown, form, found, thrown, rows, terms.units)
    facts = facts_of(connection, source, form, place)
    notes = (*reading.notes, *rounded_told(rounded))
    if found is not None:
        notes = (*notes, *exchanged_days_told(found, form), *exchanged_marks_told(found, form))
    return Staged(rows, thrown, tuple(months), kinds, reading.extra, refused, notes, facts)


def selected(connection: duckdb.DuckDBPyConnection, source: Source, form: Source, terms: Terms) -> tuple[str, str]:
    """SQL of the staged columns of rows of ``checked``, and of the tables that they are from."""
    here, pads = form.row_columns, ""
    values = {name: quoted(name) if name in here else "NULL" for name in source.staged}
    if source.hashed:
        if terms.hash_key is None:
            raise ValueError(f"no key to hash {', '.join(source.hashed)}")
        terms.hash_key.hand_to(connection)
        pads = ", _pads"
        values |= {name: hash_sql(name) for name in source.hashed if name in here}
    columns = ", ".join(
        f"{values[name]}::{sql_type(column)} AS {quoted(name)}" for name, column in source.staged.items()
    )
    return f"{columns}, _unit, _period, checked.rowid AS _row", f"checked{pads}"


def staged_columns(source: Source) -> Sequence[str]:
    """The columns of a staged Parquet file."""
    return [*source.staged, "_unit", "_period", "_row"]


def _refusal(shown: str, source: Source, found: pl.DataFrame, thrown: int, rows: int, units: Collection[str]) -> str:
    allowed = source.rejects.at_most
    limit = f"{allowed} rows" if isinstance(allowed, int) else f"{allowed * 100:g}%"
    line, record, _, reason, _ = found.row(0)
    place = f"line {line}" if record is None else f"record {record}, line {line}"
    text = f"{shown}: {thrown} of {rows} rows are rejected, the contract allows {limit}."
    codes = [*units, *(source.unit.values if source.unit else ())]
    text += f" First: {place}: {reason}. {nearest_unit(str(reason), codes)}".rstrip()
    if found.height < thrown:
        text += f" Quarantine keeps the first {found.height:,}."
    other, word = (",", "comma") if source.decimal == "." else (".", "point")
    if found["reason"].str.contains(rf"'[-+{MINUS}]?[\d ]+[{other}]\d+' is not a (whole )?number").any():
        text += f" The numbers look as if they had a decimal {word}:"
        text += f" ask for the declared '{source.decimal}', or declare decimal: '{other}'."
    return text


def put(path: Path, write: Callable[[Path], object]) -> None:
    """Write through a temporary file beside the target, so that a killed run leaves no half file under its name."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = temporary(path)
    try:
        write(work)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
