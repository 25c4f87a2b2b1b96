"""The delivery asset: in a job of its own, never part of a month end or a backfill.

What sends is imported when it is needed: every run imports this module.
"""

from collections import Counter

import dagster as dg

from pipelines.assets.common import periods_of, step
from pipelines.resources import ProjectPlace
from scorecards.errors import CallError

BACKFILL_TAG = "dagster/backfill"
RETRY_TAGS = ("dagster/parent_run_id", "dagster/root_run_id")


def delivery_asset(partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The deliveries of one period; one partition a run, so that no backfill can mail years of packs."""

    @dg.asset(
        key=["deliveries", "deliveries"],
        group_name="deliveries",
        partitions_def=partitions,
        deps=[dg.AssetKey(["packs", "packs"])],
        description="One message per recipient: sent, or written to the outbox.",
        kinds={"email"},
    )
    def deliveries(context: dg.AssetExecutionContext, place: ProjectPlace) -> dg.MaterializeResult[None]:
        from pipelines.delivery.notices import notify_sent
        from pipelines.delivery.reporting import report_refusals
        from pipelines.delivery.send import deliver

        with step("deliveries"):
            if _is_of_backfill(context):
                raise CallError(
                    "A backfill and its retries deliver nothing: send a month with scorepack send, or a run of its own."
                )
            setting = place.open()
            (period,) = periods_of(context, setting.project)
            done = deliver(setting, period)
            report_refusals(setting, period, done)
            notify_sent(period, done)
        states = Counter(str(one.state or "held back") for one in done)
        return dg.MaterializeResult(metadata={"messages": len(done), "new": sum(one.is_new for one in done), **states})

    return deliveries


def _is_of_backfill(context: dg.AssetExecutionContext) -> bool:
    """Whether the run or one that it retries is of a backfill: Dagster leaves a backfill's tags out of retries.

    A run of which one that it retries is gone counts as one: nobody can tell any more.
    """
    waiting, seen = [context.run], set[str]()
    while waiting:
        run = waiting.pop()
        seen.add(run.run_id)
        if BACKFILL_TAG in run.tags:
            return True
        for before in {run.tags[name] for name in RETRY_TAGS if name in run.tags} - seen:
            found = context.instance.get_run_by_id(before)
            if found is None:
                return True
            waiting.append(found)
    return False
