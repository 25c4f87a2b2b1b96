"""Bad input on the command line: what it says, how it exits, and that it leaves nothing half-written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from tests.acceptance.conftest import Answer, Command
from tests.small_company import SmallCompany, small_company
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import LOADS, REJECTS, SCORES, Table

RUN = ("run", "2025-01", "--packs", "none")
BOTH = ("backfill", "2025-01", "2025-02", "--packs", "none")
SALES_HEADER = "id,shop,sold_on,amount\n"
GOOD_ROW = "99,north,2025-01-03,5\n"
DECLARATIONS = [
    ("kpis/kpis.yaml", "SUM(amount)}", "SUM(amount)", "kpis/kpis.yaml:3: is not valid YAML"),
    ("sources/sales.yaml", "  id:", "\tid:", "sources/sales.yaml:9: is not valid YAML"),
    (
        "sources/sales.yaml",
        "rejects:",
        "rejcts:",
        "sources/sales.yaml:13: rejcts: is not a known key here. Did you mean 'rejects'?",
    ),
    (
        "targets.csv",
        "revenue,floor",
        "revenu,floor",
        "targets.csv:2: kpi: 'revenu' is not a KPI. Did you mean 'revenue'?",
    ),
    ("units.csv", "Company,company,", "Company,company,south", "units.csv:2: parent: the tree runs in a circle"),
    (
        "units.csv",
        "north,Shop North,department,company",
        "north,Shop North,department,west",
        "units.csv:3: parent: 'west'",
    ),
    (
        "kpis/kpis.yaml",
        "complaints / sales",
        "complaints / saless",
        "'saless' is not a measure or input. Did you mean 'sales'?",
    ),
    (
        "kpis/kpis.yaml",
        "source: complaints",
        "source: complaint",
        "'complaint' is not a source. Did you mean 'complaints'?",
    ),
    ("kpis/kpis.yaml", "SUM(amount)", "SUM(amont)", "'amont' is not a column of sales. Did you mean 'amount'?"),
]


def change(company: SmallCompany, file: str, old: str, new: str) -> None:
    text = (company.root / file).read_text()
    assert old in text
    company.write(file, text.replace(old, new, 1))


def read(company: SmallCompany, table: Table) -> pl.DataFrame:
    with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
        return warehouse.read(table)


def files(root: Path) -> dict[str, str]:
    """Digests of all files, without what holds a clock or belongs to Dagster and SQLite."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "dagster" not in path.parts and path.suffix not in (".duckdb", ".lock", ".wal", ".sqlite")
        and not path.name.startswith("journal.sqlite-")
    }  # fmt: skip


def refused(answer: Answer, *words: str) -> None:
    assert answer.code == 1
    for word in words:
        assert word in answer.err


@pytest.mark.parametrize(("file", "old", "new", "words"), DECLARATIONS, ids=[words[:40] for *_, words in DECLARATIONS])
def test_a_wrong_declaration_names_its_place_and_nothing_is_staged(
    company: SmallCompany, scorepack: Command, file: str, old: str, new: str, words: str
) -> None:
    change(company, file, old, new)
    answer = scorepack(*RUN)
    assert answer.code == 2
    assert words in answer.err
    home = company.root / ".scorepack"
    assert list(home.rglob("*.parquet")) == list(home.glob("journal.sqlite")) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "2024-12"), "2024-12 is outside the project's months: 2025-01 (first_period in scorecard.yaml)"),
        (("run", "2099-01"), "2099-01 is outside the project's months"),
        (("run", "2025-13"), "'2025-13' is not a month; write it as 2025-09."),
        (("backfill", "2025-02", "2025-01"), "2025-02 is after 2025-01. Give the earlier month first."),
        (("show", "nort", "2025-01"), "Did you mean 'north'?"),
        (("export", "scoresx"), "'scoresx' is not a published table. Did you mean 'scores'?"),
        (("export", "measure_cells"), "'measure_cells' is not a published table."),
        (("export", "scores", "--to", "x.doc"), "x.doc does not end in .csv, .parquet, .json or .xlsx."),
        (("show", "company", "latest"), "No month has been computed yet."),
        (
            ("send", "2025-01"),
            "2025-01 is not published, and nothing is sent. First: scorepack publish 2025-01",
        ),
        (("publish", "2025-01", "--by", "Ada"), "Run it first"),
        (("run",), "Missing argument 'PERIOD'"),
        (("frobnicate",), "No such command 'frobnicate'"),
    ],
)
def test_a_wrong_call_is_told_with_exit_code_2(scorepack: Command, words: tuple[str, ...], told: str) -> None:
    answer = scorepack(*words)
    assert answer.code == 2
    assert told in answer.err


