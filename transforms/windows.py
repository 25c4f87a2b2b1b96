"""From measure cells to the inputs of KPIs: over the months of a window, and up the organisation tree.

Belongs here: combining months and units. Flows are summed, stocks are taken as declared over time before units are summed,
distinct counts and percentiles are recomputed from their values. Nothing after the period is ever looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from scorecards.periods import months_between
from transforms.expressions import compile_tree
from transforms.plan import ADDITIVE, KpiInput, Part, Variant

INPUT_VALUES = {
    "period": pl.Date, "unit": pl.String, "value": pl.Float64, "months_covered": pl.Int64, "months_present": pl.Int64, "months_expected": pl.Int64,
    "window_from": pl.Date, "window_to": pl.Date, "has_parts": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """What the measures left: cells, states, the months that each source covers, and the tree's closure."""

    cells: pl.DataFrame
    states: pl.DataFrame
    covered: dict[str, set[date]]
    closure: pl.DataFrame


def input_values(declared: KpiInput, variant: Variant, data: Cells, periods: Sequence[date], fiscal_start: int) -> pl.DataFrame:
    """One input of a KPI for every unit and period.

    Columns: period, unit, value (null where missing), months_covered (months of the window that the source speaks of),
    months_present (that count for this unit), months_expected (that the window has), window_from, window_to, and has_parts
    (whether there was anything to compute the value from).
    """
    covered = data.covered.get(variant.measure.source, set())
    months = _months(declared, variant, periods, fiscal_start, covered)
    grid = data.closure.select("period", pl.col("ancestor").alias("unit")).unique().join(
        months.group_by("period").agg(
            pl.col("is_covered").sum().cast(pl.Int64).alias("covered"), pl.col("expected").first(),
            pl.col("window_from").first(), pl.col("window_to").first(),
        ), on="period",
    )  # fmt: skip
    usable = months.filter("is_covered", pl.col("month").is_not_null()).select("period", "month")
    for part in variant.parts:
        grid = grid.join(_part(variant, part, data, usable), on=["period", "unit"], how="left")
    if variant.zero_when_empty:
        is_here = pl.col("covered") > 0
        fills = [pl.when(is_here).then(pl.col(p.name).fill_null(0)).otherwise(None).alias(p.name) for p in variant.parts]
        grid = grid.with_columns(fills).with_columns(pl.col("covered").alias("months_present"))
    else:
        grid = grid.join(_months_with_rows(variant, data, usable), on=["period", "unit"], how="left")
    names = [part.name for part in variant.parts]
    return grid.select(
        "period", "unit",
        compile_tree(variant.formula, grid.schema).cast(pl.Float64).alias("value"),
        pl.col("covered").alias("months_covered"), pl.col("months_present").fill_null(0),
        pl.col("expected").alias("months_expected"), "window_from", "window_to",
        pl.all_horizontal(pl.col(name).is_not_null() for name in names).alias("has_parts"),
    ).sort("period", "unit")  # fmt: skip


