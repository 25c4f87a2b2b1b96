"""transforms.windows, kpis and tree: months, stocks, gaps, and units that come, go and move."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.declared import UNITS, declare, figures, rows


def monthly(amounts: dict[str, dict[str, int]]) -> pl.DataFrame:
    """One row a unit and month: {month: {unit: pieces}}."""
    return rows(
        {"unit": unit, "day": date.fromisoformat(f"{month}-15"), "pieces": pieces, "amount": pieces}
        for month, found in amounts.items()
        for unit, pieces in found.items()
    )


YEAR = {f"2024-{month:02d}": {"north": month, "south": 10 * month} for month in range(1, 13)}


def value_of(
    root: Path, measure: dict[str, Any], kpi: dict[str, Any], frame: pl.DataFrame, unit: str, period: str, **more: Any
) -> Any:
    project = declare(root, {"m": {"value": "SUM(pieces)", **measure}}, {"k": {"value": "m", **kpi}}, **more)
    found = figures(project, frame, period)
    return (
        found.value("k", unit, period) if found.reason("k", unit, period) is None else found.reason("k", unit, period)
    )


@pytest.mark.parametrize(
    ("window", "period", "fiscal", "wanted"),
    [
        ("month", "2024-05", "january", 5),
        ("quarter", "2024-06", "january", 4 + 5 + 6),
        ("quarter", "2024-05", "january", "window_incomplete"),
        ("quarter to date", "2024-05", "january", 4 + 5),
        ("year to date", "2024-05", "january", 1 + 2 + 3 + 4 + 5),
        ("year to date", "2024-05", "april", 4 + 5),
        ("quarter to date", "2024-05", "march", 3 + 4 + 5),
        ("year", "2024-12", "january", 78),
        ("trailing 3 months", "2024-05", "january", 3 + 4 + 5),
        ("trailing 15 months", "2024-05", "january", 1 + 2 + 3 + 4 + 5),
        ("trailing 24 months", "2024-05", "january", "window_incomplete"),
    ],
)
def test_a_window_holds_its_months_and_no_others(
    tmp_path: Path, window: str, period: str, fiscal: str, wanted: object
) -> None:
    scorecard = {"fiscal_year_starts": fiscal}
    assert value_of(tmp_path, {}, {"window": window}, monthly(YEAR), "north", period, scorecard=scorecard) == wanted


@pytest.mark.parametrize(
    ("over_time", "unit", "wanted"),
    [
        ("last", "north", 6),
        ("first", "north", 4),
        ("average", "north", 5),
        ("minimum", "north", 4),
        ("maximum", "north", 6),
        ("last", "company", 66),
        ("first", "company", 44),
        ("average", "company", 55),
        ("minimum", "company", 44),
        ("maximum", "company", 66),
    ],
)
def test_a_stock_is_taken_over_time_before_units_are_summed(
    tmp_path: Path, over_time: str, unit: str, wanted: int
) -> None:
    assert value_of(tmp_path, {"over_time": over_time}, {"window": "quarter"}, monthly(YEAR), unit, "2024-06") == wanted


def test_the_last_of_a_quarter_is_not_known_before_the_quarter_ends(tmp_path: Path) -> None:
    assert (
        value_of(tmp_path, {"over_time": "last"}, {"window": "quarter"}, monthly(YEAR), "north", "2024-05")
        == "window_incomplete"
    )


def test_the_highest_value_of_a_stock_is_averaged_over_its_months(tmp_path: Path) -> None:
    measure = {"value": "MAX(pieces)", "over_time": "average"}
    assert value_of(tmp_path, measure, {"window": "quarter"}, monthly(YEAR), "company", "2024-06") == 50


def test_a_month_without_rows_is_zero_for_a_count_and_missing_for_an_average(tmp_path: Path) -> None:
    frame = monthly({"2024-01": {"north": 3}, "2024-02": {"south": 3}})
    assert value_of(tmp_path / "a", {"value": "COUNT(*)"}, {}, frame, "north", "2024-02") == 0
    assert value_of(tmp_path / "b", {"value": "AVG(pieces)"}, {}, frame, "north", "2024-02") == "no_rows"
    assert value_of(tmp_path / "c", {"empty": "missing"}, {}, frame, "north", "2024-02") == "no_rows"
    assert value_of(tmp_path / "d", {"over_time": "last", "empty": "zero"}, {}, frame, "north", "2024-02") == 0


def test_months_that_a_unit_lacks_do_not_count_as_zero_in_an_average_unless_declared(tmp_path: Path) -> None:
    frame = monthly({"2024-01": {"north": 6}, "2024-03": {"north": 12, "south": 1}})
    kpi = {"window": "trailing 3 months", "min_months": 2}
    assert value_of(tmp_path / "a", {"over_time": "average"}, kpi, frame, "north", "2024-03") == 9
    assert value_of(tmp_path / "b", {"over_time": "average", "empty": "zero"}, kpi, frame, "north", "2024-03") == 6
    assert value_of(tmp_path / "c", {"over_time": "minimum", "empty": "zero"}, kpi, frame, "north", "2024-03") == 0
    assert value_of(tmp_path / "d", {"over_time": "minimum"}, kpi, frame, "north", "2024-03") == 6


def test_min_months_accepts_a_window_with_fewer_months_and_no_fewer(tmp_path: Path) -> None:
    source = {"covers": {"first": "2024-04", "last": "2025-06"}}
    frame = monthly({m: u for m, u in YEAR.items() if m >= "2024-04"})
    kpi = {"window": "trailing 6 months", "min_months": 3}
    assert value_of(tmp_path / "a", {}, kpi, frame, "north", "2024-06", source=source) == 15
    assert value_of(tmp_path / "b", {}, kpi, frame, "north", "2024-05", source=source) == "window_incomplete"


def test_an_offset_beyond_the_first_period_is_no_data(tmp_path: Path) -> None:
    kpi = {
        "inputs": {"now": {"measure": "m"}, "before": {"measure": "m", "offset": "2 years"}},
        "value": "now - before",
    }
    assert value_of(tmp_path, {}, kpi, monthly(YEAR), "north", "2024-05") == "no_data"


def test_growth_on_last_year_sets_each_input_on_its_own_months(tmp_path: Path) -> None:
    frame = monthly({"2023-05": {"north": 4}, "2024-05": {"north": 5}})
    kpi = {
        "inputs": {"now": {"measure": "m"}, "before": {"measure": "m", "offset": "1 year"}},
        "value": "now / before - 1",
    }
    assert value_of(tmp_path, {}, kpi, frame, "company", "2024-05") == 0.25


def test_what_a_closed_unit_did_still_counts_above_it(tmp_path: Path) -> None:
    units = (
        "id,name,level,parent,valid_from,valid_to\ncompany,C,company,,,\n"
        "north,N,division,company,,2024-03-31\nsouth,S,division,company,,\n"
    )
    kpi = {"window": "year to date"}
    assert value_of(tmp_path, {}, kpi, monthly(YEAR), "company", "2024-03", units=units) == 66
    frame = monthly(
        {m: {u: n for u, n in found.items() if u == "south" or m <= "2024-03"} for m, found in YEAR.items()}
    )
    assert value_of(tmp_path, {}, kpi, frame, "company", "2024-05", units=units) == 6 + 150


def test_a_unit_that_moves_takes_its_past_along(tmp_path: Path) -> None:
    units = (
        "id,name,level,parent,valid_from,valid_to\ncompany,C,company,,,\nnorth,N,division,company,,\nsouth,S,division,company,,\n"
        "team,T,team,north,,2024-02-29\nteam,T,team,south,2024-03-01,\n"
    )
    frame = monthly({"2024-01": {"team": 1}, "2024-02": {"team": 2}, "2024-03": {"team": 4}})
    project = declare(
        tmp_path, {"m": {"value": "SUM(pieces)"}}, {"k": {"value": "m", "window": "trailing 3 months"}}, units=units
    )
    found = figures(project, frame, "2024-02", "2024-03")
    assert [found.value("k", unit, "2024-02") for unit in ("north", "south")] == [3, 0]
    assert [found.value("k", unit, "2024-03") for unit in ("north", "south", "company")] == [0, 7, 7]


def test_a_distinct_count_is_recounted_above_and_over_months(tmp_path: Path) -> None:
    records = [("north", 1, "a"), ("north", 1, "b"), ("south", 1, "a"), ("north", 2, "b"), ("south", 2, "c")]
    frame = rows({"unit": unit, "day": date(2024, month, 3), "reason": reason} for unit, month, reason in records)
    measure = {"value": "COUNT(DISTINCT reason)"}
    assert value_of(tmp_path / "a", measure, {}, frame, "company", "2024-01") == 2
    assert value_of(tmp_path / "b", measure, {"window": "year to date"}, frame, "company", "2024-02") == 3


def test_a_ratio_rolls_up_as_sums_over_sums_and_keeps_both(tmp_path: Path) -> None:
    measures = {"good": {"value": "SUM(pieces)"}, "made": {"value": "COUNT(*)"}}
    frame = rows(
        [{"unit": "north", "day": date(2024, 1, 5), "pieces": int(i < 2)} for i in range(4)]
        + [{"unit": "south", "day": date(2024, 1, 5), "pieces": int(i < 2)} for i in range(100)]
    )
    project = declare(tmp_path, measures, {"k": {"value": "good / made"}})
    found = figures(project, frame, "2024-01").values.filter(pl.col("unit") == "company").row(0, named=True)
    assert (found["value"], found["numerator"], found["denominator"]) == (4 / 104, 4, 104)


def test_division_by_zero_is_a_reason_and_a_missing_budget_is_none(tmp_path: Path) -> None:
    measures = {"a": {"value": "COUNT(*)"}, "b": {"value": "SUM(pieces)"}, "budget": {"value": "AVG(hours)"}}
    project = declare(tmp_path, measures, {"k": {"value": "a / b", "anchors": {"target": "budget"}}})
    frame = rows([{"day": date(2024, 1, 5), "pieces": 0}])
    assert figures(project, frame, "2024-01").reason("k", "north", "2024-01") == "division_by_zero"


@pytest.mark.parametrize(
    ("formula", "pieces", "wanted"),
    [
        ("CASE WHEN b >= 25 THEN a / b END", 24, "formula_gives_nothing"),
        ("CASE WHEN b >= 25 THEN a / b END", 0, "formula_gives_nothing"),
        ("CASE WHEN b < 25 THEN a / b END", 0, "division_by_zero"),
        ("IF(b < 25, NULL, a / b)", 24, "formula_gives_nothing"),
        ("COALESCE(CASE WHEN b >= 25 THEN b END, a / (b - 24))", 24, "division_by_zero"),
        ("a / NULLIF(b, 24)", 24, "division_by_zero"),
        ("NULLIF(b, 24) + 1 / b", 24, "formula_gives_nothing"),
        ("LN(b - 24) + a / b", 24, "not_a_number"),
        ("CASE b WHEN 24 THEN NULL ELSE a / 0 END", 24, "formula_gives_nothing"),
    ],
)
def test_a_formula_that_gives_nothing_says_whether_it_divided_by_zero(
    tmp_path: Path, formula: str, pieces: int, wanted: str
) -> None:
    measures = {"a": {"value": "COUNT(*)"}, "b": {"value": "SUM(pieces)"}}
    project = declare(tmp_path, measures, {"k": {"value": formula}})
    frame = rows([{"day": date(2024, 1, 5), "pieces": pieces}])
    assert figures(project, frame, "2024-01").reason("k", "north", "2024-01") == wanted


@pytest.mark.parametrize(
    ("formula", "known", "unknown"),
    [
        ("CASE WHEN longest <= 14 THEN 1 ELSE 0 END", 1, "no_rows"),
        ("CASE WHEN NOT longest > 14 THEN 1 ELSE 0 END", 1, "no_rows"),
        ("CASE longest WHEN 7 THEN 5 ELSE 0 END", 5, "no_rows"),
        ("IF(longest > 14, 1, 0)", 0, "no_rows"),
        ("IF(longest IN (7, 8), 1, 0)", 1, "no_rows"),
        ("IF(longest > 14 OR longest < 3, 1, 0)", 0, "no_rows"),
        ("GREATEST(longest, 0)", 7, "no_rows"),
        ("100 - LEAST(longest / 0.07, 100)", 0, "no_rows"),
        ("CASE WHEN longest IS NULL THEN 0 WHEN longest <= 14 THEN 1 ELSE 2 END", 1, 0),
        ("GREATEST(COALESCE(longest, 3), 0)", 7, 3),
        ("COALESCE(GREATEST(longest, 0), -1)", 7, -1),
        ("IF(longest > 14 OR days = 0, 1, 0)", 0, 1),
        ("CASE WHEN 1 / days > 0 THEN 1 ELSE 0 END", 1, "division_by_zero"),
        ("IF(days > 0, CASE WHEN longest <= 14 THEN 1 ELSE 0 END, 9)", 1, 9),
    ],
)
def test_a_condition_over_what_is_missing_decides_nothing(
    tmp_path: Path, formula: str, known: float, unknown: float | str
) -> None:
    """SQL would take the ELSE, and GREATEST the rest: a month of which nothing is known would show a number."""
    measures = {"longest": {"value": "MAX(pieces)"}, "days": {"value": "COUNT(*)"}}
    frame = rows([{"unit": "north", "day": date(2024, 1, 5), "pieces": 7}])
    found = figures(declare(tmp_path, measures, {"k": {"value": formula}}), frame, "2024-01")
    shown = [found.reason("k", unit, "2024-01") or found.value("k", unit, "2024-01") for unit in ("north", "south")]
    assert shown == [known, unknown]


def test_an_input_may_have_a_further_filter(tmp_path: Path) -> None:
    frame = rows([{"day": date(2024, 1, 5), "reason": reason, "pieces": 1} for reason in "aab"])
    kpi = {"inputs": {"some": {"measure": "m", "where": "reason NOT LIKE 'a%'"}}, "value": "some / m"}
    assert value_of(tmp_path, {"where": "pieces > 0"}, kpi, frame, "north", "2024-01") == 1 / 3


def test_units_are_those_of_the_project(tmp_path: Path) -> None:
    assert UNITS.count("\n") == 4
    project = declare(tmp_path)
    assert figures(project, monthly(YEAR), "2024-01").values["unit"].to_list() == ["company", "north", "south"]


BLANK = rows(
    [
        {"unit": "north", "day": date(2024, 1, 15), "pieces": None, "amount": 1},
        {"unit": "south", "day": date(2024, 1, 15), "pieces": 7, "amount": 1},
        {"unit": "north", "day": date(2024, 2, 15), "pieces": 5, "amount": 1},
        {"unit": "south", "day": date(2024, 2, 15), "pieces": 6, "amount": 1},
    ]
)


def test_a_sum_over_rows_that_are_all_empty_is_missing_and_not_zero(tmp_path: Path) -> None:
    assert value_of(tmp_path / "unit", {}, {}, BLANK, "north", "2024-01") == "no_rows"
    assert value_of(tmp_path / "top", {}, {}, BLANK, "company", "2024-01") == 7


def test_an_empty_month_makes_a_units_window_incomplete(tmp_path: Path) -> None:
    window = {"window": "trailing 2 months"}
    assert value_of(tmp_path / "unit", {}, window, BLANK, "north", "2024-02") == "window_incomplete"
    assert value_of(tmp_path / "top", {}, window, BLANK, "company", "2024-02") == 18


def test_a_sum_with_a_filter_that_no_row_meets_is_zero(tmp_path: Path) -> None:
    measure = {"value": "SUM(pieces) FILTER (WHERE amount > 100)"}
    assert value_of(tmp_path / "unit", measure, {}, BLANK, "south", "2024-01") == 0


@pytest.mark.parametrize(
    ("value", "empty", "no_row", "no_value"),
    [
        ("SUM(pieces)", None, 0, "no_rows"),
        ("SUM(pieces)", "missing", "no_rows", "no_rows"),
        ("COUNT(*)", None, 0, 1),
        ("COUNT(*)", "missing", "no_rows", 1),
        ("COUNT(pieces)", None, 0, 0),
        ("COUNT(pieces)", "missing", "no_rows", 0),
        ("AVG(pieces)", None, "no_rows", "no_rows"),
        ("MEDIAN(pieces)", None, "no_rows", "no_rows"),
        ("MAX(pieces)", None, "no_rows", "no_rows"),
    ],
)
def test_what_a_month_gives_without_rows_and_with_rows_without_a_value(
    tmp_path: Path, value: str, empty: str | None, no_row: object, no_value: object
) -> None:
    """The table of the reference page."""
    declared = {"value": value, **({"empty": empty} if empty else {})}
    frame = rows([{"unit": "north", "day": date(2024, 1, 15), "pieces": None}])
    found = [value_of(tmp_path / unit, declared, {}, frame, unit, "2024-01") for unit in ("south", "north")]
    assert found == [no_row, no_value]


def test_a_count_of_no_values_is_missing_where_that_is_asked(tmp_path: Path) -> None:
    frame = rows([{"unit": "north", "day": date(2024, 1, 15), "pieces": None}])
    found = value_of(tmp_path, {"value": "NULLIF(COUNT(pieces), 0)"}, {}, frame, "north", "2024-01")
    assert isinstance(found, str)
