"""JSON: one array of objects, or an object that holds it at a declared path. It is read whole, unlike JSON Lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source
from warehouse.headers import headers, match_header, require_few
from warehouse.json_values import Decoder, Wrong, cells, dotted_headers, names_in
from warehouse.raw_rows import RawRows
from warehouse.reading import Broken, Located, Reading
from warehouse.records import LONGEST_LINE
from warehouse.showing import shown_object, shown_text
from warehouse.text_files import as_text

MOST_BYTES = 256 << 20
_SPACE = re.compile(r"[ \t\n\r]*")


def read_json(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path, held: bool) -> Reading:
    """Read a JSON file: see ``reading.read``. The line of a row is the one on which its object begins."""
    file = as_text(path, source.encoding, work, is_one_value=True).path
    if file.stat().st_size > MOST_BYTES:
        raise DataRefused(
            f"the file is larger than {MOST_BYTES >> 20} MiB, too large to be read whole. Ask for JSON Lines."
        )
    document = Document(file.read_text(encoding="utf-8"))
    wanted, broken, spans = headers(source), list[Broken](), list[tuple[int, int, int]]()
    rows = RawRows(connection, wanted.values(), held=held)
    keys, numbers = dict[str, None](), list[int]()
    dotted = dotted_headers(source)
    line, counted = 1, 0
    elements = document.elements(source.records.split(".") if source.records else [])
    for number, (start, end, found, flaws) in enumerate(elements, start=1):
        line, counted = line + document.text.count("\n", counted, start), start
        try:
            if flaws or not isinstance(found, dict):
                raise Wrong(flaws[0] if flaws else "is not a JSON object")
            rows.add(cells(found, wanted, source))
        except Wrong as wrong:
            broken.append(Broken(line, shown_text(source, document.text[start:end]), str(wrong), number))
            continue
        keys.update(dict.fromkeys(names_in(found, dotted)))
        require_few(len(keys))
        spans.append((line, start, end))
        numbers.append(number)
    frame = rows.finish()
    if not spans:
        if not broken:
            raise DataRefused("the array holds no object.")
        first = broken[0]
        raise DataRefused(
            f"no element of the array can be used. First: record {first.record}, line {first.line}, {first.reason}."
        )
    _, extra = match_header(source, list(keys))
    locate = _locator(document.text, source, spans)
    return Reading(tuple(keys), extra, "raw", locate, tuple(broken), frame=frame, records=numbers)


def _locator(text: str, source: Source, spans: list[tuple[int, int, int]]) -> Callable[[Sequence[int]], Located]:
    def locate(rows: Sequence[int]) -> Located:
        return {row: (spans[row][0], shown_object(source, text[spans[row][1] : spans[row][2]])) for row in rows}

    return locate


class Document:
    """A JSON text that is walked through once, to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._decoder = Decoder()
        self._place = 0
        # A part of the text: a value that is not whole in one that begins with it is too long.
        self._part, self._from = "", 0

    def elements(self, path: Sequence[str]) -> Iterator[tuple[int, int, Any, list[str]]]:
        """Start, end, value and flaws of each element of the array at ``path``. Raises ``DataRefused``."""
        try:
            yield from self._walk(path, [])
            if self._next():
                raise ValueError("there is more after its end")
        except RecursionError:
            raise DataRefused(f"line {self._line()}: values are nested too deeply to be read.") from None
        except ValueError as error:
            words = str(error).split(":")[0]
            words = words[:1].lower() + words[1:]
            raise DataRefused(
                f"the file is not JSON from line {self._line()} on: {words}. Ask for it to be delivered again."
            ) from None

    def _walk(self, path: Sequence[str], above: list[str]) -> Iterator[tuple[int, int, Any, list[str]]]:
        opening = self._next()
        if not path:
            if opening != "[":
                what = f"'{'.'.join(above)}' is" if above else "the file holds"
                raise DataRefused(f"{what} no JSON array. Declare with 'records' where the array of rows lies.")
            yield from self._array()
            return
        if opening != "{":
            raise DataRefused(f"there is no '{path[0]}', for {'.'.join(above) or 'the file'} is no JSON object.")
        keys: list[str] = []
        self._place += 1
        while self._next() != "}":
            if keys:
                self._take(",")
                self._next()
            key = self._value()[2]
            if not isinstance(key, str):
                raise ValueError("expecting a key in quotes")
            self._take(":")
            if key in keys:
                raise DataRefused(f"the key '{key}' comes twice. Ask for it to be delivered again.")
            keys.append(key)
            if key == path[0]:
                yield from self._walk(path[1:], [*above, key])
            else:
                self._next()
                self._value()
        self._place += 1
        if path[0] not in keys:
            raise DataRefused(f"the JSON has no '{'.'.join([*above, path[0]])}'. {did_you_mean(path[0], keys)}")

    def _array(self) -> Iterator[tuple[int, int, Any, list[str]]]:
        self._place += 1
        is_first = True
        while self._next() != "]":
            if not is_first:
                self._take(",")
                self._next()
            is_first = False
            yield self._value()
        self._place += 1

    def _value(self) -> tuple[int, int, Any, list[str]]:
        start = self._place
        value, self._place = self._whole(start)
        return start, self._place, value, list(self._decoder.flaws)

    def _whole(self, start: int) -> tuple[Any, int]:
        found = self._in_part(start)
        if found is None:
            self._part, self._from = self.text[start : start + LONGEST_LINE + 1], start
            found = self._in_part(start)
        if found is None:
            raise ValueError(f"a value is not whole, or longer than {LONGEST_LINE:,} characters")
        return found

    def _in_part(self, start: int) -> tuple[Any, int] | None:
        """A value and its end; None where the part of the text may have cut it off."""
        end = self._from + len(self._part)
        if not self._from <= start < end and end < len(self.text):
            return None
        try:
            value, place = self._decoder.value_at(self._part, start - self._from)
        except ValueError:
            if end < len(self.text):
                return None
            raise
        # A number that reaches to the end of the part may go on.
        return None if self._from + place == end < len(self.text) else (value, self._from + place)

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise ValueError(f"expecting '{sign}'")
        self._place += 1

    def _next(self) -> str:
        """The next letter that is no space."""
        found = _SPACE.match(self.text, self._place)
        self._place = found.end() if found else self._place
        return self.text[self._place : self._place + 1]

    def _line(self) -> int:
        return self.text.count("\n", 0, self._place) + 1
