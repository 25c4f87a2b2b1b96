"""Rules about proportion: how much stands on one scorecard, and how its weight is divided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from scorecards.errors import Problem
from scorecards.lint_facts import Facts
from scorecards.lint_rule import rule
from scorecards.lint_strategy import BOOK
from scorecards.tables import DatedWeight

MOST_OBJECTIVES = 25
MOST_KPIS = 40
_LEAST_OF_EQUAL = 0.5


@rule(
    "warning",
    f"A scorecard has more than {MOST_OBJECTIVES} objectives.",
    remedy="Keep those on which the strategy stands; put the rest on the scorecards of the units that run them.",
    source="Kaplan and Norton, The Strategy-Focused Organization (2001): 20 to 25 measures",
)
def too_many_objectives(facts: Facts) -> Iterator[Problem]:
    """A strategy is a choice.

    Where everything is an objective nothing is, and no reader keeps more than two dozen in mind. Objectives that
    are parts of another do not count.
    """
    for card_id, card in facts.cards.items():
        count = sum(objective.part_of is None for objective in card.objectives.values())
        if count > MOST_OBJECTIVES:
            yield facts.in_strategy(("scorecards", card_id, "objectives"), f"are {count}, on one scorecard.")


@rule(
    "warning",
    f"A unit's scorecard shows more than {MOST_KPIS} KPIs.",
    remedy="Keep the few that decide; with applies_to the others stay with the units that act on them.",
    source="Kaplan and Norton, The Strategy-Focused Organization (2001): 20 to 25 measures",
)
def too_many_kpis(facts: Facts) -> Iterator[Problem]:
    """Attention is what a scorecard spends.

    A page with more KPIs than can be read in a meeting is a database: nobody sees the two that matter this month.
    """
    counts = Counter((use.card_id, unit) for use in facts.uses for unit in use.units)
    for card_id in facts.cards:
        most = max(((count, unit) for (card, unit), count in counts.items() if card == card_id), default=(0, ""))
        if most[0] > MOST_KPIS:
            message = f"shows {most[0]} KPIs on the page of '{most[1]}'."
            yield facts.in_strategy(("scorecards", card_id), message)


@rule(
    "warning",
    "Weights hide a perspective.",
    remedy="Bring the weights nearer to each other, or move the bound in scorecard.yaml: balance.most_weight.",
    source=f"{BOOK}, chapter 2; OECD and JRC, Handbook on Constructing Composite Indicators (2008), step 6",
)
def weights_hide_a_perspective(facts: Facts) -> Iterator[Problem]:
    """The scorecard is then balanced in name only.

    A perspective with less than half of an equal share can be red for a year without the overall score showing it;
    one with more than `balance.most_weight` decides alone.
    """
    most = facts.project.organisation.balance.most_weight
    told: set[tuple[object, ...]] = set()
    for card_id, weights, line in _divisions(facts):
        total, equal = sum(weights.values()), 1 / len(weights)
        for name, weight in weights.items():
            share = weight / total
            is_hidden, is_ruler = share < equal * _LEAST_OF_EQUAL, share > most + 1e-9
            if len(weights) < 2 or not (is_hidden or is_ruler) or (card_id, name, share) in told:
                continue
            told.add((card_id, name, share))
            than = f"less than half of an equal share ({equal:.0%})" if is_hidden else f"more than {most:.0%}"
            message = f"'{name}' carries {share:.0%} of the weight, {than}."
            if line:
                yield Problem("weights.csv", line, "weight", f"{message[:-1]} of '{card_id}'.")
            else:
                yield facts.in_strategy(("scorecards", card_id, "weights", name), message)


def _divisions(facts: Facts) -> Iterator[tuple[str, Mapping[str, float], int]]:
    """Every division of weight that is declared, with the line of ``weights.csv`` that begins it; 0 for the base."""
    for card_id, card in facts.cards.items():
        used = {objective.perspective for objective in card.objectives.values()}
        base = {name: card.weights.get(name, 1.0) for name in facts.perspectives(card) if name in used}
        if not base:
            continue
        yield card_id, base, 0
        rows = [
            row
            for row in facts.project.weights
            if row.level == "perspective" and row.node in base and row.scorecard in (None, card_id)
        ]
        for row in rows:
            yield card_id, base | _in_force(rows, row.unit, row.effective_from), row.line


def _in_force(rows: list[DatedWeight], unit: str | None, day: date) -> dict[str, float]:
    """The weights of the rows on a day: a unit's own win over those for every unit, later ones over earlier."""
    known = [row for row in rows if row.unit in (None, unit) and row.effective_from <= day]
    return {row.node: row.weight for row in sorted(known, key=lambda row: (row.unit is not None, row.effective_from))}
