"""Persons' own scorecards: what is withheld from everybody else, for the person alone.

Belongs here: the tables that such a pack is made from. They are never kept: nothing else can read them. A score that
would tell of others, by a place among them, is not there either.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from pipelines.steps.compute import computed_values
from pipelines.steps.insight import Figures, compared_months, insight_of
from pipelines.steps.setting import Setting
from pipelines.steps.signals import targets_of, value_history
from scorecards.periods import months_between
from transforms.aggregation import scores as score_levels
from transforms.aggregation import uses
from transforms.groups import private_kpis
from transforms.kpis import main_values
from transforms.pack_insight_building import InsightTables
from transforms.pack_tables import PackTables, history_periods
from transforms.signal_table import signal_points, signals
from transforms.targets import anchors_in_force
from warehouse.store import open_warehouse
from warehouse.tables import BALANCE, BALANCE_FINDINGS, KPI_DEFINITIONS, SCORE_CHANGES, VALUE_CHANGES


def own_tables(setting: Setting, shared: PackTables, persons: Collection[str]) -> PackTables:
    """The tables of a period's packs with these persons' own figures; all other units' are those that all see."""
    project, period = setting.project, shared.period
    private = private_kpis(project, setting.plan)
    needed = [one for one in setting.plan.evaluations if one.kpi in private or project.kpis[one.kpi].anchors]
    plan = replace(setting.plan, evaluations=tuple(one for one in needed if one.is_main))
    everything = months_between(project.organisation.first_period, period)
    shown = history_periods(project, period)
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        inputs, values, _ = computed_values(setting, warehouse, everything, plan, withholds=False)
        history = value_history(setting, warehouse, [period])
        definitions = warehouse.read(KPI_DEFINITIONS, compared_months([period]))
    is_own = pl.col("unit").is_in(list(persons)) & pl.col("kpi").is_in(list(private))
    own = main_values(values).filter(is_own).select(history.columns)
    history = pl.concat([history.filter(~is_own), own]).sort("period", "unit", "kpi")

    used = uses(project, everything).filter(pl.col("unit").is_in(list(persons)))
    keys = ["scorecard", "period", "unit", "kpi"]
    anchors = anchors_in_force(project, setting.plan, used.select(keys), inputs)
    scores = score_levels(project, used, history, anchors)
    charts = used.filter(pl.col("period") == period).select(keys)
    insight = insight_of(project, Figures((period,), scores, anchors, history, definitions))
    others = ~pl.col("unit").is_in(list(persons))
    now = pl.col("period") == period
    return replace(
        shared,
        scores=_with(shared.scores.filter(others), scores.filter(pl.col("period").is_in(shown))),
        values=history.filter(pl.col("period").is_in(shown)),
        anchors=_with(shared.anchors.filter(others), anchors.filter(now)),
        signals=_with(
            shared.signals.filter(others),
            signals(project, history, charts.join(targets_of(anchors.filter(now)), on=keys, how="left")),
        ),
        signal_points=signal_points(project, history, shown),
        ranges=_with(shared.ranges.filter(others), anchors.filter(pl.col("kpi").is_in(shared.ranges["kpi"].unique()))),
        # How certain a score is stands beside its place among others': that is told of shared scores only.
        insight=InsightTables(
            insight[SCORE_CHANGES], insight[VALUE_CHANGES], insight[BALANCE], insight[BALANCE_FINDINGS],
            shared.insight.certainty.filter(others),
        ),
    )  # fmt: skip


def _with(theirs: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([theirs, own.select(theirs.columns)])
