"""Compute: measures, KPI values and scores of the asked months. Each step fetches frames, calls transforms, commits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.steps.behind import one_behind
from pipelines.steps.exchanging import digest_of_rates, rates_of
from pipelines.steps.other_rules import clear_other_rules
from pipelines.steps.placed import batches, file_months, placed_rows, refuse_orphans
from pipelines.steps.reading import CELLS as CELLS_STEP
from pipelines.steps.reading import KPIS, read_by
from pipelines.steps.reading import SCORES as SCORES_STEP
from pipelines.steps.runs import begin_run
from pipelines.steps.setting import Setting, good_periods, in_batches
from pipelines.steps.staleness import as_rows, cell_prints, kpi_prints, score_prints, stale, stored_prints
from pipelines.steps.standing_cells import looked_at, standing_cells
from pipelines.steps.withheld_patterns import Patterns
from transforms.aggregation import scores as score_levels
from transforms.aggregation import uses
from transforms.comparisons import comparisons, reference_periods
from transforms.converting import Exchange
from transforms.dating import dating_of
from transforms.definitions import kpi_definitions
from transforms.kpis import evaluated, kpi_inputs, kpi_values, main_values
from transforms.measuring import PartKey, measure_cells, measure_states
from transforms.parts import STATES
from transforms.placing import covered_months, horizon
from transforms.plan import Plan
from transforms.scoring import looks_back
from transforms.small_groups import Withheld, find_withheld
from transforms.targets import anchors_in_force
from warehouse.states import keep_states, replace_states
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import (
    ANCHORS,
    CELLS,
    COMPARISONS,
    COVERAGE,
    KPI_DEFINITIONS,
    KPI_INPUTS,
    KPI_VALUES,
    SCORES,
    UNITS_WITHHELD,
)


def compute_measures(setting: Setting, periods: Sequence[date]) -> int:
    """Bring the cells of all months that the asked ones depend on up to date.

    Returns how many source months were computed. A month is left alone when nothing it was computed from has changed:
    loads, contract, lookups, measures, its days, its exchange rates.
    """
    begin_run(setting, periods)
    wanted = looked_at(setting, good_periods(setting, periods))
    months = horizon(setting.project, wanted, setting.reach())
    rates, computed = rates_of(setting, months), 0
    with open_warehouse(setting.home) as warehouse:
        known = {
            (row["source"], row["period"]): row["fingerprint"] for row in warehouse.read(COVERAGE).iter_rows(named=True)
        }
        for source_id in sorted({variant.measure.source for variant in setting.plan.variants.values()}):
            prints = fingerprints(setting, source_id, months, rates)
            stale = [month for month in months if known.get((source_id, month)) != prints[month]]
            if not stale:
                continue
            # A file of many months is read once for all of them.
            is_monthly = setting.project.sources[source_id].is_monthly
            for part in in_batches(stale, _rows_of(setting, source_id, stale)) if is_monthly else [stale]:
                _compute_source(setting, warehouse, source_id, part, prints, rates)
                computed += len(part)
        _keep_needed(setting, warehouse, months)
    return computed


def _keep_needed(setting: Setting, warehouse: Warehouse, months: Sequence[date]) -> None:
    """Let nothing stand of measures that no KPI needs any more, in months that are up to date otherwise.

    Of other months the digests of the coverage still say that the cells are there.
    """
    variants = setting.plan.variants
    parts: dict[str, list[PartKey]] = {variant.measure.source: [] for variant in variants.values()}
    for variant in variants.values():
        parts[variant.measure.source] += [(variant.key, part.name) for part in variant.parts if part.kind in STATES]
    warehouse.keep_cells([variant.key for variant in variants.values()], list(parts), months)
    keep_states(setting.home, parts, months)


def _rows_of(setting: Setting, source_id: str, months: Sequence[date]) -> dict[date, int]:
    """How many rows a source has for each of these months."""
    counting = setting.counting(source_id, months)
    return {month: sum(load.rows for load in loads) for month, loads in counting.items()}


def count_cells(setting: Setting, periods: Sequence[date]) -> dict[date, int]:
    """How many measure cells the warehouse holds of each of these months."""
    with open_warehouse(setting.home) as warehouse:
        return warehouse.count_by_period(CELLS, periods)


def expected_cells(setting: Setting, periods: Sequence[date]) -> dict[tuple[str, date], str]:
    """By source and month the digest of what the cells behind these periods would be computed from now."""
    months = horizon(setting.project, looked_at(setting, periods), setting.reach())
    rates = rates_of(setting, months)
    return {
        (source_id, month): fingerprint
        for source_id in sorted({variant.measure.source for variant in setting.plan.variants.values()})
        for month, fingerprint in fingerprints(setting, source_id, months, rates).items()
    }


def _compute_source(
    setting: Setting, warehouse: Warehouse, source_id: str, months: Sequence[date], prints: dict[date, str],
    rates: Exchange | None,
) -> None:  # fmt: skip
    source = setting.project.sources[source_id]
    variants = [variant for variant in setting.plan.variants.values() if variant.measure.source == source_id]
    dating = dating_of(setting.project, source)
    placed_batches = [(batch, placed_rows(setting, source, batch)) for batch in batches(setting, source, months)]
    for batch, _ in placed_batches:
        refuse_orphans(setting, source, batch)
    if any(part.kind in STATES for variant in variants for part in variant.parts):
        # States are files, replaced one by one: until all of them are, the months count as not computed.
        warehouse.replace_cells(source_id, [], {COVERAGE: _coverage([])}, months)
    cells, covered = [], set[date]()
    with one_behind() as write:
        for batch, placed in placed_batches:
            if batch.loads:
                of_files = file_months(setting, source, batch)
                covered |= set(covered_months(source, placed, of_files, batch.months, setting.project.calendar))
            for key, found in measure_states(source, placed, variants, batch.months, dating, rates):
                write(replace_states, setting.home, source_id, key, batch.months, found)
            cells.append(measure_cells(source, placed, variants, batch.months, dating, rates))
    coverage = _coverage([(source_id, month, month in covered, prints[month]) for month in months])
    warehouse.replace_cells(
        source_id, [variant.key for variant in variants], {CELLS: pl.concat(cells), COVERAGE: coverage}, months
    )


def _coverage(rows: Sequence[tuple[str, date, bool, str]]) -> pl.DataFrame:
    schema = {"source": pl.String, "period": pl.Date, "is_covered": pl.Boolean, "fingerprint": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def fingerprints(setting: Setting, source_id: str, months: Sequence[date], rates: Exchange | None) -> dict[date, str]:
    """For every month, a digest of all that the cells of a source depend on; ``rates`` are those of the months."""
    source = setting.project.sources[source_id]
    loads = setting.counting(source_id, months)
    variants = sorted((v for v in setting.plan.variants.values() if v.measure.source == source_id), key=lambda v: v.key)
    others = {other: setting.counting(other, months) for other in source.refers_to}
    common = [setting.contract(source), *(setting.contract(setting.project.sources[other]) for other in others)]
    common += [f"{variant.key}\0{read_by(CELLS_STEP, variant.measure)}" for variant in variants]
    prints, calendar, late = {}, setting.project.calendar, setting.late(source_id)
    waiting = late.waiting_of
    has_currency = any(variant.measure.currency for variant in variants)
    for month in months:
        own = [f"{calendar.first_day(month)} {calendar.last_day(month)}"]
        own += [digest_of_rates(rates, month)] if has_currency else []
        for found in (loads, *others.values()):
            own += ["|", *sorted(load.id for load in found[month])]
        for load in (load.id for load in loads[month] if load.id in late.moved):
            own.append(f"{load} {sorted(late.moved[load].items())} {waiting.get(load)}")
        prints[month] = hashlib.sha256("\0".join([*common, "|", *own]).encode()).hexdigest()[:16]
    return prints


def compute_kpis(setting: Setting, periods: Sequence[date]) -> pl.DataFrame:
    """Compute and commit the KPI values and inputs of the asked months that nothing blocks; returns the values.

    Only months are computed of which something has changed that they depend on, some months after the other: a run
    that is killed keeps those that are committed.
    """
    found = []
    with (
        open_warehouse(setting.home, telling=setting.telling) as warehouse,
        warehouse.beside() as writer,
        one_behind() as commit,
    ):
        cells, stored = cell_prints(warehouse), stored_prints(warehouse, KPIS)
        prints = kpi_prints(setting, good_periods(setting, periods), cells)
        withheld = {period for period, _ in warehouse.other_rules}
        asked = sorted({*stale(prints, stored), *(period for period in prints if period in withheld)})
        clear_other_rules(warehouse, asked)
        # Values of the months that a batch is compared with stand in the warehouse, or are computed once.
        compared = [month for month in reference_periods(setting.project, asked) if month not in asked]
        outdated = set(stale(kpi_prints(setting, compared, cells), stored))
        standing = warehouse.read(KPI_VALUES, [month for month in compared if month not in outdated])
        others = [month for month in looked_at(setting, asked) if month not in asked]
        recent = standing.clear()
        patterns = Patterns(setting, warehouse, {*asked, *stale(kpi_prints(setting, others, cells), stored)})
        for months in in_batches(asked, warehouse.count_by_period(CELLS, asked)):
            compared = [month for month in reference_periods(setting.project, months) if month not in months]
            earlier = pl.concat([standing, recent]).filter(pl.col("period").is_in(compared))
            lacking = [month for month in compared if month not in set(earlier["period"])]
            computed = sorted([*lacking, *months])
            inputs, fresh, small = computed_values(setting, warehouse, computed)
            recent = pl.concat([recent.filter(pl.col("period").is_in(compared)), fresh.select(recent.columns)])
            values = fresh.filter(pl.col("period").is_in(months))
            tables = {
                KPI_VALUES: values,
                KPI_INPUTS: inputs.filter(pl.col("period").is_in(months)),
                COMPARISONS: comparisons(setting.project, pl.concat([standing, recent]), months),
                KPI_DEFINITIONS: kpi_definitions(setting.project, setting.plan, months),
                UNITS_WITHHELD: patterns.rows(small, months, computed),
            }
            patterns.clear_later(tables[UNITS_WITHHELD])
            commit(writer.replace, tables, months, as_rows(KPIS, prints, months))
            found.append(values)
        return pl.concat(found) if found else warehouse.read(KPI_VALUES, [])


def computed_values(
    setting: Setting, warehouse: Warehouse, periods: Sequence[date], plan: Plan | None = None, withholds: bool = True
) -> tuple[pl.DataFrame, pl.DataFrame, Withheld | None]:
    """Inputs and values of the KPIs of a plan, by default all, in these months, from the cells of the warehouse.

    Those that tell of small groups are missing, unless nothing is to be withheld; by what comes with them.
    """
    plan = plan or setting.plan
    months = horizon(setting.project, periods, setting.reach())
    data, used = standing_cells(setting, warehouse, months), uses(setting.project, periods)
    small = find_withheld(setting.project, plan, data, setting.published_before(months)) if withholds else None
    found = evaluated(setting.project, plan, data, periods, used, small)
    return kpi_inputs(found), kpi_values(setting.project, found), small


def _with_formulas(setting: Setting) -> list[str]:
    """The KPIs whose anchors are formulas: of all others no input is needed to score them."""
    return [kpi_id for kpi_id, kpi in setting.project.kpis.items() if kpi.anchors]


def compute_scores(setting: Setting, periods: Sequence[date]) -> pl.DataFrame:
    """Compute and commit the scores of the asked months that nothing blocks; returns them.

    Only months are computed of which something has changed that they depend on. Where a score looks at earlier months,
    their values are computed once more: it must not depend on what was run.
    """
    found = []
    with open_warehouse(setting.home) as warehouse, warehouse.beside() as writer, one_behind() as commit:
        prints = _score_prints(setting, warehouse, good_periods(setting, periods))
        good = stale(prints, stored_prints(warehouse, SCORES_STEP))
        for months in in_batches(good, warehouse.count_by_period(KPI_VALUES, good)):
            values = _values_looked_at(setting, warehouse, months, good)
            used = uses(setting.project, months)
            asked = used.select("scorecard", "period", "unit", "kpi")
            inputs = warehouse.read(KPI_INPUTS, months, kpi=_with_formulas(setting))
            anchors = anchors_in_force(setting.project, setting.plan, asked, inputs)
            scores = score_levels(setting.project, used, values, anchors)
            tables = {SCORES: scores, ANCHORS: anchors}
            commit(writer.replace, tables, months, as_rows(SCORES_STEP, prints, months))
            found.append(scores)
        return pl.concat(found) if found else warehouse.read(SCORES, [])


def _values_looked_at(
    setting: Setting, warehouse: Warehouse, months: Sequence[date], good: Sequence[date]
) -> pl.DataFrame:
    """Main values of the months and those that their scores look back at; of others than the good ones, from cells."""
    looked_at = horizon(setting.project, months, looks_back(setting.project))
    values = main_values(warehouse.read(KPI_VALUES, [month for month in looked_at if month in good]))
    past = [month for month in looked_at if month not in good]
    if not past:
        return values
    earlier = main_values(computed_values(setting, warehouse, past)[1])
    return pl.concat([earlier, values.select(earlier.columns)])


def _score_prints(setting: Setting, warehouse: Warehouse, periods: Sequence[date]) -> dict[date, str]:
    """Values of the months themselves are as they stand; earlier ones are computed from the cells as they are now."""
    months = horizon(setting.project, periods, looks_back(setting.project))
    stored = stored_prints(warehouse, KPIS)
    values = kpi_prints(setting, months, cell_prints(warehouse)) | {
        period: stored.get(period, "") for period in periods
    }
    return score_prints(setting, periods, values)
