"""Approvals: who let which packs of an edition go, by the digests of their files; from the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scorecards.periods import parse_period, period_text
from warehouse import journal
from warehouse.home import Home

KIND = "approval"
File = tuple[str, str, str]
"""A scorecard, a unit, and the format of a file of their pack."""


@dataclass(frozen=True)
class Approval:
    """One approval, or the withdrawal of one: of these files of an edition's packs, each with its digest."""

    period: date
    edition: int
    at: str
    is_given: bool
    by: str
    reason: str
    files: Mapping[File, str]

    @property
    def packs(self) -> list[tuple[str, str]]:
        """The packs of these files, by scorecard and unit."""
        return sorted({(card, unit) for card, unit, _ in self.files})


def approvals(home: Home, period: date | None = None) -> list[Approval]:
    """What was approved and withdrawn, of a period where one is given, oldest first."""
    return [
        Approval(
            parse_period(entry.key), entry.body["edition"], entry.at, entry.body["given"], entry.body["by"],
            entry.body["reason"], {(card, unit, form): digest for card, unit, form, digest in entry.body["files"]},
        )
        for entry in journal.entries(home, KIND, period_text(period) if period else None)
    ]  # fmt: skip


def decisions(home: Home, period: date, edition: int) -> dict[tuple[File, str], Approval]:
    """What was last decided of each file of an edition's packs, by its name and digest."""
    return {each: one for one in approvals(home, period) if one.edition == edition for each in one.files.items()}


def record(
    home: Home, period: date, edition: int, files: Mapping[File, str], by: str, reason: str, is_given: bool
) -> Approval:
    """Write an approval, or a withdrawal, into the journal."""
    listed: Sequence[tuple[str, ...]] = sorted((*file, digest) for file, digest in files.items())
    body = {"edition": edition, "given": is_given, "by": by, "reason": reason, "files": listed}
    entry = journal.append(home, KIND, period_text(period), body)
    return Approval(period, edition, entry.at, is_given, by, reason, files)
