"""What ``scorepack status`` and the audit log tell of months and of the sources that they are computed from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Command
from tests.small_company import SmallCompany

RUN = ("backfill", "2025-01", "2025-02", "--packs", "none")


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
        "files": ["sales_2025-02_20250303.csv"], "rejected": 1,
    }  # fmt: skip
    assert (january_sales["files"], january_sales["reasons"]) == (["sales_2025-01_20250203.csv"], [])
    assert (complaints["state"], complaints["files"], complaints["is_late"]) == ("missing", [], False)


def test_the_audit_log_is_read_and_verified_whatever_the_declarations_are_today(
    company: SmallCompany, scorepack: Command
) -> None:
    assert scorepack("run", "2025-01", "--packs", "none").code == 0
    (company.root / "scorecard.yaml").write_text("organisation: [")
    assert scorepack("status").code == 2
    answer = scorepack("audit", "verify")
    assert (answer.code, "The journal is as it was written" in answer.out) == (0, True)
    assert "known on" in scorepack("audit", "log").out
