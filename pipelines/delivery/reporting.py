"""What those who answer for deliveries are told: refusals once each, and packs that are not out by the due hour.

Belongs here: which facts, in which words. A notice names no person and no figure: it may go to any channel.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

from pipelines.delivery.send import Delivery
from pipelines.delivery.telling import KIND, TOLD, is_fresh, subject, tell
from pipelines.delivery.transport import transport_from_environment
from pipelines.steps.setting import Setting
from scorecards.periods import period_text
from warehouse import journal

_REMEDIES = {
    "refused": "What was refused: mend what the server names, such as a wrong address in recipients.yaml, then\n\n"
    "    scorepack send {0} --only-failed\n\n",
    "unknown": "What is unknown may have arrived, and waits until somebody decides:\n\n"
    "    scorepack send {0} --unknown repeat    (again; those who had it have it twice)\n"
    "    scorepack send {0} --unknown let-be    (taken as arrived)\n\n",
}
_ALIKE = (
    "It refused everybody in the same words: not the addresses are to be mended, but what the server allows us, or "
    "SCOREPACK_SMTP_URL and SCOREPACK_MAIL_FROM."
)


def owners(setting: Setting) -> Sequence[str]:
    """Who answers for deliveries: the owner in delivery.yaml, else whoever is told of failed runs."""
    return setting.project.delivery.owner or setting.project.alerts


def refused_alike(done: Sequence[Delivery]) -> str:
    """What to tell where a server refused several readers, and took nothing, in words that name none of them."""
    tried = [one for one in done if one.is_new]
    words = {one.words.lower().replace(one.planned.key.recipient, "") for one in tried}
    is_so = len(tried) > 1 and len(words) == 1 and all(one.state == "refused" for one in tried)
    return _ALIKE if is_so else ""


def report_refusals(setting: Setting, period: date, done: Sequence[Delivery]) -> list[tuple[str, str]]:
    """Mail the owner what the server refused for good, and what nobody knows of: each message once, whenever it was.

    Returns what became of each mail, by address.
    """
    bad = [one for one in done if one.state in ("refused", "unknown")]
    lines = {f"{one.planned.key}/{one.state}": _told(one) for one in bad}
    name = period_text(period)
    text = (
        "These messages did not reach their readers, or nobody knows whether they did:\n\n{}\n\n"
        + (f"{alike}\n\n" if (alike := refused_alike(done)) else "")
        + "".join(_REMEDIES[state].format(name) for state in _REMEDIES if any(one.state == state for one in bad))
        + f"All states are shown by\n\n    scorepack deliveries {name}\n\nEach of them is reported once.\n"
    )
    return _tell_news(setting, f"refusals {name}", subject("not taken", _name(setting), name), text, lines)


def _told(one: Delivery) -> str:
    key = one.planned.key
    # Which person's pseudonym goes with which address is nobody's to read in a mail.
    whose = "their own" if one.planned.is_private else key.unit
    return f"{key.recipient}: {key.scorecard} of {whose}: {one.state}: {one.words}"


def report_late(setting: Setting, period: date, due: datetime, held: Counter[str]) -> list[tuple[str, str]]:
    """Mail the owner, once a period, that packs are not out by the due hour, and what holds them back."""
    name = period_text(period)
    reasons = "\n".join(f"    {count} × {reason}" for reason, count in held.most_common())
    text = (
        f"The packs of {name} were due at {due:%Y-%m-%d %H:%M} UTC, and not all have left. What holds them back:\n\n"
        f"{{}}\n\nWho would receive what, and why it does not leave: scorepack send {name} --dry-run\n"
    )
    return _tell_news(setting, f"late {name}", subject("late", _name(setting), name), text, {f"late/{name}": reasons})


def _name(setting: Setting) -> str:
    return setting.project.organisation.organisation


def _tell_news(setting: Setting, what: str, title: str, text: str, lines: dict[str, str]) -> list[tuple[str, str]]:
    """Mail those lines that an address has not been told yet; those of a mail that did not leave, after a while."""
    last = {
        (entry.body["recipient"], item): entry
        for entry in journal.entries(setting.home, KIND)
        for item in entry.body.get("about", "").split("\n")
    }
    now = datetime.now(UTC)
    known = {each for each, entry in last.items() if entry.body["state"] in TOLD or is_fresh(entry, now)}
    transport, found = None, []
    try:
        for address in owners(setting):
            new = {item: line for item, line in lines.items() if (address, _mark(item)) not in known}
            if not new:
                continue
            transport = transport or transport_from_environment(setting.home, "alerts")
            facts = {"job": "deliver", "months": what, "about": "\n".join(_mark(item) for item in new)}
            key = hashlib.sha256(facts["about"].encode()).hexdigest()[:32] + f"/{address}"
            body = text.replace("{}", "\n".join(new.values()), 1)
            state = tell(setting.home, transport, key, address, title, body, facts, now)
            found.append((address, state))
    finally:
        if transport is not None:
            transport.close()
    return found


def _mark(item: str) -> str:
    return hashlib.sha256(item.encode()).hexdigest()[:16]
