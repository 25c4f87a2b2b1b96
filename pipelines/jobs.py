"""Jobs and their schedule: the month end, and the delivery that is run on its own."""

import dagster as dg
from dagster._core.definitions.partitions.partitioned_schedule import UnresolvedPartitionedAssetScheduleDefinition
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from scorecards.project import Project

MONTH_END, DELIVER = "month_end", "deliver"


def month_end_job() -> UnresolvedAssetJobDefinition:
    """Everything but deliveries, for one month or a range of months in one run."""
    return dg.define_asset_job(
        MONTH_END,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups("deliveries"),
        executor_def=dg.in_process_executor,
        description="From extracts to packs.",
    )


def deliver_job() -> UnresolvedAssetJobDefinition:
    """Deliveries of one month."""
    return dg.define_asset_job(
        DELIVER,
        selection=dg.AssetSelection.groups("deliveries"),
        executor_def=dg.in_process_executor,
        description="From packs to messages.",
    )


def month_end_schedule(
    project: Project, job: UnresolvedAssetJobDefinition
) -> UnresolvedPartitionedAssetScheduleDefinition | dg.ScheduleDefinition:
    """Runs the month end for the month before, on the declared day; stopped until somebody starts it."""
    return dg.build_schedule_from_partitioned_job(
        job,
        name="month_end_schedule",
        hour_of_day=6,
        minute_of_hour=0,
        day_of_month=project.organisation.close_day,
        default_status=dg.DefaultScheduleStatus.STOPPED,
    )
