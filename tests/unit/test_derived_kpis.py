"""KPIs over KPIs, frequencies, slices, further windows, comparisons, and one declaration for many KPIs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scorecards.errors import DeclarationError
from tests.declared import Figures, declare, figures, figures_of, rows
from transforms.comparisons import comparisons, reference_periods


def monthly(first: str = "2024-01", months: int = 18, unit: str = "north", **more: Any) -> list[dict[str, Any]]:
    """One row a month, whose pieces are 1, 2, 3 …"""
    year, month = int(first[:4]), int(first[5:])
    days = [date(year + (month - 1 + n) // 12, (month - 1 + n) % 12 + 1, 10) for n in range(months)]
    return [{"unit": unit, "day": day, "pieces": n + 1, **more} for n, day in enumerate(days)]


MEASURES = {"made": {"value": "SUM(pieces)"}, "batches": {"value": "COUNT(*)"}}


def found(root: Path, kpis: dict[str, Any], records: list[dict[str, Any]], period: str, **more: Any) -> Figures:
    return figures(declare(root, MEASURES, kpis, **more), rows(records), period)


def test_a_kpi_over_another_computes_it_with_its_own_window_offset_and_filter(tmp_path: Path) -> None:
    kpis = {
        "pace": {"value": "made / batches", "window": "trailing 3 months"},
        "gain": {
            "inputs": {"now": {"kpi": "pace"}, "before": {"kpi": "pace", "offset": "1 year"}},
            "value": "now - before",
        },
    }
    result = found(tmp_path, kpis, monthly(), "2025-06")
    assert result.value("pace", "north", "2025-06") == (16 + 17 + 18) / 3
    assert result.value("gain", "north", "2025-06") == (16 + 17 + 18) / 3 - (4 + 5 + 6) / 3


def test_a_window_given_to_a_kpi_as_input_stands_in_for_its_own(tmp_path: Path) -> None:
    kpis = {
        "pace": {"value": "made / batches"},
        "year": {"inputs": {"whole": {"kpi": "pace", "window": "year to date"}}, "value": "1 * whole"},
    }
    assert found(tmp_path, kpis, monthly(), "2024-06").value("year", "north", "2024-06") == 21 / 6


def test_three_kpis_deep_a_name_stands_for_a_kpi_where_there_is_no_such_measure(tmp_path: Path) -> None:
    kpis = {"a": {"value": "made + 1"}, "b": {"value": "2 * a"}, "c": {"value": "b - a"}}
    result = found(tmp_path, kpis, monthly(), "2024-05")
    assert [result.value(kpi, "north", "2024-05") for kpi in "abc"] == [6, 12, 6]


def test_a_missing_operand_deep_below_gives_its_reason_to_the_top(tmp_path: Path) -> None:
    kpis = {"a": {"value": "made", "window": "trailing 6 months"}, "b": {"value": "2 * a"}}
    assert (
        found(tmp_path, kpis, monthly("2025-01", 3), "2023-03").reason("b", "north", "2023-03") == "window_incomplete"
    )


def test_a_circle_of_kpis_is_named(tmp_path: Path) -> None:
    kpis = {"a": {"value": "b + made"}, "b": {"value": "c"}, "c": {"value": "1 - a"}}
    with pytest.raises(DeclarationError, match="uses itself: a → b → c → a"):
        declare(tmp_path, MEASURES, kpis)


def test_a_circle_is_told_once_where_another_kpi_leads_into_it(tmp_path: Path) -> None:
    kpis = {"into": {"value": "a + made"}, "a": {"value": "b"}, "b": {"value": "a"}}
    with pytest.raises(DeclarationError) as told:
        declare(tmp_path, MEASURES, kpis)
    assert [problem.message for problem in told.value.problems if "uses itself" in problem.message] == [
        "uses itself: a → b → a.", "uses itself: b → a → b.",
    ]  # fmt: skip


def test_a_quarterly_kpi_shows_its_last_value_with_its_date_between_quarters(tmp_path: Path) -> None:
    kpis = {"k": {"value": "made", "window": "quarter", "frequency": "quarter"}}
    result = found(tmp_path, kpis, monthly(), "2024-08")
    row = result.values.filter(pl.col("unit") == "north").row(0, named=True)
    assert (row["value"], row["value_period"]) == (4 + 5 + 6, date(2024, 6, 1))
    april = found(tmp_path / "fiscal", kpis, monthly(), "2024-08", scorecard={"fiscal_year_starts": "february"})
    row = april.values.filter(pl.col("unit") == "north").row(0, named=True)
    assert (row["value"], row["value_period"]) == (5 + 6 + 7, date(2024, 7, 1))


@pytest.mark.parametrize(("period", "target"), [("2024-06", 15), ("2024-08", 15), ("2024-09", 30), ("2024-11", 30)])
def test_a_quarterly_kpi_is_held_against_the_target_of_the_month_that_its_value_is_of(
    tmp_path: Path, period: str, target: float
) -> None:
    kpis = {
        "k": {"value": "made", "window": "quarter", "frequency": "quarter"},
        "m": {"value": "made", "window": "trailing 3 months"},
    }
    declared = "kpi,effective_from,anchor,value\nk,,floor,0\nm,,floor,0\n"
    for kpi in "km":
        declared += f"{kpi},2024-01-01,target,15\n{kpi},2024-07-01,target,20\n{kpi},2024-08-01,target,30\n"
    result = found(tmp_path, kpis, monthly(), period, targets=declared)
    row = result.score("k", "north", period)
    made = 15 if period < "2024-09" else 7 + 8 + 9
    assert (row["target"], row["score"]) == (target, pytest.approx(100 * min(made / target, 1)))
    assert result.score("m", "north", period)["target"] == (15 if period < "2024-07" else 30)


def test_the_target_of_a_quarterly_kpi_is_that_of_its_date_whichever_months_are_asked(tmp_path: Path) -> None:
    kpis = {"k": {"value": "made", "window": "quarter", "frequency": "quarter"}}
    declared = "kpi,unit,effective_from,anchor,value\nk,,,floor,0\nk,,2024-05-15,target,10\n"
    declared += "k,,2024-07-01,target,20\nk,north,2024-08-01,target,40\n"
    project = declare(tmp_path, MEASURES, kpis, targets=declared)
    north = dict(zip(["2024-05", "2024-06", "2024-08", "2024-09", "2024-11"], [None, 10, 10, 40, 40], strict=True))
    for first in north:
        result = figures(project, rows(monthly()), first, "2024-11")
        shown = {month: result.score("k", "north", month)["target"] for month in north if month >= first}
        assert shown == {month: north[month] for month in shown}
        assert result.score("k", "south", "2024-11")["target"] == 20


def test_growth_of_a_quarterly_kpi_compares_whole_quarters(tmp_path: Path) -> None:
    kpis = {
        "k": {"value": "made", "window": "quarter", "frequency": "quarter"},
        "growth": {
            "inputs": {"now": {"kpi": "k"}, "before": {"kpi": "k", "offset": "1 quarter"}},
            "value": "now / before - 1",
        },
    }
    assert found(tmp_path, kpis, monthly(), "2024-08").value("growth", "north", "2024-08") == 15 / 6 - 1


def test_a_kpi_is_published_over_further_windows_and_only_its_own_is_scored(tmp_path: Path) -> None:
    kpis = {"k": {"value": "made", "also_over": ["year to date", "month"]}}
    result = found(tmp_path, kpis, monthly(), "2024-03", targets="kpi,anchor,value\nk,floor,0\nk,target,6\n")
    north = result.values.filter(pl.col("unit") == "north")
    assert north.select("window", "value", "is_main").rows() == [("month", 3.0, True), ("year to date", 6.0, False)]
    assert result.score("k", "north", "2024-03")["score"] == 50


def test_slices_add_up_to_the_whole_at_every_level_and_keep_blank_values(tmp_path: Path) -> None:
    kpis = {"k": {"value": "made", "by": ["reason"], "window": "trailing 2 months"}}
    records = [
        {"unit": "north", "day": date(2024, 1, 3), "pieces": 5, "reason": "red"},
        {"unit": "south", "day": date(2024, 2, 3), "pieces": 7, "reason": "red"},
        {"unit": "north", "day": date(2024, 2, 4), "pieces": 2, "reason": None},
        {"unit": "north", "day": date(2024, 3, 4), "pieces": 900, "reason": "blue"},
    ]
    result = found(tmp_path, kpis, records, "2024-02")
    company = result.values.filter(pl.col("unit") == "company").select("slice", "value").rows()
    assert company == [("", 14.0), ("reason=", 2.0), ("reason=red", 12.0)]
    assert result.values.filter(pl.col("unit") == "south").select("slice", "value").rows() == [
        ("", 7.0),
        ("reason=red", 7.0),
    ]


def test_an_input_without_rows_in_a_slice_is_zero_there_where_it_is_zero_elsewhere(tmp_path: Path) -> None:
    kpis = {
        "k": {
            "inputs": {"late_ones": {"measure": "batches", "where": "late"}},
            "value": "late_ones / batches",
            "by": ["reason"],
        }
    }
    records = [
        {"day": date(2024, 1, 3), "reason": "red", "late": True},
        {"day": date(2024, 1, 4), "reason": "red", "late": False},
        {"day": date(2024, 1, 5), "reason": "blue", "late": False},
    ]
    values = found(tmp_path, kpis, records, "2024-01").values.filter(pl.col("unit") == "north")
    assert dict(values.select("slice", "value").rows()) == {"": 1 / 3, "reason=blue": 0.0, "reason=red": 0.5}


def test_one_declaration_makes_a_kpi_for_every_value_with_its_own_or_the_common_target(tmp_path: Path) -> None:
    each = {"column": "reason", "values": {"red": "red", "blue": "it's blue"}, "names": {"blue": "Blue"}}
    kpis = {"k": {"value": "made", "each": each, "where": "pieces > 0"}}
    targets = "kpi,anchor,value\nk,floor,0\nk,target,10\nk_blue,target,20\n"
    records = [
        {"day": date(2024, 1, 3), "reason": "red", "pieces": 5},
        {"day": date(2024, 1, 3), "reason": "it's blue", "pieces": 5},
        {"day": date(2024, 1, 3), "reason": "it's blue", "pieces": -5},
    ]
    project = declare(tmp_path, MEASURES, kpis, targets=targets)
    assert [project.kpis[name].name for name in ("k_red", "k_blue")] == ["K: red", "K: Blue"]
    result = figures(project, rows(records), "2024-01")
    assert [result.score(kpi, "north", "2024-01")["score"] for kpi in ("k_red", "k_blue")] == [50, 25]


def test_a_value_is_compared_with_those_of_the_declared_offsets(tmp_path: Path) -> None:
    kpis = {"k": {"value": "made", "window": "year to date", "compare_with": ["1 month", "1 year"]}}
    project = declare(tmp_path, MEASURES, kpis)
    periods = [date(2025, 2, 1)]
    assert reference_periods(project, periods) == [date(2024, 2, 1), date(2025, 1, 1), date(2025, 2, 1)]
    result = figures_of(project, rows(monthly()), reference_periods(project, periods))
    table = comparisons(project, result.values, periods).filter(pl.col("unit") == "north")
    assert table.select("offset_months", "value", "reference", "change").rows() == [(1, 27, 13, 14), (12, 27, 3, 24)]


def test_a_dimension_that_a_source_lacks_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="'colour' is not a column of rows"):
        declare(tmp_path, MEASURES, {"k": {"value": "made", "by": ["colour"]}})


TEXTS = {"rating": {"value": "ANY_VALUE(reason)", "over_time": "last"}}


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["good"], (3.0, "good", None)),
        (["good", "bad"], (None, None, "several_texts")),
        (["odd"], (None, None, "text_not_listed")),
    ],
)
def test_a_text_that_all_rows_agree_on_is_a_value(tmp_path: Path, texts: list[str], wanted: tuple[object, ...]) -> None:
    kpis = {"k": {"value": "rating", "scoring": {"texts": {"bad": 0, "fair": 50, "good": 100}}}}
    project = declare(tmp_path, TEXTS, kpis)
    result = figures(project, rows([{"day": date(2024, 1, 3), "reason": text} for text in texts]), "2024-01")
    row = result.values.filter(pl.col("unit") == "north").row(0, named=True)
    assert (row["value"], row["text"], row["missing_reason"]) == wanted


def test_a_quarterly_kpi_before_its_first_quarter_is_missing(tmp_path: Path) -> None:
    kpis = {"k": {"value": "made", "window": "quarter", "frequency": "quarter"}}
    project = declare(tmp_path, MEASURES, kpis)
    months = [date(2023, month, 1) for month in (1, 2, 3, 4)]
    found = figures_of(project, rows(monthly("2023-01", 4)), months).values.filter(pl.col("unit") == "north")
    assert found.select("value", "missing_reason").rows() == [
        (None, "no_data"),
        (None, "no_data"),
        (6, None),
        (6, None),
    ]


def test_a_month_with_empty_values_alone_counts_for_no_aggregate(tmp_path: Path) -> None:
    kpis = {f"k{n}": {"value": name, "window": "trailing 3 months"} for n, name in enumerate(["mean", "most"])}
    measures = {"mean": {"value": "AVG(pieces)"}, "most": {"value": "MAX(pieces)"}}
    records = [{"day": date(2024, month, 3), "pieces": pieces} for month, pieces in ((1, 100), (2, None), (3, 120))]
    result = figures(declare(tmp_path, measures, kpis), rows(records), "2024-03")
    assert [result.reason(kpi, "north", "2024-03") for kpi in kpis] == ["window_incomplete"] * 2


def test_noise_of_floats_does_not_decide_how_points_are_rounded(tmp_path: Path) -> None:
    formula = "ROUND(10 * (hours_worked - 0.72) / (0.87 - 0.72) - 0.5)"
    project = declare(tmp_path, {"hours_worked": {"value": "MAX(hours)"}}, {"k": {"value": formula}})
    assert (
        figures(project, rows([{"day": date(2024, 1, 3), "hours": 0.84}]), "2024-01").value("k", "north", "2024-01")
        == 8
    )
