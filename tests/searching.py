"""Searching for a text in everything that lies in a folder: as bytes, and inside what is packed or compressed."""

from __future__ import annotations

import gzip
import io
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl


def places(root: Path, *needles: str) -> list[str]:
    """Files below ``root`` that hold one of the texts, in any letters: relative path and text."""
    found = []
    for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        whole = b"\n".join(_contents(path)).lower()
        name = path.relative_to(root).as_posix()
        for needle in needles:
            forms = {needle.lower().encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")}
            if any(form in whole for form in forms) or needle.lower() in name.lower():
                found.append(f"{name}: {needle}")
    return found


def _contents(path: Path) -> Iterator[bytes]:
    """The file's bytes, then what they hold once they are unpacked."""
    content = path.read_bytes()
    yield content
    if content.startswith(b"PAR1"):
        frame = pl.read_parquet(io.BytesIO(content))
        yield frame.select(pl.all().exclude(pl.Binary).cast(pl.String, strict=False)).write_csv().encode()
        yield b"\n".join(value for name in frame.columns if frame[name].dtype == pl.Binary for value in frame[name])
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif content.startswith(b"SQLite format 3"):
        # What the write-ahead log holds is read too.
        with sqlite3.connect(path) as connection:
            yield "\n".join(connection.iterdump()).encode()
    elif content.startswith(b"%PDF") and shutil.which("pdftotext"):
        yield subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout
    elif content[8:12] == b"DUCK":
        yield from _of_duckdb(path)


def _of_duckdb(path: Path) -> Iterator[bytes]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, name in tables:
            yield repr(connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall()).encode()
        yield repr(connection.execute("SELECT sql FROM duckdb_views()").fetchall()).encode()
