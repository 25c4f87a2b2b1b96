"""The assets after staging: measures to packs, and the outcome that fails a run for bad months."""

from collections.abc import Iterator
from typing import Any, Literal

import dagster as dg
import polars as pl

from pipelines.assets import lineage
from pipelines.assets.common import BACKFILL, add_facts, periods_of, step
from pipelines.assets.lineage import of_table, staging_key, told
from pipelines.progress import listener
from pipelines.resources import ProjectResource
from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores, count_cells
from pipelines.steps.editions import show_editions
from pipelines.steps.insight import compute_insight
from pipelines.steps.outcome import require_good
from pipelines.steps.rendering import render_packs
from pipelines.steps.signals import compute_signals
from scorecards.packs import PDF
from scorecards.project import Project
from transforms.plan import Plan
from transforms.scored import UNSCORED
from warehouse.analysts import write_copy
from warehouse.tables import CELLS, KPI_VALUES, PACKS, SCORE_CHANGES, SCORES, SIGNALS

SCORES_CHECK = "every_scorecard_is_scored"
_ROWS = "dagster/partition_row_count"
_LINEAGE = "dagster/column_lineage"


class PacksConfig(dg.Config):
    """Of which months of a run packs are rendered: last, all or none."""

    months: Literal["last", "all", "none"] = "last"


