"""The one SQL statement that types and judges the rows of a reading, and the search for rows with the same key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from scorecards.calendar import MONTHS, Calendar
from scorecards.errors import DeclarationError, Problem
from scorecards.sources import Source
from warehouse.frames import Stream, fetch
from warehouse.plain_values import plain, plain_text, plain_typed, raw
from warehouse.reading import Reading, literal, quoted
from warehouse.rules import Rule, rules, text, text_of, typed


@dataclass(frozen=True)
class Terms:
    """What rows are checked against beside their contract.

    A monthly file's month, the first period, the units' ids, and the calendar that says in which period a day lies.
    """

    period: date | None
    first_period: date
    units: Collection[str]
    calendar: Calendar = MONTHS


@contextmanager
def staging_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory in which files are typed and checked, one after the other."""
    connection = duckdb.connect(config={"threads": 2})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        # Rows are numbered by their place: units are joined to them, never they to the units.
        connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        yield connection
    finally:
        connection.close()


def require_usable(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Raise ``DeclarationError`` for a regular expression or a date format that the engine does not understand."""
    problems = []
    for name, column in source.columns.items():
        for key, sql, value in (
            ("matches", "SELECT regexp_full_match('', ?)", column.matches),
            ("format", "SELECT try_strptime('', ?)", column.format),
        ):
            if value is None:
                continue
            try:
                connection.execute(sql, [value]).fetchall()
            except duckdb.Error as error:
                words = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
                problems.append(
                    Problem(
                        f"sources/{source.source}.yaml",
                        0,
                        f"columns.{name}.{key}",
                        f"'{value}' cannot be used: {words}.",
                    )
                )
    if problems:
        raise DeclarationError(problems)


def check_rows(connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source, terms: Terms) -> list[Rule]:
    """Fill ``checked`` from the rows of a reading and return the rules.

    It has the typed columns, _unit, _period, and, where the row is rejected, _rule (place in the list; -1 a repeated
    key) and _reason. Its rowid is the row's number in the relation.
    """
    rule = source.unit
    codes = {unit: unit for unit in terms.units} | (dict(rule.values) if rule else {})
    table = pl.DataFrame(
        {"code": list(codes), "unit": list(codes.values())}, schema={"code": pl.String, "unit": pl.String}
    )
    connection.register("units", Stream(table))
    unit_sql, join = "NULL::VARCHAR", ""
    if rule and rule.always:
        unit_sql = literal(rule.always)
    elif rule and rule.column in source.columns:
        join, unit_sql = (
            f"LEFT JOIN units ON units.code = CAST(typed.{quoted(str(rule.column))} AS VARCHAR)",
            "units.unit",
        )
    rows = _Rows(reading, source)
    names = ", ".join(quoted(name) for name in source.columns)
    found = rules(source, terms.period, terms.first_period, terms.calendar)
    which = "".join(f" WHEN {each.condition} THEN {place}" for place, each in enumerate(found))
    why = "".join(f" WHEN {place} THEN {each.reason}" for place, each in enumerate(found))
    # Most rows break none: the few that may are told by fewer conditions.
    suspicions = " OR ".join(dict.fromkeys(each.suspicion for each in found))
    which = f"CASE WHEN {suspicions} THEN CASE{which} END END" if found else "NULL"
    why = f"CASE _rule{why} END" if found else "NULL"
    month, days = _period_sql(connection, source, terms)
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE checked AS
        WITH raw AS (SELECT {rows.raw} FROM {rows.relation}),
        plain AS (SELECT *{rows.plain} FROM raw),
        texts AS (SELECT *, {rows.texts} FROM plain),
        typed AS (SELECT *, {rows.values} FROM texts),
        placed AS (SELECT typed.*, {unit_sql} AS _unit, {month} AS _period FROM typed {join} {days}),
        judged AS (SELECT *, {which}::SMALLINT AS _rule FROM placed)
        SELECT {names}, _unit, _period, _rule, {why}::VARCHAR AS _reason FROM judged""")
    if source.key:
        _reject_duplicates(connection, source)
    return found


