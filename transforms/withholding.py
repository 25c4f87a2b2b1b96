"""Which units' figures are withheld in one month, so that no small group's figure shows or can be computed.

Belongs here: the choice, on one tree. How large groups are is ``group_sizes.py``, what is withheld of a KPI
``small_groups.py``.

What is shown of a tree tells exactly this, and nothing else: for every unit that is shown, the sum over what it holds
beside the units shown below it, its *remainder*. Remainders have nothing in common, so every figure that can be
computed from sums is a sum of whole remainders. No small group's is where no remainder is a small group.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import frexp

from transforms.told_together import Atom, tells_of_few

Parts = Mapping[Atom, float]


def withheld(
    children: Mapping[str, Sequence[str]],
    own: Mapping[str, float | None],
    least: int,
    besides: Collection[str] = (),
    parts: Mapping[str, Parts] | None = None,
    *,
    twice: float = 0.0,
    before: Collection[str] = (),
) -> frozenset[str]:
    """The units whose figures are withheld: groups below ``least``, and others that would tell them by subtraction.

    ``children`` are the units directly below each. ``own`` has every unit that rows name, with the number of people in
    it, None where it is not known. Units in ``besides`` are withheld in any case. With ``parts``, the people that rows
    name by what is told of them, it is the figures of parts that are withheld, and those in ``besides`` are the units
    whose wholes are: what parts tell together with the wholes may not be a figure of few. The second group is the
    smallest beside the first, in steps of doubling and then by name, so that it seldom changes from month to month.
    Where people are in several units, ``twice`` says how often, and so by how much units together may hold fewer.
    Units in ``before`` were withheld before and stay so, whether their wholes are told or not.
    """
    tree = _Tree(children, own, least, besides, parts, twice=twice, before=before)
    below = {child for each in children.values() for child in each}
    for unit in sorted({*children, *own} - below):
        tree.settle(unit, None)
    return frozenset(tree.hidden)


@dataclass
class _Rest:
    """People that are told of as one; ``parts`` by the unit with whose whole they are told."""

    people: float = 0.0
    parts: dict[str | None, dict[Atom, float]] = field(default_factory=dict)
    is_empty: bool = True
    twice: float = 0.0
    largest: float = 0.0

    def take(self, people: float, whole: str | None, parts: Parts) -> None:
        self.is_empty = False
        self._add(people, people)
        found = self.parts.setdefault(whole, {})
        for atom, size in parts.items():
            found[atom] = max(found.get(atom, 0.0), size) if self.twice else found.get(atom, 0.0) + size

    def _add(self, people: float, largest: float) -> None:
        self.people += people
        self.largest = max(self.largest, largest)

    def join(self, other: _Rest) -> None:
        if not other.is_empty:
            self._add(other.people, other.largest)
            for whole, parts in other.parts.items():
                self.take(0.0, whole, parts)

    def may_be_told(self, least: int) -> bool:
        people = max(self.people - self.twice, self.largest)
        return self.is_empty or (people >= least and not tells_of_few(list(self.parts.values()), least, self.twice))


class _Tree:
    def __init__(
        self,
        children: Mapping[str, Sequence[str]],
        own: Mapping[str, float | None],
        least: int,
        besides: Collection[str],
        parts: Mapping[str, Parts] | None,
        *,
        twice: float,
        before: Collection[str],
    ) -> None:
        self.twice, self.before = twice, before
        self.children, self.own, self.least, self.besides, self.parts = children, own, least, besides, parts or {}
        self.hidden: set[str] = set()
        self.remainder: dict[str, _Rest] = {}
        self.shown_below: dict[str, list[str]] = {}
        self.size: dict[str, float] = {}

    def settle(self, unit: str, above: str | None) -> tuple[_Rest, list[str]]:
        """Decide on a unit and all below it; returns what is left for those above it to tell, and the highest shown.

        ``above`` is the nearest unit above it whose whole is told.
        """
        rest, shown = _Rest(twice=self.twice), list[str]()
        whole = above if unit in self.besides else unit
        if unit in self.own:
            rest.take(self.own[unit] or 0.0, whole, self.parts.get(unit, {}))
        self.size[unit] = rest.people
        for child in self.children.get(unit, ()):
            left, found = self.settle(child, whole)
            rest.join(left)
            shown += found
            self.size[unit] += self.size[child]
        if unit not in self.besides and unit not in self.before:
            while not rest.may_be_told(self.least) and any(self.size[each] for each in shown):
                self._hide_one(rest, shown)
            if rest.may_be_told(self.least):
                self.remainder[unit], self.shown_below[unit] = rest, shown
                return _Rest(twice=self.twice), [unit]
        self.hidden.add(unit)
        return rest, shown

    def _hide_one(self, rest: _Rest, shown: list[str]) -> None:
        """Withhold the smallest of the shown units, so that what it holds is told with the rest."""
        chosen = min((each for each in shown if self.size[each]), key=lambda each: (frexp(self.size[each])[1], each))
        shown.remove(chosen)
        self.hidden.add(chosen)
        rest.join(self.remainder.pop(chosen))
        shown += self.shown_below.pop(chosen)
