"""Which units a month's figures are withheld of, beside what has been published of the month before.

Belongs here: two patterns of one month. Whoever has both can subtract what one shows from what the other shows. So one
of them must show nothing that the other does not: then both together tell what that other tells alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

PATTERNS = ("wholes", "parts")
"""What is withheld of a unit: the figures of its whole group, or those of parts of it."""


@dataclass(frozen=True)
class Pattern:
    """The units of which a group's figures are withheld in one month: of its whole, and of its parts."""

    wholes: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    def __or__(self, other: Pattern) -> Pattern:
        return Pattern(self.wholes | other.wholes, self.parts | other.parts)

    def covers(self, other: Pattern) -> bool:
        """Whether it withholds whatever another one does."""
        return self.wholes >= other.wholes and self.parts >= other.parts

    def of(self, units: Collection[str]) -> Pattern:
        """What it withholds of these units."""
        return Pattern(self.wholes.intersection(units), self.parts.intersection(units))


@dataclass(frozen=True)
class Published:
    """A pattern by which a month was published, and the units that held other ones then than they do now."""

    pattern: Pattern
    moved: frozenset[str] = frozenset()


PublishedBefore = Mapping[tuple[str, date], Sequence[Published]]
"""What was published of a group, by its name in words, in a month."""


def settled(find: Callable[[Pattern], Pattern], published: Sequence[Published], units: Collection[str]) -> Pattern:
    """The pattern of a month beside those by which it was published.

    ``find`` gives the pattern that withholds at least another one, ``units`` are those that patterns are compared of:
    a person is withheld by each. It is the one that data ask for where it shows no less than every published one, or
    no more; else all that was withheld before stays withheld. What units hold that have moved since was told by what
    they were: so they are withheld too.
    """
    found = find(Pattern())
    before = [one.pattern.of(units) | Pattern(one.moved, one.moved) for one in published]
    seen = found.of(units)
    if all(
        seen.covers(one) or (one.covers(seen) and not each.moved) for one, each in zip(before, published, strict=True)
    ):
        return found
    return find(_all_of(before))


def _all_of(patterns: Sequence[Pattern]) -> Pattern:
    found = Pattern()
    for one in patterns:
        found |= one
    return found