def _months(declared: KpiInput, variant: Variant, periods: Sequence[date], fiscal_start: int, covered: set[date]) -> pl.DataFrame:
    """Which months count for which period; ``expected`` is the number that the window wants."""
    rows: list[tuple[date, date, int, date, date, bool]] = []
    for period in periods:
        first, last = declared.span(period, fiscal_start)
        wanted = months_between(first, last)
        # A stock at one end of its window needs that month only.
        if variant.measure.over_time in ("last", "first"):
            wanted = [min(last, period) if variant.measure.over_time == "last" else first]
        rows += [(period, month, len(wanted), first, last, month in covered and month <= period) for month in wanted]
    schema = {
        "period": pl.Date, "month": pl.Date, "expected": pl.Int64, "window_from": pl.Date, "window_to": pl.Date, "is_covered": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _part(variant: Variant, part: Part, data: Cells, months: pl.DataFrame) -> pl.DataFrame:
    """One part by period and unit, summed up the tree: columns period, unit and the part's name."""
    if part.kind in (*ADDITIVE, "minimum", "maximum"):
        cells = data.cells.filter(pl.col("measure") == variant.key, pl.col("part") == part.name)
        combined = _from_cells(variant, part, cells, data.closure, months)
    else:
        states = data.states.filter(pl.col("measure") == variant.key, pl.col("part") == part.name)
        combined = _from_states(variant, part, states, data.closure, months)
    return combined.select("period", "unit", pl.col("value").alias(part.name))


def _from_cells(variant: Variant, part: Part, cells: pl.DataFrame, closure: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    is_real = cells["real"].is_not_null().any()
    value = pl.col("real" if is_real else "exact").alias("value")
    found = cells.select("unit", pl.col("period").alias("month"), value).join(months, on="month")
    extreme = {"minimum": pl.col("value").min(), "maximum": pl.col("value").max()}.get(part.kind)
    if extreme is not None:
        return found.join(closure, on=["period", "unit"]).group_by("period", pl.col("ancestor")).agg(extreme).rename({"ancestor": "unit"})
    over_time = variant.measure.over_time
    if over_time in ("minimum", "maximum"):
        pick = pl.col("value").min() if over_time == "minimum" else pl.col("value").max()
        found = found.group_by("period", "unit").agg(pick)
    summed = pl.col("value").sort().sum() if is_real else pl.col("value").sum()
    up = found.join(closure, on=["period", "unit"]).group_by("period", pl.col("ancestor")).agg(summed).rename({"ancestor": "unit"})
    return _averaged(up, months) if over_time == "average" else up


def _from_states(variant: Variant, part: Part, states: pl.DataFrame, closure: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    found = states.select("unit", pl.col("period").alias("month"), "item", "number", "rows").join(months, on="month")
    found = found.join(closure, on=["period", "unit"])
    # A stock is recomputed for each month and then taken over time; a flow once for the whole window.
    over_time = variant.measure.over_time
    keys = ["period", "ancestor"] if over_time == "sum" else ["period", "ancestor", "month"]
    if part.kind == "distinct":
        value = pl.col("item").n_unique().cast(pl.Int64)
    else:
        value = pl.col("number").repeat_by("rows").explode().quantile(part.quantile or 0.5, interpolation="linear")
    result = found.group_by(keys).agg(value.alias("value"))
    if over_time == "average" and part.kind == "distinct":
        return _averaged(result.group_by("period", "ancestor").agg(pl.col("value").sum()).rename({"ancestor": "unit"}), months)
    if over_time != "sum":
        pick = {"minimum": pl.col("value").min(), "maximum": pl.col("value").max(), "average": pl.col("value").mean()}
        result = result.group_by("period", "ancestor").agg(pick.get(over_time, pl.col("value").sum()))
    return result.rename({"ancestor": "unit"})


def _averaged(summed: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """The sum over covered months divided by their number: a unit that was not there in a month counts zero then."""
    count = months.group_by("period").agg(pl.len().alias("covered_months"))
    return summed.join(count, on="period").select(
        "period", "unit", (pl.col("value").cast(pl.Float64) / pl.col("covered_months")).alias("value")
    )


def _months_with_rows(variant: Variant, data: Cells, months: pl.DataFrame) -> pl.DataFrame:
    """In how many months of the window the unit, or one below it, had rows: column months_present."""
    columns = ["measure", "unit", "period"]
    rows = pl.concat([data.cells.select(columns), data.states.select(columns)]).filter(pl.col("measure") == variant.key)
    return (
        rows.select("unit", pl.col("period").alias("month")).unique().join(months, on="month").join(data.closure, on=["period", "unit"])
        .group_by("period", pl.col("ancestor").alias("unit")).agg(pl.col("month").n_unique().cast(pl.Int64).alias("months_present"))
    )  # fmt: skip
