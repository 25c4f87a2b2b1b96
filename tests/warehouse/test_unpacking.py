"""Packed deliveries: gzip, zstd and zip, whole, damaged, and made to fill the disk."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.warehouse.conftest import HEADER, StageFile
from tests.warehouse.test_other_formats import parquet, usual, workbook
from warehouse import unpacking

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GOOD = "2024-01-05,north,1\n"
TEXT = (HEADER + f"1,{GOOD}2,x,north,1\n").encode()
LINES = b'{"id":"1","day":"2024-01-05","unit":"north","amount":1}\n\n{"id":"2","day":"x","unit":"north"}\n'


def zipped(content: bytes, **more: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        archive.writestr("folder/orders.csv", content)
        archive.writestr("__MACOSX/folder/._orders.csv", b"\0")
        for name, other in more.items():
            archive.writestr(name, other)
    return out.getvalue()


def gzipped(content: bytes) -> bytes:
    """Packed without the time, which would be part of a test's name."""
    return gzip.compress(content, mtime=0)


PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzipped, ".zst": zstd.compress, ".zip": zipped}


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl", ".json", ".xlsx", ".parquet"])
def test_every_format_is_read_packed(stage_file: StageFile, tmp_path: Path, suffix: str, kind: str) -> None:
    day = "CASE i WHEN 1 THEN '2024-01-05' ELSE 'x' END"
    row = f"SELECT i AS id, {day} AS day, 'north' AS unit, 1 AS amount FROM range(1, 3) t(i)"
    content = {
        ".csv": TEXT, ".tsv": TEXT.replace(b",", b"\t"), ".jsonl": LINES,
        ".json": b"[" + LINES.replace(b"\n\n", b",\n\n").strip() + b"]",
        ".xlsx": workbook(usual), ".parquet": parquet(tmp_path, row),
    }[kind]  # fmt: skip
    found = stage_file(PACKERS[suffix](content), path=f"orders{kind}{suffix}")
    assert found.staged.refused is None
    assert found.ids[0] == "1"
    assert found.lines[0] == {".xlsx": 4, ".jsonl": 3, ".json": 3, ".csv": 3, ".tsv": 3, ".parquet": 2}[kind]


def test_packed_members_that_follow_each_other_are_one_file(stage_file: StageFile) -> None:
    for pack in (gzipped, zstd.compress):
        parts = pack(HEADER.encode()) + pack(f"1,{GOOD}".encode()) + pack(f"2,{GOOD}".encode())
        assert stage_file(parts, path="orders.csv.gz").ids == ["1", "2"]


def test_the_first_bytes_count_not_the_name(stage_file: StageFile) -> None:
    assert stage_file(gzipped(TEXT)).ids == stage_file(zipped(TEXT)).ids == ["1"]
    assert stage_file(TEXT, path="orders.csv.gz").ids == ["1"]
    assert stage_file(zstd.compress(TEXT.decode().encode("utf-16")), encoding="utf-16").ids == ["1"]


@pytest.mark.parametrize(
    ("content", "path", "words"),
    [
        (gzipped(TEXT)[:-10], ".gz", "damaged and cannot be unpacked (gzip: Compressed file ended"),
        (gzipped(TEXT)[:-8] + bytes(8), ".gz", "damaged and cannot be unpacked (gzip: CRC check failed"),
        (b"\x1f\x8b\x08 and so on", ".gz", "damaged and cannot be unpacked (gzip: "),
        (zstd.compress(TEXT)[:-4], ".zst", "damaged and cannot be unpacked (zstd: "),
        (b"\x28\xb5\x2f\xfd" + bytes(40), ".zst", "damaged and cannot be unpacked (zstd: "),
        (zipped(TEXT)[:-30], ".zip", "damaged and cannot be unpacked (zip: "),
        (zipped(TEXT, more=b"x"), ".zip", "the zip archive holds 2 files, where one is wanted."),
        (b"PK\x05\x06" + bytes(18), ".zip", "the zip archive holds 0 files"),
        (zipped(TEXT).replace(b"\x14\x03\x14\x00\x00", b"\x14\x03\x14\x00\x01"), ".zip", "is encrypted"),
        (gzipped(b""), ".gz", "the file is empty (0 bytes)"),
        (gzipped(gzipped(TEXT)), ".gz", "compressed with gzip, not text"),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked_is_refused(stage_file: StageFile, content: bytes, path: str, words: str) -> None:
    assert words in str(stage_file(content, path=f"orders.csv{path}").staged.refused)


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_bomb_is_refused_long_before_it_fills_the_disk(
    stage_file: StageFile, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(unpacking, "FREE_BYTES", 1 << 20)
    bomb = PACKERS[suffix](bytes(40 << 20))
    refused = stage_file(bomb, path=f"orders.csv{suffix}").staged.refused
    assert refused == (
        "orders.csv" + suffix + ": the file unpacks to more than 250 times its size, as if to fill the disk. "
        "Deliver it unpacked."
    )
    monkeypatch.setattr(unpacking, "MOST_BYTES", 8 << 20)
    monkeypatch.setattr(unpacking, "FREE_BYTES", 1 << 40)
    assert "unpacks to more than 0 GiB" in str(stage_file(bomb, path=f"orders.csv{suffix}").staged.refused)


def test_a_workbook_is_bounded_too(stage_file: StageFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(sheet: Any, _: Any) -> None:
        for number in range(20_000):
            sheet.write_row(number, 0, [0] * 20)

    monkeypatch.setattr(unpacking, "FREE_BYTES", 1 << 20)
    monkeypatch.setattr(unpacking, "MOST_TIMES", 3)
    assert "more than 3 times its size" in str(stage_file(workbook(fill), path="orders.xlsx").staged.refused)
