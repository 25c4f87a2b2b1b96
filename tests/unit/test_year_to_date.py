"""The year to date of a KPI: from its months where these add up, from its window, and nowhere else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scorecards.kpis import Kpi
from scorecards.periods import months_between
from scorecards.project import load_project
from transforms.adding_up import AddsUp
from transforms.plan import make_plan
from transforms.year_to_date import ToDate, months_to_date, running_totals, year_to_date

EXAMPLES = Path(__file__).parents[2] / "examples"
MONTHS = months_between(date(2026, 1, 1), date(2026, 3, 1))


def kpi(window: str = "month") -> Kpi:
    return Kpi.model_validate(
        {"name": "K", "value": "a", "window": window, "measured_in": "EUR", "direction": "higher"}
    )


def rows(**columns: list[float | None]) -> dict[date, dict[str, float | None]]:
    return {month: {name: values[i] for name, values in columns.items()} for i, month in enumerate(MONTHS)}


def test_months_run_from_the_start_of_the_fiscal_year() -> None:
    assert months_to_date(date(2026, 3, 1), 1) == MONTHS
    assert len(months_to_date(date(2026, 3, 1), 4)) == 12
    assert months_to_date(date(2026, 4, 1), 4) == [date(2026, 4, 1)]


def test_a_sum_is_the_sum_of_its_months_against_the_sum_of_their_targets() -> None:
    found = year_to_date(kpi(), AddsUp(False), MONTHS, rows(value=[1, 2, 4]), rows(target=[2, 2, 3]))
    assert found == ToDate(7.0, 7.0)


def test_a_ratio_is_a_sum_over_a_sum_and_keeps_what_stands_around_it() -> None:
    values = rows(value=[98, 95, 90], numerator=[1, 5, 10], denominator=[50, 100, 100])
    found = year_to_date(kpi(), AddsUp(True, -100.0), MONTHS, values, rows(target=[95, 95, 95]))
    assert found.value == pytest.approx(100 - 100 * 16 / 250)
    assert found.target == 95


def test_a_ratio_whose_target_changed_in_the_year_has_none_for_it() -> None:
    values = rows(value=[0.5, 0.5, 0.5], numerator=[1, 1, 1], denominator=[2, 2, 2])
    assert year_to_date(kpi(), AddsUp(True), MONTHS, values, rows(target=[0.4, 0.4, 0.5])) == ToDate(0.5, None)


def test_a_missing_month_and_a_kpi_that_does_not_add_up_have_no_year_to_date() -> None:
    missing = rows(value=[1, None, 4])
    assert year_to_date(kpi(), AddsUp(False), MONTHS, missing, rows(target=[1, 1, 1])) == ToDate()
    assert year_to_date(kpi(), None, MONTHS, rows(value=[1, 2, 4]), rows(target=[1, 1, 1])) == ToDate()


def test_a_kpi_over_the_year_to_date_is_its_own() -> None:
    found = year_to_date(kpi("year to date"), None, MONTHS, rows(value=[1, 3, 7]), rows(target=[2, 4, 6]))
    assert found == ToDate(7, 6)


@pytest.mark.parametrize(
    ("example", "running"), [("starter", {"revenue"}), ("meridian", {"spending"}), ("adventure_works", {"sales_quota"})]
)
def test_sums_of_flows_to_date_run_on_and_ratios_growth_and_other_windows_do_not(
    example: str, running: set[str]
) -> None:
    project = load_project(EXAMPLES / example)
    assert running_totals(project, make_plan(project)) == running
