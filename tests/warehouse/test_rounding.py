"""Numbers with more decimals than their column keeps are rounded, and how many were is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.conftest import COLUMNS, HEADER, StageFile
from tests.warehouse.test_other_formats import parquet, workbook

MANY = "2 numbers have more decimals than their columns keep and are rounded: declare a larger 'scale' to keep them"
ONE = "1 number has more decimals than its column keeps and is rounded: declare a larger 'scale' to keep it"


def lines(*amounts: str) -> str:
    return HEADER + "".join(f'{place},2024-01-05,north,"{amount}"\n' for place, amount in enumerate(amounts))


@pytest.mark.parametrize(
    ("amounts", "changes", "notes"),
    [
        (["1.234", "-0.004", "1.5", ""], {}, (MANY,)),
        (["1.234", "1.23", "1.50000", "7", "1e2"], {}, (ONE,)),
        (["1.23", "0.00", "5."], {}, ()),
        (["1.234", "x"], {}, (ONE,)),
        (["1.000.234,567", "1,50000"], {"decimal": ",", "thousands": "."}, (ONE,)),
    ],
)
def test_rounded_numbers_are_counted(
    stage_file: StageFile, amounts: list[str], changes: dict[str, Any], notes: tuple[str, ...]
) -> None:
    assert stage_file(lines(*amounts), **changes).staged.notes == notes


@pytest.mark.parametrize(
    ("amount", "scale", "is_rounded"),
    [
        ("1.99999999999999999999", 2, True),
        ("1.00000000000000000001", 2, True),
        ("12345678901234.567", 2, True),
        ("0.30000000000000004", 2, True),
        ("1e-30", 2, True),
        ("-1E-9", 4, True),
        ("1.5e-9", 4, True),
        (".5e-1", 1, True),
        ("1.5e-3", 4, False),
        ("1.25e-3", 4, True),
        ("1200e-2", 0, False),
        ("12.30e1", 0, False),
        ("0.000e-9", 2, False),
        ("+1.20000000000000000000", 2, False),
        ("1230000000000000.0000", 2, False),
        ("100", 2, False),
    ],
)
def test_every_number_that_is_another_than_its_text_is_counted(
    stage_file: StageFile, amount: str, scale: int, is_rounded: bool
) -> None:
    columns = {**COLUMNS, "amount": {"type": "decimal", "scale": scale}}
    staged = stage_file(lines(amount), columns=columns).staged
    assert (staged.rejected, staged.notes) == (0, (ONE,) if is_rounded else ())


@pytest.mark.parametrize(("shares", "notes"), [(["99.995%", "5%"], (ONE,)), (["99.99%", "12.50 %"], ())])
def test_of_a_percentage_two_more_decimals_are_lost(
    stage_file: StageFile, shares: list[str], notes: tuple[str, ...]
) -> None:
    columns = {**COLUMNS, "amount": {"type": "decimal", "percent": True}}
    assert stage_file(lines(*shares), columns=columns).staged.notes == notes


@pytest.mark.parametrize(("share", "scale", "is_rounded"), [("75%", 1, True), ("70%", 1, False), ("100%", 0, False)])
def test_of_a_percentage_whole_percents_may_be_lost(
    stage_file: StageFile, share: str, scale: int, is_rounded: bool
) -> None:
    columns = {**COLUMNS, "amount": {"type": "decimal", "percent": True, "scale": scale}}
    assert stage_file(lines(share), columns=columns).staged.notes == ((ONE,) if is_rounded else ())


def test_shares_with_and_without_a_percent_sign_are_counted_by_what_they_keep(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "amount": {"type": "decimal", "scale": 2, "percent": "where written"}}
    for shares, notes in ((["45%", "0.45", "0.4500"], ()), (["45.5%"], (ONE,)), (["0.455"], (ONE,))):
        assert stage_file(lines(*shares), columns=columns).staged.notes == notes


def test_what_a_workbook_adds_in_the_last_digit_is_no_decimal(stage_file: StageFile) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, ["id", "day", "unit", "amount"])
        for row, amount in enumerate((0.1 + 0.2, 12.340000000000002, 1.239, 12345678.995), start=1):
            sheet.write_row(row, 0, [str(row), "2024-01-05", "north", amount])

    found = stage_file(workbook(fill), path="orders.xlsx")
    assert found.accepted["amount"].to_list() == [*map(Decimal, ("0.30", "12.34", "1.24", "12345679.00"))]
    assert found.staged.notes == (MANY,)


def test_the_noise_of_floats_is_none_of_exact_decimals(stage_file: StageFile, tmp_path: Path) -> None:
    """However small what was cut off is beside the number, and whether months are columns or not."""
    exact = "12345678.9950::DECIMAL(18, 4)", "12345678901.2300000001::DECIMAL(38, 10)", "'1234567890123.451'"
    for amount in exact:
        rows = f"SELECT '1' AS id, DATE '2024-01-05' AS day, 'north' AS unit, {amount} AS amount"
        assert stage_file(parquet(tmp_path, rows), path="orders.parquet").staged.notes == (ONE,)
        wide = f"SELECT '1' AS id, 'north' AS unit, {amount} AS \"2024-01-05\""
        turn = {"columns": "2024*", "name": "day", "value": "amount"}
        assert stage_file(parquet(tmp_path, wide), path="orders.parquet", unpivot=turn).staged.notes == (ONE,)


@pytest.mark.parametrize(("kind", "notes"), [("DECIMAL(18, 3)", (ONE,)), ("DOUBLE", (ONE,)), ("DECIMAL(18, 2)", ())])
def test_parquet_values_are_counted_by_what_they_are(
    stage_file: StageFile, tmp_path: Path, kind: str, notes: tuple[str, ...]
) -> None:
    rows = f"""SELECT i::VARCHAR AS id, DATE '2024-01-05' AS day, 'north' AS unit,
        (CASE WHEN i = 1 THEN 1.239 ELSE 1.5 END)::{kind} AS amount FROM range(3) t(i)"""
    assert stage_file(parquet(tmp_path, rows), path="orders.parquet").staged.notes == notes
