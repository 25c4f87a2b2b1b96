"""Materialising the Dagster assets in this process, with the persistent instance of the home."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stderr
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pipelines.cli.printing import Steps
from scorecards.errors import DataRefused, ScorepackError

if TYPE_CHECKING:
    from pipelines.resources import ProjectResource
    from pipelines.steps.setting import Setting

ASSET_RANGE_START, ASSET_RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def materialise(
    job_name: str,
    project: Path,
    home: Path | None,
    extracts: Path | None,
    periods: Sequence[date],
    packs: str,
    shown: Steps,
    as_of: str = "",
    already: Setting | None = None,
) -> None:
    """Run a job for one month or a range of months, in one Dagster run; ``already`` is its setting where it was read.

    Raises the ``ScorepackError`` that ended it: ``DataRefused`` with every month that was blocked, or a step's own.
    """
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    shown.begin("opening")
    from pipelines.event_log import BATCHED
    from pipelines.resources import ProjectResource

    os.environ.update(BATCHED)
    resource = ProjectResource(
        project=str(project.resolve()),
        home=str(home.resolve()) if home else "",
        extracts=str(extracts.resolve()) if extracts else "",
        as_of=as_of,
    )
    with resource.kept(already) if already is not None else nullcontext():
        _materialise(job_name, resource, periods, packs, shown, bool(as_of))


def _materialise(
    job_name: str, resource: ProjectResource, periods: Sequence[date], packs: str, shown: Steps, is_as_of: bool
) -> None:
    from pipelines.assets.common import key_of
    from pipelines.definitions import build_definitions
    from pipelines.instance import PROCESS, open_instance
    from pipelines.steps.outcome import require_good
    from warehouse.working import at_work

    setting = resource.open()
    job = build_definitions(resource).resolve_job_def(job_name)
    config: dict[str, object] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    if packs and len(periods) > 1:
        config["ops"] = {"packs__packs": {"config": {"months": packs}}}
    elif packs == "none":
        config["ops"] = {"packs__packs": {"config": {"months": "none"}}}
    first, last = key_of(periods[0]), key_of(periods[-1])
    # Asked for again by each run of Dagster's: taken here, a held home is told in plain words and leaves no failed run.
    try:
        with at_work(setting.home), redirect_stderr(_WithoutDagster(sys.stderr)):
            with open_instance(setting.home) as instance:
                result = job.execute_in_process(
                    run_config=config,
                    instance=instance,
                    raise_on_error=False,
                    partition_key=first if len(periods) == 1 else None,
                    tags={
                        PROCESS: str(os.getpid()),
                        **({} if len(periods) == 1 else {ASSET_RANGE_START: first, ASSET_RANGE_END: last}),
                    },
                )
            if result.success:
                return
            try:
                require_good(setting, periods)
            except DataRefused as refused:
                # What else went wrong is not what the refused files tell.
                if shown.error is None or str(shown.error) in str(refused):
                    raise
                raise DataRefused(f"{refused}\n{shown.error}") from shown.error
            if shown.error is not None:
                raise shown.error
            causes = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
            told = [(error.cause or error).message.strip().splitlines()[0] for error in causes if error is not None]
            because = f": {told[0]}" if told else ""
            raise ScorepackError(f"The run {result.run_id} failed{because}. See it with: scorepack serve.")
    except Exception as error:
        if not is_as_of:
            _tell_those_who_watch(setting, job_name, periods, error)
        raise


class _WithoutDagster:
    """Standard error without what Dagster writes there of a full disk: it is told at the end of the run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._is_left_out = stream, False

    def write(self, text: str) -> int:
        """Write the text, unless Dagster says with it that its log cannot be written."""
        from warehouse.working import tells_of_unwritable

        if text.startswith("Exception while "):
            self._is_left_out = tells_of_unwritable(text)
        elif not text.startswith("Falling back to storing"):
            self._is_left_out = False
        return len(text) if self._is_left_out else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _tell_those_who_watch(setting: Setting, job_name: str, periods: Sequence[date], error: Exception) -> None:
    """Mail the failure unless a person looks on. What goes wrong with that must not hide the failure itself."""
    from pipelines.delivery.alerting import Failure, alert

    if sys.stderr.isatty():
        return
    try:
        alert(setting, Failure(job_name, tuple(periods), str(error)))
    except (ScorepackError, OSError) as also:
        sys.stderr.write(f"The failure could not be mailed: {also}\n")
