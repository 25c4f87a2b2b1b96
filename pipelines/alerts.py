"""The sensor that mails failed runs to those who look after the pipeline.

What writes mails is imported when it is needed: every run imports this module.
"""

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.jobs import DELIVER, MONTH_END
from pipelines.resources import ProjectResource, period_of
from scorecards.periods import months_between

if TYPE_CHECKING:
    from pipelines.delivery.alerting import Failure

_ONE, _START, _END = "dagster/partition", "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def failure_sensor(resource: ProjectResource) -> dg.SensorDefinition:
    """Mails every failed run of this project, once; on from the start where somebody is declared under ``alerts``."""
    is_wanted = bool(resource.open().project.alerts)

    @dg.run_failure_sensor(
        name="failure_alert",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING if is_wanted else dg.DefaultSensorStatus.STOPPED,
    )
    def failure_alert(context: dg.RunFailureSensorContext) -> None:
        from pipelines.delivery.alerting import alert

        alert(resource.open(), failure_of(context))

    return failure_alert


def failure_of(context: dg.RunFailureSensorContext) -> "Failure":
    """What a failed run was to do, and its first error."""
    from pipelines.delivery.alerting import Failure

    run = context.dagster_run
    first, last = (run.tags.get(tag) or run.tags.get(_ONE) or "" for tag in (_START, _END))
    periods = tuple(months_between(period_of(first), period_of(last))) if first and last else ()
    errors = [event.step_failure_data.error for event in context.get_step_failure_events()]
    told = [(error.cause or error).message for error in errors if error is not None]
    job = run.job_name if run.job_name in (MONTH_END, DELIVER) else MONTH_END
    return Failure(job, periods, _without_class(told[0]) if told else context.failure_event.message or "")


def _without_class(message: str) -> str:
    """The words of an error without the name of its class, which Dagster puts before them."""
    first, _, rest = message.partition(": ")
    return rest if rest and "." in first and " " not in first else message
