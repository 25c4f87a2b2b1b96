"""What others may read of the published tables: nothing that is one person's, and nothing that proves a guess."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from scorecards.groups import NOTHING, Telling
from warehouse.analysts import FILE, write_copy
from warehouse.frames import fetch
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import EDITION_PACKS, LOADS, PACKS, REJECTS, Table
from warehouse.told import read_told

ABOUT = Telling(frozenset({"absence"}))
MARCH = date(2025, 3, 1)
TYPES = {"DATE": pl.Date, "BIGINT": pl.Int64, "INTEGER": pl.Int32, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean}
BYTES = {"digest": "ab" * 32, "inputs": "cd" * 32, "file": f"landing/ab/{'ab' * 32}", "bytes": 1234, "pages": 3}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def fill(home: Home, table: Table, partitions: list[Any], *rows: dict[str, Any]) -> None:
    schema = {name: TYPES.get(column.type, pl.String) for name, column in table.columns.items()}
    with open_warehouse(home) as warehouse:
        warehouse.replace({table: pl.DataFrame(rows, schema=schema)}, partitions)


def delivered(home: Home, refused: str = "absence.csv: 1 of 3 rows are rejected. First: line 3: days: '99' …") -> None:
    row = {"load": "4f2a", "source": "absence", "file": "absence.csv", "known_on": MARCH, "digest": "ab" * 32}
    fill(home, LOADS, ["absence"], {**row, "rows": 3, "rejected": 1, "is_current": False, "refused": refused})
    fill(
        home, REJECTS, ["absence"],
        {"load": "4f2a", "source": "absence", "file": "absence.csv", "line": 3, "rule": "maximum",
         "reason": "days: '99' is above 31", "raw": "line_2;99"},
    )  # fmt: skip


def everything(home: Home, table: Table, telling: Telling) -> list[dict[str, Any]]:
    """The rows as `export` gives them, which must be those of the analysts' copy."""
    found = read_told(home, table, telling)
    with duckdb.connect(str(write_copy(home, telling) / FILE), read_only=True) as copy:
        assert fetch(copy, f"FROM {table.full_name}").equals(found)
    return found.to_dicts()


def test_the_refusal_of_a_file_about_people_tells_line_and_rule_and_no_value(home: Home) -> None:
    delivered(home)
    [row] = everything(home, LOADS, ABOUT)
    assert row["refused"] == "1 of 3 rows are rejected. First: line 3: maximum"
    assert read_told(home, LOADS, NOTHING)["refused"].item().endswith("'99' …")


def test_the_refusal_of_records_on_one_line_tells_the_first_by_its_number(home: Home) -> None:
    delivered(home)
    row = {"load": "4f2a", "source": "absence", "line": 1, "reason": "", "raw": ""}
    rejects = {**row, "record": 11, "rule": "enum"}, {**row, "record": 4, "rule": "maximum"}
    fill(home, REJECTS, ["absence"], *rejects)
    [row] = everything(home, LOADS, ABOUT)
    assert row["refused"] == "1 of 3 rows are rejected. First: record 4, line 1: maximum"


def test_a_refusal_for_another_reason_than_rows_tells_nothing(home: Home) -> None:
    delivered(home, "absence.csv: days of 2025-03 is 17, 40 % more than the month before")
    fill(home, REJECTS, ["absence"])
    assert read_told(home, LOADS, ABOUT)["refused"].to_list() == ["withheld: it may tell of a person"]


def test_deliveries_that_are_not_refused_are_not_said_to_be(home: Home) -> None:
    fill(home, LOADS, ["absence"], {"load": "4f2a", "source": "absence", "rows": 3, "rejected": 0, "is_current": True})
    assert read_told(home, LOADS, ABOUT)["refused"].to_list() == [None]


def test_what_identifies_the_bytes_of_a_file_about_people_is_not_told(home: Home) -> None:
    delivered(home)
    [load], [reject] = everything(home, LOADS, ABOUT), everything(home, REJECTS, ABOUT)
    assert (load["digest"], load["load"], reject["load"]) == (None, "absence 1", "absence 1")
    [load] = everything(home, LOADS, Telling(frozenset({"staff"})))
    assert (load["digest"], load["load"]) == ("ab" * 32, "4f2a")


@pytest.mark.parametrize("table", [PACKS, EDITION_PACKS])
def test_nothing_identifies_the_bytes_of_a_pack_with_a_persons_own_figures(home: Home, table: Table) -> None:
    edition = {"edition": 1} if table is EDITION_PACKS else {}
    row = {"period": MARCH, "scorecard": "company", "format": "pdf", **BYTES, **edition}
    fill(home, table, [MARCH], *({**row, "unit": unit, "is_private": unit == "p_1"} for unit in ("line", "p_1")))
    told = {row["unit"]: row for row in everything(home, table, NOTHING)}
    assert {name: told["p_1"][name] for name in BYTES} == dict.fromkeys(BYTES)
    assert {name: told["line"][name] for name in BYTES} == BYTES
