"""Approvals: who let which packs of an edition go, by the digests of their files; from the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scorecards.periods import parse_period, period_text
from warehouse import journal
from warehouse.home import Home

KIND = "approval"
Pack = tuple[str, str]
"""A scorecard and a unit."""


@dataclass(frozen=True)
class Approval:
    """One approval, or the withdrawal of one: of these packs of an edition, each with the digest of its file."""

    period: date
    edition: int
    at: str
    is_given: bool
    by: str
    reason: str
    packs: Mapping[Pack, str]


def approvals(home: Home, period: date | None = None) -> list[Approval]:
    """What was approved and withdrawn, of a period where one is given, oldest first."""
    return [
        Approval(
            parse_period(entry.key), entry.body["edition"], entry.at, entry.body["given"], entry.body["by"],
            entry.body["reason"], {(card, unit): digest for card, unit, digest in entry.body["packs"]},
        )
        for entry in journal.entries(home, KIND, period_text(period) if period else None)
    ]  # fmt: skip


def decisions(home: Home, period: date, edition: int) -> dict[tuple[Pack, str], Approval]:
    """What was last decided of each pack of an edition, by scorecard and unit, and digest."""
    return {each: one for one in approvals(home, period) if one.edition == edition for each in one.packs.items()}


def record(
    home: Home, period: date, edition: int, packs: Mapping[Pack, str], by: str, reason: str, is_given: bool
) -> Approval:
    """Write an approval, or a withdrawal, into the journal."""
    listed: Sequence[tuple[str, str, str]] = sorted((*pack, digest) for pack, digest in packs.items())
    body = {"edition": edition, "given": is_given, "by": by, "reason": reason, "packs": listed}
    entry = journal.append(home, KIND, period_text(period), body)
    return Approval(period, edition, entry.at, is_given, by, reason, packs)
