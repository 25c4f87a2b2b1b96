"""transforms.placing, plan and measuring: where rows belong, and what becomes of a measure's SQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from scorecards.periods import months_between
from scorecards.sources import Source
from transforms.placing import covered_months, hold, orphans, place_rows, reference_table
from transforms.plan import break_up

POSTS: dict[str, Any] = {
    "source": "posts",
    "domain": "hr",
    "path": "posts.csv",
    "unit": "team",
    "period": {"start": "began", "end": "ended"},
    "columns": {"team": {}, "began": {"type": "date"}, "ended": {"type": "date", "nullable": True}},
}
ACCOUNTS: dict[str, Any] = {
    "source": "accounts",
    "domain": "finance",
    "path": "accounts.csv",
    "key": "id",
    "period": "none",
    "columns": {"id": {}, "parent": {"nullable": True}, "operator": {}, "team": {"nullable": True}},
    "hierarchy": {"parent": "parent", "sign": "operator", "totals": {"profit": "P"}},
}
POSTINGS: dict[str, Any] = {
    "source": "postings",
    "domain": "finance",
    "path": "postings.csv",
    "unit": "account_team",
    "period": "day",
    "columns": {"day": {"type": "date"}, "account": {}},
    "lookups": {"account": {"source": "accounts", "on": "account"}},
}


@pytest.mark.parametrize(
    ("ended", "months"), [(None, [2, 3, 4]), (date(2024, 3, 31), [2, 3]), (date(2024, 3, 30), [2])]
)
def test_a_row_that_holds_counts_on_every_last_day_of_a_month(ended: date | None, months: list[int]) -> None:
    rows = pl.LazyFrame({"team": ["t"], "began": [date(2024, 2, 29)], "ended": [ended], "_period": [date(2024, 2, 1)]})
    rows = rows.with_columns(pl.col("ended").cast(pl.Date))
    held = hold(Source(**POSTS), rows, months_between(date(2024, 1, 1), date(2024, 4, 1))).collect()
    assert [day.month for day in held["_period"].sort()] == months


def test_a_lookup_gives_columns_units_and_signs_and_names_what_it_does_not_know() -> None:
    accounts = pl.LazyFrame(
        {
            "id": ["P", "R", "C", "D", "X"],
            "parent": [None, "P", "P", "C", "R"],
            "operator": ["+", "+", "-", "-", "~"],
            "team": ["t", "t", "t", "gone", None],
        }
    )  # fmt: skip
    table = reference_table(Source(**ACCOUNTS), accounts)
    signs = table.collect().sort("id").select("id", "profit").rows()
    assert signs == [("C", -1), ("D", 1), ("P", 1), ("R", 1), ("X", None)]
    source = Source(**POSTINGS)
    staged = pl.LazyFrame(
        {
            "day": [date(2024, 1, 5)] * 3, "account": ["R", "D", "?"], "_file": ["f"] * 3, "_row": [1, 2, 3],
            "_unit": [None] * 3, "_period": [date(2024, 1, 1)] * 3,
        }
    )  # fmt: skip
    placed = place_rows(source, staged, {"account": table})
    assert placed.collect()["_unit"].to_list() == ["t", "gone", None]
    told = orphans(source, placed, ["t"])["reason"].to_list()
    assert told == [
        "account_team: 'gone' is not a declared unit",
        "account_team: '' is not a declared unit",
    ]


@pytest.mark.parametrize(
    ("covers", "months"),
    [("rows", [2, 5]), ("range", [2, 3, 4, 5]), ({"first": "2024-01", "last": "2024-03"}, [1, 2, 3])],
)
def test_a_source_speaks_of_the_months_that_it_declares(covers: Any, months: list[int]) -> None:
    source = Source(**{**POSTINGS, "unit": {"always": "t"}, "covers": covers})
    placed = pl.LazyFrame({"_period": [date(2024, 5, 1), date(2024, 2, 1)]})
    found = covered_months(source, placed, [], months_between(date(2024, 1, 1), date(2024, 6, 1)))
    assert [month.month for month in found] == months


def test_a_monthly_file_covers_its_month_even_without_rows() -> None:
    source = Source(**{**POSTINGS, "unit": {"always": "t"}, "path": "postings_{period}.csv"})
    placed = pl.LazyFrame(schema={"_period": pl.Date})
    assert covered_months(source, placed, [date(2024, 2, 1)], [date(2024, 1, 1), date(2024, 2, 1)]) == [
        date(2024, 2, 1)
    ]


def test_an_average_becomes_its_sum_over_its_count_with_the_same_filter() -> None:
    parts, formula = break_up("AVG(amount) FILTER (WHERE late) * 2 - QUANTILE_CONT(hours, 0.25)")
    assert [(part.kind, part.condition is not None, part.quantile) for part in parts] == [
        ("sum", True, None), ("count", True, None), ("quantile", False, 0.25),
    ]  # fmt: skip
    assert formula.sql() == "(part_1 / part_2) * 2 - part_3"
