"""transforms.targets, scoring, and aggregation."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scorecards.organisation import Band
from scorecards.periods import parse_period
from tests.declared import Figures, declare, figures, rows
from transforms.score_table import SCORES
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
    scores = (None, 0.299, 0.3, 0.1 + 0.2, 0.3 - 1e-12, 0.3 - 1e-9)
    assert [getattr(band_for(score, bands), "id", None) for score in scores] == [
        None, "red", "green", "green", "green", "green",
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


TWO_CARDS = {
    "scorecards": {
        "main": {
            "name": "M", "weights": {"financial": 3, "customer": 1},
            "perspectives": {"financial": {"name": "F"}, "customer": {"name": "C"}},
            "objectives": {
                "o": {
                    "name": "O", "perspective": "financial",
                    "kpis": {"a": {}, "b": {"weight": 3, "applies_to": {"levels": "division"}}},
                },
                "p": {"name": "P", "perspective": "customer", "kpis": ["c"]},
            },
        },
        "above": {
            "name": "A", "units": {"levels": "company"},
            "objectives": {"q": {"name": "Q", "perspective": "financial", "kpis": ["a"]}},
        },
    }
}  # fmt: skip
LATER = "scorecard,level,node,unit,effective_from,weight\n,perspective,financial,north,2024-03-01,1\n"
COLUMNS = (
    "level", "node", "parent", "score", "raw_score", "band", "weight", "share", "effective_share", "coverage", "target",
    "leading_score", "lagging_score", "bad_count", "warning_count", "good_count", "scored_count", "applicable_count",
    "missing_reason",
)  # fmt: skip


@pytest.fixture(scope="module")
def two_cards(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Two scorecards over February and March; b is for divisions only, c has no value in February."""
    kpis = {
        k: {"inputs": {"x": {"measure": "m", "where": f"reason = '{k}'"}}, "value": "x", "leading": k == "a"}
        for k in "abc"
    }
    project = declare(
        tmp_path_factory.mktemp("two"), {"m": {"value": "SUM(hours)", "empty": "missing"}}, kpis, strategy=TWO_CARDS,
        targets="kpi,anchor,value\n" + "".join(f"{k},floor,0\n{k},target,100\n" for k in kpis), weights=LATER,
    )  # fmt: skip
    february, march = date(2024, 2, 1), date(2024, 3, 1)
    values = [
        ("north", february, "a", 40.0), ("south", february, "a", 20.0), ("north", february, "b", 80.0),
        ("north", march, "a", 120.0), ("south", march, "a", 96.0), ("north", march, "b", 100.0),
        ("south", march, "b", 96.0), ("north", march, "c", 50.0),
    ]  # fmt: skip
    frame = rows({"unit": unit, "day": day, "reason": k, "hours": hours} for unit, day, k, hours in values)
    return figures(project, frame, "2024-02", "2024-03")


def test_every_part_of_a_scorecard_has_its_row_with_all_that_belongs_to_it(two_cards: Figures) -> None:
    found = two_cards.scores.filter(scorecard="main", period=date(2024, 2, 1), unit="north").select(COLUMNS).rows()
    gone = ("no_rows", "nothing_scored")
    top = (40.0, 80.0, 1, 1, 0, 2)
    nothing = (None,) * 7
    assert found == [
        ("kpi", "a", "o", 40.0, 40.0, "red", 0.25, 0.1875, 0.25, 1.0, 100.0, *nothing, None),
        ("kpi", "b", "o", 80.0, 80.0, "amber", 0.75, 0.5625, 0.75, 1.0, 100.0, *nothing, None),
        ("kpi", "c", "p", None, None, None, 1.0, 0.25, 0.0, 0.0, 100.0, *nothing, gone[0]),
        ("objective", "o", "financial", 70.0, 70.0, "amber", 1.0, 0.75, 1.0, 1.0, None, *top, 2, None),
        ("objective", "p", "customer", None, None, None, 1.0, 0.25, 0.0, 0.0, None, None, None, 0, 0, 0, 0, 1, gone[1]),
        ("perspective", "customer", "main", None, None, None, 0.25, 0.25, 0.0, 0.0, None, None, None, 0, 0, 0, 0, 1,
         gone[1]),
        ("perspective", "financial", "main", 70.0, 70.0, "amber", 0.75, 0.75, 1.0, 1.0, None, *top, 2, None),
        ("scorecard", "main", "", 70.0, 70.0, "amber", 1.0, 1.0, 1.0, 0.75, None, *top, 3, None),
    ]  # fmt: skip


