"""Cells of an .xlsx workbook that hold an error such as #DIV/0!: the reader of workbooks shows them as empty.

An error that passed for an empty cell would become a missing value without a word.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

_CELL = re.compile(rb'<c\s([^>]*\bt="e"[^>]*)>(.*?)</c>', re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def error_cells(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """The texts of error cells by row and column (both from 0); empty for other formats than .xlsx."""
    try:
        with ZipFile(path) as archive:
            part = _part_of(archive, sheet)
            content = archive.read(part) if part else b""
    except (BadZipFile, KeyError, OSError, ElementTree.ParseError):
        return {}
    found: dict[tuple[int, int], str] = {}
    for attributes, inner in _CELL.findall(content) if b't="e"' in content else ():
        place, value = _PLACE.search(attributes), _VALUE.search(inner)
        if place:
            found[int(place[2]) - 1, _column(place[1])] = value[1].decode() if value else "#ERROR!"
    return found


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
