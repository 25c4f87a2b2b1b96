"""JSON Lines: one object per line, read with numbers as they are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.frames import Stream
from warehouse.headers import headers, match_header
from warehouse.reading import Broken, Located, Reading, quoted
from warehouse.records import LONGEST_LINE
from warehouse.showing import shown_object, shown_text
from warehouse.text_files import Text, as_text

_BATCH = 50_000


class _Number(str):
    """A number as the file writes it, told from a text."""


class _Wrong(ValueError):
    """What is wrong with a line."""


def read_jsonl(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    """Read a file of JSON Lines: see ``reading.read``. A key may be absent from some objects, not from all."""
    text = as_text(path, source.encoding, work)
    wanted = headers(source)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE raw ({', '.join(f'{quoted(column)} VARCHAR' for column in wanted.values())})"
    )
    broken: list[Broken] = []
    lines: list[int] = []
    keys: dict[str, None] = {}
    batch: list[list[str | None]] = []
    with text.path.open(encoding="utf-8", newline="\n") as handle:
        for line, written in enumerate(handle, start=1):
            if not written.strip():
                continue
            try:
                found = _object(written)
                batch.append([_text(found.get(header), header, source) for header in wanted])
            except _Wrong as wrong:
                broken.append(Broken(line, shown_text(source, written.rstrip("\n")[:LONGEST_LINE]), str(wrong)))
                continue
            keys.update(dict.fromkeys(found))
            lines.append(line)
            if len(batch) == _BATCH:
                _insert(connection, wanted, batch)
    _insert(connection, wanted, batch)
    if not lines:
        raise DataRefused(
            f"no line of the file is a JSON object that can be used. First: line {broken[0].line} {broken[0].reason}."
            if broken
            else "the file holds no JSON object."
        )
    _, extra = match_header(source, list(keys))
    return Reading(tuple(keys), extra, "raw", _locator(text, source, lines), tuple(broken))


def _object(written: str) -> dict[str, Any]:
    if len(written) > LONGEST_LINE:
        raise _Wrong(f"is too long to be a row ({len(written):,} characters)")
    try:
        found = json.loads(
            written, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except _Wrong:
        raise
    except (ValueError, RecursionError):
        raise _Wrong("is not a JSON object") from None
    if not isinstance(found, dict):
        raise _Wrong("is not a JSON object")
    return found


def _no_constant(name: str) -> Any:
    raise _Wrong(f"holds {name}, which is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Wrong(f"names the key '{next(key for key in keys if keys.count(key) > 1)}' twice")
    return found


def _text(value: Any, header: str, source: Source) -> str | None:
    if value is None:
        return None
    if isinstance(value, _Number):
        return value.replace(".", source.decimal)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise _Wrong(f"has half a character in '{header}'")
        return value
    raise _Wrong(f"has a nested value in '{header}', where one value is wanted")


def _insert(connection: duckdb.DuckDBPyConnection, wanted: dict[str, str], batch: list[list[str | None]]) -> None:
    frame = pl.DataFrame(batch, schema=dict.fromkeys(wanted.values(), pl.String), orient="row")
    connection.register("_incoming", Stream(frame))
    connection.execute("INSERT INTO raw SELECT * FROM _incoming")
    connection.unregister("_incoming")
    batch.clear()


def _locator(text: Text, source: Source, lines: list[int]) -> Callable[[Sequence[int]], Located]:
    def locate(rows: Sequence[int]) -> Located:
        wanted = {lines[row]: row for row in rows}
        found: dict[int, tuple[int, str]] = {}
        with text.path.open(encoding="utf-8", newline="\n") as handle:
            for line, written in enumerate(handle, start=1):
                if line in wanted:
                    found[wanted[line]] = (line, shown_object(source, written.rstrip("\n")))
        return found

    return locate
