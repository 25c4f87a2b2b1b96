"""``approve`` and ``send``: the gate, and the delivery of a month's packs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.history_commands import ByOption, ReasonOption
from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption

if TYPE_CHECKING:
    from datetime import date

    from pipelines.delivery.plan import Planned
    from pipelines.delivery.send import Delivery
    from pipelines.steps.setting import Setting

PublishedArgument = Annotated[
    str, typer.Argument(metavar="PERIOD", help="A month such as 2025-09, or latest: the newest that is published.")
]


class Unknown(StrEnum):
    """What becomes of messages of which nobody knows whether the server took them."""

    repeat = "repeat"
    let_be = "let-be"


def approve(
    period: PublishedArgument,
    by: ByOption,
    unit: Annotated[list[str] | None, typer.Option("--unit", help="Only this unit's packs; may be repeated.")] = None,
    scorecard: Annotated[list[str] | None, typer.Option("--scorecard", help="Only this scorecard's.")] = None,
    hold: Annotated[bool, typer.Option("--hold", help="Hold them back instead, whatever was approved.")] = False,
    reason: ReasonOption = "",
    project: ProjectOption = HERE,
    home: HomeOption = None,
) -> None:
    """Let the packs of a month's newest edition go; what is approved is these files, and no others."""
    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import say
    from pipelines.delivery.gate import approve as approve_packs
    from pipelines.delivery.gate import gates, newest_edition
    from pipelines.steps.approved import held_packs, pack_files
    from scorecards.periods import period_text
    from scorecards.words import plural
    from warehouse.editions import frozen_packs

    setting = setting_of(project, home)
    when = read_published(period, setting)
    done = approve_packs(setting, when, by, reason, unit or (), scorecard or (), is_given=not hold)
    what = f"{plural(len(done.packs), 'pack')} of edition {done.edition} of {period_text(when)}"
    verb = "is" if len(done.packs) == 1 else "are"
    say(f"{what} {verb} {'held back' if hold else 'approved'} by {done.by}.")
    edition = newest_edition(setting, when)
    left = {} if hold else held_packs(setting, edition, pack_files(frozen_packs(setting.home, edition)))
    for (card, of), held in sorted(left.items()):
        because = f": {held.reason}" if held.reason else ""
        say(f"still held back by {held.by}{because}: {card} of {of}. Let it go with --unit {of}.")
    shut = [] if hold else [one for one in gates(setting, when, edition) if one.approved_by and not one.is_open]
    if shut:
        why, name = "; ".join(shut[0].shut), period_text(when)
        say(f"{plural(len(shut), 'approved pack')} cannot leave now: {why}. Each: scorepack send {name} --dry-run")


def send(
    period: PublishedArgument,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go to whom, and why not to others.")
    ] = False,
    to: Annotated[
        str, typer.Option("--to", metavar="ADDRESS", help="Proof copies to this address, and nothing else.")
    ] = "",
    unit: Annotated[
        list[str] | None, typer.Option("--unit", help="With --to: only this unit's; may be repeated.")
    ] = None,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Only what failed or was refused before, once more.")
    ] = False,
    unknown: Annotated[
        Unknown | None, typer.Option("--unknown", help="What becomes of messages that may have arrived.")
    ] = None,
) -> None:
    """Deliver a month's approved packs: by SMTP where it is set, else into the outbox folder."""
    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import say, steps
    from pipelines.delivery.calendar import newest_to_send
    from pipelines.delivery.gate import newest_edition
    from pipelines.delivery.lost import lost_packs
    from pipelines.delivery.notices import notify_sent
    from pipelines.delivery.proofs import NEVER_PROOFS, has_own_packs, send_proofs
    from pipelines.delivery.reporting import report_refusals
    from pipelines.delivery.send import deliver, is_yet_to_be_published
    from scorecards.errors import CallError

    setting = setting_of(project, home, extracts)
    when = newest_to_send(setting) if period == "latest" else read_published(period, setting)
    if unit and not to:
        raise CallError("--unit goes with --to. Which packs leave is decided by their approval.")
    if dry_run:
        if is_yet_to_be_published(setting, when):
            _print_readers(setting, when)
        else:
            _print_plan(setting, when, only_failed)
        return
    with steps() as shown:

        def advance(count: int, total: int) -> None:
            shown.begin("messages")  # Only once one is tried: cron mails whatever is printed.
            shown.advance(count, total)

        if to:
            done = send_proofs(setting, when, to, unit or (), advance)
        else:
            policy = (unknown or "").replace("-", " ")
            done = deliver(setting, when, unknown=policy, only_failed=only_failed, progress=advance)
            report_refusals(setting, when, done)
            if not notify_sent(when, done):
                say("Not every channel of SCOREPACK_NOTICES took the notice.")
    if to and has_own_packs(setting, when, unit or ()):
        say(NEVER_PROOFS)
    _print_done(setting, when, done, [] if to else lost_packs(setting, when, newest_edition(setting, when)))


