"""The Dagster code location: a table of contents of assets, jobs and the schedule of one project."""

import os

import dagster as dg

from pipelines.alerts import failure_sensor
from pipelines.assets.common import monthly
from pipelines.assets.delivery import delivery_asset
from pipelines.assets.scorecard import scorecard_assets
from pipelines.assets.sources import source_assets
from pipelines.due import delivery_schedule, delivery_sensor
from pipelines.jobs import deliver_job, month_end_job, month_end_schedule
from pipelines.resources import ProjectResource, resource_from_environment


def build_definitions(resource: ProjectResource) -> dg.Definitions:
    """All definitions of a project; raises ``ScorepackError`` when its declarations are wrong."""
    setting = resource.open()
    project = setting.project
    partitions = monthly(project)
    month_end, deliver = month_end_job(), deliver_job()
    return dg.Definitions(
        assets=[
            *source_assets(project, setting.plan, partitions),
            *scorecard_assets(project, setting.plan, partitions),
            delivery_asset(partitions),
        ],
        jobs=[month_end, deliver],
        schedules=[month_end_schedule(project, month_end), delivery_schedule(resource, deliver)],
        sensors=[failure_sensor(resource), delivery_sensor(resource, deliver)],
        resources={"scorepack": resource, "place": resource.place},
        executor=dg.in_process_executor,
    )


@dg.definitions
def definitions() -> dg.Definitions:
    """The project that the environment names; ``resources.default_project`` says which is taken otherwise."""
    # As the command line does: also what Dagster's own processes write is for nobody else.
    os.umask(0o077)
    return build_definitions(resource_from_environment())
