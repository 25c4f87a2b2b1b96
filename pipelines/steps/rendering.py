"""The files of packs: rendered in worker processes, recorded and replaced as one.

Belongs here: which files are made anew, and how they come to be where the table of packs says. What a pack holds is
``packs.py``'s, what a file looks like ``report_templates``'.
"""

from __future__ import annotations

import hashlib
import math
import os
import pickle
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import get_args

import polars as pl

from pipelines.steps.packs import build_packs, looks_of
from pipelines.steps.runs import note_packs
from pipelines.steps.setting import Progress, Setting, good_periods, no_progress, require_sound_commentary
from report_templates.language import language
from report_templates.look import Look
from report_templates.pack_files import PackFile, print_file, print_pickled
from report_templates.rendering import TEMPLATES
from report_templates.workers import end_with_parent
from scorecards.packs import PDF, Format, file_name, in_language, kind_of
from scorecards.periods import period_text
from transforms.pack import Pack
from warehouse.home import replace_bytes
from warehouse.store import open_warehouse
from warehouse.tables import PACKS

# WeasyPrint keeps memory after large documents: workers are replaced after about so many files each.
_FILES_A_WORKER = 60


@dataclass(frozen=True)
class Job:
    """One file of one pack that is to be made; ``form`` names its format, and a language that is not the pack's own."""

    pack: Pack
    look: Look
    form: str

    @property
    def key(self) -> tuple[date, str, str, str]:
        """The key of its row in the table of packs."""
        return self.pack.period, self.pack.scorecard, self.pack.unit, self.form


def jobs_of(pack: Pack, look: Look) -> Iterator[Job]:
    """Every file of a pack: in its own language, and in those that its layout declares besides."""
    for form in look.formats:
        yield Job(pack, look, form)
    own = language(pack.locale).locale
    for locale in dict.fromkeys(language(one).locale for one in look.languages):
        if locale != own:
            other = replace(pack, locale=locale)
            yield from (Job(other, look, in_language(form, locale)) for form in look.formats)


def render_packs(
    setting: Setting, periods: Sequence[date], progress: Progress = no_progress, workers: int | None = None
) -> pl.DataFrame:
    """Render and commit the packs of the asked months that nothing blocks; returns the table ``packs`` of these months.

    Raises ``DeclarationError`` at the end where the commentary of a month has errors: its packs stay as they were.

    A file whose inputs are those of its last rendering, and which is there unchanged, is not rendered again. The files
    of a month are written first, the table last: it names only files that are whole.
    """
    good = [period for period in good_periods(setting, periods) if period not in setting.project.flaws]
    packs = [pack for period in good for pack in build_packs(setting, period, for_persons=True)]
    with open_warehouse(setting.home) as warehouse:
        before = {tuple(row[name] for name in PACKS.key): row for row in warehouse.read(PACKS, good).to_dicts()}
    jobs: list[tuple[Job, str]] = []
    rows = []
    for pack, look in zip(packs, looks_of(setting, packs), strict=True):
        for job in jobs_of(pack, look):
            inputs = fingerprint(job.pack, look)
            row = before.get(job.key)
            if row is not None and _is_current(setting, row, inputs):
                rows.append(row)
            else:
                jobs.append((job, inputs))
    prints = {job.key: inputs for job, inputs in jobs}
    for done, (job, made) in enumerate(rendered_files([job for job, _ in jobs], workers), start=1):
        file = pack_file(*job.key)
        replace_bytes(setting.home.computed / file, made.content)
        rows.append(file_row(job, made, file.as_posix(), prints[job.key]))
        progress(done, len(jobs))
    table = file_table(rows)
    with open_warehouse(setting.home) as warehouse:
        warehouse.replace({PACKS: table}, good)
        _remove_strays(setting, set(warehouse.read(PACKS)["file"]))
    if jobs:
        note_packs(setting, good)
    require_sound_commentary(setting, periods)
    return table


