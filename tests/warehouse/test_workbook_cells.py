"""What cells of workbooks hold: errors, formulas without a value, long numbers, days, durations, hidden rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from tests.warehouse.conftest import COLUMNS, StageFile
from tests.warehouse.old_workbooks import ods, xls, xlsb
from tests.warehouse.test_other_formats import EXCEL, HEADER, workbook

SHEET = "xl/worksheets/sheet1.xml"
ROW = ["2024-01-05", "north", 1]
UNSTORED = (
    "holds a formula without a stored value: have the workbook opened and saved by a spreadsheet program, "
    "or ask for values"
)


def rows_of(*rows: list[Any]) -> bytes:
    """A workbook of the usual header and these rows; a function writes its cell itself."""

    def fill(sheet: Any, _: Any) -> None:
        for number, row in enumerate([HEADER, *rows]):
            for place, value in enumerate(row):
                if callable(value):
                    value(sheet, number, place)
                elif value is not None:
                    sheet.write(number, place, value)

    return workbook(fill)


def error(text: str) -> Callable[[Any, int, int], None]:
    return lambda sheet, row, column: sheet.write_formula(row, column, "=1/0", None, text)


def formula(value: str | float) -> Callable[[Any, int, int], None]:
    return lambda sheet, row, column: sheet.write_formula(row, column, "=1+1", None, value)


def test_shares_of_which_some_are_texts_and_some_numbers_are_taken_where_declared(stage_file: StageFile) -> None:
    found = stage_file(
        rows_of(["1", *ROW[:2], "45%"], ["2", *ROW[:2], 0.45], ["3", *ROW[:2], 45]),
        **EXCEL,
        columns={**COLUMNS, "amount": {"type": "decimal", "percent": "where written", "maximum": 1}},
    )
    assert found.accepted.select("id", "amount").rows() == [("1", Decimal("0.45")), ("2", Decimal("0.45"))]
    assert found.reasons == ["amount: '45' is above 1"]


def rewritten(content: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    """A workbook with these parts of its sheet's XML exchanged for others."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as given, ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name in given.namelist():
            part = given.read(name)
            for old, new in changes if name == SHEET else ():
                part = part.replace(old, new)
            made.writestr(name, part)
    return out.getvalue()


def test_errors_are_rejected_in_every_type_of_column_and_texts_that_say_so_are_texts(stage_file: StageFile) -> None:
    content = rows_of([error("#N/A"), *ROW], ["#N/A", *ROW], ["3", error("#REF!"), "north", 1])
    found = stage_file(content, **EXCEL)
    assert found.ids == ["#N/A"]
    assert list(zip(found.lines, found.reasons, strict=True)) == [
        (2, "id: '#N/A' is an error of the workbook"),
        (4, "day: '#REF!' is an error of the workbook"),
    ]
    assert found.rejects["rule"].to_list() == ["error", "error"]
    assert found.raw[0] == "#N/A,2024-01-05,north,1"
    personal = {**COLUMNS, "id": {"type": "string", "personal": True}}
    hidden = stage_file(content, columns=personal, **EXCEL)
    assert hidden.reasons[0] == "id: the value is an error of the workbook"


def test_an_error_that_nulls_names_is_an_empty_value(stage_file: StageFile) -> None:
    content = rows_of(["1", *ROW[:2], error("#N/A")], ["2", *ROW[:2], error("#DIV/0!")])
    found = stage_file(content, nulls="#N/A", **EXCEL)
    assert found.accepted.select("id", "amount").rows() == [("1", None)]
    assert found.reasons == ["amount: '#DIV/0!' is an error of the workbook"]


def test_a_turned_or_filled_error_rejects_the_rows_that_it_makes(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "day": {"type": "month"}, "amount": {"type": "string"}}

    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, ["id", "unit", "2024-01", "2024-02"])
        sheet.write_row(1, 0, ["1", "north", 1])
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["2", "", 1, 2])
        sheet.write_formula(2, 1, "=1/0", None, "#REF!")
        sheet.write_row(3, 0, ["3", "", 1])

    found = stage_file(
        workbook(fill), unpivot={"name": "day", "value": "amount"}, columns=columns, key=["id", "day"],
        fill_down="unit", **EXCEL,
    )  # fmt: skip
    assert found.accepted.select("id", "day").rows() == [("1", date(2024, 1, 1))]
    assert list(zip(found.lines, found.reasons, found.raw, strict=True)) == [
        (2, "amount: '#DIV/0!' is an error of the workbook", "1,2024-02,north,#DIV/0!"),
        (3, "unit: '#REF!' is an error of the workbook", "2,2024-01,#REF!,1"),
        (3, "unit: '#REF!' is an error of the workbook", "2,2024-02,#REF!,2"),
        (4, "unit: '#REF!' is an error of the workbook", "3,2024-01,#REF!,1"),
    ]


