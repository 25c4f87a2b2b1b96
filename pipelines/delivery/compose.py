"""One message: a pack for one recipient, as MIME."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from scorecards.people import Recipient
from scorecards.periods import period_text
from transforms.pack import Pack

_DOMAIN = "scorepack.invalid"


def compose(pack: Pack, pdf: bytes, recipient: Recipient, sender: str, at: datetime) -> EmailMessage:
    """The message with plain text, HTML and the PDF attached. ``at`` is its date."""
    from report_templates.email import render_email

    bodies = render_email([pack], recipient.name)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = f"{_display_name(recipient.name)} <{recipient.email}>"
    message["Subject"] = bodies.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id(pack, pdf, recipient)}@{_DOMAIN}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(bodies.text)
    message.add_alternative(bodies.html, subtype="html")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=attachment_name(pack))
    return message


def attachment_name(pack: Pack) -> str:
    """A file name that survives every mail client: ids and the month, in ASCII."""
    return f"{period_text(pack.period)}-{pack.scorecard}-{pack.unit}.pdf"


def message_id(pack: Pack, pdf: bytes, recipient: Recipient) -> str:
    """The same delivery has the same id, whenever it is tried."""
    text = "\0".join(
        (period_text(pack.period), pack.scorecard, pack.unit, recipient.email.lower(), hashlib.sha256(pdf).hexdigest())
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _display_name(name: str) -> str:
    """A quoted name: no line break, quote or backslash of it can end the header or the address."""
    safe = "".join(" " if ord(c) < 32 else c for c in name).replace("\\", "").replace('"', "'")
    return f'"{safe}"'
