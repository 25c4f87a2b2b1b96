"""Notices to channels such as Slack, Teams or a webhook: that something happened, never to whom or with which figures.

``SCOREPACK_NOTICES`` holds Apprise addresses, divided by spaces. They are secrets: anybody who has one can write there.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Literal

from pipelines.delivery.send import Delivery
from pipelines.delivery.telling import is_fresh
from pipelines.steps.setting import Setting
from scorecards.errors import CallError
from scorecards.periods import period_text
from scorecards.words import plural
from warehouse import journal

ADDRESSES = "SCOREPACK_NOTICES"
KIND = "notice"


def notify_sent(period: date, done: Sequence[Delivery]) -> bool:
    """Tell how many messages of a month are in which state. True where all channels took it, or none is set.

    Nothing is told where nothing was tried. Raises ``CallError`` for an address that is none.
    """
    if not any(one.is_new for one in done):
        return True
    states = Counter(str(one.state or "held back") for one in done)
    listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    name = period_text(period)
    return notify(
        f"Scorepack: packs of {name}", f"{plural(len(done), 'message')}: {listed}. scorepack deliveries {name}"
    )


def notify_late(setting: Setting, period: date, held: Counter[str]) -> bool:
    """Tell once a period that packs are not out by their hour, and how many are held back; returns as ``notify_sent``.

    Where a channel did not take it, all are told again after a while.
    """
    name = period_text(period)
    key = f"late {name}"
    before = journal.entries(setting.home, KIND, key)
    if not os.environ.get(ADDRESSES) or (
        before and (before[-1].body["is_taken"] or is_fresh(before[-1], datetime.now(UTC)))
    ):
        return True
    text = f"{held.total()} held back. Why: scorepack send {name} --dry-run"
    is_taken = notify(f"Scorepack: packs of {name} are late", text, "warning")
    journal.append(setting.home, KIND, key, {"is_taken": is_taken})
    return is_taken


def notify(title: str, text: str, kind: Literal["info", "warning"] = "info") -> bool:
    """Tell a text to every channel that the environment names; True where all took it, or none is named."""
    addresses = os.environ.get(ADDRESSES, "").split()
    if not addresses:
        return True
    try:
        import apprise
    except ImportError:
        raise CallError("Notices need the package apprise: pip install 'scorepack[delivery]'.") from None
    channels = apprise.Apprise()
    for number, address in enumerate(addresses, start=1):
        if not channels.add(address):
            raise CallError(f"Address {number} in {ADDRESSES} is none that Apprise knows.")
    return bool(channels.notify(title=title, body=text, notify_type=kind))
