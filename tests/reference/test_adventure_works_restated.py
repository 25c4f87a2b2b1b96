"""AdventureWorks told twice: a second delivery of the ledger, the edition it makes, and what that says has changed.

The second delivery is the first with one amount in a hundred changed, by a fixed seed. What must differ between the two
editions is computed by SQL over the two raw files.
"""

from __future__ import annotations

import csv
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from tests.reference import adventure_works_sql as sql
from tests.reference.adventure_works_project import (
    ORGANISATIONS,
    SHARED,
    WITHOUT_FILES,
    by_unit,
    exported,
    scorepack,
)  # fmt: skip

pytestmark = pytest.mark.skipif(SHARED is None, reason=WITHOUT_FILES)

MONTH = date(2013, 6, 1)
REASON = "Controlling corrected the ledger"
Figures = dict[tuple[str, str], float]
AUDITS: dict[str, Callable[[duckdb.DuckDBPyConnection], sql.Grid]] = {
    "net_revenue": lambda raw: sql.account_total(raw, sql.NET_SALES, sql.ACTUAL),
    "converted_net_revenue": lambda raw: sql.converted_net_sales(raw, "average"),
    "currency_drift": sql.currency_drift,
    "operating_expense_ratio": lambda raw: sql.operating_expense_ratio(raw, sql.ACTUAL),
    "revenue_growth": sql.revenue_growth,
}
# The anchors of June 2013, as targets.csv has them: where the score is 0, 100 and 120.
ANCHORS = {"revenue_growth": (0.0, 0.1, 0.2), "operating_expense_ratio": (0.6, 0.4, 0.3)}
NAMES = {
    "net_revenue": "Net revenue", "converted_net_revenue": "Net revenue, converted", "currency_drift": "Currency drift",
    "operating_expense_ratio": "Operating expense ratio", "revenue_growth": "Revenue growth",
}  # fmt: skip


@dataclass(frozen=True)
class Restated:
    """The home after both editions, the day on which the second delivery came, and the figures of either file.

    ``changes`` are the rows of the table ``edition_changes``.
    """

    home: Path
    delivered: str
    before: Figures
    after: Figures
    changes: list[dict[str, str]]

    @property
    def changed(self) -> Figures:
        """The figures that the second file gives otherwise, with their new value; none appears and none goes."""
        assert self.before.keys() == self.after.keys()
        return {at: value for at, value in self.after.items() if differs(value, self.before[at])}


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory) -> Restated:
    """June 2013 published, the ledger delivered again, June 2013 run and published again."""
    assert SHARED is not None
    root = tmp_path_factory.mktemp("restated")
    home, extracts = root / "home", root / "extracts"
    shutil.copytree(SHARED / "adventureworks", extracts, copy_function=shutil.copyfile)
    for folder in (extracts, extracts / "oltp"):
        folder.chmod(0o755)
    before = figures(extracts)
    run = ("run", f"{MONTH:%Y-%m}", "--extracts", str(extracts), "--packs", "none")
    scorepack(home, *run)
    scorepack(home, "publish", f"{MONTH:%Y-%m}", "--by", "Controlling")
    changed = deliver_again(extracts / "FactFinance.csv", seed=8)
    assert changed == 394
    delivered = datetime.now(UTC).date().isoformat()
    scorepack(home, *run)
    scorepack(home, "publish", f"{MONTH:%Y-%m}", "--by", "Controlling", "--reason", REASON)
    return Restated(home, delivered, before, figures(extracts), exported(home, "edition_changes"))


