"""How a value becomes a score: ranges, logarithms, yes and no, texts, steps, formulas, peers. Computed by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorecards.organisation import Scale
from tests.declared import Figures, declare, figures, rows
from transforms.grid import Floats
from transforms.scored import Scored
from transforms.scoring_lines import score_on_line, score_within
from transforms.scoring_rules import score_texts, score_yes_or_no

SCALE = Scale()
VBP: dict[str, Any] = {
    "scale": {
        "anchors": {"floor": 0, "target": 10},
        "references": ["threshold", "benchmark", "baseline"],
        "lowest": 0,
        "highest": 10,
    },
    "bands": [{"id": "low", "name": "low", "status": "bad"}],
}


def points(**anchors: float) -> dict[str, Floats]:
    return {name: np.array([value]) for name, value in anchors.items()}


def outcome(scored: Scored) -> float | str:
    """The score of the only place, or why it is missing."""
    reasons = [reason for mask, reason in scored.reasons if mask[0]]
    return reasons[0] if reasons else float(scored.raw[0])


RANGE = {"lower_floor": 0, "lower_target": 10, "upper_target": 20, "upper_floor": 40}


@pytest.mark.parametrize(
    ("value", "score"), [(-5, -50), (0, 0), (5, 50), (10, 100), (14, 100), (20, 100), (30, 50), (40, 0), (45, -25)]
)
def test_within_a_range_the_worse_side_counts_and_inside_is_on_target(value: float, score: float) -> None:
    assert outcome(score_within(np.array([float(value)]), points(**RANGE), SCALE, logarithmic=False)) == score


@pytest.mark.parametrize(
    ("anchors", "value", "score"),
    [
        ({"target": 10, "lower_floor": 0, "upper_floor": 30}, 5, 50),
        ({"target": 10, "lower_floor": 0, "upper_floor": 30}, 20, 50),
        ({"upper_target": 10, "upper_floor": 30}, -1e6, 100),
        ({"target": 10, "lower_floor": 0}, 99, 100),
        ({"target": 10}, 10, "no_target"),
        ({"lower_floor": 0, "upper_target": 5, "upper_floor": 9}, 3, "no_target"),
        ({**RANGE, "lower_target": 21}, 3, "anchors_not_monotone"),
        ({**RANGE, "upper_floor": 19}, 3, "anchors_not_monotone"),
    ],
)
def test_one_target_serves_both_sides_and_a_side_may_be_open(
    anchors: dict[str, float], value: float, score: float | str
) -> None:
    assert outcome(score_within(np.array([float(value)]), points(**anchors), SCALE, logarithmic=False)) == score


@pytest.mark.parametrize(
    ("value", "floor", "target", "direction", "score"),
    [
        (10, 1, 100, "higher", 50), (1000, 1, 100, "higher", 150), (10, 100, 1, "lower", 50), (1, 1, 100, "higher", 0),
        (0, 1, 100, "higher", "no_logarithm"), (10, 0, 100, "higher", "no_logarithm"),
        (-3, 1, 100, "higher", "no_logarithm"), (10, 100, 1, "higher", "anchors_not_monotone"),
    ],
)  # fmt: skip
def test_on_a_logarithmic_scale_equal_ratios_earn_equal_points(
    value: float, floor: float, target: float, direction: str, score: float | str
) -> None:
    anchors = points(floor=float(floor), target=float(target))
    found = outcome(score_on_line(np.array([float(value)]), anchors, SCALE, direction=direction, logarithmic=True))
    assert found == (score if isinstance(score, str) else pytest.approx(score, abs=1e-12))


def test_every_place_is_scored_by_the_anchors_that_it_has() -> None:
    nan = float("nan")
    values = np.array([5.0, 5.0, 30.0, 30.0, 5.0])
    anchors = {
        "lower_floor": np.array([0, nan, 0, nan, nan]),
        "lower_target": np.array([10, nan, 10, nan, nan]),
        "upper_target": np.array([nan, 20, 20, 20, nan]),
        "upper_floor": np.array([nan, 40, 40, 40, nan]),
    }
    found = score_within(values, anchors, SCALE, logarithmic=False)
    assert found.raw[:4].tolist() == [50, 100, 50, 50]
    reasons = [[reason for mask, reason in found.reasons if mask[place]] for place in range(5)]
    assert reasons == [[], [], [], [], ["no_target"]]


def test_a_range_may_be_a_single_value() -> None:
    anchors = points(lower_floor=0, lower_target=10, upper_target=10, upper_floor=30)
    assert outcome(score_within(np.array([10.0]), anchors, SCALE, logarithmic=False)) == 100
    assert outcome(score_within(np.array([20.0]), anchors, SCALE, logarithmic=False)) == 50


@pytest.mark.parametrize(("value", "score"), [(10**0.5, 50), (1000, 50), (50, 100), (1e6, -100), (0, "no_logarithm")])
def test_both_sides_of_a_range_may_be_logarithmic(value: float, score: float | str) -> None:
    anchors = points(lower_floor=1, lower_target=10, upper_target=100, upper_floor=1e4)
    found = outcome(score_within(np.array([float(value)]), anchors, SCALE, logarithmic=True))
    assert found == (score if isinstance(score, str) else pytest.approx(score, abs=1e-12))


def test_a_logarithm_that_does_not_exist_is_never_taken() -> None:
    with np.errstate(all="raise"):
        for value in (0.0, -1.0, float("nan")):
            score_on_line(np.array([value]), points(floor=1, target=100), SCALE, direction="higher", logarithmic=True)


def test_an_anchor_without_a_logarithm_leaves_other_places_their_scores() -> None:
    anchors = {"floor": np.array([1.0, 0.0]), "target": np.array([100.0, 100.0])}
    found = score_on_line(np.array([10.0, 10.0]), anchors, SCALE, direction="higher", logarithmic=True)
    assert found.raw[0] == pytest.approx(50)
    assert [[bool(m) for m in mask] for mask, reason in found.reasons if reason == "no_logarithm"] == [[False, True]]


@pytest.mark.parametrize(
    ("anchors", "score"),
    [
        ({"floor": 0.2, "target": 0.9, "stretch": 0.95}, 50),
        ({"floor": 0.95, "target": 0.9, "stretch": 1.0}, "anchors_not_monotone"),
        ({"floor": 0.2, "target": 0.9, "stretch": 0.85}, "anchors_not_monotone"),
        ({"floor": 0.2, "target": 0.9, "stretch": 0.9}, "anchors_not_monotone"),
    ],
)
def test_anchors_may_be_close_and_each_step_between_them_must_go_the_same_way(
    anchors: dict[str, float], score: float | str
) -> None:
    scale = Scale(anchors={"floor": 0, "target": 100, "stretch": 150})
    found = outcome(score_on_line(np.array([0.55]), points(**anchors), scale, direction="higher", logarithmic=False))
    assert found == (score if isinstance(score, str) else pytest.approx(score))


@pytest.mark.parametrize(("value", "score"), [(0.55, 50), (0.925, 125), (0.9, 100), (0.95, 150), (1.0, 200)])
def test_beyond_an_anchor_the_next_line_holds_however_close_they_are(value: float, score: float) -> None:
    scale = Scale(anchors={"floor": 0, "target": 100, "stretch": 150})
    anchors = points(floor=0.2, target=0.9, stretch=0.95)
    found = outcome(score_on_line(np.array([value]), anchors, scale, direction="higher", logarithmic=False))
    assert found == pytest.approx(score)


def test_a_place_without_a_point_between_has_one_line_from_end_to_end() -> None:
    scale = Scale(anchors={"floor": 0, "fair": 50, "target": 100})
    anchors = {"floor": np.zeros(2), "fair": np.array([2.0, np.nan]), "target": np.full(2, 10.0)}
    found = score_on_line(np.full(2, 6.0), anchors, scale, direction="higher", logarithmic=False)
    assert found.raw.tolist() == [75, 60]


@pytest.mark.parametrize("anchors", [{"target": 10}, {"floor": 0}, {"floor": 0, "stretch": 20}])
def test_there_is_no_line_without_a_target_and_another_anchor(anchors: dict[str, float]) -> None:
    scale = Scale(anchors={"floor": 0, "target": 100, "stretch": 150})
    found = score_on_line(np.array([5.0]), points(**anchors), scale, direction="higher", logarithmic=False)
    assert outcome(found) == "no_target"


def test_at_an_anchor_its_score_is_exact() -> None:
    scale = Scale(anchors={"floor": 0.2, "target": 0.9}, lowest=0, highest=3)
    assert 0.2 + (0.9 - 0.2) != 0.9
    anchors = points(floor=20, target=80)
    assert outcome(score_on_line(np.array([80.0]), anchors, scale, direction="higher", logarithmic=False)) == 0.9


def test_a_place_without_an_anchor_has_none_on_a_logarithmic_scale_either() -> None:
    count = 10_000
    stretch = np.where(np.arange(count) % 2, np.nan, 1e4)
    np.full(count, 7.0)  # memory that was used before holds numbers: what is not filled in is not missing by luck
    anchors = {"floor": np.full(count, 1.0), "target": np.full(count, 100.0), "stretch": stretch}
    scale = Scale(anchors={"floor": 0, "target": 100, "stretch": 150})
    value = np.full(count, 1e4)
    found = score_on_line(value, anchors, scale, direction="higher", logarithmic=True)
    assert found.raw == pytest.approx(np.where(np.isnan(stretch), 200, 150))
    assert not any(mask.any() for mask, _ in found.reasons)


@pytest.mark.parametrize(
    ("value", "direction", "score"),
    [(1, "higher", 100), (0, "higher", 0), (1, "lower", 0), (0, "lower", 100), (0.5, "higher", "not_yes_or_no")],
)
def test_yes_earns_the_targets_score_and_no_the_lowest(value: float, direction: str, score: float | str) -> None:
    assert outcome(score_yes_or_no(np.array([float(value)]), SCALE, direction)) == score


@pytest.mark.parametrize(
    ("place", "score"), [(1, 0), (2, 60), (3, 100), (4, "text_not_listed"), (0, "text_not_listed")]
)
def test_a_text_has_the_score_that_is_declared_for_it(place: float, score: float | str) -> None:
    assert outcome(score_texts(np.array([float(place)]), {"poor": 0, "fair": 60, "good": 100})) == score


def test_yes_or_no_needs_no_target(tmp_path: Path) -> None:
    kpis = {"k": {"value": "m", "measured_in": "yes/no"}}
    project = declare(tmp_path, {"m": {"value": "SUM(pieces)"}}, kpis)
    assert project.warnings == ()
    found = figures(project, rows([{"day": date(2024, 1, 3), "pieces": 1}]), "2024-01")
    assert found.score("k", "north", "2024-01")["score"] == 100
    assert found.score("k", "south", "2024-01")["score"] == 0


def scored(
    root: Path, scoring: dict[str, Any], values: dict[str, float], targets: str = "", period: str = "2024-03",
    scorecard: dict[str, Any] | None = None, **kpi: Any,
) -> Figures:  # fmt: skip
    """North's values of some months (2024-03: 7), scored."""
    measures = {"m": {"value": "SUM(hours)", "empty": "missing"}}
    declared = {"k": {"value": "m", "scoring": scoring, **kpi}}
    project = declare(root, measures, declared, targets=targets, scorecard=scorecard)
    frame = rows({"day": date.fromisoformat(f"{month}-05"), "hours": value} for month, value in values.items())
    return figures(project, frame, min(values), period)


