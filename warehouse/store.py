"""The DuckDB file of computed tables: opened by one process at a time, every partition replaced in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import duckdb
import polars as pl

from scorecards.errors import HomeBusy
from scorecards.groups import NOTHING, Telling
from scorecards.sources import Source
from warehouse.confining import confine
from warehouse.frames import Stream, fetch
from warehouse.home import Home, spill_folder
from warehouse.late_rows import Late
from warehouse.locks import waits
from warehouse.obeying import made_of, note_other_rules, obeying
from warehouse.reading import quoted
from warehouse.selection import Load
from warehouse.staged_rows import staged_rows
from warehouse.tables import CELLS, COMPUTED, COVERAGE, TABLES, Table

_DAMAGE = (duckdb.IOException, duckdb.InternalException, duckdb.FatalException, duckdb.SerializationException)

_OTHER_SHAPE = (duckdb.BinderException, duckdb.CatalogException)


class Warehouse:
    """An open warehouse. Use ``open_warehouse``; frames go in by column name, never by position.

    With ``telling``, what is read obeys this rule of small groups; what is written is kept as it is.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, telling: Telling = NOTHING) -> None:
        self._connection = connection
        self._other_rules = note_other_rules(connection, telling)

    def replace(
        self, frames: Mapping[Table, pl.DataFrame], partitions: Sequence[Any], computed: pl.DataFrame | None = None
    ) -> None:
        """Replace these partitions of several tables in one transaction; a table's missing rows are deleted.

        ``computed`` are rows of the table ``computed_months`` that replace those of the same step and months.
        """
        with self._transaction():
            for table, frame in frames.items():
                self._swap(table, frame, f"{quoted(table.partition)} IN (SELECT unnest(?))", [list(partitions)])
            if computed is not None:
                steps = computed["step"].unique().to_list()
                where = "step IN (SELECT unnest(?)) AND period IN (SELECT unnest(?))"
                self._swap(COMPUTED, computed, where, [steps, list(partitions)])

    def replace_cells(
        self, source_id: str, measures: Sequence[str], frames: Mapping[Table, pl.DataFrame], months: Sequence[date]
    ) -> None:
        """Replace the cells of one source's measures and its coverage for these months, in one transaction."""
        with self._transaction():
            for table, frame in frames.items():
                is_of_source = "source" in table.columns
                owner = "source = ?" if is_of_source else "measure IN (SELECT unnest(?))"
                values = [source_id if is_of_source else list(measures), list(months)]
                self._swap(table, frame, f"{owner} AND period IN (SELECT unnest(?))", values)

    def keep_cells(self, measures: Sequence[str], sources: Sequence[str], months: Sequence[date]) -> None:
        """Delete the cells of all but these measures, and the coverage of all but these sources, of these months."""
        with self._transaction():
            for table, name, kept in ((CELLS, "measure", measures), (COVERAGE, "source", sources)):
                where = f"{name} NOT IN (SELECT unnest(?::VARCHAR[])) AND period IN (SELECT unnest(?))"
                self._connection.execute(f"DELETE FROM {table.full_name} WHERE {where}", [list(kept), list(months)])

    @contextmanager
    def beside(self) -> Iterator[Warehouse]:
        """The same warehouse for another thread: it may write while this one reads what was committed before."""
        connection = self._connection.cursor()
        try:
            yield Warehouse(connection)
        finally:
            connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN TRANSACTION")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _swap(self, table: Table, frame: pl.DataFrame, where: str, values: list[Any]) -> None:
        self._connection.execute(f"DELETE FROM {table.full_name} WHERE {where}", values)
        if frame.height:
            self._connection.register("_incoming", Stream(frame.select(list(table.columns))))
            self._connection.execute(f"INSERT INTO {table.full_name} BY NAME SELECT * FROM _incoming")
            self._connection.unregister("_incoming")

    def read(self, table: Table, periods: Sequence[date] | None = None, **wanted: Sequence[str]) -> pl.DataFrame:
        """A table, or those periods of it, sorted by its key; ``wanted`` names columns and the values to keep."""
        asked = {**({} if periods is None else {"period": list(periods)}), **{k: list(v) for k, v in wanted.items()}}
        where = " AND ".join(f"{quoted(name)} IN (SELECT unnest(?))" for name in asked) or "true"
        order = ", ".join(quoted(name) for name in table.key)
        statement = f"SELECT * FROM {self._rows_of(table)} WHERE {where} ORDER BY {order}"
        return fetch(self._connection, statement, list(asked.values()))

    def newest(self, table: Table) -> date | None:
        """The newest period of a table; None where it has no rows."""
        [(period,)] = self._connection.execute(f"SELECT max(period) FROM {table.full_name}").fetchall()
        return period if isinstance(period, date) else None

    def rows(self, table: Table, columns: Sequence[str], periods: Sequence[date]) -> list[tuple[Any, ...]]:
        """Some columns of those periods of a table, in the order of its key: for the few rows that need no frame."""
        names, order = (", ".join(map(quoted, each)) for each in (columns, table.key))
        where = "WHERE period IN (SELECT unnest(?))"
        statement = f"SELECT {names} FROM {self._rows_of(table)} {where} ORDER BY {order}"
        return self._connection.execute(statement, [list(periods)]).fetchall()

    def _rows_of(self, table: Table) -> str:
        return obeying(table) if self._other_rules else table.full_name

    @property
    def other_rules(self) -> list[tuple[date, str]]:
        """The months and KPIs whose figures are told as withheld, since they were computed by another rule."""
        return self._other_rules

    def made_of(self, telling: Telling) -> dict[date, str]:
        """By month the digest of a rule and of what its cells were computed from (``tables.UNITS_WITHHELD``)."""
        return made_of(self._connection, telling)

    def show_staging(
        self, home: Home, source: Source, loads: Sequence[tuple[Load, Sequence[date] | None]], late: Late
    ) -> None:
        """Make the view ``staging.<source>`` over the rows that count (``selection.spread``), in the months that do."""
        name = f"staging.{quoted(source.source)}"
        if not loads:
            self._connection.execute(f"DROP VIEW IF EXISTS {name}")
            return
        rows = staged_rows(home, source, loads, late)
        self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS {rows}")

    def number(self, statement: str) -> float | None:
        """The one number that a statement gives. Raises ``ValueError`` where DuckDB refuses it."""
        try:
            [(found, *_), *_] = self._connection.execute(statement).fetchall()
        except duckdb.Error as error:
            raise ValueError(str(error).splitlines()[0]) from None
        return None if found is None else float(found)

    def count_by_period(self, table: Table, periods: Sequence[date]) -> dict[date, int]:
        """How many rows a table has of each of these periods that it has rows of."""
        statement = f"SELECT period, count(*) FROM {table.full_name} WHERE period IN (SELECT unnest(?)) GROUP BY period"
        return dict(self._connection.execute(statement, [list(periods)]).fetchall())


