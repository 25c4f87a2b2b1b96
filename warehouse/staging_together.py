"""Small files staged together: each is read by itself, and one statement types and judges the rows of all of them.

Stating and planning that statement takes as long as checking ten thousand rows, so that it would be most of the cost of
a small file. What comes of a file is the same as by itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.checking import Terms, check_rows
from warehouse.frames import Stream, fetch
from warehouse.home import temporary_folder
from warehouse.raw_rows import MOST_HELD
from warehouse.reading import Reading, read
from warehouse.rules import rules
from warehouse.staged import File, Staged, concluded, selected, staged_columns, unread, writing_meanwhile
from warehouse.unpacking import unpacked

# The cost of the statement that checks them is that of reading so many bytes record by record.
SMALL_FILE = 512_000


def stage_together(
    connection: duckdb.DuckDBPyConnection, files: Sequence[File], source: Source, form: Source, terms: Terms
) -> dict[File, Staged]:
    """What came of each file; a file is left out where it turns out too large, or its rows cannot be judged so.

    All are under one ``form`` of the source's contract, and all of them monthly or none.
    """
    found: dict[File, Staged] = {}
    readings: dict[File, Reading] = {}
    with temporary_folder(files[0].accepted) as folder:
        for place, file in enumerate(files):
            try:
                reading = _read(connection, file, form, folder / str(place))
            except DataRefused as error:
                found[file] = unread(file, error)
                continue
            if reading is not None:
                readings[file] = reading
            if sum(map(_height, readings.values())) >= MOST_HELD:
                found |= _judged(connection, readings, source, form, terms)
                readings.clear()
        return found | _judged(connection, readings, source, form, terms)


def _read(connection: duckdb.DuckDBPyConnection, file: File, form: Source, work: Path) -> Reading | None:
    """The reading of a file whose rows are held; None where they are too many."""
    work.mkdir()
    path = unpacked(file.path, form, work)
    if path.stat().st_size < SMALL_FILE:
        reading = read(connection, path, form, work, held=True)
        if reading.frame is not None:
            return reading
    shutil.rmtree(work)
    return None


def _height(reading: Reading) -> int:
    return 0 if reading.frame is None else reading.frame.height


def _judged(
    connection: duckdb.DuckDBPyConnection, readings: dict[File, Reading], source: Source, form: Source, terms: Terms
) -> dict[File, Staged]:
    if not readings:
        return {}
    try:
        _check(connection, readings, form, terms)
    except duckdb.Error:
        return {}
    return _concluded(connection, readings, source, form, terms)


def _check(connection: duckdb.DuckDBPyConnection, readings: dict[File, Reading], form: Source, terms: Terms) -> None:
    frames = [
        reading.frame.select(
            *form.columns,
            _file=pl.lit(place, pl.UInt16),
            _month=pl.lit(file.period, pl.Date),
        )
        for place, (file, reading) in enumerate(readings.items())
        if reading.frame is not None
    ]
    connection.register("_incoming", Stream(pl.concat(frames)))
    connection.execute("PRAGMA disable_optimizer; CREATE OR REPLACE TEMP TABLE gathered AS SELECT * FROM _incoming")
    connection.unregister("_incoming")
    exact = frozenset(form.columns).intersection(*(reading.exact for reading in readings.values()))
    gathered = Reading((), (), "gathered", lambda _: {}, is_of_many=True, exact=exact)
    check_rows(connection, gathered, form, terms, next(iter(readings)).period)


def _concluded(
    connection: duckdb.DuckDBPyConnection, readings: dict[File, Reading], source: Source, form: Source, terms: Terms
) -> dict[File, Staged]:
    found: dict[File, Staged] = {}
    columns, tables = selected(connection, source, form, terms)
    checked = fetch(connection, f"SELECT {columns}, _file, _rule, _rounded FROM {tables} ORDER BY checked.rowid")
    checked = checked.with_columns(pl.col("_row") - pl.col("_row").min().over("_file").cast(pl.Int64))
    is_good = pl.col("_rule").is_null()
    of_files = {
        place: counted
        for place, *counted in checked.filter(is_good)
        .group_by("_file")
        .agg(pl.len(), pl.col("_rounded").sum(), pl.col("_period").drop_nulls().unique().sort())
        .iter_rows()
    }
    with writing_meanwhile() as keep:
        first = 0
        for place, (file, reading) in enumerate(readings.items()):
            height, (good, rounded, months) = _height(reading), of_files.get(place, (0, 0, []))
            own, is_clean = checked.slice(first, height), good == height
            accepted = (own if is_clean else own.filter(is_good)).select(staged_columns(source))
            found[file] = concluded(
                connection,
                file,
                replace(reading, relation=f"(SELECT * FROM gathered WHERE _file = {place})"),
                [] if is_clean else rules(form, file.period, terms.first_period, terms.calendar),
                source,
                form,
                terms,
                height,
                rounded,
                months,
                partial(accepted.write_parquet, compression="zstd"),
                place,
                first,
                is_clean,
                keep,
            )
            first += height
    return found
