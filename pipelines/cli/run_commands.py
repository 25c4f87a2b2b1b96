"""``run``, ``backfill`` and ``serve``: the commands that start Dagster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import HERE, AsOfOption, ExtractsOption, HomeOption, ProjectOption

if TYPE_CHECKING:
    from pipelines.steps.setting import Setting


class Packs(StrEnum):
    """Of which months packs are rendered."""

    last = "last"
    all = "all"
    none = "none"


PacksOption = Annotated[Packs, typer.Option("--packs", help="Months whose packs are rendered.")]


def run(
    period: Annotated[
        str, typer.Argument(metavar="PERIOD", help="A month such as 2025-09, or latest: the newest that is over.")
    ],
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    packs: PacksOption = Packs.last,
    as_of: AsOfOption = "",
) -> None:
    """Ingest, compute and render one month; as of an earlier day, beside what is computed as of today."""
    _run(period, period, project, home, extracts, packs, as_of)


def backfill(
    first: Annotated[str, typer.Argument(metavar="FROM", help="The first month, such as 2023-01.")],
    last: Annotated[str, typer.Argument(metavar="TO", help="The last month, such as 2025-09.")],
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    packs: PacksOption = Packs.last,
) -> None:
    """The same over a range of months, in one run."""
    _run(first, last, project, home, extracts, packs)


def _run(
    first: str, last: str, project: ProjectOption, home: HomeOption, extracts: ExtractsOption, packs: Packs,
    as_of: str = "",
) -> None:  # fmt: skip
    from pipelines.cli.options import read_period, setting_of
    from pipelines.cli.printing import say, steps
    from pipelines.cli.running import materialise
    from pipelines.steps.ingest import notes_told, passed_over_told, require_usable_contracts
    from pipelines.steps.noting import noted_told
    from pipelines.steps.quarantined import rejected_told
    from pipelines.steps.setting import newest_over, require_open
    from pipelines.steps.status import missing_told
    from pipelines.steps.unpublished import unpublished_told
    from pipelines.steps.withdrawing import withdrawn_told
    from scorecards.errors import CallError
    from scorecards.periods import months_between, period_text

    setting = setting_of(project, home, extracts, as_of)
    if first == "latest":
        first = last = period_text(newest_over(setting.project))
    has_files_here = any(source.is_in_extracts for source in setting.project.sources.values())
    if has_files_here and not setting.project.extracts.is_dir():
        raise CallError(f"The extracts folder {setting.project.extracts} does not exist. Name another with --extracts.")
    periods = months_between(read_period(first, setting.project), read_period(last, setting.project))
    if not periods:
        raise CallError(f"{first} is after {last}. Give the earlier month first.")
    require_usable_contracts(setting)
    if as_of:
        # What a month is compared with is computed as of the same day.
        months = months_between(setting.project.organisation.first_period, periods[-1])
    else:
        require_open(setting, periods)
        months = periods
    with steps() as shown:
        materialise("month_end", project, home, extracts, months, packs.value, shown, as_of, setting)
    for line in [*summary(setting, periods, packs.value), *missing_told(setting, periods)]:
        say(line)
    for line in [*rejected_told(setting, periods), *withdrawn_told(setting, periods)]:
        say(line)
    for line in [*noted_told(setting, periods), *passed_over_told(setting), *notes_told(setting, periods)]:
        say(line)
    # What is computed as of a day is published by nobody.
    for line in [] if as_of else unpublished_told(setting, periods):
        say(line)


def summary(setting: Setting, periods: Sequence[date], packs: str) -> list[str]:
    """What a run left: how many scorecards have a score, and where the packs of its months are."""
    from pipelines.steps.rendering import pdfs
    from scorecards.periods import period_text
    from scorecards.words import plural
    from warehouse.store import open_warehouse
    from warehouse.tables import PACKS, SCORES

    rendered = {"last": list(periods[-1:]), "all": list(periods), "none": []}[packs]
    with open_warehouse(setting.home) as warehouse:
        scores, table = warehouse.read(SCORES, periods), warehouse.read(PACKS, rendered)
    scored = scores.filter((scores["level"] == "scorecard") & scores["score"].is_not_null()).height
    first, last = period_text(periods[0]), period_text(periods[-1])
    lines = [f"{first if first == last else f'{first} to {last}'}: {plural(scored, 'scorecard')} scored."]
    if packs_made := pdfs(table).height:
        counts = [plural(packs_made, "pack"), plural(int(table["pages"].sum() or 0), "page")]
        counts += [plural(table.height - packs_made, "other file")] if table.height > packs_made else []
        lines.append(f"{', '.join(counts)}: {setting.home.packs}")
    return lines


def serve(
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """The Dagster UI and daemon on this project."""
    import os
    import sys

    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import say

    setting = setting_of(project, home, extracts)
    from pipelines.instance import dagster_folder

    environment = {
        **os.environ,
        "DAGSTER_HOME": str(dagster_folder(setting.home)),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "SCOREPACK_PROJECT": str(project.resolve()),
        "SCOREPACK_HOME": str(setting.home.root.resolve()),
        "SCOREPACK_EXTRACTS": str(setting.project.extracts.resolve()),
    }
    say(f"http://127.0.0.1:{port} (Ctrl+C ends it)")
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-m",
        "pipelines.definitions",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    os.execve(sys.executable, command, environment)
