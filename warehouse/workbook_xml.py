"""The XML inside workbooks: parsed without declarations of entities, which no workbook needs and bombs are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from warehouse.cell_flaws import UNSTORED

_PLACE = re.compile(r"([A-Za-z]{0,4})(\d{1,10})")
_PIECE = 1 << 16


def require_no_declarations(content: IO[bytes]) -> None:
    """Raise ``ValueError`` where a document type is declared before the first element, and so for any entity."""
    sheet, parser = _Sheet(), expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = sheet.start, sheet.doctype
    try:
        while not sheet.has_begun and (piece := content.read(_PIECE)):
            parser.Parse(piece)
    except expat.ExpatError as error:
        raise ValueError(f"its XML is not well formed ({error})") from None


def require_well_formed(content: IO[bytes]) -> None:
    """Raise ``ValueError`` for what is no whole XML document, or declares a document type."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _Sheet().doctype
    try:
        while piece := content.read(_PIECE):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(f"its XML is not well formed ({error})") from None


def parsed(content: bytes) -> ElementTree.Element:
    """The tree of a document. Raises ``ParseError``, and ``ValueError`` as ``require_no_declarations`` does."""
    require_no_declarations(BytesIO(content))
    return ElementTree.fromstring(content)


def xlsx_cells(content: bytes) -> Iterator[tuple[int, int, str | None]]:
    """Row, column and error of every cell of an .xlsx sheet that is not empty, however its XML is written.

    The error of a formula without a stored value is ``UNSTORED``. Raises ``ValueError`` for what is no such XML.
    """
    sheet = _Sheet()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = sheet.start, sheet.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = sheet.text, sheet.doctype
    try:
        for start in range(0, len(content), _PIECE):
            parser.Parse(content[start : start + _PIECE])
            yield from sheet.taken()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(f"its XML is not well formed ({error})") from None


class _Sheet:
    """Cells as they come while a sheet is parsed."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int, str | None]] = []
        self.has_begun = False
        self._row = self._column = -1
        self._kind: str | None = None
        self._has_value = self._has_formula = False
        self._text: list[str] | None = None

    def taken(self) -> list[tuple[int, int, str | None]]:
        found, self._found = self._found, []
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.has_begun = True
        kind = name.rpartition(":")[2]
        if kind == "row":
            place = _PLACE.fullmatch(attributes.get("r", "").strip())
            self._row = int(place[2]) - 1 if place else self._row + 1
            self._column = -1
        elif kind == "c":
            place = _PLACE.fullmatch(attributes.get("r", "").strip())
            self._column += 1
            if place:
                self._row, self._column = int(place[2]) - 1, _number(place[1])
            self._kind, self._has_value, self._has_formula = attributes.get("t"), False, False
        elif kind == "f":
            self._has_formula = True
        elif kind in ("v", "is"):
            self._has_value, self._text = True, []

    def text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        if kind == "c" and (self._has_value or self._has_formula):
            text = "".join(self._text or ()).strip()
            # An empty text is a value.
            is_stored = bool(text) or (self._has_value and (self._kind == "str" or not self._has_formula))
            error = (text or "#ERROR!") if self._kind == "e" else None if is_stored else UNSTORED
            self._found.append((self._row, self._column, error))
            self._text = None

    def doctype(self, name: str, *_: object) -> None:
        raise ValueError(f"its XML declares a document type ({name})")


def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
