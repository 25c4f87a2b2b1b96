"""The roll-up methods as running totals, and one node at several places at once. All figures by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
import pytest

from scorecards.organisation import Organisation, Scale
from transforms.card_scores import CardScores
from transforms.combining import Combining, Totals
from transforms.grid import Grid
from transforms.roll_up import OwnKpi, Part, Rules, combine
from transforms.score_table import COUNTS, score_table

NAN = float("nan")
SCALE = Scale(anchors={"floor": 10, "target": 60}, lowest=10, highest=80)
# Weights ½, 1, ½ of scores 20, 50, 80: means with twice the weights, over 4.
METHODS = {
    "weighted mean": (20 + 2 * 50 + 80) / 4,
    "geometric mean": (20 * 50**2 * 80) ** 0.25,
    "harmonic mean": 4 / (1 / 20 + 2 / 50 + 1 / 80),
    "worst": 20,
    "share on target": 10 + 50 / 4,
}
WEIGHTS, SCORES = np.array([0.5, 1.0, 0.5]), np.array([20.0, 50.0, 80.0])


def one_by_one(combining: Combining, weights: Any, scores: Any) -> float:
    """The score of a node, its parts put together one after the other."""
    parts = [combining.totals(np.array([w]), np.array([s])) for w, s in zip(weights, scores, strict=True)]
    return float(combining.score(reduce(combining.together, parts))[0])


@pytest.mark.parametrize("method", METHODS)
def test_a_method_gives_the_same_whichever_way_its_parts_come_together(method: str) -> None:
    combining, expected = Combining.on(method, SCALE), pytest.approx(METHODS[method], rel=1e-12)
    totals = combining.totals(WEIGHTS, SCORES)
    assert one_by_one(combining, WEIGHTS, SCORES) == expected
    assert combining.score(combining.running(totals))[-1] == expected
    assert combining.score(combining.grouped(totals, np.array([0]))).tolist() == [expected]
    assert combining.totals(WEIGHTS, SCORES).weight.tolist() == [0.5, 1, 0.5]


@pytest.mark.parametrize("method", METHODS)
def test_a_part_of_no_weight_is_not_there_whatever_its_score(method: str) -> None:
    combining = Combining.on(method, SCALE)
    for absent in (NAN, 0.0, -7.0, 1e9):
        found = one_by_one(combining, [0.5, 0, 1, 0.5], [20, absent, 50, 80])
        assert found == pytest.approx(METHODS[method], rel=1e-12)
        mixed = combining.totals(np.array([0.5, 0, 1, 0.5]), np.array([20, absent, 50, 80]))
        assert combining.score(combining.grouped(mixed, np.array([0])))[0] == pytest.approx(METHODS[method], rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_node_without_any_part_has_no_score_and_its_neighbours_keep_theirs(method: str) -> None:
    combining = Combining.on(method, SCALE)
    weight, score = np.array([[0.5, 0.0], [1.0, 0.0], [0.5, 0.0]]), np.array([[20, 1], [50, NAN], [80, 3]])
    found = combining.score(combining.grouped(combining.totals(weight, score), np.array([0])))
    assert found[0].tolist() == [pytest.approx(METHODS[method], rel=1e-12), pytest.approx(NAN, nan_ok=True)]


@pytest.mark.parametrize("method", ["geometric mean", "harmonic mean"])
@pytest.mark.parametrize("low", [0.0, -4.0])
def test_a_score_of_zero_or_less_makes_these_means_zero(method: str, low: float) -> None:
    assert one_by_one(Combining.on(method, SCALE), [1, 1], [low, 80]) == 0


def test_below_zero_the_weighted_mean_and_the_worst_go_on() -> None:
    assert one_by_one(Combining.on("weighted mean", SCALE), [1, 3], [-20, 80]) == 55
    assert one_by_one(Combining.on("worst", SCALE), [1, 3], [-20, 80]) == -20


def test_a_score_is_on_target_from_a_billionth_below_it() -> None:
    combining = Combining.on("share on target", SCALE)
    assert [one_by_one(combining, [1], [score]) for score in (60, 60 - 9e-10, 60 - 2e-9, 75)] == [60, 60, 10, 60]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("weighted mean", [[NAN, 50, 40, 40], [NAN, NAN, 80, 140 / 3]]),
        ("worst", [[NAN, 50, 20, 20], [NAN, NAN, 80, 30]]),
        ("share on target", [[NAN, 10, 10, 10], [NAN, NAN, 60, 10 + 50 / 3]]),
    ],
)
def test_running_totals_hold_the_parts_so_far_for_every_node_beginning_with_none(
    method: str, expected: list[list[float]]
) -> None:
    weight, score = np.array([[2.0, 1, 1], [0, 1, 2]]), np.array([[50.0, 20, 40], [1, 80, 30]])
    combining = Combining.on(method, SCALE)
    running = combining.running(combining.totals(weight, score))
    assert combining.score(running) == pytest.approx(np.array(expected), rel=1e-12, nan_ok=True)
    assert running.weight.tolist() == [[0, 2, 3, 4], [0, 0, 1, 3]]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("weighted mean", [[35, 45], [40, 80]]),
        ("worst", [[20, 10], [40, 80]]),
        ("share on target", [[10, 35], [10, 60]]),
    ],
)
def test_groups_are_runs_of_rows_column_by_column(method: str, expected: list[list[float]]) -> None:
    combining = Combining.on(method, SCALE)
    totals = combining.totals(np.ones((3, 2)), np.array([[50.0, 80], [20, 10], [40, 80]]))
    found = combining.grouped(totals, np.array([0, 2]))
    assert found.weight.tolist() == [[2, 2], [1, 1]]
    assert combining.score(found).tolist() == expected


def test_the_least_score_of_two_sets_is_kept_and_their_weights_add_up() -> None:
    worst = Combining.on("worst", SCALE)
    found = worst.together(Totals(np.array([1.0]), np.array([30.0])), Totals(np.array([2.0]), np.array([70.0])))
    assert (found.weight[0], found.sum[0]) == (3, 30)


# Places of a node: 0 both parts scored, 1 only a, 2 neither, 3 b applies but is never scored, 4 nothing stands here.
A = {"score": [20.0, 20.0, NAN, 40.0, NAN], "raw": [20.0, -10.0, NAN, 40.0, NAN], "counts": [1, 1, 1, 1, 0]}
B = {"score": [60.0, NAN, NAN, NAN, NAN], "raw": [90.0, NAN, NAN, NAN, NAN], "counts": [1, 1, 1, 0, 0]}
TALLIES = ("bad_count", "scored_count")


def part(name: str, weight: float, columns: dict[str, list[Any]], kind: str = "leading") -> Part:
    """A KPI over five places; it stands on the scorecard at the first four."""
    score = np.array(columns["score"], float)
    there = ~np.isnan(score)
    zero = np.zeros(5)
    sums = {"leading": (zero, zero), "lagging": (zero, zero)} | {kind: (np.where(there, score, 0), there.astype(float))}
    return Part(
        ("kpi", name), np.full(5, weight), np.array([1, 1, 1, 1, 0], bool), np.array(columns["counts"], bool), score,
        np.array(columns["raw"], float), np.array(columns.get("coverage", there), float), np.full(5, -1), (),
        {"bad_count": (score < 30).astype(np.int32), "scored_count": there.astype(np.int32)}, sums,
    )  # fmt: skip


def combined(own_kpi: OwnKpi | None = None, a: dict[str, Any] = A, b: dict[str, Any] = B, **rules: Any) -> Part:
    """The node over a (weight 1.5) and b (weight 0.5)."""
    declared: dict[str, Any] = {
        "method": "weighted mean", "missing": "renormalise", "minimum_coverage": 0.0, "minimum_parts": 1,
    }  # fmt: skip
    parts = [part("a", 1.5, a), part("b", 0.5, b, "lagging")]
    return combine(("objective", "o"), np.full(5, 7.0), Rules(**{**declared, **rules}), parts, own_kpi, SCALE)


def reasons(found: Part) -> list[str | None]:
    """The first reason of each place."""
    return [next((reason for mask, reason in found.reasons if mask[place]), None) for place in range(5)]


def near(*numbers: float) -> Any:
    return pytest.approx(np.array(numbers, float), rel=1e-12, nan_ok=True)


def test_a_node_combines_what_is_there_at_each_of_its_places() -> None:
    found = combined()
    assert found.key == ("objective", "o")
    assert found.weight.tolist() == [7] * 5
    assert found.applies.tolist() == [True, True, True, True, False]
    assert found.counts.tolist() == [True, True, True, True, False]
    assert found.score == near(30, 20, NAN, 40, NAN)
    assert found.raw == near(37.5, -10, NAN, 40, NAN)
    assert found.coverage == near(1, 0.75, 0, 1, 0)
    assert reasons(found) == [None, None, "nothing_scored", None, "unscored"]
    assert found.band.tolist() == [-1] * 5
    assert {name: tally.tolist() for name, tally in found.tallies.items()} == {
        "bad_count": [1, 1, 0, 0, 0], "scored_count": [2, 1, 0, 1, 0],
    }  # fmt: skip
    assert list(found.renormalised) == [("kpi", "a"), ("kpi", "b")]
    assert found.renormalised["kpi", "a"] == near(0.75, 1, 0, 1, 0)
    assert found.renormalised["kpi", "b"] == near(0.25, 0, 0, 0, 0)


def test_leading_and_lagging_sums_weigh_what_the_parts_really_weigh() -> None:
    found = combined().sums
    assert list(found) == ["leading", "lagging"]
    assert found["leading"][0] == near(15, 20, 0, 40, 0)
    assert found["leading"][1] == near(0.75, 1, 0, 1, 0)
    assert found["lagging"][0] == near(15, 0, 0, 0, 0)
    assert found["lagging"][1] == near(0.25, 0, 0, 0, 0)


def test_a_node_over_nodes_carries_their_coverage_and_their_shares_on() -> None:
    half = {**A, "coverage": [0.5, 0.25, 0, 1, 0]}
    found = combined(a=half)
    assert found.coverage == near(0.625, 0.1875, 0, 1, 0)
    assert combined(a=half, minimum_coverage=0.625).score == near(30, NAN, NAN, 40, NAN)
    above = combine(("scorecard", "s"), np.ones(5), Rules("worst", "renormalise", 0.0, 1), [found], None, SCALE)
    assert above.coverage == near(0.625, 0.1875, 0, 1, 0)
    assert above.sums["leading"][0] == near(15, 20, 0, 40, 0)
    assert above.renormalised["objective", "o"] == near(1, 1, 0, 1, 0)


def test_weights_of_less_than_one_weigh_like_any_other() -> None:
    parts = [part("a", 0.3, A), part("b", 0.1, B, "lagging")]
    found = combine(("objective", "o"), np.ones(5), Rules("weighted mean", "renormalise", 0.0, 1), parts, None, SCALE)
    assert found.score == near(30, 20, NAN, 40, NAN)
    assert found.coverage == near(1, 0.75, 0, 1, 0)
    assert found.renormalised["kpi", "a"] == near(0.75, 1, 0, 1, 0)


def test_a_node_takes_the_numbers_of_its_bands_and_stays_as_it_is() -> None:
    found, bands = combined(), np.array([2, 1, -1, 0, -1])
    assert found.in_band(bands).band.tolist() == bands.tolist()
    assert found.in_band(bands).score is found.score


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"missing": "strict"}, [None, "part_missing", "nothing_scored", None, "unscored"]),
        ({"minimum_parts": 2}, [None, "too_few_parts", "nothing_scored", "too_few_parts", "unscored"]),
        ({"minimum_coverage": 0.75}, [None, None, "nothing_scored", None, "unscored"]),
        (
            {"minimum_coverage": 0.75 + 1e-9},
            [None, "coverage_below_minimum", "nothing_scored", None, "unscored"],
        ),
        ({"minimum_coverage": 0.75 + 5e-13}, [None, None, "nothing_scored", None, "unscored"]),
        (
            {"missing": "strict", "minimum_parts": 2, "minimum_coverage": 1.0},
            [None, "part_missing", "nothing_scored", "too_few_parts", "unscored"],
        ),
    ],
)
def test_a_node_is_missing_for_the_first_reason_that_holds(rules: dict[str, Any], expected: list[str | None]) -> None:
    found = combined(**rules)
    assert reasons(found) == expected
    assert [bool(np.isnan(score)) for score in found.score] == [reason is not None for reason in expected]
    assert [bool(np.isnan(score)) for score in found.raw] == [reason is not None for reason in expected]


def test_every_method_reaches_the_node() -> None:
    assert combined(method="worst").score == near(20, 20, NAN, 40, NAN)
    assert combined(method="worst").raw == near(20, -10, NAN, 40, NAN)
    assert combined(method="geometric mean").score[0] == pytest.approx((20**3 * 60) ** 0.25)
    assert combined(method="harmonic mean").raw[0] == pytest.approx(4 / (3 / 20 + 1 / 90))
    assert combined(method="share on target").score == near(10 + 50 / 4, 10, NAN, 10, NAN)


def test_a_self_standing_node_is_its_own_kpi_with_the_coverage_of_its_parts() -> None:
    sums = {"leading": (np.full(5, 3.0), np.full(5, 0.1)), "lagging": (np.zeros(5), np.zeros(5))}
    score = np.array([70.0, NAN, 50, NAN, 30])
    found = combined(OwnKpi(("kpi", "own"), score, score + 1, sums), method="self-standing", missing="strict")
    assert found.score == near(70, NAN, 50, NAN, NAN)
    assert found.raw == near(71, NAN, 51, NAN, NAN)
    assert reasons(found) == [None, "own_kpi_missing", None, "own_kpi_missing", "unscored"]
    assert found.coverage == near(1, 0.75, 0, 1, 0)
    assert {key: share.tolist() for key, share in found.renormalised.items()} == {("kpi", "own"): [1, 0, 1, 0, 1]}
    assert found.sums is sums
    assert found.tallies["scored_count"].tolist() == [2, 1, 0, 1, 0]


def test_thousands_of_places_are_laid_out_place_by_place() -> None:
    units = tuple(f"u{number:04}" for number in range(5000))
    grid = Grid(date(2024, 1, 1), date(2024, 2, 1), units)
    cells = np.arange(10_000)
    figures = {name: np.tile(column, 2000) for name, column in (("score", cells[:5] / 7), ("raw", cells[:5] / 9))}
    one = combined()
    many = replace(
        one, key=("scorecard", "s"), **{name: np.arange(10_000) + column for name, column in figures.items()},
        weight=np.ones(10_000), coverage=np.ones(10_000), band=np.arange(10_000) % 2, reasons=(), renormalised={},
        applies=np.ones(10_000, bool), counts=np.ones(10_000, bool),
        tallies=dict.fromkeys(COUNTS, np.zeros(10_000, np.int32)),
        sums={kind: (np.ones(10_000), np.ones(10_000)) for kind in ("leading", "lagging")},
    )  # fmt: skip
    below = replace(many, key=("perspective", "p"), score=-many.score)
    parts = {below.key: below, many.key: many}
    bands = Organisation(organisation="T", first_period="2024-01").bands  # type: ignore[arg-type]
    found = score_table(CardScores("s", cells, parts, {below.key: many.key, many.key: None}, {}), grid, bands)
    assert found["score"].to_numpy()[1::2].tolist() == many.score.tolist()
    assert found["score"].to_numpy()[::2].tolist() == below.score.tolist()
    assert found["raw_score"].to_numpy()[1::2].tolist() == many.raw.tolist()
    assert found["band"].to_list()[:6] == ["red", "red", "amber", "amber", "red", "red"]
    assert found["unit"].to_list()[9_998:10_002] == ["u4999", "u4999", "u0000", "u0000"]
    assert found["period"].to_list()[9_999:10_001] == [date(2024, 1, 1), date(2024, 2, 1)]