def read_published(text: str, setting: Setting) -> date:
    """A month of the project; ``latest`` stands for the newest that is published, else the newest that is over."""
    from pipelines.cli.options import read_period
    from pipelines.steps.setting import newest_over
    from warehouse.editions import editions

    if text != "latest":
        return read_period(text, setting.project)
    return max((one.period for one in editions(setting.home)), default=newest_over(setting.project))


def _print_plan(setting: Setting, period: date, only_failed: bool) -> None:
    from pipelines.cli.printing import console, say, table_of
    from pipelines.delivery.gate import newest_edition
    from pipelines.delivery.lost import lost_told, packs_of_no_unit
    from pipelines.delivery.plan import AGAIN, FAILED, plan
    from pipelines.delivery.transport import transport_from_environment
    from pipelines.steps.setting import today
    from scorecards.periods import period_text
    from scorecards.words import plural
    from warehouse.ledger import is_sending

    edition, day = newest_edition(setting, period), today(setting.project)
    transport = transport_from_environment(setting.home, period_text(period))
    again = FAILED if only_failed else AGAIN
    found = plan(setting, period, edition, transport.name, day, again)
    table = table_of("unit", "scorecard", "recipient", "what would happen")
    is_busy = is_sending(setting.home)
    for one in found:
        table.add_row(one.key.unit, one.key.scorecard, one.key.recipient, _would(one, is_busy))
    console().print(table)
    if any(one.is_due for one in found):
        _warn_of_another_way(setting, period, transport.name)
    count = sum(one.is_due for one in found)
    say(f"{plural(count, 'message')} of edition {edition.number} would leave by {transport.name}.")
    for line in [*lost_told(packs_of_no_unit(setting, period, edition), period), *unread_told(setting, period, day)]:
        say(line)


def _print_readers(setting: Setting, period: date) -> None:
    """To whom a month would go that sending publishes by itself: what holds its packs back shows only then."""
    from pipelines.cli.printing import console, say, table_of
    from pipelines.delivery.readers import readers_of
    from pipelines.steps.setting import today
    from scorecards.periods import period_text
    from scorecards.words import plural

    day = today(setting.project)
    table, found = table_of("unit", "scorecard", "recipient"), list(readers_of(setting, period, day))
    for one in found:
        table.add_row(one.unit, one.scorecard, one.recipient.email)
    console().print(table)
    say(
        f"{period_text(period)} is not published. scorepack send publishes it first (approval: automatic) and then "
        f"sends {plural(len(found), 'message')}, but for packs that lack what delivery.yaml asks for."
    )
    for line in unread_told(setting, period, day):
        say(line)


def unread_told(setting: Setting, period: date, day: date) -> list[str]:
    """Lines on packs that nobody receives, on recipients who receive none, and on those who must not or cannot."""
    from pipelines.delivery.plan import BARRED
    from pipelines.delivery.readers import matrix

    found = matrix(setting, period, day)
    lines = [f"nobody receives: {card} of {unit}" for card, unit in found.unread]
    lines += [f"receives nothing: {one.name} <{one.email}>" for one in found.idle]
    lines += dict.fromkeys(f"{BARRED}: {one.name} <{one.email}>" for one in found.barred)
    return [*lines, *(f"cannot be a recipient: {told}" for told in found.unusable)]


def _would(one: Planned, is_busy: bool) -> str:
    state = one.before.state if one.before is not None else None
    if state == "sending" and is_busy:
        return "being sent now"
    if state in ("sending", "unknown"):
        return "not sent: nobody knows whether it arrived: decide with --unknown"
    if one.held:
        return f"not sent: {one.held}" if one.before is None or one.before.state in ("planned", "failed") else one.held
    sent = f"sent as a correction of edition {one.corrects}" if one.corrects else "sent"
    return f"{sent}, attempt {one.before.attempt + 1}" if one.before is not None and one.before.attempt else sent


