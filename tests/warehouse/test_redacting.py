"""Files rewritten without a person: what changes, and that all else stays as it was, byte by byte."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from tests.warehouse.conftest import contract
from warehouse.redacting import Plan, Tokens
from warehouse.redacting_json import redact_json, redact_jsonl
from warehouse.redacting_tables import redact_excel, redact_parquet
from warehouse.redacting_text import Redacted, redact_text
from warehouse.workbooks import read_sheet

COLUMNS: dict[str, Any] = {
    "id": {"personal": True},
    "name": {"personal": True},
    "born_on": {"type": "date", "personal": True, "nullable": True},
    "sex": {"type": "enum", "values": ["f", "m"], "personal": True},
    "unit": {},
    "amount": {"type": "decimal"},
}
HEADER = "id,name,born_on,sex,unit,amount\n"


def plan(
    value: str = "E17", own: str = "id", mentions: str = "", taken: set[str] | None = None, **changes: Any
) -> Plan:
    source = contract(**{"columns": COLUMNS, "key": [], "unit": "unit", "period": "none", **changes})
    tokens = Tokens(3, value, (source.columns[own],), {("orders", own): taken or set()})
    return Plan(source, value, tokens.of_person(), frozenset([own]), frozenset(mentions.split()), tokens)


def redacted(tmp_path: Path, content: bytes, way: Any, how: Plan) -> tuple[bytes, Redacted]:
    path, target = tmp_path / "delivered", tmp_path / "redacted"
    path.write_bytes(content)
    found = way(path, how, target, tmp_path)
    return (target.read_bytes() if found.is_changed else content), found


def test_only_the_persons_fields_change_and_all_else_stays_byte_by_byte(tmp_path: Path) -> None:
    rows = (
        '\ufeffid,name,born_on,sex,unit,amount,phone\r\n'
        '  E17 ,"Ada ""A"", Lovelace",1815-12-10,f,"north", 1.50 ,555\r\n'
        "\r\n"
        "E171,Bob,1990-01-01,m,south,2.50,556\r\n"
        '"E17","two\r\nlines",,f,north,3,\r\n'
        "E18,Cem,1991-01-01,m,south,4,557"
    )  # fmt: skip
    expected = (
        '\ufeffid,name,born_on,sex,unit,amount,phone\r\n'
        'forgotten-3,"forgotten-3-1",,f,"north", 1.50 ,\r\n'
        "\r\n"
        "E171,Bob,1990-01-01,m,south,2.50,556\r\n"
        '"forgotten-3","forgotten-3-2",,f,north,3,\r\n'
        "E18,Cem,1991-01-01,m,south,4,557"
    )  # fmt: skip
    for code in ("utf-8", "utf-16-le", "utf-16-be"):
        encoding = "utf-8" if code == "utf-8" else "utf-16"
        new, found = redacted(tmp_path, rows.encode(code), redact_text, plan(encoding=encoding))
        assert new.decode(code) == expected
        assert (found.rewritten, found.left_out, found.masked) == (2, 0, 0)


def test_lines_that_are_no_rows_are_masked_where_they_hold_the_value(tmp_path: Path) -> None:
    rows = (
        "list of E17 and E171\n" + HEADER + "# asked by E17\nE17,Ada,1815-12-10,f,north\n"
        '"E17,Ada,1815-12-10,f,north,1\nE18,Cem,1991-01-01,m,south,4\nTotal E17 4\n'
    )
    new, found = redacted(tmp_path, rows.encode(), redact_text, plan(skip_rows=1, comment=["#"], footer=1))
    assert new.decode() == (
        "list of x99 and E171\n" + HEADER + "# asked by x99\nx99,xxx,9999-99-99,x,xxxxx\n"
        '"x99,xxx,9999-99-99,x,xxxxx,9\nE18,Cem,1991-01-01,m,south,4\nTotal x99 4\n'
    )
    assert found == Redacted(0, 0, 5)


def test_a_token_keeps_the_rules_of_its_column_and_is_nobodys(tmp_path: Path) -> None:
    rows = HEADER + "E17,Ada,,f,north,1\nE99,Bob,,m,south,2\n"
    columns = {**COLUMNS, "id": {"personal": True, "matches": r"E\d\d"}}
    new, _ = redacted(tmp_path, rows.encode(), redact_text, plan(taken={"E17", "E99"}, columns=columns))
    assert new.decode() == HEADER + "E98,forgotten-3-1,,f,north,1\nE99,Bob,,m,south,2\n"
    columns = {**COLUMNS, "id": {"type": "integer", "personal": True, "minimum": 10, "maximum": 99}}
    rows = HEADER + "017,Ada,,f,north,1\n99,Bob,,m,south,2\n"
    new, _ = redacted(tmp_path, rows.encode(), redact_text, plan("17", taken={"017", "99"}, columns=columns))
    assert new.decode() == HEADER + "98,forgotten-3-1,,f,north,1\n99,Bob,,m,south,2\n"


def test_a_row_that_can_hold_neither_token_nor_nothing_is_left_out(tmp_path: Path) -> None:
    columns = {**COLUMNS, "born_on": {"type": "date", "personal": True}}
    rows = HEADER + "E17,Ada,1815-12-10,f,north,1\nE18,Bob,1990-01-01,m,south,2\n"
    new, found = redacted(tmp_path, rows.encode(), redact_text, plan(columns=columns))
    assert (new.decode(), found.left_out) == (HEADER + "E18,Bob,1990-01-01,m,south,2\n", 1)
    # Where nothing is computed from the column, any value will do.
    columns["born_on"] |= {"staged": "dropped", "format": "%d/%m/%Y"}
    new, found = redacted(
        tmp_path, HEADER.encode() + b"E17,Ada,10/12/1815,f,north,1\n", redact_text, plan(columns=columns)
    )
    assert new.decode() == HEADER + "forgotten-3,forgotten-3-1,01/01/1900,f,north,1\n"


def test_where_a_person_is_only_mentioned_nothing_else_of_the_row_changes(tmp_path: Path) -> None:
    columns = {**COLUMNS, "manager": {"personal": True, "nullable": True}}
    header = HEADER.replace("amount", "amount,manager")
    rows = header + "E17,Ada,,f,north,1,E1\nE18,Bob,1990-01-01,m,south,2,E17\n"
    new, found = redacted(tmp_path, rows.encode(), redact_text, plan(mentions="manager", columns=columns))
    assert new.decode() == header + (
        "forgotten-3,forgotten-3-1,,f,north,1,E1\nE18,Bob,1990-01-01,m,south,2,forgotten-3\n"
    )
    assert found.rewritten == 2


def test_objects_keep_their_form_and_what_is_not_declared_becomes_null(tmp_path: Path) -> None:
    columns = {"id": {"personal": True}, "name": {"personal": True, "header": "who.name"}, "unit": {}}
    rows = (
        '{"id" : "E17",  "who": {"name": "Ad\\u00e4", "phone": 555}, "unit":"north", "tags": ["a"]}\r\n'
        '{"id": "E18", "who": {"name": "Bob", "phone": 556}, "unit": "north"}\n\n'
        '{"id": "E17", "unit": \n'
        '["E17"]'
    )
    new, found = redacted(tmp_path, rows.encode(), redact_jsonl, plan(columns=columns, path="orders.jsonl"))
    assert new.decode() == (
        '{"id" : "forgotten-3",  "who": {"name": "forgotten-3-1", "phone": null}, "unit":"north", "tags": null}\r\n'
        '{"id": "E18", "who": {"name": "Bob", "phone": 556}, "unit": "north"}\n\n'
        '{"xx": "x99", "xxxx": \n'
        '["x99"]'
    )
    assert (found.rewritten, found.masked) == (1, 2)
    whole = '{"rows": [\n {"id": "E1", "unit": "n"},\n {"id": "E17", "unit": "n"}\n], "by": 1}'
    columns = {"id": {"personal": True, "matches": "E1"}, "unit": {}}
    source = {"columns": columns, "path": "orders.json", "records": "rows"}
    new, found = redacted(tmp_path, whole.encode(), redact_json, plan(**source))
    assert (new.decode(), found.left_out) == ('{"rows": [\n {"id": "E1", "unit": "n"}\n], "by": 1}', 1)


def test_parquet_and_workbooks_are_written_anew_with_all_other_values(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": [17, 18], "name": ["Ada", "Bob"], "born_on": [None, "1990-01-01"], "sex": ["f", "m"],
            "unit": ["north", "south"], "amount": [1.5, 2.25], "phone": ["555", "556"],
        }
    )  # fmt: skip
    columns = {**COLUMNS, "id": {"type": "integer", "personal": True}}
    file, target = tmp_path / "a.parquet", tmp_path / "b.parquet"
    frame.write_parquet(file)
    how = plan("17", taken={"17", "18"}, columns=columns, path="orders.parquet")
    assert redact_parquet(file, how, target, tmp_path).rewritten == 1
    new = pl.read_parquet(target)
    assert (new.schema, new.row(1)) == (frame.schema, frame.row(1))
    assert new.row(0) == (99, "forgotten-3-1", None, "f", "north", 1.5, None)
    file, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    frame.write_excel(file, position="B3")
    how = plan("17", taken={"17", "18"}, columns=columns, path="orders.xlsx", range="B3:H9")
    assert redact_excel(file, how, target, tmp_path).rewritten == 1
    old, sheet = read_sheet(file, how.source), read_sheet(target, how.source)
    assert [number for number, _ in sheet.rows] == [number for number, _ in old.rows]
    assert sheet.rows[1][1] == [99.0, "forgotten-3-1", "", "f", "north", 1.5, ""]
    assert [sheet.rows[0], *sheet.rows[2:]] == [old.rows[0], *old.rows[2:]]


def test_a_workbook_written_anew_is_judged_as_the_old_one_was(tmp_path: Path) -> None:
    file, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(str(file), {"date_1904": True}) as book:
        sheet, look = book.add_worksheet("Data"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["id", "name", "unit", "day", "amount"])
        sheet.write_row(1, 0, ["E17", "Ada", "north", 44226, 1])
        sheet.write_row(2, 0, ["E18", "Bob", "north", 44226])
        sheet.write_formula(2, 4, "=1/0", None, "#DIV/0!")
        sheet.write_row(3, 0, ["E19", "Eve", "north"])
        sheet.write_datetime(3, 3, datetime(2025, 1, 31), look)
        sheet.write_formula(3, 4, "=1+1", None, "")
    columns: dict[str, Any] = {"id": {"personal": True}, "name": {"personal": True}, "unit": {}}
    columns |= {"day": {"type": "date", "format": "serial"}, "amount": {"type": "decimal"}}
    how = plan(columns=columns, path="orders.xlsx")
    assert redact_excel(file, how, target, tmp_path).rewritten == 1
    old, new = read_sheet(file, how.source), read_sheet(target, how.source)
    assert (new.rows[2:], new.counts_from_1904) == (old.rows[2:], True)


def test_what_holds_nobody_stays(tmp_path: Path) -> None:
    rows = HEADER.encode() + b"E171,Bob,,m,south,2\nE1,E17E,,m,south,2\n"
    assert redacted(tmp_path, rows, redact_text, plan()) == (rows, Redacted())
