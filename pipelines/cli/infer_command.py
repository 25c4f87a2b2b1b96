"""``infer``: a first contract from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, ProjectOption


def infer(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A delivered file: CSV, Excel, Parquet or JSON Lines.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="The contract to write, such as sources/leavers.yaml; none: print it.")
    ] = None,
    project: ProjectOption = HERE,
    extracts: ExtractsOption = None,
) -> None:
    """Write a first contract from a file: look at every line of it before you use it."""
    from datetime import date

    from pipelines.cli.printing import say
    from pipelines.steps.inferring import first_contract
    from scorecards.errors import CallError, DeclarationError
    from scorecards.project import load_project
    from scorecards.words import plural

    below = extracts or project / "extracts"
    if not file.is_file():
        if not (below / file).is_file():
            raise CallError(f"{file} does not exist, or is no file, neither here nor below {below}.")
        file = below / file
    if to is not None and to.exists():
        raise CallError(f"{to} exists already. Name another file with --to, or delete it first.")
    if to is not None and to.suffix not in (".yaml", ".yml"):
        raise CallError(f"{to} does not end in .yaml.")
    units: list[str] = []
    first = date(1, 1, 1)
    try:
        found = load_project(project, extracts)
        units, first = found.unit_ids, found.organisation.first_period
    except (CallError, DeclarationError):
        # A project that is not complete yet is just where a first contract is wanted.
        pass
    root = below.resolve()
    inside = file.resolve().is_relative_to(root)
    name = file.resolve().relative_to(root).as_posix() if inside else file.name
    inferred = first_contract(file, name, units, first)
    if to is None:
        print(inferred.text, end="")
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(inferred.text, encoding="utf-8")
    columns, key = inferred.draft.columns, ", ".join(inferred.draft.keys.get("key", ())) or "none"
    say(f"Wrote {to}: {plural(len(columns), 'column')}, key {key}, period {inferred.draft.keys['period']}.")
    say(f"{file.name} has {plural(inferred.staged.rows, 'row')}. {inferred.verdict}")
    if not inside:
        say(f"{file} does not lie below {root}: correct the path in the contract.")
