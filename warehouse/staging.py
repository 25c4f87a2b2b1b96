"""From landed files to checked rows: for each one immutable Parquet file of accepted rows, one of rejected ones.

Belongs here: the order of reading, checking, counting and writing. Small files are staged together, as many as there
are (``staging_together.py``); others each by itself. Which loads are current is ``selection.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import duckdb

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.checking import Terms, check_rows, count, require_usable, staging_connection
from warehouse.home import temporary_folder
from warehouse.reading import Reading, literal, quoted, read, unreadable
from warehouse.rules import Rule
from warehouse.staged import File, Staged, concluded, selected, unread
from warehouse.staging_straight import write_straight
from warehouse.staging_together import SMALL_FILE, stage_together
from warehouse.unpacking import unpacked

__all__ = ["File", "Staged", "Terms", "stage", "stage_alone", "staging_connection"]

# Below this size, planning the checks takes longer than making them: unoptimised, they take half the time.
_UNPLANNED = 4_000_000
# A third less time than by default: differences of neighbours are kept where they are small, and no dictionary is begun
# for columns of too many values.
_PARQUET = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 4000"


def stage(connection: duckdb.DuckDBPyConnection, files: Sequence[File], source: Source, terms: Terms) -> list[Staged]:
    """Type and check files of one source and write their rows. ``connection`` is from ``staging_connection``.

    What comes of a file does not depend on the others. A file that cannot be read is refused with zero rows.
    Raises ``DeclarationError`` where the contract holds a pattern or a format that cannot be used.
    """
    require_usable(connection, source)
    found: dict[File, Staged] = {}
    for form, some in _together(files, source):
        found |= stage_together(connection, some, source, form, terms)
    return [found.get(file) or stage_alone(connection, file, source, terms) for file in files]


def _together(files: Sequence[File], source: Source) -> Iterator[tuple[Source, list[File]]]:
    """Files that are small, under the form of the contract that holds for them."""
    found: dict[tuple[int, bool], tuple[Source, list[File]]] = {}
    for file in files:
        form = source.in_force(file.period or file.day)
        if file.path.stat().st_size < SMALL_FILE and not (form.unpivot or form.fill_down):
            found.setdefault((id(form), file.period is None), (form, []))[1].append(file)
    yield from found.values()


def stage_alone(connection: duckdb.DuckDBPyConnection, file: File, source: Source, terms: Terms) -> Staged:
    """See ``stage``: one file, of whatever size."""
    form = source.in_force(file.period or file.day)
    with temporary_folder(file.accepted) as folder:
        try:
            path = unpacked(file.path, form, folder)
            connection.execute(f"PRAGMA {'disable' if path.stat().st_size < _UNPLANNED else 'enable'}_optimizer")
            reading = read(connection, path, form, folder)
            if (staged := _straight(connection, file, reading, source, form, terms, folder)) is not None:
                return staged
            reading, rules = _checked(connection, path, reading, form, terms, file)
        except DataRefused as error:
            return unread(file, error)
        found = connection.execute(
            "SELECT DISTINCT _period FROM checked WHERE _rule IS NULL AND _period IS NOT NULL ORDER BY 1"
        ).fetchall()
        rows = count(connection, "SELECT count(*) FROM checked")
        rounded = count(connection, "SELECT coalesce(sum(_rounded), 0) FROM checked WHERE _rule IS NULL")
        write = partial(_write_accepted, connection, source, form, terms)
        months = [month for (month,) in found]
        staged = concluded(connection, file, reading, rules, source, form, terms, rows, rounded, months, write)
    connection.execute(
        "DROP TABLE IF EXISTS checked; DROP TABLE IF EXISTS raw; "
        "DROP TABLE IF EXISTS held; DROP TABLE IF EXISTS filled; DROP TABLE IF EXISTS turned"
    )
    return staged


def _straight(
    connection: duckdb.DuckDBPyConnection,
    file: File,
    reading: Reading,
    source: Source,
    form: Source,
    terms: Terms,
    folder: Path,
) -> Staged | None:
    """What came of a file in which every row is good; None where one is not, or the file is not read to its end."""
    target, write = folder / "straight.parquet", partial(_write_accepted, connection, source, form, terms)
    good = write_straight(connection, reading, form, terms, file.period, write, target)
    if good is None:
        return None
    return concluded(
        connection, file, reading, good.rules, source, form, terms, good.rows, 0, good.months, target.replace,
        is_clean=True,
    )  # fmt: skip


def _checked(
    connection: duckdb.DuckDBPyConnection, path: Path, reading: Reading, source: Source, terms: Terms, file: File
) -> tuple[Reading, list[Rule]]:
    """Judge a file; once more, read record by record, where the quick way cannot be trusted."""
    rows: int | None = None
    empty = 0
    try:
        rules = check_rows(connection, reading, source, terms, file.period)
        if reading.settle is not None:
            has_no_value = " AND ".join(
                f"{quoted(name)} IS NULL" for name, column in source.columns.items() if not column.reads_empty
            )
            empty = count(connection, f"SELECT count(*) FROM checked WHERE {has_no_value or 'true'}")
            rows = count(connection, "SELECT count(*) FROM checked")
    except duckdb.Error as error:
        if reading.settle is None:
            raise DataRefused(unreadable(source, path, error)) from None
        rules = []
    if reading.settle is None:
        return reading, rules
    settled = reading.settle(rows, empty)
    if settled.relation != reading.relation:
        rules = check_rows(connection, settled, source, terms, file.period)
    return settled, rules


def _write_accepted(
    connection: duckdb.DuckDBPyConnection, source: Source, form: Source, terms: Terms, target: Path
) -> None:
    columns, tables = selected(connection, source, form, terms)
    connection.execute(
        f"COPY (SELECT {columns} FROM {tables} WHERE _rule IS NULL) TO {literal(str(target))} ({_PARQUET})"
    )
