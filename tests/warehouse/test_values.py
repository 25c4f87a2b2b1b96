"""Values: which texts are numbers, days, months, truths and words, and what a reason says of the others."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from scorecards.errors import DeclarationError
from scorecards.sources import Column
from tests.warehouse.conftest import COLUMNS, HEADER, StageFile, contract

REJECTED = "<rejected>"
CASES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        {"type": "decimal", "scale": 2},
        {},
        {
            "1.5": Decimal("1.50"), "1e3": Decimal(1000), ".00": Decimal(0), "-0": Decimal(0), "5.": Decimal(5),
            "+5": Decimal(5), "": None, "1,5": REJECTED, "1.000,5": REJECTED, "NaN": REJECTED, "inf": REJECTED,
            "--1": REJECTED, "1 000": REJECTED, "1e30": REJECTED, "99999999999999999": REJECTED, "abc": REJECTED,
        },
    ),
    (
        {"type": "decimal", "scale": 2},
        {"decimal": ",", "thousands": "."},
        {
            "1,5": Decimal("1.50"), "1.000,5": Decimal("1000.50"), "1.000": Decimal(1000), "1.5": REJECTED,
            "12.34": REJECTED, "1.00.000": REJECTED,
        },
    ),
    (
        {"type": "decimal"},
        {},
        {"\u22125.5": Decimal("-5.5"), "5\u2212": REJECTED, "5-": REJECTED, "(5)": REJECTED},
    ),
    ({"type": "integer"}, {"thousands": ","}, {"\u22121,000": -1000, "\u2212\u22121": REJECTED}),
    ({"type": "float"}, {"decimal": ","}, {"\u22122,5e\u22121": -0.25}),
    ({"type": "decimal", "percent": True}, {}, {"\u221250%": Decimal("-0.5")}),
    ({"type": "decimal", "percent": "where written"}, {}, {"\u221250%": Decimal("-0.5"), "\u22125": Decimal(-5)}),
    ({"type": "decimal", "symbol": "€"}, {}, {"\u2212€ 5": Decimal(-5), "€\u22125": Decimal(-5)}),
    (
        {"type": "decimal"},
        {"negatives": ["brackets", "trailing"], "thousands": ","},
        {"(5)": Decimal(-5), "( 1,000.50 )": Decimal("-1000.5"), "5-": Decimal(-5), "5 \u2212": Decimal(-5),
         "-5": Decimal(-5), "5": Decimal(5), "(-5)": REJECTED, "-5-": REJECTED, "(5": REJECTED, "-": REJECTED,
         "(5)-": REJECTED},
    ),
    ({"type": "decimal"}, {"negatives": "trailing"}, {"5-": Decimal(-5), "(5)": REJECTED}),
    (
        {"type": "decimal", "symbol": "€"},
        {"negatives": "brackets"},
        {"(€5)": Decimal(-5), "(5 €)": Decimal(-5), "€ (5)": Decimal(-5), "(5) €": Decimal(-5), "€5": Decimal(5)},
    ),
    ({"type": "decimal", "percent": True}, {"negatives": "brackets"}, {"(50%)": Decimal("-0.5"), "(50)": REJECTED}),
    ({"type": "integer"}, {"negatives": "trailing"}, {"12-": -12}),
    ({"type": "decimal"}, {"thousands": "'"}, {"1'000": Decimal(1000), "1’000": Decimal(1000), "1'00": REJECTED}),
    ({"type": "decimal"}, {"thousands": " "}, {"1 000": Decimal(1000), "1\u00a0000": Decimal(1000), "1 0": REJECTED}),
    (
        {"type": "decimal"},
        {"thousands": ","},
        {
            "1,000.5": Decimal("1000.5"), "-10,000": Decimal(-10000), "0.5": Decimal("0.5"), "1,00": REJECTED,
            "1,5": REJECTED, "0,500": REJECTED, "-012,500": REJECTED,
        },
    ),
    (
        {"type": "integer"},
        {},
        {
            "1": 1, "1.00": 1, "-0": 0, "007": 7, "9223372036854775807": 2**63 - 1, "9223372036854775808": REJECTED,
            "1.5": REJECTED, "1e3": REJECTED, "1,000": REJECTED,
        },
    ),
    (
        {"type": "float"},
        {},
        {"1.5": 1.5, "1e-400": 0.0, "1e400": REJECTED, "-1e400": REJECTED, "nan": REJECTED, "0x10": REJECTED},
    ),
    (
        {"type": "date"},
        {},
        {
            "2024-01-05": date(2024, 1, 5), "2024-01-05 00:00:00": date(2024, 1, 5), "2024-02-30": REJECTED,
            "2024-01-05T10:00": REJECTED, "05/01/2024": REJECTED, "infinity": REJECTED, "45296": REJECTED,
            "24-01-05": REJECTED,
        },
    ),
    (
        {"type": "date", "format": "%d/%m/%Y"},
        {},
        {"05/01/2024": date(2024, 1, 5), "31/02/2024": REJECTED, "5/1/24": REJECTED, "2024-01-05": REJECTED},
    ),
    (
        {"type": "datetime"},
        {},
        {
            "2024-01-05": datetime(2024, 1, 5), "2024-01-05T10:00:00Z": datetime(2024, 1, 5, 10), "now": REJECTED,
            "infinity": REJECTED, "epoch": REJECTED, "2024-01-05 25:00": REJECTED,
        },
    ),
    (
        {"type": "month"},
        {},
        {
            "2024-01": date(2024, 1, 1), "2024-01-15": date(2024, 1, 1), "2024-13": REJECTED, "2024-02-31": REJECTED,
            "202401": REJECTED,
        },
    ),
    ({"type": "month", "format": "%m/%Y"}, {}, {"02/2024": date(2024, 2, 1), "13/2024": REJECTED}),
    ({"type": "boolean"}, {}, {"true": True, "YES": True, "0": False, "ja": REJECTED, "2": REJECTED}),
    (
        {"type": "boolean", "true_when": ["ja", "J"], "false_when": ["nein", "N", "1"]},
        {},
        {
            "ja": True, "JA": True, "j": True, "Nein": False, "n": False, "1": False, "true": True, "false": False,
            "": None, "yes": REJECTED, "0": REJECTED,
        },
    ),
    (
        {"type": "boolean", "true_when": "x", "false_when": "", "nullable": False},
        {"nulls": ["-"]},
        {"x": True, "": False, "X": True, "-": False, "true": True, "y": REJECTED},
    ),
    ({"type": "enum", "values": ["a", "c"]}, {}, {"a": "a", "A": REJECTED, "b": REJECTED, "": None}),
    ({"type": "string", "matches": "[a-z]+"}, {}, {"abc": "abc", "a b": REJECTED, "xabc1": REJECTED}),
    ({"type": "integer", "minimum": 2, "maximum": 10}, {}, {"2": 2, "10": 10, "1": REJECTED, "11": REJECTED}),
    (
        {"type": "decimal", "percent": True},
        {"thousands": ","},
        {
            "75.00%": Decimal("0.75"), "75 %": Decimal("0.75"), "75\u202f%": Decimal("0.75"),
            "-3.5%": Decimal("-0.035"), ".5%": Decimal("0.005"), "1,250%": Decimal("12.5"),
            "12.345%": Decimal("0.1235"),
            "": None, "0.00499999%": Decimal(0), "75": REJECTED, "0.75": REJECTED, "%": REJECTED, "75%%": REJECTED,
            "1e2%": REJECTED, "x%": REJECTED, "7,5%": REJECTED, "99999999999999999%": REJECTED,
        },
    ),
    (
        {"type": "float", "percent": True},
        {"decimal": ","},
        {"28,5%": 0.285, "-0%": 0.0, "0,285": REJECTED, "28.5%": REJECTED},
    ),
    (
        {"type": "decimal", "percent": "where written", "maximum": 1},
        {"thousands": ","},
        {
            "45%": Decimal("0.45"), "0.45": Decimal("0.45"), "12.345 %": Decimal("0.1235"), "1": Decimal(1),
            "4e-1": Decimal("0.4"), "": None, "45": REJECTED, "0,45%": REJECTED, "%": REJECTED, "x": REJECTED,
        },
    ),
    ({"type": "float", "percent": "where written"}, {"decimal": ","}, {"28,5%": 0.285, "0,285": 0.285}),
    ({"type": "decimal", "percent": True, "minimum": 0, "maximum": 1}, {}, {"100%": Decimal(1), "101%": REJECTED}),
    ({"type": "decimal"}, {"nulls": ["n/a", "-"]}, {"n/a": None, "-": None, "N/A": REJECTED}),
]  # fmt: skip


@pytest.mark.parametrize(("column", "changes", "values"), CASES, ids=lambda case: str(case)[:40])
def test_a_text_is_read_as_its_type_or_rejected_with_the_text_in_the_reason(
    stage_file: StageFile, column: dict[str, Any], changes: dict[str, Any], values: dict[str, Any]
) -> None:
    columns = {"id": {"type": "string"}, "v": {"nullable": True, **column}}
    text = "id;v\n" + "".join(f"{number};{value}\n" for number, value in enumerate(values))
    found = stage_file(text, columns=columns, unit={"always": "north"}, period="none", delimiter=";", **changes)
    expected = {str(place): value for place, value in enumerate(values.values()) if value is not REJECTED}
    assert dict(found.accepted.select("id", "v").iter_rows()) == expected
    rejected = [(place, text) for place, (text, value) in enumerate(values.items()) if value is REJECTED]
    assert found.lines == [place + 2 for place, _ in rejected]
    for reason, (_, text) in zip(found.reasons, rejected, strict=True):
        assert reason.startswith(f"v: '{text}' ")


@pytest.mark.parametrize(
    "value", [" a b", "a b ", "\u00a0a b\u00a0", "\ta b\t", '"\na b\n"', '" é"', '"é "', '"  "', "é"]
)
def test_space_of_every_kind_round_a_value_goes_and_inside_stays(stage_file: StageFile, value: str) -> None:
    columns = {"id": {"type": "string", "nullable": True}, "v": {}}
    found = stage_file(f"id;v\n{value};1\n", columns=columns, unit={"always": "north"}, period="none", delimiter=";")
    assert found.ids == [value.strip('"').strip() or None]


def test_minus_zero_of_a_float_is_zero(stage_file: StageFile) -> None:
    columns = {"id": {"type": "string"}, "v": {"type": "float"}}
    found = stage_file("id,v\n1,-0\n", columns=columns, unit={"always": "north"}, period="none")
    assert str(found.accepted["v"][0]) == "0.0"


def test_a_number_that_does_not_fit_is_said_to_be_too_long_not_to_be_no_number(stage_file: StageFile) -> None:
    found = stage_file(HEADER + "1,2024-01-05,north,99999999999999999\n")
    assert found.reasons == ["amount: '99999999999999999' has more than 16 digits"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (
            {"type": "decimal", "percent": True},
            "75",
            "'75' has no percent sign, which percent: true expects; percent: where written takes it as it stands",
        ),
        ({"type": "float", "percent": "where written"}, "x%", "'x%' is not a number or a percentage"),
        ({"type": "float", "percent": True}, "x%", "'x%' is not a percentage"),
        ({"type": "decimal"}, "75.00%", "'75.00%' has a percent sign: declare percent: true to keep it as a fraction"),
        (
            {"type": "integer"},
            "75%",
            "'75%' has a percent sign: declare type: decimal and percent: true to keep it as a fraction",
        ),
    ],
)
def test_a_percent_sign_that_lacks_or_is_not_expected_is_told_with_the_remedy(
    stage_file: StageFile, column: dict[str, Any], value: str, reason: str
) -> None:
    columns = {"id": {"type": "string"}, "v": column}
    found = stage_file(f"id,v\n1,{value}\n", columns=columns, unit={"always": "north"}, period="none")
    assert found.reasons == [f"v: {reason}"]


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ({"true_when": "ja"}, "belong together"),
        ({"true_when": ["ja", "x"], "false_when": ["nein", "X"]}, "'x' would be true and false"),
        ({"true_when": "false", "false_when": "true"}, "'false' would be true and false"),
        ({"true_when": "x", "false_when": "", "nullable": True}, "as missing, by 'nullable'"),
        ({"true_when": "x", "false_when": "o", "type": "string"}, "belong to the type boolean, not to string"),
    ],
)
def test_texts_of_truths_are_told_apart(column: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Column.model_validate({"type": "boolean", **column})


def test_a_text_is_not_empty_and_a_truth() -> None:
    truths = {"type": "boolean", "true_when": "x", "false_when": "-"}
    with pytest.raises(ValueError, match="'-' means an empty value by 'nulls', and a truth of 'v': name it once"):
        contract(columns={**COLUMNS, "v": truths}, nulls="-")


def test_a_row_of_delimiters_is_passed_over_where_empty_is_false(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "paid": {"type": "boolean", "true_when": "x", "false_when": ""}}
    found = stage_file("id,day,unit,amount,paid\n1,2024-01-05,north,1,\n,,,,\n", columns=columns)
    assert found.accepted["paid"].to_list() == [False]
    assert found.staged.notes == ("1 row without any value is passed over",)


def test_the_texts_of_truths_stand_in_the_reason(stage_file: StageFile) -> None:
    columns = {"id": {}, "v": {"type": "boolean", "true_when": ["ja"], "false_when": ["nein", ""]}}
    found = stage_file("id,v\n1,oui\n", columns=columns, unit={"always": "north"}, period="none")
    assert found.reasons == ["v: 'oui' is not one of ja, nein"]


def test_percent_belongs_to_columns_that_can_hold_a_fraction() -> None:
    with pytest.raises(ValueError, match="'percent' belongs to decimals and floats, not to the type integer"):
        Column(type="integer", percent=True)


@pytest.mark.parametrize(
    ("value", "changes", "words"),
    [
        ('"1,5"', {}, "as if they had a decimal comma: ask for the declared '.', or declare decimal: ','."),
        (
            "12.34",
            {"decimal": ","},
            "as if they had a decimal point: ask for the declared ',', or declare decimal: '.'.",
        ),
    ],
)
def test_the_refusal_tells_when_the_decimal_separator_has_changed(
    stage_file: StageFile, value: str, changes: dict[str, Any], words: str
) -> None:
    refused = stage_file(HEADER + f"1,2024-01-05,north,{value}\n", rejects={"at_most": 0}, **changes).staged.refused
    assert refused
    assert words in refused
    assert "1 of 1 rows are rejected, the contract allows 0 rows. First: line 2: amount: " in refused


@pytest.mark.parametrize(("bad", "is_refused"), [(2, False), (3, True)])
def test_rejects_up_to_the_limit_are_allowed_and_one_more_is_not(
    stage_file: StageFile, bad: int, is_refused: bool
) -> None:
    rows = "".join(f"{i},{'x' if i < bad else '2024-01-05'},north,1\n" for i in range(100))
    found = stage_file(HEADER + rows, rejects={"at_most": "2%"})
    assert bool(found.staged.refused) is is_refused
    assert found.lines == list(range(2, 2 + bad))


def test_units_periods_and_keys_are_checked_after_the_values(stage_file: StageFile) -> None:
    found = stage_file(
        HEADER + "1,2024-01-05,west,1\n2,2023-12-31,north,1\n3,2024-02-01,north,1\n4,2024-01-31,north,1\n",
        period=date(2024, 1, 1),
        path="orders_{period}.csv",
    )
    assert found.ids == ["4"]
    assert found.reasons == [
        "unit: 'west' is not a declared unit",
        "day: belongs to 2023-12, the file is for 2024-01",
        "day: belongs to 2024-02, the file is for 2024-01",
    ]


def test_a_period_before_the_first_is_rejected_in_a_file_of_many_months(stage_file: StageFile) -> None:
    found = stage_file(HEADER + "1,2023-12-31,north,1\n2,2024-03-01,north,1\n")
    assert found.reasons == ["day: 2023-12 is before the first period 2024-01"]
    assert found.staged.periods == (date(2024, 3, 1),)


@pytest.mark.parametrize("kind", ["date", "month", "datetime"])
def test_a_row_that_ends_before_it_starts_is_rejected_since_it_would_count_in_no_month(
    stage_file: StageFile, kind: str
) -> None:
    ends = {"date": "2024-01-31", "month": "2024-01", "datetime": "2024-01-31 10:00"}
    columns = {"id": {}, "day": {"type": "date"}, "till": {"type": kind, "nullable": True}, "unit": {}}
    found = stage_file(
        f"id,day,till,unit\n1,2024-01-31,{ends[kind]},north\n2,2024-02-01,{ends[kind]},north\n3,2024-02-01,,north\n",
        period={"start": "day", "end": "till"},
        columns=columns,
    )
    assert (found.ids, found.reasons) == (["1", "3"], [f"till: '{ends[kind]}' is before its start in day"])
    assert found.staged.reasons == {"period: till: … is before its start in day": 1}


def test_of_a_key_the_first_row_stays_and_later_ones_repeat_or_conflict(stage_file: StageFile) -> None:
    day = "2024-01-05,north"
    found = stage_file(HEADER + f"1,{day},1\n1,{day},1\n1,{day},2\n2,{day},1\n1,{day},1.00\n")
    assert found.accepted.select("id", "_row").rows() == [("1", 0), ("2", 3)]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (3, "id 1: repeats an earlier row"),
        (4, "id 1: conflicts with an earlier row of the same key"),
        (6, "id 1: repeats an earlier row"),
    ]
    assert found.staged.reasons == {
        "duplicate: id: repeats an earlier row": 2,
        "duplicate: id: conflicts with an earlier row of the same key": 1,
    }


def test_an_empty_value_of_a_key_is_told_as_such(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "id": {"type": "string", "nullable": True}}
    found = stage_file(HEADER + ",2024-01-05,north,1\n,2024-01-05,north,2\n", columns=columns)
    assert found.reasons == ["id (empty): conflicts with an earlier row of the same key"]


def test_codes_are_mapped_to_units_and_rows_keep_their_order_when_units_outnumber_them(stage_file: StageFile) -> None:
    codes = {f"C{number}": "south" for number in range(5000)}
    unit = {"column": "unit", "values": codes}
    found = stage_file(HEADER + "".join(f"{i},2024-01-05,C{4999 - i},1\n" for i in range(200)), unit=unit)
    assert found.ids == [str(i) for i in range(200)]
    assert found.accepted["_unit"].unique().to_list() == ["south"]


def test_many_rows_keep_the_order_of_the_file(stage_file: StageFile) -> None:
    rows = "".join(f"{i},2024-01-05,{'north' if i % 3 else 'nowhere'},1\n" for i in range(400_000))
    found = stage_file(HEADER + rows)
    assert found.ids == [str(i) for i in range(400_000) if i % 3]
    assert found.lines == [i + 2 for i in range(400_000) if i % 3 == 0]


def test_a_column_may_bear_the_name_that_another_column_had_inside(stage_file: StageFile) -> None:
    columns = {"id": {}, "text": {}, "text_id": {}, "rule": {}, "typed": {}, "reason": {}}
    text = "id,text,text_id,rule,typed,reason\n1,2,3,4,5,6\n"
    found = stage_file(text, columns=columns, unit={"always": "north"}, period="none")
    assert found.accepted.select(list(columns)).row(0) == ("1", "2", "3", "4", "5", "6")


@pytest.mark.parametrize(
    ("column", "key"),
    [({"type": "string", "matches": "(?=x)"}, "matches"), ({"type": "date", "format": "%Q"}, "format")],
)
def test_a_pattern_or_format_that_the_engine_does_not_know_is_an_error_of_the_declaration(
    stage_file: StageFile, column: dict[str, Any], key: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"sources/orders.yaml: columns.v.{key}: .* cannot be used"):
        stage_file("v\nx\n", columns={"v": column}, key=[], unit={"always": "north"}, period="none")


def test_personal_values_reach_no_reason_no_count_and_no_raw_text(stage_file: StageFile) -> None:
    columns = {
        "id": {"type": "string", "personal": True, "matches": "E\\d+"},
        "born_on": {"type": "date", "personal": True},
        "unit": {"type": "string"},
    }
    text = (
        "id,name,born_on,unit\nE1,Anna,1990-05-17,north\nE1,Anna,1990-05-17,north\nE2,Bea,1991-04-31,north\n"
        "Carla,Carla,1992-03-03,north\nE4,Dora,1987-06-05\n"
    )
    found = stage_file(text, columns=columns, period="none")
    assert found.raw == ["***,***,***,north", "***,***,***,north", "***,***,***,north", "x9,xxxx,9999-99-99"]
    told = " ".join([*found.reasons, *found.staged.reasons, *found.staged.extra_columns, str(found.staged)])
    for secret in ("E1", "E2", "E4", "Anna", "Bea", "Carla", "Dora", "1990", "1991", "1987"):
        assert secret not in told + " ".join(found.raw)


@pytest.mark.parametrize(
    "column",
    [
        {"type": "string", "symbol": "€"},
        {"type": "decimal", "percent": True, "symbol": "€"},
        {"type": "decimal", "symbol": "-"},
        {"type": "decimal", "symbol": " "},
        *({"type": "decimal", "symbol": ["€", mark]} for mark in (".", ",", "'", "’", "\u00a0", "−", "–")),
    ],
)
def test_a_symbol_belongs_to_numbers_and_is_no_part_of_one(column: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="symbol"):
        Column.model_validate(column)


def test_a_mark_may_be_a_part_of_a_symbol() -> None:
    assert Column.model_validate({"type": "decimal", "symbol": ["kr.", ".–"]}).symbol == ("kr.", ".–")


def test_a_header_that_comes_again_is_no_row_though_every_column_is_a_text(stage_file: StageFile) -> None:
    found = stage_file("id,name\n1,one\nid,name\n2,name\n", columns={"id": {}, "name": {}}, unit=None, period="none")
    assert (found.ids, found.lines, found.reasons) == (["1", "2"], [3], ["the row repeats the header"])
