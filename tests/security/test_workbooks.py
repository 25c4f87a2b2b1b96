"""Workbooks that would take all memory, hide from what looks at them first, or end the process that reads them."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.security.bounded import staged
from tests.warehouse.old_workbooks import ods, xls
from tests.warehouse.test_other_formats import HEADER, usual, workbook
from warehouse import workbook_process
from warehouse.workbook_process import Reader, Unreadable

SHEET = "xl/worksheets/sheet1.xml"
FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
TOO_FAR = "reaches to row 1,048,576 and column 16,384, too far to be read. Delete what stands far below"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def changed(change: Callable[[bytes], bytes], part: str = SHEET) -> bytes:
    """The usual workbook with one part rewritten."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(workbook(usual))) as given, ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name in given.namelist():
            content = given.read(name)
            made.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def with_row(row: bytes) -> bytes:
    return changed(lambda sheet: sheet.replace(b"</sheetData>", row + b"</sheetData>"))


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]>"


def declared(content: bytes) -> bytes:
    return BOMB + content.partition(b"?>")[2].replace(b"</sheetData>", b"<row><c><v>&l9;</v></c></row></sheetData>")


FAR_CELLS = {
    "as programs write it": FAR,
    "in single quotes": FAR.replace(b'"', b"'"),
    "with spaces": FAR.replace(b"r=", b"r = "),
    "in lower case": FAR.replace(b"XFD", b"xfd"),
    "under a prefix": b'<x:row xmlns:x="' + MAIN + b'" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    "in a row without a number": FAR.replace(b' r="1048576"', b"", 1),
    "behind a formula": FAR.replace(b"<v>", b"<f>1/1</f><v>"),
    "followed by a row above": FAR + b'<row r="2"><c r="A2"><v>1</v></c></row>',
}


@pytest.mark.parametrize("row", FAR_CELLS.values(), ids=FAR_CELLS)
def test_a_far_cell_is_seen_however_it_is_written(tmp_path: Path, row: bytes) -> None:
    (tmp_path / "orders.xlsx").write_bytes(with_row(row))
    assert TOO_FAR in staged(tmp_path / "orders.xlsx")["refused"]


def test_an_error_in_a_cell_is_seen_however_it_is_written(tmp_path: Path) -> None:
    row = b"<x:row xmlns:x='%s' r='9'>" % MAIN
    for place, text in zip("ABC", (b"9", b"2024-01-05", b"north"), strict=True):
        row += b"<x:c r='%s9' t='str'><x:v>%s</x:v></x:c>" % (place.encode(), text)
    row += b"<x:c r='D9' t='e'><x:v>#DIV/0!</x:v></x:c></x:row>"
    (tmp_path / "orders.xlsx").write_bytes(with_row(row))
    assert staged(tmp_path / "orders.xlsx")["reasons"]["error: amount: … is an error of the workbook"] == 2


def open_document() -> bytes:
    """The reader that was there before waited for ever for the end."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(ods([HEADER]))) as given, ZipFile(out, "w") as made:
        for name in given.namelist():
            made.writestr(name, given.read(name)[:-60] if name == "content.xml" else given.read(name))
    return out.getvalue()


def twice() -> bytes:
    out = io.BytesIO(workbook(usual))
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:
        archive.writestr(SHEET.replace("sheet1", "Sheet1"), b"<worksheet/>")
    return out.getvalue()


def lying() -> bytes:
    """The directory says that the sheet ends after 200 bytes; it is 40 MB long."""
    row = b'<row r="1"><c r="A1"><v>1</v></c></row>' * 1_000_000
    content = bytearray(changed(lambda sheet: sheet.replace(b"<sheetData>", b"<sheetData>" + row)))
    struct.pack_into("<I", content, content.rfind(SHEET.encode()) - 46 + 24, 200)
    return bytes(content)


def endless() -> bytes:
    content = bytearray(xls([HEADER]))
    struct.pack_into("<I", content, 44, 0x7FFFFFFF)
    struct.pack_into("<I", content, 68, 0)
    return bytes(content)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a row beyond all": (lambda: with_row(FAR.replace(b"1048576", b"99999999999")), "cannot be read as a workbook"),
    "entities": (lambda: changed(declared), "declares a document type"),
    "entities in the list of sheets": (
        lambda: changed(lambda part: BOMB + part.partition(b"?>")[2], "xl/workbook.xml"),
        "declares a document type",
    ),
    "XML that is not well formed": (lambda: with_row(b"<row r='9'><c r='A9'><v>1</v></row>"), "not well formed"),
    "a sheet that is not there": (
        lambda: changed(lambda part: part.replace(b"sheet1.xml", b"sheet7.xml"), "xl/_rels/workbook.xml.rels"),
        "cannot be read as a workbook",
    ),
    "a part that comes twice": (twice, "holds a part twice"),
    "a part longer than the directory says": (lying, "another size than its directory says"),
    "nothing but zeros": (lambda: b"PK\x03\x04" + bytes(5000), "cannot be read as a workbook"),
    "OpenDocument without an end": (open_document, "not well formed"),
    "an old workbook cut off": (lambda: xls([HEADER])[:600], "cannot be read as a workbook"),
    "an old workbook of sectors without end": (endless, "cannot be read as a workbook"),
}  # fmt: skip


@pytest.mark.parametrize(("build", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_workbook_is_refused_in_words(tmp_path: Path, build: Callable[[], bytes], words: str) -> None:
    content = build()
    name = (
        "orders.xls"
        if content.startswith(b"\xd0\xcf")
        else "orders.ods"
        if b"opendocument" in content
        else "orders.xlsx"
    )
    (tmp_path / name).write_bytes(content)
    assert words in staged(tmp_path / name)["refused"]


def test_a_bomb_of_a_workbook_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "orders.xlsx", "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        with archive.open(SHEET, "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(bytes(1 << 20))
    assert "more than 250 times its size, as if to fill the disk" in staged(tmp_path / "orders.xlsx")["refused"]


def test_a_reader_that_ends_or_takes_too_long_costs_its_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, far = tmp_path / "good.xlsx", tmp_path / "far.xlsx"
    good.write_bytes(workbook(usual))
    far.write_bytes(with_row(FAR))
    reader = Reader()
    assert reader.names(good)
    process = reader._process
    assert process is not None
    process.kill()
    process.wait()
    assert reader.sheet(reader.names(good)[0]).rows[0] == HEADER
    monkeypatch.setattr(workbook_process, "SECONDS", 0)
    with pytest.raises(Unreadable, match=r"reading it takes|ends the reader"):
        all(reader.names(good) for _ in range(1000))
    monkeypatch.setattr(workbook_process, "SECONDS", 600)
    assert reader.names(good)
    reader.close()


def test_the_reader_sees_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", "smtp://user:c4n4ry@localhost")
    (tmp_path / "good.xlsx").write_bytes(workbook(usual))
    reader = Reader()
    reader.names(tmp_path / "good.xlsx")
    assert reader._process is not None
    given: Any = Path(f"/proc/{reader._process.pid}/environ")
    assert not re.search(rb"SCOREPACK|c4n4ry", given.read_bytes())
    reader.close()
