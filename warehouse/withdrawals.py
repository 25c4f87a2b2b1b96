"""Withdrawn deliveries: who took which out, or let it count again, when and why; from the journal.

A withdrawn delivery neither counts nor blocks a month, as if it had never come. Its bytes, rows and records stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scorecards.errors import CallError
from warehouse import journal
from warehouse.home import Home
from warehouse.selection import Load

KIND = "withdrawal"


@dataclass(frozen=True)
class Withdrawal:
    """One withdrawal of a delivery, or its return: its place in the journal, the time, who did it and why."""

    delivery: str
    source: str
    name: str
    seq: int
    at: str
    is_withdrawn: bool
    by: str
    reason: str


def withdrawals(home: Home, known_by: date | None = None, upto: int | None = None) -> list[Withdrawal]:
    """All that was withdrawn and reinstated until a day, or until a place in the journal, oldest first."""
    return [
        Withdrawal(
            entry.body["delivery"],
            entry.key,
            entry.body["name"],
            entry.seq,
            entry.at,
            entry.body["withdrawn"],
            entry.body["by"],
            entry.body["reason"],
        )
        for entry in journal.entries_until(home, KIND, known_by, upto)
    ]


def withdrawn(home: Home, known_by: date | None = None, upto: int | None = None) -> dict[str, Withdrawal]:
    """By id the deliveries that are withdrawn, each with its withdrawal."""
    last = {one.delivery: one for one in withdrawals(home, known_by, upto)}
    return {delivery: one for delivery, one in last.items() if one.is_withdrawn}


def record_withdrawal(home: Home, load: Load, is_withdrawn: bool, by: str, reason: str) -> None:
    """Write that a delivery was withdrawn, or counts again. Raises ``CallError`` where nobody says who or why."""
    if not by.strip():
        raise CallError("Say who does it, with --by: it stays in the audit log.")
    if not reason.strip():
        what = "withdrawn" if is_withdrawn else "reinstated"
        raise CallError(f"Say why {load.name} is {what}, with --reason: it stays in the audit log.")
    body = {
        "delivery": load.delivery,
        "name": load.name,
        "digest": load.digest,
        "withdrawn": is_withdrawn,
        "by": by.strip(),
        "reason": reason.strip(),
    }
    journal.append(home, KIND, load.source, body)
