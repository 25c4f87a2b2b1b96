"""From measure cells to the inputs of KPIs: over the months of a window, and up the organisation tree.

Belongs here: combining months and units. Flows are summed, stocks are taken as declared over time before units are
summed, distinct counts and percentiles are recomputed from their values. Nothing after the period is ever looked at.
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
    "period": pl.Date,
    "unit": pl.String,
    "value": pl.Float64,
    "months_covered": pl.Int64,
    "months_present": pl.Int64,
    "months_expected": pl.Int64,
    "window_from": pl.Date,
    "window_to": pl.Date,
    "has_parts": pl.Boolean,
}


@dataclass(frozen=True)
class Cells:
    """What the measures left: cells, states, the months that each source covers, and the tree's closure."""

    cells: pl.DataFrame
    states: pl.DataFrame
    covered: dict[str, set[date]]
    closure: pl.DataFrame


def input_values(
    declared: KpiInput, variant: Variant, data: Cells, periods: Sequence[date], fiscal_start: int
) -> pl.DataFrame:
    """One input of a KPI for every unit and period.

    Columns: period, unit, value (null where missing), months_covered (months of the window that the source speaks of),
    months_present (that count for this unit), months_expected (that the window has), window_from, window_to, and
    has_parts (whether there was anything to compute the value from).
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
        fills = [
            pl.when(is_here).then(pl.col(p.name).fill_null(0)).otherwise(None).alias(p.name) for p in variant.parts
        ]
        blank = _blank_months(variant, data, usable)
        present = pl.col("covered") - pl.col("blank").fill_null(0)
        grid = grid.with_columns(fills).join(blank, on=["period", "unit"], how="left")
        grid = grid.with_columns(present.alias("months_present"))
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


def _months(
    declared: KpiInput, variant: Variant, periods: Sequence[date], fiscal_start: int, covered: set[date]
) -> pl.DataFrame:
    """Which months count for which period; ``expected`` is the number that the window wants."""
    rows: list[tuple[date, date, int, date, date, bool]] = []
    for period in periods:
        first, last = declared.span(period, fiscal_start)
        wanted = months_between(first, last)
        # A stock at one end of its window needs that month only; where the window's last is still to come, the newest.
        if variant.measure.over_time in ("last", "first"):
            wanted = [min(last, period) if variant.measure.over_time == "last" else first]
        rows += [(period, month, len(wanted), first, last, month in covered and month <= period) for month in wanted]
    schema = {
        "period": pl.Date,
        "month": pl.Date,
        "expected": pl.Int64,
        "window_from": pl.Date,
        "window_to": pl.Date,
        "is_covered": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _part(variant: Variant, part: Part, data: Cells, months: pl.DataFrame) -> pl.DataFrame:
    """One part by period and unit, summed up the tree: columns period, unit and the part's name."""
    if part.kind in (*ADDITIVE, "minimum", "maximum"):
        cells = data.cells.filter(pl.col("measure") == variant.key, pl.col("part") == part.name, _has_value())
        combined = _from_cells(variant, part, cells, data.closure, months)
    else:
        states = data.states.filter(pl.col("measure") == variant.key, pl.col("part") == part.name)
        combined = _from_states(variant, part, states, data.closure, months)
    return combined.select("period", "unit", pl.col("value").alias(part.name))


def _from_cells(
    variant: Variant, part: Part, cells: pl.DataFrame, closure: pl.DataFrame, months: pl.DataFrame
) -> pl.DataFrame:
    is_real = cells["real"].is_not_null().any()
    value = pl.coalesce("real", pl.col("exact").cast(pl.Float64)) if is_real else pl.col("exact")
    found = cells.select("unit", pl.col("period").alias("month"), value.alias("value")).join(months, on="month")
    extreme = {"minimum": pl.col("value").min(), "maximum": pl.col("value").max()}.get(part.kind)
    if extreme is not None:
        up = found.join(closure, on=["period", "unit"]).rename({"unit": "below", "ancestor": "unit"})
        return _over_time(up, variant.measure.over_time, extreme)
    over_time = variant.measure.over_time
    if over_time in ("minimum", "maximum"):
        found = _extreme_of_stock(variant, found, months, over_time)
    summed = pl.col("value").sort().sum() if is_real else pl.col("value").sum()
    up = (
        found.join(closure, on=["period", "unit"])
        .group_by("period", pl.col("ancestor").alias("unit"))
        .agg(
            summed,
            pl.len().alias("present") if "month" not in found.columns else pl.col("month").n_unique().alias("present"),
        )
    )
    return _averaged(variant, up, months) if over_time == "average" else up


