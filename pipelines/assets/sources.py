"""One asset per source, made from its contract: deliveries landed, checked and staged."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from pipelines.assets.common import BACKFILL, add_facts, periods_of, step
from pipelines.assets.lineage import kpis_of, staging_key, told
from pipelines.checks import check_specs, complete, in_time, within_contract
from pipelines.resources import ProjectResource
from pipelines.steps.freshness import late
from pipelines.steps.ingest import Ingested, ingest
from scorecards.project import Project
from scorecards.sources import Source
from transforms.plan import Plan


def source_assets(project: Project, plan: Plan, partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The staging assets of all sources, in order of declaration."""
    return [_asset(source, kpis_of(project, plan, source.source), partitions) for source in project.sources.values()]


def _asset(source: Source, kpis: list[str], partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    key = staging_key(source.source)
    columns = [
        dg.TableColumn(name, column.type, tags={"personal": ""} if column.personal else {})
        for name, column in source.staged.items()
    ]

    @dg.asset(
        key=key,
        group_name="staging",
        partitions_def=partitions,
        backfill_policy=BACKFILL,
        kinds={"duckdb", source.file_format},
        tags={"domain": source.domain},
        deps=[staging_key(other) for other in source.refers_to],
        description=told(source.description or f"Extract {source.path or source.connection}", "KPIs that use it", kpis),
        metadata={"path": source.path, "dagster/column_schema": dg.TableSchema(columns=columns)},
        check_specs=check_specs(key),
    )
    def staged(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> Iterator[dg.MaterializeResult[None]]:
        with step(f"staging {source.source}"):
            setting = scorepack.open()
            periods, today = periods_of(context, setting.project), datetime.now(UTC).date()
            found = ingest(setting, source.source, periods)
            overdue = late(setting, periods, today, [source.source])
        add_facts(context, {one.period: _facts(one) for one in found})
        yield dg.MaterializeResult(check_results=[within_contract(found), complete(found), in_time(overdue, today)])

    return staged


def _facts(one: Ingested) -> dict[str, object]:
    files = ", ".join(load.name for load in one.loads) or "none delivered"
    return {
        "state": one.state,
        "dagster/partition_row_count": one.rows - one.rejected,
        "rejected": one.rejected,
        "files": files,
    }
