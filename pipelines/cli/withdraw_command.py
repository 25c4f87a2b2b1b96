"""``withdraw`` and ``reinstate``: a delivery that was wrong altogether taken out of all that counts, or put back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.history_commands import ByOption, ReasonOption
from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.steps.withdrawing import Asked, Changed

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="The source, such as repairs.")]
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The delivery's path below the extracts folder, as status tells it.")
]
DeliveryOption = Annotated[
    str, typer.Option("--delivery", metavar="ID", help="Which, where several deliveries have the name.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")]


def withdraw(
    source: SourceArgument,
    name: NameArgument,
    by: ByOption,
    reason: ReasonOption,
    delivery: DeliveryOption = "",
    dry_run: DryRunOption = False,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
) -> None:
    """Take a delivery that was wrong altogether out of all that counts; its bytes and its record stay."""
    from pipelines.steps.withdrawing import Asked

    _do(Asked(source, name, delivery, by, reason), dry_run, project, home, extracts)


def reinstate(
    source: SourceArgument,
    name: NameArgument,
    by: ByOption,
    reason: ReasonOption,
    delivery: DeliveryOption = "",
    dry_run: DryRunOption = False,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
) -> None:
    """Let a withdrawn delivery count again, as if it had never been withdrawn."""
    from pipelines.steps.withdrawing import Asked

    _do(Asked(source, name, delivery, by, reason, withdraws=False), dry_run, project, home, extracts)


def _do(asked: Asked, is_trial: bool, project: Path, home: Path | None, extracts: Path | None) -> None:
    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import say
    from pipelines.steps.withdrawing import withdraw as withdraw_delivery

    changed = withdraw_delivery(setting_of(project, home, extracts), asked, is_trial=is_trial)
    for line in _told(asked, changed, is_trial):
        say(line)


def _told(asked: Asked, changed: Changed, is_trial: bool) -> Iterator[str]:
    from scorecards.periods import period_text

    what = "withdrawn" if asked.withdraws else "reinstated"
    yield f"{asked.name} of {asked.source} {f'would be {what}' if is_trial else f'is {what} by {asked.by.strip()}'}."
    for words, names in (
        ("counts no more", changed.counts_no_more),
        ("counts again" if asked.withdraws else "counts", changed.counts),
        ("blocks no more", changed.blocks_no_more),
        ("blocks", changed.blocks),
    ):
        yield from (f"{words}: {name}" for name in names)
    months = [period_text(month) for month in changed.months]
    if is_trial:
        yield f"It would change {_span(months)}. Nothing was done." if months else "It would change no month."
    elif months:
        command = f"run {months[0]}" if len(months) == 1 else f"backfill {months[0]} {months[-1]}"
        yield f"It changes {_span(months)}; status names later months that look back. Compute: scorepack {command}"
    else:
        yield "It changes no month."


def _span(months: list[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
