"""``init``, ``check`` and ``schema``: the commands about a project's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")]) -> None:
    """A new, small project to start from, with extracts that run."""
    import shutil

    from pipelines.cli.printing import say
    from pipelines.cli.schemas import write_schemas
    from pipelines.examples import STARTER, copy_project
    from scorecards.errors import CallError

    if folder.exists() and any(folder.iterdir()):
        raise CallError(f"{folder} is not empty. Name a new folder.")
    copy_project(STARTER, folder)
    shutil.copytree(STARTER / "extracts", folder / "extracts")
    write_schemas(folder)
    say(f"Made {folder}. Next:")
    say(f"  scorepack check --project {folder}")
    say(f"  scorepack backfill 2025-01 2025-09 --project {folder}")


def check(
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Problems as JSON, for scripts.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules instead.")] = False,
    explain: Annotated[str, typer.Option("--explain", metavar="RULE", help="Explain one rule instead.")] = "",
) -> None:
    """Validate the project and judge it by the rules of a good scorecard; nothing is run."""
    from pipelines.cli.checking import explain_rule, judge, list_rules
    from pipelines.cli.printing import print_problems, say, say_lines
    from scorecards.errors import DeclarationError
    from scorecards.words import plural

    if rules:
        list_rules(as_json)
        return
    if explain:
        explain_rule(explain, as_json)
        return
    try:
        found, problems, left_out = judge(project, home, extracts)
    except DeclarationError as error:
        if not as_json:
            raise
        say_lines(json.dumps([vars(problem) for problem in error.problems], indent=2))
        raise typer.Exit(error.exit_code) from None
    if as_json:
        say_lines(json.dumps([vars(problem) for problem in problems], indent=2))
        return
    print_problems(problems)
    cards = found.strategy.scorecards
    units = len({unit.id for unit in found.units})
    objectives = sum(len(card.objectives) for card in cards.values())
    counted = (
        (len(cards), "scorecard"),
        (objectives, "objective"),
        (len(found.kpis), "KPI"),
        (len(found.sources), "source"),
        (units, "unit"),
    )
    counts = ", ".join(plural(number, word) for number, word in counted)
    warnings, notes = (sum(each.severity == kind for each in problems) for kind in ("warning", "note"))
    told = plural(warnings, "warning") + (f", {plural(notes, 'note')}" if notes else "")
    say(f"{found.organisation.organisation}: {counts}. No errors, {told}.")
    if left_out:
        say(left_out)
    if any(problem.rule for problem in problems):
        say("Why a rule exists, and how to meet it: scorepack check --explain RULE")


def schema(
    project: ProjectOption = HERE,
    to: Annotated[Path | None, typer.Option("--to", help="Another folder than schema/ in the project.")] = None,
) -> None:
    """Write a JSON Schema per kind of file, so that editors complete and check."""
    from pipelines.cli.printing import say
    from pipelines.cli.schemas import write_schemas

    written = write_schemas(project, to)
    say(f"Wrote {', '.join(path.name for path in written)} to {written[0].parent}.")