@pytest.mark.parametrize("words", [("check",), RUN, ("status",)])
def test_a_folder_without_a_project_is_told_and_left_empty(
    scorepack: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    answer = scorepack(*words, project=empty)
    assert answer.code == 2
    assert "holds no scorecard.yaml" in answer.err
    assert list(empty.iterdir()) == []


def test_the_same_exit_codes_come_from_a_process_of_its_own(company: SmallCompany, process: Command) -> None:
    assert process("check").code == 0
    assert process("run", "2099-01").code == 2
    company.sales("2025-01", "1,north,2025-01-03,x\n")
    refused(
        process(*RUN), "2025-01: sales: sales_2025-01_20250203.csv: 1 of 1 rows are rejected", "line 2: amount: 'x'"
    )


BAD_FILES: list[tuple[bytes, str]] = [
    (b"", "the file is empty (0 bytes)"),
    (b"id,shop,sold_on,amuont\n", "Did you mean 'amuont'? Where the file names a column otherwise, declare that name"),
    (b"id;shop;sold_on;amount\n1;north;2025-03-03;1\n", "separated by ';'"),
    ((SALES_HEADER + "1,Süd,2025-04-03,1\n").encode("cp1252"), "line 2 holds the byte 0xfc"),
    ((SALES_HEADER + '1,north,2025-05-03,"1,5"\n').encode(), "had a decimal comma"),
    ((SALES_HEADER + "1,north,2025-01-03,1\n").encode("utf-16"), "Declare encoding: utf-16"),
    ((SALES_HEADER + "1,north,2025-02-03\n").encode(), "has 3 fields, fewer than the header's 4"),
    ((SALES_HEADER + "1,nort,2025-03-03,1\n").encode(), "shop: 'nort' is not a declared unit. Did you mean 'north'?"),
    ((SALES_HEADER + "1,north,2025-02-03,1\n").encode(), "belongs to 2025-02, the file is for 2025-04"),
    ((SALES_HEADER + "1,north,2025-05-03,1\n1,north,2025-05-03,2\n").encode(), "id 1: conflicts with an earlier row"),
]


@pytest.mark.parametrize("bad", [BAD_FILES[:5], BAD_FILES[5:]], ids=["files", "rows"])
def test_each_refused_file_is_told_and_blocks_its_own_month_only(
    tmp_path: Path, scorepack: Command, bad: list[tuple[bytes, str]]
) -> None:
    company = small_company(tmp_path / "six")
    for month, (content, _) in enumerate(bad, start=1):
        (company.root / f"extracts/sales_2025-{month:02d}_2025{month + 1:02d}03.csv").write_bytes(content)
    answer = scorepack("backfill", "2025-01", "2025-06", "--packs", "none", project=company.root)
    refused(answer, "5 of 6 months were not computed")
    for month, (_, words) in enumerate(bad, start=1):
        (line,) = [line for line in answer.err.splitlines() if line.startswith(f"2025-{month:02d}: ")]
        assert f"sales: sales_2025-{month:02d}_2025{month + 1:02d}03.csv: " in line
        assert words in line
    assert {period.month for period in read(company, SCORES)["period"]} == {6}
    assert read(company, LOADS).filter(pl.col("refused").is_not_null()).height == 5


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("shop: {}", 'shop: {matches: "(?=x)"}', "sources/sales.yaml:10: columns.shop.matches: '(?=x)' cannot be used"),
        ("{type: date}", '{type: date, format: "%Q"}',
         "sources/sales.yaml:11: columns.sold_on.format: '%Q' cannot be used"),
        ("rejects:", "footer: '(?=x)'\nrejects:", "sources/sales.yaml:13: footer: '(?=x)' cannot be used"),
        ("rejects:", "footer: '('\nrejects:", "sources/sales.yaml:13: 'footer' is '(', which is no regular expression"),
        (".csv", ".txt1", "sources/sales.yaml:3: the format cannot be told from 'path'"),
        ("rejects:", "decimal: ','\nthousands: ','\nrejects:", "sources/sales.yaml:13: 'decimal' and 'thousands' are"),
        ("rejects:", "changed: [{from: 2025-03, footer: '(?=x)'}]\nrejects:",
         "sources/sales.yaml:13: changed.0.footer: '(?=x)' cannot be used"),
        ("rejects:", "changed: [{from: 2025-03, footer: '('}]\nrejects:",
         "sources/sales.yaml:13: from 2025-03 on: 'footer' is '(', which is no regular expression"),
    ],
)  # fmt: skip
def test_what_of_a_contract_cannot_be_used_is_told_with_its_line_and_its_source_not_loaded(
    company: SmallCompany, scorepack: Command, old: str, new: str, words: str
) -> None:
    change(company, "sources/sales.yaml", old, new)
    answer = scorepack(*RUN)
    assert answer.code == 2
    assert words in answer.err
    assert not (company.root / ".scorepack/staging/sales").exists()


