"""Export of published tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from pipelines.steps.outcome import not_computed, require_begun
from pipelines.steps.setting import Setting
from scorecards.errors import CallError, did_you_mean
from scorecards.periods import period_text
from scorecards.units import PERSON
from warehouse import journal
from warehouse.editions import editions, pack_name
from warehouse.home import replace_bytes
from warehouse.tables import BY_NAME, EDITION_PACKS, KPI_VALUES
from warehouse.told import read_told

_DELIVERIES = (
    "period", "scorecard", "edition", "unit", "recipient", "transport", "digest", "state", "attempt", "words",
)  # fmt: skip
_PACK = ("period", "scorecard", "edition", "unit")

# Text that a spreadsheet would compute, and numbers, which it may.
_FORMULA, _NUMBER = r"^[=+@\t\r-]", r"^[+-]?[0-9]+([.,][0-9]+)?$"


def export_table(setting: Setting, name: str, form: str, to: Path | None) -> int:
    """Write a published table to a file, whole or not at all, or to standard output; returns its number of rows.

    Raises ``CallError`` for what is no published table, and where nothing has been computed as of the setting's day.
    """
    published = sorted([table.name for table in BY_NAME.values() if table.is_published] + ["deliveries"])
    if name not in published:
        raise CallError(f"'{name}' is not a published table. {did_you_mean(name, published)}")
    if to is None and form in ("parquet", "xlsx"):
        raise CallError(f"{form} cannot be written to a terminal. Name a file with --to.")
    require_begun(setting)
    frame = _deliveries(setting) if name == "deliveries" else _read(setting, name)
    if frame.is_empty() and setting.home.as_of is not None and _read(setting, KPI_VALUES.name).is_empty():
        raise not_computed(setting)
    write_table(frame, name, form, to)
    return frame.height


def write_table(frame: pl.DataFrame, name: str, form: str, to: Path | None) -> None:
    """Write a frame as csv, parquet, json or xlsx to a file, whole or not at all, or to standard output."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"table.{form}"
        _write(frame, name, form, file)
        if to is None:
            sys.stdout.write(file.read_text(encoding="utf-8"))
        else:
            replace_bytes(to, file.read_bytes())


def _read(setting: Setting, name: str) -> pl.DataFrame:
    return read_told(setting.home, BY_NAME[name], setting.telling)


def _deliveries(setting: Setting) -> pl.DataFrame:
    told, is_own = _told_packs(setting), _own_packs(setting)
    rows = [
        {**{key: entry.body[key] for key in _DELIVERIES}, "at": entry.at}
        for entry in journal.entries(setting.home, "delivery")
    ]
    for row in rows:
        if row["edition"] and tuple(row[key] for key in _PACK) not in told:
            # It would tell who guesses what the pack shows whether the guess is right.
            row["digest"] = None
        if is_own(row):
            # Which person's pseudonym goes with which address is in no table; servers repeat the address.
            row["recipient"] = row["words"] = None
    types = {"edition": pl.Int64, "attempt": pl.Int64}
    return pl.DataFrame(rows, schema={name: types.get(name, pl.String()) for name in (*_DELIVERIES, "at")})


def _own_packs(setting: Setting) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a row is of a pack of a person, by the units of today or by what its edition says."""
    persons = {unit.id for unit in setting.project.units if unit.level == PERSON}
    own = {(period_text(one.period), one.number): one.own for one in editions(setting.home)}

    def is_own(row: Mapping[str, Any]) -> bool:
        known = own.get((row["period"], row["edition"]), {})
        return row["unit"] in persons or pack_name(row["scorecard"], row["unit"]) in known

    return is_own


def _told_packs(setting: Setting) -> set[tuple[str, str, int, str]]:
    """The packs of all editions whose bytes may be identified, by ``_PACK``."""
    packs = _read(setting, EDITION_PACKS.name).filter(pl.col("digest").is_not_null())
    keys = packs.select("period", "scorecard", "edition", "unit").iter_rows()
    return {(period_text(period), *rest) for period, *rest in keys}


def _write(frame: pl.DataFrame, name: str, form: str, file: Path) -> None:
    if form == "csv":
        # A spreadsheet would compute what begins so, and can be told to call programs.
        frame.with_columns(
            pl.when(pl.col(name).str.contains(_FORMULA) & ~pl.col(name).str.contains(_NUMBER))
            .then(pl.lit("'") + pl.col(name))
            .otherwise(pl.col(name))
            .alias(name)
            for name in frame.select(pl.selectors.string()).columns
        ).write_csv(file)
    elif form == "parquet":
        frame.write_parquet(file)
    elif form == "json":
        frame.write_json(file)
    else:
        # Text that begins like a formula stays text.
        frame.write_excel(
            file, worksheet=name[:31], autofit=True, table_name=name, freeze_panes=(1, 0), column_formats=None
        )
