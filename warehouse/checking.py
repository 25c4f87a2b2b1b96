"""The one SQL statement that types and judges the rows of a reading, and the search for rows with the same key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from scorecards.calendar import MONTHS, Calendar
from scorecards.columns import Column, Derived
from scorecards.errors import DeclarationError, Problem
from scorecards.project import Place
from scorecards.sources import Source
from warehouse.confining import confine
from warehouse.derived import raw_value, typed_value
from warehouse.frames import Stream, fetch
from warehouse.hashing import HashKey
from warehouse.home import spill_folder
from warehouse.patterns import flaw_of
from warehouse.reading import Reading, literal, quoted
from warehouse.rounding import rounded
from warehouse.rules import MOMENT, Rule, rules, sql_type, text
from warehouse.typed_rows import typed_rows

# Naming more takes longer than comparing names does.
_MOST_NUMBERED = 4000
_AS_WRITTEN = "TRY_CAST(written AS TIMESTAMP)"
_IN_ZONE = rf"""CASE WHEN regexp_matches(written, ':.*(Z|[+-]\d{{2}}(:?\d{{2}})?)$')
    THEN TRY_CAST(regexp_replace(written, '\s+(Z|[+-])', '\1') AS TIMESTAMPTZ)::TIMESTAMP ELSE {_AS_WRITTEN} END"""


@dataclass(frozen=True)
class Terms:
    """What rows are checked against beside their contract, whichever file they are of.

    The first period, the units' ids, the calendar that says in which period a day lies, and the key for columns that
    are staged hashed.
    """

    first_period: date
    units: Collection[str]
    calendar: Calendar = MONTHS
    hash_key: HashKey | None = None


@contextmanager
def staging_connection(*places: Path, time_zone: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory in which files are typed and checked, one after the other.

    Times with an offset are taken in the ``time_zone``. Without one a text is taken as it is written, for its writer
    knows what day it was, and an instant of a Parquet file, which tells no place any more, in UTC.
    ``places`` are the files and folders that it may read and write; it finds nothing else.
    What does not fit into memory lies with the other temporary files: DuckDB would put it into the working directory.
    """
    connection = duckdb.connect(config={"temp_directory": spill_folder()})
    try:
        connection.execute(f"SET TimeZone = {literal(time_zone or 'UTC')}")
        connection.execute(f"CREATE TEMP MACRO {MOMENT}(written) AS {_IN_ZONE if time_zone else _AS_WRITTEN}")
        # Rows are numbered by their place: units are joined to them, never they to the units.
        connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        confine(connection, places)
        yield connection
    finally:
        connection.close()


def require_usable(connection: duckdb.DuckDBPyConnection, source: Source, place: Place | None = None) -> None:
    """Raise ``DeclarationError`` for a regular expression or a date format that the engine does not understand.

    ``place`` is where the contract stands, with the lines of its keys.
    """
    place = place or Place(f"sources/{source.source}.yaml")
    problems: dict[tuple[str | int, ...], Problem] = {}
    for number, (_, form) in enumerate(source.forms):
        at = ("changed", number - 1) if number else ()
        for key, value, flaw in _flaws(connection, form):
            # What a later form takes over from the first is told where it stands.
            problems.setdefault((*key, value), place.problem((*at, *key), f"'{value}' cannot be used: {flaw}."))
    if problems:
        raise DeclarationError(problems.values())


