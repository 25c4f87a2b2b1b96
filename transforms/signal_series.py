"""The series that charts are drawn of: from KPI values to points in order, cut at rebases, and set side by side.

Belongs here: which months are points, and charts of many series as of many months. What a chart means for a KPI is
``signal_table.py``, the arithmetic ``signals.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scorecards.kpis import Kpi
from scorecards.periods import FREQUENCY_MONTHS
from scorecards.project import Project
from scorecards.scoring import Signals
from transforms.kpis import main_values
from transforms.signals import Charts, Floats, xmr_charts

VALUE, CHANGE = "value", "change on last year"
SERIES = ["kpi", "unit", "segment"]
# So many columns at a time stay in the processor's cache.
_COLUMNS_AT_A_TIME = 4096


def chart_points(project: Project, values: pl.DataFrame) -> pl.DataFrame:
    """The points of all charts: columns kpi, unit, segment, period, judged, before, size and position.

    ``values`` is the frame ``KPI_VALUES`` over the whole history. A month is a point where the whole of the KPI has a
    value of its own over the KPI's window; a month without one is left out, so that its neighbours stand next to each
    other. ``segment`` counts the declared rebases up to the month, ``position`` the points before it in the segment.
    ``judged`` is the value, or for seasonal KPIs its change on the same month of last year, which ``before`` holds
    (else 0); ``size`` is that of the numbers behind it. KPIs whose values are texts have no chart.
    """
    own = own_values(project, values).filter(pl.col("value").is_finite(), pl.col("value_period") == pl.col("period"))
    earlier = own.select("kpi", "unit", pl.col("period").dt.offset_by("12mo"), pl.col("value").alias("earlier"))
    seasonal = [kpi_id for kpi_id, kpi in project.kpis.items() if kpi.signals.seasonal]
    joined = own.join(earlier, on=["kpi", "unit", "period"], how="left").with_columns(
        pl.when(pl.col("kpi").is_in(seasonal)).then("earlier").otherwise(0.0).alias("before")
    )
    return (
        joined.filter(pl.col("before").is_not_null())
        .with_columns(
            (pl.col("value") - pl.col("before")).alias("judged"),
            pl.max_horizontal(pl.col("value").abs(), pl.col("before").abs()).alias("size"),
            segment(project),
        )
        .sort(*SERIES, "period")
        .with_columns(pl.int_range(pl.len()).over(SERIES).alias("position"))
        .select(*SERIES, "period", "judged", "before", "size", "position")
    )


def own_values(project: Project, values: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``KPI_VALUES`` that pages show: KPIs as declared; those whose values are texts are left out."""
    texts = [kpi_id for kpi_id, kpi in project.kpis.items() if kpi.scoring.texts]
    own = main_values(values).filter(~pl.col("kpi").is_in(texts))
    return own.select("kpi", "unit", "period", "value", "value_period")


def segment(project: Project) -> pl.Expr:
    """How many declared rebases of the row's ``kpi`` lie in or before its ``period``."""
    count: pl.Expr = pl.lit(0)
    for kpi_id, kpi in project.kpis.items():
        for month in sorted(set(kpi.signals.rebase)):
            count = count + ((pl.col("kpi") == kpi_id) & (pl.col("period") >= month)).cast(pl.Int32)
    return count.cast(pl.Int32).alias("segment")


def overlaps(project: Project) -> dict[str, bool]:
    """Whether a KPI's consecutive values share months, as trailing 12 months do, so that they move too smoothly."""
    return {kpi_id: _overlaps(kpi, project.kpis) for kpi_id, kpi in project.kpis.items()}


def _overlaps(kpi: Kpi, kpis: Mapping[str, Kpi]) -> bool:
    step = FREQUENCY_MONTHS[kpi.frequency]
    windows = [kpi.window, *(operand.window for operand in kpi.inputs.values() if operand.window is not None)]
    spans = {"month": 1, "quarter": 3, "quarter to date": 3, "year": 12, "year to date": 12}
    if any((window.months if window.kind == "trailing" else spans[window.kind]) > step for window in windows):
        return True
    return any(_overlaps(kpis[operand.kpi], kpis) for operand in kpi.inputs.values() if operand.kpi)


@dataclass(frozen=True)
class Judged:
    """The charts of n rows of the asked frame, all of k points: ``points`` (k by n) are rows of the frame of points."""

    asked: NDArray[np.int64]
    points: NDArray[np.int64]
    charts: Charts


def judged(project: Project, points: pl.DataFrame, asked: pl.DataFrame) -> Iterator[Judged]:
    """The charts that the rows of ``asked`` (kpi, first and count) ask for.

    ``first`` is the row of ``points`` where a series begins, ``count`` the number of its points that are known by then:
    what comes later is not seen. Rows without points are left out.
    """
    values, sizes = points["judged"].to_numpy(), points["size"].to_numpy()
    numbered = asked.with_row_index("row").filter(pl.col("count") > 0)
    settings = {kpi_id: (kpi.signals.screen, kpi.signals.baseline) for kpi_id, kpi in project.kpis.items()}
    kinds = {setting: number for number, setting in enumerate(dict.fromkeys(settings.values()))}
    by_kpi = pl.DataFrame(
        {"kpi": list(settings), "kind": [kinds[setting] for setting in settings.values()]},
        schema={"kpi": pl.String, "kind": pl.Int64},
    )
    by_kpi = by_kpi.with_columns(pl.col("kpi").cast(asked.schema["kpi"]))
    groups = numbered.join(by_kpi, on="kpi").sort("kind", "count", "row").partition_by("kind", "count")
    ways = list(kinds)
    for group in groups:
        way = ways[group["kind"][0]]
        for part in group.iter_slices(_COLUMNS_AT_A_TIME):
            rows = part["first"].to_numpy() + np.arange(part["count"][0])[:, None]
            yield Judged(part["row"].to_numpy().astype(np.int64), rows, _charts(values[rows], sizes[rows], way))


def _charts(values: Floats, sizes: Floats, way: tuple[bool, int | None]) -> Charts:
    screen, baseline = way
    return xmr_charts(values, screen=screen, baseline=baseline, sizes=sizes.max(axis=0))


def basis_of(signals: Signals) -> str:
    """What a KPI's chart is drawn of: its value, or the change on last year."""
    return CHANGE if signals.seasonal else VALUE
