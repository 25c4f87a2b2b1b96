"""Delimited text files: read by DuckDB, and record by record where it found broken rows or lost count."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.frames import Stream
from warehouse.reading import (
    Broken,
    Located,
    Reading,
    file_literal,
    hides,
    literal,
    match_header,
    quoted,
    shown_fields,
    shown_text,
)
from warehouse.records import LONGEST_LINE, Dialect, Record, first_record, judged, records
from warehouse.text_files import Text, as_text

_BATCH = 50_000


def read_csv(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    """Read a delimited file: see ``reading.read``."""
    text = as_text(path, source.encoding, work)
    fields, lines_before, header_lines = first_record(text.path, source.delimiter, source.skip_rows)
    header = [name.strip().strip("\ufeff") for name in fields]
    if not any(header):
        raise DataRefused("the file has no header row. Check 'skip_rows' in the contract.")
    taken, extra = match_header(source, header)
    dialect = Dialect(source.delimiter, len(header), lines_before)
    # DuckDB counts skipped lines in its own way where quotes hold newlines, takes NUL for a letter, and a blank line
    # for a row where there is one column only.
    if header_lines != 1 or text.has_nul or len(header) == 1:
        return _read_carefully(connection, text, source, dialect, header, extra)
    connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    columns = {f"c{i}": "VARCHAR" for i in range(len(header))}
    names = ", ".join(f"c{header.index(name)} AS {quoted(column)}" for name, column in taken.items())
    relation = f"""(SELECT {names} FROM read_csv({file_literal(text.path)}, delim = {literal(source.delimiter)},
        header = false, quote = '"', escape = '"', skip = {lines_before}, auto_detect = false, columns = {columns},
        store_rejects = true, rejects_limit = 0, strict_mode = true, max_line_size = {LONGEST_LINE},
        null_padding = false, encoding = 'utf-8', new_line = '\\n'))"""

    quick = Reading(tuple(header), extra, relation, _by_records(text, source, dialect, header))

    def settle(rows: int | None) -> Reading:
        broken = _broken_lines(connection, text, dialect) if rows is not None else None
        if rows is None or broken is None:
            return _read_carefully(connection, text, source, dialect, header, extra)
        if rows + len(broken) == text.lines - lines_before:
            shown = tuple(Broken(each.line, shown_text(source, each.text), str(each.broken)) for each in broken)
            skip = frozenset(each.line for each in broken)
            return replace(quick, broken=shown, locate=_by_lines(text, source, dialect, header, skip))
        if not broken and rows == _all_whole(text, dialect):
            return quick
        return _read_carefully(connection, text, source, dialect, header, extra)

    return replace(quick, settle=settle)


def _broken_lines(connection: duckdb.DuckDBPyConnection, text: Text, dialect: Dialect) -> list[Record] | None:
    """The lines that DuckDB rejected, looked at again; None where it is not plain that just these are broken."""
    found = connection.execute(
        "SELECT line, bool_or(error_type NOT LIKE '%COLUMNS') FROM reject_errors GROUP BY 1"
    ).fetchall()
    if any(is_other for _, is_other in found):
        return None
    numbers, broken = {int(line) for line, _ in found}, []
    if numbers:
        with text.path.open(encoding="utf-8", newline="\n") as handle:
            for number, line in enumerate(handle, start=1):
                if number in numbers and '"' not in line:
                    written = line.rstrip("\n")
                    broken.append(judged(number, written, written.split(dialect.delimiter), dialect))
    return broken if len(broken) == len(numbers) and all(each.broken for each in broken) else None


def _all_whole(text: Text, dialect: Dialect) -> int | None:
    """The number of records, or None where one is broken."""
    number = 0
    for record in records(text.path, dialect):
        if record.broken:
            return None
        number += 1
    return number


def _read_carefully(
    connection: duckdb.DuckDBPyConnection,
    text: Text,
    source: Source,
    dialect: Dialect,
    header: list[str],
    extra: tuple[str, ...],
) -> Reading:
    """Fill the temporary table ``raw`` record by record."""
    taken, _ = match_header(source, header)
    places = {column: header.index(name) for name, column in taken.items()}
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE raw ({', '.join(f'{quoted(column)} VARCHAR' for column in places)})"
    )
    broken: list[Broken] = []
    for batch in _batches(records(text.path, dialect)):
        whole = [record.fields for record in batch if not record.broken]
        broken += [
            Broken(record.line, shown_text(source, record.text), record.broken) for record in batch if record.broken
        ]
        frame = pl.DataFrame(
            {column: [fields[place] for fields in whole] for column, place in places.items()},
            schema=dict.fromkeys(places, pl.String),
        )
        connection.register("_incoming", Stream(frame))
        connection.execute("INSERT INTO raw SELECT * FROM _incoming")
        connection.unregister("_incoming")
    return Reading(tuple(header), extra, "raw", _by_records(text, source, dialect, header), tuple(broken))


def _batches(found: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in found:
        batch.append(record)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _by_records(text: Text, source: Source, dialect: Dialect, header: list[str]) -> Callable[[Sequence[int]], Located]:
    """The way back where rows are records of any number of lines, or blank lines lie between them."""

    def locate(rows: Sequence[int]) -> Located:
        wanted, found, number = set(rows), {}, 0
        for record in records(text.path, dialect):
            if record.broken:
                continue
            if number in wanted:
                found[number] = (record.line, _shown(source, header, record.text, record.fields))
                if len(found) == len(wanted):
                    break
            number += 1
        return found

    return locate


def _by_lines(
    text: Text, source: Source, dialect: Dialect, header: list[str], skip: frozenset[int]
) -> Callable[[Sequence[int]], Located]:
    """The way back where every line is a row, but for those in ``skip``."""

    def locate(rows: Sequence[int]) -> Located:
        wanted, found = set(rows), {}
        with text.path.open(encoding="utf-8", newline="\n") as handle:
            number = -1
            for place, line in enumerate(handle, start=1):
                if place <= dialect.lines_before or place in skip:
                    continue
                number += 1
                if number in wanted:
                    written = line.rstrip("\n")
                    fields = next(csv.reader([written], delimiter=dialect.delimiter, skipinitialspace=True), [])
                    found[number] = (place, _shown(source, header, written, fields))
                    if len(found) == len(wanted):
                        break
        return found

    return locate


def _shown(source: Source, header: list[str], written: str, fields: Sequence[str]) -> str:
    if not hides(source):
        return written
    out = io.StringIO()
    csv.writer(out, delimiter=source.delimiter, lineterminator="").writerow(shown_fields(source, header, fields))
    return out.getvalue()