def test_rows_stand_in_the_order_of_their_key_each_once_where_their_scorecard_stands(two_cards: Figures) -> None:
    keys = two_cards.scores.select("scorecard", "period", "unit", "level", "node").rows()
    assert keys == sorted(set(keys))
    places = two_cards.scores.group_by("scorecard", "unit").len().sort("scorecard", "unit").rows()
    # Above: a KPI, an objective, a perspective, the scorecard. Main: b is no KPI of the company.
    assert places == [("above", "company", 8), ("main", "company", 14), ("main", "north", 16), ("main", "south", 16)]
    assert two_cards.scores.schema == pl.Schema(SCORES)


@pytest.mark.parametrize(
    ("unit", "period", "score", "coverage", "reason", "shares"),
    [
        ("company", "2024-02", 60.0, 0.75, None, {"a": (0.75, 1.0), "c": (0.25, 0.0)}),
        (
            "south",
            "2024-02",
            None,
            0.1875,
            "nothing_scored",
            {"a": (0.1875, 0.0), "b": (0.5625, 0.0), "c": (0.25, 0.0)},
        ),
        ("company", "2024-03", 0.75 * 100 + 0.25 * 50, 1.0, None, {"a": (0.75, 0.75), "c": (0.25, 0.25)}),
        ("north", "2024-03", 75.0, 1.0, None, {"a": (0.125, 0.125), "b": (0.375, 0.375), "c": (0.5, 0.5)}),
        ("south", "2024-03", 96.0, 0.75, None, {"a": (0.1875, 0.25), "b": (0.5625, 0.75), "c": (0.25, 0.0)}),
    ],
)
def test_weights_shares_and_coverage_are_those_of_the_unit_and_the_month(
    two_cards: Figures, unit: str, period: str, score: float | None, coverage: float, reason: str | None,
    shares: dict[str, tuple[float, float]],
) -> None:  # fmt: skip
    top = two_cards.score("main", unit, period, "scorecard")
    assert (top["score"], top["coverage"], top["missing_reason"]) == (score, coverage, reason)
    lines = {k: two_cards.score(k, unit, period) for k in shares} if unit != "company" else {
        line["node"]: line for line in two_cards.scores.filter(
            scorecard="main", unit=unit, period=parse_period(period), level="kpi").to_dicts()
    }  # fmt: skip
    assert {k: (line["share"], line["effective_share"]) for k, line in lines.items()} == shares


def test_a_node_below_its_coverage_is_missing_and_its_parts_are_not(two_cards: Figures) -> None:
    objective = two_cards.score("o", "south", "2024-02", "objective")
    assert (objective["score"], objective["coverage"]) == (20, 0.25)
    perspective = two_cards.score("financial", "south", "2024-02", "perspective")
    assert (perspective["score"], perspective["band"], perspective["leading_score"]) == (None, None, None)
    assert (perspective["missing_reason"], perspective["weight"]) == ("coverage_below_minimum", 0.75)


def test_one_kpi_of_one_unit_in_one_month_is_a_scorecard_too(tmp_path: Path) -> None:
    card = {"name": "M", "units": {"levels": "company"},
            "objectives": {"o": {"name": "O", "perspective": "financial", "kpis": ["k"]}}}  # fmt: skip
    found = scored(tmp_path, "kpi,anchor,value\nk,floor,0\nk,target,20\n", strategy={"scorecards": {"only": card}})
    assert found.scores.select("scorecard", "unit", "level", "score").rows() == [
        ("only", "company", level, 100.0) for level in ("kpi", "objective", "perspective", "scorecard")
    ]
    assert found.scores["parent"].to_list() == ["o", "financial", "only", ""]


def test_a_dated_weight_of_a_unit_without_the_scorecard_weighs_nowhere(tmp_path: Path) -> None:
    north = {"applies_to": {"levels": "division", "excluding": "south"}}
    objectives = {
        "o": {"name": "O", "perspective": "financial", "kpis": {"k": north}},
        "p": {"name": "P", "perspective": "financial", "kpis": {"l": north}},
    }
    project = declare(
        tmp_path, COUNTED, {"k": {"value": "m"}, "l": {"value": "m"}},
        targets="kpi,anchor,value\n" + "".join(f"{k},floor,0\n{k},target,10\n" for k in "kl"),
        weights="scorecard,level,node,unit,effective_from,weight\n,objective,o,south,,9\n,objective,o,company,2024-02-01,3\n",
        strategy={"scorecards": {"main": {"name": "M", "objectives": objectives}}},
    )  # fmt: skip
    found = figures(project, FRAME, "2024-01", "2024-03")
    assert found.scores["unit"].unique().to_list() == ["north"]
    assert [found.score("o", "north", f"2024-0{month}", "objective")["weight"] for month in (1, 2, 3)] == [
        0.5,
        0.75,
        0.75,
    ]
