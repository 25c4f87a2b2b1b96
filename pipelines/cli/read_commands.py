"""``show`` and ``export``: the commands that read what was computed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, AsOfOption, ExtractsOption, HomeOption, LatestArgument, ProjectOption


class Format(StrEnum):
    """File formats of an export."""

    csv = "csv"
    parquet = "parquet"
    json = "json"
    xlsx = "xlsx"


def show(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="The unit's id in units.csv.")],
    period: LatestArgument = "latest",
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    scorecard: Annotated[str, typer.Option("--scorecard", help="Only this scorecard.")] = "",
    as_of: AsOfOption = "",
) -> None:
    """The scorecard of a unit in the terminal."""
    import sys

    from pipelines.cli.options import read_latest, whole_setting_of
    from pipelines.cli.printing import console, say, say_lines
    from pipelines.steps.outcome import not_computed, require_begun, require_good
    from pipelines.steps.packs import pack_tables
    from pipelines.steps.status import stale_told
    from report_templates.terminal import scorecard_table, scorecard_text
    from scorecards.errors import CallError, did_you_mean
    from scorecards.periods import period_text
    from scorecards.words import on_one_line
    from transforms.pack_building import build_pack
    from transforms.pack_tables import packs_of

    setting = whole_setting_of(project, home, extracts, as_of)
    when = read_latest(period, setting)
    packs = packs_of(setting.project, when)
    chosen = [(card, owner) for card, owner in packs if owner == unit and scorecard in ("", card)]
    if not chosen:
        cards = sorted({card for card, _ in packs})
        if scorecard and scorecard not in cards:
            raise CallError(f"'{scorecard}' is not a scorecard. {did_you_mean(scorecard, cards)}")
        known = sorted({owner for card, owner in packs if scorecard in ("", card)})
        raise CallError(f"'{unit}' has no scorecard in {period_text(when)}. {did_you_mean(unit, known)}")
    require_begun(setting, when)
    tables = pack_tables(setting, when)
    if tables.scores.filter(tables.scores["period"] == when).is_empty():
        require_good(setting, [when])
        raise not_computed(setting, when)
    if stale := stale_told(setting, when):
        console().print(on_one_line(stale), markup=False, style="yellow" if sys.stdout.isatty() else None)
        say()
    for card, owner in chosen:
        pack = build_pack(setting.project, setting.plan, tables, card, owner)
        if sys.stdout.isatty():
            console().print(scorecard_table(pack))
        else:
            say_lines(scorecard_text(pack))


def export(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A published table, such as scores or kpi_values.")],
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; none: standard output.")] = None,
    form: Annotated[Format | None, typer.Option("--format", help="None: told by the file's suffix, else csv.")] = None,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    as_of: AsOfOption = "",
) -> None:
    """Any published table as csv, parquet, json or xlsx."""
    from pipelines.cli.options import whole_setting_of
    from pipelines.cli.printing import say
    from pipelines.steps.export import export_table
    from scorecards.errors import CallError

    suffix = to.suffix.lstrip(".") if to else ""
    kind = form or (Format(suffix) if suffix in Format.__members__ else None)
    if kind is None and to is not None:
        raise CallError(f"{to} does not end in .csv, .parquet, .json or .xlsx. Name the format with --format.")
    rows = export_table(whole_setting_of(project, home, extracts, as_of), table, (kind or Format.csv).value, to)
    if to is not None:
        say(f"Wrote {rows} rows to {to}.")
