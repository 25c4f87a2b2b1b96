"""From staged rows to measure cells: the parts of every measure by unit and month.

Belongs here: aggregation of rows. Does not belong here: which unit and month a row belongs to (``placing.py``), what a
currency is worth (``converting.py``), nor the unit tree and windows (``windows.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import reduce

import polars as pl

from scorecards.sources import Source
from transforms.converting import Exchange
from transforms.dating import BY_MONTHS, Dating
from transforms.expressions import compile_sql, compile_tree, type_of
from transforms.float_sums import float_sums
from transforms.parts import STATES, Part
from transforms.placing import hold
from transforms.plan import WITHOUT_RATE, Variant
from transforms.sql_functions import EXACT

# Parts whose argument is an amount where the measure has a currency; counts and distinct counts have none.
_OF_AMOUNTS = ("sum", "minimum", "maximum", "quantile")
CELLS = {
    "measure": pl.String(), "part": pl.String(), "period": pl.Date(), "unit": pl.String(), "slice": pl.String(),
    "exact": EXACT, "real": pl.Float64(), "rows": pl.Int64(),
}  # fmt: skip
MEASURE_STATES = {
    "period": pl.Date(), "unit": pl.Categorical(), "slice": pl.Categorical(), "rows": pl.Int64(),
}  # fmt: skip
PartKey = tuple[str, str]
CELL = "\x1f"
"""Between the values of a variant's ``cells`` in the name of a slice."""


