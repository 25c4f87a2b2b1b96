"""Rejected rows of a source's loads: those that broke a rule of their own, and those that nothing is found for.

Belongs here: bringing both into the table of rejects, each with line and raw text, and which of them stand today.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.steps.placed import lost_rows, whole
from pipelines.steps.setting import Setting
from scorecards.errors import CallError, did_you_mean
from scorecards.sources import Source
from warehouse.locating import located
from warehouse.selection import Load, refusals, rejected_rows, spread
from warehouse.store import open_warehouse
from warehouse.tables import REJECTS

_SCHEMA = {name: pl.Int64 if name in ("line", "record") else pl.String for name in REJECTS.columns}


def all_rejects(setting: Setting, source: Source, loads: Sequence[Load]) -> pl.DataFrame:
    """The rejects of these loads, and of current ones the rows without a match, in the columns of the table."""
    found = [_shown(load, rows) for load, rows in rejected_rows(setting.home, loads)]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *found, *_lost(setting, source, loads)])


def standing_rejects(
    setting: Setting, source_id: str | None = None, period: date | None = None, rule: str | None = None
) -> pl.DataFrame:
    """The rejects of deliveries that count or stand refused, with their period; none of those replaced since.

    A delivery of many months belongs to every month that its rows name. Raises ``CallError`` for an unknown source.
    """
    sources = setting.project.sources
    if source_id is not None and source_id not in sources:
        raise CallError(f"'{source_id}' is not a source. {did_you_mean(source_id, list(sources))}")
    standing: dict[str, Load] = {}
    for name in sources if source_id is None else [source_id]:
        loads, view = setting.loads(name), setting.view()
        found = [load for load, _ in spread(sources[name], loads, view)] + refusals(loads, view)
        standing |= {load.id: load for load in found if period is None or _speaks_of(load, period)}
    periods = {load.id: load.period for load in standing.values()}
    with open_warehouse(setting.home) as warehouse:
        rejects = warehouse.read(REJECTS)
    shown = rejects.filter(
        pl.col("load").is_in(list(standing)), pl.lit(True) if rule is None else pl.col("rule") == rule
    )
    month = pl.col("load").replace_strict(periods, default=None, return_dtype=pl.Date)
    return shown.with_columns(month.alias("period")).sort(
        "source", "file", "line", "record", nulls_last=True, maintain_order=True
    )


def _speaks_of(load: Load, period: date) -> bool:
    return period in (load.period, *load.periods) or (load.period is None and not load.periods)


def _lost(setting: Setting, source: Source, loads: Sequence[Load]) -> list[pl.DataFrame]:
    lost = lost_rows(setting, source, whole(setting, source))
    by_id = {load.id: load for load in loads}
    found = []
    for (file,), rows in lost.partition_by("_file", as_dict=True, maintain_order=True).items():
        load = by_id[Path(str(file)).stem]
        places = located(setting.home, source, load, rows["_row"].to_list())
        found.append(_shown(load, rows.join(places, on="_row", how="left", maintain_order="left")))
    return found


def _shown(load: Load, rows: pl.DataFrame) -> pl.DataFrame:
    known = {"load": load.id, "source": load.source, "file": load.name}
    return rows.with_columns(pl.lit(value).alias(name) for name, value in known.items()).select(
        pl.col(name).cast(kind) for name, kind in _SCHEMA.items()
    )
