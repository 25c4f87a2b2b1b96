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
from warehouse.workbook_parts import Refused
from warehouse.workbook_xml import parsed, require_no_declarations, xlsx_cells

MOST_CELLS = 25_000_000
_MOST_ERRORS = 1_000_000
_CELL = re.compile(rb'<c\s([^>]*\bt="e"[^>]*)>(.*?)</c>', re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
# A cell as programs write it; where any is written in another way, the XML is parsed.
_PLAIN = re.compile(rb'<c (?:[a-qs-z]+="[^"]*" )*r="([A-Z]{1,3})(\d{1,7})"[^>]*>')
_ANY = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
_VALUE = re.compile(rb"<v>([^<]*)</v>")
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
            if len(self.errors) > _MOST_ERRORS:
                raise Refused(f"the sheet holds more than {_MOST_ERRORS:,} errors such as {error}. Mend its formulas.")


def survey(path: Path, sheet: str) -> Survey:
    """The errors and the reach of a sheet. Raises ``Refused`` where they cannot be told: nothing is read unseen."""
    found = Survey()
    try:
        with path.open("rb") as handle:
            is_archive = handle.read(2) == b"PK"
        if not is_archive:
            for cell in xls_cells(path.read_bytes(), sheet):
                found.add(*cell)
            return found
        with ZipFile(path) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            if "content.xml" in names:
                _survey_ods(archive, sheet, found)
            elif "xl/workbook.bin" in names:
                for cell in xlsb_cells(archive, sheet):
                    found.add(*cell)
            else:
                _survey_xlsx(archive.read(names[_part_of(archive, sheet).lower()]), found)
    except (BadZipFile, BinaryError, KeyError, OSError, ValueError, ElementTree.ParseError) as error:
        words = str(error).strip("'").rstrip(".") or type(error).__name__
        raise Refused(f"the file cannot be read as a workbook: {words}.") from None
    return found


def require_readable(found: Survey, sheet: str) -> None:
    """Raise ``Refused`` for a sheet that reaches too far to be held."""
    if found.rows * found.columns > MOST_CELLS:
        raise Refused(
            f"the sheet '{sheet}' reaches to row {found.rows:,} and column {found.columns:,}, too far to be read. "
            "Delete what stands far below or beside the table, and deliver it again."
        )


def _survey_xlsx(content: bytes, found: Survey) -> None:
    plain, last, columns = 0, 0, set[bytes]()
    for match in _PLAIN.finditer(content):
        plain += 1
        if not match[0].endswith(b"/>"):
            columns.add(match[1])
            last = max(last, int(match[2]))
    if plain != sum(1 for _ in _ANY.finditer(content)) or b"<!DOCTYPE" in content:
        for cell in xlsx_cells(content):
            found.add(*cell)
        return
    if columns:
        found.add(last - 1, max(map(_column, columns)), None)
    for attributes, inner in _CELL.findall(content) if b't="e"' in content else ():
        place, value = _PLACE.search(attributes), _VALUE.search(inner)
        if place:
            found.add(int(place[2]) - 1, _column(place[1]), value[1].decode() if value else "#ERROR!")


def _part_of(archive: ZipFile, sheet: str) -> str:
    """The file in the archive that holds the sheet. Raises ``KeyError`` where there is none."""
    relations = parsed(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in parsed(archive.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            relation = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
            target = targets.get(relation, "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(f"it does not say where the sheet '{sheet}' lies")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _survey_ods(archive: ZipFile, sheet: str, found: Survey) -> None:
    with archive.open("content.xml") as content:
        require_no_declarations(content)
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