def _warn_of_another_way(setting: Setting, period: date, transport: str) -> None:
    """Tell where messages become files of a month that has left by a server: its settings may be missing here."""
    from pipelines.cli.printing import say
    from scorecards.periods import period_text
    from warehouse.ledger import HAD, last_records

    found = last_records(setting.home, period).items()
    others = {key.transport for key, one in found if key.edition and one.state in HAD} - {transport}
    if transport == "outbox" and others:
        say(
            f"warning: messages of {period_text(period)} have left by {', '.join(sorted(others))}, and "
            "SCOREPACK_SMTP_URL is not set now: these are written to the outbox."
        )


def _became(one: Delivery) -> str:
    if one.state is None:
        return f"not sent: {one.planned.held}"
    if one.planned.says_nothing_new:  # Planned so only where nothing was noted of it before.
        return f"{one.state}: {one.words}"
    return one.state if one.is_new else f"{one.state} before"


def _print_done(setting: Setting, period: date, done: Sequence[Delivery], lost: Sequence[tuple[str, str]]) -> None:
    from pipelines.cli.printing import console, say, table_of
    from pipelines.delivery.gate import newest_edition, told_since
    from pipelines.delivery.lost import lost_told
    from pipelines.delivery.plan import BARRED
    from pipelines.delivery.reporting import refused_alike
    from scorecards.periods import period_text
    from warehouse.ledger import OVER

    name = period_text(period)
    if not done and not lost:
        say("Nobody is to receive these packs: recipients.yaml names no recipient of their units.")
        return
    table = table_of("unit", "scorecard", "recipient", "state")
    for one in done:
        reader = one.planned.key.recipient
        reader += f" (as to {one.proof_for})" if one.proof_for else ""
        table.add_row(one.planned.key.unit, one.planned.key.scorecard, reader, _became(one))
    if (
        not lost
        and not any(one.is_new or one.planned.says_nothing_new for one in done)
        and all(one.state in OVER or one.planned.held == BARRED for one in done)
        and any(one.state for one in done)
    ):
        if sys.stdout.isatty():
            say(f"Nothing to do: all messages of {name} are over. See them: scorepack deliveries {name}")
            for line in told_since(setting, newest_edition(setting, period)):
                say(f"But {line}: scorepack publish {name} --by NAME --reason WHY")
        return
    if any(one.is_new for one in done):
        _warn_of_another_way(setting, period, done[0].planned.key.transport)
    if done:
        console().print(table)
    for line in lost_told(lost, period):
        say(line)
    for one in done:
        if one.state in ("failed", "refused", "unknown"):
            say(f"{one.planned.key.recipient}, {one.planned.key.unit}: {one.state}: {one.words}".rstrip(": "))
    if any(one.is_new and one.state == "written" for one in done):
        say(f"Outbox: {setting.home.outbox / (f'{name}-proofs' if done[0].proof_for else name)}/index.html")
    if any(one.state == "unknown" and one.planned.key.edition for one in done):
        say(f"Nobody can know whether unknown ones arrived. Decide: scorepack send {name} --unknown repeat (or let-be)")
    if alike := refused_alike(done):
        say(alike)
    _require_all_sent(name, done, is_any_lost=bool(lost))


def _require_all_sent(name: str, done: Sequence[Delivery], *, is_any_lost: bool) -> None:
    """Raises ``DataRefused`` with the next step where a message did not leave that should have."""
    from scorecards.errors import DataRefused

    if any(one.state in ("failed", "planned") for one in done):
        raise DataRefused("Not every message was accepted. Send again to retry those that failed.")
    if any(one.state == "refused" for one in done):
        raise DataRefused(
            "Not every message was accepted: mend what the server names, such as an address in recipients.yaml, then: "
            f"scorepack send {name} --only-failed"
        )
    if any(one.state == "unknown" for one in done):
        raise DataRefused("Of some messages nobody knows whether they arrived.")
    if is_any_lost or any(one.state is None and one.planned.obstacle for one in done):
        raise DataRefused("Not every message could leave: something stands in its way, as told above.")
    if all(one.state is None for one in done):
        raise DataRefused(f"Nothing was sent. Approve the packs first, or see why not: scorepack send {name} --dry-run")
