"""The rules of `check` that compare declarations with computed months."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scorecards.lint import lint
from scorecards.lint_facts import History
from scorecards.periods import month_end, months_between
from scorecards.project import load_project
from tests.good_scorecard import TARGETS, change, found, good_scorecard, rules_found

STRATEGY = "strategy.yaml"
UNITS = ("company", "north", "south")
PERIOD = date(2025, 11, 1)
# Mean 150, best 160, worst 140, moving ranges of 10 on average: upper limit 176.6.
STEADY = (140.0, 150.0, 160.0, 150.0) * 4


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without any finding."""
    return good_scorecard(tmp_path)


def history(
    target: float = 170.0, values: tuple[float, ...] = STEADY, period: date = PERIOD, band: str = "green"
) -> History:
    known = {("sales", unit): values for unit in UNITS} | {("effort", unit): (7.0, 4.0) * 12 for unit in UNITS}
    targets = {("main", "sales", unit): target for unit in UNITS} | {("main", "effort", unit): 5.0 for unit in UNITS}
    return History(period, known, targets, {("main", "sell", unit): band for unit in UNITS})


def test_a_good_scorecard_has_no_finding_beside_its_numbers_either(root: Path) -> None:
    assert found(root, history()) == []


@pytest.mark.parametrize(
    ("target", "rules"),
    [
        (140, ["target-without-challenge"]),
        (141, []),
        (180, []),
        (180.5, ["target-out-of-reach"]),
    ],
)
def test_a_target_is_judged_by_what_was_reached(root: Path, target: float, rules: list[str]) -> None:
    # Further from the best (160) than that from the worst (140), so above 180; the limit of 176.6 is passed before.
    assert rules_found(root, history(target)) == rules


def test_a_target_within_the_limits_of_a_restless_kpi_is_in_reach_however_far_from_the_best(root: Path) -> None:
    # Moving ranges of 20 put the limit at 150 + 2.66 * 20 = 203.2.
    restless = (140.0, 160.0) * 8
    assert rules_found(root, history(203, restless)) == []
    assert rules_found(root, history(204, restless)) == ["target-out-of-reach"]


def test_lower_is_better_turns_the_judgement_round(root: Path) -> None:
    steady = {("effort", unit): (8.0, 8.2, 8.1) * 5 for unit in UNITS}
    (finding,) = found(root, History(PERIOD, {**history().values, **steady}, history().targets))
    assert finding[0] == "target-out-of-reach"
    assert finding[2] == (
        "the target 5 of 'effort' lies far beyond anything reached by company, north and south; the best was 8."
    )


def test_fewer_than_twelve_months_say_nothing_about_a_target(root: Path) -> None:
    assert found(root, history(1000, STEADY[:11])) == []
    assert rules_found(root, history(1000, STEADY[:12])) == ["target-out-of-reach"]


@pytest.mark.parametrize(("frequency", "line"), [("month", 6), ("quarter", 3)])
def test_the_target_that_is_told_is_the_one_of_the_kpis_date(root: Path, frequency: str, line: int) -> None:
    change(root, "kpis/all.yaml", lambda data: data["kpis"]["sales"].update(frequency=frequency, window="quarter"))
    (root / "targets.csv").write_text(TARGETS + ",sales,,2025-10-01,target,300,month\n")
    (problem,) = lint(load_project(root), history(1000))
    assert (problem.rule, problem.line) == ("target-out-of-reach", line)


def test_a_kpi_without_any_value_is_found(root: Path) -> None:
    bare = History(PERIOD, {key: values for key, values in history().values.items() if key[0] == "sales"}, {})
    assert found(root, bare) == [("kpi-without-data", "kpis.effort", "has had no value in 24 months.")]


def test_a_target_from_before_the_last_fiscal_year_is_old(root: Path) -> None:
    assert found(root, history(period=date(2026, 11, 1))) == [
        ("initiative-overdue", "initiatives.jigs.due", "was due on 2025-12-31, is planned, and it is 2026-11-30.")
    ]
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].update(status="done"))
    old = "since 2025-01-01 stands the target of sales and effort."
    assert found(root, history(period=date(2027, 1, 1))) == [("target-out-of-date", "effective_from", old)]
    (root / "targets.csv").write_text(TARGETS + ",sales,north,2027-02-01,target,205,month\n")
    assert rules_found(root, history(period=date(2027, 1, 1))) == ["target-out-of-date"]
    change(root, "scorecard.yaml", lambda data: data.update(fiscal_year_starts="april"))
    assert found(root, history(period=date(2026, 3, 1))) == []


def test_a_red_objective_needs_an_initiative_that_is_not_done(root: Path) -> None:
    key = "scorecards.main.objectives.sell"
    red = [("red-objective-without-initiative", key, "is off target for company in 2025-11.")]
    assert found(root, history(band="red")) == red
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].update(objectives=["sell"]))
    assert found(root, history(band="red")) == []
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].update(status="done"))
    assert found(root, history(band="red")) == red


def test_in_a_calendar_of_weeks_a_month_ends_on_its_own_last_day(root: Path) -> None:
    months = months_between(date(2023, 1, 1), date(2025, 12, 1))
    days = [(month, month_end(month)) for month in months[:-1]] + [(months[-1], date(2025, 12, 28))]
    rows = "".join(f"{first:%Y-%m},{first},{last}\n" for first, last in days)
    (root / "calendar.csv").write_text(f"period,first_day,last_day\n{rows}")
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].update(due="2025-12-29"))
    assert "initiative-overdue" not in rules_found(root, history(period=date(2025, 12, 1)))
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].update(due="2025-12-28"))
    assert "initiative-overdue" in rules_found(root, history(period=date(2025, 12, 1)))
