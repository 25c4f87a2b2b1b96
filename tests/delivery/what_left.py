"""What a sending left behind: states, entries of the ledger, files of the outbox, and what messages say."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

from pipelines.delivery.send import deliver
from tests.delivery.conftest import PERIOD
from tests.small_company import SmallCompany
from warehouse.ledger import records

NOON = datetime(2025, 7, 5, 12, tzinfo=UTC)
ADA, JOERG = "ada@example.com", "joerg@example.com"


def states(company: SmallCompany, **named: object) -> list[str | None]:
    return [one.state for one in deliver(company.setting(), PERIOD, **named)]  # type: ignore[arg-type]


def ledger(company: SmallCompany, address: str = ADA) -> list[str]:
    return [one.state for one in records(company.setting().home) if one.key.recipient == address]


def outbox(company: SmallCompany, folder: str = "2025-06") -> dict[str, EmailMessage]:
    files = sorted((company.setting().home.outbox / folder).glob("*.eml"))
    return {path.name: email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files}  # type: ignore[misc]


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())
