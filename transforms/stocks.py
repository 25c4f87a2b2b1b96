"""Stocks: levels that do not add up over months, such as headcount or a backlog.

Belongs here: which month or months of a span a stock is taken from, and what a unit is whose snapshot has not come. A
stock is taken over time before units are summed; the average of a sum is the sum of the averages, so that one is summed
first, which keeps it exact.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from scorecards.periods import LATE_MONTHS, Late
from transforms.climbing import KEYS, ROW, climb, month_by_month, over_spans, summed, trees_by_month
from transforms.plan import Variant
from transforms.spans import month_number, numbered
from transforms.tree import Trees


def stock_over_spans(
    variant: Variant, combined: pl.Expr | None, rows: pl.DataFrame, trees: Trees, spans: pl.DataFrame,
    late: pl.DataFrame,
) -> pl.DataFrame:  # fmt: skip
    """A part of a stock over the spans: columns period, unit, slice, value.

    ``rows`` has unit, slice, m and what ``combined`` takes together; without it, values that add up. ``late``
    (tree, unit, slice, m) are months that do not count, because a unit below is late.
    """
    over_time = variant.measure.over_time
    if combined is None and over_time in ("minimum", "maximum"):
        return _extreme_by_unit(variant, rows, trees, spans)
    up = climb(rows, trees, spans)
    monthly = summed(up) if combined is None else up.group_by(*KEYS, "m").agg(combined.alias("value"))
    monthly = monthly.join(late, on=[*KEYS, "m"], how="anti")
    if over_time == "average":
        return _average(variant, monthly, spans)
    inside = month_by_month(monthly, spans)
    if over_time in ("minimum", "maximum"):
        pick = pl.col("value").min() if over_time == "minimum" else pl.col("value").max()
        found = inside.group_by(ROW).agg(pick, pl.len().cast(pl.Int64).alias("n"))
        return _with_empty_months(variant, found, spans).select(*ROW, "value")
    return inside.select(*ROW, "value")


def _average(variant: Variant, monthly: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """The sum over months by their number: all covered ones where an empty month is zero, else those with rows."""
    if isinstance(monthly.schema["value"], pl.Decimal) or monthly.schema["value"].is_integer():
        total = over_spans(monthly, spans)
    else:
        inside = month_by_month(monthly, spans)
        months = inside.group_by(ROW).agg(pl.len().cast(pl.Int64).alias("n"))
        total = summed(inside, ROW).join(months, on=ROW)
    counted = total.join(spans.select("period", "covered"), on="period")
    number = pl.col("covered" if variant.zero_when_empty else "n")
    return counted.select(*ROW, (pl.col("value").cast(pl.Float64) / number).alias("value"))


def _extreme_by_unit(variant: Variant, rows: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """The least or greatest of each unit's months, then summed up the tree."""
    is_least = variant.measure.over_time == "minimum"
    every_tree = spans.select("tree").unique()
    inside = month_by_month(rows.join(every_tree, how="cross"), spans)
    pick = pl.col("value").min() if is_least else pl.col("value").max()
    found = inside.group_by(*ROW, "tree").agg(pick, pl.len().cast(pl.Int64).alias("n"), pl.col("m").max())
    found = _with_empty_months(variant, found, spans)
    pairs = trees.pairs.select("tree", "unit", "ancestor")
    if trees.past_stays:
        found = found.drop("tree").join(trees_by_month(trees), on="m")
    up = found.join(pairs, on=["tree", "unit"])
    return summed(up.drop("unit").rename({"ancestor": "unit"}), ROW)


def _with_empty_months(variant: Variant, found: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """A month that counts as zero when empty counts towards the least and the greatest too."""
    if not variant.zero_when_empty:
        return found
    least = variant.measure.over_time == "minimum"
    zero = pl.min_horizontal("value", 0) if least else pl.max_horizontal("value", 0)
    counted = found.join(spans.select("period", "covered"), on="period")
    value = pl.when(pl.col("n") < pl.col("covered")).then(zero.cast(found.schema["value"])).otherwise("value")
    return counted.with_columns(value.alias("value")).drop("covered")


def carried(cells: pl.DataFrame, late: Late, trees: Trees, covered: Collection[date]) -> pl.DataFrame:
    """Cells (with unit, slice and m), and once more the last known ones for the months in which a unit is late."""
    known = last_known(cells.select("unit", "slice", "m").unique(), late, trees, covered)
    again = known.join(cells.rename({"m": "known"}), on=["unit", "slice", "known"])
    return pl.concat([cells, again.select(cells.columns)])


def last_known(places: pl.DataFrame, late: Late, trees: Trees, covered: Collection[date]) -> pl.DataFrame:
    """Months in which a unit is late but known for no longer than declared: columns unit, slice, m, known."""
    found = _last_known(places, trees, covered)
    return found.filter(pl.col("m") - pl.col("known") <= late.months).select("unit", "slice", "m", "known")


def late_months(places: pl.DataFrame, late: Late, trees: Trees, covered: Collection[date]) -> pl.DataFrame:
    """The months in which a unit is late and nothing stands in for it: columns unit, slice, m.

    A unit is late in a month that its source speaks of, when it exists, has no rows, and had some in the twelve months
    before. ``places`` (unit, slice, m) are the months with rows, or with what is known instead.
    """
    if late.kind == "left out":
        return places.clear()
    found = _last_known(places, trees, covered).filter(pl.col("m") - pl.col("known") <= LATE_MONTHS)
    return found.select("unit", "slice", "m")


def _last_known(places: pl.DataFrame, trees: Trees, covered: Collection[date]) -> pl.DataFrame:
    """For the months in which a unit lacks rows, the newest earlier one with some: unit, slice, m and known."""
    months = pl.DataFrame({"m": sorted(month_number(month) for month in covered)}, schema={"m": pl.Int32})
    alive = trees.existing.select("unit", numbered("period").alias("m")).join(months, on="m", how="semi")
    wanted = places.select("unit", "slice").unique().join(alive, on="unit")
    wanted = wanted.join(places, on=["unit", "slice", "m"], how="anti").sort("m")
    seen = places.select("unit", "slice", "m", pl.col("m").alias("known")).sort("m")
    return wanted.join_asof(seen, on="m", by=["unit", "slice"], check_sortedness=False).filter(
        pl.col("known").is_not_null()
    )
