"""Of which units figures about people are withheld in one month, and what two such patterns tell together.

Whoever has both can subtract what one shows from what the other shows. So one of them must show nothing that the other
does not: then both together tell what that other tells alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_


@dataclass(frozen=True)
class Pattern:
    """The units of which a group's figures are withheld in one month: of its whole, and of parts of it."""

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

    def text(self) -> str:
        """The pattern as it is kept; equal patterns have equal texts."""
        return json.dumps([sorted(self.wholes), sorted(self.parts)], ensure_ascii=False)


def pattern_of(text: str) -> Pattern:
    """The pattern of a text (``Pattern.text``)."""
    return Pattern(*map(frozenset, json.loads(text)))


@dataclass(frozen=True)
class Published:
    """A pattern by which a month was published, and the units that held other ones then than they do now.

    Units that are not there any more are among them, and units that were not there yet.
    """

    pattern: Pattern
    moved: frozenset[str] = frozenset()

    def of(self, units: Collection[str]) -> Pattern:
        """What was withheld of these units; what has moved since was told by what it was."""
        return (self.pattern | Pattern(self.moved, self.moved)).of(units)

    def stands_beside(self, now: Pattern, units: Collection[str]) -> bool:
        """Whether what another pattern shows of these units today is no more than this one showed, or no less."""
        seen, then = now.of(units), self.of(units)
        return seen.covers(then) or (then.covers(seen) and not self.moved)


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
    if all(one.stands_beside(found, units) for one in published):
        return found
    return find(reduce(or_, (one.of(units) for one in published)))


@dataclass(frozen=True)
class KeptPattern:
    """A pattern as it is kept: the digest of the month's units, and the pattern's text."""

    units: str
    text: str


def can_be_subtracted(one: KeptPattern, other: KeptPattern) -> bool:
    """Whether what is told of a month in two ways may tell together what neither of them does."""
    if one.units != other.units:
        return True
    first, second = pattern_of(one.text), pattern_of(other.text)
    return not first.covers(second) and not second.covers(first)
