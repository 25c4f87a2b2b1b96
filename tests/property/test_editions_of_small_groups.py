"""Whoever keeps all editions of a month computes no small group's figure that the earlier ones did not tell already.

People are counted anew from edition to edition or as once before, units move, and a unit over others comes and goes,
while the figures of the units stand: so what one edition shows can be subtracted from what another shows. There are
rows of each unit's women and men in each, but for the unit that comes and goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.patterns import Pattern, Published, settled
from tests.linear import Numbers, is_in_span, reduced
from transforms.group_sizes import NOBODY_KNOWN
from transforms.told_together import Atom
from transforms.withholding import withheld

LEAST = 3
ABOVE = "x"
NAMES = [*(f"u{number}" for number in range(7)), ABOVE]
WOMEN, MEN = frozenset({(0, "=f")}), frozenset({(0, "=m")})
People = Mapping[tuple[str, Atom], int]


@dataclass(frozen=True)
class Counted:
    """The units of an edition, each with the one above it, and how many women and men are in each."""

    parents: Mapping[str, str]
    people: People

    @property
    def units(self) -> list[str]:
        return ["u0", *self.parents]

    def holds(self, unit: str) -> set[str]:
        """A unit with all below it."""
        return {one for one in self.units if unit in (one, *_above(self.parents, one))}

    def pattern(self, before: Pattern) -> Pattern:
        """What is withheld by these counts, and of what was withheld before all."""
        children: dict[str, list[str]] = {}
        for unit, above in self.parents.items():
            children.setdefault(above, []).append(unit)
        named = [unit for unit in self.units if unit != ABOVE]
        parts = {unit: {part: self.people[unit, part] or NOBODY_KNOWN for part in (WOMEN, MEN)} for unit in named}
        own = {unit: float(sum(sizes.values())) for unit, sizes in parts.items()}
        wholes = withheld(children, own, LEAST, before=before.wholes)
        return Pattern(wholes, withheld(children, own, LEAST, wholes, parts, before=before.parts))


def _above(parents: Mapping[str, str], unit: str) -> Iterable[str]:
    while unit in parents:
        unit = parents[unit]
        yield unit


@st.composite
def histories(draw: st.DrawFn) -> list[Counted]:
    """Up to four editions of three to seven units; in most the people change, in some a unit moves, comes or goes."""
    names = NAMES[: draw(st.integers(3, 7))]
    parents = {name: names[draw(st.integers(0, number))] for number, name in enumerate(names[1:])}
    people = {(name, part): draw(st.integers(0, 4)) for name in names for part in (WOMEN, MEN)}
    found = [Counted(parents, people)]
    for _ in range(draw(st.integers(1, 3))):
        changed = draw(st.lists(st.sampled_from(sorted(people, key=str)), max_size=3))
        people = people | {one: draw(st.integers(0, 4)) for one in changed}
        if draw(st.integers(0, 3)) == 0:
            mover = draw(st.sampled_from(names[1:]))
            free = [name for name in names if name not in found[-1].holds(mover)]
            parents = parents | {mover: draw(st.sampled_from(free))}
        # What was counted before comes back where a delivery is withdrawn, or counts again.
        back = draw(st.integers(0, 3)) == 0
        found.append(draw(st.sampled_from(found)) if back else Counted(parents, people))
    return [draw(st.sampled_from([one, one, _with_another(draw, one)])) for one in found]


def _with_another(draw: st.DrawFn, edition: Counted) -> Counted:
    """The same with one more unit between a unit and some of those below it."""
    above = draw(st.sampled_from(edition.units))
    below = [unit for unit, parent in edition.parents.items() if parent == above]
    taken = draw(st.lists(st.sampled_from(below), unique=True)) if below else []
    return Counted(dict(edition.parents) | dict.fromkeys(taken, ABOVE) | {ABOVE: above}, edition.people)


@settings(max_examples=600, deadline=None)
@given(histories())
def test_no_small_group_is_recovered_from_all_editions_of_a_month(history: list[Counted]) -> None:
    editions: list[tuple[Counted, Pattern]] = []
    vectors: list[Numbers] = []
    for now in history:
        known = reduced(np.array(vectors, dtype=np.int64).reshape(-1, 2 * len(NAMES)))
        pattern = _published_beside(now, editions)
        assert _published_beside(now, [*editions, (now, pattern)]) == pattern, "computed again, it is the same"
        vectors += _told(now, pattern)
        both = reduced(np.array(vectors, dtype=np.int64).reshape(-1, 2 * len(NAMES)))
        for what, wanted in _small(now):
            if not is_in_span(known, wanted):
                assert not is_in_span(both, wanted), f"{what} can be computed"
        editions.append((now, pattern))


@given(histories())
def test_what_no_edition_withheld_is_shown_wherever_counts_allow_it(history: list[Counted]) -> None:
    first, second = history[0], history[1]
    before = first.pattern(Pattern())
    alone = second.pattern(Pattern())
    if first.parents == second.parents and before.covers(alone):
        assert settled(second.pattern, [Published(before)], second.units) == alone


def _published_beside(now: Counted, editions: Sequence[tuple[Counted, Pattern]]) -> Pattern:
    before = []
    for then, pattern in editions:
        shared = set(now.units) & set(then.units)
        held = {unit: (now.holds(unit) ^ then.holds(unit)) & shared for unit in shared}
        moved = frozenset({unit for unit, others in held.items() if others} | set(now.units) ^ set(then.units))
        before.append(Published(pattern, moved))
    return settled(now.pattern, before, now.units)


def _vector(units: Iterable[str], parts: Sequence[Atom]) -> Numbers:
    vector = np.zeros(2 * len(NAMES), dtype=np.int64)
    for unit in set(units) - {ABOVE}:
        for part in parts:
            vector[2 * NAMES.index(unit) + (part is MEN)] = 1
    return vector


def _told(now: Counted, pattern: Pattern) -> list[Numbers]:
    wholes = [_vector(now.holds(unit), (WOMEN, MEN)) for unit in now.units if unit not in pattern.wholes]
    shown = [unit for unit in now.units if unit not in pattern.parts]
    return wholes + [_vector(now.holds(unit), (part,)) for unit in shown for part in (WOMEN, MEN)]


def _small(now: Counted) -> Iterable[tuple[str, Numbers]]:
    ways: dict[str, Callable[[str], set[str]]] = {"": now.holds, " alone": lambda unit: {unit}}
    for unit in now.units:
        for how, held in ways.items():
            for parts in ((WOMEN, MEN), (WOMEN,), (MEN,)):
                size = sum(now.people[one, part] for one in held(unit) - {ABOVE} for part in parts)
                if size < LEAST and held(unit) - {ABOVE}:
                    yield f"{unit}{how}, {len(parts)} parts", _vector(held(unit), parts)
