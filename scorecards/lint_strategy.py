"""Rules about a scorecard's content: objectives that are measured, perspectives that count, links to the parent."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem
from scorecards.lint_facts import Facts, listed
from scorecards.lint_rule import rule
from scorecards.strategy import Scorecard

BOOK = "Kaplan and Norton, The Balanced Scorecard (1996)"


@rule(
    "warning",
    "An objective has no KPI.",
    remedy="Name a KPI under it, or expect it grey on the map.",
    source=f"{BOOK}, chapter 7",
)
def objective_without_kpi(facts: Facts) -> Iterator[Problem]:
    """What is not measured cannot be scored: the objective stays a wish, and nobody sees whether it is reached.

    An objective that has others as its parts is measured by those.
    """
    for card_id, card, objective_id, objective in facts.objectives():
        if not objective.kpis and not card.parts_of(objective_id) and objective.roll_up.kpi is None:
            yield facts.in_strategy(("scorecards", card_id, "objectives", objective_id), "has no KPI.")


@rule(
    "warning",
    "A perspective has no objective.",
    remedy="Give it an objective, or leave the perspective out of this scorecard.",
    source=f"{BOOK}, chapter 2",
)
def perspective_without_objective(facts: Facts) -> Iterator[Problem]:
    """The scorecard is balanced because it looks from several sides at once.

    A side that is declared and empty is a side that nobody looks from, and its weight silently goes to the others.
    """
    for card_id, card in facts.cards.items():
        for perspective in _empty(facts, card):
            path = ("scorecards", card_id, "perspectives", perspective)
            yield facts.in_strategy(path, f"'{perspective}' has no objective on this scorecard.")


def _empty(facts: Facts, card: Scorecard) -> list[str]:
    used = {objective.perspective for objective in card.objectives.values()}
    return [name for name in facts.perspectives(card) if name not in used]


@rule(
    "warning",
    "A perspective has no leading KPI.",
    remedy="Mark a KPI that tells early what will follow as leading: true, or find one.",
    source=f"{BOOK}, chapter 7: outcomes (lagging) need performance drivers (leading), and the reverse",
)
def perspective_without_leading_kpi(facts: Facts) -> Iterator[Problem]:
    """A lagging KPI tells what happened when it is too late to act.

    Beside it belongs one that moves first. The top perspective, where results arrive, is let off where objectives
    with leading KPIs lead to it on the map.
    """
    leading = {(use.card_id, use.objective_id) for use in facts.uses if use.kpi.leading}
    for card_id, card in facts.cards.items():
        used = {objective.perspective for objective in card.objectives.values()}
        top = next((name for name in facts.perspectives(card) if name in used), "")
        for perspective in facts.perspectives(card):
            own = [name for name, objective in card.objectives.items() if objective.perspective == perspective]
            has_kpis = any(card.objectives[name].kpis for name in own)
            drivers = {
                name
                for name, objective in card.objectives.items()
                if perspective == top and objective.perspective != top and set(objective.leads_to) & set(own)
            }
            if has_kpis and not any((card_id, name) in leading for name in {*own, *drivers}):
                path = ("scorecards", card_id, "perspectives", perspective)
                yield facts.in_strategy(path, f"'{perspective}' has lagging KPIs only.")


@rule(
    "warning",
    "A scorecard has a parent but supports none of its objectives.",
    remedy="Say with supports: which objectives of the parent these serve, or leave out parent:.",
    source="Kaplan and Norton, Alignment (2006)",
)
def scorecard_without_cascade(facts: Facts) -> Iterator[Problem]:
    """The cascade is the line of sight from a team's numbers to the strategy.

    A scorecard below another one whose objectives serve none of the parent's is a list of local wishes.
    """
    for card_id, card in facts.cards.items():
        if card.parent and not any(objective.supports for objective in card.objectives.values()):
            message = f"no objective supports one of {listed(card.parent)}."
            yield facts.in_strategy(("scorecards", card_id, "parent"), message)
