"""transforms.targets, scoring, and aggregation."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scorecards.organisation import Band
from tests.declared import Figures, declare, figures, rows
from transforms.scoring import band_for

FRAME = rows(
    {"unit": unit, "day": date(2024, month, 9), "pieces": 10} for unit in ("north", "south") for month in range(1, 7)
)
COUNTED = {"m": {"value": "SUM(pieces)"}, "none": {"value": "AVG(hours)"}}
TREE = {"levels": ["company"]}


def scored(
    root: Path, targets: str, kpi: dict[str, Any] | None = None, period: str = "2024-03", **more: Any
) -> Figures:
    project = declare(root, COUNTED, {"k": {"value": "m", **(kpi or {})}}, targets=targets, **more)
    return figures(project, FRAME, period)


def target(found: Figures, unit: str) -> object:
    return found.score("k", unit, "2024-03")["target"]


def test_the_nearest_target_wins(tmp_path: Path) -> None:
    found = scored(
        tmp_path,
        "scorecard,kpi,unit,effective_from,anchor,value\n"
        ",k,,,floor,0\n,k,,,target,1\n,k,company,,target,2\n,k,north,,target,3\n,k,north,2024-02-01,target,4\n,k,north,2024-04-01,target,5\n",
    )
    assert [target(found, unit) for unit in ("company", "north", "south")] == [2, 4, 2]


def test_a_target_for_the_scorecard_wins_over_one_for_all(tmp_path: Path) -> None:
    found = scored(tmp_path, "scorecard,kpi,unit,anchor,value\n,k,north,target,3\nmain,k,,target,9\n,k,,floor,0\n")
    assert target(found, "north") == 9


def test_a_target_per_month_grows_with_the_window(tmp_path: Path) -> None:
    table = "kpi,anchor,value,per\nk,floor,0,\nk,target,10,month\n"
    found = scored(tmp_path, table, {"window": "year to date"})
    assert (target(found, "north"), found.score("k", "north", "2024-03")["score"]) == (30, 100)


def test_a_target_may_be_a_formula_over_inputs_and_an_anchor_over_the_target(tmp_path: Path) -> None:
    kpi = {
        "inputs": {"now": {"measure": "m"}, "before": {"measure": "m", "window": "quarter", "offset": "0 months"}},
        "value": "now", "anchors": {"target": "before / 2", "floor": "target - now"},
    }  # fmt: skip
    found = scored(tmp_path, "", kpi)
    row = found.score("k", "north", "2024-03")
    assert (row["target"], round(row["raw_score"], 9)) == (15, 50)
    assert found.anchors["origin"].unique().sort().to_list() == ["formula before / 2", "formula target - now"]


@pytest.mark.parametrize(
    ("direction", "floor", "aim", "score"),
    [
        ("higher", 0, 20, 50),
        ("higher", -10, 10, 100),
        ("lower", 20, 0, 50),
        ("lower", 30, 20, 100),
        ("higher", 20, 40, 0),
    ],
)
def test_a_score_is_the_way_from_floor_to_target_clamped_to_the_scale(
    tmp_path: Path, direction: str, floor: int, aim: int, score: float
) -> None:
    found = scored(tmp_path, f"kpi,anchor,value\nk,floor,{floor}\nk,target,{aim}\n", {"direction": direction})
    assert found.score("k", "north", "2024-03")["score"] == score


def test_beyond_the_ends_the_raw_score_goes_on(tmp_path: Path) -> None:
    row = scored(tmp_path, "kpi,anchor,value\nk,floor,0\nk,target,5\n").score("k", "north", "2024-03")
    assert (row["raw_score"], row["score"], row["band"]) == (200, 100, "green")


def test_a_stretch_anchor_bends_the_line(tmp_path: Path) -> None:
    scale = {"scale": {"anchors": {"floor": 0, "target": 100, "stretch": 120}, "highest": 120}}
    table = "kpi,anchor,value\nk,floor,0\nk,target,5\nk,stretch,15\n"
    assert scored(tmp_path, table, scorecard=scale).score("k", "north", "2024-03")["score"] == 110


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("kpi,anchor,value\nk,target,5\n", "no_target"),
        ("kpi,anchor,value\nk,floor,5\n", "no_target"),
        ("kpi,unit,anchor,value\nk,,floor,5\nk,north,target,5\n", "anchors_not_monotone"),
        ("kpi,unit,anchor,value\nk,,floor,20\nk,north,target,5\n", "anchors_not_monotone"),
    ],
)
def test_a_scale_that_cannot_score_says_why(tmp_path: Path, table: str, reason: str) -> None:
    row = scored(tmp_path, table).score("k", "north", "2024-03")
    assert (row["score"], row["band"], row["missing_reason"]) == (None, None, reason)


def test_bands_are_closed_below_open_above_and_forgive_float_noise() -> None:
    bands = (Band(id="red", name="r", status="bad"), Band(id="green", name="g", at_least=0.3, status="good"))
    assert [getattr(band_for(score, bands), "id", None) for score in (None, 0.299, 0.3, 0.1 + 0.2, 0.3 - 1e-12)] == [
        None, "red", "green", "green", "green",
    ]  # fmt: skip


def balanced(root: Path, coverage: dict[str, Any] | None = None) -> Figures:
    """Three KPIs in two perspectives: a (100), b (0, weight 3) and gone (missing); for south, a only."""
    kpis = {
        "a": {"value": "m"}, "b": {"value": "m"}, "gone": {"value": "none"},
    }  # fmt: skip
    only_north = {"applies_to": {"excluding": "south"}}
    objectives = {
        "first": {"name": "F", "perspective": "financial", "kpis": {"a": {}, "b": {"weight": 3, **only_north}}},
        "second": {"name": "S", "perspective": "customer", "kpis": {"gone": only_north}},
    }
    table = "kpi,anchor,value\n" + "".join(
        f"{k},{anchor},{v}\n"
        for k, f, t in (("a", 0, 10), ("b", 10, 20), ("gone", 0, 1))
        for anchor, v in (("floor", f), ("target", t))
    )
    project = declare(
        root, COUNTED, kpis, targets=table, scorecard={"roll_up": {"minimum_coverage": coverage or {}}},
        strategy={"scorecards": {"main": {"name": "M", "objectives": objectives}}},
    )  # fmt: skip
    return figures(project, FRAME, "2024-03")


def test_weights_are_renormalised_over_what_is_present_and_coverage_tells(tmp_path: Path) -> None:
    found = balanced(tmp_path)
    assert found.score("first", "north", "2024-03", "objective")["score"] == 25
    top = found.score("main", "north", "2024-03", "scorecard")
    assert (top["score"], top["coverage"]) == (25, 0.5)
    customer = found.score("customer", "north", "2024-03", "perspective")
    assert (customer["score"], customer["coverage"], customer["missing_reason"]) == (None, 0, "nothing_scored")


def test_what_does_not_apply_is_neither_missing_nor_counted(tmp_path: Path) -> None:
    top = balanced(tmp_path).score("main", "south", "2024-03", "scorecard")
    assert (top["score"], top["coverage"]) == (100, 1)


def test_under_the_minimum_coverage_a_node_has_no_score(tmp_path: Path) -> None:
    top = balanced(tmp_path, {"scorecard": "51%"}).score("main", "north", "2024-03", "scorecard")
    assert (top["score"], top["missing_reason"]) == (None, "coverage_below_minimum")


def test_effective_shares_sum_to_one_and_give_the_score(tmp_path: Path) -> None:
    kpis = [balanced(tmp_path).score(kpi, "north", "2024-03") for kpi in ("a", "b", "gone")]
    assert [row["effective_share"] for row in kpis] == [0.25, 0.75, 0]
    assert [row["share"] for row in kpis] == [0.125, 0.375, 0.5]