class _Rows:
    """SQL that types the rows of a reading step by step: raw, plain where they are, their texts where not, values."""

    def __init__(self, reading: Reading, source: Source) -> None:
        kinds = reading.native.kinds if reading.native else {}
        self.relation = reading.native.relation if reading.native else reading.relation
        found = {
            name: plain_typed(name, kinds[name], column, source)
            if name in kinds
            else plain_text(name, column, source)
            for name, column in source.columns.items()
        }
        self.raw = ", ".join(f"{quoted(name)} AS {raw(name)}" for name in source.columns)
        self.plain = "".join(f", {value} AS {plain(name)}" for name, value in found.items() if value)
        texts, values = [], []
        for name, column in source.columns.items():
            whole = text_of(f"CAST({raw(name)} AS VARCHAR)" if name in kinds else raw(name), source)
            value = typed(name, column, source)
            if found[name]:
                whole = f"CASE WHEN {plain(name)} IS NULL THEN {whole} END"
                value = f"CASE WHEN {plain(name)} IS NULL THEN {value} ELSE {plain(name)} END"
            texts.append(f"{whole} AS {text(name)}")
            values.append(f"{value} AS {quoted(name)}")
        self.texts, self.values = ", ".join(texts), ", ".join(values)


def _period_sql(connection: duckdb.DuckDBPyConnection, source: Source, terms: Terms) -> tuple[str, str]:
    """SQL of a row's period, and the join that it needs: under a table of periods, each day is looked up."""
    if source.period in ("{period}", "{known_on}") and terms.period is not None:
        return f"DATE '{terms.period}'", ""
    if not isinstance(source.period, str) or source.period not in source.columns:
        return "NULL::DATE", ""
    if not terms.calendar.is_table:
        return f"date_trunc('month', {quoted(source.period)})::DATE", ""
    names_period = source.columns[source.period].type == "month"
    known = [(label, label) for label in terms.calendar.periods] if names_period else list(terms.calendar.days())
    days = pl.DataFrame(known, schema={"day": pl.Date, "period": pl.Date}, orient="row")
    connection.register("days", Stream(days))
    return "days.period", f"LEFT JOIN days ON days.day = typed.{quoted(source.period)}::DATE"


def _reject_duplicates(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Keep the first row of a key; later ones are rejected, and told apart as repeated or as conflicting."""
    keys = ", ".join(quoted(name) for name in source.key)
    if not _may_repeat(connection, f"SELECT hash({keys}) AS digest FROM checked WHERE _rule IS NULL"):
        return
    doubled = f"SELECT hash({keys}) FROM checked WHERE _rule IS NULL GROUP BY 1 HAVING count(*) > 1"
    values = f"row({', '.join(quoted(name) for name in source.columns)})"
    named = literal(", ".join(source.key))
    if not any(source.columns[name].personal for name in source.key):
        named += " || ' ' || " + " || ', ' || ".join(
            f"coalesce(left({quoted(name)}::VARCHAR, 60), '')" for name in source.key
        )
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE doubled AS SELECT * FROM (
        SELECT rowid AS _row, row_number() OVER same AS place, {named} || CASE
            WHEN {values} IS NOT DISTINCT FROM first_value({values}) OVER same THEN ': repeats an earlier row'
            ELSE ': conflicts with an earlier row of the same key' END AS _reason
        FROM checked WHERE _rule IS NULL AND hash({keys}) IN ({doubled})
        WINDOW same AS (PARTITION BY {keys} ORDER BY rowid)) WHERE place > 1""")
    connection.execute(
        "UPDATE checked SET _rule = -1, _reason = doubled._reason FROM doubled WHERE checked.rowid = doubled._row"
    )


def _may_repeat(connection: duckdb.DuckDBPyConnection, digests: str) -> bool:
    """Whether any two digests that a query gives are the same: almost never, and sorting tells it soonest."""
    found = fetch(connection, digests)["digest"].to_numpy(writable=True)
    found.sort()
    return bool((found[1:] == found[:-1]).any())


def count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The number that a query gives."""
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def counted_under(found: Sequence[Rule], source: Source, place: int, reason: str) -> str:
    """The words under which a rejected row is counted: its rule and reason without any value."""
    if place >= 0:
        return found[place].told
    return f"duplicate: {', '.join(source.key)}: {reason.rpartition(': ')[2]}"
