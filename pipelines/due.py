"""The schedule and the sensor that send packs: at the due hour what may leave, and later whatever may by then.

What sends is imported when it is needed: every run imports this module.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipelines.assets.common import key_of
from pipelines.instance import UNDER_WAY
from pipelines.jobs import DELIVER
from pipelines.resources import ProjectResource
from pipelines.steps.setting import Setting
from scorecards.errors import ScorepackError
from scorecards.periods import period_text

if TYPE_CHECKING:
    from pipelines.delivery.calendar import Standing


def delivery_schedule(resource: ProjectResource, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Looks every day at the due hour whether it is the day; on from the start where one is declared."""
    project = resource.open().project
    due = project.delivery.due
    at = due.at if due else datetime.min.time()

    @dg.schedule(
        job=job,
        name="delivery_schedule",
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone=(due and due.time_zone) or project.organisation.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING if due else dg.DefaultScheduleStatus.STOPPED,
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        return _asked(resource, context.instance)

    return schedule


def delivery_sensor(resource: ProjectResource, job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Sends once a pack may leave and its hour has come, and tells the owner, once, what has not left by then."""
    has_hour = resource.open().project.delivery.due is not None

    @dg.sensor(
        job=job,
        name="delivery_sensor",
        minimum_interval_seconds=120,
        default_status=dg.DefaultSensorStatus.RUNNING if has_hour else dg.DefaultSensorStatus.STOPPED,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        return _asked(resource, context.instance)

    return sensor


def _asked(resource: ProjectResource, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    """A run that delivers, or why there is none; what is late is told."""
    from pipelines.delivery import calendar

    now = calendar.now()
    try:
        setting = resource.place.open()
        found = calendar.standing(setting, now)
    except ScorepackError as error:
        return dg.SkipReason(str(error))
    if found is None:
        return dg.SkipReason("delivery.yaml declares no 'due'.")
    if not found.is_time:
        return dg.SkipReason(f"{period_text(found.period)} is due on {found.due:%Y-%m-%d %H:%M} UTC.")
    _tell_late(setting, found)
    if not found.ready:
        reasons = ", ".join(f"{count} × {reason}" for reason, count in found.held.most_common(5))
        return dg.SkipReason(f"{period_text(found.period)}: {reasons or 'all has left'}.")
    if instance.get_runs(dg.RunsFilter(job_name=DELIVER, statuses=UNDER_WAY), limit=1):
        return dg.SkipReason("A delivery is under way.")
    period = key_of(found.period)
    return dg.RunRequest(run_key=f"{period} edition {found.edition} {now:%Y-%m-%dT%H:%M}", partition_key=period)


def _tell_late(setting: Setting, found: "Standing") -> None:
    from pipelines.delivery.notices import notify_late
    from pipelines.delivery.reporting import report_late

    if found.is_late and found.held:
        try:
            report_late(setting, found.period, found.due, found.held)
        finally:
            # Whatever becomes of the mails.
            notify_late(setting, found.period, found.held)
