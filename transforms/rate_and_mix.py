"""Why a KPI's value moved: over the units directly below, for ratios told apart into rate and mix.

Belongs here: the split of values. Which KPIs add up over units is ``adding_up.py``; scores are ``movement.py``.

A ratio N/D is the mean of the rates n/d of its parts, weighed by their shares d/D of the denominator. It moves because
rates moved (each at its mean share) and because shares moved (each times how far the part's mean rate stands from the
mean whole). Source: the two-factor split at mean weights of Marshall and Edgeworth, in the centred form of Bennet
(1920) as it is used for productivity (Griliches and Regev, 1995, Journal of Econometrics 65).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from scorecards.project import Project
from transforms.adding_up import AddsUp

VALUE_CHANGES = {
    "period": pl.Date, "unit": pl.String, "kpi": pl.String, "compared_with": pl.String, "sub_unit": pl.String,
    "change": pl.Float64, "rate": pl.Float64, "mix": pl.Float64, "missing_reason": pl.String,
}  # fmt: skip
BELOW = {"period": pl.Date, "unit": pl.String, "sub_unit": pl.String}
NO_VALUE, NO_EARLIER_VALUE, DEFINITION_CHANGED = "no_value", "no_earlier_value", "definition_changed"
DOES_NOT_ADD_UP, NOT_MEASURED_BELOW = "does_not_add_up", "not_measured_below"
_UNIT = ["period", "unit", "kpi"]
_NOISE = 1e-10


def units_below(project: Project, trees: Mapping[date, date]) -> pl.DataFrame:
    """Every unit with those directly below: ``BELOW``; ``trees`` gives the month whose tree each period takes."""
    rows = [
        (period, unit, below)
        for period, month in trees.items()
        for unit, children in project.tree(month).children.items()
        for below in children
    ]
    return pl.DataFrame(rows, schema=BELOW, orient="row")


def value_changes(
    now: pl.DataFrame, then: pl.DataFrame, below_now: pl.DataFrame, below_then: pl.DataFrame,
    how: Mapping[str, AddsUp], redefined: pl.DataFrame, compared_with: str,
) -> pl.DataFrame:  # fmt: skip
    """The parts of the change of every KPI value of units with others below: the frame ``VALUE_CHANGES``.

    ``now`` and ``then`` are ``KPI_VALUES`` (one row for each period, unit and KPI, the earlier bearing the period that
    they are compared with), ``below_…`` are ``BELOW`` at either end, ``how`` is ``adding_up.adds_up``, ``redefined``
    (period, kpi) names KPIs that were declared otherwise then. ``change`` is in the KPI's own terms, and sums to the
    change of the value; of ratios it is ``rate`` plus ``mix``. The row without sub_unit is what no unit below reports:
    rows of the unit itself, and of units without a value. A value that cannot be split has one row with the reason.
    """
    pairs = below_now.with_columns(pl.lit(True).alias("is_now")).join(
        below_then.with_columns(pl.lit(True).alias("is_then")), on=list(BELOW), how="full", coalesce=True
    )
    wholes = _wholes(now, then, pairs, how, redefined)
    reported = _reported(wholes.filter(pl.col("reason").is_null()), pairs, now, then)
    wholes = wholes.join(
        reported.select(_UNIT).unique().with_columns(pl.lit(True).alias("has_below")), on=_UNIT, how="left"
    )
    reason = pl.coalesce("reason", pl.when(pl.col("has_below").is_null()).then(pl.lit(NOT_MEASURED_BELOW)))
    untold = wholes.select(*_UNIT, reason.alias("missing_reason")).filter(pl.col("missing_reason").is_not_null())
    parts = pl.concat([_sums(reported), _ratios(reported)])
    rest = _rest(wholes.join(untold, on=_UNIT, how="anti"), parts)
    return (
        pl.concat([parts, rest, untold], how="diagonal")
        .with_columns(pl.lit(compared_with).alias("compared_with"))
        .select(pl.col(name).cast(kind) for name, kind in VALUE_CHANGES.items())
        .sort(*_UNIT, "sub_unit", nulls_last=True)
    )


def _wholes(
    now: pl.DataFrame, then: pl.DataFrame, pairs: pl.DataFrame, how: Mapping[str, AddsUp], redefined: pl.DataFrame
) -> pl.DataFrame:
    """The values of units with others below, at both ends, and the reason why one cannot be split."""
    columns = ["value", "numerator", "denominator"]
    rules = pl.DataFrame(
        [(kpi, rule.is_ratio, rule.factor) for kpi, rule in how.items()],
        schema={"kpi": pl.String, "is_ratio": pl.Boolean, "factor": pl.Float64},
        orient="row",
    )
    found = (
        now.join(pairs.select("period", "unit").unique(), on=["period", "unit"], how="semi")
        .select(*_UNIT, *(pl.col(name).alias(f"{name}_1") for name in columns))
        .join(then.select(*_UNIT, *(pl.col(name).alias(f"{name}_0") for name in columns)), on=_UNIT, how="left")
        .join(rules, on="kpi", how="left")
        .join(redefined.select("period", "kpi", pl.lit(True).alias("is_new")), on=["period", "kpi"], how="left")
    )
    change = pl.col("value_1") - pl.col("value_0")
    ratios = pl.col("numerator_1") / pl.col("denominator_1") - pl.col("numerator_0") / pl.col("denominator_0")
    size = pl.max_horizontal(pl.col("value_1").abs(), pl.col("value_0").abs(), 1e-6)
    is_off = pl.col("is_ratio") & ((change - pl.col("factor") * ratios).abs() > 1e-9 * size).fill_null(True)
    reason = (
        pl.when(pl.col("value_1").is_null()).then(pl.lit(NO_VALUE))
        .when(pl.col("value_0").is_null()).then(pl.lit(NO_EARLIER_VALUE))
        .when(pl.col("is_new").is_not_null()).then(pl.lit(DEFINITION_CHANGED))
        .when(pl.col("is_ratio").is_null() | is_off).then(pl.lit(DOES_NOT_ADD_UP))
    )  # fmt: skip
    return found.with_columns(change.alias("change"), (size * _NOISE).alias("noise"), reason.alias("reason"))


def _reported(wholes: pl.DataFrame, pairs: pl.DataFrame, now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """Every unit below that has a value at either end: its columns beside the whole's, 0 where it has none."""
    rows = wholes.join(pairs, on=["period", "unit"])
    for end, flag, values in ((1, "is_now", now), (0, "is_then", then)):
        own = values.select(
            "period", pl.col("unit").alias("sub_unit"), "kpi", pl.lit(True).alias(flag),
            *(pl.col(name).alias(f"own_{name}_{end}") for name in ("value", "numerator", "denominator")),
        ).filter(pl.col(f"own_value_{end}").is_not_null())  # fmt: skip
        rows = rows.join(own, on=["period", "sub_unit", "kpi", flag], how="left")
    return rows.filter(pl.col("own_value_1").is_not_null() | pl.col("own_value_0").is_not_null()).with_columns(
        pl.col("^own_.*$").fill_null(0.0)
    )


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.Float64)
    return rows.filter(~pl.col("is_ratio")).select(
        *_UNIT, "sub_unit", (pl.col("own_value_1") - pl.col("own_value_0")).alias("change"), nothing.alias("rate"),
        nothing.alias("mix"),
    )  # fmt: skip


