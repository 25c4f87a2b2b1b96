"""What ``scorepack status`` and the audit log tell of months and of the sources that they are computed from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Command
from tests.small_company import SmallCompany

RUN = ("backfill", "2025-01", "2025-02", "--packs", "none")
SEE = "See with: scorepack rejects --source sales"


def months(scorepack: Command) -> dict[str, dict[str, Any]]:
    return {month["period"]: month for month in json.loads(scorepack("status", "--json").out)}


def cells(text: str, month: str) -> list[list[str]]:
    """The rows of a month in a printed table."""
    return [line.split() for line in text.splitlines() if line.startswith(f"{month} ")]


def test_a_month_whose_kpis_are_not_scored_is_told_as_computed(company: SmallCompany, scorepack: Command) -> None:
    text = (company.root / "kpis/kpis.yaml").read_text()
    company.write("kpis/kpis.yaml", text.replace("    owner:", "    scored: false\n    owner:"))
    company.write("targets.csv", "kpi,anchor,value\n")
    assert scorepack(*RUN).code == 0
    company.sales("2025-03")
    company.write("extracts/complaints_2025-03.csv", "id,shop,raised_on\nx,north,2025-03-11\n")
    assert scorepack("run", "2025-03", "--packs", "none").code == 1
    found = months(scorepack)
    assert {period: (one["is_computed"], one["scored"]) for period, one in found.items()} == {
        "2025-03": (False, 0), "2025-02": (True, 0), "2025-01": (True, 0)
    }  # fmt: skip
    told = scorepack("status").out
    assert cells(told, "2025-02") == [["2025-02", "2", "of", "2", "–", "–", "0", "computed", "–", "0", "0", "0"]]
    assert cells(told, "2025-03")[0][6:9] == ["1", "not", "computed"]


def test_a_month_stands_on_one_line_of_eighty_columns(
    company: SmallCompany, scorepack: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.cli.printing._WIDTH_IN_PIPES", 80)
    assert scorepack("backfill", "2025-01", "2025-02").code == 0
    assert scorepack("publish", "2025-02", "--by", "Ada").code == 0
    assert scorepack("approve", "2025-02", "--by", "Grace", "--unit", "south").code == 0
    heading, february, january = scorepack("status").out.splitlines()
    assert heading.split() == [
        "month", "sources", "missing", "refused", "rejected", "state", "edition", "packs", "approved", "sent"
    ]  # fmt: skip
    assert february.split() == ["2025-02", "2", "of", "2", "–", "–", "0", "3", "scored", "1", "3", "1", "0"]
    assert january.split() == ["2025-01", "2", "of", "2", "–", "–", "0", "3", "scored", "–", "0", "0", "0"]


def test_beside_an_edition_stand_its_packs_whatever_a_run_has_rendered(
    company: SmallCompany, scorepack: Command
) -> None:
    assert scorepack(*RUN).code == 0
    assert months(scorepack)["2025-02"]["packs"] == 0
    assert scorepack("publish", "2025-02", "--by", "Ada").code == 0
    assert scorepack("approve", "2025-02", "--by", "Grace").code == 0
    (february,) = cells(scorepack("status").out, "2025-02")
    assert february[-4:] == ["1", "3", "3", "0"]


def test_each_source_is_told_with_what_was_expected_and_came_or_was_refused_or_is_late(
    company: SmallCompany, scorepack: Command
) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", f"{contract}expects: {{due: 2 days}}\n")
    company.sales("2025-02", "x,north,2025-02-03,1\n")
    (company.root / "extracts/complaints_2025-01.csv").unlink()
    assert scorepack(*RUN).code == 1
    came = months(scorepack)["2025-02"]["by_source"][0]["came_on"]
    told = scorepack("status", "--sources").out
    # January's sales came on 3 February, a day late; February's came, and were refused.
    assert cells(told, "2025-02") == [
        ["2025-02", "complaints", "loaded", "–", came, "1", "0"],
        ["2025-02", "sales", "refused,", "late", "2025-03-02", "–", "1", "1"],
    ]
    assert cells(told, "2025-01") == [
        ["2025-01", "complaints", "missing", "–", "–", "0", "0"],
        ["2025-01", "sales", "loaded,", "late", "2025-02-02", "2025-02-03", "1", "0"],
    ]
    assert "refused: 2025-02 sales:" in told
    [_, sales], [complaints, january_sales] = (month["by_source"] for month in months(scorepack).values())
    reasons = sales.pop("reasons")
    assert [reason.split(",")[0] for reason in reasons] == ["sales_2025-02_20250303.csv: 1 of 1 rows are rejected"]
    assert sales == {
        "source": "sales", "state": "refused", "due": "2025-03-02", "came_on": None, "is_late": True,
        "files": ["sales_2025-02_20250303.csv"], "rejected": 1, "rejected_of_many_months": 0,
    }  # fmt: skip
    assert (january_sales["files"], january_sales["reasons"]) == (["sales_2025-01_20250203.csv"], [])
    assert (complaints["state"], complaints["files"], complaints["is_late"]) == ("missing", [], False)


def test_rows_in_quarantine_of_a_file_of_many_months_are_told_by_the_run_and_by_status(
    company: SmallCompany, scorepack: Command
) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", contract.replace("{period}", "all"))
    for path in (company.root / "extracts").glob("sales_*"):
        path.unlink()
    rows = "".join(f"{i},north,2025-0{1 + i % 2}-03,{i}\n" for i in range(30))
    rows += "90,north,2025-02-03,x\n91,north,2025-02-03,y\n"
    company.write("extracts/sales_all_20250303.csv", f"id,shop,sold_on,amount\n{rows}")
    line = f"rejected: sales: 2 rows of sales_all_20250303.csv are in quarantine. {SEE}"
    assert line in scorepack(*RUN).out.splitlines()
    assert line in scorepack("run", "2025-01", "--packs", "none").out.splitlines()
    assert line in scorepack("status").out.splitlines()
    assert line in scorepack("status", "--sources").out.splitlines()
    found = months(scorepack)["2025-02"]
    assert (found["rejected"], found["rejected_of_many_months"]) == (0, 2)
    assert found["by_source"][1]["rejected_of_many_months"] == 2
    day = "2025-03-04"
    told = scorepack("run", "2025-02", "--as-of", day, "--packs", "none").out.splitlines()
    assert f"{line.partition(' See')[0]} See with: scorepack export rejects --as-of {day}" in told


def test_a_run_tells_rows_in_quarantine_of_the_months_it_was_asked_for_and_no_others(
    company: SmallCompany, scorepack: Command
) -> None:
    good = "".join(f"{i},north,2025-01-0{i},{i}.50\n" for i in range(1, 10))
    company.sales("2025-01", f"{good}10,north,2025-01-10,x\n")
    line = f"rejected: sales: 1 row of sales_2025-01_20250203.csv is in quarantine. {SEE}"
    assert line in scorepack(*RUN).out.splitlines()
    assert "rejected:" not in scorepack("run", "2025-02", "--packs", "none").out
    # The month's own column tells it.
    assert "rejected:" not in scorepack("status").out
    company.sales("2025-02", f"{good}11,north,2025-02-10,x\n".replace("2025-01", "2025-02"))
    assert "rejected: sales: 2 rows of 2 files (sales_2025-01_20250203.csv, sales_2025-02_20250303.csv) are" in (
        scorepack(*RUN).out
    )


def test_of_increments_a_run_tells_those_that_speak_of_its_months_and_the_newest(
    company: SmallCompany, scorepack: Command
) -> None:
    contract = (company.root / "sources/sales.yaml").read_text().replace("10%", "60%")
    company.write("sources/sales.yaml", contract.replace("{period}", "all") + "replaces: nothing\n")
    for path in (company.root / "extracts").glob("sales_*"):
        path.unlink()
    for number, (day, month) in enumerate((("20250203", "2025-01"), ("20250303", "2025-02"), ("20250304", "2025-02"))):
        rows = f"id,shop,sold_on,amount\n{number},north,{month}-03,1\n9,north,{month}-03,x\n"
        company.write(f"extracts/sales_all_{day}.csv", rows)
    assert "2 rows of 2 files (sales_all_20250203.csv, sales_all_20250304.csv)" in scorepack("run", "2025-01").out
    assert "2 rows of 2 files (sales_all_20250303.csv, sales_all_20250304.csv)" in scorepack("run", "2025-02").out
    assert "3 rows of 3 files (" in scorepack("status").out


def test_the_audit_log_is_read_and_verified_whatever_the_declarations_are_today(
    company: SmallCompany, scorepack: Command
) -> None:
    assert scorepack("run", "2025-01", "--packs", "none").code == 0
    (company.root / "scorecard.yaml").write_text("organisation: [")
    assert scorepack("status").code == 2
    answer = scorepack("audit", "verify")
    assert (answer.code, "The journal is as it was written" in answer.out) == (0, True)
    assert "known on" in scorepack("audit", "log").out


def test_a_source_of_recipients_alone_whose_rows_hold_over_a_time_is_no_missing_one(
    company: SmallCompany, scorepack: Command
) -> None:
    company.write(
        "sources/heads.yaml",
        "source: heads\ndomain: hr\npath: heads.csv\nunit: shop\nperiod: {start: since, end: until}\ncolumns:\n"
        "  shop: {}\n  mail: {}\n  since: {type: date}\n  until: {type: date, nullable: true}\n",
    )
    company.write("recipients.yaml", "from_sources: [{source: heads, name: mail, email: mail}]\n")
    assert scorepack(*RUN).code == 0
    assert {tuple(one["missing"]) for one in months(scorepack).values()} == {("heads",)}
    company.write("extracts/heads.csv", "shop,mail,since,until\nnorth,nora@example.com,2025-01-01,\n")
    assert scorepack(*RUN).code == 0
    assert [(one["loaded"], one["missing"]) for one in months(scorepack).values()] == [(3, []), (3, [])]


def test_what_is_computed_since_an_edition_is_told_until_somebody_publishes_it(
    company: SmallCompany, scorepack: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "not published: what is computed of 2025-02 is newer than edition 1. Publish it: scorepack publish 2025-02 "
    for words in (
        RUN,
        ("publish", "2025-02", "--by", "Ada"),
        ("approve", "2025-02", "--by", "Ada"),
        ("send", "2025-02"),
    ):
        assert scorepack(*words).code == 0
    usual = (company.root / "extracts/sales_2025-02_20250303.csv").read_text().split("\n", 1)[1]
    company.sales("2025-02", "\n".join(reversed(usual.splitlines())) + "\n", delivered="20250309")
    assert "not published" not in scorepack("run", "2025-02", "--packs", "none").out + scorepack("status").out
    company.sales("2025-02", usual.replace("42.50", "1.50"), delivered="20250310")
    assert told in scorepack("run", "2025-02", "--packs", "none").out.splitlines()[-1]
    assert told in scorepack("status").out
    assert (
        "But data came after edition 1 (sales_2025-02_20250310.csv)"
        in scorepack("approve", "2025-02", "--by", "Ada").err
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "But data came after edition 1 (sales_2025-02_20250310.csv)" in scorepack("send", "2025-02").out
    assert scorepack("publish", "2025-02", "--by", "Ada", "--reason", "a late invoice").code == 0
    assert "not published" not in scorepack("status").out
