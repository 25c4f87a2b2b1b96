"""What sums over parts of people tell together, against a search through all combinations of a few small numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.told_together import Atom, tells_of_few

LEAST = 5


def atoms(**sizes: float) -> dict[Atom, float]:
    """People by the sums that they count into, each a letter."""
    return {frozenset((0, letter) for letter in name.strip("_")): size for name, size in sizes.items()}


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (atoms(_=9, w=9), False),
        (atoms(_=9, w=4), True),
        (atoms(_=9, w=6, wa=2), True),
        (atoms(_=9, w=5, wa=5), False),
        (atoms(w=3, a=3, wa=3, _=3), False),
        (atoms(w=6, a=1, _=6), True),
        (atoms(w=6, a=6), False),
        (atoms(w=2, _=0), False),
    ],
)
def test_a_group_is_told_of_where_a_combination_of_sums_leaves_few(people: dict[Atom, float], told: bool) -> None:
    assert tells_of_few([people], LEAST) is told


def test_wholes_that_are_told_tell_together_with_the_parts() -> None:
    assert not tells_of_few([atoms(m=6, w=7)], LEAST)
    assert tells_of_few([atoms(m=5), atoms(m=1, w=7)], LEAST), "the men of both, less the whole that has men only"
    assert not tells_of_few([atoms(m=5), atoms(w=7)], LEAST), "the wholes tell it already"


def test_more_kinds_of_people_than_can_be_searched_are_on_the_safe_side() -> None:
    few = {frozenset({(0, f"={letter}")}): 2.0 for letter in "abcdefghij"}
    assert tells_of_few([few], LEAST)
    assert not tells_of_few([dict.fromkeys(few, 6.0)], LEAST)


WHOLES = st.lists(
    st.dictionaries(st.sampled_from([frozenset({(0, c) for c in word}) for word in ("", "w", "a", "wa", "b")]),
                    st.integers(0, 6), min_size=1, max_size=4),
    min_size=1, max_size=2,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(WHOLES)
def test_the_answer_is_that_of_a_search_through_all_combinations(wholes: Sequence[dict[Atom, int]]) -> None:
    assert tells_of_few(wholes, LEAST) == _search(wholes)


def _search(wholes: Sequence[dict[Atom, int]]) -> bool:
    """Whether some combination of sums with small whole factors, and of wholes, leaves one to four people."""
    sums = sorted({item for whole in wholes for atom in whole for item in atom})
    for factors in product(range(-2, 3), repeat=len(sums)):
        numbers = dict(zip(sums, factors, strict=True))
        left = 0
        for whole in wholes:
            by_number: dict[int, int] = {}
            for atom, size in whole.items():
                number = sum(numbers[item] for item in atom)
                by_number[number] = by_number.get(number, 0) + size
            left += sum(by_number.values()) - max(by_number.values(), default=0)
        if 0 < left < LEAST:
            return True
    return False
