"""Reading a delivered file of any format as rows of texts, before anything is typed or judged.

Every format ends as a ``Reading``: a relation with one VARCHAR column per declared column, in the order of the file, so
that one set of rules checks them all; the rows whose very form is broken; and the way back from a row to its line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source

HIDDEN = "***"


@dataclass(frozen=True)
class Broken:
    """A row that could not be taken apart: its line, its text and what is wrong with it."""

    line: int
    text: str
    reason: str


Located = Mapping[int, tuple[int, str]]


@dataclass(frozen=True)
class Reading:
    """What came of a file: its header, columns beyond the contract's, its rows, and rows that are broken as such.

    ``relation`` is SQL that stands after FROM. ``locate`` gives line and raw text of rows, by their number (from 0) in
    the relation; for workbooks and Parquet the line is the row of the sheet or table. ``settle``, where it is set, is
    called after the relation was read, with the number of its rows (None: it could not be read), and gives the reading
    that can be trusted: this one, or one with another relation.
    """

    header: tuple[str, ...]
    extra: tuple[str, ...]
    relation: str
    locate: Callable[[Sequence[int]], Located]
    broken: tuple[Broken, ...] = ()
    settle: Callable[[int | None], Reading] | None = None


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """A path as a SQL literal that DuckDB does not take for a pattern of paths."""
    return literal("".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path)))


def headers(source: Source) -> dict[str, str]:
    """The contract's columns by the names they have in the file."""
    return {column.header or name: name for name, column in source.columns.items()}


def match_header(source: Source, found: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which header stands for which column, and the headers that the contract does not know.

    Raises ``DataRefused`` for a column that is missing or named twice, suggesting what may have become of it.
    """
    wanted = headers(source)
    doubled = sorted({name for name in found if found.count(name) > 1 and name in wanted})
    if doubled:
        raise DataRefused(f"the header names '{doubled[0]}' twice. Remove one of the columns.")
    missing = [header for header in wanted if header not in found]
    if missing:
        extra = [name for name in found if name and name not in wanted]
        what = (
            f"the column '{missing[0]}' is missing"
            if len(missing) == 1
            else f"the columns {', '.join(map(repr, missing))} are missing"
        )
        raise DataRefused(f"{what} from the header. {_what_became(missing, found, extra)}".strip())
    return {header: wanted[header] for header in found if header in wanted}, tuple(
        n for n in found if n and n not in wanted
    )


def _what_became(missing: Sequence[str], found: Sequence[str], extra: Sequence[str]) -> str:
    if len(found) == 1:
        for delimiter, name in ((";", "';'"), (",", "','"), ("\t", "a tab"), ("|", "'|'")):
            if set(missing) <= {field.strip().strip('"') for field in found[0].split(delimiter)}:
                return f"The columns seem to be separated by {name}: correct 'delimiter' in the contract."
    hint = did_you_mean(missing[0], extra) if extra else ""
    return f"{hint} Where the file names a column otherwise, declare that name as its header:.".strip()


def hides(source: Source) -> bool:
    """Whether the source has personal columns, so that raw texts must be masked."""
    return any(column.personal for column in source.columns.values())


def shown_fields(source: Source, header: Sequence[str], fields: Sequence[str]) -> list[str]:
    """The fields of a row as quarantine shows them: of personal and undeclared columns none."""
    known = headers(source)
    return [
        field if name in known and not source.columns[known[name]].personal else HIDDEN
        for name, field in zip(header, fields, strict=False)
    ]


def shown_text(source: Source, text: str) -> str:
    """A broken row as quarantine shows it: where columns are personal every letter is an x and every digit a 9.

    What is broken is its form, and that stays visible.
    """
    if not hides(source):
        return text
    return "".join("x" if letter.isalpha() else "9" if letter.isdigit() else letter for letter in text)


def shown_object(source: Source, text: str) -> str:
    """A line of JSON as quarantine shows it."""
    if not hides(source):
        return text
    known = headers(source)
    is_shown = {key: not source.columns[name].personal for key, name in known.items()}
    found = {key: value if is_shown.get(key) else HIDDEN for key, value in json.loads(text).items()}
    return json.dumps(found, ensure_ascii=False)


def first_sentence(error: Exception) -> str:
    """The first line of a library's error, as the end of a sentence of ours."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text.removeprefix("Invalid Input Error: ").rstrip(".") + "."


def read(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    """Read a file. ``work`` is a folder for temporary files, needed as long as the reading is.

    Raises ``DataRefused`` when the file cannot be read at all: empty, of another format, or without a declared column.
    """
    from warehouse.reading_csv import read_csv
    from warehouse.reading_jsonl import read_jsonl
    from warehouse.reading_tables import read_excel, read_parquet

    if path.stat().st_size == 0:
        raise DataRefused("the file is empty (0 bytes). Ask for it to be delivered again.")
    reader = {"csv": read_csv, "excel": read_excel, "parquet": read_parquet, "jsonl": read_jsonl}[source.file_format]
    try:
        return reader(connection, path, source, work)
    except duckdb.Error as error:
        raise DataRefused(unreadable(source, path, error)) from None


def unreadable(source: Source, path: Path, error: Exception) -> str:
    """That a file cannot be read, in the engine's words without our path of it."""
    words = first_sentence(error).replace(f" '{path}'", "").replace(f' "{path}"', "")
    return f"the file cannot be read as {source.file_format}: {words} Ask for it to be delivered again."