def _ratios(rows: pl.DataFrame) -> pl.DataFrame:
    return _rate_and_mix(
        rows.filter("is_ratio"),
        *(pl.col(f"own_{name}_{end}") for name in ("numerator", "denominator") for end in (1, 0)),
    ).select(*_UNIT, "sub_unit", "change", "rate", "mix")


def _rate_and_mix(rows: pl.DataFrame, n1: pl.Expr, n0: pl.Expr, d1: pl.Expr, d0: pl.Expr) -> pl.DataFrame:
    """A part's rate is its change of n/d at its mean share; all else that it does to the whole is mix."""
    whole1, whole0 = pl.col("denominator_1"), pl.col("denominator_0")
    share1, share0 = d1 / whole1, d0 / whole0
    centre = (pl.col("numerator_1") / whole1 + pl.col("numerator_0") / whole0) / 2
    change = (n1 / whole1 - n0 / whole0) - (share1 - share0) * centre
    rate = pl.when((d1 != 0) & (d0 != 0)).then((share1 + share0) / 2 * (n1 / d1 - n0 / d0)).otherwise(0.0)
    return rows.with_columns(
        (change * pl.col("factor")).alias("change"), (rate * pl.col("factor")).alias("rate")
    ).with_columns((pl.col("change") - pl.col("rate")).alias("mix"))


def _rest(wholes: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """What the units below leave of the change: no row where that is nothing but the noise of sums."""
    told = parts.sort(*_UNIT, "sub_unit").group_by(_UNIT, maintain_order=True).agg(pl.col("change").sum().alias("told"))
    left = wholes.join(told, on=_UNIT).with_columns((pl.col("change") - pl.col("told")).alias("change"))
    nothing = pl.lit(None, dtype=pl.Float64)
    return left.filter(pl.col("change").abs() > pl.col("noise")).select(
        *_UNIT, pl.lit(None, dtype=pl.String).alias("sub_unit"), "change", nothing.alias("rate"), nothing.alias("mix")
    )
