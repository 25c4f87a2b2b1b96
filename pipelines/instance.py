"""Dagster's own home inside ours: one run at a time, no telemetry, history kept in SQLite."""

from pathlib import Path

import dagster as dg

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


def dagster_folder(home: Home) -> Path:
    """The folder that DAGSTER_HOME is to name, with its configuration."""
    folder = home.dagster.resolve()
    if not (folder / "dagster.yaml").exists():
        replace_bytes(folder / "dagster.yaml", _CONFIG.encode())
    return folder


def open_instance(home: Home) -> dg.DagsterInstance:
    """The persistent instance of a home; a context manager."""
    return dg.DagsterInstance.from_config(str(dagster_folder(home)))
