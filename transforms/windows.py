"""From measure cells to the inputs of KPIs: over the months of a window, and up the organisation tree.

Belongs here: what a flow, an extreme, a distinct count or a percentile is over a window. Stocks are ``stocks.py``, the
joins and running totals ``climbing.py``. Flows are summed, distinct counts and percentiles are recomputed from their
values. Nothing after the period is ever looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce

import polars as pl

from transforms.climbing import KEYS, ROW, climb, month_by_month, over_spans, summed
from transforms.distinct import distinct_over_spans
from transforms.expressions import compile_tree
from transforms.measuring import MEASURE_STATES, PartKey
from transforms.parts import ADDITIVE, STATES, Part
from transforms.plan import WITHOUT_RATE, KpiInput, Variant
from transforms.scored import TEXT_NOT_LISTED
from transforms.spans import month_number, numbered, spans
from transforms.stocks import carried, last_known, late_months, stock_over_spans
from transforms.tree import Trees

NO_RATE = "no_rate"
SEVERAL_TEXTS = "several_texts"


@dataclass(frozen=True)
class Cells:
    """What the measures left: cells, states by variant and part, the months that each source covers, and the trees."""

    cells: pl.DataFrame
    states: Mapping[PartKey, pl.LazyFrame]
    covered: dict[str, set[date]]
    trees: Trees

    def alone(self) -> Cells:
        """The same with every unit by itself: nothing counts above its own unit."""
        own = self.trees.pairs.filter(pl.col("distance") == 0)
        return replace(self, trees=replace(self.trees, pairs=own))

    def coded(self) -> Cells:
        """The same with units and slices as categories, by which frames join and group several times faster."""
        cells = self.cells.with_columns(pl.col("unit", "slice").cast(pl.Categorical))
        pairs = self.trees.pairs.with_columns(pl.col("unit", "ancestor").cast(pl.Categorical))
        existing = self.trees.existing.with_columns(pl.col("unit").cast(pl.Categorical))
        return Cells(cells, self.states, self.covered, replace(self.trees, pairs=pairs, existing=existing))


@dataclass(frozen=True)
class WindowParts:
    """The parts of one input over its spans.

    ``parts`` has period, unit, slice, a column for every part, ``present`` (months with rows), ``blank`` (months in
    which a sum has rows but no value) and ``late`` (months for which a unit below is late); rows only where there is
    anything.
    """

    variant: Variant
    spans: pl.DataFrame
    parts: pl.DataFrame


def window_parts(
    declared: KpiInput, variant: Variant, data: Cells, periods: Sequence[date], fiscal_start: int
) -> WindowParts:
    """Every part of an input, for every unit and period for which there is anything."""
    covered = data.covered.get(variant.measure.source, set())
    found = spans(declared, variant.measure.over_time, covered, periods, data.trees, fiscal_start)
    months = [month_number(month) for month in covered]
    cells = _of(data.cells, variant, months)
    states = {part.name: _states(data, variant, part, months) for part in variant.parts if part.kind in STATES}
    valued = cells.filter(has_value())
    # A count of values is there wherever rows are: a month of which all other parts are empty does not count.
    counts = [part.name for part in variant.parts if part.kind == "count"]
    told = valued if len(counts) == len(variant.parts) else valued.filter(~pl.col("part").is_in(counts))
    places = pl.concat([_places(told), *(_places(rows) for rows in states.values())]).unique()
    if variant.late.kind == "last known":
        places = pl.concat([places, last_known(places, variant.late, data.trees, covered).drop("known")])
        valued = carried(valued, variant.late, data.trees, covered)
    late = late_months(places, variant.late, data.trees, covered)
    late = climb(late, data.trees, found).select(*KEYS, "m")
    months_with_rows = climb(places, data.trees, found).select(*KEYS, "m")
    frames = [_part(variant, part, states.get(part.name, valued), data.trees, found, late) for part in variant.parts]
    # A month for which a unit below is late is no month of the sum.
    frames.append(_counted(months_with_rows.join(late, on=[*KEYS, "m"], how="anti"), found, "present"))
    frames.append(_counted(late, found, "late"))
    frames.append(_blank(variant, cells, data.trees, found))
    joined = reduce(lambda one, other: one.join(other, on=ROW, how="full", coalesce=True), frames)
    return WindowParts(variant, found, joined)


def input_values(found: WindowParts, grid: pl.DataFrame) -> pl.DataFrame:
    """One input of a KPI for every row of ``grid`` (period, unit, slice).

    Adds value (null where missing), window_from and window_to; months_covered counts the months of the window that
    the source speaks of, months_present those that count for this unit, months_expected those that the window has;
    has_parts says whether there was anything to compute the value from, ``problem`` what makes it missing whatever
    else holds, ``is_late`` whether a unit's snapshot has not come for a month of the window.
    """
    variant = found.variant
    names = [part.name for part in variant.parts if part.name != WITHOUT_RATE]
    columns = ["period", "covered", "expected", "window_from", "window_to"]
    rows = grid.join(found.spans.select(columns), on="period", how="left", maintain_order="left")
    rows = rows.join(found.parts, on=ROW, how="left", maintain_order="left")
    present = pl.col("present").fill_null(0)
    if variant.zero_when_empty:
        is_here = pl.col("covered") > 0
        rows = rows.with_columns(pl.when(is_here).then(pl.col(name).fill_null(0)).alias(name) for name in names)
        present = pl.col("covered") - pl.col("blank").fill_null(0)
    return rows.select(
        *ROW,
        compile_tree(variant.formula, rows.schema).cast(pl.Float64).alias("value"),
        pl.col("covered").alias("months_covered"),
        present.alias("months_present"),
        pl.col("expected").alias("months_expected"),
        "window_from",
        "window_to",
        pl.all_horizontal(pl.col(name).is_not_null() for name in names).alias("has_parts"),
        _problem(variant).alias("problem"),
        (pl.col("late").fill_null(0) > 0).alias("is_late"),
    )


def _problem(variant: Variant) -> pl.Expr:
    problem = pl.lit(None, dtype=pl.String)
    if variant.measure.currency is not None:
        problem = pl.when(pl.col(WITHOUT_RATE) > 0).then(pl.lit(NO_RATE)).otherwise(problem)
    for part in variant.parts:
        if part.kind == "text":
            disagrees, unknown = pl.col(part.name) < 0, pl.col(part.name) == 0
            problem = pl.when(unknown).then(pl.lit(TEXT_NOT_LISTED)).otherwise(problem)
            problem = pl.when(disagrees).then(pl.lit(SEVERAL_TEXTS)).otherwise(problem)
    return problem


def _of(frame: pl.DataFrame, variant: Variant, months: Sequence[int]) -> pl.DataFrame:
    """The rows of a variant in months that its source covers, with the month's number as ``m``."""
    own = frame.filter(pl.col("measure") == variant.key).with_columns(numbered("period").alias("m"))
    return own.filter(pl.col("m").is_in(list(months))).drop("measure", "period")