def _flaws(connection: duckdb.DuckDBPyConnection, form: Source) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Key, text, and what is wrong with it."""
    flaw = flaw_of(form.footer) if isinstance(form.footer, str) else None
    if flaw:
        yield ("footer",), str(form.footer), flaw
    for key, value, sql, parameters in _unproved(form):
        try:
            connection.execute(sql, parameters).fetchall()
        except duckdb.Error as error:
            yield key, value, str(error).splitlines()[0].partition(" Error: ")[2].rstrip(".")


def _unproved(form: Source) -> Iterator[tuple[tuple[str, ...], str, str, list[str]]]:
    """What only the engine can judge: key, text, and SQL that fails where the text cannot be used."""
    for name, column in form.row_columns.items():
        kind = "derived" if isinstance(column, Derived) else "columns"
        if column.matches is not None:
            yield (kind, name, "matches"), column.matches, "SELECT regexp_full_match('', ?)", [column.matches]
        if isinstance(column, Column):
            for each in column.format:
                yield (kind, name, "format"), each, "SELECT try_strptime('', ?)", [each]
        if isinstance(column, Derived):
            row = ", ".join(f"NULL::{sql_type(each)} AS {quoted(own)}" for own, each in form.columns.items())
            value = raw_value(column, form.columns)
            sql = f"SELECT {typed_value(column, value, sql_type(column))} FROM (SELECT {row})"
            yield (kind, name), column.value, sql, []


def check_rows(
    connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source, terms: Terms, period: date | None
) -> list[Rule]:
    """Fill ``checked`` from the rows of a reading and return the rules. ``period`` is the month of a monthly file.

    It has the typed columns, _file, _unit, _period, _rounded (how many of the row's numbers were), and, where the row
    is rejected, _rule (place in the list; below 0 a repeated key) and _reason. Its rowid is the row's number in the
    relation.
    """
    judgement = judged(connection, reading, source, terms, period)
    names, lost = ", ".join(quoted(name) for name in source.row_columns), rounded(source, reading.exact)
    why = "".join(f" WHEN {place} THEN {each.reason}" for place, each in enumerate(judgement.rules))
    why = f"CASE WHEN _rule IS NOT NULL THEN CASE _rule{why} END END" if why else "NULL"
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE checked AS
        SELECT {names}, _file, _unit, _period, {lost} AS _rounded, _rule, {why}::VARCHAR AS _reason
        FROM ({judgement.rows})""")
    for place, columns in enumerate(key_sets(source), start=1):
        _reject_duplicates(connection, source, columns, -place, reading.is_of_many)
    return judgement.rules


@dataclass(frozen=True)
class Judgement:
    """The rules of a contract, and SQL of a reading's rows in their order.

    ``typed`` has the typed columns, _file, _unit and _period of each row; ``rows`` has also _rule, the place of the
    rule that it breaks, if it breaks one.
    """

    rules: list[Rule]
    typed: str
    rows: str


def judged(
    connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source, terms: Terms, period: date | None
) -> Judgement:
    """How the rows of a reading are typed and judged, each by itself; what they are joined to is registered."""
    rule = source.unit
    codes = {unit: unit for unit in terms.units} | (dict(rule.values) if rule else {})
    table = pl.DataFrame(
        {"code": list(codes), "unit": list(codes.values())}, schema={"code": pl.String, "unit": pl.String}
    )
    connection.register("units", Stream(table))
    unit_sql, join = "NULL::VARCHAR", ""
    if rule and rule.always:
        unit_sql = literal(rule.always)
    elif rule and rule.column in source.row_columns:
        # Rows of small files are few, and leave the engine before they are written.
        named = "units" if reading.is_of_many else _named_units(set(codes.values()))
        written = f"CAST(typed.{quoted(str(rule.column))} AS VARCHAR)"
        join, unit_sql = f"LEFT JOIN {named} ON units.code = {written}", "units.unit"
    found = rules(source, period, terms.first_period, terms.calendar, is_of_many=reading.is_of_many)
    which = "".join(f" WHEN {each.condition} THEN {place}" for place, each in enumerate(found))
    # Most rows break none: the few that may are told by fewer conditions.
    suspicions = " OR ".join(dict.fromkeys(f"({each.suspicion})" for each in found))
    which = f"CASE WHEN {suspicions} THEN CASE{which} END END" if found else "NULL"
    own_month = "_month" if reading.is_of_many else f"DATE '{period}'" if period else None
    month, days = _period_sql(connection, source, terms, own_month)
    as_typed = f"SELECT *{_derived_sql(source)} FROM ({typed_rows(reading, source)})"
    placed = f"SELECT typed.*, {unit_sql} AS _unit, {month} AS _period FROM ({as_typed}) AS typed {join} {days}"
    return Judgement(found, placed, f"SELECT *, {which}::SMALLINT AS _rule FROM ({placed})")


def _named_units(units: Collection[str]) -> str:
    """SQL of the codes and their units, these by number among their names: then none is compared when it is written."""
    if not 0 < len(units) <= _MOST_NUMBERED:
        return "units"
    names = ", ".join(map(literal, sorted(units)))
    return f"(SELECT code, unit::ENUM ({names}) AS unit FROM units) AS units"


def key_sets(source: Source) -> list[tuple[str, ...]]:
    """The sets of columns that no two rows may share: the key, and those declared as unique."""
    return [tuple(columns) for columns in dict.fromkeys((source.key, *source.unique)) if columns]


