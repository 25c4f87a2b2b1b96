"""Signals of the asked months, from the whole history of KPI values that the warehouse holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.steps.setting import Setting, good_periods
from scorecards.periods import months_between
from transforms.kpis import main_values
from transforms.signal_table import signals
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import ANCHORS, KPI_VALUES, SCORES, SIGNALS

_TARGETS = ("target", "lower_target", "upper_target")


def compute_signals(setting: Setting, periods: Sequence[date]) -> pl.DataFrame:
    """Compute and commit the signals of the asked months that nothing blocks; returns them.

    Months before the asked ones count as they stand in the warehouse.
    """
    good = good_periods(setting, periods)
    with open_warehouse(setting.home) as warehouse:
        kpis = warehouse.read(SCORES, good).filter(pl.col("level") == "kpi")
        used = kpis.select("scorecard", "period", "unit", pl.col("node").alias("kpi"))
        found = signals(
            setting.project,
            value_history(setting, warehouse, good),
            used.join(_targets(warehouse.read(ANCHORS, good)), on=used.columns, how="left"),
        )
        warehouse.replace({SIGNALS: found}, good)
    return found


def value_history(setting: Setting, warehouse: Warehouse, periods: Sequence[date]) -> pl.DataFrame:
    """The KPIs as declared, in all months that the warehouse holds up to the last of ``periods``."""
    months = months_between(setting.project.organisation.first_period, max(periods)) if periods else []
    return main_values(warehouse.read(KPI_VALUES, months))


def _targets(anchors: pl.DataFrame) -> pl.DataFrame:
    """The anchors that limits are held against, one column each."""
    keys = ["scorecard", "period", "unit", "kpi"]
    return anchors.group_by(keys).agg(
        pl.col("value").filter(pl.col("anchor") == name).first().alias(name) for name in _TARGETS
    )
