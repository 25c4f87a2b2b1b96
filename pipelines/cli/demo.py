"""``demo``: the example company, end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BY = "the demonstration"


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the demo is made.")] = Path("demo"),
    until: Annotated[str, typer.Option("--until", help="The last month.", show_default="the last complete month")] = "",
) -> None:
    """The example company Meridian: 36 months, every unit's packs of the last month, and the outbox."""
    import time
    from datetime import UTC, datetime

    from pipelines.cli.options import read_period, setting_of
    from pipelines.cli.printing import say, steps
    from pipelines.cli.run_commands import summary
    from pipelines.cli.running import materialise
    from pipelines.cli.schemas import write_schemas
    from pipelines.delivery.gate import approve
    from pipelines.delivery.send import deliver
    from pipelines.examples import generate_meridian, is_meridian
    from pipelines.steps.editions import place_packs, publish
    from scorecards.errors import CallError
    from scorecards.periods import add_months, months_between, period_text
    from scorecards.words import plural

    if folder.exists() and any(folder.iterdir()) and not is_meridian(folder):
        raise CallError(f"{folder} holds something else than a demo. Name another folder: scorepack demo DIR.")
    started = time.monotonic()
    last = until or period_text(add_months(datetime.now(UTC).date().replace(day=1), -1))
    with steps() as shown:
        shown.begin("generating extracts")
        generate_meridian(folder, last)
        write_schemas(folder)
        setting = setting_of(folder, None)
        end = read_period(last, setting.project)
        periods = months_between(max(setting.project.organisation.first_period, add_months(end, -35)), end)
        materialise("month_end", folder, None, None, periods, "none", shown)
        shown.begin("edition")
        place_packs(setting, publish(setting, end, BY, progress=shown.advance))
        approve(setting, end, BY)
        shown.begin("outbox")
        sent = deliver(setting, end, progress=shown.advance)
    for line in summary(setting, periods, "last"):
        say(line)
    say(f"{plural(len(sent), 'message')}: {setting.home.outbox}")
    say(f"Done in {time.monotonic() - started:.0f} s. Next:")
    say(f"  scorepack show {setting.project.tree(end).tops[0]} latest --project {folder}")
    say(f"  scorepack status --project {folder}")
    say(f"  scorepack serve --project {folder}")
