"""How a file is laid out, told by its bytes: format, encoding, delimiter, sheet, rows above the header, the header.

Belongs here: guesses for a first contract. Reading by a contract is ``reading.py``.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from scorecards.errors import CallError, DataRefused
from scorecards.file_formats import FileFormat, format_of, plain_suffix
from scorecards.sources import Source
from warehouse.confining import confine
from warehouse.fields import LONGEST_FIELD
from warehouse.headers import joined_header
from warehouse.infer_header import HeaderRows, header_rows
from warehouse.reading_excel import table_of
from warehouse.reading_tables import holds_no_text, is_nested, kinds_of
from warehouse.records import LONGEST_LINE
from warehouse.text_files import byte_order, is_wide
from warehouse.unreadable_workbooks import unreadable_workbook
from warehouse.workbook_errors import kind_of
from warehouse.workbook_process import READER, Refusal, Unreadable
from warehouse.workbooks import cell_text

MOST_COLUMNS = 500
"""Columns beyond which no contract is guessed: each of them is looked at some thirty times."""

MOST_JSON = 32 << 20
"""Bytes beyond which a JSON file is not looked at: held whole, it may take fifty times as much."""

_SAMPLE = 1 << 20
_LOOKED_AT = 2000


@dataclass(frozen=True)
class Layout:
    """The keys of a contract that say how the file is read, its headers in order, and remarks on what is unsure.

    ``scales`` are the decimal places of those headers that the file itself declares as decimals.
    """

    format: FileFormat
    options: dict[str, Any]
    headers: list[str]
    remarks: list[str] = field(default_factory=list)
    scales: dict[str, int] = field(default_factory=dict)


def layout_of(path: Path, name: str) -> Layout:
    """The layout of an unpacked file that is called ``name``.

    Raises ``CallError`` for a file of no known format, ``DataRefused`` for one that is empty, or beyond the bounds
    within which it is looked at whole.
    """
    layout = _layout_of(path, name)
    _bound_columns(len(layout.headers))
    return layout


def _bound_columns(number: int) -> None:
    if number > MOST_COLUMNS:
        told = f"more than {MOST_COLUMNS} columns, too many to guess a contract"
        raise DataRefused(f"the file has {told}. Write it by hand, with the columns that the measures need.")


def _layout_of(path: Path, name: str) -> Layout:
    kind = format_of(name)
    if kind is None:
        known = ".csv, .tsv, .txt, .xlsx, .xls, .ods, .parquet, .jsonl or .json"
        raise CallError(f"{name} is of no format that can be read: its name should end in {known}.")
    if path.stat().st_size == 0:
        raise DataRefused("the file is empty (0 bytes).")
    if kind == "csv":
        return _text(path, "\t" if plain_suffix(name) in (".tsv", ".tab") else ",")
    if kind == "json":
        return _json(path)
    if kind == "excel":
        return _workbook(path, plain_suffix(name))
    return _parquet(path) if kind == "parquet" else _jsonl(path)


def _text(path: Path, usual: str) -> Layout:
    with path.open("rb") as handle:
        start = handle.read(_SAMPLE)
    # A field may be as long as the reading of the file takes it.
    csv.field_size_limit(LONGEST_FIELD)
    encoding, text = _decoded(path, start)
    # With their ends, which may stand within quotes.
    lines = re.findall(r"[^\n]*\n|[^\n]+", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = lines[: len(lines) - 1] if len(start) == _SAMPLE else lines
    delimiter, width = _delimiter(lines[:_LOOKED_AT])
    skip, count, header = _header(lines[:_LOOKED_AT], delimiter, width)
    options: dict[str, Any] = {}
    if delimiter != usual:
        options["delimiter"] = delimiter
    if encoding != "utf-8":
        options["encoding"] = encoding
    if skip:
        options["skip_rows"] = skip
    if count > 1:
        options["header_rows"] = count
    return Layout("csv", options, [name.strip().strip("\ufeff") for name in header])


def _decoded(path: Path, start: bytes) -> tuple[str, str]:
    if is_wide(start):
        order = byte_order(path, "utf-16")
        return "utf-16", start[: len(start) // 2 * 2].decode(order, errors="ignore").removeprefix("\ufeff")
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig", start.decode("utf-8-sig", errors="ignore")
    try:
        # The whole file is looked at: an umlaut may come late.
        with path.open(encoding="utf-8") as handle:
            while handle.read(_SAMPLE):
                pass
    except UnicodeDecodeError:
        return "cp1252", start.decode("cp1252", errors="replace")
    return "utf-8", start.decode("utf-8", errors="ignore")


def _delimiter(lines: list[str]) -> tuple[str, int]:
    """The delimiter under which most lines have as many fields, and that number."""
    best = (0.0, 0, ",", 1)
    for delimiter in (",", ";", "\t", "|"):
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        if not widths:
            continue
        width, number = max(widths.items(), key=lambda pair: (pair[1] if pair[0] > 1 else 0, pair[0]))
        if width > 1:
            best = max(best, (number / widths.total(), width, delimiter, width))
    return best[2], best[3]


def _header(lines: list[str], delimiter: str, width: int) -> tuple[int, int, list[str]]:
    """How many lines stand above the header, how many it takes, and its names.

    It is sought from the first line of the usual width without an empty field.
    """
    rows = list(csv.reader(lines, delimiter=delimiter))
    if len(rows) != len(lines):
        # Records over several lines: the header is not looked for below the first.
        first = next((row for row in rows if row), [])
        return 0, 1, first
    if not rows:
        return 0, 1, []
    wide = [number for number, row in enumerate(rows) if len(row) == width]
    full = next((number for number in wide if all(field.strip() for field in rows[number])), None)
    found = header_rows(rows, full) if full is not None else HeaderRows(next(iter(wide), 0))
    names = rows[found.first : found.first + found.count]
    skip = found.first if any(rows[: found.first]) else 0
    return skip, found.count, joined_header(names) if found.count > 1 else names[0]


def _workbook(path: Path, suffix: str) -> Layout:
    try:
        cells = {name: READER.sheet(name) for name in READER.names(path)}
    except Refusal as refusal:
        raise DataRefused(str(refusal)) from None
    except Unreadable as error:
        raise DataRefused(unreadable_workbook(path, error)) from None
    sizes = {
        name: sum(any(cell not in (None, "") for cell in row) for row in found.rows) for name, found in cells.items()
    }
    if not any(sizes.values()):
        raise DataRefused("the workbook has no sheet with data.")
    sheet = max(sizes, key=lambda name: sizes[name])
    # Years and real dates are headers too: they are named as the reading of the sheet names them.
    rows = [[cell_text(cell, ".", None) or "" for cell in row] for row in cells[sheet].rows[:_LOOKED_AT]]
    widest = max(sum(bool(cell) for cell in row) for row in rows)
    number = next(n for n, row in enumerate(rows) if sum(bool(cell) for cell in row) >= 0.8 * widest)
    header = header_rows(rows, number, cells[sheet].merged or ())
    options: dict[str, Any] = {"sheet": sheet} if len(cells) > 1 else {}
    if any(any(row) for row in rows[: header.first]):
        options["skip_rows"] = header.first
    if header.count > 1:
        options["header_rows"] = header.count
    others = [name for name, size in sizes.items() if size and name != sheet]
    remarks = [f"The workbook has other sheets with data: {', '.join(others)}."] if others else []
    kind = kind_of(path)
    if kind and kind != suffix.replace(".xlsm", ".xlsx"):
        remarks.append(
            f"By its content it is an {kind} workbook, though its name ends in {suffix}: it is read as that."
        )
    names = rows[header.first] if header.count == 1 else _names(path, options)
    return Layout("excel", options, names, remarks)


def _names(path: Path, options: dict[str, Any]) -> list[str]:
    """The names that the reading of the sheet makes of a header of several rows and their merged cells."""
    known = {"source": "sheet", "domain": "process", "period": "none", "path": "sheet.xlsx", "columns": {"a": {}}}
    return table_of(path, Source.model_validate({**known, **options})).header


def _parquet(path: Path) -> Layout:
    try:
        with duckdb.connect() as connection:
            confine(connection, [path])
            kinds = kinds_of(connection, path)
            bytes_of = {name: holds_no_text(connection, path, name) for name, kind in kinds.items() if kind == "BLOB"}
    except duckdb.Error as error:
        raise DataRefused(f"the file cannot be read as Parquet: {str(error).splitlines()[0]}.") from None
    nested = [name for name, kind in kinds.items() if is_nested(kind)]
    binary = [name for name, is_no_text in bytes_of.items() if is_no_text]
    remarks = [f"Left out, since it holds lists or structures: {', '.join(nested)}."] if nested else []
    remarks += [f"Left out, since it holds bytes that are no text: {', '.join(binary)}."] if binary else []
    scales = {
        name: int(kind.rstrip(")").rpartition(",")[2]) for name, kind in kinds.items() if kind.startswith("DECIMAL")
    }
    return Layout("parquet", {}, [name for name in kinds if name not in (*nested, *binary)], remarks, scales)


def _jsonl(path: Path) -> Layout:
    keys: dict[str, bool] = {}
    with path.open(encoding="utf-8", errors="replace") as handle:
        # A longer line comes in pieces, of which none is an object: the loading of the file tells it.
        while line := handle.readline(LONGEST_LINE + 1):
            try:
                found = json.loads(line) if line.strip() else {}
            except (ValueError, RecursionError):
                continue
            _add_keys(keys, found)
    return _of_keys("jsonl", {}, keys)


def _json(path: Path) -> Layout:
    if path.stat().st_size > MOST_JSON:
        told = f"larger than {MOST_JSON >> 20} MiB, too large to guess a contract"
        raise DataRefused(f"the file is {told}. Take a smaller file of the kind, or ask for JSON Lines.")
    try:
        where, rows = _array("", json.loads(path.read_text(encoding="utf-8-sig")))
    except ValueError as error:
        raise DataRefused(f"the file is not JSON: {error}.") from None
    except RecursionError:
        raise DataRefused("the file is nested too deeply to be read. Ask for an array of flat objects.") from None
    keys: dict[str, bool] = {}
    for row in rows:
        _add_keys(keys, row)
    return _of_keys("json", {"records": where} if where else {}, keys)


def _add_keys(keys: dict[str, bool], row: object) -> None:
    """Add the keys of a row, if it is an object, and whether a value of theirs is a list or an object."""
    if isinstance(row, dict):
        for key, value in row.items():
            keys[key] = keys.get(key, False) or isinstance(value, (dict, list))
        _bound_columns(len(keys))


def _array(where: str, found: object) -> tuple[str, list[object]]:
    """The first array that is not empty, the outermost first, and the keys that lead to it with points between."""
    if not isinstance(found, dict):
        return where, found if isinstance(found, list) else []
    below = [(f"{where}.{key}" if where else key, value) for key, value in found.items() if "." not in key]
    arrays = [(key, value) for key, value in below if isinstance(value, list) and value]
    deeper = (_array(key, value) for key, value in below if isinstance(value, dict))
    return next((each for each in (*arrays, *deeper) if each[1]), (where, []))


def _of_keys(kind: FileFormat, options: dict[str, Any], keys: dict[str, bool]) -> Layout:
    if not keys:
        raise DataRefused("the file holds no array of JSON objects. Ask for rows in an array, or for a line each.")
    nested = [key for key, is_nested in keys.items() if is_nested]
    if len(nested) == len(keys):
        raise DataRefused("the file holds lists or objects in every column. Ask for rows of plain values.")
    remarks = [f"Left out, since it holds lists or objects: {', '.join(nested)}."] if nested else []
    return Layout(kind, options, [key for key in keys if key not in nested], remarks)
