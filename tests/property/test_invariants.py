"""What must hold for every organisation: order, splits, later months, monotone scores, sums of parts."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from scorecards.organisation import Scale
from scorecards.project import Project
from scorecards.scoring import Relative
from tests.declared import declare, figures, rows
from transforms.grid import Floats
from transforms.roll_up import Part, Rules, combine
from transforms.scored import Operands, Peers
from transforms.scoring_lines import score_on_line
from transforms.scoring_relative import score_relative

UNITS = """\
id,name,level,parent
company,C,company,
north,N,division,company
south,S,division,company
east,E,team,north
west,W,team,north
"""
MEASURES = {
    "total": {"value": "SUM(amount)"},
    "hours": {"value": "SUM(hours)"},
    "mean": {"value": "AVG(amount)"},
    "people": {"value": "COUNT(DISTINCT reason)"},
    "middle": {"value": "MEDIAN(hours)"},
    # Units of random rows come and go; by default a unit that once had rows and has none is late, and so is the sum.
    "stock": {"value": "SUM(pieces)", "over_time": "average", "late": "left out"},
}
KPIS = {
    "total_kpi": {"value": "total"},
    "hours_kpi": {"value": "hours", "window": "trailing 3 months", "min_months": 1},
    "mean_kpi": {"value": "mean"},
    "people_kpi": {"value": "people", "window": "year to date"},
    "middle_kpi": {"value": "middle"},
    "ratio_kpi": {"value": "total / people", "window": "quarter to date"},
    "stock_kpi": {"value": "stock", "window": "quarter to date", "min_months": 1},
}
TARGETS = "kpi,anchor,value\n" + "".join(f"{kpi},floor,-900\n{kpi},target,900\n" for kpi in KPIS)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "unit": st.sampled_from(["east", "west", "south", "company"]),
            "day": st.tuples(st.integers(1, 6), st.integers(1, 28)).map(lambda at: date(2024, *at)),
            "amount": st.integers(-500, 500),
            "hours": st.floats(-1e6, 1e6),
            "pieces": st.integers(-9, 9),
            "reason": st.sampled_from("abcd"),
        }
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    objectives = {
        f"o{n}": {"name": "O", "perspective": perspective, "weight": n + 1, "kpis": {kpi: {"weight": n + 2}}}
        for n, (kpi, perspective) in enumerate(
            zip(KPIS, ["financial", "customer", "financial", "internal_process"] * 2, strict=False)
        )
    }
    strategy = {"scorecards": {"main": {"name": "M", "weights": {}, "objectives": objectives}}}
    return declare(tmp_path_factory.mktemp("project"), MEASURES, KPIS, units=UNITS, targets=TARGETS, strategy=strategy)


@settings(max_examples=15, deadline=None)
@given(records=RECORDS, data=st.data())
def test_the_order_of_rows_changes_no_bit(project: Project, records: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(records))
    ours, theirs = (figures(project, rows(chosen), "2024-04", "2024-06") for chosen in (records, shuffled))
    assert_frame_equal(ours.values, theirs.values, check_exact=True)
    assert_frame_equal(ours.scores, theirs.scores, check_exact=True)


@settings(max_examples=15, deadline=None)
@given(records=RECORDS)
def test_splitting_a_unit_in_two_leaves_those_above_equal(project: Project, records: list[dict[str, Any]]) -> None:
    whole = [{**record, "unit": "west" if record["unit"] == "east" else record["unit"]} for record in records]
    above = pl.col("unit").is_in(["company", "north"])
    split, merged = (
        figures(project, rows(chosen), "2024-04", "2024-06").values.filter(above) for chosen in (records, whole)
    )
    exact = pl.col("kpi") != "hours_kpi"
    assert_frame_equal(split.filter(exact), merged.filter(exact), check_exact=True)
    assert_frame_equal(split.filter(~exact), merged.filter(~exact), rel_tol=1e-9, abs_tol=1e-6)


@settings(max_examples=15, deadline=None)
@given(records=RECORDS, later=RECORDS)
def test_adding_later_months_changes_nothing_earlier(
    project: Project, records: list[dict[str, Any]], later: list[dict[str, Any]]
) -> None:
    early = [record for record in records if record["day"].month <= 4]
    moved = [{**record, "day": record["day"].replace(year=2025)} for record in later]
    alone, after = (figures(project, rows(chosen), "2024-04") for chosen in (early, [*early, *moved]))
    assert_frame_equal(alone.scores, after.scores, check_exact=True)
    together = figures(project, rows([*early, *moved]), "2024-04", "2024-07")
    assert_frame_equal(alone.scores, together.scores.filter(pl.col("period") == date(2024, 4, 1)), check_exact=True)


@settings(max_examples=15, deadline=None)
@given(records=RECORDS)
def test_effective_shares_sum_to_one_and_weigh_the_scores_to_the_whole(
    project: Project, records: list[dict[str, Any]]
) -> None:
    scores = figures(project, rows(records), "2024-06").scores
    kpis = (
        scores.filter(pl.col("level") == "kpi")
        .group_by("unit")
        .agg(
            pl.col("effective_share").sum().alias("sum"),
            pl.col("share").sum().alias("shares"),
            (pl.col("effective_share") * pl.col("score")).sum().alias("score"),
        )
    )
    tops = scores.filter(pl.col("level") == "scorecard").select("unit", pl.col("score").alias("top"))
    for row in kpis.join(tops, on="unit").iter_rows(named=True):
        assert row["shares"] == pytest.approx(1, abs=1e-12)
        if row["top"] is not None:
            assert (row["sum"], row["score"]) == (pytest.approx(1, abs=1e-12), pytest.approx(row["top"], abs=1e-9))


def test_the_order_of_siblings_changes_no_score(tmp_path: Path, project: Project) -> None:
    records = [
        {"unit": unit, "day": date(2024, 6, 2), "amount": n, "hours": n / 3, "pieces": n, "reason": "a"}
        for n, unit in enumerate(["east", "west", "south"] * 3)
    ]
    lines = UNITS.splitlines()
    turned = "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
    card = project.strategy.scorecards["main"]
    objectives = {name: objective.model_dump() for name, objective in reversed(card.objectives.items())}
    strategy = {"scorecards": {"main": {"name": "M", "objectives": _plain(objectives)}}}
    other = declare(tmp_path, MEASURES, KPIS, units=turned, targets=TARGETS, strategy=strategy)
    ours, theirs = (figures(chosen, rows(records), "2024-06").scores for chosen in (project, other))
    assert_frame_equal(ours, theirs, check_exact=True)


def _plain(value: Any) -> Any:
    """Dumped models as plain data: tuples as lists, without what is not set."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