def rendered_files(jobs: Sequence[Job], workers: int | None = None) -> Iterator[tuple[Job, PackFile]]:
    """The files of these jobs as they come; made in this process when there is one only."""
    count = min(workers or os.cpu_count() or 1, len(jobs))
    if count <= 1:
        for job in jobs:
            yield job, print_file(job.pack, job.look, kind_of(job.form))
        return
    # A pool a batch. ``max_tasks_per_child`` would replace one worker at a time, but Python 3.11's executor then takes
    # a finished file for an idle worker, starts no new one, and waits for ever once all have ended.
    batches = math.ceil(len(jobs) / (count * _FILES_A_WORKER))
    size = math.ceil(len(jobs) / batches)
    for start in range(0, len(jobs), size):
        yield from _rendered_by_pool(jobs[start : start + size], count)


def _rendered_by_pool(jobs: Sequence[Job], count: int) -> Iterator[tuple[Job, PackFile]]:
    # Spawned, never forked: Polars' threads may hold locks at the moment of a fork. A worker imports the room of the
    # function that it calls: nothing of this module.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        # Pickled here and not by the pool's own thread: looks remember what was asked of them, and one that is asked
        # while that thread reads it breaks the run ("dictionary changed size during iteration").
        futures = {
            pool.submit(print_pickled, pickle.dumps((job.pack, job.look, kind_of(job.form)))): job for job in jobs
        }
        for future in as_completed(futures):
            yield futures[future], future.result()


def file_row(job: Job, made: PackFile, file: str, inputs: str) -> dict[str, object]:
    """The row of a file in the table ``packs``."""
    return {
        **dict(zip(PACKS.key, job.key, strict=True)),
        "file": file,
        "digest": hashlib.sha256(made.content).hexdigest(),
        "pages": made.pages,
        "bytes": len(made.content),
        # A person's own score is told in the pack alone.
        "score": None if job.pack.is_private else job.pack.node.score,
        "inputs": inputs,
        "is_private": job.pack.is_private,
    }


def file_table(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows of the table ``packs``, sorted by its key."""
    types = {
        "period": pl.Date, "pages": pl.Int64, "bytes": pl.Int64, "score": pl.Float64, "is_private": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema={name: types.get(name, pl.String()) for name in PACKS.columns}).sort(*PACKS.key)


def pdfs(table: pl.DataFrame) -> pl.DataFrame:
    """The rows of the PDFs in a table of packs: one for every pack."""
    return table.filter(pl.col("format") == PDF)


def pack_file(period: date, scorecard: str, unit: str, form: str) -> Path:
    """Where a file of a pack lies below the home, by its key in the table of packs."""
    return Path("packs") / period_text(period) / file_name(scorecard, unit, form)


def fingerprint(pack: Pack, look: Look) -> str:
    """Digest of all that a pack is rendered from: its records, its look, the templates and the renderer."""
    return hashlib.sha256(repr(pack).encode() + look.identity.encode() + _renderer()).hexdigest()


@cache
def _renderer() -> bytes:
    """The content of all files that take part in rendering."""
    kinds = (".py", ".html", ".css", ".svg", ".txt", ".po")
    return b"".join(path.read_bytes() for path in sorted(TEMPLATES.rglob("*")) if path.suffix in kinds)


def _is_current(setting: Setting, row: Mapping[str, object], inputs: str) -> bool:
    if row["inputs"] != inputs:
        return False
    path = setting.home.computed / str(row["file"])
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == row["digest"]


def _remove_strays(setting: Setting, named: Collection[str]) -> None:
    """Delete files that no row names.

    They are of units without a pack any more, of formats that are not declared any more, and of runs that were killed
    before the row.
    """
    for form in get_args(Format):
        for path in setting.home.packs.glob(f"*/*.{form}"):
            if path.relative_to(setting.home.computed).as_posix() not in named:
                path.unlink()
