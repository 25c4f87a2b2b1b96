"""One message as MIME: a pack for one recipient.

Belongs here: headers, parts and attachments. What the message says is ``report_templates.email``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, make_msgid, parseaddr

from pipelines.delivery.headers import mailbox_header, subject_header
from report_templates.email import Letter, one_line, render_email
from report_templates.look import OURS, Look
from report_templates.pack_message import PackMessage
from scorecards.errors import CallError
from scorecards.packs import PDF
from scorecards.periods import period_text
from warehouse.ledger import Key

_NO_DOMAIN = "scorepack.invalid"
_TYPES = {
    "pdf": ("application", "pdf"),
    "html": ("text", "html"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True)
class Parts:
    """What a message is made of: the words about the pack, the letter round them, and attached files by name.

    ``digest`` is the pack's, ``corrected`` that of the pack which this one takes the place of.
    """

    said: PackMessage
    letter: Letter
    files: tuple[tuple[str, bytes], ...] = ()
    look: Look = OURS
    digest: str = ""
    corrected: str = ""


def new_message(name: str, address: str, subject: str, sender: str, at: datetime, id_: str) -> EmailMessage:
    """A message without content to a person of this name, or none, and address: headers that every message has."""
    from_, to = sender_address(sender), ascii_address(address)
    message = EmailMessage(policy=(SMTP if (from_ + to).isascii() else SMTPUTF8).clone(cte_type="7bit"))
    message["From"] = mailbox_header("From", parseaddr(sender)[0], from_)
    message["To"] = mailbox_header("To", name, to)
    message["Subject"] = subject_header(subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = id_
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    return message


def compose(key: Key, name: str, address: str, parts: Parts, sender: str, at: datetime) -> EmailMessage:
    """The message of a key to a person of this name and address. ``at`` is its date.

    The same pack for the same key gives the same Message-ID, however often it is tried. A correction answers the
    message that it corrects, and all months of a unit's scorecard stand in one thread.
    """
    bodies = render_email(parts.said, parts.letter, parts.look)
    # Proof copies are of no edition: each is a message of its own.
    own = message_id(key, parts.digest, sender) if key.edition else new_message_id(sender)
    message = new_message(name, address, bodies.subject, sender, at, own)
    root = _id(sender, "thread", key.scorecard, key.unit, key.recipient.lower())
    corrects = parts.letter.corrects
    before = [message_id(earlier(key, corrects), parts.corrected, sender)] if corrects else []
    message["References"] = " ".join([root, *before])
    message["In-Reply-To"] = before[0] if before else root
    message.set_content(bodies.text)
    message.add_alternative(bodies.html, subtype="html")
    for name, content in parts.files:
        kind, subtype = _TYPES[name.rpartition(".")[2]]
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    return message


def attachment_name(key: Key, form: str = PDF) -> str:
    """A file name that survives every mail client: ids, the month and a further language, in ASCII."""
    edition = f"-edition-{key.edition}" if key.edition > 1 else ""
    return f"{period_text(key.period)}-{key.scorecard}-{key.unit}{edition}.{form}"


def message_id(key: Key, digest: str, sender: str) -> str:
    """The same delivery of the same pack has the same id, whenever it is tried.

    A ledger that was restored from a backup gives a number to another edition: no mail program may take the two for
    one.
    """
    named = (period_text(key.period), key.scorecard, str(key.edition), key.unit, key.recipient.lower())
    return _id(sender, *named, digest)


def new_message_id(sender: str) -> str:
    """An id for a message that is sent once, and is the same as no other."""
    return make_msgid(domain=_domain(sender))


def earlier(key: Key, edition: int) -> Key:
    """The key of the same delivery in an earlier edition."""
    return Key(key.period, key.scorecard, edition, key.unit, key.recipient, key.transport)


def sender_address(sender: str) -> str:
    """The address in a sender such as ``Packs <packs@example.org>``, its domain in ASCII.

    Raises ``CallError`` where there is none.
    """
    address = parseaddr(sender)[1]
    if "@" not in address or one_line(sender) != sender or "=?" in sender:
        raise CallError(f"SCOREPACK_MAIL_FROM is no address: '{one_line(sender)}'. Write it as packs@example.org.")
    return ascii_address(address)


def ascii_address(address: str) -> str:
    """An address with its domain in ASCII, as servers write it."""
    user, _, domain = address.rpartition("@")
    return f"{user}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """A domain as mail programs of every age know it; one that cannot be written so stays as it is."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _id(sender: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return f"<{digest}@{_domain(sender)}>"


def _domain(sender: str) -> str:
    domain = parseaddr(sender)[1].rpartition("@")[2]
    # A name that exists only on this machine says nothing to others, and some filters hold it against the message.
    return ascii_domain(domain) if "." in domain else _NO_DOMAIN