@contextmanager
def open_warehouse(
    home: Home, read_only: bool = False, patient: bool = True, telling: Telling = NOTHING
) -> Iterator[Warehouse]:
    """Open the warehouse, waiting a while for another process to let go of it (``locks.patience``), if ``patient``.

    What is read to be shown, or to make from it what is shown, is read by the rule in force (``telling``).

    Raises ``HomeBusy`` when it stays locked, naming the process that holds it, when the file is damaged, also where
    that shows only later, when it cannot be written, and, opened ``read_only``, when its tables have another shape.
    """
    with connected(home, read_only, patient) as connection:
        yield Warehouse(connection, telling)


@contextmanager
def connected(home: Home, read_only: bool = False, patient: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """The bare connection behind ``open_warehouse``, for what this room does with whole tables."""
    connection = _connect(home, read_only, patient)
    try:
        if not read_only:
            _make_tables(connection, home)
        yield connection
    except duckdb.Error as error:
        # What is found while rows stream out comes as the base class.
        if isinstance(error, _DAMAGE) or "orrupt" in str(error):
            raise HomeBusy(_told(home, str(error))) from None
        if read_only and isinstance(error, _OTHER_SHAPE):
            raise HomeBusy(
                f"The warehouse {home.warehouse} is of another version. Compute it anew: scorepack rebuild."
            ) from None
        raise
    finally:
        connection.close()


def _make_tables(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Make the tables that are not there; raise ``HomeBusy`` where one has other columns than this version writes."""
    try:
        others = of_other_shape(connection, TABLES)
    except duckdb.CatalogException:
        # Asking which tables there are takes longer than all else of an opening: not unless one is missing.
        _make_missing(connection)
        others = of_other_shape(connection, TABLES)
    for name in others:
        raise HomeBusy(
            f"The warehouse {home.warehouse} was made by another version: {name} has other columns. "
            "It can be computed anew from the records: scorepack rebuild."
        )


def _make_missing(connection: duckdb.DuckDBPyConnection) -> None:
    standing = _standing(connection)
    for schema in sorted({"staging", *(table.schema for table in TABLES)}):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for table in TABLES:
        if table not in standing:
            connection.execute(table.ddl)


def _standing(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """The tables that are there."""
    # Not from the catalogue's columns: for those of the views in `staging` DuckDB would open every file behind them.
    there = set(connection.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal").fetchall())
    return [table for table in TABLES if (table.schema, table.name) in there]


def of_other_shape(connection: duckdb.DuckDBPyConnection, standing: Sequence[Table] | None = None) -> list[str]:
    """Names of the tables that are there and have other columns than this version writes."""
    standing = _standing(connection) if standing is None else standing
    columns: dict[str, set[str]] = {}
    if standing:
        asked = " UNION ALL ".join(
            f"SELECT '{t.full_name}', name FROM pragma_table_info('{t.full_name}')" for t in standing
        )
        for name, column in connection.execute(asked).fetchall():
            columns.setdefault(name, set()).add(column)
    return [table.full_name for table in standing if columns[table.full_name] != set(table.columns)]


def _connect(home: Home, read_only: bool, patient: bool) -> duckdb.DuckDBPyConnection:
    text = ""
    settings: dict[str, str | bool | int | float | list[str]] = {}
    if not read_only:
        # Beside the file DuckDB would leave it when the process is killed.
        settings["temp_directory"] = spill_folder()
    for _ in waits() if patient else (None,):
        try:
            connection = duckdb.connect(str(home.warehouse), read_only=read_only, config=settings)
            confine(connection, [home.staging, home.analysts])
            return connection
        except duckdb.Error as error:
            text = str(error)
            if not re.search(r"\block\b", text):
                raise HomeBusy(_told(home, text)) from None
    holder = re.search(r"PID (\d+)", text)
    who = f"process {holder[1]}" if holder else "another process"
    raise HomeBusy(f"The warehouse {home.warehouse} is held by {who}. Wait until it ends, or end it, then run again.")


def _told(home: Home, text: str) -> str:
    first = re.sub(r"^[\w ]+ Error: ", "", text.splitlines()[0]).rstrip(".!")
    is_full = "space" in text
    if is_full or "denied" in text or "Read-only" in text:
        why = "no space is left on its disk" if is_full else first
        return f"The warehouse {home.warehouse} cannot be written: {why}. Make room for it, or choose another --home."
    remedy = "It can be computed anew from the records: scorepack rebuild"
    return f"The warehouse {home.warehouse} is damaged: {first}. {remedy}."
