"""A first contract from a file: what is recognised, and that the contract accepts every row of the very file."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipelines.steps.inferring import Inferred, first_contract
from scorecards.errors import CallError, DataRefused
from scorecards.sources import Source
from scorecards.yaml_reader import read_yaml
from tests.warehouse.old_workbooks import ods, xls
from tests.warehouse.test_other_formats import parquet, workbook

Infer = Callable[..., Inferred]


@pytest.fixture
def infer(tmp_path: Path) -> Infer:
    """Infer from bytes or text under a name; the text must load, and is the draft."""

    def inferred(content: bytes | str, name: str = "file.csv", units: tuple[str, ...] = ()) -> Inferred:
        path = tmp_path / name.rpartition("/")[2]
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = first_contract(path, name, units, date(2000, 1, 1))
        written = tmp_path / "contract.yaml"
        written.write_text(found.text, encoding="utf-8")
        assert Source.model_validate(read_yaml(written, "contract.yaml")[0]) == found.draft.source
        return found

    return inferred


def column(found: Inferred, name: str) -> dict[str, Any]:
    return found.draft.columns[name]


def rows_of(*columns: list[str], delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\n" for row in zip(*columns, strict=True))


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        (["2024-01-05", "2024-12-31"], {"type": "date"}),
        (["05/01/2024", "31/01/2024"], {"type": "date", "format": "%d/%m/%Y"}),
        (["01/05/2024", "01/31/2024"], {"type": "date", "format": "%m/%d/%Y"}),
        (["5.1.2024", "31.12.2024"], {"type": "date", "format": "%d.%m.%Y"}),
        (["05-Jan-2024", "31-Dec-2024"], {"type": "date", "format": "%d-%b-%Y"}),
        (["31/01/2024", "2024-02-01", "03.02.2024", "04-Feb-2024"],
         {"type": "date", "format": ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%b-%Y"]}),
        (["2024-01-05 10:00:00", "2024-01-05 11:30:00"], {"type": "datetime"}),
        (["05/31/2024 10:00", "01/05/2024 11:30"], {"type": "datetime", "format": "%m/%d/%Y %H:%M"}),
        (["2024-01", "2024-12"], {"type": "month"}),
        (["1", "-20", "300"], {"type": "integer"}),
        (["1.5", "20", "3.125"], {"type": "decimal", "scale": 3}),
        (["1e5", "2.5"], {"type": "float"}),
        (["007", "012"], {"type": "string"}),
        (["12345678901234567890", "2"], {"type": "string"}),
        (["yes", "no", "Yes"], {"type": "boolean"}),
        (["1.5", "", "2"], {"type": "decimal", "scale": 1, "nullable": True}),
        (["a b", "c: d", "{e}"], {"type": "string"}),
    ],
)  # fmt: skip
def test_the_type_of_a_column_is_told_by_all_its_values(infer: Infer, values: list[str], keys: dict[str, Any]) -> None:
    found = infer("value_x;n\n" + rows_of(values, list("abcdefgh"[: len(values)]), delimiter=";"))
    kinds = column(found, "value_x")
    if isinstance(keys.get("format"), list):
        assert set(kinds["format"]) == set(keys["format"])
        kinds, keys = {**kinds, "format": 0}, {**keys, "format": 0}
    assert kinds == keys
    assert (found.staged.refused, found.staged.rejected, found.staged.rows) == (None, 0, len(values))


def test_an_unsure_order_of_day_and_month_is_told(infer: Infer) -> None:
    found = infer("day,n\n05/01/2024,a\n06/02/2024,b\n")
    assert (
        'day: {type: date, format: "%d/%m/%Y"}  # every value also fits %m/%d/%Y: make sure which it is' in found.text
    )
    both = infer("day,n\n25/01/2024,a\n01/25/2024,b\n")
    assert column(both, "day") == {"type": "string"}
    assert "days in two orders, %d/%m/%Y and %m/%d/%Y" in both.text


def test_the_dialect_of_a_german_file_is_recognised(infer: Infer) -> None:
    hours = {3: "", 4: "k.A."}
    text = "Stand: heute;;;;\nPersonal-Nr;Abteilung;Eintritt;Bruttogehalt;Größe (m²)\n" + "".join(
        f"{i:05d};Bücherei {i % 2};0{i % 9 + 1}.03.2024;{i + 1}.234,50;{hours.get(i, '7,5')}\n" for i in range(12)
    )
    found = infer(text.encode("cp1252"), "hr/personal_2024-03_20240405.csv")
    keys, columns = found.draft.keys, found.draft.columns
    assert {name: keys[name] for name in ("source", "domain", "path", "known_on", "period", "key", "nulls")} == {
        "source": "personal", "domain": "hr", "path": "hr/personal_{period}_{file_date}.csv",
        "known_on": "{file_date}", "period": "eintritt", "key": ["personal_nr"], "nulls": ["k.A."],
    }  # fmt: skip
    layout = {name: keys[name] for name in ("delimiter", "encoding", "decimal", "thousands", "skip_rows")}
    assert layout == {"delimiter": ";", "encoding": "cp1252", "decimal": ",", "thousands": ".", "skip_rows": 1}
    assert columns["personal_nr"] == {"header": "Personal-Nr", "type": "string", "personal": True}
    assert columns["bruttogehalt"] == {"header": "Bruttogehalt", "type": "decimal", "scale": 2, "personal": True}
    assert columns["groesse_m2"] == {"header": "Größe (m²)", "type": "decimal", "scale": 1, "nullable": True}
    assert "It may be abteilung." in found.text
    assert (found.staged.refused, found.staged.rejected, found.staged.rows) == (None, 0, 12)


def test_personal_columns_are_marked_and_their_values_stay_out_of_the_contract(infer: Infer) -> None:
    header = "first_name,E-Mail,date_of_birth,salary,gender,product_name,unit_name\n"
    lines = [f"Anna,a{i}@example.org,1990-05-{i % 28 + 1:02d},{i}.5,{'fm'[i % 2]},Tent,North\n" for i in range(30)]
    found = infer(header + "".join(lines))
    marked = {name for name, keys in found.draft.columns.items() if keys.get("personal")}
    assert marked == {"first_name", "e_mail", "date_of_birth", "salary", "gender"}
    assert "Anna" not in found.text
    assert "example.org" not in found.text


def test_few_values_are_an_enum_and_the_column_of_the_units_is_found(infer: Infer) -> None:
    lines = [f"{i},{('north', 'south')[i % 2]},{('web', 'shop', 'fair')[i % 3]}\n" for i in range(30)]
    found = infer("sale_id,place,channel\n" + "".join(lines), units=("company", "north", "south"))
    assert column(found, "channel") == {"type": "enum", "values": ["fair", "shop", "web"]}
    assert (found.draft.keys["unit"], found.draft.keys["key"]) == ("place", ["sale_id"])
    assert column(found, "place") == {"type": "string"}


def test_a_key_may_take_several_columns_and_rivals_are_told(infer: Infer) -> None:
    lines = "".join(f"2024-01-{d:02d},{shop},{d * 7 % 5}\n" for d in range(1, 20) for shop in ("a", "b"))
    found = infer("sold_on,shop,pieces\n" + lines)
    assert found.draft.keys["key"] == ["sold_on", "shop"]
    twice = infer("a,b\n1,x\n1,x\n")
    assert "key" not in twice.draft.keys
    assert "No columns tell every row apart" in twice.text
    assert twice.staged.rejected == 0


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("sales_2024-01.csv", "sales_{period}.csv"),
        ("hr/2024-01-31 leavers.csv", "hr/{file_date} leavers.csv"),
        ("x_2024-01_20240205.csv", "x_{period}_{file_date}.csv"),
        ("x_99999999.csv", "x_99999999.csv"),
        ("plan2024.csv", "plan2024.csv"),
    ],
)
def test_months_and_days_in_the_name_become_placeholders(infer: Infer, name: str, path: str) -> None:
    assert infer("a,b\n1,x\n2,y\n", name).draft.keys["path"] == path


def test_a_header_that_sql_knows_as_a_word_gets_an_id_that_measures_can_name(infer: Infer) -> None:
    found = infer("case,from,2nd %\n1,x,3\n2,y,4\n")
    assert {name: keys["header"] for name, keys in found.draft.columns.items()} == {
        "case_value": "case", "from_value": "from", "c_2nd_pct": "2nd %",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "records"),
    [
        ('[{"a": 1, "b": "x"}]', None),
        ('{"rows": [{"a": 1, "b": "x"}], "of": {"rows": [{"c": 1}]}}', "rows"),
        ('{"none": [], "data": {"more": {"items": [{"a": 1, "b": "x"}]}}}', "data.more.items"),
    ],
)
def test_the_rows_of_a_json_document_are_found_where_they_lie(infer: Infer, written: str, records: str | None) -> None:
    found = infer(written, "file.json")
    assert found.draft.source.records == records
    assert list(found.draft.columns) == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_two_bytes_a_letter_is_recognised_with_and_without_its_mark(infer: Infer, encoding: str) -> None:
    found = infer("id;betrag;ort\n1;2,5;Köln\n2;3,25;Bonn\n".encode(encoding))
    assert found.draft.source.encoding == "utf-16"
    assert column(found, "betrag") == {"type": "decimal", "scale": 2}


def test_what_is_no_table_is_told_without_a_contract(tmp_path: Path) -> None:
    for name, content, error in (
        ("a.pdf", b"%PDF", CallError), ("a.csv", b"", DataRefused), ("a.xlsx", b"no workbook", DataRefused),
        ("a.parquet", b"no table", DataRefused), ("a.jsonl", b"nothing\n", DataRefused),
    ):  # fmt: skip
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(error):
            first_contract(path, name, (), date(2000, 1, 1))


def _frame(seed: int) -> pl.DataFrame:
    """A table with a column of every kind, some of them with gaps."""
    chance, rows = random.Random(seed), 25 + seed * 7
    start = date(2023, 1, 1)
    kinds: dict[str, Callable[[int], Any]] = {
        "Record ID": lambda i: f"R-{i:04d}",
        "order": lambda i: chance.randint(-5, 10**12),
        "Betrag €": lambda _: round(chance.uniform(-9999, 99999), 2),
        "ratio": lambda _: chance.random(),
        "booked_on": lambda i: start + timedelta(chance.randint(0, 800)),
        "at": lambda i: datetime(2024, 1, 1) + timedelta(seconds=chance.randint(0, 10**7)),
        "is ok": lambda _: chance.random() < 0.5,
        "note": lambda _: chance.choice(["a, b", 'say "x"', "ü; é", "line\nbreak", "null", "#5", "- x", "{z}: y"]),
        "group": lambda _: chance.choice(["north west", "south"]),
    }
    return pl.DataFrame(
        {
            name: [None if name != "Record ID" and chance.random() < 0.1 * (seed % 3) else make(i) for i in range(rows)]
            for name, make in kinds.items()
        }
    )


def test_flawed_cells_of_a_workbook_say_nothing_of_their_columns(infer: Infer) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, ["id", "amount", "price", "name"])
        for number in range(1, 30):
            sheet.write_row(number, 0, [f"N{number}", number, number / 4, f"Ada {number}"])
        for place, error in ((1, "#DIV/0!"), (2, "#N/A"), (3, "#N/A")):
            sheet.write_formula(5 + place, place, "=1/0", None, error)
        sheet.write_formula(20, 1, "=1+1", None, "")

    found = infer(workbook(fill), "orders.xlsx")
    assert [column(found, name)["type"] for name in ("amount", "price", "name")] == ["decimal", "decimal", "string"]
    assert found.draft.keys["nulls"] == ["#N/A"]
    assert (found.staged.rejected, found.staged.rows) == (2, 29)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["csv", "semicolon", "tsv", "parquet", "jsonl", "xlsx"])
def test_a_first_contract_accepts_every_row_of_its_file(infer: Infer, tmp_path: Path, kind: str, seed: int) -> None:
    frame, path = _frame(seed), tmp_path / f"made.{'csv' if kind == 'semicolon' else kind}"
    if kind == "parquet":
        frame.write_parquet(path)
    elif kind == "jsonl":
        frame.with_columns(pl.col("booked_on", "at").cast(pl.String)).write_ndjson(path)
    elif kind == "xlsx":
        frame.write_excel(path)
    else:
        frame.write_csv(
            path, separator={"csv": ",", "semicolon": ";", "tsv": "\t"}[kind], decimal_comma=kind == "semicolon"
        )
    found = infer(path.read_bytes(), path.name)
    assert (found.staged.refused, found.staged.rejected, found.staged.rows) == (None, 0, frame.height)
    assert found.draft.keys["key"] == ["record_id"]
    assert column(found, "booked_on")["type"] == "date"
    assert column(found, "is_ok")["type"] == "boolean"
    assert column(found, "betrag_eur")["type"] in ("decimal", "float")
    assert list(yaml.safe_load(found.text)["columns"]) == list(found.draft.columns)


def test_amounts_with_a_currency_s_sign_are_numbers_unless_there_are_several(infer: Infer) -> None:
    found = infer("id;fee\n1;1.234,50 €\n2;7 €\n3;-3,25 €\n")
    assert column(found, "fee") == {"type": "decimal", "scale": 2, "symbol": "€"}
    assert (found.draft.source.decimal, found.draft.source.thousands) == (",", ".")
    assert column(infer("id,fee\n1,£5\n2,$7\n"), "fee")["type"] == "string"


def test_years_and_days_may_be_headers_of_a_sheet(infer: Infer) -> None:
    def fill(sheet: Any, day: Any) -> None:
        sheet.write_row(0, 0, ["trust", 2021, 2022.0])
        sheet.write_datetime(0, 3, datetime(2023, 4, 1), day)
        sheet.write_row(1, 0, ["north", 1, 2, 3])

    found = infer(workbook(fill), "file.xlsx")
    assert [each.header for each in found.draft.source.columns.values()][1:] == ["2021", "2022", "2023-04-01"]


@pytest.mark.parametrize("name", ["file.xls", "file.ods", "file.xlsb", "file.xlsm", "file.xlsx"])
@pytest.mark.parametrize("kind", [".xlsx", ".xls", ".ods"])
def test_a_workbook_is_taken_for_what_it_is_whatever_its_name_says(infer: Infer, name: str, kind: str) -> None:
    rows: list[list[str | float | None]] = [["code", "amount"], ["a", 1.5], ["b", 2]]

    def fill(sheet: Any, _: Any) -> None:
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    made = workbook(fill) if kind == ".xlsx" else {".xls": xls, ".ods": ods}[kind](rows)
    found = infer(made, name)
    assert (list(found.draft.columns), found.staged.rows, found.staged.refused) == (["code", "amount"], 2, None)
    told = [remark for remark in found.draft.remarks if remark.startswith(f"By its content it is an {kind} workbook")]
    assert bool(told) == (name.replace("xlsm", "xlsx") != f"file{kind}")


def test_two_tables_side_by_side_are_refused_in_words(infer: Infer) -> None:
    def fill(sheet: Any, _: Any) -> None:
        sheet.write_row(0, 0, ["Table 1"])
        sheet.write_row(1, 0, ["m", "k", "", "m", "k"])
        sheet.write_row(2, 0, ["2025-01", "a", "", "2025-01", "e"])

    with pytest.raises(DataRefused, match=r"names every column twice .k, m., as where two tables .* 'range'"):
        infer(workbook(fill), "file.xlsx")
    with pytest.raises(DataRefused, match=r"names every column twice .a.. Ask for"):
        infer("a,a\n1,2\n")


def test_a_file_that_can_have_no_contract_is_refused_in_words(infer: Infer) -> None:
    with pytest.raises(DataRefused, match="no column has a name"):
        infer("x" * 1_500_000)
    with pytest.raises(CallError, match=r"unknown placeholder {b}.* Rename"):
        infer("a,b\n1,2\n", "a{b}.csv")


def test_a_field_may_be_as_long_as_it_is_read(infer: Infer) -> None:
    found = infer(f"k;note\na;{'x' * 200_000}\nb;short\n")
    assert list(found.draft.columns) == ["k", "note"]
    assert (found.staged.refused, found.staged.rejected, found.staged.rows) == (None, 0, 2)


def two_levels(sheet: Any, _: Any) -> None:
    """Two rows of title, and a header of two rows with merged cells."""
    sheet.write(0, 0, "City performance register")
    sheet.write(1, 0, "Provisional")
    for place, name in enumerate(["Service", "KPI"]):
        sheet.merge_range(3, place, 4, place, name)
    sheet.merge_range(3, 2, 3, 3, "2025 Actual")
    sheet.merge_range(3, 4, 3, 5, "2025 Target")
    sheet.write_row(4, 2, ["Jan", "Feb", "Jan", "Feb"])
    sheet.write_row(5, 0, ["bins", "k1", 1, 2, 10, 20])
    sheet.write_row(6, 0, ["road", "k1", 3, 4, 30, 40])


NAMES = ["Service", "KPI", "2025 Actual Jan", "2025 Actual Feb", "2025 Target Jan", "2025 Target Feb"]
LEVELS = "Service,KPI,2025 Actual,,2025 Target,\n,,Jan,Feb,Jan,Feb\n"
DATA = "bins,k1,1,2,10,20\nroad,k1,3,4,30,40\n"


@pytest.mark.parametrize(
    ("content", "skipped", "names"),
    [
        (two_levels, 3, NAMES),
        (f"Register,,,,,\n,,,,,\n{LEVELS}{DATA}", 2, NAMES),
        (f"{LEVELS}{DATA}", 0, NAMES),
        (f",,2025 Actual,,2025 Target,\nService,KPI,Jan,Feb,Jan,Feb\n{DATA}", 0, NAMES),
        (f",KPI,a,b,c,d\n{DATA}", 0, ["KPI", "a", "b", "c", "d"]),
        (f"Stand:,heute,,,,\n1,KPI,a,b,c,d\n{DATA}", 1, ["1", "KPI", "a", "b", "c", "d"]),
    ],
)
def test_a_header_of_two_rows_or_with_a_gap_loses_no_row(
    infer: Infer, content: Any, skipped: int, names: list[str]
) -> None:
    found = infer(workbook(content), "file.xlsx") if callable(content) else infer(content)
    source = found.draft.source
    assert [column.header or own for own, column in source.columns.items()] == names
    assert (source.skip_rows, source.header_rows) == (skipped, 2 if names == NAMES else 1)
    assert (found.staged.refused, found.staged.rejected, found.staged.rows) == (None, 0, 2)


def test_of_a_header_of_many_rows_as_many_are_taken_as_a_contract_may_declare(infer: Infer) -> None:
    levels = [
        ",".join("ab"[place // width % 2] if place % width == 0 else "" for place in range(32))
        for width in (16, 8, 4, 2, 1)
    ]
    levels[-1] = levels[-1][:-1] + "z"
    data = ",".join(map(str, range(32)))
    assert infer("\n".join([*levels, data, data]) + "\n").draft.source.header_rows == 3


def test_decimals_of_parquet_keep_as_many_places_as_fit_and_it_is_told(infer: Infer, tmp_path: Path) -> None:
    values = {
        "rate": "0.123456789012345678::DECIMAL(30, 18)",
        "total": "123456789012.5::DECIMAL(30, 15)",
        "large": "1e25::DECIMAL(38, 4)",
        "price": "1.50::DECIMAL(10, 2)",
    }
    found = infer(parquet(tmp_path, f"SELECT {', '.join(f'{v} AS {k}' for k, v in values.items())}"), "file.parquet")
    assert [column(found, name) for name in ("rate", "total", "large", "price")] == [
        {"type": "decimal", "scale": 10}, {"type": "decimal", "scale": 6}, {"type": "float"},
        {"type": "decimal", "scale": 2},
    ]  # fmt: skip
    assert "rate: {type: decimal, scale: 10}  # 18 decimal places in the file, of which 10 are kept" in found.text


def test_bytes_are_texts_where_they_are_utf_8_and_else_left_out(infer: Infer, tmp_path: Path) -> None:
    made = parquet(tmp_path, "SELECT 'a'::BLOB AS old, '\\xFF\\x00'::BLOB AS picture")
    found = infer(made, "file.parquet")
    assert found.draft.columns == {"old": {"type": "string"}}
    assert "# Left out, since it holds bytes that are no text: picture." in found.text
    assert (found.staged.refused, found.staged.rejected) == (None, 0)


def test_a_header_may_hold_a_line_break_and_is_told_on_one_line(infer: Infer) -> None:
    found = infer('"a\nb",c,"d\ne","d\ne"\n1,2,3,4\n')
    assert column(found, "a_b") == {"header": "a\nb", "type": "integer"}
    assert "# Left out, since the header names it twice: d␤e." in found.text.splitlines()
    assert (found.staged.refused, found.staged.rejected, found.staged.rows) == (None, 0, 1)
    with pytest.raises(DataRefused, match=r"twice .a␤b."):
        infer('"a\nb","a\nb"\n1,2\n')