def measure_cells(
    source: Source, placed: pl.LazyFrame, variants: Sequence[Variant], months: Sequence[date],
    dating: Dating = BY_MONTHS, exchange: Exchange | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The frame ``CELLS`` of all ``variants`` of one source, for ``months``; ``placed`` is from ``placing.place_rows``.

    They are additive parts and extremes, exact where the rows are; ``rows`` counts the rows behind each. Sorted by
    measure, part, period, unit and slice.

    A measure with a date column of its own counts every row once, even where rows hold over a time; ``dating`` is
    ``dating.dating_of`` the source. In a measure with a currency, the arguments of sums, averages, extremes and
    percentiles are amounts: each is converted by ``exchange`` before it is aggregated, and the part ``WITHOUT_RATE``
    counts the rows for which an amount finds no rate; it has no cell where there are none.
    """
    groups = _grouped(source, placed, variants, months, dating, exchange)
    cells = {key: cell for rows, group in groups for key, cell in _cells(rows, group, exchange)}
    return pl.concat([pl.DataFrame(schema=CELLS), *(cells[key] for key in sorted(cells))])


def measure_states(
    source: Source, placed: pl.LazyFrame, variants: Sequence[Variant], months: Sequence[date],
    dating: Dating = BY_MONTHS, exchange: Exchange | None = None,
) -> Iterator[tuple[PartKey, pl.DataFrame]]:  # fmt: skip
    """Every distinct value with its count, for distinct counts, percentiles and texts: one part after the other.

    Yields the keys of variant and part, and ``MEASURE_STATES`` with the column ``value``. There may be as many as rows:
    they are computed in the streaming engine and handed over part by part.
    """
    for rows, group in _grouped(source, placed, variants, months, dating, exchange):
        for variant in group:
            for part in variant.parts:
                if part.kind in STATES:
                    yield (variant.key, part.name), _states(rows, variant, part, exchange)


def _grouped(
    source: Source, placed: pl.LazyFrame, variants: Sequence[Variant], months: Sequence[date], dating: Dating,
    exchange: Exchange | None,
) -> Iterator[tuple[pl.LazyFrame, list[Variant]]]:  # fmt: skip
    """Variants that are aggregated from the same rows, and those rows with _unit, _month and _slice."""
    for way in sorted({_way(variant) for variant in variants}):
        group = [variant for variant in variants if _way(variant) == way]
        measure = group[0].measure
        base = placed if measure.period else hold(source, placed, months, dating.calendar)
        period = dating.period(measure.period) if measure.period else pl.col("_period")
        # Grouping by categories is several times faster than by texts.
        coded = (
            pl.col("_unit").cast(pl.Categorical),
            period.alias("_month"),
            _slice(group[0], base).cast(pl.Categorical),
        )
        rows = base.with_columns(coded).filter(pl.col("_month").is_in(list(months)), pl.col("_unit").is_not_null())
        if measure.currency and exchange is not None:
            rows = exchange.join(rows, measure)
        yield rows, group


def _way(variant: Variant) -> tuple[str, str, tuple[str, ...], str, str]:
    """Variants with the same date column, slices, currency column and rate are aggregated from the same rows."""
    measure = variant.measure
    rate = measure.rate if measure.currency else ""
    return measure.period or "", variant.by or "", variant.cells, measure.currency or "", rate


def _slice(variant: Variant, rows: pl.LazyFrame) -> pl.Expr:
    """The slice that a row is in: empty for the whole, else the column and its value, which may be blank."""
    if variant.cells:
        schema = rows.collect_schema()
        told = [compile_sql(text, schema).cast(pl.String).fill_null("") for text in variant.cells]
        return pl.concat_str([each.str.replace_all(CELL, " ", literal=True) for each in told], separator=CELL).alias(
            "_slice"
        )
    if variant.by:
        return pl.concat_str(pl.lit(f"{variant.by}="), pl.col(variant.by).cast(pl.String).fill_null("")).alias("_slice")
    return pl.lit("").alias("_slice")


def _cells(
    rows: pl.LazyFrame, variants: Sequence[Variant], exchange: Exchange | None
) -> list[tuple[PartKey, pl.DataFrame]]:
    parts = [(variant, part) for variant in variants for part in variant.parts if part.kind not in STATES]
    if not parts:
        return []
    schema = rows.collect_schema()
    # Conditions and arguments become columns first: Polars 2.1 has been seen to give wrong counts where a condition
    # such as 2 = pieces stands inside an aggregation.
    row_wise: list[pl.Expr] = []
    counted: list[pl.Expr] = []
    for index, (variant, part) in enumerate(parts):
        for name, own in (("n", None), ("m", part)):
            if variant.conditions or (own is not None and own.condition is not None):
                row_wise.append(_condition(variant.conditions, own, schema).alias(f"{name}{index}"))
                counted.append(pl.col(f"{name}{index}").sum().cast(pl.Int64))
            else:
                counted.append(pl.len().cast(pl.Int64).alias(f"{name}{index}"))
        row_wise.append(_argument(variant, part, schema, exchange).alias(f"a{index}"))
    prepared = rows.select("_unit", "_month", "_slice", *row_wise)
    types = prepared.collect_schema()
    values = [_aggregate(part, pl.col(f"a{index}")).alias(f"v{index}") for index, (_, part) in enumerate(parts)]
    wide = prepared.group_by("_unit", "_month", "_slice").agg(values + counted).collect(engine="streaming")
    for index, (_, part) in enumerate(parts):
        if part.kind == "sum" and types[f"a{index}"].is_float():
            real = prepared.select("_unit", "_month", "_slice", pl.col(f"a{index}").alias(f"v{index}")).collect()
            sums = float_sums(real, ["_unit", "_month", "_slice"], f"v{index}")
            wide = wide.drop(f"v{index}").join(sums, on=["_unit", "_month", "_slice"], how="left")
    # In order once for all parts.
    wide = wide.with_columns(pl.col("_unit", "_slice").cast(pl.String)).sort("_month", "_unit", "_slice")
    return [
        ((variant.key, part.name), _as_cells(wide, index, variant, part)) for index, (variant, part) in enumerate(parts)
    ]


def _as_cells(wide: pl.DataFrame, index: int, variant: Variant, part: Part) -> pl.DataFrame:
    value, is_real = pl.col(f"v{index}"), wide.schema[f"v{index}"].is_float()
    # A sum over rows that are there but all empty is kept as a cell without a value: it is missing, never zero.
    is_blank_sum = pl.lit(part.kind == "sum") & (pl.col(f"m{index}") > 0)
    # A cell says that there were rows: a month whose amounts are all empty must not seem to have some.
    is_told = value > 0 if part.name == WITHOUT_RATE else value.is_not_null() | is_blank_sum
    return wide.filter(pl.col(f"n{index}") > 0, is_told).select(
        pl.lit(variant.key).alias("measure"),
        pl.lit(part.name).alias("part"),
        pl.col("_month").alias("period"),
        pl.col("_unit").alias("unit"),
        pl.col("_slice").alias("slice"),
        (pl.lit(None) if is_real else value).cast(EXACT).alias("exact"),
        (value if is_real else pl.lit(None)).cast(pl.Float64).alias("real"),
        pl.col(f"n{index}").alias("rows"),
    )


def _argument(variant: Variant, part: Part, schema: pl.Schema, exchange: Exchange | None) -> pl.Expr:
    """What a row brings to a part: null where it does not count. True brings 1, and COUNT(*) counts rows as true."""
    counts = _condition(variant.conditions, part, schema)
    if part.name == WITHOUT_RATE:
        counts = counts & _lacks_rate(variant, schema, exchange)
    if part.argument is None:
        return pl.when(counts).then(pl.lit(True))
    argument = compile_tree(part.argument, schema)
    dtype = type_of(argument, schema)
    if variant.measure.currency and exchange is not None and part.kind in _OF_AMOUNTS:
        argument = exchange.amount(argument, dtype, variant.measure)
    elif part.kind == "sum" and not dtype.is_float():
        argument = (argument.cast(pl.Int64) if dtype == pl.Boolean else argument).cast(EXACT)
    return pl.when(counts).then(argument)


def _lacks_rate(variant: Variant, schema: pl.Schema, exchange: Exchange | None) -> pl.Expr:
    """Whether a row brings an amount that cannot be converted to any part of the measure."""
    amounts = [part for part in variant.parts if part.kind in _OF_AMOUNTS and part.argument is not None]
    if exchange is None or not amounts:
        return pl.lit(False)
    brought = [
        _condition((), part, schema) & compile_tree(part.argument, schema).is_not_null()
        for part in amounts
        if part.argument is not None
    ]
    return pl.any_horizontal(brought) & exchange.lacks_rate(variant.measure)


def _aggregate(part: Part, argument: pl.Expr) -> pl.Expr:
    if part.kind == "count":
        return argument.count().cast(pl.Int64)
    if part.kind == "minimum":
        return argument.min()
    if part.kind == "maximum":
        return argument.max()
    return pl.when(argument.count() > 0).then(argument.sum())


def _states(rows: pl.LazyFrame, variant: Variant, part: Part, exchange: Exchange | None) -> pl.DataFrame:
    schema = rows.collect_schema()
    value = _argument(variant, part, schema, exchange)
    dtype = type_of(value, schema)
    kept = pl.Float64() if part.kind == "quantile" else pl.Int64() if dtype.is_integer() else pl.String()
    return (
        rows.filter(_condition(variant.conditions, part, schema))
        .select("_unit", "_month", "_slice", value.cast(kept).alias("value"))
        .drop_nulls("value")
        .group_by("_unit", "_month", "_slice", "value")
        .agg(pl.len().cast(pl.Int64).alias("rows"))
        .select(pl.col("_month").alias("period"), pl.col("_unit").alias("unit"), pl.col("_slice").alias("slice"),
                "value", "rows")
        .collect(engine="streaming")
    )  # fmt: skip


def _condition(conditions: Sequence[str], part: Part | None, schema: pl.Schema) -> pl.Expr:
    tests = [compile_sql(text, schema) for text in conditions]
    if part is not None and part.condition is not None:
        tests.append(compile_tree(part.condition, schema))
    combined = reduce(lambda a, b: a & b, tests) if tests else pl.lit(True)
    return combined.fill_null(False)
