"""``audit``: who did what and when, and whether the journal is as it was written."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipelines.cli.options import HERE, HomeOption, ProjectOption

app = typer.Typer(no_args_is_help=True, help="The audit log: who did what and when.")


@app.command("log")
def log(
    project: ProjectOption = HERE,
    home: HomeOption = None,
    kind: Annotated[str, typer.Option("--kind", help="Only entries of this kind, such as close or edition.")] = "",
    newest: Annotated[int, typer.Option("--newest", min=1, help="How many entries, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, one entry a line, oldest first.")] = False,
) -> None:
    """The newest entries of the journal, in words."""
    from pipelines.cli.options import home_of
    from pipelines.cli.printing import console, say_lines, table_of
    from pipelines.steps.auditing import told
    from warehouse import journal

    entries = journal.entries(home_of(project, home), kind or None)
    if as_json:
        for entry in entries:
            say_lines(json.dumps(vars(entry), ensure_ascii=False))
        return
    table = table_of("entry", "at (UTC)", "kind", "what")
    for entry in reversed(entries[-newest:]):
        table.add_row(str(entry.seq), entry.at[:19].replace("T", " "), entry.kind, told(entry))
    console().print(table)


@app.command("verify")
def verify(
    project: ProjectOption = HERE,
    home: HomeOption = None,
    head: Annotated[
        str, typer.Option("--head", help="The digest that an earlier verification gave: shows entries cut off since.")
    ] = "",
) -> None:
    """Whether every entry of the journal fits the chain of digests, and every archived object its digest."""
    from pipelines.cli.options import home_of
    from pipelines.cli.printing import say
    from pipelines.steps.auditing import verify as verify_home
    from scorecards.words import plural

    found = verify_home(home_of(project, home), head)
    say(f"The journal is as it was written: {plural(found.entries, 'entry', 'entries')}, the last {found.head[:16]}.")
    say(f"{plural(found.objects, 'archived object')} checked; all have the bytes that their names promise.")
    if found.unnamed:
        number, verb = plural(found.unnamed, "archived object"), "is" if found.unnamed == 1 else "are"
        say(f"{number} {verb} named by no entry: a run that was killed leaves such, or a journal that was cut off.")
    say("Keep this digest elsewhere, and give it to the next verification with --head: " + found.head)
