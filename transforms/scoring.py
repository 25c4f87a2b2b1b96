"""From a value to a score: piecewise-linear through the anchors in force, and from a score to its band.

Belongs here: scoring of single KPIs. How scores combine is ``aggregation.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from scorecards.organisation import Band, Organisation, Scale

NO_VALUE = "no_data"
NO_TARGET = "no_target"
ANCHORS_NOT_MONOTONE = "anchors_not_monotone"
TOLERANCE = 1e-9
_KEYS = ["scorecard", "period", "unit", "kpi"]


def kpi_scores(
    values: pl.DataFrame, anchors: pl.DataFrame, scale: Scale, directions: Mapping[str, str]
) -> pl.DataFrame:
    """Score every KPI value.

    ``values`` has scorecard, period, unit, kpi, value and missing_reason; ``anchors`` is the frame ``ANCHORS``;
    ``directions`` gives higher or lower for every KPI. Adds raw_score
    (on the line through the two anchors next to the value, extended beyond the outermost), score (the same, clamped to
    the scale) and target; missing_reason becomes ``no_target`` with fewer than two anchors or without a target, and
    ``anchors_not_monotone`` where anchors do not run strictly in the KPI's direction, which rows that are inherited
    from different units, or formulas, can bring about. Source: linear interpolation; the ends are
    extrapolated so that the unclamped score still tells how far beyond target a value is.
    """
    scores = pl.DataFrame(
        {"anchor": list(scale.anchors), "points": [float(s) for s in scale.anchors.values()]},
        schema={"anchor": pl.String, "points": pl.Float64},
    )
    points = anchors.join(scores, on="anchor").sort(*_KEYS, "points")
    steps = pl.col("value").diff().over(_KEYS)
    shape = points.with_columns(steps.alias("step")).group_by(_KEYS).agg(
        pl.len().alias("anchors"),
        ((pl.col("step").drop_nulls() > 0).all() | (pl.col("step").drop_nulls() < 0).all()).alias("is_monotone"),
        pl.col("value").filter(pl.col("anchor") == "target").first().alias("target"),
        (pl.col("value").last() > pl.col("value").first()).alias("rises"),
    )  # fmt: skip
    segments = points.select(
        *_KEYS, pl.col("value").alias("x0"), pl.col("points").alias("s0"),
        pl.col("value").shift(-1).over(_KEYS).alias("x1"), pl.col("points").shift(-1).over(_KEYS).alias("s1"),
    ).filter(pl.col("x1").is_not_null())  # fmt: skip
    better = pl.DataFrame(list(directions.items()), schema={"kpi": pl.String, "direction": pl.String}, orient="row")
    judged = values.join(shape, on=_KEYS, how="left").join(better, on="kpi", how="left")
    reason = (
        pl.when(pl.col("missing_reason").is_not_null())
        .then("missing_reason")
        .when(pl.col("value").is_null())
        .then(pl.lit(NO_VALUE))
        .when(pl.col("target").is_null() | (pl.col("anchors").fill_null(0) < 2))
        .then(pl.lit(NO_TARGET))
        .when(~pl.col("is_monotone") | (pl.col("rises") != (pl.col("direction") == "higher")))
        .then(pl.lit(ANCHORS_NOT_MONOTONE))
    )
    judged = judged.with_columns(reason.alias("missing_reason"))
    raw = _on_the_line(judged.filter(pl.col("missing_reason").is_null()), segments)
    return judged.join(raw, on=_KEYS, how="left").with_columns(
        pl.col("raw_score").clip(scale.lowest, scale.highest).alias("score")
    ).drop("anchors", "is_monotone", "rises", "direction")  # fmt: skip


def _on_the_line(judged: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """The segment that holds the value (the first or last one beyond the ends), and the score on its line."""
    reached = pl.when("rises").then(pl.col("value") >= pl.col("x0")).otherwise(pl.col("value") <= pl.col("x0"))
    candidates = judged.select(*_KEYS, "value", "rises").join(segments, on=_KEYS).with_columns(reached.alias("reached"))
    chosen = candidates.sort(
        *_KEYS,
        "reached",
        pl.when("reached").then(-pl.col("s0")).otherwise("s0"),
        descending=[False] * 4 + [True, False],
    )
    chosen = chosen.unique(_KEYS, keep="first", maintain_order=True)
    # The share of the way comes first: it is exactly 1 at the upper anchor, so that on target is not 99.999….
    share = (pl.col("value") - pl.col("x0")) / (pl.col("x1") - pl.col("x0"))
    return chosen.select(*_KEYS, (pl.col("s0") + (pl.col("s1") - pl.col("s0")) * share).alias("raw_score"))


def band_of(score: pl.Expr, organisation: Organisation) -> pl.Expr:
    """The id of an unrounded score's band: the highest whose ``at_least`` it reaches, within 1e-9 of noise."""
    result: pl.Expr = pl.lit(organisation.bands[0].id)
    for band in organisation.bands[1:]:
        result = pl.when(score >= (band.at_least or 0.0) - TOLERANCE).then(pl.lit(band.id)).otherwise(result)
    return pl.when(score.is_not_null()).then(result)


def band_for(score: float | None, bands: tuple[Band, ...]) -> Band | None:
    """The same for one number."""
    if score is None:
        return None
    return [band for band in bands if band.at_least is None or score >= band.at_least - TOLERANCE][-1]
