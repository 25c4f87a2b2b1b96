"""Packs: from the tables of a period to PDF files, rendered in worker processes, recorded and replaced as one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from pipelines.steps.ingest import states
from pipelines.steps.runs import note_packs
from pipelines.steps.setting import Progress, Setting, good_periods, no_progress, require_sound_commentary
from pipelines.steps.signals import value_history
from report_templates.look import Look, look_in
from report_templates.rendering import TEMPLATES, PrintedPack, print_pack
from report_templates.workers import end_with_parent
from scorecards.periods import add_months, period_text
from transforms.adding_up import adds_up
from transforms.forecasts import forecasts
from transforms.moving_targets import moving_targets
from transforms.pack import Pack, SourceRow
from transforms.pack_building import build_pack
from transforms.pack_insight_building import InsightTables
from transforms.pack_tables import PackTables, history_periods, packs_of
from transforms.seen_effects import seen_effects
from transforms.signal_table import signal_points
from transforms.year_to_date import adding_over_months
from warehouse.home import replace_bytes
from warehouse.store import open_warehouse
from warehouse.tables import (
    ANCHORS,
    BALANCE,
    BALANCE_FINDINGS,
    CERTAINTY,
    KPI_VALUES,
    LINK_EVIDENCE,
    PACKS,
    SCORE_CHANGES,
    SCORES,
    SIGNALS,
    VALUE_CHANGES,
)

_INSIGHT = (SCORE_CHANGES, VALUE_CHANGES, BALANCE, BALANCE_FINDINGS, CERTAINTY)

# WeasyPrint keeps memory after large documents: a worker is replaced after so many packs.
_PACKS_A_WORKER = 60


def build_packs(setting: Setting, period: date) -> list[Pack]:
    """All packs of a period as records, in the order of scorecards and units."""
    tables = pack_tables(setting, period)
    return [
        build_pack(setting.project, setting.plan, tables, card, unit)
        for card, unit in packs_of(setting.project, period)
    ]


def pack_tables(setting: Setting, period: date) -> PackTables:
    """The tables that the packs of a period are made from."""
    months = history_periods(setting.project, period)
    with open_warehouse(setting.home) as warehouse:
        history = value_history(setting, warehouse, [period])
        return PackTables(
            period,
            scores=warehouse.read(SCORES, months),
            values=history.filter(pl.col("period").is_in(months)),
            slices=warehouse.read(KPI_VALUES, [add_months(period, -back) for back in (0, 1, 12)]).filter(
                pl.col("slice") != ""
            ),
            anchors=warehouse.read(ANCHORS, [period]),
            signals=warehouse.read(SIGNALS, [period]),
            signal_points=signal_points(setting.project, history, months),
            sources=tuple(_source_rows(setting, period)),
            declarations_digest=setting.project.digest(),
            insight=InsightTables(*(warehouse.read(table, [period]) for table in _INSIGHT)),
            ranges=warehouse.read(ANCHORS, months, kpi=_within_a_range(setting)),
            moving_targets=moving_targets(setting.project, period),
            links=warehouse.read(LINK_EVIDENCE, [period]),
            summed=frozenset(kpi for kpi, how in adds_up(setting.project).items() if not how.is_ratio),
            forecasts=forecasts(setting.project, period),
            effects=seen_effects(setting.project, history, period),
            flows=adding_over_months(setting.project, setting.plan),
        )


def _within_a_range(setting: Setting) -> list[str]:
    return [kpi_id for kpi_id, kpi in setting.project.kpis.items() if kpi.direction == "within"]


def render_packs(
    setting: Setting, periods: Sequence[date], progress: Progress = no_progress, workers: int | None = None
) -> pl.DataFrame:
    """Render and commit the packs of the asked months that nothing blocks; returns the table ``packs`` of these months.

    Raises ``DeclarationError`` at the end where the commentary of a month has errors: its packs stay as they were.

    A pack whose inputs are those of its last rendering, and whose file is there unchanged, is not rendered again. The
    files of a month are written first, the table last: it names only files that are whole.
    """
    good = [period for period in good_periods(setting, periods) if period not in setting.project.flaws]
    packs = [pack for period in good for pack in build_packs(setting, period)]
    with open_warehouse(setting.home) as warehouse:
        before = {
            (r["period"], r["scorecard"], r["unit"]): r for r in warehouse.read(PACKS, good).iter_rows(named=True)
        }
    looks = looks_of(setting, packs)
    prints = {_key(pack): fingerprint(pack, look) for pack, look in zip(packs, looks, strict=True)}
    fresh = [
        (pack, look)
        for pack, look in zip(packs, looks, strict=True)
        if not _is_current(setting, before.get(_key(pack)), prints[_key(pack)])
    ]
    rows = [row for key, row in before.items() if key in prints and key not in {_key(pack) for pack, _ in fresh}]
    for done, (pack, rendered) in enumerate(rendered_packs(fresh, workers), start=1):
        file = pack_file(pack.period, pack.scorecard, pack.unit)
        replace_bytes(setting.home.computed / file, rendered.content)
        rows.append({**pack_row(pack, rendered, file.as_posix()), "inputs": prints[_key(pack)]})
        progress(done, len(fresh))
    table = pack_table(rows)
    with open_warehouse(setting.home) as warehouse:
        warehouse.replace({PACKS: table}, good)
        _remove_strays(setting, set(warehouse.read(PACKS)["file"]))
    if fresh:
        note_packs(setting, good)
    require_sound_commentary(setting, periods)
    return table


def pack_row(pack: Pack, printed: PrintedPack, file: str) -> dict[str, object]:
    """The row of a pack in the table ``packs``, but for the digest of its inputs."""
    return {
        "period": pack.period,
        "scorecard": pack.scorecard,
        "unit": pack.unit,
        "file": file,
        "digest": hashlib.sha256(printed.content).hexdigest(),
        "pages": printed.pages,
        "bytes": len(printed.content),
        "score": pack.node.score,
    }


def pack_table(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows of the table ``packs``, sorted by its key."""
    types = {"period": pl.Date, "pages": pl.Int64, "bytes": pl.Int64, "score": pl.Float64}
    return pl.DataFrame(rows, schema={name: types.get(name, pl.String()) for name in PACKS.columns}).sort(*PACKS.key)


