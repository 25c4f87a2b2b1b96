"""transforms.sensitivity: ranges held against a plain recomputation, and the same in every run."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from scorecards.organisation import Organisation
from scorecards.roll_up import Sensitivity
from transforms.aggregation import SCORES
from transforms.nodes import NODES
from transforms.sensitivity import certainty, factors

PERIOD = date(2024, 3, 1)
# What NumPy's PCG64 gives for the seed 1 and this node; NumPy keeps the streams of its bit generators.
FIRST = [1.0540615287719917, 0.8579073056233922, 0.8122297097423461]
METHODS = ["weighted mean", "geometric mean", "harmonic mean", "worst", "share on target"]
# Perspective p: objective o of the KPIs a (weight 3) and b (1), and objective q of the KPI c. Perspective r: KPI d.
PARENTS = {"o": ("p", 0.6), "q": ("p", 0.4), "s": ("r", 1.0)}
KPIS = {"a": ("o", 0.75), "b": ("o", 0.25), "c": ("q", 1.0), "d": ("s", 1.0)}


def organisation(**declared: Any) -> Organisation:
    return Organisation(organisation="T", first_period="2024-01", sensitivity=Sensitivity(**declared))  # type: ignore[arg-type]


def mean(method: str, weights: list[Any], scores: list[Any]) -> Any:
    there = [(w, s) for w, s in zip(weights, scores, strict=True) if s is not None]
    total = sum(w for w, _ in there)
    if not there:
        return None
    if method == "worst":
        return np.minimum.reduce([s + 0 * w for w, s in there])
    if method == "geometric mean":
        return np.exp(sum(w * np.log(s) for w, s in there) / total)
    if method == "harmonic mean":
        return total / sum(w / s for w, s in there)
    if method == "share on target":
        return 100 * sum(w * (s >= 100 - 1e-9) for w, s in there) / total
    return sum(w * s for w, s in there) / total


def scored(method: str, kpis: dict[str, float | None], factor: Any = lambda level, node: 1.0) -> dict[str, Any]:
    """The scores of all nodes, their declared weights multiplied by factors."""
    found: dict[str, Any] = dict(kpis)
    for name in PARENTS:
        own = [k for k, (parent, _) in KPIS.items() if parent == name]
        found[name] = mean(method, [KPIS[k][1] * factor("kpi", k) for k in own], [found[k] for k in own])
    for name in ("p", "r"):
        own = [o for o, (parent, _) in PARENTS.items() if parent == name]
        found[name] = mean(method, [PARENTS[o][1] * factor("objective", o) for o in own], [found[o] for o in own])
    pages = ("p", "r")
    found["card"] = mean(method, [0.5 * factor("perspective", p) for p in pages], [found[p] for p in pages])
    return found


def frame(method: str, units: dict[str, dict[str, float | None]]) -> pl.DataFrame:
    rows = []
    for unit, kpis in units.items():
        found = scored(method, kpis)
        places = {"card": ("scorecard", "", 1.0), "p": ("perspective", "card", 0.5), "r": ("perspective", "card", 0.5)}
        places |= {name: ("objective", parent, weight) for name, (parent, weight) in PARENTS.items()}
        places |= {name: ("kpi", parent, weight) for name, (parent, weight) in KPIS.items()}
        rows += [
            {"scorecard": "card", "period": PERIOD, "unit": unit, "level": level, "node": node, "parent": parent,
             "score": found[node], "weight": weight}
            for node, (level, parent, weight) in places.items()
        ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCORES)


def nodes(method: str) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [{"level": "scorecard", "node": "card", "depth": 0}]
    rows += [
        {"level": "perspective", "node": p, "parent": "card", "parent_level": "scorecard", "depth": 1} for p in "pr"
    ]
    rows += [
        {"level": "objective", "node": o, "parent": parent, "parent_level": "perspective", "depth": 2}
        for o, (parent, _) in PARENTS.items()
    ]
    return pl.DataFrame([{"scorecard": "card", "method": method, **row} for row in rows], schema=NODES)


def levels(*units: str, level: str = "team") -> pl.DataFrame:
    return pl.DataFrame({"period": PERIOD, "unit": list(units), "unit_level": level})


UNITS: dict[str, dict[str, float | None]] = {
    "u": {"a": 40.0, "b": 110.0, "c": 80.0, "d": 100.0},
    "v": {"a": 75.0, "b": None, "c": 90.0, "d": 70.0},
    "w": {"a": 20.0, "b": 30.0, "c": 40.0, "d": None},
}


def row(found: pl.DataFrame, unit: str, node: str) -> dict[str, Any]:
    return found.filter(pl.col("unit") == unit, pl.col("node") == node).to_dicts()[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_range_holds_nine_of_ten_scores_recomputed_one_by_one(method: str) -> None:
    declared = organisation(draws=100, seed=7)
    names = [f"card/{level}/{node}" for level, own in (("kpi", KPIS), ("objective", PARENTS)) for node in own]
    drawn = factors([*names, "card/perspective/p", "card/perspective/r"], declared.sensitivity)
    found = certainty(frame(method, UNITS), nodes(method), levels(*UNITS), declared)
    for unit, kpis in UNITS.items():
        plain, varied = scored(method, kpis), scored(method, kpis, lambda level, node: drawn[f"card/{level}/{node}"])
        for node in ("card", "p", "r", "o", "q"):
            if plain[node] is None:
                assert found.filter(pl.col("unit") == unit, pl.col("node") == node).is_empty()
                continue
            tried = np.sort(np.broadcast_to(varied[node], 100))
            ours = row(found, unit, node)
            assert ours["score"] == pytest.approx(plain[node])
            assert ours["low"] == pytest.approx(min(tried[4], plain[node]), abs=1e-8)
            assert ours["high"] == pytest.approx(max(tried[94], plain[node]), abs=1e-8)
            starts = (70 - 1e-9, 95 - 1e-9)
            bands = [sum(score >= start for start in starts) for score in (plain[node], *tried)]
            assert ours["band_chance"] == pytest.approx(np.mean([one != bands[0] for one in bands[1:]]))


def test_ranks_and_their_chances_are_those_of_the_draws() -> None:
    close: dict[str, dict[str, float | None]] = {
        "x": {"a": 90.0, "b": 90.0, "c": 90.0, "d": 70.0},
        "y": {"a": 70.0, "b": 70.0, "c": 70.0, "d": 90.2},
        "z": {"a": 10.0, "b": 10.0, "c": 10.0, "d": 10.0},
    }
    declared = organisation(draws=200)
    drawn = factors(["card/perspective/p", "card/perspective/r"], declared.sensitivity)
    p, r = drawn["card/perspective/p"], drawn["card/perspective/r"]
    found = certainty(frame("weighted mean", close), nodes("weighted mean"), levels(*close), declared)
    first = (90 * p + 70 * r) / (p + r) > (70 * p + 90.2 * r) / (p + r)
    x, y, z = (row(found, unit, "card") for unit in close)
    assert [one["rank"] for one in (y, x, z)] == [1, 2, 3]
    assert x["rank_chance"] == y["rank_chance"] == pytest.approx(np.mean(first))
    assert 0.3 < x["rank_chance"] < 0.7
    assert (x["rank_low"], x["rank_high"]) == (y["rank_low"], y["rank_high"]) == (1, 2)
    assert (z["rank_low"], z["rank_high"], z["rank_chance"], z["ranked"]) == (3, 3, 0, 3)


def test_equal_scores_share_a_rank_and_a_unit_alone_on_its_level_has_none() -> None:
    same = {"x": UNITS["u"], "y": UNITS["u"], "z": UNITS["w"], "top": UNITS["u"]}
    found = certainty(
        frame("weighted mean", same), nodes("weighted mean"),
        pl.concat([levels("x", "y", "z"), levels("top", level="company")]), organisation(),
    )  # fmt: skip
    assert [row(found, unit, "card")["rank"] for unit in same] == [1, 1, 3, None]
    assert [row(found, unit, "card")["rank_chance"] for unit in same] == [0, 0, 0, None]


def test_neither_the_order_of_rows_nor_other_units_change_a_range() -> None:
    scores, declared = frame("geometric mean", UNITS), organisation()
    together = certainty(scores, nodes("geometric mean"), levels(*UNITS), declared)
    turned = certainty(scores.reverse(), nodes("geometric mean").reverse(), levels(*UNITS).reverse(), declared)
    assert together.equals(turned)
    alone = certainty(scores.filter(pl.col("unit") == "u"), nodes("geometric mean"), levels("u"), declared)
    columns = ["node", "low", "high", "band_chance"]
    assert alone.select(columns).equals(together.filter(pl.col("unit") == "u").select(columns))


def test_factors_are_these_on_every_machine_and_keep_within_what_is_declared() -> None:
    drawn = factors(["card/kpi/a", "card/kpi/b"], Sensitivity(weights=0.25, draws=1000, seed=1))
    assert drawn["card/kpi/a"][:3].tolist() == FIRST
    assert drawn["card/kpi/a"].min() >= 0.75
    assert drawn["card/kpi/a"].max() <= 1.25
    assert abs(np.corrcoef(drawn["card/kpi/a"], drawn["card/kpi/b"])[0, 1]) < 0.1
    other = factors(["card/kpi/a"], Sensitivity(weights=0.25, draws=1000, seed=2))
    assert other["card/kpi/a"][:3].tolist() != FIRST


def test_without_doubt_about_weights_every_score_is_certain() -> None:
    found = certainty(frame("weighted mean", UNITS), nodes("weighted mean"), levels(*UNITS), organisation(weights=0))
    assert (found["high"] - found["low"]).max() == pytest.approx(0, abs=1e-8)
    assert set(found["band_chance"]) == {0.0}


def test_a_self_standing_node_does_not_move_with_weights() -> None:
    tree = nodes("weighted mean").with_columns(
        pl.when(pl.col("node") == "p").then(pl.lit("self-standing")).otherwise("method").alias("method")
    )
    scores = frame("weighted mean", {"u": UNITS["u"]}).with_columns(
        pl.when(pl.col("node") == "p").then(40.0).otherwise("score").alias("score")
    )
    found = row(certainty(scores, tree, levels("u"), organisation()), "u", "p")
    assert (found["low"], found["high"]) == (40, 40)
