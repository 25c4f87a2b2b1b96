"""What the reader of workbooks does not tell: cells that hold an error such as #DIV/0!, and how far a sheet reaches.

An error that passed for an empty cell would become a missing value without a word, and a stray cell in the last row of
the last column would take all memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from warehouse.workbook_binary import BinaryError, xls_cells, xlsb_cells

MOST_CELLS = 25_000_000
_CELL = re.compile(rb'<c\s([^>]*\bt="e"[^>]*)>(.*?)</c>', re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FILLED = re.compile(rb'<c\s[^>]*?\br="([A-Z]{1,3})\d{1,7}"[^/>]*>')
_LAST_ROW = re.compile(rb'<row\s[^>]*?\br="(\d{1,7})"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ERROR_TEXT = re.compile(r"#(N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|DIV/0!)|Err:\d+")


@dataclass
class Survey:
    """Texts of error cells by row and column (both from 0), and the number of rows and columns with a value."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0

    def add(self, row: int, column: int, error: str | None) -> None:
        """Take note of a cell with a value, and of the error where it is one."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
        if error is not None:
            self.errors[row, column] = error


def survey(path: Path, sheet: str) -> Survey:
    """The errors and the reach of a sheet; nothing found where the file is damaged, which its reader tells better."""
    found = Survey()
    try:
        with path.open("rb") as handle:
            is_archive = handle.read(2) == b"PK"
        if not is_archive:
            for cell in xls_cells(path.read_bytes(), sheet):
                found.add(*cell)
            return found
        with ZipFile(path) as archive:
            names = set(archive.namelist())
            if "content.xml" in names:
                _survey_ods(archive, sheet, found)
            elif "xl/workbook.bin" in names:
                for cell in xlsb_cells(archive, sheet):
                    found.add(*cell)
            elif part := _part_of(archive, sheet):
                _survey_xlsx(archive.read(part), found)
    except (BadZipFile, BinaryError, KeyError, OSError, ElementTree.ParseError):
        return Survey()
    return found


def _survey_xlsx(content: bytes, found: Survey) -> None:
    columns = {match[1] for match in _FILLED.finditer(content)}
    last = content.rfind(b"<row ")
    row = _LAST_ROW.match(content, last) if last >= 0 else None
    if columns and row:
        found.add(int(row[1]) - 1, max(map(_column, columns)), None)
    for attributes, inner in _CELL.findall(content) if b't="e"' in content else ():
        place, value = _PLACE.search(attributes), _VALUE.search(inner)
        if place:
            found.add(int(place[2]) - 1, _column(place[1]), value[1].decode() if value else "#ERROR!")


def _part_of(archive: ZipFile, sheet: str) -> str | None:
    """The file in the archive that holds the sheet."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(_RELATION), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _survey_ods(archive: ZipFile, sheet: str, found: Survey) -> None:
    with archive.open("content.xml") as content:
        is_wanted, row = False, 0
        for event, element in ElementTree.iterparse(content, ("start", "end")):
            if element.tag == f"{_TABLE}table":
                is_wanted, row = event == "start" and element.get(f"{_TABLE}name") == sheet, 0
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                if is_wanted:
                    for first, last, error in _ods_cells(element):
                        found.add(row + times - 1, last, None)
                        if found.rows * found.columns > MOST_CELLS:
                            return
                        for place in product(range(row, row + times), range(first, last + 1)) if error else ():
                            found.add(*place, error)
                row += times
                element.clear()


def _ods_cells(row: ElementTree.Element) -> Iterator[tuple[int, int, str | None]]:
    """Cells with a value: the first and last column that they fill, and the error where they hold one."""
    place = 0
    for cell in row:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        kinds = [value for name, value in cell.attrib.items() if name.endswith("}value-type")]
        if kinds:
            shown = "".join(cell.itertext()).strip()
            is_error = "error" in kinds or (
                cell.get(f"{_TABLE}formula") is not None and _ERROR_TEXT.fullmatch(shown) is not None
            )
            yield place, place + times - 1, (shown or "#ERROR!") if is_error else None
        place += times
