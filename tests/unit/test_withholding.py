"""Which units of one month are withheld, case by case."""

from __future__ import annotations

import random
from collections.abc import Mapping

from transforms.told_together import Atom
from transforms.withholding import withheld

TREE = {"company": ["north", "south"], "north": ["a", "b", "c"], "south": ["d", "e"]}


def hidden(least: int = 5, **sizes: float) -> set[str]:
    return set(withheld(TREE, sizes, least))


def by_gender(**sizes: tuple[float, float]) -> tuple[dict[str, float], dict[str, dict[Atom, float]]]:
    """Women and men of each unit, both told of: the people, and the people by part."""
    women, men = frozenset({(0, "=f")}), frozenset({(0, "=m")})
    return {unit: sum(two) for unit, two in sizes.items()}, {unit: {women: f, men: m} for unit, (f, m) in sizes.items()}


def test_nothing_is_withheld_where_all_groups_are_large() -> None:
    assert hidden(a=5, b=6, c=7, d=8, e=9) == set()


def test_a_small_group_takes_the_smallest_beside_it_along() -> None:
    assert hidden(a=4, b=30, c=8, d=8, e=9) == {"a", "c"}


def test_two_small_groups_hide_each_other_where_they_are_many_enough_together() -> None:
    assert hidden(a=3, b=3, c=8, d=8, e=9) == {"a", "b"}
    assert hidden(a=2, b=2, c=8, d=8, e=9) == {"a", "b", "c"}, "the two together are four"


def test_where_nothing_is_beside_it_the_unit_above_is_withheld_too_and_what_that_would_tell() -> None:
    found = set(withheld({"company": ["north", "south"], "north": ["a"]}, {"a": 3, "south": 20}, 5))
    assert found == {"a", "north", "south"}


def test_rows_that_name_a_unit_itself_are_a_group_beside_those_below() -> None:
    assert hidden(north=1, a=9, b=30, c=31, d=8, e=9) == {"a"}, "north less its three teams would be one person"
    assert hidden(north=6, a=9, b=30, c=31, d=8, e=9) == set()


def test_a_unit_with_rows_but_without_known_people_is_withheld() -> None:
    assert set(withheld(TREE, {"a": 9, "b": 9, "d": 9, "e": 9, "c": None}, 5)) == {"c", "a"}


def test_a_unit_without_rows_hides_nobody_and_needs_no_hiding() -> None:
    assert hidden(a=4, b=30, d=8, e=9) == {"a", "b"}, "c has nobody, so it cannot stand beside a"


def test_the_whole_is_withheld_where_it_is_small() -> None:
    assert hidden(a=1, d=2) == {"company", "north", "south", "a", "d"}


def test_a_small_part_withholds_the_parts_of_its_unit_and_of_one_beside_it() -> None:
    own, parts = by_gender(a=(8, 1), b=(10, 10), c=(20, 20), d=(10, 10))
    assert withheld(TREE, own, 5, parts=parts) == {"a", "b"}


def test_a_part_with_somebody_in_two_units_is_of_one_fewer() -> None:
    tree = {"company": ["north"]}
    own, parts = by_gender(company=(2, 10), north=(3, 10))
    assert withheld(tree, own, 5, parts=parts) == {"north"}
    assert withheld(tree, own, 5, parts=parts, twice=1) == {"company", "north"}, "the five women are four"
    own, parts = by_gender(company=(2, 10), north=(6, 10))
    assert withheld(tree, own, 5, parts=parts, twice=1) == {"north"}


def test_what_is_withheld_as_a_whole_is_withheld_in_parts() -> None:
    own, parts = by_gender(**dict.fromkeys("abcde", (10, 10)))
    assert withheld(TREE, own, 5, {"b"}, parts) == {"b"}


def test_parts_tell_nothing_of_few_together_with_the_wholes() -> None:
    own, parts = by_gender(a=(0, 6), b=(6, 1), c=(20, 20), d=(10, 10))
    assert withheld(TREE, own, 5) == set()
    assert withheld(TREE, own, 5, parts=parts) == {"a", "b", "c"}, "the men of a and b less a would be one man of b"


def test_the_second_group_stays_the_same_while_sizes_change_a_little() -> None:
    assert {frozenset(hidden(a=4, b=b, c=c, d=8, e=9)) for b in (8, 9, 10, 11) for c in (8, 9, 10, 11)} == {
        frozenset({"a", "b"})
    }


def fewest_told(twice_known: bool) -> int:
    """Of 3,000 worlds with persons in one unit or two: how few persons' rows any shown remainder is the sum of."""
    fewest = 99
    for seed in range(3000):
        chance = random.Random(seed)
        tree = {"top": ["a", "b"][: chance.randint(1, 2)]}
        tree |= {above: [f"{above}{n}" for n in range(chance.randint(0, 3))] for above in tree["top"]}
        units = sorted({"top", *(unit for each in tree.values() for unit in each)})
        persons: dict[str, set[int]] = {unit: set() for unit in units}
        share = chance.choice([0.5, 0.8, 1.0])
        for person in range(chance.randint(3, 30)):
            for unit in chance.sample(units, 1 if chance.random() < share else min(2, len(units))):
                persons[unit].add(person)
        own = {unit: float(len(found)) for unit, found in persons.items() if found}
        twice = sum(own.values()) - len(set().union(*persons.values()))
        hidden = withheld(tree, own, 5, twice=twice if twice_known else 0.0)
        told = [told_beside(tree, hidden, persons, unit) for unit in units if unit not in hidden]
        fewest = min([fewest, *(len(found) for found in told if found)])
    return fewest


def told_beside(
    tree: Mapping[str, list[str]], hidden: frozenset[str], persons: Mapping[str, set[int]], unit: str
) -> set[int]:
    """The persons of what a unit holds beside the shown units below it."""
    found = set(persons[unit])
    for child in tree.get(unit, []):
        found |= told_beside(tree, hidden, persons, child) if child in hidden else set()
    return found


def test_no_remainder_is_of_few_persons_where_some_are_in_two_units() -> None:
    assert fewest_told(twice_known=True) >= 5
    assert fewest_told(twice_known=False) < 5, "else the worlds are too easy"
