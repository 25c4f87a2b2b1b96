"""Compute: measures, KPI values and scores of the asked months. Each step fetches frames, calls transforms, commits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.steps.placed import placed_rows, refuse_orphans
from pipelines.steps.setting import Setting, good_periods
from scorecards.sources import Source
from transforms.aggregation import scores as score_levels
from transforms.aggregation import uses
from transforms.kpis import kpi_inputs, kpi_values, main_values
from transforms.measuring import measure_cells
from transforms.placing import covered_months, horizon
from transforms.plan import Variant
from transforms.scoring import looks_back
from transforms.targets import anchors_in_force
from transforms.tree import trees
from transforms.windows import Cells
from warehouse.selection import Load, all_loads, current
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import ANCHORS, CELLS, COVERAGE, KPI_INPUTS, KPI_VALUES, SCORES, STATES


def compute_measures(setting: Setting, periods: Sequence[date]) -> int:
    """Bring the cells of all months that the asked ones depend on up to date.

    Returns how many source months were computed. A month is left alone when nothing it was computed from has changed:
    loads, contract, lookups, measures.
    """
    months = horizon(setting.project, good_periods(setting, periods), setting.reach())
    computed = 0
    with open_warehouse(setting.home) as warehouse:
        known = {
            (row["source"], row["period"]): row["fingerprint"] for row in warehouse.read(COVERAGE).iter_rows(named=True)
        }
        for source_id in sorted({variant.measure.source for variant in setting.plan.variants.values()}):
            prints = _fingerprints(setting, source_id, months)
            stale = [month for month in months if known.get((source_id, month)) != prints[month]]
            if stale:
                _compute_source(setting, warehouse, source_id, stale, prints)
                computed += len(stale)
    return computed


def _compute_source(
    setting: Setting, warehouse: Warehouse, source_id: str, months: Sequence[date], prints: dict[date, str]
) -> None:
    source = setting.project.sources[source_id]
    loads = _loads_of(setting, source_id, months)
    placed = placed_rows(setting, source, loads)
    refuse_orphans(setting, source, placed)
    covered = (
        set(covered_months(source, placed, [load.period for load in loads if load.period], months)) if loads else set()
    )
    variants = [variant for variant in setting.plan.variants.values() if variant.measure.source == source_id]
    cells, states = measure_cells(source, placed, variants, months)
    coverage = pl.DataFrame(
        [(source_id, month, month in covered, prints[month]) for month in months],
        schema={"source": pl.String, "period": pl.Date, "is_covered": pl.Boolean, "fingerprint": pl.String},
        orient="row",
    )
    warehouse.replace_cells(
        source_id, [variant.key for variant in variants], {CELLS: cells, STATES: states, COVERAGE: coverage}, months
    )


def _loads_of(setting: Setting, source_id: str, months: Sequence[date]) -> list[Load]:
    wanted = set(months)
    return [
        load for load in current(all_loads(setting.home, source_id)) if load.period is None or load.period in wanted
    ]


def _fingerprints(setting: Setting, source_id: str, months: Sequence[date]) -> dict[date, str]:
    """For every month, a digest of all that its cells depend on."""
    source = setting.project.sources[source_id]
    loads = current(all_loads(setting.home, source_id))
    variants = sorted((v for v in setting.plan.variants.values() if v.measure.source == source_id), key=lambda v: v.key)
    common = [source.model_dump_json(), *(_declared(variant) for variant in variants)]
    for lookup in source.lookups.values():
        other: Source = setting.project.sources[lookup.source]
        common += [
            other.model_dump_json(),
            *sorted(load.id for load in current(all_loads(setting.home, lookup.source))),
        ]
    prints = {}
    for month in months:
        own = sorted(load.id for load in loads if load.period in (None, month))
        prints[month] = hashlib.sha256("\0".join([*common, "|", *own]).encode()).hexdigest()[:16]
    return prints


def _declared(variant: Variant) -> str:
    return f"{variant.key}\0{variant.measure.model_dump_json()}"


def compute_kpis(setting: Setting, periods: Sequence[date]) -> pl.DataFrame:
    """Compute and commit the KPI values and inputs of the asked months that nothing blocks; returns the values."""
    good = good_periods(setting, periods)
    months = horizon(setting.project, good, setting.reach())
    with open_warehouse(setting.home) as warehouse:
        coverage = warehouse.read(COVERAGE, months).filter("is_covered")
        covered: dict[str, set[date]] = {}
        for source, month in coverage.select("source", "period").iter_rows():
            covered.setdefault(source, set()).add(month)
        data = Cells(
            warehouse.read(CELLS, months), warehouse.read(STATES, months), covered, trees(setting.project, months)
        )
        inputs = kpi_inputs(setting.project, setting.plan, data, good)
        values = kpi_values(setting.project, setting.plan, inputs, uses(setting.project, good))
        kept = inputs.join(values.select("period", "unit", "kpi").unique(), on=["period", "unit", "kpi"], how="semi")
        warehouse.replace({KPI_VALUES: values, KPI_INPUTS: kept.sort(*KPI_INPUTS.key)}, good)
    return values


def compute_scores(setting: Setting, periods: Sequence[date]) -> pl.DataFrame:
    """Compute and commit the scores of the asked months that nothing blocks; returns them.

    A score that depends on earlier values takes those that the warehouse holds.
    """
    good = good_periods(setting, periods)
    past = horizon(setting.project, good, looks_back(setting.project))
    with open_warehouse(setting.home) as warehouse:
        values, inputs = main_values(warehouse.read(KPI_VALUES, past)), warehouse.read(KPI_INPUTS, good)
        used = uses(setting.project, good)
        asked = used.select("scorecard", "period", "unit", "kpi")
        anchors = anchors_in_force(setting.project, setting.plan, asked, inputs)
        scores = score_levels(setting.project, used, values, anchors)
        warehouse.replace({SCORES: scores, ANCHORS: anchors}, good)
    return scores
