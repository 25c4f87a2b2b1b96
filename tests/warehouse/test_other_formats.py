"""Workbooks, Parquet and JSON Lines: broken files, odd cells, and the rows and lines of what is rejected."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from tests.warehouse.conftest import COLUMNS, StageFile

HEADER = ["id", "day", "unit", "amount"]
EXCEL, PARQUET, JSONL = {"path": "orders.xlsx"}, {"path": "orders.parquet"}, {"path": "orders.jsonl"}
PERSONAL = {**COLUMNS, "id": {"type": "string", "personal": True}}


def workbook(fill: Callable[[Any, Any], None], sheets: tuple[str, ...] = ("Data", "Empty")) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        first, *_ = [book.add_worksheet(name) for name in sheets]
        fill(first, book.add_format({"num_format": "yyyy-mm-dd"}))
    return content.getvalue()


def usual(sheet: Any, day: Any) -> None:
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, [1, "", "north", 1.234])
    sheet.write_datetime(1, 1, datetime(2024, 1, 5), day)
    sheet.write_row(3, 0, ["2", 45296, "north", 1])
    sheet.write_row(5, 0, ["3", "2024-01-05", "north"])
    sheet.write_formula(5, 3, "=1/0", None, "#DIV/0!")
    sheet.write_row(6, 0, ["4", "2024-01-05", "north"])
    sheet.write_string(6, 3, "7.5")
    sheet.write_row(7, 0, ["5", "2024-01-05", "west", 1])


def parquet(tmp_path: Path, sql: str) -> bytes:
    file = tmp_path / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet)")
    return file.read_bytes()


def test_cells_are_read_as_typed_and_rejected_ones_found_on_their_row_of_the_sheet(stage_file: StageFile) -> None:
    found = stage_file(workbook(usual), **EXCEL)
    assert found.accepted.select("id", "amount").rows() == [("1", Decimal("1.23")), ("4", Decimal("7.50"))]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (4, "day: '45296' is not a date"),
        (6, "amount: '#DIV/0!' is an error of the workbook"),
        (8, "unit: 'west' is not a declared unit"),
    ]
    assert found.raw[1] == "3,2024-01-05,north,#DIV/0!"


def test_a_number_cell_keeps_its_value_where_texts_have_decimal_commas(stage_file: StageFile) -> None:
    found = stage_file(workbook(usual), decimal=",", thousands=".", **EXCEL)
    assert found.accepted["amount"].to_list() == [Decimal("1.23")]
    assert "amount: '7.5' is not a number" in found.reasons


def test_a_table_may_begin_anywhere_in_the_sheet_and_below_a_merged_header(stage_file: StageFile) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.merge_range(2, 1, 2, 2, "Person")
        sheet.merge_range(2, 3, 2, 4, "Money")
        sheet.write_row(3, 1, HEADER)
        sheet.write_row(4, 1, ["1", "2024-01-05", "north", 3])
        sheet.write_row(6, 1, ["2", "x", "north", 3])

    refused = stage_file(workbook(fill), **EXCEL).staged.refused
    assert refused == (
        "orders.xlsx: the columns 'id', 'day', 'unit', 'amount' are missing from the header. Known: 'Person', 'Money'. "
        "Where the file names a column otherwise, declare that name as its header:."
    )
    found = stage_file(workbook(fill), skip_rows=3, **EXCEL)
    assert (found.ids, found.lines) == (["1"], [7])


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (workbook(usual), {"sheet": "Daten"}, "the workbook has no sheet 'Daten'. Did you mean 'Data'?"),
        (workbook(usual), {"sheet": "Empty"}, "the sheet 'Empty' is empty."),
        (b"id,day,unit,amount\n", {}, "cannot be read as a workbook: it looks like text. Declare format: csv"),
        ("größe,1\n".encode("cp1252"), {"path": "orders.xls"}, "it looks like text. Declare format: csv"),
        ("id\n".encode("utf-16"), {}, "it looks like text. Declare format: csv"),
        (b"\r\n<HTML><table><tr><td>1", {"path": "orders.xls"}, "it looks like HTML. Ask for a workbook"),
        (b"note\n<table> is a word\n", {}, "it looks like text. Declare format: csv"),
        (workbook(usual)[:2000], {}, "as a workbook: it is cut off or damaged. Ask for it to be delivered again."),
        (b"PK\x03\x04" + bytes(60), {}, "it is cut off or damaged. Ask for it to be delivered again."),
        (bytes(600), {}, "Ask for it to be delivered again."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {"path": "orders.xls"}, "cannot be read as a workbook"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused(
    stage_file: StageFile, content: bytes, changes: dict[str, Any], words: str
) -> None:
    assert words in str(stage_file(content, **{**EXCEL, **changes}).staged.refused)


def test_parquet_values_are_judged_as_texts_are(stage_file: StageFile, tmp_path: Path) -> None:
    rows = """VALUES ('1', DATE '2024-01-05', 'north', 1.5::DOUBLE), ('2', DATE '2023-01-05', 'north', 2),
        ('3', NULL, 'north', 1), ('4', DATE '2024-01-05', 'north', 'nan'), ('1', DATE '2024-01-05', 'north', 1.5)"""
    content = parquet(tmp_path, f"FROM ({rows}) t(id, day, unit, amount)")
    for changes in ({}, {"decimal": ","}):
        found = stage_file(content, **PARQUET, **changes)
        assert found.accepted.select("id", "amount").rows() == [("1", Decimal("1.50"))]
        assert list(zip(found.lines, found.rejects["rule"], strict=True)) == [
            (2, "period"),
            (3, "required"),
            (4, "type"),
            (5, "duplicate"),
        ]


def test_bytes_timestamps_and_decimals_of_parquet_are_read(stage_file: StageFile, tmp_path: Path) -> None:
    rows = "SELECT 1 AS id, TIMESTAMP '2024-01-05' AS day, 'north'::BLOB AS unit, 1.25::DECIMAL(9, 2) AS amount"
    found = stage_file(parquet(tmp_path, rows), **PARQUET)
    assert found.accepted.select("id", "unit", "amount").rows() == [("1", "north", Decimal("1.25"))]


@pytest.mark.parametrize(
    ("select", "words"),
    [
        ("SELECT '1' AS id, [DATE '2024-01-05'] AS day, 'north' AS unit, 1 AS amount", "'day' holds DATE[] values"),
        ("SELECT '1' AS id, {'x': 1} AS day, 'north' AS unit, 1 AS amount", "'day' holds STRUCT values"),
        ("SELECT '1' AS id, NULL AS day, '\\xFF'::BLOB AS unit, 1 AS amount", "'unit' holds bytes that are not UTF-8"),
        ("SELECT '1' AS id, 1 AS dai, 'north' AS unit, 1 AS amount", "'day' is missing from the header. Did you mean"),
    ],
)
def test_parquet_of_another_shape_is_refused(stage_file: StageFile, tmp_path: Path, select: str, words: str) -> None:
    assert words in str(stage_file(parquet(tmp_path, select), **PARQUET).staged.refused)


@pytest.mark.parametrize("harm", ["cut", "footer", "pages", "text"])
def test_damaged_parquet_is_refused_without_naming_our_folders(
    stage_file: StageFile, tmp_path: Path, harm: str
) -> None:
    rows = "SELECT i::VARCHAR AS id, DATE '2024-01-05' AS day, 'north' AS unit, i AS amount FROM range(1000) t(i)"
    whole = parquet(tmp_path, rows)
    content = {
        "cut": whole[:-20],
        "footer": whole[:-60] + b"\xff" * 50 + whole[-10:],
        "pages": whole[:10] + b"\xff" * 60 + whole[70:],
        "text": b"id,day,unit,amount\n",
    }[harm]
    refused = stage_file(content, **PARQUET).staged.refused
    assert refused
    assert refused.startswith("orders.parquet: the file cannot be read as parquet: ")
    assert str(tmp_path) not in refused


def test_each_line_of_json_is_judged_for_itself(stage_file: StageFile) -> None:
    lines = [
        '{"id":"1","day":"2024-01-05","unit":"north","amount":1234567890123456.78}',
        "",
        "broken",
        '{"day":"2024-01-05","unit":"north","id":2}',
        "[1]",
        '{"id":"3","day":"x","unit":"north","amount":null}',
        '{"id":"4","day":{"y":1},"unit":"north"}',
        '{"id":5,"id":6,"day":"2024-01-05","unit":"north"}',
        '{"id":"7","day":"2024-01-05","unit":"north","amount":NaN}',
        '{"id":"8","day":"2024-01-05","unit":"north","amount":["1"]}',
        '{"id":"\\ud800","day":"2024-01-05","unit":"north"}',
        '{"id":"9","day":"2024-01-05"',
        "[" * 50_000,
        '{"id":"10","day":"2024-01-05","unit":"north","more":[{}]}',
    ]
    found = stage_file("\n".join(lines), **JSONL)
    assert found.accepted.select("id", "amount").rows() == [
        ("1", Decimal("1234567890123456.78")),
        ("2", None),
        ("10", None),
    ]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (3, "the row is not a JSON object"),
        (5, "the row is not a JSON object"),
        (6, "day: 'x' is not a date"),
        (7, "the row has a nested value in 'day', where one value is wanted"),
        (8, "the row names the key 'id' twice"),
        (9, "the row holds NaN, which is not JSON"),
        (10, "the row has a nested value in 'amount', where one value is wanted"),
        (11, "the row has half a character in 'id'"),
        (12, "the row is not a JSON object"),
        (13, "the row is not a JSON object"),
    ]
    assert found.raw == [lines[line - 1] for line in found.lines]
    assert found.staged.extra_columns == ("more",)


def test_a_json_number_keeps_its_value_where_texts_have_decimal_commas(stage_file: StageFile) -> None:
    rows = [
        f'{{"id":"{i}","day":"2024-01-05","unit":"north","amount":{v}}}' for i, v in enumerate(("1.234", '"1.234"'))
    ]
    found = stage_file("\n".join(rows), decimal=",", thousands=".", **JSONL)
    assert found.accepted["amount"].to_list() == [Decimal("1.23"), Decimal("1234.00")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x\ny\n", "First: line 1 is not a JSON object."),
        ("\n\n", "the file holds no JSON object."),
        (
            '{"id":"1","dy":"2024-01-05","unit":"north","amount":1}\n',
            "'day' is missing from the header. Did you mean 'dy'?",
        ),
    ],
)
def test_a_file_without_usable_objects_is_refused(stage_file: StageFile, content: str, words: str) -> None:
    assert words in str(stage_file(content, **JSONL).staged.refused)


def test_personal_values_are_masked_in_the_raw_text_of_every_format(stage_file: StageFile, tmp_path: Path) -> None:
    row = "SELECT 'E77' AS id, NULL::DATE AS day, 'north' AS unit, 1 AS amount"

    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["E77", "", "north", 1])

    line = '{"id":"E77","unit":"north","amount":1,"day":null,"note":"Anna"}\n{"id":"E77",'
    assert stage_file(parquet(tmp_path, row), columns=PERSONAL, **PARQUET).raw == ["***,,north,1"]
    assert stage_file(workbook(fill), columns=PERSONAL, **EXCEL).raw == ["***,,north,1"]
    assert stage_file(line, columns=PERSONAL, **JSONL).raw == [
        '{"id": "***", "unit": "north", "amount": "1", "day": null, "note": "***"}'.replace('"1"', "1"),
        '{"xx":"x99",',
    ]


def test_rows_keep_the_numbers_that_they_have_in_the_file(stage_file: StageFile, tmp_path: Path) -> None:
    # Two threads read what is more than 2048 rows, so that an order that is not kept is lost now and then.
    rows = "SELECT i::VARCHAR AS id, DATE '2024-01-05' AS day, 'north' AS unit, i AS amount FROM range(9000) AS r(i)"
    content = parquet(tmp_path, rows)
    for _ in range(25):
        accepted = stage_file(content, **PARQUET).accepted
        assert accepted["id"].to_list() == [str(i) for i in range(9000)]
        assert accepted["_row"].to_list() == list(range(9000))
