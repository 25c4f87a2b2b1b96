"""Closed months: who closed or reopened which, when and why; from the journal.

A closed month keeps the loads that had come when it was closed. What comes later waits until it is reopened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scorecards.errors import CallError
from scorecards.periods import parse_period, period_text
from warehouse import journal
from warehouse.home import Home
from warehouse.working import at_work

KIND = "close"


@dataclass(frozen=True)
class Closing:
    """One closing or reopening of a month: its place in the journal, the time, who did it and why."""

    period: date
    seq: int
    at: str
    is_closed: bool
    by: str
    reason: str


def closings(home: Home, known_by: date | None = None, upto: int | None = None) -> list[Closing]:
    """Everything that was closed and reopened until a day, or until a place in the journal, oldest first."""
    return [
        Closing(
            parse_period(entry.key), entry.seq, entry.at, entry.body["closed"], entry.body["by"], entry.body["reason"]
        )
        for entry in journal.entries_until(home, KIND, known_by, upto)
    ]


def closed_months(home: Home, known_by: date | None = None, upto: int | None = None) -> dict[date, Closing]:
    """The months that are closed, each with its closing."""
    last = {one.period: one for one in closings(home, known_by, upto)}
    return {period: one for period, one in sorted(last.items()) if one.is_closed}


def close(home: Home, period: date, by: str, reason: str = "") -> Closing:
    """Close a month. Raises ``CallError`` where it is closed already, ``HomeBusy`` while a run is under way."""
    with at_work(home):
        before = closed_months(home).get(period)
        if before is not None:
            raise CallError(f"{period_text(period)} is closed already: by {before.by}, {before.at[:10]}.")
        return _record(home, period, True, by, reason)


def reopen(home: Home, period: date, by: str, reason: str) -> Closing:
    """Open a closed month again. Raises ``CallError`` where it is not closed or has no reason; ``HomeBusy`` too."""
    with at_work(home):
        if period not in closed_months(home):
            raise CallError(f"{period_text(period)} is not closed. See scorepack status.")
        if not reason.strip():
            raise CallError(f"Say why {period_text(period)} is reopened, with --reason: it stays in the audit log.")
        return _record(home, period, False, by, reason)


def _record(home: Home, period: date, is_closed: bool, by: str, reason: str) -> Closing:
    if not by.strip():
        raise CallError("Say who does it, with --by: it stays in the audit log.")
    body = {"closed": is_closed, "by": by.strip(), "reason": reason.strip()}
    entry = journal.append(home, KIND, period_text(period), body)
    return Closing(period, entry.seq, entry.at, is_closed, by.strip(), reason.strip())
