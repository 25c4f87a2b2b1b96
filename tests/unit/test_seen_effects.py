"""transforms.seen_effects: what months since the start of an initiative say against those before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from report_templates.effect_messages import seen_words
from scorecards.errors import DeclarationError
from scorecards.periods import add_months
from tests.declared import declare
from tests.reports.pack_factory import company_pack
from transforms.pack import SeenEffect
from transforms.seen_effects import seen_effects

FIRST = date(2023, 1, 1)
BEFORE = [10.0, 12.0, 11.0, 10.0, 12.0, 11.0, 10.0, 12.0, 11.0, 10.0, 12.0, 11.0]
KPIS: dict[str, dict[str, Any]] = {
    "orders": {"value": "revenue"},
    "trailing": {"value": "revenue", "window": "trailing 3 months"},
    "to_date": {"value": "revenue", "window": "year to date"},
    "seasonal": {"value": "revenue", "signals": {"seasonal": True}},
    "share": {"value": "revenue", "measured_in": "percent"},
}


def strategy(**effect: Any) -> dict[str, Any]:
    objective = {"name": "O", "perspective": "financial", "kpis": list(KPIS)}
    initiative = {"name": "I", "objectives": ["goal"], "unit": "north", "start": "2024-01-10", "effects": [effect]}
    return {
        "scorecards": {"main": {"name": "Main", "objectives": {"goal": objective}}},
        "initiatives": {"new_tills": initiative},
    }


def seen(root: Path, months: Sequence[float | None], period: date | None = None, **effect: Any) -> SeenEffect:
    declared = {"kpi": "orders", "change": "+5", **effect}
    project = declare(root, kpis=KPIS, strategy=strategy(**declared))
    rows = [
        (kpi, unit, add_months(FIRST, at), add_months(FIRST, at), value, True, "")
        for kpi in KPIS
        for unit in ("north", "company")
        for at, value in enumerate(months)
    ]
    names = ("kpi", "unit", "period", "value_period", "value", "is_main", "slice")
    values = pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("value").cast(pl.Float64))
    ((found,),) = seen_effects(project, values, period or add_months(FIRST, len(months) - 1)).values()
    return found


def test_months_within_what_was_usual_before_are_no_change(tmp_path: Path) -> None:
    found = seen(tmp_path, [*BEFORE, 12.0, 13.0, 12.0])
    assert (found.verdict, found.months, found.months_before) == ("as usual", 3, 12)
    assert (found.before, found.since) == (pytest.approx(11.0), pytest.approx(37 / 3))
    assert found.lower is not None
    assert found.upper is not None
    # Mean moving range by hand: 2, 1, 1 three times and 2, 1 once over eleven moves.
    moves = [abs(b - a) for a, b in pairwise(BEFORE)]
    assert found.upper == pytest.approx(11 + 2.66 * sum(moves) / 11)
    assert found.lower == pytest.approx(11 - 2.66 * sum(moves) / 11)


@pytest.mark.parametrize(
    ("since", "verdict"),
    [
        ([17.0], "as expected"),
        ([5.0], "the other way"),
        ([5.0, 17.0], "both ways"),
        ([12.0] * 6, "as usual"),
        ([12.0] * 7, "as expected"),
        ([10.5] * 7, "the other way"),
    ],
)
def test_a_month_outside_the_usual_range_or_seven_on_one_side_is_a_change(
    tmp_path: Path, since: list[float], verdict: str
) -> None:
    assert seen(tmp_path, [*BEFORE, *since]).verdict == verdict


def test_a_fall_is_as_expected_where_a_fall_is_expected(tmp_path: Path) -> None:
    assert seen(tmp_path, [*BEFORE, 5.0], change=-3).verdict == "as expected"


def test_months_before_the_effect_should_show_do_not_count(tmp_path: Path) -> None:
    found = seen(tmp_path, [*BEFORE, 30.0, 30.0, 11.0], shows_from="2024-03")
    assert (found.verdict, found.since, found.shows_from) == ("as usual", 11.0, date(2024, 3, 1))


def test_what_comes_later_is_not_seen(tmp_path: Path) -> None:
    found = seen(tmp_path, [*BEFORE, 11.0, 30.0], period=date(2024, 1, 1))
    assert (found.verdict, found.since) == ("as usual", 11.0)
    assert seen(tmp_path, BEFORE, period=date(2023, 12, 1)).verdict == "not yet"


def test_five_months_before_are_too_few_and_no_month_is_no_figure(tmp_path: Path) -> None:
    found = seen(tmp_path, [None] * 7 + BEFORE[:5] + [30.0])
    assert (found.verdict, found.months_before, found.since) == ("too few before", 5, 30.0)
    assert (found.lower, found.upper) == (None, None)
    assert seen(tmp_path, [None] * 12 + [30.0]).before is None


def test_of_trailing_months_only_values_count_that_share_no_month(tmp_path: Path) -> None:
    months = [*[value for value in BEFORE for _ in range(1)], 11.0, 11.0, 17.0, 99.0]
    found = seen(tmp_path, months, kpi="trailing")
    # December, September, June and March 2023 before; March 2024 is the first that holds no month before January.
    assert (found.verdict, found.months_before, found.months) == ("too few before", 12, 3)
    assert (found.before, found.since) == (pytest.approx(11.0), 17.0)
    assert seen(tmp_path, [*BEFORE, 17.0, 17.0], kpi="trailing").verdict == "not yet"


def test_it_is_told_which_months_are_compared_and_which_wait(tmp_path: Path) -> None:
    found = seen(tmp_path, [*BEFORE, 11.0, 11.0, 17.0, 99.0, 99.0], kpi="trailing")
    # May and April 2024 share a month with the March value: they wait for June's.
    assert (found.span_since, found.newer) == ((date(2024, 1, 1), date(2024, 3, 1)), 2)
    assert found.span_before == (date(2023, 1, 1), date(2023, 12, 1))
    monthly = seen(tmp_path, [*BEFORE, 11.0, 12.0])
    assert (monthly.span_since, monthly.newer) == ((date(2024, 1, 1), date(2024, 2, 1)), 0)
    assert monthly.span_before == (date(2023, 1, 1), date(2023, 12, 1))
    waiting = seen(tmp_path, [*BEFORE, 17.0, 17.0], kpi="trailing")
    assert (waiting.span_since, waiting.newer) == (None, 0)
    words = seen_words(company_pack(), found)
    assert "over 3 months (Jan\u00a024 to Mar\u00a024), before 11" in words
    assert words.endswith("2 newer months wait for a value that shares no month with these.")
    assert "newer" not in seen_words(company_pack(), monthly)
    assert "(Jan\u00a024)" in seen_words(company_pack(), seen(tmp_path, [*BEFORE, 11.0]))


def test_a_year_to_date_is_told_and_not_judged(tmp_path: Path) -> None:
    found = seen(tmp_path, [*BEFORE, 30.0], kpi="to_date")
    assert (found.verdict, found.since) == ("shares months", 30.0)


def test_a_seasonal_kpi_is_judged_by_its_change_on_last_year(tmp_path: Path) -> None:
    months = [100.0 + 10 * (at % 12) for at in range(12)]
    project_months = [*months, *months, *[m + 50 for m in months]]
    found = seen(tmp_path, project_months[:13], kpi="seasonal")
    assert (found.is_seasonal, found.verdict, found.since) == (True, "too few before", 0.0)


def test_the_unit_of_an_effect_may_be_another(tmp_path: Path) -> None:
    assert seen(tmp_path, [*BEFORE, 11.0], unit="company").unit == "Company"
    assert seen(tmp_path, [*BEFORE, 11.0]).unit == ""


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        ({"kpi": "odrers", "change": 5}, "'odrers' is not a KPI."),
        ({"kpi": "share", "change": 5}, "'+5' does not fit a KPI measured in percent."),
        ({"kpi": "orders", "change": "5%"}, "'5%' does not fit a KPI measured in points."),
        ({"kpi": "orders", "change": "a lot"}, "'a lot' is not an amount"),
        ({"kpi": "orders", "change": 5, "unit": "nroth"}, "'nroth' is not a unit."),
    ],
)
def test_an_effect_that_cannot_be_is_refused_with_its_line(
    tmp_path: Path, effect: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare(tmp_path, kpis=KPIS, strategy=strategy(**effect))
    (problem,) = refused.value.problems
    assert message in problem.message
    assert (problem.file, problem.line > 0) == ("strategy.yaml", True)
