"""The search for secrets finds a text in whatever a run writes; each kind of place is planted with one here."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import duckdb
import pikepdf
import polars as pl
import pytest
import xlsxwriter
from backports import zstd

from tests.searching import places

PLANT = "c4n4ry/ü&9f3a=x"
Planted = Callable[[Path], object]


def file(content: bytes, name: str = "x") -> Planted:
    return lambda root: (root / name).write_bytes(content)


def zipped(content: bytes, name: str = "inner") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write(0, 0, PLANT)
    return out.getvalue()


def mail(attached: bytes = b"", encoding: str = "base64", charset: str = "utf-8", subject: str = "x") -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "packs@example.com", subject
    # A blank line and a long one before it: the text begins anywhere in base64, and breaks lines.
    text = f"{'x' * 100}\n\n{PLANT if not attached and subject == 'x' else ''}\n"
    made.set_content(text, cte=encoding, charset=charset)
    if attached:
        made.add_attachment(attached, maintype="application", subtype="octet-stream", filename="x.bin")
    return made.as_bytes()


def pdf(password: str = "", *, in_title: bool = False, attached: bytes = b"") -> bytes:
    made = pikepdf.new()
    page = made.add_blank_page()
    if in_title:
        made.docinfo["/Title"] = PLANT
    if attached:
        made.attachments["x"] = attached
    if not in_title and not attached:
        page.Contents = made.make_stream(PLANT.encode())
    out = io.BytesIO()
    encryption = pikepdf.Encryption(user=password, owner=password, R=6) if password else False
    made.save(out, encryption=encryption, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def printed() -> bytes:
    """A page whose letters are numbers of glyphs."""
    from weasyprint import HTML

    return bytes(HTML(string=f"<p>{PLANT.replace('&', '&amp;')}").write_pdf())


def parquet(values: list[object]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame({"a": values}).write_parquet(out)
    return out.getvalue()


def sqlite(value: object) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (?)", [value])
        connection.commit()
        return connection.serialize()


def sqlite_log(root: Path) -> sqlite3.Connection:
    """Committed and not yet in the file itself; the connection is returned, since closing it would write there."""
    connection = sqlite3.connect(root / "x")
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES (?)", [zlib.compress(PLANT.encode())])
    connection.commit()
    return connection


def tables(*statements: str) -> Planted:
    def plant(root: Path) -> None:
        with duckdb.connect(str(root / "x")) as connection:
            for statement in statements:
                connection.execute(statement, [PLANT] if "$1" in statement else None)

    return plant


PLAIN = PLANT.encode()
MANY = "CREATE TABLE t AS SELECT $1 || range AS a FROM range(9999)"
PLACES: dict[str, Planted] = {
    "a file": file(b"a\0" + PLAIN),
    "other letters": file(PLANT.upper().encode()),
    "UTF-16": file(PLANT.encode("utf-16-le")),
    "an address": file(quote(PLANT, safe="").encode()),
    "JSON": file(json.dumps(PLANT).encode()),
    "HTML": file(PLAIN.replace(b"&", b"&amp;")),
    "a dump of bytes": file(repr(PLAIN).encode()),
    "base64": file(b64encode(PLAIN)),
    "base64 that began before": file(b64encode(b"x" + PLAIN + b"xx")),
    "base64 that began long before": file(b64encode(b"user:" + PLAIN)),
    "base64 of addresses": file(urlsafe_b64encode(b"\xff\xfe" + PLAIN)),
    "base64 in lines": file(b"\r\n".join(b64encode(PLAIN)[at : at + 5] for at in range(0, 24, 5))),
    "the name of a file": file(b"", quote(PLANT, safe="")),
    "the name of a folder": lambda root: (root / quote(PLANT, safe="")).mkdir(),
    "where a link leads": lambda root: (root / "x").symlink_to(PLANT),
    "a mail in base64": file(mail()),
    "a mail in quoted-printable": file(mail(encoding="quoted-printable")),
    "a mail in another alphabet": file(mail(encoding="quoted-printable", charset="iso-8859-1")),
    "a header of a mail": file(mail(subject=f"Größe {PLANT}")),
    "a mail's attachment": file(mail(workbook())),
    "a mail's locked PDF": file(mail(pdf(PLANT))),
    "gzip": file(gzip.compress(PLAIN)),
    "gzip in gzip": file(gzip.compress(gzip.compress(PLAIN))),
    "zstd": file(zstd.compress(PLAIN)),
    "zlib": file(zlib.compress(PLAIN)),
    "zip": file(zipped(PLAIN)),
    "a name in a zip": file(zipped(b"", quote(PLANT, safe=""))),
    "a workbook": file(workbook()),
    "a stream of a PDF": file(pdf()),
    "a locked PDF": file(pdf(PLANT)),
    "the title of a PDF": file(pdf(in_title=True)),
    "a PDF's attachment": file(pdf(attached=workbook())),
    "a printed page": file(printed()),
    "Parquet": file(parquet([PLANT * 3, "y"])),
    "bytes in Parquet": file(parquet([zlib.compress(PLAIN), None])),
    "SQLite": file(sqlite(PLANT)),
    "packed bytes in SQLite": file(sqlite(zlib.compress(PLAIN))),
    "SQLite's log": sqlite_log,
    "a packed SQLite": file(gzip.compress(sqlite(zlib.compress(PLAIN)))),
    "DuckDB": tables(MANY),
    "packed bytes in DuckDB": tables(f"CREATE TABLE t AS SELECT from_hex('{zlib.compress(PLAIN).hex()}') AS a"),
    "a view of DuckDB": tables(f"CREATE VIEW v AS SELECT '{PLANT}' AS a"),
}  # fmt: skip


@pytest.mark.parametrize("plant", PLACES.values(), ids=PLACES)
def test_a_text_is_found_wherever_it_lies(tmp_path: Path, plant: Planted) -> None:
    kept = plant(tmp_path)
    (found,) = {place.partition(": ")[2] for place in places(tmp_path, "another", PLANT)}
    assert found == PLANT
    del kept


def test_what_cannot_be_opened_does_not_pass_for_searched(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(pdf("another password"))
    with pytest.raises(AssertionError, match="locked with a password"):
        places(tmp_path, PLANT)
