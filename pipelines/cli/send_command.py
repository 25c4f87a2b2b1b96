"""``send``: the delivery of a month's packs."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, LatestArgument, ProjectOption


def send(
    period: LatestArgument,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go to whom; send nothing.")] = False,
) -> None:
    """Deliver a month's packs: by SMTP where it is set, else into the outbox folder."""
    from rich.table import Table

    from pipelines.cli.options import read_latest, setting_of
    from pipelines.cli.printing import console, say
    from pipelines.delivery.send import deliver
    from scorecards.errors import DataRefused

    setting = setting_of(project, home, extracts)
    done = deliver(setting, read_latest(period, setting), dry_run)
    if not done:
        say("Nobody is to receive these packs: recipients.yaml names no recipient of their units.")
        return
    table = Table("unit", "scorecard", "recipient", "state", box=None, padding=(0, 2, 0, 0))
    for one in done:
        table.add_row(
            one.unit,
            one.scorecard,
            one.recipient.email,
            one.state if one.is_new or one.state == "planned" else f"{one.state} before",
        )
    console().print(table)
    for one in done:
        if one.state in ("failed", "refused", "unknown"):
            say(f"{one.recipient.email}: {one.state} {one.words}".rstrip())
    if any(one.state in ("failed", "refused") for one in done):
        raise DataRefused("Not every message was accepted. Send again to retry those that failed.")
    if any(one.state == "written" for one in done):
        say(f"Outbox: {setting.home.outbox}")
