"""Dagster's own home inside ours: one run at a time, no telemetry, history kept in SQLite."""

import sqlite3
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from sqlalchemy import event
from sqlalchemy.engine import Engine

from warehouse.home import Home, replace_bytes

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


@event.listens_for(Engine, "connect")
def _write_without_waiting(connection: Any, _record: Any) -> None:
    """Dagster commits every event on its own and waits for the disk each time: most of the time of a long run.

    Its history is no record of ours and survives a killed process either way; only a power cut could damage it, and
    then it can be deleted.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