VALUELESS = {
    "an empty element": b"<v/>",
    "an empty element with a space": b"<v />",
    "a value of no letters": b"<v></v>",
    "no value": b"",
}


@pytest.mark.parametrize("value", VALUELESS.values(), ids=VALUELESS)
@pytest.mark.parametrize("prefix", [b"", b"<!-- <c> -->"], ids=["as usual", "parsed"])
def test_a_formula_that_was_never_computed_is_rejected_in_every_column(
    stage_file: StageFile, value: bytes, prefix: bytes
) -> None:
    content = rows_of(
        ["1", *ROW], ["2", *ROW[:2], formula(7.5)], [formula(7.5), *ROW], ["4", *ROW[:2], formula("empty")]
    )
    changes = ((b"<v>7.5</v>", value), (b"<v>empty</v>", b"<v></v>"), (b"<sheetData>", b"<sheetData>" + prefix))
    content = rewritten(content, *changes)
    found = stage_file(content, **EXCEL)
    # A formula that gives the empty text has a value.
    assert found.accepted.select("id", "amount").rows() == [("1", Decimal("1.00")), ("4", None)]
    assert list(zip(found.lines, found.reasons, strict=True)) == [(3, f"amount: {UNSTORED}"), (4, f"id: {UNSTORED}")]


def test_formulas_beyond_the_last_value_are_not_lost(stage_file: StageFile) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, ["1", *ROW[:2]])
        for row, column in ((0, 3), (1, 0), (1, 3)):
            sheet.write_formula(row, column, "=1+1", None, "")

    found = stage_file(workbook(fill), header_rows=0, **EXCEL)
    assert list(zip(found.lines, found.reasons, strict=True)) == [(1, f"amount: {UNSTORED}"), (2, f"id: {UNSTORED}")]


def test_a_formula_of_an_open_workbook_without_a_value_is_rejected(stage_file: StageFile) -> None:
    texts = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        for text in ("1", "2024-01-05", "north")
    )
    for kind in ("", ' office:value-type="float"'):
        row = f'<table:table-row>{texts}<table:table-cell table:formula="of:=1+1"{kind}/></table:table-row>'
        assert stage_file(ods([HEADER], more=row), path="orders.ods").reasons == [f"amount: {UNSTORED}"]


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        (1e15, "1000000000000000"),
        (9007199254740992, "9007199254740992"),
        (1e20, "100000000000000000000"),
        (1e23, "100000000000000000000000"),
        (-1e16, "-10000000000000000"),
        (12, "12"),
        (0.5, "0.5"),
    ],
)
def test_a_whole_number_is_its_digits_however_long_it_is(stage_file: StageFile, number: float, digits: str) -> None:
    assert stage_file(rows_of([number, *ROW]), **EXCEL).ids == [digits]


@pytest.mark.parametrize(("kind", "most"), [("integer", 18), ("decimal", 16)])
def test_a_number_of_too_many_digits_is_told_as_in_a_text(stage_file: StageFile, kind: str, most: int) -> None:
    columns = {**COLUMNS, "amount": {"type": kind, "scale": 2}}
    text = "id,day,unit,amount\n1,2024-01-05,north,100000000000000000000\n"
    in_text, in_cell = (
        stage_file(text, columns=columns),
        stage_file(rows_of(["1", *ROW[:2], 1e20]), columns=columns, **EXCEL),
    )
    assert in_cell.reasons == in_text.reasons == [f"amount: '100000000000000000000' has more than {most} digits"]


def of_1904(*days: Any) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "date_1904": True}) as book:
        sheet, look = book.add_worksheet("Data"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for number, day in enumerate(days, 1):
            sheet.write_row(number, 0, [str(number), "", "north", 1])
            if isinstance(day, datetime):
                sheet.write_datetime(number, 1, day, look)
            else:
                sheet.write(number, 1, day)
    return content.getvalue()


SERIAL = {**COLUMNS, "day": {"type": "date", "format": "serial"}}


def test_bare_days_of_a_workbook_that_counts_from_1904_are_counted_from_then(stage_file: StageFile) -> None:
    content = of_1904(datetime(2025, 1, 31), 44226, "44226", 44226.5, "2025-01-31", 5)
    found = stage_file(content, columns=SERIAL, **EXCEL)
    assert found.accepted.select("id", "day").rows() == [(i, date(2025, 1, 31)) for i in "1235"]
    assert found.reasons == ["day: '2025-01-31 12:00:00' is not a date (serial)", "day: '5' is not a date (serial)"]
    columns = {**COLUMNS, "day": {"type": "datetime", "format": "serial"}}
    assert stage_file(content, columns=columns, **EXCEL).accepted["day"].to_list()[3] == datetime(2025, 1, 31, 12)
    columns = {**COLUMNS, "day": {"type": "month", "format": "serial"}}
    assert stage_file(content, columns=columns, **EXCEL).accepted["day"].to_list()[1] == date(2025, 1, 1)


def test_a_number_that_an_earlier_format_reads_is_no_bare_day(stage_file: StageFile) -> None:
    columns = {**COLUMNS, "day": {"type": "date", "format": ["%Y%m%d", "serial"]}}
    found = stage_file(of_1904(20250131, 44226), columns=columns, **EXCEL)
    assert found.accepted["day"].to_list() == [date(2025, 1, 31)] * 2


def test_a_header_of_bare_days_counts_from_1904_too(stage_file: StageFile) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["id", "unit", 44196, 44227])
        sheet.write_row(1, 0, ["1", "north", 1, 2])
    columns = {**COLUMNS, "day": {"type": "month", "format": "serial"}}
    found = stage_file(
        content.getvalue(), columns=columns, key=["id", "day"], unpivot={"name": "day", "value": "amount"}, **EXCEL
    )
    assert found.accepted["day"].to_list() == [date(2025, 1, 1), date(2025, 2, 1)]