STEPS = [
    {"when": "value >= target", "score": 100},
    {"when": "value > previous", "score": 80, "band": "amber"},
    {"when": "value >= last_year * 0.9 AND value < 6", "score": 55},
    {"score": 10},
]


@pytest.mark.parametrize(
    ("values", "score", "band"),
    [
        ({"2024-03": 8.0}, 100, "green"),
        ({"2024-02": 6.0, "2024-03": 7.0}, 80, "amber"),
        ({"2024-02": 7.0, "2024-03": 7.0}, 10, "red"),
        ({"2023-03": 6.0, "2024-03": 5.5}, 55, "red"),
        ({"2024-03": 5.5}, 10, "red"),
    ],
)
def test_the_first_step_that_holds_gives_score_and_band(
    tmp_path: Path, values: dict[str, float], score: float, band: str
) -> None:
    found = scored(tmp_path, {"steps": STEPS}, values, "kpi,anchor,value\nk,target,8\n").score("k", "north", "2024-03")
    assert (found["score"], found["band"], found["target"]) == (score, band, 8)


def test_a_steps_own_band_wins_over_that_of_its_score_and_is_counted(tmp_path: Path) -> None:
    steps = [{"when": "value > 5", "score": 99, "band": "red"}]
    found = scored(tmp_path, {"steps": steps}, {"2024-03": 7.0})
    assert found.score("k", "north", "2024-03")["band"] == "red"
    top = found.score("main", "north", "2024-03", "scorecard")
    assert (top["score"], top["band"], top["bad_count"], top["good_count"]) == (99, "green", 1, 0)


