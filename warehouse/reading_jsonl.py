"""JSON Lines: one object per line, read with numbers as they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.frames import Stream
from warehouse.headers import headers, match_header
from warehouse.json_values import Decoder, Wrong, cells, dotted_headers, names_in
from warehouse.jsonl_by_engine import read_plain_jsonl
from warehouse.reading import Broken, Located, Reading, quoted
from warehouse.records import LONGEST_LINE
from warehouse.showing import shown_object, shown_text
from warehouse.text_files import Text, as_text

_BATCH = 50_000


class Rows:
    """Rows of texts on their way into the temporary table ``raw``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        self.wanted = headers(source)
        self._connection = connection
        self._batch: list[list[str | None]] = []
        columns = ", ".join(f"{quoted(column)} VARCHAR" for column in self.wanted.values())
        connection.execute(f"CREATE OR REPLACE TEMP TABLE raw ({columns})")

    def add(self, row: list[str | None]) -> None:
        """Add a row of texts in the order of ``wanted``."""
        self._batch.append(row)
        if len(self._batch) == _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        frame = pl.DataFrame(self._batch, schema=dict.fromkeys(self.wanted.values(), pl.String), orient="row")
        self._connection.register("_incoming", Stream(frame))
        self._connection.execute("INSERT INTO raw SELECT * FROM _incoming")
        self._connection.unregister("_incoming")
        self._batch.clear()


def read_jsonl(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path) -> Reading:
    """Read a file of JSON Lines: see ``reading.read``. A key may be absent from some objects, not from all."""
    text = as_text(path, source.encoding, work)
    plain = None if text.has_nul else read_plain_jsonl(connection, text, source)
    return plain or read_carefully(connection, text, source)


def read_carefully(connection: duckdb.DuckDBPyConnection, text: Text, source: Source) -> Reading:
    """Read a file object by object, and tell which of its lines are none."""
    rows, broken, lines = Rows(connection, source), list[Broken](), list[int]()
    keys: dict[str, None] = {}
    decoder, dotted = Decoder(), dotted_headers(source)
    with text.path.open(encoding="utf-8", newline="\n") as handle:
        for line, written in enumerate(handle, start=1):
            if not written.strip():
                continue
            try:
                found = _object(written, decoder)
                rows.add(cells(found, rows.wanted, source))
            except Wrong as wrong:
                broken.append(Broken(line, shown_text(source, written.rstrip("\n")[:LONGEST_LINE]), str(wrong)))
                continue
            keys.update(dict.fromkeys(names_in(found, dotted)))
            lines.append(line)
    rows.flush()
    if not lines:
        raise DataRefused(
            f"no line of the file is a JSON object that can be used. First: line {broken[0].line} {broken[0].reason}."
            if broken
            else "the file holds no JSON object."
        )
    _, extra = match_header(source, list(keys))
    return Reading(tuple(keys), extra, "raw", _locator(text, source, lines), tuple(broken))


def _object(written: str, decoder: Decoder) -> dict[str, Any]:
    if len(written) > LONGEST_LINE:
        raise Wrong(f"is too long to be a row ({len(written):,} characters)")
    written = written.strip()
    try:
        found, end = decoder.value_at(written, 0)
    except (ValueError, RecursionError):
        raise Wrong("is not a JSON object") from None
    if not isinstance(found, dict) or end != len(written):
        raise Wrong("is not a JSON object")
    if decoder.flaws:
        raise Wrong(decoder.flaws[0])
    return found


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
