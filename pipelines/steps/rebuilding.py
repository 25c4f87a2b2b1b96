"""Rebuilding: everything that is computed, from the records alone.

The runs are repeated in their order, each with the deliveries and declarations that were known to it: so every table
comes back as it was, whatever was computed, corrected and computed again in between. Runs as of an earlier day are no
part of the record: what they gave is deleted, and a run as of that day gives it again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.editions import show_editions
from pipelines.steps.ingest import ingest
from pipelines.steps.insight import compute_insight
from pipelines.steps.rendering import render_packs
from pipelines.steps.runs import PACKS, RUN, Run, recorded_runs
from pipelines.steps.setting import Progress, Setting, no_progress, setting_then
from pipelines.steps.signals import compute_signals
from scorecards.groups import NOTHING
from warehouse.analysts import write_copy
from warehouse.editions import editions
from warehouse.forgotten import delete_forgotten
from warehouse.home import Home
from warehouse.working import is_unfinished, rebuilding


def rebuild(home: Home, extracts: Path, progress: Progress = no_progress) -> list[Run]:
    """Delete everything but the records, and compute it again from them; returns the runs that were repeated.

    Nothing is taken in and nothing is sent. The analysts' copy stays until it is replaced. The journal and the landing
    archive are not changed. Raises ``HomeBusy`` when another process is at work, or when a landed object is damaged.
    """
    # Where a person was forgotten, the copy may hold them: it is deleted at once, and not left until it is replaced.
    computed = [home.analysts] if is_unfinished(home) else []
    with rebuilding(home):
        delete_forgotten(home)
        _delete_computed(home, computed)
        runs, telling = list(_needed(recorded_runs(home))), NOTHING
        for done, run in enumerate(runs, start=1):
            setting = setting_then(home, run.declarations, extracts, run.seq)
            telling = setting.telling
            _repeat(setting, run)
            published = sorted({edition.period for edition in editions(home)})
            if done == len(runs) and published:
                show_editions(replace(setting, upto=None), published)
            progress(done, len(runs))
        write_copy(home, telling, anew=True)
    return runs


def gone_told(days: Sequence[date]) -> Iterator[str]:
    """That what was computed as of these earlier days did not come back, and how it does; nothing for no days."""
    if days:
        told = ", ".join(map(str, days))
        day = days[0] if len(days) == 1 else "DAY"
        yield f"What was computed as of {told} is gone, and is computed again by: scorepack run PERIOD --as-of {day}"


def _delete_computed(home: Home, more: Sequence[Path]) -> None:
    """Delete everything but the records and the analysts' copy; a damaged warehouse is not opened for it."""
    as_of = home.root / "as_of"
    for folder in (
        home.staging, home.quarantine, home.states, home.packs, home.declarations, as_of, *more,
        home.warehouse.with_name(f"{home.warehouse.name}.tmp"),
    ):  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
    for suffix in ("", ".wal"):
        home.warehouse.with_name(home.warehouse.name + suffix).unlink(missing_ok=True)
    home.create()


def _needed(runs: Sequence[Run]) -> Iterator[Run]:
    """The runs without renderings that a later one replaces: a pack is made once, from the newest tables."""
    later: set[date] = set()
    kept: list[Run] = []
    for run in reversed(runs):
        periods = run.periods if run.kind == RUN else tuple(p for p in run.periods if p not in later)
        if run.kind == PACKS:
            later |= set(run.periods)
        if periods:
            kept.append(replace(run, periods=periods))
    yield from reversed(kept)


def _repeat(setting: Setting, run: Run) -> None:
    """Compute the months of a run once more, or render their packs."""
    if run.kind == PACKS:
        render_packs(setting, run.periods)
        return
    for source_id in setting.project.sources:
        ingest(setting, source_id, run.periods)
    compute_measures(setting, run.periods)
    compute_kpis(setting, run.periods)
    compute_scores(setting, run.periods)
    compute_signals(setting, run.periods)
    compute_insight(setting, run.periods)
