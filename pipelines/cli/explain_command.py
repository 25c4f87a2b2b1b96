"""``explain``: from a number to the measures, loads, files and rows behind it."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.options import HERE, AsOfOption, ExtractsOption, HomeOption, LatestArgument, ProjectOption


def explain(
    kpi: Annotated[str, typer.Argument(metavar="KPI", help="The KPI's id.")],
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="The unit's id in units.csv.")],
    period: LatestArgument = "latest",
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    as_of: AsOfOption = "",
    edition: Annotated[
        int, typer.Option("--edition", metavar="N", min=0, help="As published in this edition; 0: as it is now.")
    ] = 0,
    scorecard: Annotated[str, typer.Option("--scorecard", help="Its score on this scorecard only.")] = "",
    window: Annotated[str, typer.Option("--window", help="Over another of its windows.")] = "",
    cut: Annotated[str, typer.Option("--slice", help="Of one slice, such as gender=female.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="How many units, months and loads to show.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON, for scripts.")] = False,
) -> None:
    """From a number to its formula, measures, units, loads and rows."""
    import sys

    from rich.text import Text

    from pipelines.cli.explain_text import lines_of, plain_text, styled
    from pipelines.cli.options import read_latest, whole_setting_of
    from pipelines.cli.printing import console
    from pipelines.steps.explaining import Question
    from pipelines.steps.explaining import explain as explain_value
    from scorecards.errors import CallError

    if as_of and edition:
        raise CallError("Give either --as-of or --edition: an edition stands as it was published.")
    setting = whole_setting_of(project, home, extracts, as_of)
    asked = Question(kpi, unit, read_latest(period, setting), edition, scorecard, window, cut)
    found = explain_value(setting, asked)
    if as_json:
        sys.stdout.write(f"{found.to_json()}\n")
    elif sys.stdout.isatty():
        for text, style in styled(list(lines_of(found, most))):
            # SQL must come out of the terminal as it was written: no line of it is broken by us.
            console().print(Text(text, style), soft_wrap=True)
    else:
        sys.stdout.write(f"{plain_text(found, most)}\n")
