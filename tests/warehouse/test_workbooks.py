"""Workbooks as people lay them out: sheets, ranges, headers of two rows, months as columns, errors, real dates."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from tests.warehouse.conftest import COLUMNS, StageFile
from tests.warehouse.old_workbooks import Rows, ods, xls, xlsb
from tests.warehouse.test_other_formats import HEADER, workbook

EXCEL = {"path": "orders.xlsx"}
ROW = ["2024-01-05", "north", 1]
PERSONAL = {**COLUMNS, "id": {"type": "string", "personal": True}}


def table(*rows: list[Any], top: int = 0, left: int = 0, sheets: tuple[str, ...] = ("Data", "Empty")) -> bytes:
    def fill(sheet: Any, day: Any) -> None:
        for number, row in enumerate(rows, start=top):
            for place, value in enumerate(row, start=left):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, place, value, day)
                elif value is not None:
                    sheet.write(number, place, value)

    return workbook(fill, sheets)


@pytest.mark.parametrize("sheet", [2, "Second", "Data"])
def test_a_sheet_is_named_or_counted(stage_file: StageFile, sheet: str | int) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name in ("First", "Second"):
            book.add_worksheet(name).write_row(0, 0, HEADER)
            book.get_worksheet_by_name(name).write_row(1, 0, [name, *ROW])
    found = stage_file(content.getvalue(), sheet=sheet, **EXCEL)
    if sheet == "Data":
        assert found.staged.refused == "orders.xlsx: the workbook has no sheet 'Data'. Known: 'First', 'Second'."
    else:
        assert found.ids == ["Second"]


def test_a_sheet_whose_name_is_a_number_is_found_by_it(stage_file: StageFile) -> None:
    content = table(HEADER, ["1", *ROW], sheets=("2024", "2"))
    assert stage_file(content, sheet=2024, **EXCEL).ids == ["1"]
    assert "no sheet 3: it has 2 sheets" in str(stage_file(content, sheet=3, **EXCEL).staged.refused)


@pytest.mark.parametrize("cells", ["B3:E5", "B3:E", "B:E"])
def test_only_the_declared_range_is_read_and_rows_below_it_are_told(stage_file: StageFile, cells: str) -> None:
    content = table(["?", *HEADER, "?"], ["?", "1", *ROW, "?"], ["?", "2", "x", "north", 1], ["?", "3", *ROW], top=2)
    found = stage_file(content, range=cells, **EXCEL)
    assert (found.ids, found.lines, found.staged.extra_columns) == (["1"] if "5" in cells else ["1", "3"], [5], ())
    assert found.staged.notes == (("1 row below the range B3:E5 not read",) if "5" in cells else ())


@pytest.mark.parametrize("cells", ["E5:A1", "A5:H2", "5:7", "a1:b2", "A0:B2", "A1-B2"])
def test_a_range_that_is_none_is_refused_when_it_is_declared(stage_file: StageFile, cells: str) -> None:
    with pytest.raises(ValueError, match="range"):
        stage_file(b"", range=cells, **EXCEL)


def test_merged_header_cells_stand_for_all_columns_below_them(stage_file: StageFile) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.merge_range(0, 0, 1, 0, "id")
        sheet.write_row(0, 1, ["Person", "", "", "", "Note"])
        sheet.merge_range(0, 1, 0, 2, "Person")
        sheet.write_row(1, 1, ["day", "unit", "EUR", "", ""])
        sheet.write_row(2, 0, ["1", *ROW, "", "x"])
        sheet.write_row(3, 0, ["2", "x", "north", 1])

    headers = {"day": "Person day", "unit": "Person unit", "amount": "EUR"}
    columns = {name: {**column, "header": headers.get(name)} for name, column in COLUMNS.items()}
    found = stage_file(workbook(fill), header_rows=2, columns=columns, **EXCEL)
    assert (found.ids, found.lines, found.staged.extra_columns) == (["1"], [4], ("Note",))


def test_two_header_rows_without_merged_cells_are_joined_to_the_left(stage_file: StageFile) -> None:
    content = table(["", "Person", "", "EUR"], ["id", "day", "unit", "amount"], ["1", *ROW])
    headers = {"day": "Person day", "unit": "Person unit", "amount": "EUR amount"}
    columns = {name: {**column, "header": headers.get(name)} for name, column in COLUMNS.items()}
    assert stage_file(content, header_rows=2, columns=columns, **EXCEL).ids == ["1"]


def test_a_sheet_without_a_header_comments_and_a_footer(stage_file: StageFile) -> None:
    content = table(["# made by X"], ["1", *ROW], ["# and Y", "z"], ["2", *ROW], [None, "Total", None, 2], ["Bye"])
    found = stage_file(content, header_rows=0, comment="#", footer="Total|Bye", **EXCEL)
    assert (found.ids, found.staged.notes) == (["1", "2"], ("2 footer lines passed over, the first 'Total,,2'",))
    assert "fewer than the 9 footer rows" in str(stage_file(content, header_rows=0, footer=9, **EXCEL).staged.refused)


def test_merged_cells_are_carried_down_where_declared(stage_file: StageFile) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        for number in range(1, 6):
            sheet.write_row(number, 0, [str(number), "2024-01-05", "", 1])
        sheet.merge_range(1, 2, 2, 2, "north")
        sheet.merge_range(3, 2, 5, 2, "west")

    found = stage_file(workbook(fill), fill_down="unit", **EXCEL)
    assert (found.ids, found.lines) == (["1", "2"], [4, 5, 6])
    assert found.raw[2] == "5,2024-01-05,,1"
    assert stage_file(workbook(fill), **EXCEL).reasons.count("unit: is empty") == 3


def test_a_grouped_text_report_is_filled_down_over_rows_without_a_value(stage_file: StageFile) -> None:
    text = "id,day,unit,amount\n1,2024-01-05,north,1\n2,,,1\n,,,\n3,, ,1\n4,x,south,1\n5,,,2\n"
    found = stage_file(text, fill_down=["unit", "day"])
    assert found.accepted.select("id", "unit", "day").rows() == [(i, "north", date(2024, 1, 5)) for i in "123"]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (6, "day: 'x' is not a date"),
        (7, "day: 'x' is not a date"),
    ]


def test_a_broken_line_in_a_grouped_report_refuses_it(stage_file: StageFile) -> None:
    text = "id,day,unit,amount\n1,2024-01-05,north,1\n2,2024-01-05,south,1,1\n3,,,1\n"
    assert stage_file(text, fill_down=["unit", "day"]).staged.refused == (
        "orders.csv: line 3 has 5 fields, more than the header's 4, and with 'fill_down' it may hold what the rows "
        "below repeat. Ask for the line to be corrected."
    )


WIDE: dict[str, Any] = {"key": ["id", "day"], "columns": {**COLUMNS, "day": {"type": "month", "format": "%b %Y"}}}
ROWS: list[list[Any]] = [["id", "unit", "Jan 2024", "Feb 2024", "why"], ["1", "north", 1, 2, "a"],
        ["2", "north", None, "x", ""], ["3", "west", 3, None, ""]]  # fmt: skip
LONG = [("1", date(2024, 1, 1), 1.0), ("1", date(2024, 2, 1), 2.0)]


def as_csv(rows: list[list[Any]]) -> str:
    return "".join(",".join("" if value is None else str(value) for value in row) + "\n" for row in rows)


@pytest.mark.parametrize("columns", ["* 2024", ["Jan 2024", "Feb*"], {"Jan 2024": "Jan 2024", "Feb 2024": "Feb 2024"}])
@pytest.mark.parametrize("path", ["orders.xlsx", "orders.csv"])
def test_months_as_columns_become_rows(stage_file: StageFile, path: str, columns: Any) -> None:
    content = table(*ROWS) if path == "orders.xlsx" else as_csv(ROWS)
    found = stage_file(content, path=path, unpivot={"columns": columns, "name": "day", "value": "amount"}, **WIDE)
    assert [(i, day, float(amount)) for i, day, amount in found.accepted.select("id", "day", "amount").rows()] == LONG
    assert list(zip(found.lines, found.reasons, found.raw, strict=True)) == [
        (3, "amount: 'x' is not a number", "2,Feb 2024,north,x"),
        (4, "unit: 'west' is not a declared unit", "3,Jan 2024,west,3"),
    ]
    assert (found.staged.extra_columns, found.staged.rows) == (("why",), 4)
    assert found.staged.notes == ("2 empty cells of the turned columns made no row",)


def test_all_other_columns_become_rows_and_empty_cells_are_kept_where_asked(stage_file: StageFile) -> None:
    rows = [row[:4] for row in ROWS]
    found = stage_file(as_csv(rows), unpivot={"name": "day", "value": "amount", "empty": "keep"}, **WIDE)
    assert found.accepted.select("id", "amount").rows()[2:] == [("2", None)]
    assert (found.staged.rows, found.staged.notes) == (6, ())


def test_headers_in_other_words_are_mapped_to_months(stage_file: StageFile) -> None:
    columns = {"Jän": "2024-01", "Feb": "2024-02"}
    declared = {**WIDE, "columns": {**COLUMNS, "day": {"type": "month"}}}
    found = stage_file(
        "id,unit,Jän,Feb\n1,north,1,2\n", unpivot={"columns": columns, "name": "day", "value": "amount"}, **declared
    )
    assert [(i, day, float(amount)) for i, day, amount in found.accepted.select("id", "day", "amount").rows()] == LONG


def test_a_header_that_is_a_real_date_is_a_month(stage_file: StageFile) -> None:
    rows = [["id", "unit", datetime(2024, 1, 1), datetime(2024, 2, 1)], *(row[:4] for row in ROWS[1:])]
    found = stage_file(table(*rows), unpivot={"name": "day", "value": "amount"}, **WIDE, **EXCEL)
    assert found.accepted["day"].to_list() == [date(2024, 1, 1), date(2024, 2, 1)]


@pytest.mark.parametrize(
    ("columns", "form"),
    [
        ("Actual *", "Actual %b-%y"),
        ("Actual *", ["Actual %Y-%m-%d", "Actual %b-%y"]),
        ("Actual *", ["%Y-%m-%d", "Actual %b-%y"]),
        (["Actual 2024-01-01", "Actual Feb-24"], ["Actual %Y-%m-%d", "Actual %b-%y"]),
        ("others", "Actual %d.%m.%Y"),
        ({"Actual 2024-01-01": "2024-01", "Actual Feb-24": "2024-02"}, ()),
    ],
)
def test_a_real_date_under_a_merged_header_is_a_month(stage_file: StageFile, columns: Any, form: Any) -> None:
    """It is written in the format of the whole header; where none is, as 2024-01-01. Beside it a text may stand."""

    def fill(sheet: Any, day: Any) -> None:
        sheet.write_row(0, 0, ["id", "unit", "Actual"])
        sheet.write_datetime(1, 2, datetime(2024, 1, 1), day)
        if columns == "others":
            sheet.write_datetime(1, 3, datetime(2024, 2, 1), day)
        else:
            sheet.write(1, 3, "Feb-24")
        sheet.write_row(2, 0, ["1", "north", 1, 2])
        sheet.merge_range(0, 2, 0, 3, "Actual")

    day = {"type": "month", "format": form} if form else {"type": "month"}
    declared = {**WIDE, "columns": {**COLUMNS, "day": day}}
    turn = {"columns": columns, "name": "day", "value": "amount"}
    found = stage_file(workbook(fill), header_rows=2, unpivot=turn, **declared, **EXCEL)
    assert found.accepted["day"].to_list() == [date(2024, 1, 1), date(2024, 2, 1)]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("2025-*", "no column of the header is '2025-*' of 'unpivot'. Known: 'Jan 2024', 'Feb 2024', 'why'."),
        ({"Jan 2024": "a", "Feb 2025": "b"}, "'Feb 2025' of 'unpivot'. Did you mean 'Feb 2024'?"),
    ],
)
def test_a_turned_column_that_does_not_come_refuses_the_file(stage_file: StageFile, columns: Any, words: str) -> None:
    found = stage_file(as_csv(ROWS), unpivot={"columns": columns, "name": "day", "value": "amount"}, **WIDE)
    assert words in str(found.staged.refused)


def test_a_turned_column_that_comes_twice_is_left_out_by_the_range(stage_file: StageFile) -> None:
    content = table(["id", "unit", "Jan 2024", "Jan 2024"], ["1", "north", 1, 1])
    declared = {"unpivot": {"columns": "* 2024", "name": "day", "value": "amount"}, **WIDE, **EXCEL}
    assert "leave it out by 'range'" in str(stage_file(content, **declared).staged.refused)
    assert stage_file(content, range="A1:C", **declared).accepted["day"].to_list() == [date(2024, 1, 1)]


def test_broken_lines_of_a_wide_file_are_rejected_once(stage_file: StageFile) -> None:
    text = 'id,unit,Jan 2024,Feb 2024\n1,north,1,2\n2,north,1\n\n"3\nx",north,y,5\n'
    found = stage_file(text, unpivot={"name": "day", "value": "amount"}, **WIDE)
    assert (found.accepted["id"].to_list(), found.lines) == (["1", "1", "3\nx"], [3, 5])


def test_personal_cells_are_masked_when_they_are_turned(stage_file: StageFile) -> None:
    columns = {**WIDE["columns"], "amount": {**COLUMNS["amount"], "personal": True}}
    found = stage_file(
        as_csv(ROWS), unpivot={"columns": "* 2024", "name": "day", "value": "amount"}, **{**WIDE, "columns": columns}
    )
    assert found.raw == ["2,Feb 2024,north,***", "3,Jan 2024,west,***"]


@pytest.mark.parametrize(("write", "suffix"), [(xls, "xls"), (xlsb, "xlsb"), (ods, "ods")], ids=["xls", "xlsb", "ods"])
def test_older_and_open_workbooks_are_read_and_their_errors_seen(
    stage_file: StageFile, write: Callable[[Rows], bytes], suffix: str
) -> None:
    rows = [
        HEADER,
        ["1", *ROW],
        ["2", "2024-01-05", "north", "#DIV/0!"],
        ["#N/A", *ROW],
        [None, "2024-01-05", "north", 2.5],
    ]
    found = stage_file(write(rows), path=f"orders.{suffix}")
    assert found.ids == ["1"]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (3, "amount: '#DIV/0!' is an error of the workbook"),
        (4, "id: '#N/A' is an error of the workbook"),
        (5, "id: is empty"),
    ]
    assert found.raw[0] == "2,2024-01-05,north,#DIV/0!"


def test_a_stray_cell_at_the_end_of_a_sheet_does_not_take_all_memory(stage_file: StageFile) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write(1_048_575, 16_383, "x")

    refused = stage_file(workbook(fill), **EXCEL).staged.refused
    assert refused == (
        "orders.xlsx: the sheet 'Data' reaches to row 1,048,576 and column 16,384, too far to be read. "
        "Delete what stands far below or beside the table, and deliver it again."
    )
    cell = '<table:table-cell table:number-columns-repeated="9999" office:value-type="string"><text:p>x</text:p>'
    far = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-cell></table:table-row>'
    assert "cannot be read as a workbook" in str(stage_file(ods([HEADER], more=far), path="orders.ods").staged.refused)


@pytest.mark.parametrize("form", [None, "%d.%m.%Y", "%d.%m.%y", "serial"])
def test_real_dates_are_dates_whatever_the_format_of_texts(stage_file: StageFile, form: str | None) -> None:
    columns = {**COLUMNS, "day": {"type": "date", "format": form or []}}
    content = table(HEADER, ["1", datetime(2024, 1, 5), "north", 1], ["2", datetime(1955, 3, 4), "north", 1],
                    ["3", "05.01.2024", "north", 1], ["4", 45296, "north", 1], ["5", 45296.5, "north", 1])  # fmt: skip
    found = stage_file(content, columns=columns, **EXCEL)
    texts, serials = form == "%d.%m.%Y", form == "serial"
    assert found.ids == ["1", *(["3"] if texts else []), *(["4"] if serials else [])]
    assert set(found.accepted["day"]) == {date(2024, 1, 5)}
    year = (
        "day: '1955-03-04' is not a date (%d.%m.%y)"
        if form == "%d.%m.%y"
        else "day: 1955-03 is before the first period 2024-01"
    )
    assert found.reasons[0] == year


def test_serial_numbers_are_moments_and_months_too(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "day": {"type": "datetime", "format": "serial"}, "unit": {"type": "string"}}
    rows = ["1,45296.75,north,1", "2,45296,north,1", "3,60,north,1", "4,2958466,north,1"]
    found = stage_file("id,day,unit,amount\n" + "\n".join(rows), columns=columns)
    assert found.accepted["day"].to_list() == [datetime(2024, 1, 5, 18), datetime(2024, 1, 5)]
    columns["day"] = {"type": "month", "format": "serial"}
    assert stage_file("id,day,unit,amount\n1,45296,north,1", columns=columns).accepted["day"].to_list() == [
        date(2024, 1, 1)
    ]
