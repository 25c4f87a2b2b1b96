"""Why a KPI's score moved: how much of it is the KPI's value, how much is its target, or that it is declared anew.

Belongs here: the split of single KPIs. How their parts reach the scores above is ``movement.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

VALUE, TARGET, DEFINITION = "value", "target", "definition"
KPI_PARTS = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "kpi": pl.String, "part": pl.String,
    "points": pl.Float64,
}  # fmt: skip
CROSSED = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "kpi": pl.String,
    "value_now_anchors_then": pl.Float64, "value_then_anchors_now": pl.Float64,
}  # fmt: skip
Crossing = Callable[[pl.DataFrame], pl.DataFrame]
_KEYS = ["scorecard", "period", "unit", "kpi"]


def kpi_parts(
    now: pl.DataFrame, then: pl.DataFrame, anchors_now: pl.DataFrame, anchors_then: pl.DataFrame,
    redefined: pl.DataFrame, crossing: Crossing,
) -> pl.DataFrame:  # fmt: skip
    """The parts of the change of every KPI that has a score at both ends: the frame ``KPI_PARTS``.

    ``now`` and ``then`` are ``SCORES``, ``anchors_…`` are ``ANCHORS``; what is earlier bears the period that it is
    compared with. ``redefined`` (period, kpi) names KPIs that were declared
    otherwise then: value and target cannot be told apart there, and the whole change is the part ``definition``.
    ``crossing`` is given keys (scorecard, period, unit, kpi) and returns the frame ``CROSSED``: the scores of present
    values by earlier anchors, and of earlier values by present ones; it is asked only where anchors changed.

    The value's part is the mean of its effect under the earlier and under the present anchors; the target's is the mean
    of its effect on the earlier and on the present value; together they are the change. Zero parts of targets have no
    row. Where a value cannot be placed by the other end's anchors, or no anchor changed, all is the value's.
    """
    both = _kpis(now).join(_kpis(then).rename({"score": "then"}), on=_KEYS)
    both = both.join(
        redefined.select("period", "kpi", pl.lit(True).alias("is_redefined")), on=["period", "kpi"], how="left"
    )
    moved = _moved(anchors_now, anchors_then)
    asked = both.filter(pl.col("is_redefined").is_null()).join(moved, on=_KEYS, how="semi").select(_KEYS).sort(_KEYS)
    crossed = pl.DataFrame(schema=CROSSED) if asked.is_empty() else crossing(asked).select(list(CROSSED))
    change = pl.col("score") - pl.col("then")
    target = (
        (pl.col("score") - pl.col("value_now_anchors_then")) + (pl.col("value_then_anchors_now") - pl.col("then"))
    ) / 2
    split = both.join(crossed, on=_KEYS, how="left").with_columns(
        pl.when(pl.col("is_redefined").is_null()).then(target.fill_null(0.0)).otherwise(0.0).alias("_target"),
        pl.when(pl.col("is_redefined").is_null()).then(pl.lit(VALUE)).otherwise(pl.lit(DEFINITION)).alias("part"),
    )
    own = split.select(*_KEYS, "part", (change - pl.col("_target")).alias("points"))
    of_target = split.filter(pl.col("_target") != 0).select(
        *_KEYS, pl.lit(TARGET).alias("part"), pl.col("_target").alias("points")
    )
    return pl.concat([own, of_target]).sort(*_KEYS, "part")


def _kpis(scores: pl.DataFrame) -> pl.DataFrame:
    found = scores.filter(pl.col("level") == "kpi", pl.col("score").is_not_null())
    return found.select(*_KEYS[:3], pl.col("node").alias("kpi"), "score")


def _moved(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """The KPIs of which any anchor is another one than it was."""
    paired = now.select(*_KEYS, "anchor", "value").join(
        then.select(*_KEYS, "anchor", pl.col("value").alias("then")), on=[*_KEYS, "anchor"], how="full", coalesce=True
    )
    return paired.filter(pl.col("value").ne_missing(pl.col("then"))).select(_KEYS).unique()
