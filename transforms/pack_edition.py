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
    """The number of an edition (1 the original), why it was published again, and what is other than in the last.

    ``is_own_other`` where a person's own figures, which only this pack shows, are other than in the last;
    ``is_beside_other`` where figures of earlier months are, with which it compares its own.
    """

    number: int
    reason: str
    rows: tuple[EditionRow, ...]
    is_own_other: bool = False
    is_beside_other: bool = False

    @property
    def changes(self) -> int:
        """How many figures are known to be other; those whose former values are not kept count as one."""
        return len(self.rows) + (self.is_own_other or self.is_beside_other)
