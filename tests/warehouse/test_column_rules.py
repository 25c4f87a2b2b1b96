"""Column rules beyond types: several formats, sets of columns without repetition, derived columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import example, given, settings
from pydantic import ValidationError

from scorecards.columns import Column, Derived
from scorecards.errors import DeclarationError
from tests.property.test_expressions import KINDS, ROWS, SCHEMA, number_leaf, numbers
from tests.warehouse.conftest import HEADER, StageFile, contract
from transforms.expressions import compile_sql
from warehouse.derived import raw_value
from warehouse.frames import Stream

IN_FOUR_WAYS = {"type": "date", "format": ["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%b-%Y"], "nullable": True}


def columns(**changes: Any) -> dict[str, Any]:
    return {**contract().model_dump(exclude_unset=True)["columns"], **changes}


def test_a_day_may_be_written_in_any_of_the_declared_formats(stage_file: StageFile) -> None:
    days = ["05/01/2024", "05.01.2024", "2024-01-05", "05-Jan-2024", "2024/01/05", "13-13-2024"]
    text = HEADER.replace("amount", "due") + "".join(f"{i},2024-01-09,north,{day}\n" for i, day in enumerate(days))
    declared = {name: value for name, value in columns(due=IN_FOUR_WAYS).items() if name != "amount"}
    found = stage_file(text, columns=declared)
    assert found.accepted["due"].to_list() == [date(2024, 1, 5)] * 4
    assert found.lines == [6, 7]
    assert found.reasons[0] == "due: '2024/01/05' is not a date (%d/%m/%Y or %d.%m.%Y or %Y-%m-%d or %d-%b-%Y)"


def test_names_of_months_are_read_in_english_and_german_long_and_short(stage_file: StageFile) -> None:
    """A letter more or less in front or behind, and a name of another language, is no name."""
    written = ["Sept-24", "SEP-24", "September-24", "Mär-24", "märz-24", "Mrz-24", "JÄN-24", "Jänner-24", "Mai-24"]
    written += ["Okt-24", "Dez-24", "Juni-24", "Septem-24", "xSept-24", "Août-24"]
    text = HEADER.replace("amount", "due") + "".join(f"{i},2024-01-09,north,{day}\n" for i, day in enumerate(written))
    due = {"type": "month", "format": ["Plan %B %Y", "%b-%y"]}
    declared = {name: value for name, value in columns(due=due).items() if name != "amount"}
    found = stage_file(text, columns=declared)
    assert [day.month for day in found.accepted["due"]] == [9, 9, 9, 3, 3, 3, 1, 1, 5, 10, 12, 6]
    assert found.lines == [14, 15, 16]


def test_formats_that_read_one_text_as_two_days_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"read '04/05/2003' as two different days"):
        Column.model_validate({"type": "date", "format": ["%d/%m/%Y", "%m/%d/%Y"]})
    Column.model_validate({"type": "date", "format": ["%d/%m/%Y", "%d/%m/%y", "%Y%m%d"]})


def test_a_second_row_of_the_same_values_is_rejected_unless_one_is_empty(stage_file: StageFile) -> None:
    rows = (
        "1,2024-01-05,north,5\n2,2024-01-05,north,5\n3,2024-01-05,south,5\n4,2024-01-05,north,\n5,2024-01-05,north,\n"
    )
    found = stage_file(HEADER + rows, unique=[["day", "unit", "amount"]])
    assert found.ids == ["1", "3", "4", "5"]
    assert found.reasons == [
        "day, unit, amount 2024-01-05, north, 5.00: conflicts with an earlier row of the same values"
    ]
    assert found.staged.reasons == {"duplicate: day, unit, amount: conflicts with an earlier row of the same values": 1}


def test_the_key_and_each_set_are_judged_by_themselves(stage_file: StageFile) -> None:
    rows = "1,2024-01-05,north,1\n1,2024-01-06,north,2\n2,2024-01-05,south,3\n"
    found = stage_file(HEADER + rows, unique=["day"])
    assert found.lines == [3, 4]
    assert [reason.partition(":")[0] for reason in found.reasons] == ["id 1", "day 2024-01-05"]


def test_a_derived_column_is_computed_from_its_row_typed_and_checked(stage_file: StageFile) -> None:
    declared = {
        "tax": "amount * 0.19",
        "size": {"value": "CASE WHEN amount > 100 THEN 'large' ELSE 'small' END", "type": "enum",
                 "values": ["large", "small"]},
        "share": {"value": "amount / NULLIF(amount - 7, 0)", "type": "float", "nullable": True},
        "cents": {"value": "amount * 100", "type": "integer", "maximum": 50000},
    }  # fmt: skip
    rows = "1,2024-01-05,north,100.50\n2,2024-01-05,north,7\n3,2024-01-05,north,900\n4,2024-01-05,north,\n"
    found = stage_file(HEADER + rows, derived=declared)
    assert found.ids == ["1", "2"]
    assert found.accepted["tax"].to_list() == [Decimal("19.0950"), Decimal("1.3300")]
    assert found.accepted["size"].to_list() == ["large", "small"]
    assert found.accepted["share"].to_list() == [100.5 / 93.5, None]
    assert found.accepted["cents"].to_list() == [10050, 700]
    assert found.reasons == ["cents: '90000.00' is above 50000", "tax: gives no value"]
    assert found.raw == ["3,2024-01-05,north,900", "4,2024-01-05,north,"]


def test_a_derived_column_may_be_key_unit_and_period(stage_file: StageFile) -> None:
    declared = {
        "site": {"value": "LOWER(unit)", "type": "string"},
        "booked": {"value": "COALESCE(amount, 0) + 1", "type": "integer"},
        "on_day": {"value": "COALESCE(day, DATE '2024-03-31')", "type": "date"},
    }
    rows = "1,2024-01-05,NORTH,1\n2,,South,2\n3,2024-02-01,NORTH,1\n4,2024-02-01,East,9\n"
    nullable = columns(day={"type": "date", "nullable": True})
    found = stage_file(HEADER + rows, columns=nullable, derived=declared, unit="site", key="booked", period="on_day")
    assert found.accepted.select("_unit", "_period").rows() == [
        ("north", date(2024, 1, 1)), ("south", date(2024, 3, 1)),
    ]  # fmt: skip
    assert [reason.partition(":")[0] for reason in found.reasons] == ["booked 2", "site"]


def test_what_overflows_or_is_no_number_gives_no_value_and_no_error(stage_file: StageFile) -> None:
    declared = {
        "wide": {"value": "id * id", "type": "integer", "nullable": True},
        "log": {"value": "LN(amount)", "type": "float", "nullable": True},
        "code": {"value": "COALESCE(CAST(unit AS BIGINT), -1)", "type": "integer"},
    }
    rows = "9000000000,2024-01-05,north,-1\n3,2024-01-05,south,1\n"
    found = stage_file(HEADER + rows, columns=columns(id={"type": "integer"}), derived=declared)
    assert found.accepted.select("wide", "log", "code").rows() == [(None, None, -1), (9, 0.0, -1)]


def test_a_formula_that_the_engine_cannot_compute_is_told_before_anything_is_read(stage_file: StageFile) -> None:
    with pytest.raises(
        DeclarationError, match=r"sources/orders.yaml: derived.x: .* cannot be used: No function matches"
    ):
        stage_file(HEADER, derived={"x": {"value": "LENGTH(day)", "type": "integer"}})


NOTHING = dict.fromkeys(KINDS)


@settings(max_examples=60)
@given(text=numbers(numbers(number_leaf)), rows=ROWS)
@example(text="NULLIF(2, i) / (-0)", rows=[NOTHING, NOTHING])
@example(text="NULLIF(2, i) % 0", rows=[NOTHING, NOTHING])
@example(text="CASE WHEN 1 = 2 THEN NULLIF(2, i) ELSE 3 END", rows=[NOTHING, NOTHING])
def test_a_derived_column_has_the_value_that_a_formula_over_the_same_row_has(text: str, rows: list[Any]) -> None:
    own = {
        name: Column(type={"i": "integer", "j": "integer", "d": "decimal", "f": "float", "t": "string", "day": "date",
                           "b": "boolean"}[name], scale=2)
        for name in KINDS
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=SCHEMA)
    expected = frame.with_columns(compile_sql(text, SCHEMA).cast(pl.Float64).alias("v"))["v"].to_list()
    connection = duckdb.connect()
    connection.register("rows", Stream(frame))
    value = raw_value(Derived(value=text), own)
    sql = f"SELECT TRY_CAST({value} AS DOUBLE) FROM rows"
    found = [v for (v,) in connection.execute(sql).fetchall()]
    assert found == [pytest.approx(v, rel=1e-9, abs=1e-9) if v is not None else None for v in expected]
