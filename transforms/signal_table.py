"""Signals of KPIs: what the chart of a KPI, drawn from all months up to the period, says about this period.

Belongs here: the published table and the points that are drawn. Which points a chart has is ``signal_series.py``, the
rules are ``signals.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from scorecards.project import Project
from transforms.signal_meaning import assurance, variation
from transforms.signal_series import (
    SERIES,
    basis_of,
    chart_points,
    judged,
    overlaps,
    own_values,
    segment,
)
from transforms.signals import LABELS, LEAST_POINTS

SIGNALS = {
    "scorecard": pl.String,
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "basis": pl.String,
    "points": pl.Int64,
    "mean": pl.Float64,
    "mean_moving_range": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "is_trial": pl.Boolean,
    "is_overlapping": pl.Boolean,
    "flagged": pl.Int64,
    "outside": pl.Int64,
    "label": pl.String,
    "variation": pl.String,
    "assurance": pl.String,
}
SIGNAL_POINTS = {
    "kpi": pl.String,
    "unit": pl.String,
    "period": pl.Date,
    "mean": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "label": pl.String,
    "side": pl.Int8,
}
_KEYS = ["scorecard", "period", "unit", "kpi"]


def signals(project: Project, values: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    """The signal of every KPI in use: the frame ``SIGNALS``, sorted by its key.

    ``values`` is ``KPI_VALUES`` over the whole history, of which a period sees itself and what is earlier; ``used`` has
    scorecard, period, unit, kpi and the anchors target, lower_target and upper_target (null where there are none).

    ``points``, ``flagged`` and ``outside`` count the chart's points since the last rebase; limits from fewer than 12
    are on trial. ``label``, ``variation`` and ``assurance`` are null where the period shows no value.
    What the last two mean is ``signal_meaning.py``.
    """
    # Joined and sorted by number instead of by text, which takes half the time.
    units = pl.Enum(pl.concat([values["unit"], used["unit"]]).unique().sort())
    kpis = pl.Enum(sorted(project.kpis))
    values = values.with_columns(pl.col("unit").cast(units), pl.col("kpi").cast(kpis))
    used = used.with_columns(
        pl.col("scorecard").cast(pl.Enum(used["scorecard"].unique().sort())),
        pl.col("unit").cast(units),
        pl.col("kpi").cast(kpis),
    )
    points = chart_points(project, values)
    shown = _shown(project, values, points, used)
    charts = _charts(project, points, shown)
    found = used.select(*_KEYS, "target", "lower_target", "upper_target").join(
        shown.drop("first", "count", "segment").hstack(charts), on=["period", "unit", "kpi"], how="left"
    )
    found = found.join(_declared(project).with_columns(pl.col("kpi").cast(kpis)), on="kpi", how="left")
    is_known = pl.col("is_newest").fill_null(False)
    return found.with_columns(
        (pl.col("points") < LEAST_POINTS).alias("is_trial"),
        pl.when(is_known).then("label").alias("label"),
        pl.when(is_known).then(variation()).alias("variation"),
        pl.when(is_known).then(assurance()).alias("assurance"),
    ).sort(_KEYS).select(*SIGNALS).cast(SIGNALS)  # type: ignore[arg-type]  # fmt: skip


def signal_points(project: Project, values: pl.DataFrame, periods: Sequence[date]) -> pl.DataFrame:
    """The charts as judged in the last of ``periods``, for drawing: the frame ``SIGNAL_POINTS``, of these periods.

    Means and limits are those of the point's own stretch between rebases, in the KPI's own terms: for a seasonal KPI
    they lie round the value of last year. ``side`` is 1 above the mean, -1 below it, and 0 on it.
    """
    points = chart_points(project, values).filter(pl.col("period") <= max(periods)).with_row_index("row")
    series = points.group_by(SERIES, maintain_order=True).agg(
        pl.col("row").first().cast(pl.Int64).alias("first"), pl.len().cast(pl.Int64).alias("count")
    )
    mean, lower, upper = (np.full(points.height, np.nan) for _ in range(3))
    label, side = (np.zeros(points.height, np.int8) for _ in range(2))
    for found in judged(project, points, series):
        rows, charts = found.points, found.charts
        mean[rows], lower[rows], upper[rows] = charts.mean, charts.lower, charts.upper
        label[rows], side[rows] = charts.labels, charts.sides
    drawn = points.with_columns(
        *(
            (pl.Series(values).fill_nan(None) + points["before"]).alias(name)
            for name, values in (("mean", mean), ("lower", lower), ("upper", upper))
        ),
        pl.Series("label", np.array(LABELS)[label]),
        pl.Series("side", side),
    )
    return drawn.filter(pl.col("period").is_in(list(periods))).select(*SIGNAL_POINTS).cast(SIGNAL_POINTS)  # type: ignore[arg-type]


def _shown(project: Project, values: pl.DataFrame, points: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    """For every period, unit and KPI in use: its series, how many points it has by then, whether the last is shown."""
    series = (
        points.with_row_index("row").group_by(SERIES, maintain_order=True).agg(pl.col("row").first().alias("first"))
    )
    asked = used.select("period", "unit", "kpi").unique().with_columns(segment(project))
    asked = asked.join(own_values(project, values), on=["period", "unit", "kpi"], how="left")
    newest = points.select(*SERIES, pl.col("period").alias("point"), "position").sort("point")
    asked = asked.sort("period").join_asof(
        newest, left_on="period", right_on="point", by=SERIES, strategy="backward", check_sortedness=False
    )
    return asked.join(series, on=SERIES, how="left").select(
        "period", "unit", "kpi", "segment", pl.col("first").cast(pl.Int64),
        (pl.col("position") + 1).fill_null(0).cast(pl.Int64).alias("count"),
        (pl.col("value").is_finite() & (pl.col("value_period") == pl.col("point"))).alias("is_newest"),
    )  # fmt: skip


def _charts(project: Project, points: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """The charts' figures, row by row of ``asked``."""
    figures = {name: np.full(asked.height, np.nan) for name in ("mean", "mean_moving_range", "lower", "upper", "last")}
    counts = {name: np.zeros(asked.height, np.int64) for name in ("flagged", "outside")}
    label, side, rise = (np.zeros(asked.height, np.int8) for _ in range(3))
    values = points["judged"].to_numpy()
    for found in judged(project, points, asked):
        rows, charts, last = found.asked, found.charts, found.points[-1]
        figures["mean"][rows], figures["mean_moving_range"][rows] = charts.mean, charts.mean_range
        figures["lower"][rows], figures["upper"][rows] = charts.lower, charts.upper
        figures["last"][rows] = values[last]
        counts["flagged"][rows] = (charts.labels > 0).sum(axis=0)
        counts["outside"][rows] = (charts.labels == LABELS.index("outside")).sum(axis=0)
        label[rows], side[rows] = charts.labels[-1], charts.sides[-1]
        rise[rows] = np.sign(values[last] - values[found.points[-2]]) if len(found.points) > 1 else 0
    return pl.DataFrame(
        {
            "points": asked["count"],
            **{name: pl.Series(found).fill_nan(None) for name, found in figures.items()},
            **counts,
            "label": np.array(LABELS)[label],
            "side": np.where(side == 0, rise, side),
        }
    )


def _declared(project: Project) -> pl.DataFrame:
    smooth = overlaps(project)
    rows = [(kpi_id, kpi.direction, basis_of(kpi.signals), smooth[kpi_id]) for kpi_id, kpi in project.kpis.items()]
    schema = {"kpi": pl.String, "direction": pl.String, "basis": pl.String, "is_overlapping": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")
