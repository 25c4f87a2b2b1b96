"""KPI values: the declared formulas over their inputs, with numerator, denominator and a typed reason where missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from scorecards.expressions import outermost_division, parse
from scorecards.kpis import Kpi
from scorecards.periods import last_date
from scorecards.project import Project
from transforms.climbing import ROW
from transforms.divisions import divides_by_zero, gives_nothing
from transforms.plan import Evaluation, KpiInput, Plan
from transforms.side_by_side import side_by_side
from transforms.small_groups import Withheld
from transforms.undecided import compile_formula
from transforms.windows import Cells, WindowParts, input_values, window_parts

KPI_VALUES = {
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "window": pl.String,
    "slice": pl.String,
    "is_main": pl.Boolean,
    "value_period": pl.Date,
    "value": pl.Float64,
    "text": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "missing_reason": pl.String,
}
KPI_INPUTS = {
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "window": pl.String,
    "slice": pl.String,
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
UNIT_LATE = "unit_late"
DIVISION_BY_ZERO = "division_by_zero"
FORMULA_GIVES_NOTHING = "formula_gives_nothing"
NOT_A_NUMBER = "not_a_number"
SMALL_GROUP = "small_group"


@dataclass(frozen=True)
class Evaluated:
    """The inputs of one evaluation, each a frame ``KPI_INPUTS``; all have the same rows in the same order."""

    evaluation: Evaluation
    inputs: tuple[pl.DataFrame, ...]


def evaluated(
    project: Project, plan: Plan, data: Cells, periods: Sequence[date], used: pl.DataFrame, small: Withheld | None
) -> list[Evaluated]:
    """All inputs of all KPIs by period and unit, where the KPIs apply; ``data`` is ``coded``.

    ``used`` is ``aggregation.USES``, of which period, unit and kpi say where a KPI applies. An input is missing with
    ``no_data`` when its source has nothing for the window, ``window_incomplete`` when months lack, ``no_rows`` when the
    data came but holds nothing for the unit, ``division_by_zero`` when an average has no rows, ``no_rate`` when an
    amount cannot be converted, ``unit_late`` when a unit's snapshot has not come. A value that tells of a small group
    is missing too (``small_group``), by ``small``: None where nothing is withheld, as for persons' own scorecards.
    """
    start = project.organisation.fiscal_year_starts
    existing = data.trees.existing.filter(pl.col("period").is_in(list(periods))).with_columns(
        pl.lit("").cast(pl.Categorical).alias("slice")
    )
    places = used.select("kpi", "period", pl.col("unit").cast(pl.Categorical)).partition_by("kpi", as_dict=True)

    def over_window(declared: KpiInput) -> WindowParts:
        return window_parts(declared, plan.variants[declared.variant], data, periods, start)

    different = {_same(declared): declared for one in plan.evaluations for declared in one.inputs}
    parts = dict(zip(different, side_by_side(over_window, different.values()), strict=True))

    def evaluate(evaluation: Evaluation) -> Evaluated:
        applies = places.get((evaluation.kpi,), existing.clear())
        grid = existing.join(applies, on=["period", "unit"], how="semi", maintain_order="left")
        hidden = [None if small is None else small.places(one, parts[_same(one)].spans) for one in evaluation.inputs]
        if evaluation.by is not None:
            grid = _slices([parts[_same(one)].parts for one in evaluation.inputs], grid)
            # Which parts a small group has is not told either.
            for away in (found for found in hidden if found is not None):
                grid = grid.join(_coded(away), on=["period", "unit"], how="anti", maintain_order="left")
        inputs = (_with_reason(one, input_values(parts[_same(one)], grid)) for one in evaluation.inputs)
        return Evaluated(evaluation, tuple(map(_without, inputs, hidden)))

    return side_by_side(evaluate, plan.evaluations)


def _without(values: pl.DataFrame, hidden: pl.DataFrame | None) -> pl.DataFrame:
    """The inputs without the values of small groups; how many months they have is not told either."""
    if hidden is None or hidden.is_empty():
        return values
    marked = values.join(
        hidden.with_columns(pl.lit(True).alias("_hidden")), on=["period", "unit"], how="left", maintain_order="left"
    )
    is_hidden = pl.col("_hidden").is_not_null() & pl.col("missing_reason").ne_missing(NO_DATA)
    return marked.with_columns(
        pl.when(~is_hidden).then("value").alias("value"),
        pl.when(~is_hidden).then("months_present").otherwise("months_expected").alias("months_present"),
        pl.when(is_hidden).then(pl.lit(SMALL_GROUP)).otherwise("missing_reason").alias("missing_reason"),
    ).drop("_hidden")


def _coded(places: pl.DataFrame) -> pl.DataFrame:
    return places.with_columns(pl.col("unit").cast(pl.Categorical))


def _same(declared: KpiInput) -> tuple[object, ...]:
    """Inputs for which this is the same have the same parts."""
    return declared.variant, declared.window, declared.path


def kpi_inputs(found: Sequence[Evaluated]) -> pl.DataFrame:
    """The inputs of all evaluations as one frame ``KPI_INPUTS``."""
    return pl.concat([pl.DataFrame(schema=KPI_INPUTS), *(frame for one in found for frame in one.inputs)])


def _slices(parts: Sequence[pl.DataFrame], whole: pl.DataFrame) -> pl.DataFrame:
    """The slices in which any input of a unit has rows."""
    found = pl.concat([frame.select(ROW) for frame in parts]).unique()
    return found.join(whole.select("period", "unit"), on=["period", "unit"], how="semi").sort(ROW)


def _with_reason(declared: KpiInput, values: pl.DataFrame) -> pl.DataFrame:
    least = declared.min_months
    needed = pl.col("months_expected") if least is None else pl.min_horizontal("months_expected", pl.lit(least))
    is_open = pl.lit(least is None) & (pl.col("window_to") > pl.col("period"))
    lacking = pl.when("is_late").then(pl.lit(UNIT_LATE))
    reason = (
        pl.when(pl.col("months_covered") == 0)
        .then(pl.lit(NO_DATA))
        .when(pl.col("problem").is_not_null())
        .then("problem")
        .when(pl.col("months_present") == 0)
        .then(lacking.otherwise(pl.lit(NO_ROWS)))
        .when((pl.col("months_present") < needed) | is_open)
        .then(lacking.otherwise(pl.lit(WINDOW_INCOMPLETE)))
        .when(pl.col("value").is_null() & pl.col("has_parts"))
        .then(pl.lit(DIVISION_BY_ZERO))
        .when(pl.col("value").is_null())
        .then(pl.lit(NO_ROWS))
    )
    return values.select(
        "period", pl.col("unit").cast(pl.String), pl.lit(declared.kpi).alias("kpi"),
        pl.lit(declared.evaluation).alias("window"), pl.col("slice").cast(pl.String),
        pl.lit(declared.name).alias("input"), pl.lit(declared.variant).alias("measure"),
        pl.when(reason.is_null()).then("value").alias("value"),
        "months_present", "months_expected", "window_from", "window_to", reason.cast(pl.String).alias("missing_reason"),
    )  # fmt: skip


def kpi_values(project: Project, found: Sequence[Evaluated]) -> pl.DataFrame:
    """Values of all KPIs where they apply: the frame ``KPI_VALUES``, sorted by its key.

    ``is_main`` marks the KPI as declared, which is what is scored; ``value_period`` is the month that the value is of:
    the last date of the KPI's frequency.
    """
    inputs = [one for one in found if one.inputs]
    values = side_by_side(lambda one: _value(project, one.evaluation, _wide(one)), inputs)
    everything = pl.concat([pl.DataFrame(schema=KPI_VALUES), *values])
    # By whole numbers in the order of the texts that they stand for: several times faster than by texts.
    texts = ("unit", "kpi", "window", "slice")
    return everything.sort("period", *(pl.col(name).cast(pl.Enum(everything[name].unique().sort())) for name in texts))


def main_values(values: pl.DataFrame) -> pl.DataFrame:
    """The values that are scored: each KPI as declared, over its own window and as a whole."""
    return values.filter("is_main")


def inputs_wide(plan: Plan, inputs: pl.DataFrame, kpi_id: str) -> pl.DataFrame:
    """One row per period and unit, a column for every input of the KPI as declared and for every KPI that it uses.

    ``_reason`` tells why the first missing operand is missing. Inputs that only anchors use, such as a budget, are no
    reason for the value to be missing.
    """
    evaluation = plan.main[kpi_id]
    own = inputs.filter(pl.col("kpi") == kpi_id, pl.col("window") == evaluation.window, pl.col("slice") == "")
    frames = (own.filter(pl.col("input") == declared.name) for declared in evaluation.inputs)
    return _wide(Evaluated(evaluation, tuple(frames))).drop("slice")


def _wide(found: Evaluated) -> pl.DataFrame:
    named = list(zip(found.evaluation.inputs, found.inputs, strict=True))
    reasons = [frame["missing_reason"] for declared, frame in named if declared.in_value]
    wide = named[0][1].select(ROW).with_columns(
        pl.coalesce(*reasons, pl.lit(None, dtype=pl.String)).alias("_reason"),
        *(frame["value"].alias(declared.name) for declared, frame in named),
    )  # fmt: skip
    for name, formula in found.evaluation.derived:
        result = compile_formula(formula, wide.schema)
        wide = wide.with_columns(pl.when(result.is_finite()).then(result).alias(name))
    return wide


def _value(project: Project, evaluation: Evaluation, wide: pl.DataFrame) -> pl.DataFrame:
    kpi = project.kpis[evaluation.kpi]
    result = compile_formula(parse(kpi.value), wide.schema)
    finite = pl.when(result.is_finite()).then(result)
    division = outermost_division(kpi.value)
    above, below = (
        (compile_formula(operand, wide.schema) for operand in division) if division else (pl.lit(None), pl.lit(None))
    )
    formulas = [parse(kpi.value), *(formula for _, formula in evaluation.derived)]
    by_zero = pl.any_horizontal(divides_by_zero(formula, wide.schema) for formula in formulas)
    withheld = pl.any_horizontal(gives_nothing(formula, wide.schema) for formula in formulas)
    otherwise = (
        pl.when(by_zero)
        .then(pl.lit(DIVISION_BY_ZERO))
        .when(withheld)
        .then(pl.lit(FORMULA_GIVES_NOTHING))
        .otherwise(pl.lit(NOT_A_NUMBER))
    )
    return wide.join(_dates(project, kpi, wide), on="period", how="left", maintain_order="left").select(
        "period",
        "unit",
        pl.lit(evaluation.kpi).alias("kpi"),
        pl.lit(evaluation.window).alias("window"),
        "slice",
        pl.lit(evaluation.is_main).alias("is_main"),
        "value_period",
        finite.alias("value"),
        _text_of(kpi, finite).alias("text"),
        above.cast(pl.Float64).alias("numerator"),
        below.cast(pl.Float64).alias("denominator"),
        pl.when(finite.is_null()).then(pl.coalesce("_reason", otherwise)).alias("missing_reason"),
    )


def _dates(project: Project, kpi: Kpi, wide: pl.DataFrame) -> pl.DataFrame:
    start = project.organisation.fiscal_year_starts
    periods = wide["period"].unique().to_list()
    dates = [(period, last_date(period, kpi.frequency, start)) for period in periods]
    return pl.DataFrame(dates, schema={"period": pl.Date, "value_period": pl.Date}, orient="row")


def _text_of(kpi: Kpi, value: pl.Expr) -> pl.Expr:
    """The text at the position that the value is, for a KPI whose value is a text."""
    texts = list(kpi.scoring.texts)
    if not texts:
        return pl.lit(None, dtype=pl.String)
    return value.cast(pl.Int64).replace_strict(range(1, len(texts) + 1), texts, default=None, return_dtype=pl.String)
