"""``deliveries`` and ``recipients``: what has left, and who receives what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import HERE, HomeOption, ProjectOption

if TYPE_CHECKING:
    from pipelines.delivery.readers import Reader
    from warehouse.ledger import Record

JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")]


def deliveries(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="A month, or latest; none: all.")] = "",
    project: ProjectOption = HERE,
    home: HomeOption = None,
    state: Annotated[str, typer.Option("--state", help="Only messages in this state, such as refused.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Every message with its last state, in the server's words. All attempts: export deliveries."""
    from collections import Counter
    from dataclasses import asdict
    from typing import get_args

    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import say, say_lines
    from pipelines.cli.send_command import read_published
    from scorecards.errors import CallError, did_you_mean
    from scorecards.periods import period_text
    from warehouse.ledger import State, is_sending, messages

    setting = setting_of(project, home)
    states = list(get_args(State))
    if state and state not in states:
        raise CallError(f"'{state}' is not a state. {did_you_mean(state, states)}".rstrip())
    last = messages(setting.home, read_published(period, setting) if period else None)
    found = [one for one in last if state in ("", one.state)]
    # What is being handed over now is in nobody's doubt; what was cut off is.
    is_cut_off = not is_sending(setting.home)
    if as_json:
        rows = [asdict(one.key) | {"period": period_text(one.key.period)} | _facts(asdict(one)) for one in found]
        say_lines(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for one in found:
        for line in _block(one, "unknown" if one.state == "sending" and is_cut_off else one.state):
            say(line)
    counts = Counter(one.state for one in found)
    say(", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "No message yet.")


def _block(one: Record, state: str) -> list[str]:
    """A message in lines that fit 80 columns, as far as its names do: no address and no answer is ever cut."""
    from scorecards.periods import period_text

    key = one.key
    edition = f"edition {key.edition}" if key.edition else f"proof copy {one.attempt}"
    tried = f", attempt {one.attempt}" if one.attempt and key.edition else ""
    lines = [
        f"{period_text(key.period)} {key.unit}: {key.scorecard}, {edition}, to {key.recipient}",
        f"    {state} by {key.transport}{tried}, {one.at[:19].replace('T', ' ')} UTC",
    ]
    return [*lines, f"    {one.words}"] if one.words else lines


def _facts(record: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if name != "key"}


def recipients(
    period: Annotated[str, typer.Option("--period", help="The month.", show_default="the newest")] = "latest",
    project: ProjectOption = HERE,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who receives which packs of a month, and what is other than in the month before; nothing is sent."""
    from pipelines.cli.options import setting_of
    from pipelines.cli.printing import console, say, say_lines, table_of
    from pipelines.cli.send_command import read_published, unread_told
    from pipelines.delivery.readers import matrix
    from pipelines.steps.setting import today
    from scorecards.periods import add_months, period_text
    from scorecards.words import plural
    from warehouse.editions import editions

    setting = setting_of(project, home)
    when, day = read_published(period, setting), today(setting.project)
    found = matrix(setting, when, day)
    new = {one.pair for one in found.new}
    rows = [_reader(one, "new" if one.pair in new else "") for one in found.readers]
    rows += [_gone(*pair) for pair in found.gone]
    if as_json:
        say_lines(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = table_of("unit", "scorecard", "recipient", "receives", "in", "")
    for row in rows:
        reader = f"{row['name']} <{row['email']}>".strip()
        table.add_row(row["unit"], row["scorecard"], reader, row["receives"], row["language"], row["change"])
    # Who receives what is checked by the address: it is folded where it must, and never cut.
    for column in table.columns:
        column.overflow = "fold"
    console().print(table)
    name, count = period_text(when), plural(len(found.readers), "message")
    if when <= setting.project.organisation.first_period:
        say(f"{name}: {count}; it is the first month of the project (first_period), with none before to compare with.")
    else:
        as_it_was = "as it was sent" if found.was_sent else "by the recipients of today"
        against = f"against {period_text(add_months(when, -1))} {as_it_was}"
        say(f"{name}: {count}; {against} {len(found.new)} new, {len(found.gone)} gone.")
    if not editions(setting.home, when):
        say(f"{name} is not published yet: these would receive its packs if it were sent today.")
    for line in unread_told(setting, when, day):
        say(line)


def _gone(address: str, scorecard: str, unit: str) -> dict[str, str]:
    return {
        "unit": unit, "scorecard": scorecard, "name": "", "email": address, "receives": "", "language": "",
        "change": "gone",
    }  # fmt: skip


def _reader(one: Reader, change: str) -> dict[str, str]:
    recipient = one.recipient
    return {
        "unit": one.unit, "scorecard": one.scorecard, "name": recipient.name, "email": recipient.email,
        "receives": ", ".join(recipient.formats) or "the message alone", "language": recipient.language or "",
        "change": change,
    }  # fmt: skip
