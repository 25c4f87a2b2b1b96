"""What a chart means for a KPI: whether its newest point is good news, and whether its target lies in reach.

Belongs here: the two expressions over a row of figures: ``label``, ``side`` of the mean, ``last`` (the newest point),
``mean``, ``lower``, ``upper``, the KPI's ``direction`` and ``basis``, and target, lower_target and upper_target.
"""

from __future__ import annotations

import polars as pl

from transforms.signal_series import VALUE
from transforms.signals import COMMON_CAUSE

IMPROVEMENT, CONCERN, SPECIAL_CAUSE = "improvement", "concern", "special cause"
PASSES, FAILS, HIT_AND_MISS = "consistently passes", "consistently fails", "hit and miss"


def variation() -> pl.Expr:
    """Common cause, or for a flagged point improvement on the good side of the mean and concern on the bad side.

    Where a trend has brought the point onto the mean, the trend's direction decides (``side`` holds it then). A KPI
    that should stay within bounds improves where the point is nearer to them than the mean, and is of concern where it
    is further away; where both lie inside, or there are no bounds, it is a special cause without a better way.
    """
    gain = (
        pl.when(pl.col("direction") == "higher")
        .then("side")
        .when(pl.col("direction") == "lower")
        .then(-pl.col("side"))
        .when(pl.col("basis") == VALUE)
        .then((_distance("mean") - _distance("last")).sign())
    )
    return (
        pl.when(pl.col("label") == COMMON_CAUSE)
        .then(pl.lit(COMMON_CAUSE))
        .when(gain > 0)
        .then(pl.lit(IMPROVEMENT))
        .when(gain < 0)
        .then(pl.lit(CONCERN))
        .otherwise(pl.lit(SPECIAL_CAUSE))
    )


def _distance(column: str) -> pl.Expr:
    """How far a figure lies outside the bounds of a KPI that should stay within; 0 inside."""
    return pl.max_horizontal(
        pl.col("lower_target") - pl.col(column), pl.col(column) - pl.col("upper_target"), pl.lit(0.0)
    )


def assurance() -> pl.Expr:
    """The limits held against the target.

    Consistently passes where every value within them would meet it, consistently fails where none would, else hit and
    miss; null without target, without limits, and for changes on last year, whose limits say nothing about the target.
    """
    is_higher, is_lower = pl.col("direction") == "higher", pl.col("direction") == "lower"
    least = pl.when(is_higher).then("target").when(~is_lower).then("lower_target")
    most = pl.when(is_lower).then("target").when(~is_higher).then("upper_target")
    lower, upper = pl.col("lower"), pl.col("upper")
    short = (upper < least - _noise(least)).fill_null(False) | (lower > most + _noise(most)).fill_null(False)
    passes = (lower >= least - _noise(least)).fill_null(True) & (upper <= most + _noise(most)).fill_null(True)
    return (
        pl.when((least.is_null() & most.is_null()) | lower.is_null() | (pl.col("basis") != VALUE))
        .then(None)
        .when(short)
        .then(pl.lit(FAILS))
        .when(passes)
        .then(pl.lit(PASSES))
        .otherwise(pl.lit(HIT_AND_MISS))
    )


def _noise(target: pl.Expr) -> pl.Expr:
    return target.abs() * 1e-9 + 1e-12
