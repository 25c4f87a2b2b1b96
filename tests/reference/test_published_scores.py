"""Worked examples that others have published, reproduced from declarations alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.declared import declare, figures, rows

TEN = {"scale": {"anchors": {"red_flag": 3.33, "target": 6.67}, "lowest": 0, "highest": 10}}
DAY = date(2024, 1, 5)


def score_of(
    root: Path, value: float, targets: dict[str, float], scorecard: dict[str, Any] | None = None
) -> dict[str, Any]:
    table = "kpi,anchor,value\n" + "".join(f"k,{anchor},{point}\n" for anchor, point in targets.items())
    project = declare(root, {"m": {"value": "SUM(hours)"}}, {"k": {"value": "m"}}, targets=table, scorecard=scorecard)
    return figures(project, rows([{"day": DAY, "hours": value}]), "2024-01").score("k", "north", "2024-01")


@pytest.mark.parametrize(
    ("value", "score"), [(300, 0), (500, 3.33), (700, 6.67), (900, 10), (100, 0), (1000, 10), (600, 5)]
)
def test_a_red_flag_of_500_and_a_goal_of_700_score_on_zero_to_ten(tmp_path: Path, value: float, score: float) -> None:
    # Between red flag and goal lie 3.34 points, outside 3.33 each: a hundredth is the precision of the example.
    found = score_of(tmp_path, value, {"red_flag": 500, "target": 700}, TEN)["score"]
    assert found == pytest.approx(score, abs=0.011)


THIRDS = {"scale": {"anchors": {"red_flag": 10 / 3, "target": 20 / 3}, "lowest": 0, "highest": 10}}


@pytest.mark.parametrize(("value", "score"), [(300, 0), (500, 3.33), (700, 6.67), (900, 10)])
def test_with_red_flag_and_goal_at_a_third_and_two_thirds_the_example_is_met_at_its_two_decimals(
    tmp_path: Path, value: float, score: float
) -> None:
    found = score_of(tmp_path, value, {"red_flag": 500, "target": 700}, THIRDS)
    assert (round(found["score"], 2), round(found["raw_score"], 2)) == (score, score)


def test_the_anchors_themselves_are_met_exactly(tmp_path: Path) -> None:
    assert score_of(tmp_path / "a", 500, {"red_flag": 500, "target": 700}, TEN)["score"] == 3.33
    assert score_of(tmp_path / "b", 700, {"red_flag": 500, "target": 700}, TEN)["score"] == 6.67


def test_50_on_a_scale_from_0_to_200_is_25(tmp_path: Path) -> None:
    assert score_of(tmp_path, 50, {"floor": 0, "target": 200})["score"] == 25


def test_3_against_a_target_of_minus_2_is_beyond_target_and_not_minus_150_percent(tmp_path: Path) -> None:
    found = score_of(tmp_path, 3, {"floor": -10, "target": -2})
    assert (found["score"], found["raw_score"]) == (100, 162.5)


def test_2_of_4_and_2_of_100_roll_up_to_3_point_8_percent_and_not_26(tmp_path: Path) -> None:
    measures = {"hits": {"value": "SUM(pieces)"}, "tries": {"value": "SUM(amount)"}}
    project = declare(tmp_path, measures, {"k": {"value": "hits / tries"}})
    records = [
        {"unit": unit, "day": DAY, "pieces": 2, "amount": tries} for unit, tries in (("north", 4), ("south", 100))
    ]
    value = figures(project, rows(records), "2024-01").value("k", "company", "2024-01")
    assert value == 4 / 104
    assert round(100 * (value or 0), 1) == 3.8


@pytest.mark.parametrize(("years", "index"), [(20, 0.0), (85, 1.0), (82.6785, 0.964), (61.9824, 0.646), (52.5, 0.5)])
def test_the_human_development_index_scores_life_expectancy_between_20_and_85_years(
    tmp_path: Path, years: float, index: float
) -> None:
    scale = {"scale": {"anchors": {"floor": 0, "target": 1}, "lowest": 0, "highest": 1}}
    found = score_of(tmp_path, years, {"floor": 20, "target": 85}, scale)["score"]
    assert found == pytest.approx((years - 20) / 65, rel=1e-12)
    assert round(found, 3) == index