def _derived_sql(source: Source) -> str:
    found = ""
    for name, column in source.derived.items():
        value = raw_value(column, source.columns)
        found += f", nullif(trim({value}::VARCHAR), '') AS {text(name)}"
        found += f", {typed_value(column, value, sql_type(column))} AS {quoted(name)}"
    return found


def _period_sql(
    connection: duckdb.DuckDBPyConnection, source: Source, terms: Terms, own_month: str | None
) -> tuple[str, str]:
    """SQL of a row's period, and the join that it needs: under a table of periods, each day is looked up."""
    if source.period in ("{period}", "{known_on}") and own_month is not None:
        return own_month, ""
    if not isinstance(source.period, str) or source.period not in source.row_columns:
        return "NULL::DATE", ""
    if not terms.calendar.is_table:
        return f"date_trunc('month', {quoted(source.period)})::DATE", ""
    names_period = source.row_columns[source.period].type == "month"
    known = [(label, label) for label in terms.calendar.periods] if names_period else list(terms.calendar.days())
    days = pl.DataFrame(known, schema={"day": pl.Date, "period": pl.Date}, orient="row")
    connection.register("days", Stream(days))
    return "days.period", f"LEFT JOIN days ON days.day = typed.{quoted(source.period)}::DATE"


def _reject_duplicates(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[str], code: int, is_of_many: bool
) -> None:
    """Keep the first row of a key; later ones are rejected, and told apart as repeated or as conflicting."""
    keys, is_key = ", ".join(quoted(name) for name in columns), columns == source.key
    if is_of_many:
        keys += ", _file"
    good = "_rule IS NULL"
    if not is_key:
        good += "".join(f" AND {quoted(name)} IS NOT NULL" for name in columns)
    sign = f"hash({keys})" if is_of_many else sign_of(source, columns)
    if not any_same(fetch(connection, f"SELECT {sign} AS sign FROM checked WHERE {good}")["sign"]):
        return
    doubled = f"SELECT hash({keys}) FROM checked WHERE {good} GROUP BY 1 HAVING count(*) > 1"
    values = f"row({', '.join(quoted(name) for name in source.columns)})"
    named = literal(", ".join(columns))
    if not any(source.row_columns[name].personal for name in columns):
        named += " || ' ' || " + " || ', ' || ".join(
            f"regexp_replace(coalesce(left({quoted(name)}::VARCHAR, 60), '(empty)'), '\\s+', ' ', 'g')"
            for name in columns
        )
    what = "key" if is_key else "values"
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE doubled AS SELECT * FROM (
        SELECT rowid AS _row, row_number() OVER same AS place, {named} || CASE
            WHEN {values} IS NOT DISTINCT FROM first_value({values}) OVER same THEN ': repeats an earlier row'
            ELSE ': conflicts with an earlier row of the same {what}' END AS _reason
        FROM checked WHERE {good} AND hash({keys}) IN ({doubled})
        WINDOW same AS (PARTITION BY {keys} ORDER BY rowid)) WHERE place > 1""")
    connection.execute(
        f"UPDATE checked SET _rule = {code}, _reason = doubled._reason FROM doubled WHERE checked.rowid = doubled._row"
    )


def sign_of(source: Source, columns: Sequence[str]) -> str:
    """SQL of a number that rows share if they share the values of these columns: a whole number itself, or a hash."""
    if len(columns) == 1 and source.row_columns[columns[0]].type == "integer":
        return quoted(columns[0])
    return f"hash({', '.join(quoted(name) for name in columns)})"


def any_same(signs: pl.Series) -> bool:
    """Whether any two numbers are the same, or might be.

    Many files are in the order of their key, which one look tells. Otherwise hardly ever, and sorting tells it soonest.
    """
    if (signs[1:] > signs[:-1]).all(ignore_nulls=False):
        return False
    if signs.null_count():
        return True
    found = signs.to_numpy(writable=True)
    found.sort()
    return bool((found[1:] == found[:-1]).any())


def count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The number that a query gives."""
    [(found,)] = connection.execute(sql).fetchall()
    return int(found)


def counted_under(found: Sequence[Rule], source: Source, place: int, reason: str) -> str:
    """The words under which a rejected row is counted: its rule and reason without any value."""
    if place >= 0:
        return found[place].told
    return f"duplicate: {', '.join(key_sets(source)[-place - 1])}: {reason.rpartition(': ')[2]}"
