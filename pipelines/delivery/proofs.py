"""Proof copies: the messages of a month as they would leave, to one address, before anybody has approved them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date

from pipelines.delivery.gate import PUBLISHED_BY_ANOTHER_RULE, newest_edition
from pipelines.delivery.handing_over import hand_over, written
from pipelines.delivery.letters import Letters, proof
from pipelines.delivery.plan import plan
from pipelines.delivery.send import Delivery
from pipelines.delivery.transport import transport_from_environment
from pipelines.steps.other_rules import packs_by_another_rule
from pipelines.steps.pack_messages import frozen_messages
from pipelines.steps.setting import Progress, Setting, no_progress, today
from scorecards.errors import CallError, did_you_mean
from scorecards.periods import period_text
from warehouse.editions import frozen_packs
from warehouse.ledger import Key, Record, messages, sending, write

NEVER_PROOFS = "Packs with a person's own figures are for that person alone: they are never sent as proofs."


def has_own_packs(setting: Setting, period: date, units: Collection[str] = ()) -> bool:
    """Whether the newest edition has packs with persons' own figures, of these units or at all."""
    private = frozen_packs(setting.home, newest_edition(setting, period)).filter("is_private")
    return any(not units or unit in units for unit in private["unit"])


def send_proofs(
    setting: Setting, period: date, address: str, units: Collection[str] = (), progress: Progress = no_progress
) -> list[Delivery]:
    """Send every message of the newest edition to one address: one for each pack and reader, of these units or all.

    They say what they are, and count as deliveries of no edition. One person's own figures go to nobody else, not even
    as a proof. Raises ``CallError`` for an address that is none or that packs may not go to, where none but own packs
    are asked for or the edition is of another rule of small groups, and as ``deliver`` does.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        to = validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise CallError(f"'{address}' is not an address: {error}") from None
    if not setting.project.delivery.allows(to):
        raise CallError(f"'{to}' is of a domain that packs may not go to (domains in delivery.yaml).")
    with sending(setting.home):
        edition = newest_edition(setting, period)
        if packs_by_another_rule(setting, edition):
            raise CallError(f"No proof of {period_text(period)} is sent: {PUBLISHED_BY_ANOTHER_RULE}.")
        folder = f"{period_text(period)}-proofs"
        transport = transport_from_environment(setting.home, folder, setting.project.delivery.messages_a_minute)
        planned = [one for one in plan(setting, period, edition, transport.name, today(setting.project)) if one.files]
        for unit in units:
            known = sorted({one.key.unit for one in planned})
            if unit not in known:
                raise CallError(f"'{unit}' is not a unit with a reader. {did_you_mean(unit, known)}".rstrip())
        asked = [one for one in planned if not units or one.key.unit in units]
        chosen = [one for one in asked if not one.is_private]
        if asked and not chosen:
            raise CallError(f"{NEVER_PROOFS} Nothing else was asked for.")
        letters, done = Letters(setting, frozen_messages(setting.home, edition)), []
        copies = [proof(one, to) for one in chosen]
        made = _take_place_of_earlier(setting, period, {one.key for one in copies})
        try:
            for number, (one, copy) in enumerate(zip(chosen, copies, strict=True), start=1):
                to_whom, before = one.reader.recipient.email, made[copy.key]
                made[copy.key] += 1
                planned_as = Record(copy.key, "planned", f"as to {to_whom}", made[copy.key], copy.digest)
                write(setting.home, [planned_as])
                message = written(copy, transport, letters, to_whom)
                answer = hand_over(setting, copy, transport, message, before, to_whom)
                done.append(Delivery(copy, answer.state, answer.words, True, to_whom))
                progress(number, len(chosen))
        finally:
            transport.close()
    return done


def _take_place_of_earlier(setting: Setting, period: date, keys: Collection[Key]) -> Counter[Key]:
    """How many proof copies each key has had. Those of which nothing is known, or that were only planned, are over."""
    had, over = Counter[Key](), []
    for one in messages(setting.home, period):
        if one.key in keys:
            had[one.key] = max(had[one.key], one.attempt)
            if one.state in ("planned", "unknown"):
                over.append(replace(one, state="skipped", words="a later proof copy took its place"))
    write(setting.home, over)
    return had
