"""From a landed file to checked rows: one immutable Parquet file of accepted rows, one of rejected ones.

Belongs here: typing, checking, counting and writing one load. Which loads are current is ``loads.py``.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source, Validity
from warehouse.frames import Stream
from warehouse.reading import Reading, literal, quoted, read_raw
from warehouse.rules import reasons, sql_type, text_of, typed

REJECTS = {"line": pl.Int64, "rule": pl.String, "reason": pl.String, "raw": pl.String}


@dataclass(frozen=True)
class Staged:
    """What came of one file: counts, months with rows, reasons of rejects, and why the load is refused, if it is."""

    rows: int
    rejected: int
    periods: tuple[date, ...]
    reasons: dict[str, int]
    extra_columns: tuple[str, ...]
    refused: str | None


@contextmanager
def staging_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory in which files are typed and checked, one after the other."""
    connection = duckdb.connect(config={"threads": 2})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def stage(
    connection: duckdb.DuckDBPyConnection, path: Path, shown: str, source: Source, period: date | None, first_period: date, units: Collection[str], accepted: Path, rejects: Path
) -> Staged:  # fmt: skip
    """Type and check one file and write its rows. ``connection`` is from ``staging_connection``.

    ``shown`` names the file in messages; ``period`` is the month of a monthly file; ``accepted`` and ``rejects`` are the Parquet
    files to write (rejects only where there are any). A file that cannot be read is refused with zero rows.
    """
    with TemporaryDirectory(prefix="scorepack-") as folder:
        try:
            reading = read_raw(connection, path, source, Path(folder))
        except DataRefused as error:
            return Staged(0, 0, (), {}, (), f"{shown}: {error}")
        _check(connection, source, period, first_period, units)
        found = _rejects(connection, reading, source)
        rows = _scalar(connection, "SELECT count(*) FROM checked") + len(reading.broken)
        counted = Counter(f"{rule}: {re.sub(chr(39) + '.*?' + chr(39), '…', reason)}" for rule, reason in found.select("rule", "reason").iter_rows())
        if found.height:
            rejects.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(rejects, lambda target: found.write_parquet(target))
        refused = None
        if not source.rejects.allows(found.height, rows):
            refused = _refusal(shown, source, found, rows)
        else:
            accepted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(accepted, lambda target: _write(connection, source, target))
        months = connection.execute("SELECT DISTINCT _period FROM checked WHERE _rule IS NULL AND _period IS NOT NULL ORDER BY 1").fetchall()
    return Staged(rows, found.height, tuple(month for (month,) in months), dict(counted.most_common()), reading.extra, refused)


def _refusal(shown: str, source: Source, found: pl.DataFrame, rows: int) -> str:
    allowed = source.rejects.at_most
    limit = f"{allowed} rows" if isinstance(allowed, int) else f"{allowed:.4g}".replace("0.0", "0.0") and f"{allowed * 100:g}%"
    line, _, reason, _ = found.row(0)
    where = f"line {line}: " if line else ""
    text = f"{shown}: {found.height} of {rows} rows are rejected, the contract allows {limit}. First: {where}{reason}."
    if source.decimal == "." and found["reason"].str.contains(r"'[-+]?\d+,\d+' is not a number").any():
        text += " The numbers look as if they had a decimal comma: deliver with points, or declare decimal: ','."
    return text


def _check(connection: duckdb.DuckDBPyConnection, source: Source, period: date | None, first_period: date, units: Collection[str]) -> None:
    """Fill ``checked``: the typed columns, _row, _unit, _period, and _rule and _reason where the row is rejected."""
    rule = source.unit
    codes = {unit: unit for unit in units} | (dict(rule.values) if rule else {})
    table = pl.DataFrame({"code": list(codes), "unit": list(codes.values())}, schema={"code": pl.String, "unit": pl.String})
    connection.register("units", Stream(table))
    texts = ", ".join(f"{text_of(name, source)} AS {quoted('text_' + name)}" for name in source.columns)
    values = ", ".join(f"{typed(name, column, source)} AS {quoted(name)}" for name, column in source.columns.items())
    rules = reasons(source, period, first_period)
    rule_sql = "CASE " + " ".join(f"WHEN {condition} THEN {literal(name)}" for name, condition, _ in rules) + " END" if rules else "NULL::VARCHAR"
    reason_sql = "CASE " + " ".join(f"WHEN {condition} THEN {reason}" for _, condition, reason in rules) + " END" if rules else "NULL::VARCHAR"
    join = ""
    unit_sql = "NULL::VARCHAR"
    if rule and rule.always:
        unit_sql = literal(rule.always)
    elif rule and rule.column in source.columns:
        join, unit_sql = f"LEFT JOIN units ON units.code = CAST(typed.{quoted(str(rule.column))} AS VARCHAR)", "units.unit"
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE checked AS
        WITH texts AS (SELECT rowid AS _row, {texts} FROM raw),
        typed AS (SELECT *, {values} FROM texts),
        placed AS (SELECT typed.*, {unit_sql} AS _unit, {_period_sql(source, period)} AS _period FROM typed {join})
        SELECT *, {rule_sql} AS _rule, {reason_sql} AS _reason FROM placed ORDER BY _row""")
    if source.key:
        _reject_duplicates(connection, source)


def _period_sql(source: Source, period: date | None) -> str:
    if source.period == "{period}" and period is not None:
        return f"DATE '{period}'"
    if isinstance(source.period, str) and source.period in source.columns:
        return f"date_trunc('month', {quoted(source.period)})::DATE"
    return "NULL::DATE"


def _reject_duplicates(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Keep the first row of a key; later ones are rejected, and told apart as repeated or as conflicting."""
    keys = ", ".join(quoted(name) for name in source.key)
    if not _scalar(connection, f"SELECT count(*) FROM (SELECT 1 FROM checked WHERE _rule IS NULL GROUP BY {keys} HAVING count(*) > 1)"):
        return
    texts = ", ".join(quoted("text_" + name) for name in source.columns)
    personal = any(source.columns[name].personal for name in source.key)
    value = "''" if personal else " || ', ' || ".join(f"coalesce({quoted('text_' + name)}, '')" for name in source.key)
    named = literal(", ".join(source.key)) + ("" if personal else f" || ' ' || {value}")
    connection.execute(f"""UPDATE checked SET _rule = 'duplicate', _reason = {named} || other.words FROM (
        SELECT _row, CASE WHEN row({texts}) IS NOT DISTINCT FROM first_value(row({texts})) OVER same THEN ': repeats an earlier row'
            ELSE ': conflicts with an earlier row of the same key' END AS words, row_number() OVER same AS place
        FROM checked WHERE _rule IS NULL WINDOW same AS (PARTITION BY {keys} ORDER BY _row)) AS other
        WHERE checked._row = other._row AND other.place > 1""")