def test_a_corrected_delivery_clears_the_refusal_and_its_rejects_stay_on_record(
    company: SmallCompany, scorepack: Command
) -> None:
    company.sales("2025-01", "1,north,2025-01-03,x\n")
    assert scorepack(*RUN).code == 1
    company.sales("2025-01", GOOD_ROW, delivered="20250210")
    assert scorepack(*RUN).code == 0
    loads = read(company, LOADS).filter(pl.col("source") == "sales").sort("known_on")
    assert loads["is_current"].to_list() == [False, True]
    rejects = read(company, REJECTS)
    assert rejects.select("file", "line", "rule", "raw").rows() == [
        ("sales_2025-01_20250203.csv", 2, "type", "1,north,2025-01-03,x")
    ]


def test_a_shown_month_says_that_newer_deliveries_were_refused_and_what_to_do(
    company: SmallCompany, scorepack: Command
) -> None:
    assert scorepack(*RUN).code == 0
    before = scorepack("show", "company", "2025-01").out
    assert "refused" not in before
    company.sales("2025-01", "1,north,2025-01-03,x\n", delivered="20250210")
    assert scorepack(*RUN).code == 1
    answer = scorepack("show", "company", "2025-01")
    assert answer.code == 0
    told, shown = answer.out.split("\n\n", 1)
    assert shown == before
    assert told.startswith("Newer data for 2025-01 were refused (sales_2025-01_20250210.csv). What is shown was")
    assert "scorepack status" in told
    assert told.endswith("scorepack run 2025-01.")


def test_a_month_of_which_nothing_but_refusals_came_shows_why(company: SmallCompany, scorepack: Command) -> None:
    company.sales("2025-01", "1,north,2025-01-03,x\n")
    assert scorepack(*RUN).code == 1
    refused(scorepack("show", "company", "2025-01"), "2025-01 was not computed, because data were refused", "'x'")


def test_a_header_with_a_line_break_is_told_on_one_line(company: SmallCompany, scorepack: Command) -> None:
    header = SALES_HEADER.replace("amount", '"amou\nnt"')
    company.write("extracts/sales_2025-01_20250203.csv", f"{header}1,north,2025-01-03,1\n")
    answer = scorepack(*RUN)
    refused(answer, "Did you mean 'amou␤nt'?")
    assert "amou\nnt" not in answer.err + answer.out


def test_rejected_rows_within_the_contract_are_counted_and_found(company: SmallCompany, scorepack: Command) -> None:
    rows = "".join(f'{i},north,2025-01-03,"1\n"\n' if i == 5 else f"{i},north,2025-01-03,1\n" for i in range(19))
    company.sales("2025-01", rows + "\n98,north,2025-01-03\n99,north,2025-01-32,1\n")
    assert scorepack(*RUN).code == 0
    load = read(company, LOADS).filter(pl.col("source") == "sales").row(0, named=True)
    assert (load["rows"], load["rejected"], load["refused"]) == (21, 2, None)
    assert read(company, REJECTS).select("line", "rule", "raw").rows() == [
        (23, "form", "98,north,2025-01-03"),
        (24, "type", "99,north,2025-01-32,1"),
    ]
    assert "rejected" in scorepack("status").out


