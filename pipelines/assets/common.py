"""What all assets share: partitions, the backfill policy, metadata per month, how errors are told."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import dagster as dg

from pipelines.progress import listener
from pipelines.resources import period_of
from pipelines.steps.setting import require_over
from scorecards.errors import ScorepackError
from scorecards.project import Project

# Backfill policies are marked beta in Dagster 1.13; their one use here is covered by tests of ranged runs.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
BACKFILL = dg.BackfillPolicy.single_run()


def monthly(project: Project) -> dg.MonthlyPartitionsDefinition:
    """Months from the project's first, each available once it is over."""
    start = project.organisation.first_period.isoformat()
    return dg.MonthlyPartitionsDefinition(start_date=start, timezone=project.organisation.time_zone)


def periods_of(context: dg.AssetExecutionContext, project: Project) -> list[date]:
    """The months of this run, whether it is of one partition or of a range.

    Raises ``CallError`` where one is not over: partitions end with the month, a calendar's periods may end later.
    """
    periods = [period_of(key) for key in context.partition_keys]
    require_over(project, periods)
    return periods


def key_of(period: date) -> str:
    """The partition key of a period."""
    return period.isoformat()


def add_facts(context: dg.AssetExecutionContext, facts: dict[date, dict[str, Any]]) -> None:
    """Metadata per month: counts and texts by name."""
    for period, found in facts.items():
        context.add_asset_metadata(found, partition_key=key_of(period))


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step, and tell a user's error as a failure with its words, without a traceback."""
    listener().begin(name)
    try:
        yield
    except ScorepackError as error:
        listener().fail(error)
        raise dg.Failure(description=str(error), allow_retries=False) from None
    except Exception as error:
        listener().fail(error)
        raise
