"""Rules about units: that each has its scorecard."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem
from scorecards.lint_facts import Facts, listed
from scorecards.lint_rule import rule


@rule(
    "note",
    "Units have no scorecard.",
    remedy="Widen units: of a scorecard, or say in rules_off why they need none.",
    source="Kaplan and Norton, The Strategy-Focused Organization (2001), part two",
)
def unit_without_scorecard(facts: Facts) -> Iterator[Problem]:
    """A unit that gets no pack cannot see how its work serves the strategy.

    That may be meant, for persons or for units that only hold others together; then say so.
    """
    tree = facts.tree
    covered = {unit for card in facts.cards.values() for unit in tree.select(card.units)}
    without = [unit for unit in tree.units if unit not in covered]
    if without and facts.cards:
        verb = "has" if len(without) == 1 else "have"
        yield Problem("units.csv", tree.units[without[0]].line, "id", f"{listed(without)} {verb} no scorecard.")
