"""One message: written, handed over once, and what became of it noted in the ledger. When is ``send.py``."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

from pipelines.delivery.compose import compose
from pipelines.delivery.letters import Letters
from pipelines.delivery.plan import Planned
from pipelines.delivery.transport import Answer, Transport
from pipelines.steps.setting import Setting
from warehouse.ledger import Key, Record, joined, write

# File systems take 255 bytes, of which some are for a name while it is written.
_LONGEST_NAME = 200


def written(one: Planned, transport: Transport, letters: Letters, proof_for: str = "") -> EmailMessage:
    """The message of a plan. Raises ``ScorepackError`` where a template or a file of its pack is at fault."""
    to, parts = one.reader.recipient, letters.parts(one, proof_for)
    return compose(one.key, to.name, to.email, parts, transport.sender, datetime.now(UTC))


def hand_over(
    setting: Setting, one: Planned, transport: Transport, message: EmailMessage, before: int = 0, proof_for: str = ""
) -> Answer:
    """Try one message once, and write down what became of it. ``before`` counts the attempts of this sending so far."""
    whose = f"as to {proof_for}" if proof_for else ""
    record = Record(one.key, "sending", whose, _attempt(one, before), one.digest)
    to = one.reader.recipient
    file_name = _file_name(one.key, proof_for or one.key.recipient)
    answer = transport.send(message, to.email, file_name, lambda: write(setting.home, [record]))
    write(setting.home, [replace(record, state=answer.state, words=joined(whose, answer.words))])
    return answer


def note_failed(setting: Setting, one: Planned, before: int, words: str) -> None:
    """Write down that a message could not be handed over. ``before`` counts as for ``hand_over``."""
    write(setting.home, [Record(one.key, "failed", words, _attempt(one, before), one.digest)])


def _attempt(one: Planned, before: int) -> int:
    """Which attempt at a message comes next, ``before`` of this sending being over."""
    return (one.before.attempt if one.before else 0) + before + 1


def _file_name(key: Key, reader: str) -> str:
    address = "".join(letter if letter.isalnum() or letter in "@.-_+" else "_" for letter in reader)
    if address != reader:
        # Two addresses must not become one file.
        address += f"-{hashlib.sha256(reader.encode()).hexdigest()[:8]}"
    edition = f"-edition-{key.edition}" if key.edition > 1 else ""
    stem = f"{key.scorecard}-{key.unit}{edition}-{address}"
    if len(stem.encode()) > _LONGEST_NAME:
        short = stem.encode()[: _LONGEST_NAME - 9].decode(errors="ignore")
        stem = f"{short}-{hashlib.sha256(stem.encode()).hexdigest()[:8]}"
    return f"{stem}.eml"
