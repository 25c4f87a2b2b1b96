"""``init``, ``check`` and ``schema``: the commands about a project's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, ProjectOption


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
    say(
        f"Made {folder}. Next:\n  scorepack check --project {folder}\n"
        f"  scorepack backfill 2025-01 2025-09 --project {folder}"
    )


def check(
    project: ProjectOption = HERE,
    extracts: ExtractsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Problems as JSON, for scripts.")] = False,
) -> None:
    """Validate and lint the project; nothing is run."""
    from pipelines.cli.printing import plural, print_problems, say
    from scorecards.errors import DeclarationError
    from scorecards.project import load_project

    try:
        found = load_project(project, extracts)
    except DeclarationError as error:
        if not as_json:
            raise
        say(json.dumps([vars(problem) for problem in error.problems], indent=2))
        raise typer.Exit(error.exit_code) from None
    if as_json:
        say(json.dumps([vars(problem) for problem in found.warnings], indent=2))
        return
    print_problems(found.warnings)
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
    say(f"{found.organisation.organisation}: {counts}. No errors, {plural(len(found.warnings), 'warning')}.")


def schema(
    project: ProjectOption = HERE,
    to: Annotated[Path | None, typer.Option("--to", help="Another folder than schema/ in the project.")] = None,
) -> None:
    """Write a JSON Schema per kind of file, so that editors complete and check."""
    from pipelines.cli.printing import say
    from pipelines.cli.schemas import write_schemas

    written = write_schemas(project, to)
    say(f"Wrote {', '.join(path.name for path in written)} to {written[0].parent}.")
