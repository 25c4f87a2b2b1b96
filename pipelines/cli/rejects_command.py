"""``rejects``: the rows in quarantine, counted by rule, listed, and exported with their raw text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 50
_WIDTH = 80


def rejects(
    source: Annotated[str | None, typer.Option("--source", help="Only this source.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Only deliveries of a month such as 2025-09.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only this rule, such as type or duplicate.")] = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write all of them, with raw text: .csv, .xlsx, .parquet or .json.")
    ] = None,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
) -> None:
    """Rejected rows of the deliveries that count or stand refused; a corrected delivery clears them."""
    from pipelines.cli.options import read_period, whole_setting_of
    from pipelines.cli.printing import say
    from pipelines.steps.export import write_table
    from pipelines.steps.rejected import standing_rejects
    from scorecards.errors import CallError
    from scorecards.words import plural

    form = export.suffix.lstrip(".") if export else ""
    if export and form not in ("csv", "xlsx", "parquet", "json"):
        raise CallError(f"{export} does not end in .csv, .xlsx, .parquet or .json.")
    setting = whole_setting_of(project, home, extracts)
    found = standing_rejects(setting, source, read_period(period, setting.project) if period else None, rule)
    if export:
        shown = found.select("source", "file", "period", "line", "record", "rule", "reason", "raw")
        write_table(shown, "rejects", form, export)
        say(f"Wrote {plural(found.height, 'row')} to {export}.")
    elif found.is_empty():
        say("No row is rejected." if source is period is rule is None else "No such row is rejected.")
    else:
        _print(found)


def _print(found: pl.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    from pipelines.cli.printing import console, say

    seen = console()
    out = seen if seen.is_terminal else Console(width=_WIDTH, highlight=False, emoji=False)
    counts = Table("rule", "source", "rows", box=None, padding=(0, 2, 0, 0))
    for name, of, number in found.group_by("rule", "source").len().sort("len", "rule", descending=[True, False]).rows():
        counts.add_row(name, of, str(number))
    out.print(counts)
    say()
    rows = Table(box=None, padding=(0, 1, 0, 0), width=min(out.width, 2 * _WIDTH))
    for name, share in (("source", 2), ("file", 4), ("line", 0), ("rule", 0), ("reason", 6)):
        rows.add_column(name, ratio=share or None, overflow="fold", justify="right" if name == "line" else "left")
    for row in found.head(_SHOWN).iter_rows(named=True):
        line = "" if row["line"] is None else str(row["line"])
        # Many records of a JSON array may stand on one line.
        line += "" if row["record"] is None else f" record {row['record']}"
        cells = (row["source"], row["file"].rpartition("/")[2], line, row["rule"], row["reason"])
        # Deliveries may hold brackets, which are no markup.
        rows.add_row(*(str(cell).replace("[", r"\[") for cell in cells))
    out.print(rows)
    if found.height > _SHOWN:
        say(f"… and {found.height - _SHOWN:,} more. All of them, with raw text: scorepack rejects --export rejects.csv")
