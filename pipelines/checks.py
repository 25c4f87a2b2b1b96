"""Asset checks of a source's deliveries: within their contract, there for every month, and there in time."""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from pipelines.steps.freshness import Late
from pipelines.steps.ingest import Ingested
from scorecards.periods import period_text
from scorecards.words import plural

CONTRACT, COMPLETE, IN_TIME = "within_contract", "complete", "in_time"
_MOST = 5


def check_specs(asset: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The checks of one source. A refused month stops what is downstream; what is missing or late does not."""
    return [
        dg.AssetCheckSpec(
            CONTRACT, asset=asset, blocking=True,
            description="No delivery is refused: rejected rows stay within the contract.",
        ),
        dg.AssetCheckSpec(COMPLETE, asset=asset, description="Every month of the run has a delivery."),
        dg.AssetCheckSpec(IN_TIME, asset=asset, description="No month of the run came after the day it was due on."),
    ]  # fmt: skip


def within_contract(found: Sequence[Ingested]) -> dg.AssetCheckResult:
    """Refusals of a single month stop what is downstream; in a range the good months go on."""
    refused = [one for one in found if one.state == "refused"]
    told = [f"{period_text(one.period)}: {load.refused}" for one in refused for load in one.loads]
    return dg.AssetCheckResult(
        passed=not refused,
        check_name=CONTRACT,
        severity=dg.AssetCheckSeverity.ERROR if len(refused) == len(found) else dg.AssetCheckSeverity.WARN,
        description="\n".join(told[:_MOST]) or None,
        metadata={"refused_months": len(refused)},
    )


def complete(found: Sequence[Ingested]) -> dg.AssetCheckResult:
    """Whether any month of the run has nothing from the source; a month without rows may still be delivered."""
    missing = [period_text(one.period) for one in found if one.state == "missing"]
    return dg.AssetCheckResult(
        passed=not missing,
        check_name=COMPLETE,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"Nothing for {', '.join(missing[:_MOST])}{', …' * (len(missing) > _MOST)}." if missing else None,
        metadata={"missing_months": len(missing)},
    )


def in_time(found: Sequence[Late], today: date) -> dg.AssetCheckResult:
    """Whether any delivery was late, or is."""
    told = [
        f"{period_text(one.period)} was due on {one.due}: "
        + (f"came {plural(one.days(today), 'day')} late" if one.came_on else f"{plural(one.days(today), 'day')} ago")
        for one in found
    ]
    return dg.AssetCheckResult(
        passed=not found,
        check_name=IN_TIME,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(told[:_MOST]) or None,
        metadata={"late_months": len(found)},
    )