def test_a_second_run_changes_nothing_that_is_kept(company: SmallCompany, scorepack: Command) -> None:
    assert scorepack(*BOTH).code == 0
    home = company.root / ".scorepack"
    before = files(home), [read(company, table).rows() for table in (LOADS, REJECTS, SCORES)]
    assert scorepack(*BOTH).code == 0
    assert (files(home), [read(company, table).rows() for table in (LOADS, REJECTS, SCORES)]) == before


def test_a_damaged_warehouse_is_told_and_comes_back_when_it_is_deleted(
    company: SmallCompany, scorepack: Command
) -> None:
    assert scorepack(*RUN).code == 0
    scores = read(company, SCORES).rows()
    file = company.root / ".scorepack/warehouse.duckdb"
    file.write_text("not a database")
    for words in (RUN, ("show", "company", "2025-01"), ("export", "scores")):
        refused(scorepack(*words), "is damaged", "scorepack rebuild")
    file.unlink()
    assert scorepack(*RUN).code == 0
    assert read(company, SCORES).rows() == scores


def test_personal_values_reach_no_table_no_export_and_no_message(company: SmallCompany, scorepack: Command) -> None:
    change(
        company, "sources/sales.yaml", "  id: {type: integer}", "  id: {type: string, personal: true, matches: 'P\\d'}"
    )
    company.sales("2025-01", "Anna Schmidt,north,2025-01-03,1\nP7,north,2025-01-03\nP8,north,2025-01-03,1\n")
    answer = scorepack(*RUN)
    refused(answer, "id: the value does not match")
    exported = [scorepack("export", table).out for table in ("loads", "rejects")]
    for secret in ("Anna", "Schmidt", "P7", "P8"):
        assert secret not in "".join([answer.text, *exported, scorepack("status").text])


def test_what_is_no_row_is_told_after_the_run_and_by_status(company: SmallCompany, scorepack: Command) -> None:
    company.sales("2025-01", "1,north,2025-01-03,1\n,,,\n,,,\n")
    told = "note: sales: sales_2025-01_20250203.csv: 2 rows without any value are passed over"
    assert told in scorepack(*RUN).out.replace("\n", " ")
    assert told in scorepack("status").out.replace("\n", " ")


def test_nothing_that_is_declared_or_given_to_a_command_begins_a_line_of_its_own(
    company: SmallCompany, scorepack: Command
) -> None:
    forging = "x\nFORGED: all is well\x85FORGED\u2028FORGED"
    for name, old in (("scorecard.yaml", "Small & Company <Ltd>"), ("strategy.yaml", "Scorecard"),
                      ("kpis/kpis.yaml", "Revenue"), ("kpis/kpis.yaml", "Head of Service"),
                      ("recipients.yaml", "Ada Lovelace")):  # fmt: skip
        path = company.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, json.dumps(forging), 1), encoding="utf-8")
    company.write("delivery.yaml", "coverage: 1%\n")
    by, reason = ("--by", f"Grace {forging}"), ("--reason", f"so {forging}")
    told = []
    for words in (
        ("check",), ("run", "2025-02", "--packs", "none"), ("publish", "2025-02", *by),
        ("approve", "2025-02", *by, "--hold", *reason), ("approve", "2025-02", *by, "--unit", "south"),
        ("approve", "2025-02", *by), ("send", "2025-02", "--dry-run"), ("send", "2025-02"),
        ("deliveries", "2025-02"), ("recipients", "--period", "2025-02"), ("close", "2025-02", *by, *reason),
        ("reopen", "2025-02", *by, *reason), ("status",), ("audit", "log"), ("show", "company", "2025-02"),
        ("explain", "revenue", "company", "2025-02"),
    ):  # fmt: skip
        answer = scorepack(*words)
        told.append(answer.text)
        assert not [line for line in answer.text.splitlines() if line.strip().startswith("FORGED")], words
    assert all(f"Grace x{chr(0x2424)}FORGED" in told[place] for place in (3, 4, 6, 10, 13)), told


@pytest.mark.parametrize("words", [("publish", "2025-01"), ("approve", "2025-01", "--by", " "), ("close", "2025-01")])
def test_who_does_it_is_asked_for_with_an_example(scorepack: Command, words: tuple[str, ...]) -> None:
    answer = scorepack(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.strip() == 'Say who does it, as in --by "Ada Lovelace": it stays in the audit log.'
