"""The engine against SQL written by hand: every measure, window, unit and month of a small organisation.

The SQL knows nothing of cells, states or windows: for each value it takes the rows of the months and units that count,
and aggregates them once.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from scorecards.periods import add_months, months_between
from tests.declared import Figures, declare, figures_of, rows

UNITS = {
    "company": ["company", "north", "south", "n1", "n2", "s1"],
    "north": ["north", "n1", "n2"],
    "south": ["south", "s1"],
    "n1": ["n1"],
    "n2": ["n2"],
    "s1": ["s1"],
}
TREE = """\
id,name,level,parent
company,C,company,
north,N,division,company
south,S,division,company
n1,A,team,north
n2,B,team,north
s1,D,team,south
"""
MONTHS = months_between(date(2023, 1, 1), date(2025, 6, 1))
MEASURES = {
    "revenue": "SUM(amount)",
    "orders": "COUNT(*)",
    "late_orders": "COUNT(*) FILTER (WHERE late)",
    "size": "AVG(amount)",
    "buyers": "COUNT(DISTINCT reason)",
    "middle": "MEDIAN(hours)",
    "slow": "QUANTILE_CONT(hours, 0.9)",
    "worked": "SUM(hours)",
    "rate": "SUM(pieces) / COUNT(*)",
    "highest": "MAX(amount)",
    "days": "SUM(DATE_DIFF('day', day, done))",
}
WINDOWS = {"month": "month", "quarter": "quarter", "ytd": "year to date", "t12": "trailing 12 months"}


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    dice = random.Random(7)
    found: list[dict[str, Any]] = []
    for month in MONTHS:
        for unit in UNITS:
            for _ in range(dice.randint(1, 4)):
                day = month + timedelta(dice.randint(0, 27))
                found.append(
                    {
                        "unit": unit,
                        "day": day,
                        "amount": dice.randint(-5000, 90000) / 100,
                        "hours": dice.uniform(0, 40),
                        "pieces": dice.randint(0, 9),
                        "reason": dice.choice("abcdefghij"),
                        "late": dice.random() < 0.3,
                        "done": day + timedelta(dice.randint(0, 20)),
                    }
                )
    return rows(found)


@pytest.fixture(scope="module")
def engine(records: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    records.write_parquet(path)
    connection = duckdb.connect()
    connection.execute("CREATE TABLE rows AS FROM read_parquet(?)", [str(path)])
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def product(records: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    measures = {name: {"value": value} for name, value in MEASURES.items()}
    kpis: dict[str, Any] = {}
    for name in MEASURES:
        for short, window in WINDOWS.items():
            kpis[f"{name}_{short}"] = {"value": name, "window": window}
            before = {"measure": name, "window": window, "offset": "1 year"}
            kpis[f"{name}_{short}_before"] = {"inputs": {"before": before}, "value": "before"}
    project = declare(
        tmp_path_factory.mktemp("project"), measures, kpis, units=TREE, scorecard={"fiscal_year_starts": "april"}
    )
    return figures_of(
        project, records, [date(2023, 9, 1), date(2024, 5, 1), date(2024, 12, 1), date(2025, 3, 1), date(2025, 6, 1)]
    )


def months_of(window: str, period: date) -> tuple[date, date]:
    """First and last month by hand; the fiscal year starts in April, and its quarters are those of the calendar."""
    if window == "month":
        return period, period
    if window == "t12":
        return add_months(period, -11), period
    if window == "ytd":
        return date(period.year - (period.month < 4), 4, 1), period
    first = add_months(period, -((period.month - 1) % 3))
    return first, add_months(first, 2)


def test_every_value_is_that_of_the_sql_written_by_hand(product: Figures, engine: duckdb.DuckDBPyConnection) -> None:
    compared = missing = 0
    for row in product.values.iter_rows(named=True):
        name, _, rest = (
            row["kpi"].rpartition("_before")[0].rpartition("_")
            if row["kpi"].endswith("_before")
            else row["kpi"].rpartition("_")
        )
        at = add_months(row["period"], -12) if row["kpi"].endswith("_before") else row["period"]
        span = months_of(rest, at)
        told = (row["kpi"], row["unit"], row["period"], row["value"], row["missing_reason"])
        if span[0] < MONTHS[0] or span[1] > row["period"]:
            assert row["value"] is None, told
            assert row["missing_reason"] in ("window_incomplete", "no_data"), told
            missing += 1
            continue
        sql = MEASURES[name].replace("SUM(pieces) / COUNT(*)", "SUM(pieces)::DOUBLE / COUNT(*)")
        query = f"SELECT CAST({sql} AS DOUBLE) FROM rows WHERE day >= ? AND day < ? AND list_contains(?, unit)"
        (wanted,) = engine.execute(query, [span[0], add_months(span[1], 1), UNITS[row["unit"]]]).fetchone() or (None,)
        assert row["value"] is not None, told
        assert wanted is not None, told
        assert math.isclose(row["value"], wanted, rel_tol=1e-12, abs_tol=1e-12), (*told, wanted)
        compared += 1
    assert compared > 1500
    assert missing > 300


def test_sums_and_counts_are_the_same_to_the_last_bit(product: Figures, engine: duckdb.DuckDBPyConnection) -> None:
    for name in ("revenue", "orders", "late_orders", "buyers", "days"):
        for unit, below in UNITS.items():
            year = "day >= '2024-07-01' AND list_contains(?, unit)"
            query = f"SELECT CAST({MEASURES[name]} AS DOUBLE) FROM rows WHERE {year}"
            (wanted,) = engine.execute(query, [below]).fetchone() or (None,)
            assert product.value(f"{name}_t12", unit, "2025-06") == wanted
