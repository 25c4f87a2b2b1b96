"""Dagster's own home inside ours: one run at a time, no telemetry, history kept in SQLite."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from alembic.config import Config
from alembic.script import ScriptDirectory
from dagster._core.instance.ref import InstanceRef
from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipelines.jobs import DELIVER, MONTH_END
from warehouse.home import Home, replace_bytes
from warehouse.sweeping import is_running

PROCESS = "scorepack/process"
UNDER_WAY = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_CONFIG = """\
# Written by Scorepack. DuckDB allows one writing process, so one run at a time.
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
# Steps log through Dagster; capturing their empty output would start two processes a step.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""
# Where Dagster looks for events unless it is told otherwise, as ``scorepack serve`` does.
_EVENTS = Path("history", "runs")


_THEIR_SCRIPTS, _SCRIPTS = ScriptDirectory.from_config, dict[str | None, ScriptDirectory]()


def _scripts(config: Config) -> ScriptDirectory:
    """Dagster's migrations, read once: it reads all their files for each of its databases, and twice for new ones."""
    place = config.get_main_option("script_location")
    if place not in _SCRIPTS:
        _SCRIPTS[place] = _THEIR_SCRIPTS(config)
    return _SCRIPTS[place]


ScriptDirectory.from_config = staticmethod(_scripts)  # type: ignore[method-assign]


def dagster_folder(home: Home) -> Path:
    """The folder that DAGSTER_HOME is to name, with its configuration."""
    folder = home.dagster.resolve()
    if not (folder / "dagster.yaml").exists():
        replace_bytes(folder / "dagster.yaml", _CONFIG.encode())
    return folder


def open_instance(home: Home) -> dg.DagsterInstance:
    """The persistent instance of a home; a context manager."""
    folder = dagster_folder(home)
    log = {"module": "pipelines.event_log", "class": "OpenEventLog", "config": {"base_dir": str(folder / _EVENTS)}}
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(folder), overrides={"event_log_storage": log}))


def heartbeats(home: Home) -> dict[str, datetime]:
    """When each daemon of Dagster was last alive, by its kind; empty where none has ever run."""
    with open_instance(home) as instance:
        beats = instance.get_daemon_heartbeats()
    return {kind.lower(): datetime.fromtimestamp(beat.timestamp, UTC) for kind, beat in beats.items()}


def last_ends(home: Home) -> dict[tuple[str, bool], datetime]:
    """When a run last ended, by its job and whether it ended well."""
    found = {}
    with open_instance(home) as instance:
        for status in (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE):
            for job in (MONTH_END, DELIVER):
                asked = dg.RunsFilter(job_name=job, statuses=[status])
                for record in instance.get_run_records(asked, limit=1, order_by="update_timestamp"):
                    found[job, status is dg.DagsterRunStatus.SUCCESS] = record.update_timestamp.replace(tzinfo=UTC)
    return found


def begin_run(instance: dg.DagsterInstance, run_id: str) -> None:
    """Note which process a run is of, and end those whose process was killed: they would hold up the queue for ever.

    Only for a process that holds the home (``warehouse.working.at_work``).
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY)):
        process = run.tags.get(PROCESS)
        if process and run.run_id != run_id and not is_running(int(process)):
            instance.report_run_failed(run, message=f"The process {process} of this run was killed.")
    note_process(instance, run_id)


def note_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Note that a run is of this process."""
    instance.add_run_tags(run_id, {PROCESS: str(os.getpid())})


@event.listens_for(Engine, "connect")
def _write_without_waiting(connection: Any, _record: Any) -> None:
    """Dagster commits every event on its own and waits for the disk each time: most of the time of a long run.

    Its history is no record of ours and survives a killed process either way; only a power cut could damage it, and
    then it can be deleted.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