def _write(connection: duckdb.DuckDBPyConnection, source: Source, target: Path) -> None:
    columns = ", ".join(f"{quoted(name)}::{sql_type(column)} AS {quoted(name)}" for name, column in source.columns.items())
    connection.execute(
        f"COPY (SELECT {columns}, _unit, _period, _row FROM checked WHERE _rule IS NULL ORDER BY _row) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )


def _rejects(connection: duckdb.DuckDBPyConnection, reading: Reading, source: Source) -> pl.DataFrame:
    """All rejected rows with line, rule, reason and raw text, in the order of the file."""
    texts = [quoted("text_" + name) for name in source.columns]
    rows = connection.execute(f"SELECT _row, _rule, _reason, [{', '.join(texts)}] FROM checked WHERE _rule IS NOT NULL ORDER BY _row").fetchall()
    if not rows and not reading.broken:
        return pl.DataFrame(schema=REJECTS)
    lines = _Lines(reading, source)
    found: list[tuple[int | None, str, str, str]] = []
    for row, rule, reason, values in rows:
        line, raw = lines.of_row(int(row))
        found.append((line, rule, reason, raw if raw is not None else source.delimiter.join(str(v or "") for v in values)))
    found += [(lines.of_text(broken.text), "form", f"the row {broken.reason}", broken.text.rstrip("\r\n")) for broken in reading.broken]
    return pl.DataFrame(found, schema=REJECTS, orient="row").sort("line", nulls_last=True, maintain_order=True)


class _Lines:
    """Line numbers and raw texts of rejected rows, found in a second pass that is made only when there are any."""

    def __init__(self, reading: Reading, source: Source) -> None:
        self._first = reading.first_row_line
        self._rows: list[tuple[int, str]] | None = None
        self._texts: dict[str, list[int]] = {}
        if reading.text_file is not None:
            self._rows = []
            width = len(reading.header) if source.file_format == "csv" else None
            broken = {broken.text.strip() for broken in reading.broken}
            for line, fields, text in _records(reading.text_file, source, self._first):
                is_broken = text.strip() in broken if width is None else fields != width
                if is_broken:
                    self._texts.setdefault(text.strip(), []).append(line)
                else:
                    self._rows.append((line, text))

    def of_row(self, row: int) -> tuple[int | None, str | None]:
        """Line and text of the row with this number among the rows that could be taken apart."""
        if self._rows is None:
            return self._first + row, None
        return self._rows[row] if row < len(self._rows) else (None, None)

    def of_text(self, text: str) -> int | None:
        """The next line on which this broken text stands."""
        lines = self._texts.get(text.strip())
        return lines.pop(0) if lines else None


def _records(path: Path, source: Source, first_line: int) -> Iterator[tuple[int, int, str]]:
    """Every record of a text file: its first line (from 1), its number of fields, and its text."""
    with path.open(encoding="utf-8", newline="") as handle:
        lines = enumerate(handle, start=1)
        taken: list[str] = []

        def feed() -> Iterator[str]:
            for _, text in lines:
                taken.append(text)
                yield text

        number = 1
        for _ in range(first_line - 1):
            next(lines, None)
            number += 1
        if source.file_format == "jsonl":
            for number, text in lines:
                if text.strip():
                    yield number, 1, text.rstrip("\r\n")
            return
        csv.field_size_limit(2**31 - 1)
        for fields in csv.reader(feed(), delimiter=source.delimiter):
            if fields:
                yield number, len(fields), "".join(taken).rstrip("\r\n")
            number += len(taken)
            taken.clear()


def _replace(path: Path, write: object) -> None:
    """Write through a temporary file beside the target, so that a killed run leaves no half file under its name."""
    temporary = path.with_name(f".{path.name}.tmp")
    write(temporary)  # type: ignore[operator]
    temporary.replace(path)


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def staged_columns(source: Source) -> Sequence[str]:
    """The columns of a staged Parquet file."""
    return [*source.columns, "_unit", "_period", "_row"]


__all__ = ["REJECTS", "Staged", "Validity", "stage", "staged_columns"]
