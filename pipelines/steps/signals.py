"""Signals of the asked months, from the whole history of KPI values and scores that the warehouse holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.steps.reading import SIGNALS as STEP
from pipelines.steps.setting import Setting, good_periods
from pipelines.steps.staleness import as_rows, signal_prints, stale, stored_prints
from scorecards.periods import months_between
from transforms.kpis import main_values
from transforms.link_evidence import link_evidence, months_of_evidence
from transforms.signal_table import signals
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import ANCHORS, KPI_VALUES, LINK_EVIDENCE, SCORES, SIGNALS

_TARGETS = ("target", "lower_target", "upper_target")


def compute_signals(setting: Setting, periods: Sequence[date]) -> pl.DataFrame:
    """Compute and commit the signals of the asked months that nothing blocks, and what is known of links; returns them.

    All months count as they stand in the warehouse. The series of a later month hold the asked ones: its signals are
    computed anew too, where it has scores and is open, so that they do not depend on the order in which months were
    run. Months of which nothing has changed that they depend on are left as they are.
    """
    good = good_periods(setting, periods)
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        candidates = good_periods(setting, _from_the_first_on(warehouse, good))
        prints = signal_prints(setting, warehouse, candidates)
        months = stale(prints, stored_prints(warehouse, STEP))
        if not months:
            return warehouse.read(SIGNALS, [])
        kpis = _declared(setting, warehouse.read(SCORES, months, level=["kpi"]), "node")
        used = kpis.select("scorecard", "period", "unit", pl.col("node").alias("kpi"))
        found = signals(
            setting.project,
            value_history(setting, warehouse, months),
            used.join(targets_of(warehouse.read(ANCHORS, months)), on=used.columns, how="left"),
        )
        earlier = sorted({month for period in months for month in months_of_evidence(setting.project, period)})
        evidence = link_evidence(setting.project, warehouse.read(SCORES, earlier, level=["objective"]), months)
        warehouse.replace({SIGNALS: found, LINK_EVIDENCE: evidence}, months, as_rows(STEP, prints, months))
    return found.filter(pl.col("period").is_in(good))


def _from_the_first_on(warehouse: Warehouse, periods: Sequence[date]) -> list[date]:
    """All months from the first of these to the last of them or the newest that has scores; none for none."""
    if not periods:
        return []
    return months_between(min(periods), max(*periods, warehouse.newest(SCORES) or periods[-1]))


def value_history(setting: Setting, warehouse: Warehouse, periods: Sequence[date]) -> pl.DataFrame:
    """The KPIs as declared, in all months that the warehouse holds up to the last of ``periods``."""
    months = months_between(setting.project.organisation.first_period, max(periods)) if periods else []
    return _declared(setting, main_values(warehouse.read(KPI_VALUES, months)), "kpi")


def _declared(setting: Setting, rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Without those of KPIs that are declared no longer: months that were not run since still have them."""
    return rows.filter(pl.col(column).is_in(list(setting.project.kpis)))


def targets_of(anchors: pl.DataFrame) -> pl.DataFrame:
    """The anchors that limits are held against, one column each."""
    keys = ["scorecard", "period", "unit", "kpi"]
    return anchors.group_by(keys).agg(
        pl.col("value").filter(pl.col("anchor") == name).first().alias(name) for name in _TARGETS
    )
