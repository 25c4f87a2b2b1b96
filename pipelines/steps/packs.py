"""Packs as records: from the tables of a period, each with the look that its layout gives it.

Belongs here: what a pack is made from. Its files are ``rendering.py``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from pipelines.steps.ingest import states
from pipelines.steps.own_scorecards import own_tables
from pipelines.steps.setting import Setting
from pipelines.steps.signals import value_history
from report_templates.look import Look, look_in
from scorecards.periods import add_months
from transforms.adding_up import adds_up
from transforms.forecasts import forecasts
from transforms.groups import private_packs
from transforms.joined_and_left import moves_of
from transforms.moving_targets import moving_targets
from transforms.pack import Pack, SourceRow
from transforms.pack_building import build_pack
from transforms.pack_insight_building import InsightTables
from transforms.pack_tables import PackTables, history_periods, packs_of
from transforms.seen_effects import seen_effects
from transforms.signal_table import signal_points
from transforms.year_to_date import adding_over_months, running_totals
from warehouse.store import open_warehouse
from warehouse.tables import (
    ANCHORS,
    BALANCE,
    BALANCE_FINDINGS,
    CERTAINTY,
    KPI_VALUES,
    LINK_EVIDENCE,
    SCORE_CHANGES,
    SCORES,
    SIGNALS,
    VALUE_CHANGES,
)

_INSIGHT = (SCORE_CHANGES, VALUE_CHANGES, BALANCE, BALANCE_FINDINGS, CERTAINTY)


def build_packs(setting: Setting, period: date, for_persons: bool = False) -> list[Pack]:
    """All packs of a period as records, in the order of scorecards and units.

    ``for_persons`` gives the packs that are delivered: persons' with their own figures, for them alone.
    """
    project, plan, tables = setting.project, setting.plan, pack_tables(setting, period)
    private = private_packs(project, plan, period) if for_persons else frozenset()
    if not private:
        return [build_pack(project, plan, tables, *pack) for pack in packs_of(project, period)]
    own = own_tables(setting, tables, {unit for _, unit in private})
    return [
        _own_pack(setting, own, tables, *pack) if pack in private else build_pack(project, plan, tables, *pack)
        for pack in packs_of(project, period)
    ]


def _own_pack(setting: Setting, own: PackTables, shared: PackTables, card: str, unit: str) -> Pack:
    """The pack of one person alone, who is told where the overall score is another than the one that others see."""
    pack = build_pack(setting.project, setting.plan, own, card, unit, is_private=True)
    theirs = shared.score_rows.get((card, unit, "scorecard", card), {}).get(own.period, {})
    return replace(pack, is_score_own=theirs.get("score") != pack.node.score)


def pack_tables(setting: Setting, period: date) -> PackTables:
    """The tables that the packs of a period are made from."""
    months = history_periods(setting.project, period)
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        history = value_history(setting, warehouse, [period])
        return PackTables(
            period,
            scores=warehouse.read(SCORES, months),
            values=history.filter(pl.col("period").is_in(months)),
            slices=warehouse.read(KPI_VALUES, [add_months(period, -back) for back in (0, 1, 12)]).filter(
                pl.col("slice") != ""
            ),
            anchors=warehouse.read(ANCHORS, [period]),
            signals=warehouse.read(SIGNALS, [period]),
            signal_points=signal_points(setting.project, history, months),
            sources=tuple(_source_rows(setting, period)),
            declarations_digest=setting.project.digest(),
            insight=InsightTables(*(warehouse.read(table, [period]) for table in _INSIGHT)),
            ranges=warehouse.read(ANCHORS, months, kpi=_within_a_range(setting)),
            moving_targets=moving_targets(setting.project, period),
            links=warehouse.read(LINK_EVIDENCE, [period]),
            summed=frozenset(kpi for kpi, how in adds_up(setting.project).items() if not how.is_ratio),
            forecasts=forecasts(setting.project, period),
            effects=seen_effects(setting.project, history, period),
            flows=adding_over_months(setting.project, setting.plan),
            running_totals=running_totals(setting.project, setting.plan),
            moves=moves_of(setting.project, months),
        )


def _within_a_range(setting: Setting) -> list[str]:
    return [kpi_id for kpi_id, kpi in setting.project.kpis.items() if kpi.direction == "within"]


def looks_of(setting: Setting, packs: Sequence[Pack]) -> list[Look]:
    """How each of these packs looks: its layout, with the files of the project that take part."""
    project, made = setting.project, dict[str, Look]()
    looks = []
    for pack in packs:
        layout_id, layout = project.layout_of(pack.scorecard, pack.unit, pack.period)
        if layout_id not in made:
            made[layout_id] = look_in(project.root, layout)
        looks.append(made[layout_id])
    return looks


def _source_rows(setting: Setting, period: date) -> Iterator[SourceRow]:
    kpis_of = _kpis_of_sources(setting)
    for source_id, source in setting.project.sources.items():
        (found,) = states(setting, source_id, [period])
        counted: dict[str, int] = {}
        for load in found.loads:
            for reason, count in load.reasons.items():
                counted[reason] = counted.get(reason, 0) + count
        yield SourceRow(
            source=source_id,
            description=source.description,
            domain=source.domain,
            state=found.state,
            files=tuple(load.name for load in found.loads),
            known_on=max((load.known_on for load in found.loads), default=None),
            rows=sum(load.rows for load in found.loads),
            rejected=sum(load.rejected for load in found.loads),
            reasons=tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))),
            kpis=tuple(sorted(kpis_of.get(source_id, ()))),
        )


def _kpis_of_sources(setting: Setting) -> dict[str, set[str]]:
    """By source the KPIs that are computed from it: what is measured, what that refers to, and exchange rates."""
    found: dict[str, set[str]] = {}
    rates = setting.project.organisation.rates
    for declared in setting.plan.inputs:
        measure = setting.plan.variants[declared.variant].measure
        behind = [measure.source]
        if measure.currency is not None and rates is not None:
            behind.append(rates.source)
        for source in behind:
            for each in (source, *setting.project.sources[source].refers_to):
                found.setdefault(each, set()).add(declared.kpi)
    return found