def _extreme_of_stock(variant: Variant, found: pl.DataFrame, months: pl.DataFrame, over_time: str) -> pl.DataFrame:
    """The least or greatest of each unit's months; a month that counts as zero when empty counts here too."""
    value = pl.col("value")
    picked = found.group_by("period", "unit").agg(
        value.min() if over_time == "minimum" else value.max(), pl.len().alias("present")
    )
    if variant.zero_when_empty:
        zero = pl.min_horizontal("value", 0) if over_time == "minimum" else pl.max_horizontal("value", 0)
        counted = months.group_by("period").agg(pl.len().alias("months"))
        picked = picked.join(counted, on="period").with_columns(
            pl.when(pl.col("present") < pl.col("months"))
            .then(zero.cast(found.schema["value"]))
            .otherwise("value")
            .alias("value")
        )
    return picked.select("period", "unit", "value")


def _over_time(found: pl.DataFrame, over_time: str, aggregate: pl.Expr) -> pl.DataFrame:
    """``aggregate`` over all rows of a window for a flow; for a stock by month, then taken over time."""
    if over_time == "sum":
        return found.group_by("period", "unit").agg(aggregate.alias("value"))
    monthly = (
        found.group_by("period", "unit", "month")
        .agg(aggregate.cast(pl.Float64).alias("value"))
        .sort("period", "unit", "month")
    )
    value = pl.col("value")
    pick = {"minimum": value.min(), "maximum": value.max(), "average": value.mean()}.get(over_time, value.last())
    return monthly.group_by("period", "unit", maintain_order=True).agg(pick)


def _from_states(
    variant: Variant, part: Part, states: pl.DataFrame, closure: pl.DataFrame, months: pl.DataFrame
) -> pl.DataFrame:
    found = states.select("unit", pl.col("period").alias("month"), "item", "number", "rows").join(months, on="month")
    found = found.join(closure, on=["period", "unit"]).rename({"unit": "below", "ancestor": "unit"})
    over_time = variant.measure.over_time
    if part.kind == "quantile":
        value = pl.col("number").repeat_by("rows").explode().quantile(part.quantile or 0.0, interpolation="linear")
        return _over_time(found, over_time, value)
    value = pl.col("item").n_unique().cast(pl.Int64)
    if over_time == "average":
        monthly = found.group_by("period", "unit", "month").agg(value.alias("value"))
        summed = monthly.group_by("period", "unit").agg(pl.col("value").sum(), pl.len().alias("present"))
        return _averaged(variant, summed, months)
    if over_time == "minimum" and variant.zero_when_empty:
        monthly = found.group_by("period", "unit", "month").agg(value.alias("value"))
        return _extreme_of_stock(variant, monthly, months, over_time)
    return _over_time(found, over_time, value)


def _averaged(variant: Variant, summed: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """The sum over months by their number: all covered ones where an empty month is zero, else those with rows."""
    counted = summed.join(months.group_by("period").agg(pl.len().alias("covered_months")), on="period")
    number = pl.col("covered_months" if variant.zero_when_empty else "present")
    return counted.select("period", "unit", (pl.col("value").cast(pl.Float64) / number).alias("value"))


def _months_with_rows(variant: Variant, data: Cells, months: pl.DataFrame) -> pl.DataFrame:
    """In how many months of the window the unit, or one below it, had rows: column months_present."""
    columns = ["measure", "unit", "period"]
    cells = data.cells.filter(_has_value()).select(columns)
    rows = pl.concat([cells, data.states.select(columns)]).filter(pl.col("measure") == variant.key)
    return (
        rows.select("unit", pl.col("period").alias("month"))
        .unique()
        .join(months, on="month")
        .join(data.closure, on=["period", "unit"])
        .group_by("period", pl.col("ancestor").alias("unit"))
        .agg(pl.col("month").n_unique().cast(pl.Int64).alias("months_present"))
    )


def _blank_months(variant: Variant, data: Cells, months: pl.DataFrame) -> pl.DataFrame:
    """In how many months of the window a sum of the unit has rows but no value in any of them: column blank."""
    sums = [part.name for part in variant.parts if part.kind == "sum"]
    cells = data.cells.filter(pl.col("measure") == variant.key, pl.col("part").is_in(sums))
    if cells.select(_has_value().all()).item():
        cells = cells.clear()
    return (
        cells.select("part", "unit", pl.col("period").alias("month"), _has_value().alias("has_value"))
        .join(months, on="month")
        .join(data.closure, on=["period", "unit"])
        .group_by("period", pl.col("ancestor").alias("unit"), "month", "part")
        .agg(pl.col("has_value").any())
        .filter(~pl.col("has_value"))
        .group_by("period", "unit")
        .agg(pl.col("month").n_unique().cast(pl.Int64).alias("blank"))
    )


def _has_value() -> pl.Expr:
    return pl.col("exact").is_not_null() | pl.col("real").is_not_null()
