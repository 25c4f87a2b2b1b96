"""From staged rows to measure cells: the parts of every measure by unit and month.

Belongs here: aggregation of rows. Does not belong here: which unit and month a row belongs to (``placing.py``), nor the
unit tree and windows (``windows.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

import polars as pl

from scorecards.sources import Source
from transforms.expressions import EXACT, compile_sql, compile_tree
from transforms.placing import hold
from transforms.plan import STATES, Part, Variant

CELLS = {
    "measure": pl.String(), "part": pl.String(), "period": pl.Date(), "unit": pl.String(),
    "exact": EXACT, "real": pl.Float64(), "rows": pl.Int64(),
}  # fmt: skip
MEASURE_STATES = {
    "measure": pl.String(), "part": pl.String(), "period": pl.Date(), "unit": pl.String(),
    "item": pl.String(), "number": pl.Float64(), "rows": pl.Int64(),
}  # fmt: skip


def measure_cells(source: Source, placed: pl.LazyFrame, variants: Sequence[Variant], months: Sequence[date]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells and states of all ``variants`` of one source, for ``months``; ``placed`` is from ``placing.place_rows``.

    A measure with a date column of its own counts every row once, even where rows hold over a time.
    Returns the frames ``CELLS`` (additive parts and extremes, exact where the rows are; ``rows`` counts the rows behind
    each) and ``MEASURE_STATES`` (every distinct value with its count, for distinct counts and percentiles).
    """
    cells: list[pl.DataFrame] = []
    states: list[pl.DataFrame] = []
    for period_column in sorted({variant.measure.period or "" for variant in variants}):
        group = [variant for variant in variants if (variant.measure.period or "") == period_column]
        period = pl.col(period_column).cast(pl.Date).dt.truncate("1mo") if period_column else pl.col("_period")
        base = placed if period_column else hold(source, placed, months)
        rows = base.with_columns(period.alias("_month")).filter(pl.col("_month").is_in(list(months)), pl.col("_unit").is_not_null())
        cells.extend(_cells(rows, group))
        states.extend(_states(rows, variant, part) for variant in group for part in variant.parts if part.kind in STATES)
    return (
        pl.concat([pl.DataFrame(schema=CELLS), *cells]).sort("measure", "part", "period", "unit"),
        pl.concat([pl.DataFrame(schema=MEASURE_STATES), *states]).sort("measure", "part", "period", "unit", "item", "number"),
    )


def _cells(rows: pl.LazyFrame, variants: Sequence[Variant]) -> list[pl.DataFrame]:
    schema = rows.collect_schema()
    parts = [(variant, part) for variant in variants for part in variant.parts if part.kind not in STATES]
    if not parts:
        return []
    aggregates: list[pl.Expr] = []
    for index, (variant, part) in enumerate(parts):
        counts = _condition(variant.conditions, None, schema)
        aggregates += [_aggregate(variant, part, schema).alias(f"v{index}"), counts.sum().cast(pl.Int64).alias(f"n{index}")]
    wide = rows.group_by("_unit", "_month").agg(aggregates).collect()
    found: list[pl.DataFrame] = []
    for index, (variant, part) in enumerate(parts):
        value, is_real = pl.col(f"v{index}"), wide.schema[f"v{index}"] in (pl.Float64, pl.Float32)
        found.append(
            wide.filter(pl.col(f"n{index}") > 0, value.is_not_null()).select(
                pl.lit(variant.key).alias("measure"), pl.lit(part.name).alias("part"), pl.col("_month").alias("period"),
                pl.col("_unit").alias("unit"),
                (pl.lit(None) if is_real else value).cast(EXACT).alias("exact"),
                (value if is_real else pl.lit(None)).cast(pl.Float64).alias("real"),
                pl.col(f"n{index}").alias("rows"),
            )
        )  # fmt: skip
    return found


def _aggregate(variant: Variant, part: Part, schema: pl.Schema) -> pl.Expr:
    counts = _condition(variant.conditions, part, schema)
    if part.argument is None:
        return counts.sum().cast(pl.Int64)
    argument = compile_tree(part.argument, schema).filter(counts).drop_nulls()
    if part.kind == "count":
        return argument.len().cast(pl.Int64)
    if part.kind == "minimum":
        return argument.min()
    if part.kind == "maximum":
        return argument.max()
    # Floats are summed in sorted order, so that the order of rows and threads cannot show in the last digits.
    is_float = pl.DataFrame(schema=schema).select(compile_tree(part.argument, schema)).dtypes[0].is_float()
    return pl.when(argument.len() > 0).then(argument.sort().sum() if is_float else argument.cast(EXACT).sum())


def _states(rows: pl.LazyFrame, variant: Variant, part: Part) -> pl.DataFrame:
    schema = rows.collect_schema()
    assert part.argument is not None
    value = compile_tree(part.argument, schema)
    is_text = part.kind == "distinct"
    return (
        rows.filter(_condition(variant.conditions, part, schema))
        .select("_unit", "_month", value.cast(pl.String if is_text else pl.Float64).alias("_value"))
        .drop_nulls("_value")
        .group_by("_unit", "_month", "_value")
        .agg(pl.len().cast(pl.Int64).alias("rows"))
        .select(
            pl.lit(variant.key).alias("measure"), pl.lit(part.name).alias("part"), pl.col("_month").alias("period"),
            pl.col("_unit").alias("unit"),
            (pl.col("_value") if is_text else pl.lit(None, dtype=pl.String)).alias("item"),
            (pl.lit(None, dtype=pl.Float64) if is_text else pl.col("_value")).alias("number"),
            "rows",
        )
        .collect()
    )  # fmt: skip


def _condition(conditions: Sequence[str], part: Part | None, schema: pl.Schema) -> pl.Expr:
    tests = [compile_sql(text, schema) for text in conditions]
    if part is not None and part.condition is not None:
        tests.append(compile_tree(part.condition, schema))
    combined = reduce(lambda a, b: a & b, tests) if tests else pl.repeat(True, pl.len(), dtype=pl.Boolean)
    return combined.fill_null(False)
