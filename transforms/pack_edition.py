"""The part of a pack that says which edition it is, and what that says otherwise than the one before it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EditionRow:
    """One figure that the edition before gave otherwise: a KPI's value (level ``value``), or a score.

    ``because`` names the causes; ``loads`` the deliveries behind a change of data, each with the day it became known.
    """

    level: str
    node: str
    before: float | None
    after: float | None
    because: tuple[str, ...]
    loads: tuple[str, ...]


@dataclass(frozen=True)
class EditionNote:
    """The number of an edition (1 the original), why it was published again, and what is other than in the last."""

    number: int
    reason: str
    rows: tuple[EditionRow, ...]
