"""What the reader of workbooks does not tell of a sheet: errors, formulas without a value, hidden rows, its reach.

What passed for an empty cell would become a missing value without a word, and a stray cell in the last row of the last
column would take all memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from warehouse.cell_flaws import UNSTORED, marked
from warehouse.workbook_binary import (
    COMPOUND,
    BinaryError,
    xls_cells,
    xls_counts_from_1904,
    xls_stream,
    xlsb_cells,
    xlsb_counts_from_1904,
)
from warehouse.workbook_parts import Refused
from warehouse.workbook_xml import parsed, require_no_declarations, xlsx_cells

MOST_CELLS = 25_000_000
_MOST_FLAWS = 1_000_000
_MOST_ROWS = 1 << 20
_CELL = re.compile(rb'<c\s([^>]*\bt="e"[^>]*)>(.*?)</c>', re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
# A cell as programs write it; where any is written in another way, the XML is parsed.
_PLAIN = re.compile(rb'<c (?:[a-qs-z]+="[^"]*" )*r="([A-Z]{1,3})(\d{1,7})"[^>]*>')
_ANY = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_FORMULA = re.compile(rb"<c\s([^>]*)>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(<v\s*/>|<v>\s*</v>)?\s*</c>")
_ZERO = re.compile(rb"(?:</f>|<f\s[^>]*/>)<v>0</v>")
_HIDDEN = re.compile(rb'<(?:[\w.-]+:)?row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d{1,7})"')
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_NUMBER_KINDS = frozenset({"float", "percentage", "currency"})
_ERROR_TEXT = re.compile(r"#(N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|DIV/0!)|Err:\d+")


@dataclass
class Survey:
    """Flawed cells as marked texts by row and column (both from 0), and the number of rows and columns with a value.

    ``hidden`` are the rows (from 0) that the sheet does not show, as far as the format's reader tells them;
    ``counts_from_1904`` says that its days are counted from the beginning of 1904. ``doubtful`` are formulas that hold
    0 in a workbook that is to be computed when it is opened, as programs write them that compute nothing.
    """

    flaws: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    hidden: set[int] = field(default_factory=set)
    counts_from_1904: bool = False
    doubtful: int = 0

    def add(self, row: int, column: int, flaw: str | None) -> None:
        """Take note of a cell that is not empty, and of its error, or ``UNSTORED``, where it holds no value."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
        if flaw is None:
            return
        self.flaws[row, column] = marked(flaw)
        if len(self.flaws) > _MOST_FLAWS:
            what = "formulas without a stored value" if flaw == UNSTORED else f"errors such as {flaw}"
            raise Refused(f"the sheet holds more than {_MOST_FLAWS:,} {what}. Mend its formulas.")


def kind_of(path: Path) -> str | None:
    """What a workbook is by its content, as the suffix that it should have; None where it is none."""
    with path.open("rb") as handle:
        start = handle.read(len(COMPOUND))
    if start == COMPOUND:
        return ".xls"
    try:
        with ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (BadZipFile, OSError):
        return None
    parts = {"content.xml": ".ods", "xl/workbook.bin": ".xlsb", "xl/workbook.xml": ".xlsx"}
    return next((suffix for part, suffix in parts.items() if part in names), None)


def survey(path: Path, sheet: str) -> Survey:
    """What a sheet holds beside its values. Raises ``Refused`` where they cannot be told: nothing is read unseen."""
    found = Survey()
    try:
        with path.open("rb") as handle:
            is_archive = handle.read(2) == b"PK"
        if not is_archive:
            stream = xls_stream(path.read_bytes())
            found.counts_from_1904 = xls_counts_from_1904(stream)
            for cell in xls_cells(stream, sheet):
                found.add(*cell)
            return found
        with ZipFile(path) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            if "content.xml" in names:
                _survey_ods(archive, sheet, found)
            elif "xl/workbook.bin" in names:
                found.counts_from_1904 = xlsb_counts_from_1904(archive)
                for cell in xlsb_cells(archive, sheet):
                    found.add(*cell)
            else:
                book = parsed(archive.read("xl/workbook.xml"))
                found.counts_from_1904 = _says(book, "workbookPr", "date1904")
                content = archive.read(names[_part_of(archive, book, sheet).lower()])
                _survey_xlsx(content, found)
                if _says(book, "calcPr", "fullCalcOnLoad"):
                    found.doubtful = sum(1 for _ in _ZERO.finditer(content))
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


def _says(book: ElementTree.Element, part: str, name: str) -> bool:
    return any(each.get(name) in ("1", "true") for each in book if each.tag.endswith(f"}}{part}"))


def _survey_xlsx(content: bytes, found: Survey) -> None:
    if b"hidden=" in content:
        found.hidden.update(int(match[1]) - 1 for match in _HIDDEN.finditer(content))
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
    for match in _FORMULA.finditer(content) if b"<f" in content else ():
        place = _PLACE.search(match[1])
        # An empty text is a value.
        if place and b't="e"' not in match[1] and not (match[2] and b't="str"' in match[1]):
            found.add(int(place[2]) - 1, _column(place[1]), UNSTORED)


def _part_of(archive: ZipFile, book: ElementTree.Element, sheet: str) -> str:
    """The file in the archive that holds the sheet. Raises ``KeyError`` where there is none."""
    relations = parsed(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in book.iter():
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
            if element.tag == f"{_TABLE}null-date":
                found.counts_from_1904 = element.get(f"{_TABLE}date-value") == "1904-01-01"
            elif element.tag == f"{_TABLE}table":
                is_wanted, row = event == "start" and element.get(f"{_TABLE}name") == sheet, 0
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                if is_wanted:
                    for first, last, flaw in _ods_cells(element):
                        found.add(row + times - 1, last, None)
                        if found.rows * found.columns > MOST_CELLS:
                            return
                        for place in product(range(row, row + times), range(first, last + 1)) if flaw else ():
                            found.add(*place, flaw)
                    if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                        found.hidden.update(range(row, min(row + times, _MOST_ROWS)))
                row += times
                element.clear()


def _ods_cells(row: ElementTree.Element) -> Iterator[tuple[int, int, str | None]]:
    """Cells that are not empty: the first and last column that they fill, and what is wrong with them, if anything."""
    place = 0
    for cell in row:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        kinds = [value for name, value in cell.attrib.items() if name.endswith("}value-type")]
        is_formula = cell.get(f"{_TABLE}formula") is not None
        if kinds or is_formula:
            shown = "".join(cell.itertext()).strip()
            is_error = "error" in kinds or (is_formula and _ERROR_TEXT.fullmatch(shown) is not None)
            is_stored = bool(kinds) and (not _NUMBER_KINDS.intersection(kinds) or _has_number(cell))
            flaw = (shown or "#ERROR!") if is_error else UNSTORED if is_formula and not is_stored else None
            yield place, place + times - 1, flaw
        place += times


def _has_number(cell: ElementTree.Element) -> bool:
    return any(name.endswith("}value") for name in cell.attrib)
