"""transforms.balance: figures worked out by hand, and findings at and beyond their limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from scorecards.organisation import Organisation
from scorecards.roll_up import Balance
from transforms.aggregation import SCORES
from transforms.balance import balance, findings
from transforms.nodes import NODES

ORGANISATION = Organisation(organisation="Test", first_period=date(2024, 1, 1).strftime("%Y-%m"))  # type: ignore[arg-type]
WHERE = {"scorecard": "card", "period": date(2024, 3, 1), "unit": "u"}


def band(score: float | None) -> str | None:
    return None if score is None else "red" if score < 70 else "amber" if score < 95 else "green"


def card(
    pages: Mapping[str, tuple[float | None, float]], parts: Mapping[str, tuple[str, str, float]] | None = None
) -> pl.DataFrame:
    """Scores of perspectives (score, weight), the scorecard as their mean, and parts below (level, parent, score)."""
    there = [(score, weight) for score, weight in pages.values() if score is not None]
    overall = sum(s * w for s, w in there) / sum(w for _, w in there)
    total = sum(weight for _, weight in pages.values())
    rows: list[dict[str, Any]] = [{"level": "scorecard", "node": "card", "parent": "", "score": overall, "weight": 1.0}]
    rows += [
        {"level": "perspective", "node": name, "parent": "card", "score": score, "weight": weight / total}
        for name, (score, weight) in pages.items()
    ]
    rows += [
        {"level": level, "node": name, "parent": parent, "score": score, "weight": 1.0}
        for name, (level, parent, score) in (parts or {}).items()
    ]
    return pl.DataFrame([{**WHERE, **row, "band": band(row["score"])} for row in rows], schema=SCORES)


def tree(method: str = "weighted mean") -> pl.DataFrame:
    rows = [
        {"level": "scorecard", "node": "card", "depth": 0, "method": method},
        {"level": "objective", "node": "o", "parent": "a", "parent_level": "perspective", "depth": 2},
        {"level": "objective", "node": "deep", "parent": "o", "parent_level": "objective", "depth": 3},
    ]
    return pl.DataFrame([{"scorecard": "card", "method": "weighted mean", **row} for row in rows], schema=NODES)


def found(scores: pl.DataFrame, method: str = "weighted mean") -> list[tuple[str, str, str | None]]:
    return findings(scores, tree(method), ORGANISATION).select("finding", "perspective", "node").rows()


def test_means_spread_and_weights_are_those_of_the_perspectives() -> None:
    (row,) = balance(card({"a": (90, 1), "b": (40, 2), "c": (100, 1)})).to_dicts()
    assert row["arithmetic"] == pytest.approx(67.5)
    assert row["geometric"] == pytest.approx((90 * 40**2 * 100) ** 0.25)
    assert row["shortfall"] == pytest.approx(67.5 - (90 * 40**2 * 100) ** 0.25)
    assert (row["spread"], row["best"], row["worst"]) == (60, "c", "b")
    assert (row["heaviest"], row["heaviest_share"], row["perspectives"]) == ("b", 0.5, 3)


def test_a_perspective_without_a_score_leaves_its_weight_to_the_others() -> None:
    (row,) = balance(card({"a": (90, 1), "b": (None, 2), "c": (60, 1)})).to_dicts()
    assert (row["arithmetic"], row["heaviest_share"], row["perspectives"]) == (75, 0.5, 2)


def test_one_perspective_at_zero_makes_the_geometric_mean_zero() -> None:
    (row,) = balance(card({"a": (0, 1), "b": (100, 1)})).to_dicts()
    assert (row["geometric"], row["shortfall"]) == (0, 50)


def test_equal_perspectives_lose_nothing() -> None:
    (row,) = balance(card({"a": (80, 1), "b": (80, 3)})).to_dicts()
    assert row["geometric"] == pytest.approx(80)
    assert math.isclose(row["shortfall"], 0, abs_tol=1e-9)
    assert (row["best"], row["worst"], row["spread"]) == ("a", "a", 0)


def test_a_negative_score_has_no_geometric_mean_and_one_perspective_no_balance() -> None:
    assert balance(card({"a": (-5, 1), "b": (80, 1)}))["geometric"].to_list() == [None]
    (row,) = balance(card({"a": (80, 1)})).to_dicts()
    assert (row["spread"], row["shortfall"], row["best"], row["heaviest_share"]) == (None, None, None, 1)


def test_limits_themselves_are_still_in_balance() -> None:
    assert found(card({"a": (100, 2), "b": (60 + 1e-12, 1), "c": (80, 1)})) == []
    heavy = [("heavy_perspective", "a", None)]
    assert found(card({"a": (96, 2.1), "b": (80, 1), "c": (80, 1)})) == heavy
    assert found(card({"a": (99, 1), "b": (71, 1), "c": (111.5, 1)})) == [("far_apart", "b", "c")]


def test_other_limits_are_declared() -> None:
    strict = ORGANISATION.model_copy(update={"balance": Balance(most_weight=0.2, most_spread=5)})
    assert set(findings(card({"a": (90, 1), "b": (80, 1)}), tree(), strict)["finding"]) == {
        "heavy_perspective", "far_apart"
    }  # fmt: skip


def test_a_best_perspective_hides_a_red_one_only_where_the_band_hangs_on_it() -> None:
    assert ("hides_red", "c", "b") in found(card({"a": (75, 1), "b": (60, 1), "c": (90, 1)}))
    # Without the best, 80 and 69 are near target still.
    assert found(card({"a": (80, 1), "b": (69, 1), "c": (90, 1)})) == []
    # Where the whole is red, nothing is hidden.
    assert found(card({"a": (60, 1), "b": (60, 1), "c": (80, 1)})) == []


def test_what_hides_is_judged_by_the_scorecards_own_roll_up() -> None:
    pages = card({"a": (120, 1), "b": (60, 1), "c": (120.5, 1)})
    assert ("hides_red", "c", "b") in found(pages)
    # Under "worst" the score is that of the worst, with the best or without it; as SCORES would have it, it is red.
    of_worst = pages.with_columns(
        pl.when(pl.col("level") == "scorecard").then(60.0).otherwise("score").alias("score"),
        pl.when(pl.col("level") == "scorecard").then(pl.lit("red")).otherwise("band").alias("band"),
    )
    assert [finding for finding, _, _ in found(of_worst, "worst")] == ["far_apart"]


def test_a_good_perspective_tells_of_its_red_parts_at_any_depth() -> None:
    parts = {
        "o": ("objective", "a", 96.0), "deep": ("objective", "o", 50.0),
        "k": ("kpi", "deep", 40.0), "fine": ("kpi", "o", 99.0),
    }  # fmt: skip
    scores = card({"a": (96, 1), "b": (96, 1)}, parts)
    assert found(scores) == [("holds_red", "a", "k"), ("holds_red", "a", "deep")]
    assert found(card({"a": (94, 1), "b": (96, 1)}, parts)) == []
