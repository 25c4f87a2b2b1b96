"""Dagster's own retries, by hand and by its daemon: those of a backfill deliver as little as it, all others deliver.

The web UI's API, the steps of the daemon and the runs are Dagster's own, one after the other in this process.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster_graphql.test.utils import execute_dagster_graphql

from pipelines.instance import dagster_folder, open_instance
from tests.acceptance.test_served import LAUNCH
from tests.operating.test_daemon import BACKFILL
from tests.small_company import SmallCompany
from warehouse.ledger import last_records, records

ROOT = Path(__file__).parents[2]
MONTH = "2025-06-01"
ENDS = ("SUCCESS", "FAILURE", "COMPLETED_SUCCESS", "COMPLETED_FAILED")
# A process for each run would take most of the time.
SETTINGS = """\
run_retries: {enabled: true}
run_launcher: {module: dagster._core.launcher.sync_in_memory_run_launcher, class: SyncInMemoryRunLauncher}
"""
RUN_AGAIN = """mutation($p: ReexecutionParams!) { launchRunReexecution(reexecutionParams: $p) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
BACKFILL_AGAIN = """mutation($p: ReexecutionParams!) { reexecutePartitionBackfill(reexecutionParams: $p) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""


class Dagster:
    """What ``scorepack serve`` runs, without its waiting: the API, and the daemon's steps."""

    def __init__(self, workspace: WorkspaceProcessContext) -> None:
        self._workspace, self.instance = workspace, workspace.instance
        self._retrying, self._queue = EventLogConsumerDaemon(), QueuedRunCoordinatorDaemon(1)
        self.until_idle()

    def ask(self, query: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a mutation, which succeeded."""
        found = execute_dagster_graphql(self._workspace.create_request_context(), query, {"p": parameters})
        (answer,) = found.data.values()
        assert answer["__typename"].endswith("Success"), answer
        return dict(answer)

    def until_idle(self) -> None:
        """Let the daemon work until no run and no backfill is under way, and every retry that is due has ended."""
        deadline, rest = time.monotonic() + 120, 2
        while rest:
            for step in (
                execute_backfill_iteration(self._workspace, logging.getLogger("daemon")),
                self._retrying.run_iteration(self._workspace),
                self._queue.run_iteration(self._workspace),
            ):
                list(step)
            works = (*self.instance.get_runs(), *self.instance.get_backfills())
            is_busy = not all(one.status.value in ENDS for one in works)
            rest = 2 if is_busy else rest - 1
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def deliver_job(self) -> dict[str, Any]:
        """What launches the delivery of the month."""
        (location,) = self._workspace.create_request_context().code_locations
        (repository,) = location.get_repositories()
        selector = {"repositoryLocationName": location.name, "repositoryName": repository, "jobName": "deliver"}
        tags = [{"key": "dagster/partition", "value": MONTH}]
        return {"selector": selector, "runConfigData": {}, "executionMetadata": {"tags": tags}}

    def runs(self, **tags: str) -> list[dg.DagsterRun]:
        """Runs with these tags, the newest first."""
        return list(
            self.instance.get_runs(dg.RunsFilter(tags={f"dagster/{tag}": value for tag, value in tags.items()}))
        )


@contextmanager
def serving(company: SmallCompany) -> Iterator[Dagster]:
    home = company.setting().home
    with (dagster_folder(home) / "dagster.yaml").open("a") as config:
        config.write(SETTINGS)
    with (
        open_instance(home) as instance,
        WorkspaceProcessContext(instance, WorkspaceFileTarget([str(ROOT / "workspace.yaml")])) as workspace,
    ):
        yield Dagster(workspace)


def failures(dagster: Dagster, run: str) -> str:
    """Why a run failed."""
    found = dagster.instance.all_logs(run, of_type=dg.DagsterEventType.STEP_FAILURE)
    return " ".join(one.dagster_event.step_failure_data.error_display_string for one in found if one.dagster_event)


@pytest.mark.slow
def test_retries_of_a_backfill_deliver_nothing_and_one_of_a_run_of_its_own_delivers(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOREPACK_PROJECT", str(company.root))
    unsound = company.write(f"commentary/{MONTH[:7]}.yaml", "- nothing\n")
    with serving(company) as dagster:
        chosen = [{"path": ["deliveries", "deliveries"]}]
        once = [{"key": "dagster/max_retries", "value": "1"}]
        backfill = dagster.ask(BACKFILL, assetSelection=chosen, partitionNames=[MONTH], tags=once)["backfillId"]
        own = dagster.ask(LAUNCH, **dagster.deliver_job())["run"]["runId"]
        dagster.until_idle()
        unsound.unlink()
        by_daemon, first = dagster.runs(backfill=backfill)
        assert by_daemon.tags["dagster/retry_number"] == "1"
        dagster.ask(RUN_AGAIN, parentRunId=first.run_id, strategy="FROM_FAILURE")
        dagster.ask(RUN_AGAIN, parentRunId=by_daemon.run_id, strategy="ALL_STEPS")
        again = dagster.ask(BACKFILL_AGAIN, parentRunId=backfill, strategy="FROM_FAILURE")["backfillId"]
        dagster.until_idle()
        of_backfill = [*dagster.runs(root_run_id=first.run_id), *dagster.runs(backfill=again)]
        assert len(of_backfill) == 5
        for run in of_backfill:
            assert "A backfill and its retries deliver nothing" in failures(dagster, run.run_id), run
        assert records(company.setting().home) == []
        assert MONTH[:7] in failures(dagster, own)
        dagster.ask(RUN_AGAIN, parentRunId=own, strategy="FROM_FAILURE")
        dagster.until_idle()
    assert {one.state for one in last_records(company.setting().home).values()} == {"written"}