def _states(data: Cells, variant: Variant, part: Part, months: Sequence[int]) -> pl.DataFrame:
    """The states of a part in months that its source covers: unit, slice, m, value, rows."""
    found = data.states.get((variant.key, part.name))
    if found is None:
        return pl.DataFrame(schema={**MEASURE_STATES, "m": pl.Int32, "value": pl.String}).drop("period")
    month = numbered("period").alias("m")
    return found.select("unit", "slice", month, "value", "rows").filter(pl.col("m").is_in(list(months))).collect()


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    """The months in which units have rows, each once."""
    return frame.lazy().select("unit", "slice", "m").unique().collect(engine="streaming")


def _part(
    variant: Variant, part: Part, rows: pl.DataFrame, trees: Trees, spans: pl.DataFrame, late: pl.DataFrame
) -> pl.DataFrame:
    """One part over the spans: columns period, unit, slice and the part's name."""
    own = rows.filter(pl.col("part") == part.name) if "part" in rows.columns else rows
    if part.kind == "text":
        result = _text(variant, own, trees, spans)
    elif part.kind in (*ADDITIVE, "minimum", "maximum"):
        is_real = own["real"].is_not_null().any()
        value = pl.coalesce("real", pl.col("exact").cast(pl.Float64)) if is_real else pl.col("exact")
        cells = own.select("unit", "slice", "m", value.alias("value"))
        if variant.is_stock and part.name != WITHOUT_RATE:
            combined = None if part.kind in ADDITIVE else _combined(part)
            result = stock_over_spans(variant, combined, cells, trees, spans, late)
        elif part.kind in ADDITIVE:
            up = climb(cells, trees, spans)
            result = summed(month_by_month(summed(up), spans), ROW) if is_real else over_spans(up, spans)
        else:
            inside = month_by_month(climb(cells, trees, spans), spans)
            result = inside.group_by(ROW).agg(_combined(part).alias("value"))
    elif variant.is_stock:
        result = stock_over_spans(variant, _combined(part), own, trees, spans, late)
    elif part.kind == "distinct":
        result = distinct_over_spans(own, trees, spans)
    else:
        inside = month_by_month(climb(own, trees, spans), spans)
        result = inside.group_by(ROW).agg(_combined(part).alias("value"))
    return result.select(*ROW, pl.col("value").alias(part.name))