def test_where_no_step_holds_there_is_no_score(tmp_path: Path) -> None:
    found = scored(tmp_path, {"steps": [{"when": "value > 50", "score": 99}]}, {"2024-03": 7.0})
    row = found.score("k", "north", "2024-03")
    assert (row["score"], row["band"], row["missing_reason"]) == (None, None, "no_score")


@pytest.mark.parametrize(
    ("formula", "raw"),
    [
        ("ROUND(value * 9.5)", 67),
        ("TRUNC(-value / 2)", -3), ("FLOOR(-value / 2)", -4), ("GREATEST(previous, 40)", 40),
        ("LEAST(value, previous)", 7), ("COALESCE(previous, 12)", 12), ("numerator / denominator * 10", 70),
        ("CASE WHEN value < floor THEN 0 WHEN value < target THEN 50 ELSE 100 END", 50), ("value * 20", 140),
        ("previous", "no_score"), ("value / (value - value)", "no_score"), ("100 - ABS(value - target)", 99),
    ],
)  # fmt: skip
def test_a_formula_gives_the_score_and_is_clamped_like_any_other(
    tmp_path: Path, formula: str, raw: float | str
) -> None:
    table = "kpi,anchor,value\nk,target,8\nk,floor,6\n"
    row = scored(tmp_path, {"formula": formula}, {"2024-03": 7.0}, table, value="m / 1").score("k", "north", "2024-03")
    if isinstance(raw, str):
        assert (row["score"], row["missing_reason"]) == (None, raw)
    else:
        assert row["raw_score"] == pytest.approx(raw, abs=1e-12)
        assert row["score"] == pytest.approx(min(max(raw, 0), 100), abs=1e-12)


