"""Proof copies: the messages of a month as they would leave, to one address, before anybody has approved them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

from pipelines.delivery.gate import newest_edition
from pipelines.delivery.letters import Letters, proof
from pipelines.delivery.plan import plan
from pipelines.delivery.send import Delivery, hand_over
from pipelines.delivery.transport import transport_from_environment
from pipelines.steps.pack_messages import frozen_messages
from pipelines.steps.setting import Progress, Setting, no_progress
from scorecards.errors import CallError, did_you_mean
from scorecards.periods import period_text
from warehouse.ledger import Record, sending, write


def send_proofs(
    setting: Setting, period: date, address: str, units: Collection[str] = (), progress: Progress = no_progress
) -> list[Delivery]:
    """Send every message of the newest edition to one address: one for each pack and reader, of these units or all.

    They say what they are, and count as deliveries of no edition. Raises ``CallError`` for an address that is none or
    that packs may not go to, and as ``deliver`` does.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        to = validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise CallError(f"'{address}' is not an address: {error}") from None
    if not setting.project.delivery.allows(to):
        raise CallError(f"'{to}' is of a domain that packs may not go to (domains in delivery.yaml).")
    with sending(setting.home):
        edition, now = newest_edition(setting, period), datetime.now(UTC)
        folder = f"{period_text(period)}-proofs"
        transport = transport_from_environment(setting.home, folder, setting.project.delivery.messages_a_minute)
        planned = plan(setting, period, edition, transport.name, now.date())
        for unit in units:
            known = sorted({one.key.unit for one in planned})
            if unit not in known:
                raise CallError(f"'{unit}' is not a unit with a reader. {did_you_mean(unit, known)}".rstrip())
        # One person's own figures go to nobody else, not even as a proof.
        chosen = [one for one in planned if not one.is_private and (not units or one.key.unit in units)]
        letters, done = Letters(setting, frozen_messages(setting.home, edition)), []
        try:
            for number, one in enumerate(chosen, start=1):
                copy = proof(one, to)
                write(setting.home, [Record(copy.key, "planned", digest=copy.digest)])
                answer = hand_over(setting, copy, transport, letters, proof_for=one.reader.recipient.email)
                done.append(Delivery(copy, answer.state, answer.words, True))
                progress(number, len(chosen))
        finally:
            transport.close()
    return done