def test_older_and_open_workbooks_say_from_when_they_count(stage_file: StageFile) -> None:
    rows = [HEADER, ["1", 44226.0, "north", 1.0]]
    for content, suffix in ((xls(rows, counts_from_1904=True), "xls"), (xlsb(rows, counts_from_1904=True), "xlsb"),
                            (ods(rows, counts_from_1904=True), "ods")):  # fmt: skip
        found = stage_file(content, path=f"orders.{suffix}", columns=SERIAL)
        assert found.accepted["day"].to_list() == [date(2025, 1, 31)], suffix


def test_a_duration_is_its_number_of_days(stage_file: StageFile) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet, look = book.add_worksheet("Data"), book.add_format({"num_format": "[h]:mm"})
        sheet.write_row(0, 0, HEADER)
        for number, days in enumerate((1.25, 0.25, -0.5), 1):
            sheet.write_row(number, 0, [str(number), *ROW[:2]])
            sheet.write_number(number, 3, days, look)
    found = stage_file(content.getvalue(), **EXCEL)
    assert found.accepted["amount"].to_list() == [Decimal("1.25"), Decimal("0.25"), Decimal("-0.50")]
    commas = stage_file(content.getvalue(), decimal=",", **EXCEL)
    assert commas.accepted["amount"].to_list() == found.accepted["amount"].to_list()


def hidden(name: str = "First") -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        first, second = book.add_worksheet(name), book.add_worksheet("Second")
        for sheet in (first, second):
            sheet.write_row(0, 0, HEADER)
            for number in range(1, 5):
                sheet.write_row(number, 0, [f"{sheet.name} {number}", *ROW])
        for row in (1, 3, 9):
            first.set_row(row, None, None, {"hidden": True})
        second.activate()
        first.hide()
    return content.getvalue()


def test_hidden_rows_and_a_hidden_first_sheet_are_read_and_told(stage_file: StageFile) -> None:
    found = stage_file(hidden(), **EXCEL)
    assert found.ids == [f"First {number}" for number in range(1, 5)]
    sheet_told = "the sheet 'First' is read since it is the first, but it is hidden"
    assert found.staged.notes == (sheet_told, "2 hidden rows read as any other")
    assert stage_file(hidden(), sheet="First", **EXCEL).staged.notes == ("2 hidden rows read as any other",)
    assert stage_file(hidden(), sheet="Second", **EXCEL).staged.notes == ()
    row = '<table:table-row table:visibility="filter"><table:table-cell office:value-type="string"><text:p>1</text:p>'
    found = stage_file(ods([HEADER], more=f"{row}</table:table-cell></table:table-row>"), path="orders.ods")
    assert found.staged.notes == ("1 hidden row read as any other",)


def test_cells_beside_the_named_columns_are_told(stage_file: StageFile) -> None:
    content = rows_of(["1", *ROW, 99], ["2", *ROW[:2], None, "", 7], ["3", *ROW])
    found = stage_file(content, **EXCEL)
    assert (found.ids, found.staged.notes) == (["1", "2", "3"], ("2 cells in columns without a header not read",))


def test_formulas_that_hold_0_because_nothing_computed_them_are_told(stage_file: StageFile) -> None:
    content = rows_of(["1", *ROW[:2], formula(0)], ["2", *ROW[:2], formula(2)])
    found = stage_file(content, **EXCEL)
    assert (found.ids, found.staged.notes) == (
        ["1", "2"],
        (
            "1 formula of the sheet 'Data' with the value 0, which may never have been computed: the program that "
            "wrote the workbook leaves that to the one that opens it",
        ),
    )
    assert stage_file(rows_of(["1", *ROW[:2], 0]), **EXCEL).staged.notes == ()