SCALE = Scale(anchors={"floor": 0, "middle": 40, "target": 100, "stretch": 120}, highest=120)
STEPS = st.lists(st.floats(0.001, 1e6), min_size=3, max_size=3)


@settings(max_examples=100, deadline=None)
@given(
    start=st.floats(-1e6, 1e6),
    steps=STEPS,
    values=st.lists(st.floats(-1e7, 1e7), min_size=2, max_size=6),
    direction=st.sampled_from(["higher", "lower"]),
)
def test_a_better_value_never_scores_less(
    start: float, steps: list[float], values: list[float], direction: str
) -> None:
    sign = 1 if direction == "higher" else -1
    points = [start, start + sign * steps[0], start + sign * (steps[0] + steps[1]), start + sign * sum(steps)]
    better = np.array(sorted(values, reverse=direction == "lower"))
    anchors = {name: np.full(better.shape, point) for name, point in zip(SCALE.anchors, points, strict=True)}
    scored = score_on_line(better, anchors, SCALE, direction=direction, logarithmic=False)
    assert not any(mask.any() for mask, _ in scored.reasons)
    assert all(low <= high + 1e-9 * max(1, abs(high)) for low, high in pairwise(scored.raw.tolist()))


@settings(max_examples=100, deadline=None)
@given(
    start=st.floats(-1e6, 1e6, allow_subnormal=False),
    steps=STEPS,
    values=st.lists(st.floats(-1e7, 1e7, allow_subnormal=False), min_size=1, max_size=6),
    rate=st.sampled_from([0.5, 2.0, 1024.0]),
)
def test_counting_in_another_currency_changes_no_score(
    start: float, steps: list[float], values: list[float], rate: float
) -> None:
    points = [start, start + steps[0], start + steps[0] + steps[1], start + sum(steps)]
    ours, theirs = (
        score_on_line(
            np.array(values) * factor,
            {name: np.full(len(values), point * factor) for name, point in zip(SCALE.anchors, points, strict=True)},
            SCALE, direction="higher", logarithmic=False,
        )
        for factor in (1.0, rate)
    )  # fmt: skip
    assert np.array_equal(ours.raw, theirs.raw, equal_nan=True)