def test_an_unscored_kpi_is_shown_and_counts_nowhere(tmp_path: Path) -> None:
    measures = {"m": {"value": "SUM(hours)"}}
    kpis = {"k": {"value": "m"}, "info": {"value": "m", "scored": False}}
    project = declare(tmp_path, measures, kpis, targets="kpi,anchor,value\nk,floor,0\nk,target,10\n")
    found = figures(project, rows([{"day": date(2024, 3, 1), "hours": 5.0}]), "2024-03")
    row = found.score("info", "north", "2024-03")
    assert (row["score"], row["missing_reason"], row["share"], row["effective_share"]) == (None, "unscored", 0, 0)
    top = found.score("main", "north", "2024-03", "scorecard")
    assert (top["score"], top["coverage"], top["applicable_count"], top["scored_count"]) == (50, 1, 1, 1)


def test_an_objective_of_unscored_kpis_weighs_nothing(tmp_path: Path) -> None:
    objectives = {
        "one": {"name": "1", "perspective": "financial", "kpis": ["k"]},
        "two": {"name": "2", "perspective": "customer", "kpis": ["info"]},
    }
    project = declare(
        tmp_path, {"m": {"value": "SUM(hours)"}}, {"k": {"value": "m"}, "info": {"value": "m", "scored": False}},
        targets="kpi,anchor,value\nk,floor,0\nk,target,10\n",
        strategy={"scorecards": {"main": {"name": "M", "objectives": objectives, "roll_up": {"missing": "strict"}}}},
    )  # fmt: skip
    found = figures(project, rows([{"day": date(2024, 3, 1), "hours": 5.0}]), "2024-03")
    two = found.score("two", "north", "2024-03", "objective")
    assert (two["score"], two["missing_reason"], two["share"]) == (None, "unscored", 0)
    top = found.score("main", "north", "2024-03", "scorecard")
    assert (top["score"], top["coverage"]) == (50, 1)


UNITS = "id,name,level,parent\ncompany,C,company,\n" + "".join(
    f"{unit},U,{level},{parent}\n"
    for unit, level, parent in [
        ("x", "division", "company"), ("y", "division", "company"), ("a", "team", "x"), ("b", "team", "x"),
        ("c", "team", "x"), ("d", "team", "y"), ("e", "team", "y"),
    ]
)  # fmt: skip
TEAM_VALUES = {"a": 10.0, "b": 20.0, "c": 40.0, "d": 30.0}


