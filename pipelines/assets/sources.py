"""One asset per source, made from its contract: deliveries landed, checked and staged."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.common import BACKFILL, add_facts, periods_of, step
from pipelines.assets.lineage import kpis_of, staging_key, told
from pipelines.resources import ProjectResource
from pipelines.steps.ingest import Ingested, ingest
from scorecards.periods import period_text
from scorecards.project import Project
from scorecards.sources import Source
from transforms.plan import Plan

CHECK = "within_contract"


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
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=key,
                blocking=True,
                description="No delivery is refused: rejected rows stay within the contract.",
            )
        ],
    )
    def staged(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> Iterator[dg.MaterializeResult[None]]:
        with step(f"staging {source.source}"):
            setting = scorepack.open()
            found = ingest(setting, source.source, periods_of(context, setting.project))
        add_facts(context, {one.period: _facts(one) for one in found})
        yield dg.MaterializeResult(check_results=[_verdict(found)])

    return staged


def _facts(one: Ingested) -> dict[str, object]:
    files = ", ".join(load.name for load in one.loads) or "none delivered"
    return {
        "state": one.state,
        "dagster/partition_row_count": one.rows - one.rejected,
        "rejected": one.rejected,
        "files": files,
    }


def _verdict(found: list[Ingested]) -> dg.AssetCheckResult:
    """Refusals of a single month stop what is downstream; in a range the good months go on."""
    refused = [one for one in found if one.state == "refused"]
    blocks = len(refused) == len(found)
    told = [f"{period_text(one.period)}: {load.refused}" for one in refused for load in one.loads]
    return dg.AssetCheckResult(
        passed=not refused,
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN,
        description="\n".join(told[:5]) or None,
        metadata={"refused_months": len(refused)},
    )
