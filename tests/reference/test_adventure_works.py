"""The AdventureWorks example against SQL written independently over the raw files: every unit, every month."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from scorecards.periods import months_between, parse_period
from tests.reference import adventure_works_sql as sql
from tests.reference.adventure_works_project import (
    GROUPS,
    ORGANISATIONS,
    PROJECT,
    SHARED,
    WITHOUT_FILES,
    by_unit,
    exported,
    scorepack,
)  # fmt: skip

FIRST, LAST = date(2011, 1, 1), date(2013, 12, 1)
MONTHS = [*months_between(FIRST, LAST), date(2024, 6, 1), date(2024, 11, 1)]

pytestmark = pytest.mark.skipif(SHARED is None, reason=WITHOUT_FILES)


@dataclass(frozen=True)
class Shown:
    """A KPI value as published: None comes with a reason."""

    value: float | None
    reason: str | None


Values = Mapping[tuple[str, str, date], Shown]
Targets = Mapping[tuple[str, str, date], float | None]


@pytest.fixture(scope="module")
def raw() -> Iterator[duckdb.DuckDBPyConnection]:
    assert SHARED is not None
    connection = sql.open_raw(SHARED / "adventureworks")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state after the calls that a user makes: three years at once, then two later months, one with its packs."""
    assert SHARED is not None
    home, extracts = tmp_path_factory.mktemp("adventure_works") / "home", str(SHARED / "adventureworks")
    scorepack(home, "backfill", "2011-01", "2013-12", "--extracts", extracts, "--packs", "none")
    scorepack(home, "run", "2024-06", "--extracts", extracts)
    scorepack(home, "run", "2024-11", "--extracts", extracts, "--packs", "none")
    return home


@pytest.fixture(scope="module")
def values(home: Path) -> Values:
    return {
        (row["kpi"], row["unit"], date.fromisoformat(row["period"])): Shown(
            float(row["value"]) if row["value"] else None, row["missing_reason"] or None
        )
        for row in exported(home, "kpi_values")
    }


@pytest.fixture(scope="module")
def targets(home: Path) -> Targets:
    return {
        (row["node"], row["unit"], date.fromisoformat(row["period"])): float(row["target"]) if row["target"] else None
        for row in exported(home, "scores")
        if row["level"] == "kpi" and row["scorecard"] == "company"
    }


def department_units() -> dict[str, str]:
    """From the names in the files, as the queries give them, to unit ids."""
    with (PROJECT / "units.csv").open(encoding="utf-8", newline="") as handle:
        departments = {row["name"]: row["id"] for row in csv.DictReader(handle) if row["level"] == "department"}
    return departments | {f"group {name}": unit for name, unit in GROUPS.items()} | {"*": "adventure_works"}


def always(*units: str) -> Callable[[sql.Grid], dict[tuple[str, date], float]]:
    return lambda grid: {(unit, month): value for (_, month), value in grid.items() for unit in units}


PURCHASING = always("purchasing", "inventory_management", "adventure_works")
COMPANY = always("adventure_works")
AUDITS: dict[str, Callable[[duckdb.DuckDBPyConnection], dict[tuple[str, date], float]]] = {
    "net_revenue": lambda raw: by_unit(sql.account_total(raw, sql.NET_SALES, sql.ACTUAL), ORGANISATIONS),
    "operating_expense_ratio": lambda raw: by_unit(sql.operating_expense_ratio(raw, sql.ACTUAL), ORGANISATIONS),
    "revenue_growth": lambda raw: by_unit(sql.revenue_growth(raw), ORGANISATIONS),
    "sales_quota": lambda raw: by_unit(sql.sales_quota(raw, FIRST, LAST), ORGANISATIONS),
    "survey_answers": lambda raw: COMPANY(sql.survey_answers(raw)),
    "answers_per_customer": lambda raw: COMPANY(sql.answers_per_customer(raw)),
    "clothing_share": lambda raw: COMPANY(sql.clothing_share(raw)),
    "customers_answering": lambda raw: COMPANY(sql.customers_answering(raw)),
    "headcount": lambda raw: by_unit(sql.headcount(raw, FIRST, LAST), department_units()),
    "leavers": lambda raw: by_unit(sql.leavers(raw, FIRST, LAST), department_units()),
    "supplier_reject_rate": lambda raw: PURCHASING(sql.supplier_reject_rate(raw)),
    "order_to_ship_days": lambda raw: PURCHASING(sql.order_to_ship_days(raw)),
}


@pytest.mark.parametrize("kpi", AUDITS)
def test_every_unit_and_month_is_what_the_raw_files_say_and_missing_where_they_say_nothing(
    kpi: str, values: Values, raw: duckdb.DuckDBPyConnection
) -> None:
    audited = AUDITS[kpi](raw)
    units = {unit for unit, _ in audited}
    expected = {(unit, month): audited.get((unit, month)) for unit in units for month in MONTHS}
    shown = {(unit, month): values[kpi, unit, month] for unit, month in expected}
    wrong = {at: (shown[at].value, value) for at, value in expected.items() if shown[at].value != value}
    assert not wrong
    assert all((found.value is None) == (found.reason is not None) for found in shown.values())