def _combined(part: Part) -> pl.Expr:
    """How values of several units or months are taken together, in one group, where they do not add up."""
    if part.kind == "quantile":
        values = pl.col("value").repeat_by("rows").explode()
        return values.quantile(part.quantile or 0.0, interpolation="linear")
    if part.kind == "distinct":
        return pl.col("value").n_unique().cast(pl.Int64)
    return pl.col("value").min() if part.kind == "minimum" else pl.col("value").max()


def _text(variant: Variant, states: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """The position (from 1) of the one text that all rows have; 0 for a text not declared, −1 for several texts."""
    inside = month_by_month(climb(states, trees, spans), spans)
    if variant.measure.over_time == "last":
        inside = inside.filter(pl.col("m") == pl.col("m").max().over(ROW))
    texts = pl.DataFrame(
        {"value": list(variant.texts), "position": range(1, len(variant.texts) + 1)},
        schema={"value": pl.String, "position": pl.Int64},
    )
    one = inside.group_by(ROW).agg(pl.col("value").n_unique().alias("texts"), pl.col("value").first())
    known = one.join(texts, on="value", how="left")
    value = pl.when(pl.col("texts") > 1).then(-1).otherwise(pl.col("position").fill_null(0))
    return known.select(*ROW, value.cast(pl.Int64).alias("value"))


def _blank(variant: Variant, cells: pl.DataFrame, trees: Trees, spans: pl.DataFrame) -> pl.DataFrame:
    """In how many months of the span a sum of the unit has rows but no value in any of them: column blank."""
    sums = [part.name for part in variant.parts if part.kind == "sum"]
    own = cells.filter(pl.col("part").is_in(sums)).with_columns(has_value().alias("has_value"))
    if not variant.zero_when_empty or own["has_value"].all():
        return pl.DataFrame(
            schema={"period": pl.Date, "unit": pl.Categorical, "slice": pl.Categorical, "blank": pl.Int64}
        )
    up = climb(own.select("part", "unit", "slice", "m", "has_value"), trees, spans)
    without = up.group_by(*KEYS, "m", "part").agg(pl.col("has_value").any()).filter(~pl.col("has_value"))
    return _counted(without.select(*KEYS, "m"), spans, "blank")


def _counted(months: pl.DataFrame, spans: pl.DataFrame, name: str) -> pl.DataFrame:
    """How many months of the span are among ``months`` (tree, unit, slice, m)."""
    return over_spans(months, spans).select(*ROW, pl.col("n").alias(name))


def has_value() -> pl.Expr:
    """Whether a cell has a value: rows alone are none."""
    return pl.col("exact").is_not_null() | pl.col("real").is_not_null()
