"""Scores up the scorecard: KPI → objective → perspective → scorecard, weights renormalised over what is present.

Belongs here: weights, coverage and the roll-up. Not applicable KPIs (declared for other units) are left out before, so
that they count neither as missing nor as covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from scorecards.project import Project
from scorecards.strategy import Scorecard
from transforms.scoring import band_of, kpi_scores

SCORES = {
    "scorecard": pl.String,
    "period": pl.Date,
    "unit": pl.String,
    "level": pl.String,
    "node": pl.String,
    "parent": pl.String,
    "score": pl.Float64,
    "raw_score": pl.Float64,
    "band": pl.String,
    "weight": pl.Float64,
    "share": pl.Float64,
    "effective_share": pl.Float64,
    "coverage": pl.Float64,
    "target": pl.Float64,
    "missing_reason": pl.String,
}
USES = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "kpi": pl.String, "objective": pl.String,
    "perspective": pl.String, "weight": pl.Float64, "objective_weight": pl.Float64, "perspective_weight": pl.Float64,
}  # fmt: skip
NOTHING_SCORED = "nothing_scored"
COVERAGE_BELOW_MINIMUM = "coverage_below_minimum"
_LEVELS = ("kpi", "objective", "perspective", "scorecard")
_WHERE = ["scorecard", "period", "unit"]


def uses(project: Project, periods: Sequence[date]) -> pl.DataFrame:
    """Every KPI that applies on a scorecard of a unit in a period, with its declared weights: the frame ``USES``."""
    rows = [
        (
            card_id,
            period,
            unit,
            kpi_id,
            objective_id,
            objective.perspective,
            use.weight,
            objective.weight,
            _perspective_weight(card, objective.perspective),
        )
        for period in periods
        for tree in [project.tree(period)]
        for card_id, card in project.strategy.scorecards.items()
        for unit in tree.select(card.units)
        for objective_id, objective in card.objectives.items()
        for kpi_id, use in objective.kpis.items()
        if tree.matches(unit, use.applies_to)
    ]
    return pl.DataFrame(rows, schema=USES, orient="row")


def _perspective_weight(card: Scorecard, perspective: str) -> float:
    return card.weights.get(perspective, 1.0)


def scores(project: Project, used: pl.DataFrame, values: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
    """Scores of all levels: the frame ``SCORES``.

    ``used`` is ``USES``, ``values`` is ``KPI_VALUES``, ``anchors`` is ``ANCHORS``. ``weight`` is the share within the
    parent among what applies, ``share`` the same of the whole scorecard, ``effective_share`` what it really weighs
    after missing parts are left out. ``coverage`` is the share of applicable weight whose KPIs have a score of their
    own. A node has no score when less than the declared minimum of its weight
    is covered by parts that have a score themselves. Weighted arithmetic mean: Kaplan and
    Norton's usual roll-up.
    """
    kpis = used.join(
        values.select("period", "unit", "kpi", "value", "missing_reason"), on=["period", "unit", "kpi"], how="left"
    )
    scored = kpi_scores(
        kpis, anchors, project.organisation.scale, {name: kpi.direction for name, kpi in project.kpis.items()}
    )
    levels = [
        scored.select(
            *_WHERE,
            pl.lit("kpi").alias("level"),
            pl.col("kpi").alias("node"),
            pl.col("objective").alias("parent"),
            "score",
            "raw_score",
            pl.col("weight").alias("declared"),
            pl.col("score").is_not_null().cast(pl.Float64).alias("coverage"),
            "target",
            "missing_reason",
        )
    ]
    objectives = used.select(
        *_WHERE,
        pl.col("objective").alias("node"),
        pl.col("perspective").alias("parent"),
        pl.col("objective_weight").alias("declared"),
    )
    perspectives = used.select(
        *_WHERE,
        pl.col("perspective").alias("node"),
        pl.col("scorecard").alias("parent"),
        pl.col("perspective_weight").alias("declared"),
    )
    tops = used.select(
        *_WHERE, pl.col("scorecard").alias("node"), pl.lit("").alias("parent"), pl.lit(1.0).alias("declared")
    )
    minimum = project.organisation.roll_up.minimum_coverage
    for level, nodes, least in zip(
        _LEVELS[1:],
        (objectives, perspectives, tops),
        (minimum.objective, minimum.perspective, minimum.scorecard),
        strict=True,
    ):
        levels.append(_roll_up(levels[-1], nodes.unique(), level, least))
    everything = _shares(levels)
    return (
        everything.with_columns(band_of(pl.col("score"), project.organisation).alias("band"))
        .select(list(SCORES))
        .sort(*_WHERE, "level", "node")
    )


def _roll_up(children: pl.DataFrame, nodes: pl.DataFrame, level: str, least: float) -> pl.DataFrame:
    # Sorted before the weighted sums: a float sum in another order could differ in its last digit.
    present = pl.col("declared") * pl.col("score").is_not_null()
    combined = (
        children.sort(*_WHERE, "parent", "node")
        .group_by(*_WHERE, "parent", maintain_order=True)
        .agg(
            ((pl.col("declared") * pl.col("score")).sum() / present.sum()).alias("score"),
            (
                (pl.col("declared") * pl.col("raw_score")).sum()
                / (pl.col("declared") * pl.col("raw_score").is_not_null()).sum()
            ).alias("raw_score"),
            ((pl.col("declared") * pl.col("coverage")).sum() / pl.col("declared").sum()).alias("coverage"),
            ((present * pl.col("coverage")).sum() / pl.col("declared").sum()).alias("used"),
        )
    )
    joined = nodes.join(combined, left_on=[*_WHERE, "node"], right_on=[*_WHERE, "parent"])
    nothing = pl.col("score").is_nan()
    reason = (
        pl.when(nothing)
        .then(pl.lit(NOTHING_SCORED))
        .when(pl.col("used") < least - 1e-12)
        .then(pl.lit(COVERAGE_BELOW_MINIMUM))
    )
    return joined.with_columns(reason.alias("missing_reason")).select(
        *_WHERE, pl.lit(level).alias("level"), "node", "parent",
        *(pl.when(pl.col("missing_reason").is_null()).then(name).alias(name) for name in ("score", "raw_score")),
        "declared", "coverage", pl.lit(None, dtype=pl.Float64).alias("target"), "missing_reason",
    )  # fmt: skip


def _shares(levels: list[pl.DataFrame]) -> pl.DataFrame:
    """Shares from the top down: of the parent, of the scorecard, and of it once missing parts are left out."""
    top = levels[-1].with_columns(
        pl.lit(1.0).alias("weight"), pl.lit(1.0).alias("share"), pl.lit(1.0).alias("effective_share")
    )
    result = [top]
    for level in reversed(levels[:-1]):
        above = result[-1].select(
            *_WHERE,
            pl.col("node").alias("parent"),
            pl.col("share").alias("_share"),
            pl.col("effective_share").alias("_effective"),
        )
        group = [*_WHERE, "parent"]
        ordered = level.sort(*group, "node")
        weight = pl.col("declared") / pl.col("declared").sum().over(group)
        present = pl.col("declared") * pl.col("score").is_not_null()
        renormalised = present / present.sum().over(group)
        result.append(
            ordered.with_columns(weight.alias("weight"), renormalised.fill_nan(0.0).alias("_renormalised"))
            .join(above, on=group)
            .with_columns(
                (pl.col("_share") * pl.col("weight")).alias("share"),
                (pl.col("_effective") * pl.col("_renormalised")).alias("effective_share"),
            )
            .drop("_share", "_effective", "_renormalised")
        )
    return pl.concat([frame.select(sorted(top.columns)) for frame in result])