CONVERTED: dict[str, Callable[[duckdb.DuckDBPyConnection], sql.Grid]] = {
    "converted_net_revenue": lambda raw: sql.converted_net_sales(raw, "average"),
    "currency_drift": sql.currency_drift,
}


@pytest.mark.parametrize("kpi", CONVERTED)
def test_converted_amounts_are_the_raw_ones_at_the_raw_rates_of_each_organisation_s_currency(
    kpi: str, values: Values, raw: duckdb.DuckDBPyConnection
) -> None:
    audited = by_unit(CONVERTED[kpi](raw), ORGANISATIONS)
    for unit in ORGANISATIONS.values():
        for month in MONTHS:
            shown, expected = values[kpi, unit, month], audited.get((unit, month))
            if expected is None:
                assert shown.value is None, (unit, month)
                assert shown.reason in ("no_data", "no_rows"), (unit, month)
            else:
                # The audit computes in floats; rates are kept to ten places.
                assert shown.value == pytest.approx(expected, rel=1e-9, abs=1e-9), (unit, month)


def test_conversion_changes_what_is_posted_abroad_and_nothing_else(values: Values) -> None:
    at_home = ["usa", "northeast", "northwest", "central", "southeast", "southwest"]
    posted = {(unit, month): values["net_revenue", unit, month] for unit in ORGANISATIONS.values() for month in MONTHS}
    for (unit, month), figure in posted.items():
        converted = values["converted_net_revenue", unit, month]
        assert (converted == figure) is (unit in at_home or figure.value is None), (unit, month)


# A few figures in full, so that a reader sees them and a change of both sides at once is noticed.
FIGURES: list[tuple[str, str, str, float | str]] = [
    ("net_revenue", "adventure_works", "2011-01", 2_089_840.14),
    ("net_revenue", "adventure_works", "2011-02", "no_data"),  # no posting in the calendar month
    ("net_revenue", "adventure_works", "2011-03", 2_711_368.97),  # two postings
    ("net_revenue", "northeast", "2011-08", 347_721.00),
    ("net_revenue", "europe", "2011-11", "no_rows"),  # a month before its first posting
    ("net_revenue", "europe", "2011-12", 131_878.45),
    ("net_revenue", "usa", "2012-05", 1_714_636.00),
    ("net_revenue", "pacific", "2013-04", 259_202.58),
    ("net_revenue", "canada", "2013-11", 1_074_882.14),
    ("net_revenue", "adventure_works", "2013-12", "no_rows"),  # year-end adjustments only
    ("converted_net_revenue", "usa", "2012-05", 1_714_636.00),
    ("currency_drift", "usa", "2012-05", 0),
    ("operating_expense_ratio", "adventure_works", "2011-01", 673_950.58 / 2_089_840.14),
    ("operating_expense_ratio", "canada", "2011-11", 0.5433572713232807),
    ("operating_expense_ratio", "france", "2013-06", 3.1783105975958645),
    ("operating_expense_ratio", "adventure_works", "2013-12", "no_rows"),  # expenses, but no revenue
    ("revenue_growth", "adventure_works", "2013-05", "window_incomplete"),  # June 2011 has no posting
    ("revenue_growth", "adventure_works", "2013-06", 0.2644399287933483),
    ("revenue_growth", "central", "2013-11", -0.025613675331855545),
    ("sales_quota", "adventure_works", "2011-06", "no_data"),  # the quota of the second quarter is dated 1 July
    ("sales_quota", "adventure_works", "2011-07", 4_750_000.00),
    ("sales_quota", "adventure_works", "2011-09", 9_818_000.00),
    ("sales_quota", "canada", "2012-03", 781_000.00),
    ("sales_quota", "europe", "2013-09", 2_864_000.00),
    ("headcount", "adventure_works", "2011-03", 283),  # a row that ends on the last day of the month still counts
    ("headcount", "production_control", "2011-03", 6),
    ("headcount", "sales_and_marketing", "2011-12", 23),
    ("headcount", "executive", "2013-06", 2),  # a move in the month: two rows, one person
    ("headcount", "adventure_works", "2024-06", "no_data"),  # nothing is known of people after 2013
    ("leavers", "purchasing", "2012-02", 0),  # a move is no leaving
    ("turnover", "adventure_works", "2011-12", 0),
    ("survey_answers", "adventure_works", "2012-01", "no_data"),
    ("survey_answers", "adventure_works", "2012-02", 58),
    ("customers_answering", "adventure_works", "2012-03", 866),
    ("survey_answers", "adventure_works", "2012-05", "no_data"),
    ("answers_per_customer", "adventure_works", "2012-02", 58 / 35),
    ("clothing_share", "adventure_works", "2012-02", 24 / 58),
    ("net_revenue", "adventure_works", "2024-06", "no_data"),
    ("supplier_reject_rate", "adventure_works", "2024-06", 94 / 3348),
    ("order_to_ship_days", "purchasing", "2024-06", 9),
    ("order_to_ship_days", "adventure_works", "2024-11", 2055 / 223),
    ("supplier_reject_rate", "adventure_works", "2013-11", "no_data"),
]


