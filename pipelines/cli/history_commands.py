"""``publish``, ``compare``, ``close``, ``reopen`` and ``rebuild``: the commands of a past that stays true."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, LatestArgument, PeriodArgument, ProjectOption


def _require_name(name: str) -> str:
    from scorecards.errors import CallError

    if not name.strip():
        raise CallError('Say who does it, as in --by "Ada Lovelace": it stays in the audit log.')
    return name


ByOption = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who does it; it stays in the audit log.",
        # Asked for in words of ours, which a required option would never come to.
        default_factory=str,
        show_default="required",
        callback=_require_name,
    ),
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why; it stays in the audit log.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")]


def publish(
    period: LatestArgument,
    by: ByOption,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="WHY", help="Why again; readers of the correction are told, word for word."),
    ] = "",
    project: ProjectOption = HERE,
    home: HomeOption = None,
) -> None:
    """Freeze a month's values, scores and packs as its next edition."""
    from pipelines.cli.options import read_latest, setting_of
    from pipelines.cli.printing import say, steps
    from pipelines.steps.editions import publish as publish_edition
    from pipelines.steps.rendering import pdfs
    from scorecards.periods import period_text
    from scorecards.words import plural
    from warehouse.editions import editions, frozen_packs

    setting = setting_of(project, home)
    when = read_latest(period, setting)
    with steps() as shown:
        shown.begin("packs")
        before = len(editions(setting.home, when))
        edition = publish_edition(setting, when, by, reason, shown.advance)
    if edition.number == before:
        say(f"{period_text(when)} says the same with what came since: edition {before} stands, and its approvals.")
        return
    packs = pdfs(frozen_packs(setting.home, edition))
    say(f"{period_text(when)} is published as edition {edition.number}: {plural(packs.height, 'pack')}.")
    if edition.number > 1:
        last = edition.number - 1
        say(f"What changed: scorepack compare {period_text(when)} {last} {edition.number}")


def compare(
    period: PeriodArgument,
    first: Annotated[int, typer.Argument(metavar="EDITION", help="An edition, such as 1.")],
    second: Annotated[int, typer.Argument(metavar="EDITION", help="Another, such as 2.")],
    project: ProjectOption = HERE,
    home: HomeOption = None,
    unit: Annotated[str, typer.Option("--unit", help="Only this unit.")] = "",
    as_json: JsonOption = False,
) -> None:
    """What one edition of a month says otherwise than another, and because of what."""
    from pipelines.cli.options import read_period, setting_of
    from pipelines.cli.printing import console, say, say_lines, table_of
    from pipelines.steps.edition_comparing import compare as compare_editions
    from report_templates.edition_messages import figures_apart
    from scorecards.errors import CallError, did_you_mean
    from scorecards.words import plural

    first, second = sorted((first, second))
    setting = setting_of(project, home)
    found = compare_editions(setting, read_period(period, setting.project), first, second)
    if unit:
        known = setting.project.unit_ids
        if unit not in known:
            raise CallError(f"'{unit}' is not a unit. {did_you_mean(unit, known)}".rstrip())
        found = found.filter(found["unit"] == unit)
    if as_json:
        say_lines(json.dumps(found.to_dicts(), indent=2))
        return
    if found.is_empty():
        say(f"No value and no score of {period} is other in edition {second} than in edition {first}.")
        return
    table = table_of("unit", "level", "figure", f"edition {first}", f"edition {second}", "because of")
    for row in found.iter_rows(named=True):
        figures = figures_apart(row["before"], row["after"])
        table.add_row(row["unit"], row["level"], row["node"], *figures, row["because"])
    console().print(table)
    loads = sorted({name for text in found["loads"] for name in text.split(", ") if name})
    say(f"{plural(found.height, 'figure')} of {plural(found['unit'].n_unique(), 'unit')} changed.")
    for name in loads:
        say(f"came between: {name}")


def close(
    period: PeriodArgument, by: ByOption, reason: ReasonOption = "", project: ProjectOption = HERE,
    home: HomeOption = None,
) -> None:  # fmt: skip
    """Close a month: what is delivered for it later waits until it is reopened."""
    from pipelines.cli.options import read_period, setting_of
    from pipelines.cli.printing import say
    from scorecards.periods import period_text
    from warehouse.closing import close as close_month

    setting = setting_of(project, home)
    done = close_month(setting.home, read_period(period, setting.project), by, reason)
    say(f"{period_text(done.period)} is closed by {done.by}.")


def reopen(
    period: PeriodArgument, by: ByOption, reason: ReasonOption, project: ProjectOption = HERE, home: HomeOption = None
) -> None:
    """Open a closed month again, with a reason; what was delivered meanwhile counts from the next run on."""
    from pipelines.cli.options import read_period, setting_of
    from pipelines.cli.printing import say
    from scorecards.periods import period_text
    from warehouse.closing import reopen as reopen_month

    setting = setting_of(project, home)
    done = reopen_month(setting.home, read_period(period, setting.project), by, reason)
    name = period_text(done.period)
    say(f"{name} is open again. Compute it with what has come meanwhile: scorepack run {name}")


def rebuild(project: ProjectOption = HERE, home: HomeOption = None, extracts: ExtractsOption = None) -> None:
    """Compute everything again from the landing archive and the journal; nothing is taken in and nothing is sent."""
    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import say, steps
    from pipelines.steps.rebuilding import gone_told
    from pipelines.steps.rebuilding import rebuild as rebuild_home
    from scorecards.words import plural

    setting = setting_of(project, home, extracts)
    days = setting.home.days
    with steps() as shown:
        shown.begin("runs")
        runs = rebuild_home(setting.home, setting.project.extracts, shown.advance)
    say(f"{plural(len(runs), 'run')} repeated from the records.")
    for line in gone_told(days):
        say(line)
