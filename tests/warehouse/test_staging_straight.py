"""Parquet files without a flaw are written straight from the file, others by way of a table: with the same outcome.

That both come out the same is asserted in ``stage_file``, which stages each file both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse.reading_tables
import warehouse.staging
from tests.warehouse.conftest import COLUMNS, StageFile
from tests.warehouse.test_other_formats import parquet
from warehouse.hashing import HashKey

MANY = """SELECT i::VARCHAR AS id, DATE '2024-01-01' + (i % 90)::INTEGER AS day,
    CASE WHEN i % 3 = 0 THEN 'south' ELSE 'north' END AS unit, (i % 7 / 4)::DECIMAL(18, 4) AS amount
    FROM range(3000) t(i)"""
PERSONAL = {**COLUMNS, "id": {"type": "string", "personal": True, "staged": "hashed"}}
Ways = list[str]


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Notes each file that is staged by way of a table."""
    found: Ways = []
    whole: Callable[..., Any] = warehouse.staging.check_rows

    def noted(*arguments: Any) -> Any:
        found.append("table")
        return whole(*arguments)

    monkeypatch.setattr(warehouse.staging, "check_rows", noted)
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"period": "2024-02", "key": ["id", "day"], "columns": {**COLUMNS, "day": {"type": "string"}}},
        {"unit": {"always": "north"}, "derived": {"twice": {"type": "decimal", "scale": 4, "value": "amount * 2"}}},
        {"columns": {**COLUMNS, "amount": {"type": "string"}}},
        {"columns": PERSONAL, "hash_key": HashKey(b"k" * 32)},
    ],
    ids=["typed", "of a month", "derived", "as text", "hashed"],
)
def test_a_file_without_a_flaw_needs_no_table(
    stage_file: StageFile, tmp_path: Path, ways: Ways, changes: dict[str, Any]
) -> None:
    if changes.get("period"):
        changes = {**changes, "period": "{period}", "path": "orders.{period}.parquet"}
    found = stage_file(parquet(tmp_path, MANY), **{"path": "orders.parquet", **changes})
    assert (found.staged.rows, found.staged.rejected, found.accepted.height) == (3000, 0, 3000)
    assert found.accepted["_row"].to_list() == list(range(3000))
    assert ways == []


@pytest.mark.parametrize(
    ("flawed", "reason"),
    [
        ("SELECT '7', DATE '2024-01-05', 'north', 1", "id 7: conflicts with an earlier row of the same key"),
        ("SELECT NULL, DATE '2024-01-05', 'north', 1", "id: is empty"),
        ("SELECT 'x', DATE '2024-01-05', 'west', 1", "unit: 'west' is not a declared unit"),
        ("SELECT 'x', DATE '2023-12-31', 'north', 1", "day: 2023-12 is before the first period 2024-01"),
    ],
)
def test_one_bad_row_is_found_among_all_and_the_rest_is_kept(
    stage_file: StageFile, tmp_path: Path, ways: Ways, flawed: str, reason: str
) -> None:
    found = stage_file(parquet(tmp_path, f"{MANY} UNION ALL {flawed}"), path="orders.parquet")
    assert (found.reasons, found.accepted.height, ways) == ([reason], 3000, ["table"])


@pytest.mark.parametrize(
    "changes", [{"unique": [["id", "day"]]}, {"expects": {"change": {"at_most": "50%"}}}], ids=["unique", "change"]
)
def test_what_takes_a_further_look_goes_by_way_of_a_table(
    stage_file: StageFile, tmp_path: Path, ways: Ways, changes: dict[str, Any]
) -> None:
    found = stage_file(parquet(tmp_path, MANY), path="orders.parquet", **changes)
    assert (found.accepted.height, ways) == (3000, ["table"])


def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where damage is met only after the file was measured: measuring reads the texts, and would meet it first."""
    monkeypatch.setattr(warehouse.reading_tables, "require_bounded", lambda *_: None)


def test_what_no_rule_looks_at_is_read_all_the_same(
    stage_file: StageFile, tmp_path: Path, ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only writing meets the damage: no rule needs a text that may be empty."""
    monkeypatch.setattr(warehouse.staging, "_UNPLANNED", 0)
    unmeasured(monkeypatch)
    columns = {**COLUMNS, "note": {"type": "string", "nullable": True}}
    whole = bytearray(parquet(tmp_path, f"SELECT *, md5(id) AS note FROM ({MANY})"))
    with duckdb.connect() as connection:
        [(start, size)] = connection.execute(
            "SELECT data_page_offset, total_compressed_size FROM parquet_metadata(?) WHERE path_in_schema = 'note'",
            [str(tmp_path / "made.parquet")],
        ).fetchall()
    whole[start + size // 2 : start + size] = b"\xff" * (size - size // 2)
    found = stage_file(bytes(whole), path="orders.parquet", columns=columns)
    assert "cannot be read as parquet" in str(found.staged.refused)
    assert ways == ["table"]


@pytest.mark.parametrize("is_measured", [True, False])
def test_a_file_that_breaks_off_is_refused_as_ever(
    stage_file: StageFile, tmp_path: Path, ways: Ways, monkeypatch: pytest.MonkeyPatch, is_measured: bool
) -> None:
    if not is_measured:
        unmeasured(monkeypatch)
    whole = bytearray(parquet(tmp_path, MANY))
    whole[40:400] = b"\0" * 360
    assert "cannot be read as parquet" in str(stage_file(bytes(whole), path="orders.parquet").staged.refused)
    assert ways == ([] if is_measured else ["table"])