@pytest.mark.parametrize(("kpi", "unit", "month", "expected"), FIGURES)
def test_the_figure_is_the_one_known_from_the_files_or_missing_for_the_reason_they_give(
    kpi: str, unit: str, month: str, expected: float | str, values: Values
) -> None:
    shown = values[kpi, unit, parse_period(month)]
    assert expected == (shown.reason if shown.value is None else shown.value)


@pytest.mark.parametrize(
    ("kpi", "audit"),
    [
        ("net_revenue", lambda raw: sql.account_total(raw, sql.NET_SALES, sql.BUDGET)),
        ("operating_expense_ratio", lambda raw: sql.operating_expense_ratio(raw, sql.BUDGET)),
    ],
)
def test_the_budget_is_the_target_where_there_is_one(
    kpi: str, audit: Callable[[duckdb.DuckDBPyConnection], sql.Grid], targets: Targets, raw: duckdb.DuckDBPyConnection
) -> None:
    budget = {at: value for at, value in by_unit(audit(raw), ORGANISATIONS).items() if FIRST <= at[1] <= LAST}
    budgeted_months = [month for month in MONTHS if month <= date(2011, 11, 1)]
    shown = {(unit, month): targets[kpi, unit, month] for unit in ORGANISATIONS.values() for month in budgeted_months}
    assert {at: value for at, value in shown.items() if value is not None} == budget


def test_net_revenue_has_no_target_once_the_budget_has_ended(targets: Targets) -> None:
    later = [month for month in MONTHS if month > date(2011, 11, 1)]
    assert {targets["net_revenue", unit, month] for unit in ORGANISATIONS.values() for month in later} == {None}


def test_june_2024_has_process_but_no_finance_and_still_gets_its_pack(home: Path) -> None:
    scores = {
        row["node"]: row["score"]
        for row in exported(home, "scores")
        if (row["period"], row["unit"], row["level"]) == ("2024-06-01", "adventure_works", "perspective")
    }
    assert scores["internal_process"] != ""
    assert scores["financial"] == ""
    assert (home / "packs" / "2024-06" / "company-adventure_works.pdf").read_bytes().startswith(b"%PDF-")


def test_every_row_of_the_files_is_taken_in_and_none_rejected(home: Path, raw: duckdb.DuckDBPyConnection) -> None:
    loads = {row["source"]: (int(row["rows"]), int(row["rejected"])) for row in exported(home, "loads")}
    views = {
        "accounts": "accounts",
        "postings": "postings",
        "organisations": "organisations",
        "rates": "rates",
        "currencies": "currencies",
        "employees": "employees",
        "quotas": "quotas",
        "survey": "answers",
        "purchase_orders": "orders",
        "purchase_order_lines": "order_lines",
    }
    counted = {source: raw.execute(f"SELECT COUNT(*) FROM {view}").fetchall()[0][0] for source, view in views.items()}
    assert loads == {source: (rows, 0) for source, rows in counted.items()}


def test_the_organisation_tree_is_the_one_in_the_files(raw: duckdb.DuckDBPyConnection) -> None:
    with (PROJECT / "units.csv").open(encoding="utf-8", newline="") as handle:
        declared = {(row["name"], row["parent"]) for row in csv.DictReader(handle)}
    organisations = raw.execute("SELECT OrganizationName, ParentOrganizationKey FROM organisations").fetchall()
    departments = raw.execute("SELECT Name, GroupName FROM departments").fetchall()
    assert {(name, ORGANISATIONS.get(parent, "")) for name, parent in organisations} <= declared
    assert {(name, GROUPS[group]) for name, group in departments} <= declared
    assert len(declared) == len(organisations) + len(departments) + len(GROUPS)


def test_net_sales_by_the_operators_are_sales_less_returns_and_discounts(raw: duckdb.DuckDBPyConnection) -> None:
    by_hand = raw.execute(
        """
        SELECT SUM(CAST(Amount AS DECIMAL(18, 2)) * CASE WHEN AccountKey IN ('53', '54') THEN -1 ELSE 1 END)
        FROM postings
        WHERE ScenarioKey = '1' AND AccountKey IN ('52', '53', '54', '101') AND Date LIKE '2013-11-%'
        """
    ).fetchall()
    assert sql.account_total(raw, sql.NET_SALES, sql.ACTUAL)["1", date(2013, 11, 1)] == float(by_hand[0][0])
