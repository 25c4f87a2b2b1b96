"""KPI values beside those of earlier periods: the previous month, the same month of last year, or any other offset.

The earlier value is computed as it was for its own period, so that to-date is compared with to-date, and a unit that
has moved since with what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from scorecards.periods import add_months
from scorecards.project import Project

COMPARISONS = {
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "window": pl.String,
    "slice": pl.String,
    "offset_months": pl.Int64,
    "reference_period": pl.Date,
    "value": pl.Float64,
    "reference": pl.Float64,
    "change": pl.Float64,
    "change_share": pl.Float64,
}
_KEY = ["period", "unit", "kpi", "window", "slice"]


def reference_periods(project: Project, periods: Iterable[date]) -> list[date]:
    """The periods and all earlier ones with which any KPI is compared in them, none before the project's first."""
    offsets = {0, *(offset for kpi in project.kpis.values() for offset in kpi.compare_with)}
    found = {add_months(period, -offset) for period in periods for offset in offsets}
    return sorted(period for period in found if period >= project.organisation.first_period)


def comparisons(project: Project, values: pl.DataFrame, periods: Sequence[date]) -> pl.DataFrame:
    """Every value of the periods with that of each declared offset before: the frame ``COMPARISONS``.

    ``values`` is ``KPI_VALUES`` of ``reference_periods``. ``change`` is in the KPI's own terms; ``change_share`` is the
    change over the size of the reference, null for percentages, which differ in points, and where that is zero.
    """
    rows = [(kpi_id, offset) for kpi_id, kpi in project.kpis.items() for offset in kpi.compare_with]
    offsets = pl.DataFrame(rows, schema={"kpi": pl.String, "offset_months": pl.Int64}, orient="row")
    percents = [kpi_id for kpi_id, kpi in project.kpis.items() if kpi.measured_in == "percent"]
    now = values.filter(pl.col("period").is_in(list(periods))).select(*_KEY, "value")
    back = pl.concat_str(-pl.col("offset_months"), pl.lit("mo"))
    wanted = now.join(offsets, on="kpi").with_columns(pl.col("period").dt.offset_by(back).alias("reference_period"))
    before = values.select(*_KEY, pl.col("value").alias("reference")).rename({"period": "reference_period"})
    both = wanted.join(before, on=["reference_period", *_KEY[1:]], how="left")
    change = pl.col("value") - pl.col("reference")
    share = pl.when(pl.col("reference") != 0, ~pl.col("kpi").is_in(percents)).then(change / pl.col("reference").abs())
    return (
        both.with_columns(change.alias("change"), share.alias("change_share"))
        .select(list(COMPARISONS))
        .sort(*_KEY, "offset_months")
    )
