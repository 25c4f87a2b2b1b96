"""Small .xls, .xlsb and .ods workbooks, written byte by byte: no library that is kept up writes them."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from zipfile import ZipFile

ERRORS = {"#DIV/0!": 0x07, "#N/A": 0x2A}
Rows = Sequence[Sequence[str | float | None]]


def xls(rows: Rows, sheet: str = "Data", *, counts_from_1904: bool = False) -> bytes:
    """A BIFF8 workbook of one sheet in a compound file; texts of ``ERRORS`` become error cells."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    begin, end = struct.pack("<HHHHII", 0x600, 0x05, 0, 1997, 0, 0), record(0x0A, b"")
    name = struct.pack("<BB", len(sheet), 0) + sheet.encode("latin-1")
    system = record(0x22, struct.pack("<H", counts_from_1904))
    place = len(record(0x809, begin)) + len(system) + len(record(0x85, bytes(6) + name)) + len(end)
    book = record(0x809, begin) + system + record(0x85, struct.pack("<IBB", place, 0, 0) + name) + end
    cells = b""
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            at = struct.pack("<HHH", i, j, 0)
            if isinstance(value, str) and value in ERRORS:
                cells += record(0x205, at + bytes([ERRORS[value], 1]))
            elif isinstance(value, str):
                cells += record(0x204, at + struct.pack("<HB", len(value), 0) + value.encode("latin-1"))
            elif value is not None:
                cells += record(0x203, at + struct.pack("<d", value))
    stream = book + record(0x809, begin[:2] + b"\x10\x00" + begin[4:]) + cells + end
    stream += bytes(max(0, 4096 - len(stream)))
    sectors = -(-len(stream) // 512)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    head += struct.pack("<108I", *[0xFFFFFFFF] * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        written = (name + "\0").encode("utf-16-le")
        links = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return (
            written.ljust(64, b"\0")
            + struct.pack("<H", len(written))
            + links
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream)) + bytes(256)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return head + fat + folder + stream.ljust(sectors * 512, b"\0")


def xlsb(rows: Rows, sheet: str = "Data", *, counts_from_1904: bool = False) -> bytes:
    """A binary workbook of one sheet."""

    def record(kind: int, body: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
        return head + size + body

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    content = record(129) + record(148, struct.pack("<4I", 0, len(rows) - 1, 0, 9)) + record(145)
    for i, row in enumerate(rows):
        content += record(0, struct.pack("<I", i) + bytes(13))
        for j, value in enumerate(row):
            at = struct.pack("<II", j, 0)
            if isinstance(value, str):
                content += record(3, at + bytes([ERRORS[value]])) if value in ERRORS else record(6, at + wide(value))
            elif value is not None:
                content += record(5, at + struct.pack("<d", value))
    content += record(146) + record(130)
    bundle = record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide(sheet))
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(
            "xl/workbook.bin",
            record(131)
            + record(153, struct.pack("<III", counts_from_1904, 0, 0))
            + record(143)
            + bundle
            + record(144)
            + record(132),
        )
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships><Relationship Id="rId1" Type="{base}" Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.bin", content)
    return out.getvalue()


def ods(rows: Rows, sheet: str = "Data", more: str = "", *, counts_from_1904: bool = False) -> bytes:
    """An OpenDocument spreadsheet of one sheet; ``more`` is XML of further rows."""

    def cell(value: str | float | None) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, str):
            kind = 'table:formula="of:=1/0" calcext:value-type="error" ' if value in ERRORS else ""
            text = 'office:string-value=""' if kind else ""
            return (
                f'<table:table-cell {kind}office:value-type="string" {text}><text:p>{value}</text:p></table:table-cell>'
            )
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>x</text:p></table:table-cell>'
        )

    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    zero = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    zero = zero if counts_from_1904 else ""
    table = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<office:document-content {spaces} xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:'
            f'xmlns:calcext:1.0"><office:body><office:spreadsheet>{zero}<table:table table:name="{sheet}">{table}{more}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()
