"""Options that every command takes, and the reading of periods."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.steps.setting import Setting
    from scorecards.project import Project
    from warehouse.home import Home

ProjectOption = Annotated[
    Path,
    typer.Option("--project", "-p", envvar="SCOREPACK_PROJECT", help="The project folder.", show_default="this folder"),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", envvar="SCOREPACK_HOME", help="Where state is kept.", show_default=".scorepack in the project"
    ),
]
ExtractsOption = Annotated[
    Path | None,
    typer.Option(
        "--extracts", envvar="SCOREPACK_EXTRACTS", help="Where deliveries lie.", show_default="extracts in the project"
    ),
]
AsOfOption = Annotated[
    str, typer.Option("--as-of", metavar="DAY", help="As it stood on a day such as 2025-04-05; none: today.")
]
PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="A month such as 2025-09.")]
LatestArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="A month such as 2025-09, or latest.")]
HERE = Path()


def setting_of(project: Path, home: Path | None, extracts: Path | None = None, as_of: str = "") -> Setting:
    """The checked project with its home, as of a day where one is named."""
    from pipelines.steps.setting import open_setting

    return open_setting(project, home, extracts, read_day(as_of))


def home_of(project: Path, home: Path | None) -> Home:
    """Where state is kept. What was recorded there can be asked whatever the declarations are today."""
    from warehouse.home import Home

    place = Home(home or project / ".scorepack")
    return place if place.journal.is_file() and place.journal.stat().st_size else setting_of(project, home).home


def whole_setting_of(project: Path, home: Path | None, extracts: Path | None = None, as_of: str = "") -> Setting:
    """As ``setting_of``, to show what was computed. Raises ``HomeBusy`` where not all of it has come back."""
    from warehouse.working import require_whole

    setting = setting_of(project, home, extracts, as_of)
    require_whole(setting.home)
    return setting


def read_day(text: str) -> date | None:
    """A day such as 2025-04-05; None for an empty text. Raises ``CallError`` for what is no day, or lies ahead."""
    from scorecards.errors import CallError

    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CallError(f"'{text}' is not a day; write it as 2025-04-05.") from None
    if day > datetime.now(UTC).date():
        raise CallError(f"{text} lies ahead: nothing is known as of that day yet.")
    return day


def read_period(text: str, project: Project) -> date:
    """A month of the project. Raises ``CallError`` for text that is none, and for one outside the project's months."""
    from pipelines.steps.setting import newest_over
    from scorecards.errors import CallError
    from scorecards.periods import parse_period, period_text

    try:
        period = parse_period(text)
    except ValueError as error:
        raise CallError(f"{error}.") from None
    calendar = project.calendar
    first, last = project.organisation.first_period, newest_over(project)
    if not first <= period <= last:
        newest = "end of calendar.csv" if last == max(calendar.periods, default=None) else "last complete month"
        span = f"{period_text(first)} (first_period in scorecard.yaml) to {period_text(last)} (the {newest})"
        raise CallError(f"{text} is outside the project's months: {span}.")
    return period


def read_latest(text: str, setting: Setting) -> date:
    """The same, with ``latest`` for the newest month that has scores."""
    from pipelines.steps.outcome import not_computed, require_begun
    from scorecards.errors import CallError
    from warehouse.store import open_warehouse
    from warehouse.tables import SCORES

    if text != "latest":
        return read_period(text, setting.project)
    require_begun(setting)
    with open_warehouse(setting.home) as warehouse:
        periods = warehouse.read(SCORES)["period"]
    if periods.is_empty() and setting.home.as_of is not None:
        raise not_computed(setting)
    if periods.is_empty():
        raise CallError("No month has been computed yet. Run one first: scorepack run 2025-09.")
    newest = periods.max()
    assert isinstance(newest, date)
    return newest
