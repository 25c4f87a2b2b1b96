"""The delivery asset: in a job of its own, never part of a month end or a backfill."""

import dagster as dg

from pipelines.assets.common import periods_of, step
from pipelines.delivery.send import deliver
from pipelines.resources import ProjectResource


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
    def deliveries(context: dg.AssetExecutionContext, scorepack: ProjectResource) -> dg.MaterializeResult[None]:
        with step("deliveries"):
            setting = scorepack.open()
            (period,) = periods_of(context, setting.project)
            done = deliver(setting, period)
        return dg.MaterializeResult(metadata={"messages": len(done), "new": sum(one.is_new for one in done)})

    return deliveries
