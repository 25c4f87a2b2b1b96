"""Cells with a value in the binary workbooks .xls and .xlsb, and which of them hold errors.

Formats: [MS-CFB] Compound File Binary, [MS-XLS] and [MS-XLSB], as published by Microsoft.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from zipfile import ZipFile

from warehouse.workbook_xml import parsed

Cell = tuple[int, int, str | None]
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How compound files begin, old workbooks among them."""
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF


class BinaryError(Exception):
    """The bytes are not such a workbook."""


def xls_stream(content: bytes) -> bytes:
    """The records of an .xls workbook."""
    try:
        return _workbook_stream(content)
    except (struct.error, IndexError, ValueError) as error:
        raise BinaryError(str(error)) from None


def xls_counts_from_1904(stream: bytes) -> bool:
    """Whether the workbook of these records counts days from the beginning of 1904."""
    for kind, body in _records(stream, 0):
        if kind == 0x22:
            return body[:1] == b"\x01"
        if kind == 0x0A:
            break
    return False


def xls_cells(stream: bytes, sheet: str) -> Iterator[Cell]:
    """Row, column and error of every cell with a value in a sheet, from the records of an .xls workbook."""
    try:
        yield from _biff_cells(stream, _sheet_start(stream, sheet))
    except (struct.error, IndexError, ValueError) as error:
        raise BinaryError(str(error)) from None


def _workbook_stream(content: bytes) -> bytes:
    if not content.startswith(COMPOUND):
        raise BinaryError("no compound file")
    size = 1 << struct.unpack_from("<H", content, 30)[0]

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    tables = [number for number in struct.unpack_from("<109I", content, 76) if number != _FREE]
    more = struct.unpack_from("<I", content, 68)[0]
    while more < _END and len(tables) * size < len(content):
        *numbers, more = struct.unpack(f"<{size // 4}I", sector(more))
        tables += [number for number in numbers if number != _FREE]
    chain = [number for table in tables for number in struct.unpack(f"<{size // 4}I", sector(table))]

    def stream(number: int) -> bytes:
        found: list[bytes] = []
        while number < _END and len(found) <= len(chain):
            found.append(sector(number))
            number = chain[number]
        return b"".join(found)

    folder = stream(struct.unpack_from("<I", content, 48)[0])
    for place in range(0, len(folder), 128):
        entry = folder[place : place + 128]
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace")
        if name in ("Workbook", "Book"):
            start, length = struct.unpack_from("<II", entry, 116)
            return stream(start)[:length]
    raise BinaryError("no workbook in the compound file")


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size


def _sheet_start(stream: bytes, sheet: str) -> int:
    for kind, body in _records(stream, 0):
        if kind == 0x85:
            is_wide = body[7] & 1
            name = body[8 : 8 + body[6] * (1 + is_wide)].decode("utf-16-le" if is_wide else "latin-1")
            if name == sheet:
                return int(struct.unpack_from("<I", body)[0])
        elif kind == 0x0A:
            break
    raise BinaryError(f"no sheet {sheet}")


def _biff_cells(stream: bytes, start: int) -> Iterator[Cell]:
    depth = 0
    for kind, body in _records(stream, start):
        # A chart inside the sheet has a beginning and an end of its own.
        depth += {0x809: 1, 0x0A: -1}.get(kind, 0)
        if depth == 0:
            return
        if depth > 1 or kind not in (0x06, 0x203, 0x204, 0x205, 0x27E, 0xFD, 0xBD):
            continue
        row, column = struct.unpack_from("<HH", body)
        error = None
        if kind == 0x205 and body[7]:
            error = _error(body[6])
        elif kind == 0x06 and body[12:14] == b"\xff\xff" and body[6] == 2:
            error = _error(body[8])
        elif kind == 0xBD:
            column = struct.unpack_from("<H", body, len(body) - 2)[0]
        yield row, column, error


def xlsb_cells(archive: ZipFile, sheet: str) -> Iterator[Cell]:
    """Row, column and error of every cell with a value in a sheet of an .xlsb workbook."""
    try:
        row = 0
        for kind, body in _wide_records(archive.read(_part(archive, sheet))):
            if kind == 0:
                row = struct.unpack_from("<I", body)[0]
            elif 2 <= kind <= 11:
                yield row, struct.unpack_from("<I", body)[0], _error(body[8]) if kind in (3, 11) else None
    except (struct.error, IndexError, ValueError) as error:
        raise BinaryError(str(error)) from None


def xlsb_counts_from_1904(archive: ZipFile) -> bool:
    """Whether an .xlsb workbook counts days from the beginning of 1904."""
    try:
        records = _wide_records(archive.read("xl/workbook.bin"))
        return any(kind == 153 and body[0] & 1 for kind, body in records)
    except IndexError as error:
        raise BinaryError(str(error)) from None


def _part(archive: ZipFile, sheet: str) -> str:
    relations = parsed(archive.read("xl/_rels/workbook.bin.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for kind, body in _wide_records(archive.read("xl/workbook.bin")):
        if kind == 156:
            size = struct.unpack_from("<I", body, 8)[0]
            relation = body[12 : 12 + 2 * size].decode("utf-16-le")
            if body[16 + 2 * size :].decode("utf-16-le") == sheet:
                target = targets.get(relation, "")
                return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise BinaryError(f"no sheet {sheet}")


def _wide_records(content: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0

    def number(most: int) -> int:
        nonlocal place
        found = 0
        for turn in range(most):
            byte = content[place]
            place += 1
            found |= (byte & 0x7F) << (7 * turn)
            if not byte & 0x80:
                break
        return found

    while place < len(content):
        kind, size = number(2), number(4)
        yield kind, content[place : place + size]
        place += size


def _error(code: int) -> str:
    return _ERRORS.get(code, "#ERROR!")
