"""Searching for a text in everything that lies in a folder: as bytes, in other spellings, and inside what is packed.

What cannot be unpacked is an error and never passes for searched. A locked PDF is opened with the texts that are
looked for, since they may be its password.
"""

from __future__ import annotations

import email
import gzip
import html
import io
import json
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import duckdb
import pikepdf
import polars as pl

_SHORTEST_BASE64 = 10
_MORE = ".more"


def places(root: Path, *needles: str) -> list[str]:
    """Where below ``root`` one of the texts stands, in any letters: relative path and text.

    Names of files and folders, and where links lead, are searched too.
    """
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        whole = [name.encode()]
        if path.is_symlink():
            whole.append(str(path.readlink()).encode())
        elif path.is_file():
            whole += _contents(path.read_bytes(), path, needles)
        found += [f"{name}: {needle}" for needle in held(whole, needles)]
    return found


def held(contents: Iterable[bytes], needles: Sequence[str]) -> list[str]:
    """Those of the texts that stand in one of the contents, in any spelling that programs use."""
    spelt = {needle: (_spellings(needle), _in_base64(needle)) for needle in needles}
    found = set()
    for content in contents:
        # Base64 is broken into lines, and its letters are not those of the text: capitals count.
        lower, joined = content.lower(), content.translate(None, b"\r\n")
        for needle, (plain, encoded) in spelt.items():
            if any(each in lower for each in plain) or any(each in joined for each in encoded):
                found.add(needle)
    return [needle for needle in needles if needle in found]


def _spellings(needle: str) -> set[bytes]:
    """The text as it is, and as addresses, JSON, markup, Python and dumps of bytes spell it, in small letters."""
    texts = {needle, needle.upper(), quote(needle), quote(needle, safe=""), quote_plus(needle), html.escape(needle)}
    texts |= {json.dumps(needle)[1:-1], repr(needle.encode())[2:-1], needle.encode().hex()}
    return {text.encode(code).lower() for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")}


def _in_base64(needle: str) -> set[bytes]:
    """What base64 of any text that holds this one has in it: it may begin at each of three places."""
    found, content = set(), needle.encode()
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(bytes(before) + content)
            found.add(encoded[-(-before * 8 // 6) : (before + len(content)) * 8 // 6])
    return {each for each in found if len(each) >= _SHORTEST_BASE64}


def _contents(content: bytes, path: Path, needles: Sequence[str]) -> Iterator[bytes]:
    """The bytes of a file, then what they hold once they are unpacked, over and over."""
    yield content
    if content.startswith(b"SQLite format 3") or content[8:12] == b"DUCK":
        yield from _of_tables(content, path, needles)
        return
    for part in _parts(content, needles):
        yield from _contents(part, path / _MORE, needles)


def _parts(content: bytes, needles: Sequence[str]) -> Iterator[bytes]:
    if content.startswith(b"PAR1"):
        frame = pl.read_parquet(io.BytesIO(content))
        yield frame.select(pl.all().exclude(pl.Binary).cast(pl.String, strict=False)).write_csv().encode()
        for name in frame.columns:
            if frame[name].dtype == pl.Binary:
                yield from frame[name].drop_nulls()
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"(\xb5/\xfd"):
        from backports import zstd

        yield zstd.decompress(content)
    elif content.startswith((b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")):
        with suppress(zlib.error):
            yield zlib.decompress(content)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
    elif content.startswith(b"%PDF"):
        yield from _of_pdf(content, needles)
    elif b"\nmime-version:" in content[:10_000].lower():
        yield from _of_message(content)


def _of_message(content: bytes) -> Iterator[bytes]:
    """Headers, texts and attachments of a mail, decoded."""
    for part in email.message_from_bytes(content, policy=default).walk():
        # Not in lines: they would be taken for a mail again.
        yield "\0".join(part.values()).encode("utf-8", "replace")
        if part.get_content_maintype() == "text":
            yield str(part.get_content()).encode("utf-8", "replace")
        elif not part.is_multipart():
            yield part.get_payload(decode=True) or b""  # type: ignore[misc]


def _of_pdf(content: bytes, needles: Sequence[str]) -> Iterator[bytes]:
    """Streams and strings of a PDF, and the words on its pages where a program is here that reads them."""
    with _opened(content, needles) as pdf, tempfile.NamedTemporaryFile(suffix=".pdf") as unlocked:
        for found in pdf.objects:
            yield "\n".join(_strings(found)).encode()
            if isinstance(found, pikepdf.Stream):
                with suppress(pikepdf.PdfError):
                    yield found.read_bytes()
        yield "\n".join(_strings(pdf.trailer)).encode()
        pdf.save(unlocked.name, encryption=False)
        if shutil.which("pdftotext"):
            yield subprocess.run(["pdftotext", unlocked.name, "-"], capture_output=True, check=True).stdout


def _opened(content: bytes, needles: Sequence[str]) -> pikepdf.Pdf:
    for password in ("", *needles):
        with suppress(pikepdf.PasswordError):
            return pikepdf.open(io.BytesIO(content), password=password)
    raise AssertionError("a PDF is locked with a password that is none of the texts")


def _strings(found: Any) -> Iterator[str]:
    """The strings of an object, but not of those that it points to: they come by themselves."""
    if isinstance(found, pikepdf.String):
        yield str(found)
    elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in found.items():
            yield key
            if not getattr(value, "is_indirect", False):
                yield from _strings(value)
    elif isinstance(found, pikepdf.Array):
        for value in found:
            if not getattr(value, "is_indirect", False):
                yield from _strings(value)


def _of_tables(content: bytes, path: Path, needles: Sequence[str]) -> Iterator[bytes]:
    """Every value of a SQLite or DuckDB file, unpacked where it is bytes, and what its tables and views are made by."""
    with tempfile.TemporaryDirectory() as folder:
        if _MORE in path.parts:
            path = Path(folder, "inner")
            path.write_bytes(content)
        values = list(_of_sqlite(path) if content.startswith(b"SQLite") else _of_duckdb(path))
    yield "\n".join(str(value) for value in values if not isinstance(value, bytes)).encode("utf-8", "replace")
    for value in values:
        if isinstance(value, bytes):
            yield from _contents(value, path / _MORE, needles)


def _of_sqlite(path: Path) -> Iterator[Any]:
    """What the write-ahead log holds is read too."""
    with closing(sqlite3.connect(path)) as connection:
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master").fetchall():
            yield from (name, sql)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                yield from row


def _of_duckdb(path: Path) -> Iterator[Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, name in tables:
            for row in connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall():
                yield from row
        yield connection.execute("SELECT sql FROM duckdb_views() UNION ALL SELECT sql FROM duckdb_tables()").fetchall()
