"""``preview``: one pack drawn without recording anything, and again whenever a file of the project changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, LatestArgument, ProjectOption


def preview(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="The unit's id in units.csv.")],
    period: LatestArgument = "latest",
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    scorecard: Annotated[str, typer.Option("--scorecard", help="Of which scorecard, where the unit has several.")] = "",
    layout: Annotated[
        str, typer.Option("--layout", help="In another layout of packs.yaml than the declared one.")
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The file: .pdf, .html or .xlsx.", show_default="preview-UNIT.pdf in this folder"),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Again whenever a file of the project changes.")] = False,
) -> None:
    """Draw one pack into a file, to look at while you write; nothing is recorded."""
    from time import perf_counter

    from pipelines.cli.options import read_latest, setting_of
    from pipelines.cli.printing import print_error, say
    from pipelines.steps.previewing import SUFFIXES, Preview, Watched, again, changes, preview_file, preview_tables
    from pipelines.steps.status import stale_told
    from scorecards.errors import CallError, ScorepackError
    from scorecards.words import plural
    from warehouse.home import replace_bytes

    target = to or Path(f"preview-{unit}.pdf")
    if target.suffix not in SUFFIXES:
        raise CallError(f"{target} does not end in .pdf, .html or .xlsx.")
    setting = setting_of(project, home, extracts)
    asked = Preview(unit, read_latest(period, setting), scorecard, layout)
    asked.card(setting.project)
    tables = preview_tables(setting, asked)
    if stale := stale_told(setting, asked.period):
        say(stale)

    watched = Watched()

    def draw_changed(begun: float) -> None:
        if target.suffix == ".pdf" and (part := watched.changed(setting, tables, asked)) is not None:
            replace_bytes(target.resolve(), part.content)
            say(f"{target}: {plural(part.pages, 'changed page')}, {perf_counter() - begun:.1f} s")

    def draw(begun: float) -> None:
        content, told = preview_file(setting, tables, asked, target.suffix)
        replace_bytes(target.resolve(), content)
        say(f"{target}: {told}, {perf_counter() - begun:.1f} s")

    if not watch:
        draw(perf_counter())
        return
    # From before the first drawing, so that nothing that is saved meanwhile is missed.
    seen = changes(setting.project.root)
    try:
        draw_changed(perf_counter())
        draw(perf_counter())
    except ScorepackError as error:
        print_error(error)
    say("Watching the project; stop with Ctrl-C.")
    for changed in seen:
        begun = perf_counter()
        try:
            setting, tables = again(setting, tables, asked, changed)
            draw_changed(begun)
            draw(begun)
        except ScorepackError as error:
            print_error(error)
