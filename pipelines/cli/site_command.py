"""``site``: the static site over all units and periods."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption


def site(
    to: Annotated[Path, typer.Option("--to", help="The folder; a site that is there is replaced.")] = Path("site"),
    first: Annotated[str, typer.Option("--from", metavar="PERIOD", help="The first month; none: 12 months.")] = "",
    last: Annotated[str, typer.Option("--until", metavar="PERIOD", help="The last month.")] = "latest",
    with_persons: Annotated[bool, typer.Option("--with-persons", help="Also the scorecards of persons.")] = False,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
) -> None:
    """Pages over all units and months, to be opened from a file share."""
    from pipelines.cli.options import read_latest, read_period, whole_setting_of
    from pipelines.cli.printing import say, steps
    from pipelines.steps.site import scored_periods, write_site

    setting = whole_setting_of(project, home, extracts)
    end = read_latest(last, setting)
    periods = scored_periods(setting, read_period(first, setting.project) if first else None, end)
    with steps() as shown:
        shown.begin("pages")
        count = write_site(setting, periods, to, with_persons=with_persons, progress=shown.advance)
    say(f"{count} files. Open {to / 'index.html'}")
