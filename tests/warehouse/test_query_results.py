"""The result of a query as a file: the same rows are the same bytes, whatever came in which order."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from warehouse.query_results import save_rows

ROWS = [(str(number % 700), f"name {number}", None if number % 5 else "x") for number in range(250_000)]


def batches(rows: list[tuple[str | None, ...]], size: int) -> Iterator[pl.DataFrame]:
    for start in range(0, len(rows), size):
        yield pl.DataFrame(rows[start : start + size], schema=["a", "b", "c"], orient="row")


def saved(path: Path, rows: list[tuple[str | None, ...]], size: int = 40_000, is_ordered: bool = False) -> str:
    """The digest of the file of these rows."""
    assert save_rows(["a", "b", "c"], batches(rows, size), path, is_ordered=is_ordered, is_marked=False) == len(rows)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_rows_in_another_order_and_other_batches_are_the_same_bytes(tmp_path: Path) -> None:
    shuffled = random.Random(7).sample(ROWS, len(ROWS))
    assert saved(tmp_path / "1", ROWS) == saved(tmp_path / "2", shuffled, size=9_999)
    assert saved(tmp_path / "3", [*ROWS[:-1], ("0", "another", None)]) != saved(tmp_path / "1", ROWS)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["1", "2", "3"]


def test_an_ordered_result_keeps_its_order(tmp_path: Path) -> None:
    backwards = ROWS[::-1]
    assert saved(tmp_path / "1", backwards, is_ordered=True) == saved(tmp_path / "2", backwards, 777, is_ordered=True)
    assert pl.read_parquet(tmp_path / "1").rows() == backwards


def test_no_rows_are_a_file_with_columns(tmp_path: Path) -> None:
    saved(tmp_path / "1", [])
    frame = pl.read_parquet(tmp_path / "1")
    assert (frame.columns, frame.height) == (["a", "b", "c"], 0)


def test_marked_bytes_tell_no_value_from_an_empty_one_and_keep_what_is_no_text(tmp_path: Path) -> None:
    batch = pl.DataFrame({"c0": [b"", b"=", b"=caf\xc3\xa9", b"=\xff!"]}, schema={"c0": pl.Binary})
    save_rows(['odd "name'], [batch], tmp_path / "1", is_ordered=True, is_marked=True)
    assert pl.read_parquet(tmp_path / "1")['odd "name'].to_list() == [None, "", "café", "\\xFF!"]