def ranked(
    root: Path, relative: dict[str, Any], direction: str = "higher", values: dict[str, float] = TEAM_VALUES
) -> list[float | str]:
    """The raw scores of teams a to e, or why they are missing; e has no value."""
    strategy = {
        "scorecards": {
            "main": {
                "name": "M", "units": {"levels": "team"},
                "objectives": {"o": {"name": "O", "perspective": "financial", "kpis": ["k"]}},
            }
        }
    }  # fmt: skip
    kpis = {"k": {"value": "m", "direction": direction, "scoring": {"relative": relative}}}
    measures = {"m": {"value": "SUM(hours)", "empty": "missing"}}
    project = declare(root, measures, kpis, units=UNITS, strategy=strategy)
    frame = rows({"unit": unit, "day": date(2024, 3, 1), "hours": value} for unit, value in values.items())
    found = figures(project, frame, "2024-03")
    lines = [found.score("k", unit, "2024-03") for unit in "abcde"]
    return [line["missing_reason"] or pytest.approx(line["raw_score"], abs=1e-9) for line in lines]


@pytest.mark.parametrize(
    ("relative", "direction", "expected"),
    [
        ({"to": "siblings", "by": "min-max"}, "higher", [0, 100 / 3, 100, "too_few_to_compare", "no_rows"]),
        ({"to": "siblings", "by": "min-max"}, "lower", [100, 200 / 3, 0, "too_few_to_compare", "no_rows"]),
        ({"to": "level", "by": "percentile rank"}, "higher", [0, 100 / 3, 100, 200 / 3, "no_rows"]),
        ({"to": "level", "by": "percentile rank"}, "lower", [100, 200 / 3, 0, 100 / 3, "no_rows"]),
        # Mean 25, population standard deviation the root of 125.
        (
            {"to": "level", "by": "z-score"}, "higher",
            [50 - 150 / 125**0.5, 50 - 50 / 125**0.5, 50 + 150 / 125**0.5, 50 + 50 / 125**0.5, "no_rows"],
        ),
        ({"to": "level", "by": "min-max", "at_least": 5}, "higher", ["too_few_to_compare"] * 4 + ["no_rows"]),
    ],
)  # fmt: skip
def test_a_place_among_peers_is_the_score(
    tmp_path: Path, relative: dict[str, Any], direction: str, expected: list[float | str]
) -> None:
    assert ranked(tmp_path, relative, direction) == expected


@pytest.mark.parametrize("by", ["min-max", "z-score", "percentile rank"])
def test_where_all_are_equal_each_is_in_the_middle(tmp_path: Path, by: str) -> None:
    relative = {"to": "level", "by": by}
    assert ranked(tmp_path, relative, values=dict.fromkeys("abcd", 0.1 + 0.2))[:4] == [50] * 4


PAST = {"2023-12": 99.0, "2024-01": 2.0, "2024-02": 6.0, "2024-03": 4.0}


@pytest.mark.parametrize(
    ("relative", "score"),
    [
        ({"by": "min-max", "months": 3}, 50),
        ({"by": "min-max", "months": 4}, 100 * 2 / 97),
        ({"by": "percentile rank", "months": 3}, 50),
        ({"by": "percentile rank", "months": 4}, 100 / 3),
        ({"by": "z-score", "months": 3}, 50),
        ({"by": "min-max", "months": 24, "at_least": 5}, "too_few_to_compare"),
    ],
)
def test_a_value_is_placed_in_its_own_past(tmp_path: Path, relative: dict[str, Any], score: float | str) -> None:
    row = scored(tmp_path, {"relative": {"to": "history", **relative}}, PAST).score("k", "north", "2024-03")
    assert (row["missing_reason"] or row["score"]) == (score if isinstance(score, str) else pytest.approx(score))


def test_later_months_do_not_change_a_place_in_the_past(tmp_path: Path) -> None:
    relative = {"relative": {"to": "history", "by": "min-max", "months": 3}}
    later = scored(tmp_path, relative, {**PAST, "2024-04": 1000.0}, period="2024-04")
    assert later.score("k", "north", "2024-03")["score"] == 50