def scorecard_assets(project: Project, plan: Plan, partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The computed assets, in the order of the flow."""
    described = {
        "cells": of_table(CELLS, lineage.cells_from(project, plan)),
        "values": of_table(KPI_VALUES, lineage.values_from()),
        "scores": of_table(SCORES, lineage.scores_from()),
        "signals": of_table(SIGNALS, lineage.signals_from()),
        "changes": of_table(SCORE_CHANGES, lineage.score_changes_from()),
        "packs": of_table(PACKS, lineage.packs_from()),
    }

    @dg.asset(
        key=["measures", "measure_cells"],
        group_name="measures",
        kinds={"polars"},
        deps=[staging_key(source) for source in project.sources],
        description=told("Parts of measures by unit and month.", "Measures", project.measures),
        metadata=described["cells"],
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def measures(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> dg.MaterializeResult[None]:
        with step("measures"):
            setting = scorepack.open()
            periods = periods_of(context, setting.project)
            computed = compute_measures(setting, periods)
            rows = count_cells(setting, periods)
        add_facts(context, {period: {_ROWS: count} for period, count in rows.items()})
        _show_lineage(context, described["cells"])
        return dg.MaterializeResult(metadata={"source_months_computed": computed})

    @dg.asset(
        key=["kpis", "kpi_values"],
        group_name="kpis",
        kinds={"polars"},
        deps=[measures],
        description=told("KPI values with operands and reasons.", "KPIs", project.kpis),
        metadata=described["values"],
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def kpi_values(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> dg.MaterializeResult[None]:
        with step("KPI values"):
            setting = scorepack.open()
            values = compute_kpis(setting, periods_of(context, setting.project))
        _count(context, values, "value")
        _show_lineage(context, described["values"])
        return dg.MaterializeResult()

    @dg.asset(
        key=["scores", "scores"],
        group_name="scores",
        kinds={"polars"},
        deps=[kpi_values],
        description=told("Scores of all levels.", "KPIs that are scored", _scored(project)),
        metadata=described["scores"],
        check_specs=[
            dg.AssetCheckSpec(
                SCORES_CHECK, asset=dg.AssetKey(["scores", "scores"]), description="No scorecard lacks a score."
            )
        ],
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def scores(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> Iterator[dg.MaterializeResult[None]]:
        with step("scores"):
            setting = scorepack.open()
            found = compute_scores(setting, periods_of(context, setting.project))
        _count(context, found, "score", pl.col("missing_reason").ne_missing(UNSCORED))
        _show_lineage(context, described["scores"])
        bare = found.filter(pl.col("level") == "scorecard", pl.col("score").is_null())
        result = dg.AssetCheckResult(
            passed=bare.is_empty(),
            check_name=SCORES_CHECK,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"without_score": bare.height},
        )
        yield dg.MaterializeResult(check_results=[result])

    @dg.asset(
        key=["signals", "signals"],
        group_name="signals",
        kinds={"polars"},
        deps=[scores],
        description="XmR charts of KPIs: variation and assurance.",
        metadata=described["signals"],
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def signals(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> dg.MaterializeResult[None]:
        with step("signals"):
            setting = scorepack.open()
            found = compute_signals(setting, periods_of(context, setting.project))
        _count(context, found, "variation")
        _show_lineage(context, described["signals"])
        return dg.MaterializeResult()

    @dg.asset(
        key=["insight", "score_changes"],
        group_name="insight",
        kinds={"polars"},
        deps=[scores],
        description="Why scores and values moved, balance, and how sure combined scores are.",
        metadata=described["changes"],
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def insight(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> dg.MaterializeResult[None]:
        with step("insight"):
            setting = scorepack.open()
            found = compute_insight(setting, periods_of(context, setting.project))
        _count(context, found, "points")
        _show_lineage(context, described["changes"])
        return dg.MaterializeResult()

    @dg.asset(
        key=["packs", "packs"],
        group_name="packs",
        kinds={"jinja2"},
        deps=[signals, insight],
        description="The files of each scorecard and unit: a PDF, and what else its layout declares.",
        metadata=described["packs"],
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def packs(
        context: dg.AssetExecutionContext, scorepack: ProjectResource, config: PacksConfig
    ) -> dg.MaterializeResult[None]:
        chosen = {"last": slice(-1, None), "all": slice(None), "none": slice(0)}[config.months]
        with step("packs"):
            setting = scorepack.open()
            table = render_packs(setting, periods_of(context, setting.project)[chosen], listener().advance)
        counts = table.group_by("period").agg(pl.len(), (pl.col("format") == PDF).sum().alias("packs")).iter_rows()
        add_facts(context, {period: {"packs": packs, _ROWS: rows} for period, rows, packs in counts})
        _show_lineage(context, described["packs"])
        return dg.MaterializeResult(metadata={"pages": int(table["pages"].sum() or 0)})

    @dg.asset(
        key=["analysts", "copy"],
        group_name="analysts",
        kinds={"duckdb", "parquet"},
        deps=[packs],
        description="The published tables as a DuckDB file and as Parquet files, for reading beside runs.",
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def copy(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> dg.MaterializeResult[None]:
        with step("analysts' copy"):
            setting = scorepack.open()
            if setting.is_present and setting.telling.sources:
                # What is withheld of a month since is left out of its earlier editions too.
                show_editions(setting, periods_of(context, setting.project))
            folder = write_copy(setting.home, setting.telling)
        return dg.MaterializeResult(metadata={"folder": str(folder)})

    @dg.asset(
        key=["packs", "outcome"],
        group_name="packs",
        deps=[copy],
        description="Fails when a month was not computed, and names it.",
        partitions_def=partitions,
        backfill_policy=BACKFILL,
    )
    def outcome(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> dg.MaterializeResult[None]:
        with step("outcome"):
            setting = scorepack.open()
            require_good(setting, periods_of(context, setting.project))
        return dg.MaterializeResult()

    return [measures, kpi_values, scores, signals, insight, packs, copy, outcome]


def _scored(project: Project) -> list[str]:
    return [kpi_id for kpi_id, kpi in project.kpis.items() if kpi.scored]


def _show_lineage(context: dg.AssetExecutionContext, described: dict[str, Any]) -> None:
    """The lineage once more, on the newest month: Dagster draws it from the latest materialisation.

    There is none where rows are only counted, all for one unit, in files of a month each.
    """
    if _LINEAGE in described:
        context.add_asset_metadata({_LINEAGE: described[_LINEAGE]}, partition_key=context.partition_keys[-1])


def _count(context: dg.AssetExecutionContext, frame: pl.DataFrame, value: str, is_meant: pl.Expr | None = None) -> None:
    """Per month: rows, and rows without a value that are meant to have one."""
    missing = pl.col(value).is_null() & (pl.lit(True) if is_meant is None else is_meant)
    counts = frame.group_by("period").agg(pl.len().alias("rows"), missing.sum().alias("missing"))
    add_facts(
        context,
        {p: {_ROWS: rows, "missing": missing} for p, rows, missing in counts.iter_rows()},
    )