@settings(max_examples=100, deadline=None)
@given(
    scores=st.lists(st.floats(0.001, 100), min_size=1, max_size=6),
    weights=st.lists(st.floats(0.01, 50), min_size=6, max_size=6),
    method=st.sampled_from(["weighted mean", "geometric mean", "harmonic mean", "worst"]),
)
def test_a_combined_score_lies_between_its_parts_and_no_renormalised_weight_exceeds_one(
    scores: list[float], weights: list[float], method: str
) -> None:
    parts = [_leaf(f"k{n}", weight, score) for n, (score, weight) in enumerate(zip(scores, weights, strict=False))]
    found = combine(("objective", "o"), np.ones(1), Rules(method, "renormalise", 0.0, 1), parts, None, SCALE)
    assert min(scores) * (1 - 1e-9) <= found.score[0] <= max(scores) * (1 + 1e-9)
    assert all(0 <= share[0] <= 1 for share in found.renormalised.values())


@settings(max_examples=100, deadline=None)
@given(
    scores=st.lists(st.floats(0.001, 100), min_size=2, max_size=6),
    weights=st.lists(st.floats(0.01, 50), min_size=6, max_size=6),
)
def test_the_harmonic_mean_is_at_most_the_geometric_and_that_at_most_the_arithmetic(
    scores: list[float], weights: list[float]
) -> None:
    parts = [_leaf(f"k{n}", weight, score) for n, (score, weight) in enumerate(zip(scores, weights, strict=False))]
    worst, harmonic, geometric, arithmetic = (
        combine(("objective", "o"), np.ones(1), Rules(method, "renormalise", 0.0, 1), parts, None, SCALE).score[0]
        for method in ("worst", "harmonic mean", "geometric mean", "weighted mean")
    )
    assert worst <= harmonic * (1 + 1e-9) <= geometric * (1 + 1e-8) <= arithmetic * (1 + 1e-7)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=12), data=st.data())
@pytest.mark.parametrize("by", ["min-max", "z-score", "percentile rank"])
def test_a_place_among_others_is_the_same_in_any_order_and_not_lower_for_the_better(
    by: Literal["min-max", "z-score", "percentile rank"], values: list[int | None], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(values))))
    column = np.array([np.nan if v is None else float(v) for v in values])
    relative = Relative(to="level", by=by, at_least=2)
    first, second = (
        score_relative(_among(chosen), relative, Scale(), direction="higher", step=1)
        for chosen in (column, column[order])
    )
    assert np.array_equal(first.raw[order], second.raw, equal_nan=True)
    pairs = sorted((v, s) for v, s in zip(column, first.raw, strict=True) if not np.isnan(s))
    assert all(low <= high for (_, low), (_, high) in pairwise(pairs))


def _among(column: Floats) -> Operands:
    everybody = np.zeros(column.shape, dtype=np.int64)
    return Operands(column, {}, Peers(everybody, everybody, lambda months, step: iter([column])))


def _leaf(kpi: str, weight: float, score: float) -> Part:
    yes, one, zero = np.ones(1, bool), np.ones(1), np.zeros(1)
    column = np.array([score])
    sums = {"leading": (zero, zero), "lagging": (column, one)}
    return Part(("kpi", kpi), np.array([weight]), yes, yes, column, column, one, np.zeros(1, np.int64), (), {}, sums)
