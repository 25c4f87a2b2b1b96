"""A first contract of a hostile file: refused in words within the bounds of memory and time, as its loading is."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.security.bounded import Ended, refused
from tests.security.test_extracts import GOOD, REFUSED, columns
from tests.security.test_workbooks import FAR, TOO_FAR, changed, declared, with_row
from warehouse.infer_layout import MOST_COLUMNS, MOST_JSON


def damaged() -> bytes:
    """Parquet whose footer is sound, and of whose values some bytes are not."""
    made = io.BytesIO()
    pl.DataFrame({"id": [number**2 for number in range(1000)]}).write_parquet(made, compression="zstd")
    content = bytearray(made.getvalue())
    content[40:80] = bytes(40)
    return bytes(content)


OWN: dict[str, tuple[str, Callable[[], str | bytes], str]] = {
    "one column too many": (
        "orders.csv", lambda: f"{','.join(columns(MOST_COLUMNS + 1))}\n{GOOD}", "has more than 500 columns",
    ),
    "objects in objects": (
        "orders.json", lambda: '{"a":' * 900 + "[]" + "}" * 900, "is nested too deeply",
    ),
    "JSON of small objects": (
        "orders.json", lambda: "[" + "{}," * ((MOST_JSON - 4) // 3) + "1]", "holds no array of JSON objects",
    ),
    "large JSON": ("orders.json", lambda: "[" + " " * MOST_JSON + "]", "is larger than 32 MiB"),
    "a cell far away": ("orders.xlsx", lambda: with_row(FAR), TOO_FAR),
    "entities in a sheet": ("orders.xlsx", lambda: changed(declared), "its XML declares a document type"),
    "damaged Parquet": ("orders.parquet", damaged, "Ask for it to be delivered again."),
    "keys of many lines": (
        "orders.jsonl", lambda: "".join(f'{{"{name}":1}}\n' for name in columns(2_000_000)), "more than 500 columns",
    ),
}  # fmt: skip


def _inferred(folder: Path, name: str, content: str | bytes) -> Ended:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return refused("a first contract", "infer", str(file), "--project", str(folder))


@pytest.mark.parametrize(("name", "build", "words"), OWN.values(), ids=OWN)
def test_what_no_contract_can_be_guessed_of_is_refused(
    tmp_path: Path, name: str, build: Callable[[], str | bytes], words: str
) -> None:
    ended = _inferred(tmp_path, name, build())
    assert ended.code == 1, ended.out[:500]
    assert words in " ".join(ended.err.split())


@pytest.mark.parametrize("case", REFUSED)
def test_what_loading_refuses_gets_no_contract_without_a_word(tmp_path: Path, case: str) -> None:
    name, build, _ = REFUSED[case]
    ended = _inferred(tmp_path, name, build())
    assert ended.code == 1
    assert ended.err.startswith(str(tmp_path / name)), ended.err
    assert not ended.out
