"""JSON Lines: one object per line, read with numbers as they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.headers import headers, match_header, require_few
from warehouse.json_values import Decoder, Wrong, cells, dotted_headers, names_in
from warehouse.jsonl_by_engine import read_plain_jsonl
from warehouse.raw_rows import RawRows
from warehouse.reading import Broken, Located, Reading
from warehouse.records import LONGEST_LINE
from warehouse.showing import shown_object, shown_text
from warehouse.text_files import Text, as_text


def read_jsonl(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path, held: bool) -> Reading:
    """Read a file of JSON Lines: see ``reading.read``. A key may be absent from some objects, not from all."""
    text = as_text(path, source.encoding, work)
    plain = None if held or text.has_nul else read_plain_jsonl(connection, text, source)
    return plain or read_carefully(connection, text, source, held=held)


def read_carefully(connection: duckdb.DuckDBPyConnection, text: Text, source: Source, *, held: bool = False) -> Reading:
    """Read a file object by object, and tell which of its lines are none."""
    wanted, broken, lines = headers(source), list[Broken](), list[int]()
    rows = RawRows(connection, wanted.values(), held=held)
    keys: dict[str, None] = {}
    last: list[str] = []
    decoder, dotted = Decoder(), dotted_headers(source)
    with text.path.open(encoding="utf-8", newline="\n") as handle:
        for line, written in enumerate(handle, start=1):
            if not written.strip():
                continue
            try:
                found = _object(written, decoder)
                rows.add(cells(found, wanted, source))
            except Wrong as wrong:
                broken.append(Broken(line, shown_text(source, written.rstrip("\n")[:LONGEST_LINE]), str(wrong)))
                continue
            names = names_in(found, dotted) if dotted else list(found)
            if names != last:
                keys.update(dict.fromkeys(names))
                require_few(len(keys))
                last = names
            lines.append(line)
    frame = rows.finish()
    if not lines:
        raise DataRefused(
            f"no line of the file is a JSON object that can be used. First: line {broken[0].line} {broken[0].reason}."
            if broken
            else "the file holds no JSON object."
        )
    _, extra = match_header(source, list(keys))
    return Reading(tuple(keys), extra, "raw", _locator(text, source, lines), tuple(broken), frame=frame)


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
