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

People = Mapping[str, float]
WHOLE = ""


def withheld(
    children: Mapping[str, Sequence[str]], own: Mapping[str, People], least: int, besides: Collection[str] = ()
) -> frozenset[str]:
    """The units whose figures are withheld: groups below ``least``, and others that would tell them by subtraction.

    ``children`` are the units directly below each. ``own`` has every unit that rows name, with the people in them:
    all (``WHOLE``), and those of each part that is told of beside, none of which may be small either; a size that is
    not known is not there. Units in ``besides`` are withheld in any case. The second group is the smallest beside the
    first, in steps of doubling and then by name, so that it seldom changes from month to month.
    """
    tree = _Tree(children, own, least, besides)
    below = {child for each in children.values() for child in each}
    for unit in sorted({*children, *own} - below):
        tree.settle(unit)
    return frozenset(tree.hidden)


@dataclass
class _Rest:
    """People that are told of as one; ``is_empty`` where no row is of them."""

    people: dict[str, float] = field(default_factory=dict)
    is_empty: bool = True

    def take(self, people: People) -> None:
        self.is_empty = False
        for part, size in people.items():
            self.people[part] = self.people.get(part, 0) + size

    def join(self, other: _Rest) -> None:
        if not other.is_empty:
            self.take(other.people)

    def may_be_told(self, least: int) -> bool:
        parts = all(size == 0 or size >= least for size in self.people.values())
        return self.is_empty or (parts and self.people.get(WHOLE, 0) >= least)


class _Tree:
    def __init__(
        self, children: Mapping[str, Sequence[str]], own: Mapping[str, People], least: int, besides: Collection[str]
    ) -> None:
        self.children, self.own, self.least, self.besides = children, own, least, besides
        self.hidden: set[str] = set()
        self.remainder: dict[str, _Rest] = {}
        self.shown_below: dict[str, list[str]] = {}
        self.size: dict[str, float] = {}

    def settle(self, unit: str) -> tuple[_Rest, list[str]]:
        """Decide on a unit and all below it; returns what is left for those above it to tell, and the highest shown."""
        rest, shown = _Rest(), list[str]()
        if unit in self.own:
            rest.take(self.own[unit])
        self.size[unit] = rest.people.get(WHOLE, 0)
        for child in self.children.get(unit, ()):
            left, found = self.settle(child)
            rest.join(left)
            shown += found
            self.size[unit] += self.size[child]
        if unit not in self.besides:
            while not rest.may_be_told(self.least) and any(self.size[each] for each in shown):
                self._hide_one(rest, shown)
            if rest.may_be_told(self.least):
                self.remainder[unit], self.shown_below[unit] = rest, shown
                return _Rest(), [unit]
        self.hidden.add(unit)
        return rest, shown

    def _hide_one(self, rest: _Rest, shown: list[str]) -> None:
        """Withhold the smallest of the shown units, so that what it holds is told with the rest."""
        chosen = min((each for each in shown if self.size[each]), key=lambda each: (frexp(self.size[each])[1], each))
        shown.remove(chosen)
        self.hidden.add(chosen)
        rest.join(self.remainder.pop(chosen))
        shown += self.shown_below.pop(chosen)
