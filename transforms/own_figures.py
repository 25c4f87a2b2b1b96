"""What stands behind one input of a KPI for one unit: each unit's own figure, each month's figure.

Belongs here: the same arithmetic as ``windows.py``, asked about less. Every unit is taken by itself, or every month;
where figures do not add up (distinct counts, percentiles), neither do these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from scorecards.expressions import outermost_division
from scorecards.periods import Window, months_between
from transforms.climbing import ROW
from transforms.expressions import compile_tree
from transforms.plan import KpiInput, Variant
from transforms.spans import month_number, spans
from transforms.tree import Trees
from transforms.windows import Cells, WindowParts, input_values, window_parts


@dataclass(frozen=True)
class Figure:
    """A unit's or month's own value, the operands of the measure's outermost division, and the rows behind it."""

    of: str | date
    value: float | None
    numerator: float | None
    denominator: float | None
    rows: int
    missing_reason: str | None


def months_taken(declared: KpiInput, variant: Variant, data: Cells, period: date, start: int) -> list[date]:
    """The months of the window that are taken for the period and that the source speaks of."""
    covered = data.covered.get(variant.measure.source, set())
    (span,) = spans(declared, variant.measure.over_time, covered, [period], data.trees, start).iter_rows(named=True)
    return sorted(month for month in covered if span["first"] <= month_number(month) <= span["last"])


def members(declared: KpiInput, trees: Trees, unit: str, period: date, months: Sequence[date], start: int) -> dict[
    date, tuple[str, ...]
]:  # fmt: skip
    """For each month the units that count into a unit, itself included."""
    dated = max(declared.dated(period, start), min(trees.tree_of))
    number = {month: trees.tree_of[month if trees.past_stays else dated] for month in months}
    below = trees.pairs.filter(pl.col("ancestor") == unit)
    units = {tree: tuple(sorted(rows["unit"])) for (tree,), rows in below.partition_by("tree", as_dict=True).items()}
    return {month: units.get(tree, ()) for month, tree in number.items()}


def narrowed(data: Cells, variant: Variant, counting: Mapping[date, Sequence[str]], slice_: str) -> Cells:
    """The cells of a measure in these months, of the units that count in each, in one slice."""
    places = [(month, unit) for month, units in counting.items() for unit in units]
    wanted = pl.DataFrame(places, schema={"period": pl.Date, "unit": pl.String}, orient="row")
    cells = data.cells.filter(pl.col("measure") == variant.key, pl.col("slice") == slice_)
    states = {
        (variant.key, part.name): data.states[variant.key, part.name]
        .with_columns(pl.col("unit", "slice").cast(pl.String))
        .filter(pl.col("slice") == slice_)
        .join(wanted.lazy(), on=["period", "unit"], how="semi")
        .with_columns(pl.col("unit", "slice").cast(pl.Categorical))
        for part in variant.parts
        if (variant.key, part.name) in data.states
    }
    return Cells(cells.join(wanted, on=["period", "unit"], how="semi"), states, data.covered, data.trees)


def by_unit(declared: KpiInput, variant: Variant, data: Cells, period: date, start: int) -> list[Figure]:
    """Every unit's own figure over the window, the largest first; ``data`` is ``narrowed``."""
    found = data.alone().coded()
    parts = window_parts(declared, variant, found, [period], start)
    rows = _rows(data, variant, "unit")
    figures = [
        Figure(
            str(row["unit"]),
            row["value"],
            row["numerator"],
            row["denominator"],
            rows.get(str(row["unit"]), 0),
            row["problem"],
        )
        for row in _figures(parts, parts.parts.select(ROW)).iter_rows(named=True)
    ]
    return sorted(figures, key=lambda one: (one.value is None, -abs(one.value or 0.0), str(one.of)))


def by_month(
    declared: KpiInput, variant: Variant, data: Cells, unit: str, period: date, months: Sequence[date], start: int,
    slice_: str,
) -> list[Figure]:  # fmt: skip
    """The unit's figure in each of these months by itself; ``data`` is ``narrowed``."""
    found, rows = data.coded(), _rows(data, variant, "period")
    frequency, figures = declared.path[0][0], []
    grid = pl.DataFrame({"period": [period], "unit": [unit], "slice": [slice_]}).with_columns(
        pl.col("unit", "slice").cast(pl.Categorical)
    )
    for month in months:
        back = len(months_between(month, declared.dated(period, start))) - 1
        one = replace(declared, window=Window("month"), path=((frequency, back),))
        parts = window_parts(one, variant, found, [period], start)
        row = _figures(parts, grid).row(0, named=True)
        figures.append(
            Figure(month, row["value"], row["numerator"], row["denominator"], rows.get(month, 0), row["problem"])
        )
    return figures


def _figures(parts: WindowParts, grid: pl.DataFrame) -> pl.DataFrame:
    variant = parts.variant
    division = outermost_division(variant.formula.sql(dialect="duckdb"))
    schema = parts.parts.schema
    above, below = (
        (compile_tree(side, schema).cast(pl.Float64) for side in division)
        if division
        else (pl.lit(None, pl.Float64), pl.lit(None, pl.Float64))
    )
    operands = parts.parts.select(*ROW, above.alias("numerator"), below.alias("denominator"))
    found = input_values(parts, grid).join(operands, on=ROW, how="left", maintain_order="left")
    # As of the input itself: an amount without its rate is no part of a figure, but makes it missing.
    has_problem = pl.col("problem").is_not_null()
    return found.with_columns(
        pl.when(~has_problem).then(name).alias(name) for name in ("value", "numerator", "denominator")
    )


def _rows(data: Cells, variant: Variant, key: str) -> dict[str | date, int]:
    """Rows by unit or month: of the part that has most, since parts may leave rows out."""
    own = [data.cells.select("period", "unit", "part", "rows")]
    for (_, part), states in data.states.items():
        each = states.select(pl.col("period"), pl.col("unit").cast(pl.String), pl.lit(part).alias("part"), "rows")
        own.append(each.collect())
    counted = pl.concat(own).group_by("period", "unit", "part").agg(pl.col("rows").sum())
    most = counted.group_by("period", "unit").agg(pl.col("rows").max())
    return dict(most.group_by(key).agg(pl.col("rows").sum()).iter_rows())
