"""Reading a delivered file of any format into one table of texts, before anything is typed or judged.

Every format ends as the temporary DuckDB table ``raw``: one VARCHAR column per declared column that the file has, in the
order of the file, so that one set of rules checks them all. Rows whose very form is broken are returned beside it.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source
from warehouse.frames import Stream

_LONGEST_LINE = 4_000_000


@dataclass(frozen=True)
class Broken:
    """A row that could not be taken apart: its text and what is wrong with it."""

    text: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What came of a file: its header, columns beyond the contract's, and rows that are broken as such.

    ``text_file`` is the UTF-8 text that was read, where the format is text: line numbers are found in it.
    """

    header: tuple[str, ...]
    extra: tuple[str, ...]
    broken: tuple[Broken, ...] = ()
    text_file: Path | None = None
    first_row_line: int = field(default=2)


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def read_raw(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    """Fill the temporary table ``raw`` from a file.

    ``work`` is a folder for temporary files. Raises ``DataRefused`` when the file cannot be read at all: empty, truncated,
    of another format, or without a column that the contract requires.
    """
    if path.stat().st_size == 0:
        raise DataRefused("the file is empty (0 bytes). Ask for it to be delivered again.")
    reader = {"csv": _read_csv, "excel": _read_excel, "parquet": _read_parquet, "jsonl": _read_jsonl}[source.file_format]
    try:
        return reader(connection, path, source, work)
    except duckdb.Error as error:
        raise DataRefused(f"the file cannot be read as {source.file_format}: {_first_sentence(error)}") from None


def headers(source: Source) -> dict[str, str]:
    """The contract's columns by the names they have in the file."""
    return {column.header or name: name for name, column in source.columns.items()}


def _match(source: Source, found: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which header stands for which column, and the headers that the contract does not know."""
    wanted = headers(source)
    doubled = sorted({name for name in found if found.count(name) > 1 and name in wanted})
    if doubled:
        raise DataRefused(f"the header names '{doubled[0]}' twice. Remove one of the columns.")
    missing = [header for header in wanted if header not in found]
    if missing:
        extra = [name for name in found if name not in wanted]
        what = f"the column '{missing[0]}' is missing" if len(missing) == 1 else f"the columns {', '.join(map(repr, missing))} are missing"
        raise DataRefused(f"{what} from the header. {did_you_mean(missing[0], extra) if extra else ''}".strip())
    return {header: wanted[header] for header in found if header in wanted}, tuple(n for n in found if n not in wanted)


def _read_csv(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    text_file = _as_utf8(path, source.encoding, work)
    header, header_lines = _csv_header(text_file, source)
    taken, extra = _match(source, header)
    columns = {f"c{i}": "VARCHAR" for i in range(len(header))}
    names = ", ".join(f"c{header.index(name)} AS {quoted(column)}" for name, column in taken.items())
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE raw AS SELECT {names} FROM read_csv(?, delim = ?, header = true, quote = '"', escape = '"',
        skip = ?, auto_detect = false, columns = {columns}, store_rejects = true, rejects_limit = 0, strict_mode = true,
        max_line_size = {_LONGEST_LINE}, null_padding = false, encoding = 'utf-8', new_line = ?)""",
        [str(text_file), source.delimiter, source.skip_rows, _new_line(text_file)],
    )
    rejected = connection.execute("SELECT csv_line, error_message, error_type FROM reject_errors ORDER BY line").fetchall()
    connection.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    broken = tuple(Broken(str(line or ""), _form(kind, len(header))) for line, _, kind in _one_a_line(rejected))
    return Reading(tuple(header), extra, broken, text_file, source.skip_rows + header_lines + 1)


def _one_a_line(rejected: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    last: object = None
    for row in rejected:
        if row[0] != last or row[0] is None:
            yield row
        last = row[0]


def _form(kind: str, columns: int) -> str:
    words = {
        "MISSING COLUMNS": f"has fewer fields than the header's {columns}",
        "TOO MANY COLUMNS": f"has more fields than the header's {columns}",
        "UNQUOTED VALUE": "has a quote that is not closed",
        "LINE SIZE OVER MAXIMUM": "is too long to be a row",
        "INVALID ENCODING": "holds bytes that are not text",
    }
    return words.get(kind, kind.lower())


def _as_utf8(path: Path, encoding: str, work: Path) -> Path:
    """The file as UTF-8 without a byte order mark; the file itself where it is that already."""
    try:
        with path.open("rb") as handle:
            has_mark = handle.read(3) == b"\xef\xbb\xbf"
        target = work / "text.csv"
        codec = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        with path.open(encoding=codec, newline="") as source_text, target.open("w", encoding="utf-8", newline="") as out:
            shutil.copyfileobj(source_text, out, 1 << 20)
        if has_mark or codec != "utf-8-sig":
            return target
        return path
    except LookupError:
        raise DataRefused(f"the contract's encoding '{encoding}' is not known. Write utf-8, cp1252 or utf-16.") from None
    except UnicodeError as error:
        raise DataRefused(f"the file is not {encoding} text ({error}). Correct 'encoding' in the contract.") from None


def _csv_header(path: Path, source: Source) -> tuple[list[str], int]:
    with path.open(encoding="utf-8", newline="") as handle:
        for _ in range(source.skip_rows):
            handle.readline()
        reader = csv.reader(handle, delimiter=source.delimiter)
        try:
            header = next(reader, [])
        except csv.Error as error:
            raise DataRefused(f"the header cannot be read: {error}.") from None
        names = [name.strip() for name in header]
    if not any(names):
        raise DataRefused("the file has no header row. Check 'skip_rows' in the contract.")
    return names, reader.line_num


def _new_line(path: Path) -> str:
    with path.open("rb") as handle:
        start = handle.read(1 << 16)
    if b"\r\n" in start:
        return "\\r\\n"
    return "\\r" if b"\r" in start and b"\n" not in start else "\\n"


def _read_excel(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheet = source.sheet or workbook.sheet_names[0]
        if sheet not in workbook.sheet_names:
            raise DataRefused(f"the workbook has no sheet '{sheet}'. {did_you_mean(sheet, workbook.sheet_names)}")
        rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[source.skip_rows :]
    except (CalamineError, OSError, IndexError) as error:
        raise DataRefused(f"the file cannot be read as a workbook: {_first_sentence(error)}") from None
    if not rows:
        raise DataRefused(f"the sheet '{sheet}' is empty.")
    header = [_cell_text(cell) or "" for cell in rows[0]]
    taken, extra = _match(source, header)
    import polars as pl

    columns = {column: [_cell_text(row[header.index(name)]) for row in rows[1:]] for name, column in taken.items()}
    _register(connection, pl.DataFrame(columns, schema={name: pl.String for name in columns}))
    return Reading(tuple(header), tuple(name for name in extra if name), first_row_line=source.skip_rows + 2)


def _cell_text(value: Any) -> str | None:
    """A cell as the text that a CSV would hold: whole floats without a point, days in ISO."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip()


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    found = [row[0] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()]
    taken, extra = _match(source, found)
    names = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(column)}" for name, column in taken.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {names} FROM read_parquet(?)", [str(path)])
    return Reading(tuple(found), extra, first_row_line=1)


def _read_jsonl(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    text_file = _as_utf8(path, source.encoding, work)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE lines AS SELECT line FROM read_csv(?, columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '',
        escape = '', header = false, auto_detect = false, max_line_size = {_LONGEST_LINE}) WHERE trim(line) <> ''""",
        [str(text_file)],
    )
    is_object = "CASE WHEN json_valid(line) THEN json_type(line) END IS NOT DISTINCT FROM 'OBJECT'"
    broken = [Broken(str(line), "is not a JSON object") for (line,) in connection.execute(f"SELECT line FROM lines WHERE NOT ({is_object})").fetchall()]
    found = [
        row[0]
        for row in connection.execute(
            f"SELECT key FROM (SELECT unnest(json_keys(line)) AS key FROM lines WHERE {is_object}) GROUP BY key ORDER BY key"
        ).fetchall()
    ]
    if not found and not broken:
        raise DataRefused("the file holds no JSON object.")
    # A key may be absent from single objects; one that no object has is a missing column.
    taken, extra = _match(source, found) if found else ({}, ())
    names = ", ".join(f"json_extract_string(line, {literal('$.' + quoted(name))}) AS {quoted(column)}" for name, column in taken.items())
    if not names:
        raise DataRefused("no line of the file is a JSON object.")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {names} FROM lines WHERE {is_object}")
    return Reading(tuple(found), extra, tuple(broken), text_file, 1)


def _register(connection: duckdb.DuckDBPyConnection, frame: Any) -> None:
    connection.register("_incoming", Stream(frame))
    connection.execute("CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM _incoming")
    connection.unregister("_incoming")


def _first_sentence(error: Exception) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text.removeprefix("Invalid Input Error: ").rstrip(".") + "."
