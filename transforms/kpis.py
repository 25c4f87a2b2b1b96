"""KPI values: the declared formulas over their inputs, with numerator, denominator and a typed reason where missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from sqlglot import exp

from scorecards.expressions import outermost_division, parse
from scorecards.kpis import Kpi
from scorecards.project import Project
from transforms.expressions import compile_sql, compile_tree
from transforms.plan import KpiInput, Plan
from transforms.windows import Cells, input_values

KPI_VALUES = {
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "window": pl.String,
    "slice": pl.String,
    "value": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "missing_reason": pl.String,
}
KPI_INPUTS = {
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "input": pl.String,
    "measure": pl.String,
    "value": pl.Float64,
    "months_present": pl.Int64,
    "months_expected": pl.Int64,
    "window_from": pl.Date,
    "window_to": pl.Date,
    "missing_reason": pl.String,
}

NO_DATA = "no_data"
WINDOW_INCOMPLETE = "window_incomplete"
NO_ROWS = "no_rows"
DIVISION_BY_ZERO = "division_by_zero"
NOT_A_NUMBER = "not_a_number"


def kpi_inputs(project: Project, plan: Plan, data: Cells, periods: Sequence[date]) -> pl.DataFrame:
    """All inputs of all KPIs by period and unit: the frame ``KPI_INPUTS``.

    An input is missing with ``no_data`` when its source has nothing for the window, ``window_incomplete`` when months
    lack, ``no_rows`` when the data came but holds nothing for the unit, ``division_by_zero`` when an average has no
    rows.
    """
    start = project.organisation.fiscal_year_starts
    computed: dict[tuple[object, ...], pl.DataFrame] = {}
    frames: list[pl.DataFrame] = []
    for declared in plan.inputs:
        variant = plan.variants[declared.variant]
        same = (declared.variant, declared.window, declared.offset)
        if same not in computed:
            computed[same] = input_values(declared, variant, data, periods, start)
        frames.append(_with_reason(project.kpis[declared.kpi], declared, computed[same]))
    return pl.concat([pl.DataFrame(schema=KPI_INPUTS), *frames])


def _with_reason(kpi: Kpi, declared: KpiInput, values: pl.DataFrame) -> pl.DataFrame:
    needed = (
        pl.col("months_expected")
        if kpi.min_months is None
        else pl.min_horizontal("months_expected", pl.lit(kpi.min_months))
    )
    reason = (
        pl.when(pl.col("months_covered") == 0)
        .then(pl.lit(NO_DATA))
        .when(pl.col("months_present") == 0)
        .then(pl.lit(NO_ROWS))
        .when(
            (pl.col("months_present") < needed)
            | (pl.lit(kpi.min_months is None) & (pl.col("window_to") > pl.col("period")))
        )
        .then(pl.lit(WINDOW_INCOMPLETE))
        .when(pl.col("value").is_null() & pl.col("has_parts"))
        .then(pl.lit(DIVISION_BY_ZERO))
        .when(pl.col("value").is_null())
        .then(pl.lit(NO_ROWS))
    )
    return values.select(
        "period", "unit", pl.lit(declared.kpi).alias("kpi"), pl.lit(declared.name).alias("input"),
        pl.lit(declared.variant).alias("measure"),
        pl.when(reason.is_null()).then("value").alias("value"),
        "months_present", "months_expected", "window_from", "window_to", reason.cast(pl.String).alias("missing_reason"),
    )  # fmt: skip


def kpi_values(project: Project, plan: Plan, inputs: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    """Values of all KPIs where they apply: the frame ``KPI_VALUES``.

    ``inputs`` is the frame ``KPI_INPUTS``; ``used`` is ``aggregation.USES``, of which period, unit and kpi say where a
    KPI applies.
    """
    values = [_value(kpi_id, kpi, inputs_wide(plan, inputs, kpi_id)) for kpi_id, kpi in project.kpis.items()]
    everything = pl.concat([pl.DataFrame(schema=KPI_VALUES), *values])
    return everything.join(used, on=["period", "unit", "kpi"], how="semi").sort("period", "unit", "kpi")


def inputs_wide(plan: Plan, inputs: pl.DataFrame, kpi_id: str) -> pl.DataFrame:
    """One row per period and unit, one column per input, and ``_reason``: why the first missing operand is missing.

    Inputs that only anchors use, such as a budget, are no reason for the value to be missing.
    """
    own = inputs.filter(pl.col("kpi") == kpi_id)
    names = [declared.name for declared in plan.inputs_of(kpi_id)]
    operands = [declared.name for declared in plan.inputs_of(kpi_id) if declared.in_value]
    missing = own.filter(pl.col("missing_reason").is_not_null(), pl.col("input").is_in(operands))
    reason = missing.unique(["period", "unit"], keep="first", maintain_order=True)
    wide = own.select("period", "unit").unique().join(
        reason.select("period", "unit", pl.col("missing_reason").alias("_reason")), on=["period", "unit"], how="left"
    )  # fmt: skip
    for name in names:
        column = own.filter(pl.col("input") == name).select("period", "unit", pl.col("value").alias(name))
        wide = wide.join(column, on=["period", "unit"], how="left")
    return wide


def _value(kpi_id: str, kpi: Kpi, wide: pl.DataFrame) -> pl.DataFrame:
    result = compile_sql(kpi.value, wide.schema).cast(pl.Float64)
    finite = pl.when(result.is_finite()).then(result)
    division = outermost_division(kpi.value)
    above, below = (
        (compile_tree(operand, wide.schema).cast(pl.Float64) for operand in division)
        if division
        else (pl.lit(None), pl.lit(None))
    )
    divides = any(isinstance(node, exp.Div) for node in parse(kpi.value).walk())
    otherwise = pl.lit(DIVISION_BY_ZERO if divides else NOT_A_NUMBER)
    return wide.select(
        "period",
        "unit",
        pl.lit(kpi_id).alias("kpi"),
        pl.lit(str(kpi.window)).alias("window"),
        pl.lit("").alias("slice"),
        finite.alias("value"),
        above.cast(pl.Float64).alias("numerator"),
        below.cast(pl.Float64).alias("denominator"),
        pl.when(finite.is_null()).then(pl.coalesce("_reason", otherwise)).alias("missing_reason"),
    )
