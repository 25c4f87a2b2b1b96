"""Delivered text, JSON and Parquet that would take all memory or time: each is refused in words, within bounds."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb
import polars as pl
import pytest
from backports import zstd

from tests.security.bounded import staged

HEADER = "id,day,unit,amount\n"
GOOD = "1,2024-01-05,north,1\n"
MIB = 1 << 20


def columns(count: int) -> Iterator[str]:
    return (f"c{number}" for number in range(count))


def parquet(columns: str, rows: int) -> bytes:
    """A file of rows that are all the same, as DuckDB packs them."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        target = Path(folder, "x.parquet")
        sql = f"COPY (SELECT {columns} FROM range({rows})) TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 5000000)"
        connection.execute(sql)
        return target.read_bytes()


def dictionary(rows: int) -> bytes:
    """A text of a megabyte, kept once, in every row."""
    out = io.BytesIO()
    given = {"id": [str(row) for row in range(rows)], "day": ["2024-01-05"] * rows, "amount": ["1"] * rows}
    text = pl.lit("x" * MIB).cast(pl.Categorical).alias("unit")
    pl.DataFrame(given).with_columns(text).write_parquet(out, compression="zstd")
    return out.getvalue()


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", content)
    return out.getvalue()


ZEROS = bytes(300 * MIB)
BOMB = "as if to fill the disk. Deliver it unpacked."
SAME = "'1' AS id, DATE '2024-01-05' AS day, 'north' AS unit, 1 AS amount"
REFUSED: dict[str, tuple[str, Callable[[], str | bytes], str]] = {
    "100,000 columns": (
        "orders.csv", lambda: f"id,day,unit,amount,{','.join(columns(100_000))}\n{GOOD}",
        "the header has 100,004 columns, more than 10,000. Check 'delimiter' in the contract",
    ),
    "a line without end": (
        "orders.csv", lambda: HEADER + "1,2024-01-05,north," + "9" * (80 * MIB),
        "the file holds a line of more than 64 MiB. Check that it is text with line ends.",
    ),
    "a header without end": ("orders.csv", lambda: "x" * (80 * MIB), "a line of more than 64 MiB"),
    "JSON Lines without an end": ("orders.jsonl", lambda: '{"id":"' + "x" * (80 * MIB), "a line of more than 64 MiB"),
    "quotes that never close": (
        "orders.csv", lambda: HEADER + '"a\n' * 12_000,
        "more than 5,000 rows have a quote that is not closed, the last in line",
    ),
    "deep JSON": ("orders.json", lambda: "[" * (5 * MIB), "line 1: values are nested too deeply to be read."),
    "deep JSON inside a row": (
        "orders.json", lambda: '[{"id":' + "[" * MIB + "]" * MIB + "}]", "values are nested too deeply to be read.",
    ),
    "deep JSON Lines": ("orders.jsonl", lambda: '{"id":' * 100_000 + "\n", "First: line 1 is not a JSON object."),
    "one endless value in JSON": (
        "orders.json", lambda: '[{"id":"1"},{"id":[' + "1," * (10 * MIB) + "1]}]",
        "a value is not whole, or longer than 4,000,000 characters",
    ),
    "JSON of 300,000 keys": (
        "orders.json", lambda: "[{" + ",".join(f'"{name}":1' for name in columns(300_000)) + "}]",
        "has 300,000 columns, more than 10,000",
    ),
    "JSON Lines of 20,000 different keys": (
        "orders.jsonl", lambda: "".join(f'{{"{name}":1}}\n' for name in columns(20_000)), "columns, more than 10,000",
    ),
    "a key that comes twice among many": (
        "orders.json", lambda: "[{" + ",".join(f'"{name}":1' for name in columns(60_000)) + ',"c59999":2}]',
        "names the key 'c59999' twice",
    ),
    "Parquet of noise": (
        "orders.parquet", lambda: b"PAR1" + os.urandom(5000) + b"PAR1", "the file cannot be read as parquet",
    ),
    "Parquet with a footer longer than the file": (
        "orders.parquet", lambda: b"PAR1" + bytes(50) + struct.pack("<I", 0xFFFFFFF0) + b"PAR1",
        "the file cannot be read as parquet",
    ),
    "Parquet of 50 million rows in some kilobytes": (
        "orders.parquet", lambda: parquet(SAME, 50_000_000), "its 50,000,000 rows, written out, take more than 250",
    ),
    "Parquet of 2,000 texts of a megabyte in some kilobytes": (
        "orders.parquet", lambda: dictionary(2000), "its 2,000 rows, written out, take more than 250 times",
    ),
    "gzip of 300 MiB in some kilobytes": ("orders.csv.gz", lambda: gzip.compress(ZEROS), BOMB),
    "zstd of 300 MiB in some kilobytes": ("orders.csv.zst", lambda: zstd.compress(ZEROS), BOMB),
    "zip of 300 MiB in some kilobytes": ("orders.csv.zip", lambda: zipped(ZEROS), BOMB),
    "Parquet of 5 million rows in gzip": (
        "orders.parquet.gz", lambda: gzip.compress(parquet(SAME, 5_000_000)), "its 5,000,000 rows, written out, take",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "build", "words"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_extract_is_refused_in_words(
    tmp_path: Path, name: str, build: Callable[[], str | bytes], words: str
) -> None:
    content = build()
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert words in staged(tmp_path / name)["refused"]


SOUND = "9,2024-01-05,north,1\n"
REJECTED: dict[str, tuple[str, str, dict[str, Any], set[str]]] = {
    "an amount of 5,000 digits": (
        "orders.csv", HEADER + f"1,2024-01-05,north,{'9' * 5000}\n", {}, {"type: amount: … has more than 16 digits"},
    ),
    "a number of 100,000 digits in JSON": (
        "orders.json", '[{"id":1,"day":"2024-01-05","unit":"north","amount":' + "9" * 100_000 + "}]", {},
        {"type: amount: … has more than 16 digits"},
    ),
    "an exponent beyond all numbers": (
        "orders.json", '[{"id":1,"day":"2024-01-05","unit":"north","amount":1e999999999}]', {},
        {"type: amount: … is not a number"},
    ),
    "days that no calendar has": (
        "orders.csv",
        HEADER + "".join(f"{n},{day},north,1\n" for n, day in enumerate(
            ("0000-00-00", "99999-01-01", "-5000-01-01", "2024-02-30", "5881580-07-11", "2024-01-01T99:99")
        )) + SOUND, {}, {"type: day: … is not a date"},
    ),
    "letters that make an expression go back and forth": (
        "orders.csv", HEADER + "a" * 60 + "!,2024-01-05,north,1\n",
        {"columns": {"id": {"type": "string", "matches": "(a+)+b"}, "day": {"type": "date"}, "unit": {}, "amount": {}}},
        {"matches: id: … does not match (a+)+b"},
    ),
    "zeros where rows should be": (
        "orders.csv", HEADER + "\0" * MIB + "\n" + SOUND, {}, {"form: the row holds a NUL character"},
    ),
    "the same in a footer": (
        "orders.csv", HEADER + "a" * 60 + "!\n", {"footer": "(a+)+b"},
        {"form: the row has 1 fields, fewer than the header's 4"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "changes", "reasons"), REJECTED.values(), ids=REJECTED)
def test_a_hostile_value_is_a_rejected_row(
    tmp_path: Path, name: str, content: str, changes: dict[str, Any], reasons: set[str]
) -> None:
    (tmp_path / name).write_text(content)
    found = staged(tmp_path / name, **changes)
    assert found["refused"] is None
    assert set(found["reasons"]) == reasons
    assert found["rows"] - found["rejected"] == content.count(SOUND)


def test_a_file_of_which_most_rows_are_broken_is_refused_and_not_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(HEADER + GOOD + "x\n" * 2_000_000)
    refused = staged(tmp_path / "orders.csv")["refused"]
    assert "more than 250,000 rows cannot be taken apart. Check 'delimiter' and 'quote' in the contract." in refused


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
def test_of_a_file_that_is_refused_for_its_rows_the_first_are_kept_and_all_are_counted(
    tmp_path: Path, name: str
) -> None:
    content = (HEADER + GOOD * 1_000_000).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    found = staged(tmp_path / name, rejects={"at_most": "2%"})
    assert "999999 of 1000000 rows are rejected, the contract allows 2%. First: line 3: id 1:" in found["refused"]
    assert found["refused"].endswith("Quarantine keeps the first 250,000.")
    assert found["reasons"] == {"duplicate: id: repeats an earlier row": 999_999}
    assert pl.read_parquet(tmp_path / "rejects.parquet")["line"].to_list() == list(range(3, 250_003))
