"""Whether two patterns by which a month is withheld tell together what neither does."""

from __future__ import annotations

import pytest

from scorecards.patterns import KeptPattern, Pattern, can_be_subtracted, pattern_of

ONE = Pattern(frozenset("ab"), frozenset("abc"))


@pytest.mark.parametrize(
    ("wholes", "parts", "can_be"),
    [
        ("ab", "abc", False),
        ("a", "ab", False),
        ("abc", "abcd", False),
        ("ac", "abc", True),
        ("ab", "abd", True),
        ("abc", "ab", True),
        ("", "", False),
    ],
)
def test_of_two_patterns_one_must_withhold_all_that_the_other_does(wholes: str, parts: str, can_be: bool) -> None:
    other = Pattern(frozenset(wholes), frozenset(parts))
    told = KeptPattern("units", ONE.text()), KeptPattern("units", other.text())
    assert can_be_subtracted(*told) is can_be
    assert can_be_subtracted(*reversed(told)) is can_be


def test_what_units_hold_must_be_the_same() -> None:
    assert can_be_subtracted(KeptPattern("units", ONE.text()), KeptPattern("other units", ONE.text()))


def test_a_pattern_is_read_as_it_was_kept() -> None:
    assert pattern_of(ONE.text()) == ONE
