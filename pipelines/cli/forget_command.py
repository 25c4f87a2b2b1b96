"""``forget``: a person taken out of everything that is kept."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.history_commands import ByOption
from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption


def forget(
    columns: Annotated[
        list[str], typer.Argument(metavar="SOURCE.COLUMN...", help="Columns in which the value stands for the person.")
    ],
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", metavar="WHY", help="Why; it stays in the audit log.")],
    value: Annotated[
        str, typer.Option("--value", help="The value; asked for, and not shown, where it is not given.")
    ] = "",
    mentioned_in: Annotated[
        list[str] | None,
        typer.Option(
            "--mentioned-in", metavar="SOURCE.COLUMN", help="A column of other rows that may name the person."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be rewritten.")] = False,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
) -> None:
    """Take a person out of the archive, of everything computed, and of editions: the person's own packs go."""
    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import say, steps
    from pipelines.steps.forgetting import difference_told, forget_person, request_of
    from pipelines.steps.rebuilding import gone_told
    from scorecards.words import plural

    setting = setting_of(project, home, extracts)
    value = value or typer.prompt("Value", hide_input=True)
    days = setting.home.days
    request = request_of(setting, columns, mentioned_in or [], value, by, reason)
    with steps() as shown:
        shown.begin("archive")
        found = forget_person(setting, request, shown.advance, is_trial=dry_run)
    done = found.done
    for one in done.rewritten:
        rows = [plural(one.rows.rewritten, "row") + " rewritten"]
        if one.rows.left_out:
            rows.append(f"{plural(one.rows.left_out, 'row')} left out: a column can hold neither a token nor nothing")
        if one.rows.masked:
            rows.append(f"{plural(one.rows.masked, 'line')} masked")
        say(f"{one.source}: {', '.join(one.names)}: {', '.join(rows)}")
    for name in done.closed:
        say(f"not looked into, since no contract can read it: {name}")
    count = plural(len(done.rewritten), "archived object")
    if dry_run:
        own = f", {plural(done.own, 'object')} of editions removed" if done.own else ""
        say(f"{count} would be rewritten{own}. Nothing was done.")
        for line in difference_told(found, is_trial=True):
            say(line)
        return
    if not done.rewritten:
        say("No row holds the value: nothing was rewritten.")
    else:
        token = f" as {done.token}" if done.token else ""
        say(f"{count} rewritten, and everything computed again. The person's rows count{token}.")
        say(f"{plural(found.changed, 'KPI value')} changed by it.")
    for line in difference_told(found, is_trial=False):
        say(line)
    for line in gone_told([day for day in days if day not in setting.home.days]):
        say(line)
    if done.own:
        say(f"{plural(done.own, 'object')} of editions that only the person was to see: removed.")
    for unit in found.persons:
        say(f"still a unit of its own, whose later packs show its figures: {unit}. End it in units.csv.")
    for name in found.delivered:
        say(f"still in the delivered file, which is yours to delete: {name}")
    for name in found.archived:
        say(f"still in the archive, in a column that was not named: {name}")
