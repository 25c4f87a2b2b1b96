"""Short mails of our own to those who look after a project, and notices to their channels.

Belongs here: writing one such mail and keeping in the journal that it was. What is told, and when again, is for the
caller: ``alerting.py`` tells of failed runs, ``reporting.py`` of deliveries.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pipelines.delivery.compose import new_message, new_message_id
from pipelines.delivery.transport import Transport
from report_templates.email import one_line
from warehouse import journal
from warehouse.home import Home

KIND = "alert"
SUBJECTS = {
    "failed": "{job} of {months} failed",
    "not taken": "{months}: not every pack was taken",
    "late": "{months}: packs are late",
}
"""What is told by mail, and the subject of each."""
TOLD = ("sending", "accepted", "written", "unknown")
AFTER_FAILURE = timedelta(minutes=15)
"""When what did not leave is tried again."""


def subject(what: str, organisation: str, months: str, job: str = "") -> str:
    """The subject of one of the mails in ``SUBJECTS``."""
    return f"Scorepack: {SUBJECTS[what].format(job=job, months=months)} – {organisation}"


def tell(
    home: Home, transport: Transport, key: str, address: str, title: str, text: str, facts: Mapping[str, str],
    now: datetime,
) -> str:  # fmt: skip
    """Mail a text to an address, with an entry before and after it; returns what became of it.

    What cannot be mailed is told in the journal as well, and raises ``NothingLeaves`` as the transport does.
    """
    body = {**facts, "recipient": address, "transport": transport.name}
    journal.append(home, KIND, key, {**body, "state": "sending", "words": ""})
    sender = transport.sender
    message = new_message("", address, one_line(title), sender, now, new_message_id(sender))
    message.set_content(text)
    name = f"{now:%Y%m%dT%H%M%S}-{key[:8]}-{_safe(address)}.eml"
    state, words = "failed", "it was not tried"
    try:
        answer = transport.send(message, address, name, lambda: None)
        state, words = answer.state, answer.words
    finally:
        journal.append(home, KIND, key, {**body, "state": state, "words": words})
    return state


def is_fresh(last: journal.Entry, now: datetime, silence: timedelta = AFTER_FAILURE) -> bool:
    """Whether an entry is not older than a time, nor from one that has not come yet, by a clock that was wrong."""
    return abs(now - datetime.fromisoformat(last.at)) < silence


def _safe(address: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "@.-_" else "_" for letter in address)