POINTS = """
CASE WHEN value >= benchmark THEN 10
     ELSE GREATEST(CASE WHEN value >= threshold THEN ROUND(9 * (value - threshold) / (benchmark - threshold) + 0.5)
                        ELSE 0 END,
                   CASE WHEN value > baseline
                        THEN LEAST(9, ROUND(10 * (value - baseline) / (benchmark - baseline) - 0.5)) ELSE 0 END)
END
"""


@pytest.fixture(scope="module")
def hospitals(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Achievement and improvement points: three measures of care, one of cost, a baseline for every hospital."""
    programme = {"measured_in": "points", "scoring": {"formula": POINTS}, "anchors": {"baseline": "before"}}
    care = {
        f"care_{n}": {
            **programme, "value": "now", "inputs": {
                "now": {"measure": "m", "where": f"reason = 'care_{n}'"},
                "before": {"measure": "m", "where": f"reason = 'care_{n}'", "offset": "1 year"},
            },
        }
        for n in (1, 2, 3)
    }  # fmt: skip
    cost = {"cost": {"value": "m", "where": "reason = 'cost'", "measured_in": "points", "scoring": {"formula": POINTS}}}
    objectives = {
        "outcomes": {
            "name": "Clinical outcomes", "perspective": "outcomes", "kpis": list(care), "roll_up": {"minimum_parts": 2},
        },
        "efficiency": {"name": "Efficiency", "perspective": "efficiency", "kpis": ["cost"]},
    }  # fmt: skip
    card = {
        "name": "Value-based purchasing", "perspectives": {p: {"name": p} for p in objectives},
        "weights": {"outcomes": 3, "efficiency": 1}, "objectives": objectives,
        "units": {"levels": "division"}, "roll_up": {"minimum_parts": 1, "minimum_coverage": "0%"},
    }  # fmt: skip
    general = {"perspective": "0%", "scorecard": "0%"}
    project = declare(
        tmp_path_factory.mktemp("hospitals"), {"m": {"value": "AVG(hours)"}}, {**care, **cost},
        targets="kpi,anchor,value\n" + "".join(f"{k},threshold,0.5\n{k},benchmark,0.9\n" for k in (*care, "cost")),
        scorecard={**VBP, "roll_up": {"minimum_coverage": general}}, strategy={"scorecards": {"vbp": card}},
    )  # fmt: skip
    now, before = date(2024, 12, 1), date(2023, 12, 1)
    values = [
        ("north", now, "care_1", 0.70), ("north", before, "care_1", 0.60),  # 9 × 0.2/0.4 + 0.5 = 5; 3.33 − 0.5 → 3
        ("north", now, "care_2", 0.40), ("north", before, "care_2", 0.10),  # below threshold; 10 × 0.3/0.8 − 0.5 → 3
        ("north", now, "care_3", 0.95), ("north", before, "care_3", 0.90),  # beyond the benchmark: 10
        ("north", now, "cost", 0.62),  # no baseline; 9 × 0.12/0.4 + 0.5 = 3.2 → 3
        ("south", now, "care_1", 0.70),  # a single measure of care: too few for the domain
        ("south", now, "cost", 0.90),
    ]  # fmt: skip
    frame = rows({"unit": unit, "day": day, "reason": reason, "hours": hours} for unit, day, reason, hours in values)
    return figures(project, frame, "2024-12")


@pytest.mark.parametrize(("kpi", "score"), [("care_1", 5), ("care_2", 3), ("care_3", 10), ("cost", 3)])
def test_points_are_the_better_of_achievement_and_improvement(hospitals: Figures, kpi: str, score: float) -> None:
    assert hospitals.score(kpi, "north", "2024-12")["score"] == score


def test_a_domain_is_its_points_over_the_most_that_its_measures_could_earn(hospitals: Figures) -> None:
    assert hospitals.score("outcomes", "north", "2024-12", "objective")["score"] == (5 + 3 + 10) / 3
    assert hospitals.score("vbp", "north", "2024-12", "scorecard")["score"] == (3 * 6 + 3) / 4


def test_a_domain_with_too_few_measures_gives_its_weight_to_the_others(hospitals: Figures) -> None:
    row = hospitals.score("outcomes", "south", "2024-12", "objective")
    assert (row["score"], row["missing_reason"]) == (None, "too_few_parts")
    assert hospitals.score("vbp", "south", "2024-12", "scorecard")["score"] == 10
