"""Which anchors were in force for a KPI, a unit and a month: dated, inherited down the tree, or given by a formula.

The nearest wins: a row for the scorecard over one for all scorecards, then the unit's own over its parent's over a row
without a unit, then the latest that was in force at the end of the month. A row wins over the KPI's formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from scorecards.periods import months_between
from scorecards.project import Project
from transforms.expressions import compile_sql
from transforms.kpis import inputs_wide
from transforms.plan import Plan

ANCHORS = {
    "scorecard": pl.String,
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "anchor": pl.String,
    "value": pl.Float64,
    "origin": pl.String,
}
_KEYS = ["scorecard", "period", "unit", "kpi", "anchor"]
_FAR = 1_000_000


def anchors_in_force(
    project: Project, plan: Plan, uses: pl.DataFrame, inputs: pl.DataFrame, closure: pl.DataFrame
) -> pl.DataFrame:
    """The anchors of every KPI in use.

    ``uses`` has scorecard, period, unit and kpi; ``inputs`` is ``KPI_INPUTS``; ``closure`` is ``tree.closure``.
    Returns the frame ``ANCHORS``; ``origin`` says where the value comes from: a line of targets.csv, or the formula.
    """
    periods = uses["period"].unique().sort().to_list()
    declared = _declared(project, uses, closure, periods)
    frames = [declared]
    for kpi_id, kpi in project.kpis.items():
        own = uses.filter(pl.col("kpi") == kpi_id)
        if not kpi.anchors or own.is_empty():
            continue
        wide = own.join(inputs_wide(plan, inputs, kpi_id), on=["period", "unit"], how="left")
        target = declared.filter(pl.col("kpi") == kpi_id, pl.col("anchor") == "target").select(
            *_KEYS[:3], pl.col("value").alias("target")
        )
        wide = wide.join(target, on=_KEYS[:3], how="left")
        if "target" in kpi.anchors:
            formula = compile_sql(kpi.anchors["target"], wide.schema).cast(pl.Float64)
            wide = wide.with_columns(pl.coalesce("target", formula).alias("target"))
        for anchor, text in kpi.anchors.items():
            value = pl.col("target") if anchor == "target" else compile_sql(text, wide.schema)
            frames.append(
                wide.select(
                    *_KEYS[:4],
                    pl.lit(anchor).alias("anchor"),
                    value.cast(pl.Float64).alias("value"),
                    pl.lit(f"formula {text}").alias("origin"),
                )
            )
    found = pl.concat([pl.DataFrame(schema=ANCHORS), *frames]).filter(pl.col("value").is_finite())
    return found.unique(_KEYS, keep="first", maintain_order=True).sort(_KEYS)


def _declared(project: Project, uses: pl.DataFrame, closure: pl.DataFrame, periods: Sequence[date]) -> pl.DataFrame:
    """The rows of targets.csv that are in force, one for each use and anchor."""
    rows = [
        (t.scorecard, t.kpi, t.unit, t.effective_from, t.anchor, t.value, t.per_month, f"targets.csv:{t.line}")
        for t in project.targets
    ]
    schema = {
        "for_card": pl.String, "kpi": pl.String, "ancestor": pl.String, "effective_from": pl.Date, "anchor": pl.String,
        "value": pl.Float64, "per_month": pl.Boolean, "origin": pl.String,
    }  # fmt: skip
    targets = pl.DataFrame(rows, schema=schema, orient="row")
    ends = pl.DataFrame(
        {"period": periods, "last_day": [project.calendar.last_day(p) for p in periods]},
        schema={"period": pl.Date, "last_day": pl.Date},
    )
    own = targets.filter(pl.col("ancestor").is_not_null())
    general = targets.filter(pl.col("ancestor").is_null()).drop("ancestor")
    candidates = pl.concat(
        [
            uses.join(closure, on=["period", "unit"]).join(own, on=["kpi", "ancestor"]).drop("ancestor"),
            uses.join(general, on="kpi").with_columns(pl.lit(_FAR, dtype=pl.Int64).alias("distance")),
        ],
        how="diagonal",
    )
    chosen = (
        candidates.join(ends, on="period")
        .filter(
            pl.col("effective_from") <= pl.col("last_day"),
            pl.col("for_card").is_null() | (pl.col("for_card") == pl.col("scorecard")),
        )
        .sort(pl.col("for_card").is_null(), "distance", pl.col("effective_from"), descending=[False, False, True])
        .unique(_KEYS, keep="first", maintain_order=True)
        .join(_window_months(project, periods), on=["period", "kpi"], how="left")
    )
    value = pl.when(pl.col("per_month")).then(pl.col("value") * pl.col("window_months")).otherwise(pl.col("value"))
    return chosen.select(*_KEYS, value.alias("value"), "origin")


def _window_months(project: Project, periods: Sequence[date]) -> pl.DataFrame:
    """How many months each KPI's window has in each period: columns period, kpi, window_months."""
    start = project.organisation.fiscal_year_starts
    rows = [
        (period, kpi_id, len(months_between(*kpi.window.span(period, start))))
        for period in periods
        for kpi_id, kpi in project.kpis.items()
    ]
    return pl.DataFrame(rows, schema={"period": pl.Date, "kpi": pl.String, "window_months": pl.Int64}, orient="row")