def deliver_again(file: Path, seed: int) -> int:
    """Change one amount in a hundred of the file, and nothing else; returns how many."""
    header, *rows = csv.reader(file.read_text(encoding="utf-8").splitlines())
    place, drawn = header.index("Amount"), random.Random(seed)
    chosen = drawn.sample(range(len(rows)), len(rows) // 100)
    for number in chosen:
        amount = round(float(rows[number][place]) * drawn.choice((0.5, 0.9, 1.1, 2)) + drawn.choice((-1, 1)), 2)
        rows[number][place] = str(amount)
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([header, *rows])
    return len(chosen)


def figures(extracts: Path) -> Figures:
    """What the raw files say of the month: by unit and KPI."""
    raw = sql.open_raw(extracts)
    found: Figures = {}
    for kpi, audit in AUDITS.items():
        found |= {
            (unit, kpi): value for (unit, month), value in by_unit(audit(raw), ORGANISATIONS).items() if month == MONTH
        }
    raw.close()
    return found


def differs(one: float, other: float) -> bool:
    return abs(one - other) > 1e-9 * max(abs(one), abs(other), 1)


def score(kpi: str, value: float) -> float:
    """The place of a value between its anchors, by hand."""
    floor, target, stretch = ANCHORS[kpi]
    way = (value - floor) / (target - floor)
    beyond = (value - target) / (stretch - target)
    return max(0.0, min(120.0, 100 * way if way <= 1 else 100 + 20 * beyond))


def test_exactly_the_figures_that_the_second_file_gives_otherwise_are_restated(restated: Restated) -> None:
    rows = [row for row in restated.changes if row["level"] == "value"]
    shown = {(row["unit"], row["node"]): (float(row["before"]), float(row["after"])) for row in rows}
    assert shown.keys() == restated.changed.keys()
    assert {kpi for _, kpi in shown} == set(AUDITS), "the seed must touch every KPI"
    assert len(shown) < len(restated.before), "and leave some figure as it was"
    for at, (before, after) in shown.items():
        assert (before, after) == pytest.approx((restated.before[at], restated.after[at]), rel=1e-9, abs=1e-10), at


def test_exactly_the_scores_that_follow_from_them_are_restated(restated: Restated) -> None:
    shown = {
        (row["unit"], row["node"]): (float(row["before"]), float(row["after"]))
        for row in restated.changes
        if row["level"] == "kpi"
    }
    expected = {
        (unit, kpi): (score(kpi, restated.before[unit, kpi]), score(kpi, value))
        for (unit, kpi), value in restated.changed.items()
        if kpi in ANCHORS
    }
    expected = {at: scores for at, scores in expected.items() if differs(*scores)}
    assert shown.keys() == expected.keys()
    for at, scores in shown.items():
        assert scores == pytest.approx(expected[at], abs=1e-6), at


def test_every_change_is_because_of_the_data_and_names_the_load(restated: Restated) -> None:
    because = {(row["because"], row["loads"]) for row in restated.changes}
    assert because == {("data", f"FactFinance.csv ({restated.delivered})")}


def test_either_edition_keeps_what_its_file_said(restated: Restated) -> None:
    rows = [row for row in exported(restated.home, "edition_kpi_values") if row["is_main"] == "true"]
    for edition, expected in (("1", restated.before), ("2", restated.after)):
        shown = {
            (row["unit"], row["kpi"]): float(row["value"])
            for row in rows
            if row["edition"] == edition and row["kpi"] in AUDITS and row["value"]
        }
        assert shown == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_compare_tells_the_figures_and_the_load(restated: Restated) -> None:
    told = scorepack(restated.home, "compare", f"{MONTH:%Y-%m}", "1", "2")
    changes = restated.changes
    units = {row["unit"] for row in changes}
    assert f"{len(changes)} figures of {len(units)} units changed." in told
    assert [line for line in told.splitlines() if line.startswith("came between")] == [
        f"came between: FactFinance.csv ({restated.delivered})"
    ]


def test_the_page_of_the_pack_lists_them_and_a_pack_without_a_change_says_so(
    restated: Restated, tmp_path: Path
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: poppler-utils is not installed")
    packs = {
        (row["scorecard"], row["unit"]): restated.home / row["file"]
        for row in exported(restated.home, "edition_packs")
        if row["edition"] == "2"
    }
    changes = restated.changes
    for unit in ("adventure_works", "canada", "northwest"):
        own = [row for row in changes if row["unit"] == unit and row["scorecard"] in ("", "company")]
        page = page_of(packs["company", unit], "What changed since edition 1")
        values = [row for row in own if row["level"] == "value"]
        assert values
        for row in values:
            (cells,) = [cells for cells in rows_of(page) if cells[0] == NAMES[row["node"]]]
            _, before, after, change, because, load = cells
            assert before != after
            assert change[0] == ("+" if float(row["after"]) > float(row["before"]) else "−")
            assert (because, load) == ("data", f"FactFinance.csv ({restated.delivered})")
        assert page.count("FactFinance.csv") == len(own)
        assert REASON in page
    untouched = page_of(packs["departments", "purchasing"], "What changed since edition 1")
    assert "No figure of this pack is other than in edition 1." in " ".join(untouched.split())
    assert "FactFinance" not in untouched


def rows_of(page: str) -> list[list[str]]:
    """The rows of the page's table, cell by cell."""
    return [cells for line in page.splitlines() if len(cells := re.split(r"\s{3,}", line.strip())) == 6]


def page_of(pack: Path, heading: str) -> str:
    """The text of the one page of a pack that has a heading, laid out as it is printed."""
    done = subprocess.run(["pdftotext", "-layout", str(pack), "-"], capture_output=True, text=True, check=True)
    (page,) = [page for page in done.stdout.split("\f") if heading in [line.strip() for line in page.splitlines()]]
    return page
