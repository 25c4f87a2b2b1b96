"""`scorepack rejects` on a small project: what it lists, what it exports, and what clears it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.acceptance.conftest import Command
from tests.small_company import SmallCompany

RUN = ("backfill", "2025-01", "2025-02", "--packs", "none")
GOOD = "".join(f"{i},north,2025-01-0{i},{i}.50\n" for i in range(1, 10))
SHOPS = "source: shops\ndomain: finance\npath: shops.csv\nkey: code\nperiod: none\ncolumns:\n  code: {}\n"


def test_rejects_are_counted_listed_exported_and_cleared_by_a_corrected_delivery(
    company: SmallCompany, scorepack: Command, tmp_path: Path
) -> None:
    company.sales("2025-01", GOOD + "10,north,2025-01-10,[bold]12\n")
    assert scorepack("rejects").out == "No row is rejected.\n"
    assert scorepack(*RUN).code == 0
    found = scorepack("rejects", "--period", "2025-01")
    assert found.code == 0
    assert max(map(len, found.out.splitlines())) <= 80
    assert [line.split() for line in found.out.splitlines()[:2]] == [["rule", "source", "rows"], ["type", "sales", "1"]]
    for words in ("sales_2025-01", "11 ", "type", "amount:", "'[bold]12'"):
        assert words in found.out, found.out
    for other in (("--period", "2025-02"), ("--source", "complaints"), ("--rule", "enum")):
        assert scorepack("rejects", *other).out == "No such row is rejected.\n"
    for form, read in (("csv", pl.read_csv), ("parquet", pl.read_parquet), ("json", pl.read_json)):
        file = tmp_path / f"out.{form}"
        assert scorepack("rejects", "--export", str(file)).out == f"Wrote 1 row to {file}.\n"
        assert read(file).select("source", "line", "rule", "raw").rows() == [
            ("sales", 11, "type", "10,north,2025-01-10,[bold]12")
        ]
    company.sales("2025-01", GOOD + "10,north,2025-01-10,12\n", delivered="20250207")
    assert scorepack(*RUN).code == 0
    assert scorepack("rejects").out == "No row is rejected.\n"


def test_records_of_a_json_array_on_one_line_are_told_by_their_number(
    company: SmallCompany, scorepack: Command
) -> None:
    for place in (company.root / "extracts").rglob("sales_*"):
        place.unlink()
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write(
        "sources/sales.yaml", contract.replace(".csv", ".json").replace("  shop: {}\n", "  shop: {references: shops}\n")
    )
    company.write("sources/shops.yaml", SHOPS)
    company.write("extracts/shops.csv", "code\nnorth\n")
    rows = [["1", "north", "2025-01-01", 1], ["2", "south", "2025-01-02", 2], ["3", "north", "2025-01-03", "x"]]
    rows += [[str(i), "north", "2025-01-04", i] for i in range(4, 30)]
    names = ("id", "shop", "sold_on", "amount")
    company.write("extracts/sales_2025-01_20250205.json", json.dumps([dict(zip(names, r, strict=True)) for r in rows]))
    scorepack(*RUN)
    found = scorepack("rejects").out
    assert [f"1 record {number}" in found for number in (1, 2, 3)] == [False, True, True], found
    scorepack("rejects", "--export", str(company.root / "r.csv"))
    assert pl.read_csv(company.root / "r.csv").select("line", "record", "rule").rows() == [
        (1, 2, "reference"),
        (1, 3, "type"),
    ]


def test_the_rows_of_a_refused_delivery_are_listed_until_it_is_replaced(
    company: SmallCompany, scorepack: Command
) -> None:
    company.sales("2025-01", "1,north,2025-01-05,x\n2,nowhere,2025-01-05,3\n1,north,2025-01-07,4\n")
    assert scorepack(*RUN).code == 1
    found = scorepack("rejects")
    assert [line.split()[0] for line in found.out.splitlines()[1:3]] == ["type", "unit"]
    company.sales("2025-01", delivered="20250207")
    assert scorepack(*RUN).code == 0
    assert scorepack("rejects").out == "No row is rejected.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--source", "sale"), "'sale' is not a source. Did you mean 'sales'?"),
        (("--export", "out.pdf"), "out.pdf does not end in .csv, .xlsx, .parquet or .json."),
        (("--period", "2025-13"), "2025-13"),
    ],
)
def test_a_wrong_call_is_told(scorepack: Command, words: tuple[str, str], told: str) -> None:
    found = scorepack("rejects", *words)
    assert (found.code, told in found.err) == (2, True)


def test_a_row_that_refers_to_nothing_is_rejected_with_its_line_until_what_it_refers_to_comes(
    company: SmallCompany, scorepack: Command
) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", contract.replace("  shop: {}\n", "  shop: {references: shops}\n"))
    company.write("sources/shops.yaml", SHOPS)
    company.write("extracts/shops.csv", "code\nnorth\n")
    company.sales("2025-01", f"\n{GOOD}" + '10,south,2025-01-10,"100"\n')
    company.sales("2025-02", GOOD.replace("2025-01", "2025-02"))
    assert scorepack(*RUN).code == 0
    found = scorepack("rejects")
    assert "reference" in found.out
    assert " 12 reference" in found.out, found.out
    value = pl.col("kpi") == "revenue", pl.col("unit") == "company", pl.col("period") == "2025-01-01"
    scorepack("export", "kpi_values", "--to", str(company.root / "v.csv"))
    assert pl.read_csv(company.root / "v.csv").filter(*value)["value"].to_list() == [49.5]
    explained = scorepack("explain", "revenue", "company", "2025-01").out
    assert "IN (SELECT code FROM" in explained
    assert "100.0" not in explained
    scorepack("rejects", "--export", str(company.root / "r.csv"))
    assert pl.read_csv(company.root / "r.csv").select("line", "rule", "reason", "raw").rows() == [
        (12, "reference", "shop: 'south' is not in shops", '10,south,2025-01-10,"100"')
    ]
    assert _counts(company, scorepack) == (1, 1)
    company.write("extracts/shops.csv", "code\nnorth\nsouth\n")
    assert scorepack(*RUN).code == 0
    assert scorepack("rejects").out == "No row is rejected.\n"
    assert _counts(company, scorepack) == (0, 0)
    scorepack("export", "kpi_values", "--to", str(company.root / "v.csv"))
    assert pl.read_csv(company.root / "v.csv").filter(*value)["value"].to_list() == [149.5]


def _counts(company: SmallCompany, scorepack: Command) -> tuple[int, int]:
    """Rejected rows of January, as the table of loads and as status has them."""
    scorepack("export", "loads", "--to", str(company.root / "l.csv"))
    loads = pl.read_csv(company.root / "l.csv").filter(pl.col("file").str.contains("2025-01"), pl.col("is_current"))
    months = {one["period"]: one for one in json.loads(scorepack("status", "--json").out)}
    assert sum(one["rejected"] for one in months["2025-01"]["by_source"]) == months["2025-01"]["rejected"]
    return loads["rejected"].sum(), months["2025-01"]["rejected"]


def test_more_rows_without_a_match_than_the_contract_allows_stop_the_run(
    company: SmallCompany, scorepack: Command
) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", contract.replace("  shop: {}\n", "  shop: {references: shops}\n"))
    company.write("sources/shops.yaml", SHOPS)
    company.write("extracts/shops.csv", "code\nnorth\n")
    found = scorepack(*RUN)
    assert found.code == 1
    assert "sales: 6 of 12 rows find nothing in what they look up" in found.err
    assert "First: shop: 'south' is not in shops." in found.err