def pack_file(period: date, scorecard: str, unit: str) -> Path:
    """Where a pack lies below the home."""
    return Path("packs") / period_text(period) / f"{scorecard}-{unit}.pdf"


def _key(pack: Pack) -> tuple[date, str, str]:
    return pack.period, pack.scorecard, pack.unit


def _is_current(setting: Setting, row: dict[str, object] | None, fingerprint: str) -> bool:
    if row is None or row["inputs"] != fingerprint:
        return False
    path = setting.home.computed / str(row["file"])
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == row["digest"]


def looks_of(setting: Setting, packs: Sequence[Pack]) -> list[Look]:
    """How each of these packs looks: its layout, with the files of the project that take part."""
    project, made = setting.project, dict[str, Look]()
    looks = []
    for pack in packs:
        layout_id, layout = project.layout_of(pack.scorecard, pack.unit, pack.period)
        if layout_id not in made:
            made[layout_id] = look_in(project.root, layout)
        looks.append(made[layout_id])
    return looks


def fingerprint(pack: Pack, look: Look) -> str:
    """Digest of all that a pack is rendered from: its records, its look, the templates and the renderer."""
    return hashlib.sha256(repr(pack).encode() + look.identity.encode() + _renderer()).hexdigest()


@cache
def _renderer() -> bytes:
    """The content of all files that take part in rendering."""
    files = (
        path for path in sorted(TEMPLATES.rglob("*")) if path.suffix in (".py", ".html", ".css", ".svg", ".txt", ".po")
    )
    return b"".join(path.read_bytes() for path in files)


def rendered_packs(
    packs: Sequence[tuple[Pack, Look]], workers: int | None = None
) -> Iterator[tuple[Pack, PrintedPack]]:
    """Rendered packs as they come; in this process when there is one pack only."""
    count = min(workers or os.cpu_count() or 1, len(packs))
    if count <= 1:
        for pack, look in packs:
            yield pack, print_pack(pack, look)
        return
    # Spawned, never forked: Polars' threads may hold locks at the moment of a fork. A worker imports the room of the
    # function that it calls: nothing of this module.
    with ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=end_with_parent, max_tasks_per_child=_PACKS_A_WORKER
    ) as pool:
        futures = {pool.submit(print_pack, pack, look): pack for pack, look in packs}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _remove_strays(setting: Setting, named: Collection[str]) -> None:
    """Delete files that no row names: of units without a pack any more, and of runs that were killed before the row."""
    for path in setting.home.packs.glob("*/*.pdf"):
        if path.relative_to(setting.home.computed).as_posix() not in named:
            path.unlink()


def _source_rows(setting: Setting, period: date) -> Iterator[SourceRow]:
    kpis_of: dict[str, set[str]] = {}
    for declared in setting.plan.inputs:
        measured = setting.plan.variants[declared.variant].measure.source
        kpis_of.setdefault(measured, set()).add(declared.kpi)
        for other in setting.project.sources[measured].refers_to:
            kpis_of.setdefault(other, set()).add(declared.kpi)
    for source_id, source in setting.project.sources.items():
        (found,) = states(setting, source_id, [period])
        counted: dict[str, int] = {}
        for load in found.loads:
            for reason, count in load.reasons.items():
                counted[reason] = counted.get(reason, 0) + count
        yield SourceRow(
            source=source_id,
            description=source.description,
            domain=source.domain,
            state=found.state,
            files=tuple(load.name for load in found.loads),
            known_on=max((load.known_on for load in found.loads), default=None),
            rows=sum(load.rows for load in found.loads),
            rejected=sum(load.rejected for load in found.loads),
            reasons=tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))),
            kpis=tuple(sorted(kpis_of.get(source_id, ()))),
        )
