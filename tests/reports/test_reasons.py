"""Every typed reason for a missing value has words of its own on the page."""

from __future__ import annotations

import pytest

from report_templates.language import ENGLISH
from report_templates.reasons import reason_words
from transforms import kpis, movement, rate_and_mix, roll_up, scored

REASONS = {
    value
    for module in (kpis, roll_up, scored)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str) and value.islower()
} | {movement.NOT_SCORED, movement.NOT_SCORED_THEN, rate_and_mix.NO_VALUE, rate_and_mix.NO_EARLIER_VALUE}


def test_the_reasons_are_found() -> None:
    assert {"no_data", "division_by_zero", "coverage_below_minimum", "no_target"} <= REASONS


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_reason_is_told_in_words_and_not_as_it_is_spelt(reason: str) -> None:
    assert reason_words(reason, ENGLISH) != reason.replace("_", " ")
