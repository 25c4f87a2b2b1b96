"""Contracts that change: the form in force for a file, columns that come and go, and columns that change their type."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from pydantic import ValidationError

from tests.warehouse.conftest import HEADER, StageFile, contract
from warehouse.deliveries import deliveries
from warehouse.home import Home
from warehouse.selection import all_loads, current, scan
from warehouse.taking_in import Desk, take_in

CHANGED: list[dict[str, Any]] = [
    {
        "from": "2024-02",
        "delimiter": ";",
        "decimal": ",",
        "columns": {"channel": {"type": "enum", "values": ["web", "shop"]}, "note": None},
    },
    {"from": "2024-06", "encoding": "cp1252", "columns": {"day": {"type": "date", "format": "%d.%m.%Y"}}},
]
COLUMNS = {**contract().model_dump(exclude_unset=True)["columns"], "note": {"nullable": True}}
FILES = {
    "2024-01": b"id,day,unit,amount,note\n1,2024-01-05,north,1.5,first\n",
    "2024-02": b"id;day;unit;amount;channel\n2;2024-02-05;north;2,5;web\n",
    "2024-06": b"id;day;unit;amount;channel\n3;05.06.2024;s\xfcd;3,5;shop\n4;05.06.2024;north;4,5;caf\xe9\n",
}


def test_each_file_is_read_in_the_form_of_its_month_and_all_have_the_same_columns(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    extracts, home = tmp_path / "extracts", Home(tmp_path / "home").create()
    extracts.mkdir()
    for month, content in FILES.items():
        (extracts / f"orders_{month}.csv").write_bytes(content)
    source = contract(path="orders_{period}.csv", columns=COLUMNS, changed=CHANGED)
    take_in(Desk(home, source, "c1", date(2024, 1, 1), ["north", "süd"]), deliveries(source, extracts))
    loads = all_loads(home)
    assert [load.refused for load in loads] == [None] * 3
    rows = scan(home, source, current(loads)).collect().sort("id")
    assert rows.columns == ["id", "day", "unit", "amount", "note", "channel", "_unit", "_period", "_row", "_file"]
    assert rows.select("id", "note", "channel", "_unit").rows() == [
        ("1", "first", None, "north"), ("2", None, "web", "north"), ("3", None, "shop", "süd"),
    ]  # fmt: skip
    rejected = pl.read_parquet(home.quarantine / "orders" / f"{loads[2].id}.parquet")
    assert rejected.select("line", "reason").rows() == [(3, "channel: 'café' is not one of web, shop")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("orders_20240131.csv", FILES["2024-01"]), ("orders_20240205.csv", FILES["2024-02"])],
)
def test_a_file_of_many_months_is_read_in_the_form_of_its_day_also_from_the_archive(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, name: str, content: bytes
) -> None:
    extracts, home = tmp_path / "extracts", Home(tmp_path / "home").create()
    extracts.mkdir()
    (extracts / name).write_bytes(content)
    source = contract(path="orders_{file_date}.csv", columns=COLUMNS, changed=CHANGED)
    take_in(Desk(home, source, "c1", date(2024, 1, 1), ["north"]), deliveries(source, extracts))
    # Under another contract the archived bytes are checked again, without the file.
    take_in(Desk(home, source, "c2", date(2024, 1, 1), ["north"]), [])
    assert [(load.contract, load.refused, load.rows) for load in all_loads(home)] == [("c1", None, 1), ("c2", None, 1)]


def test_without_period_or_day_the_newest_form_is_in_force(stage_file: StageFile) -> None:
    found = stage_file("id;day;unit;amount;channel\n2;05.02.2024;north;2,5;web\n", columns=COLUMNS, changed=CHANGED)
    assert found.accepted["channel"].to_list() == ["web"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": {"amount": {"type": "float"}}}, "'amount' changes from decimal to float"),
        ({"columns": {"amount": {"type": "decimal", "scale": 4}}}, "'amount' changes its scale from 2 to 4"),
        ({"thousands": "."}, "from 2024-02 on: 'decimal' and 'thousands' are both '.'"),
        ({"path": "other.csv"}, "Extra inputs are not permitted"),
    ],
)
def test_a_change_that_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        contract(changed=[{"from": "2024-02", **changes}])
    assert words in str(caught.value)


def test_changes_must_be_in_the_order_of_time() -> None:
    with pytest.raises(ValidationError, match="2023-01 comes after 2024-02"):
        contract(changed=[{"from": "2024-02", "delimiter": ";"}, {"from": "2023-01", "delimiter": "|"}])


@pytest.mark.parametrize(
    ("day", "amounts", "words"),
    [
        ("2024-01-0{}", ("1.234,50", "2,00", "3,5"), "no value of the column 'amount' is a number, such as '1.234,50': "
         "the file is written in another way than the contract says. The numbers look as if they had a decimal comma"),
        ("1{}.01.2024", ("1", "2", "3"), 'Declare its format: "%d.%m.%Y", or ask for the file as it was.'),
        ("0{}/01/2024", ("1", "2", "3"), '("%d/%m/%Y" or "%m/%d/%Y": the values do not tell which)'),
        ("{}. Jänner 24", ("1", "2", "3"), "Correct the type of 'day' in the contract (from a month on: under 'chan"),
    ],
)  # fmt: skip
def test_a_column_that_changed_its_type_is_told_in_one_sentence(
    stage_file: StageFile, day: str, amounts: tuple[str, ...], words: str
) -> None:
    rows = "".join(f'{i},{day.format(i)},north,"{amount}"\n' for i, amount in enumerate(amounts, 1))
    found = stage_file(HEADER + rows)
    assert found.staged.refused is not None
    assert words in found.staged.refused
    assert (found.staged.rows, found.rejects.height) == (3, 0)


def test_numbers_that_are_too_long_are_numbers(stage_file: StageFile) -> None:
    rows = "".join(f"{i},2024-01-05,north,922337203685477580{i}\n" for i in range(3))
    found = stage_file(HEADER + rows)
    assert "no value" not in str(found.staged.refused)
    assert found.reasons[0] == "amount: '9223372036854775800' has more than 16 digits"


def test_a_column_with_one_right_value_is_told_row_by_row(stage_file: StageFile) -> None:
    rows = "".join(f"{i},2024-01-05,north,{amount}\n" for i, amount in enumerate(["x", "y", "z", "4"]))
    assert stage_file(HEADER + rows).lines == [2, 3, 4]


def test_the_values_of_a_personal_column_stay_out_of_the_sentence(stage_file: StageFile) -> None:
    declared = {**COLUMNS, "amount": {"type": "decimal", "personal": True}}
    del declared["note"]
    found = stage_file(HEADER + "".join(f"{i},2024-01-05,north,secret{i}\n" for i in range(4)), columns=declared)
    assert found.staged.refused is not None
    assert "secret" not in found.staged.refused
