"""Rules about the strategy map: that its arrows connect every objective, run upwards, and end somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scorecards.errors import Problem
from scorecards.lint_facts import Facts
from scorecards.lint_rule import rule
from scorecards.strategy import Scorecard

_BOOK = "Kaplan and Norton, Strategy Maps (2004)"


@rule(
    "warning",
    "An objective stands off the map: nothing supports it, or it supports nothing.",
    remedy="Draw the arrow with leads_to:, or ask whether the objective belongs to this strategy.",
    source=f"{_BOOK}, chapter 2; SMART, as mostly read today: relevant",
)
def objective_off_the_map(facts: Facts) -> Iterator[Problem]:
    """The map is the hypothesis of the strategy: what drives what.

    An objective that leads to no other has no reason to be there; one that nothing leads to has nobody who brings
    it about. Results at the top lead nowhere, and foundations at the bottom rest on nothing: the first and the last
    perspective with objectives are excepted, each in its way. An objective that is part of another shares the
    other's arrows; serving a parent's objective counts as leading to it.
    """
    for card_id, card in facts.cards.items():
        links = _links(card)
        used = [name for name in facts.perspectives(card) if name in _perspectives_used(card)]
        if len(links) < 2:
            continue
        if not any(links.values()):
            yield facts.in_strategy(
                ("scorecards", card_id, "objectives"), "have no arrow between them: there is no map."
            )
            continue
        led_to = {name for names in links.values() for name in names}
        for name, targets in links.items():
            objective = card.objectives[name]
            is_top, is_bottom = objective.perspective == used[0], objective.perspective == used[-1]
            serves = any(card.objectives[part].supports for part in [name, *card.parts_of(name)])
            path = ("scorecards", card_id, "objectives", name)
            if not targets and not serves and not is_top:
                yield facts.in_strategy(path, "supports no other objective.")
            if name not in led_to and not is_bottom:
                yield facts.in_strategy(path, "is supported by no other objective.")


def _perspectives_used(card: Scorecard) -> set[str]:
    return {objective.perspective for objective in card.objectives.values()}


def _links(card: Scorecard) -> dict[str, list[str]]:
    """For every objective that is part of no other: those that it, or one of its parts, leads to."""
    links: dict[str, list[str]] = {name: [] for name in card.objectives if _whole(card, name) == name}
    for name, objective in card.objectives.items():
        here = _whole(card, name)
        for other in objective.leads_to:
            there = _whole(card, other)
            if there != here and here in links and there in links and there not in links[here]:
                links[here].append(there)
    return links


def _whole(card: Scorecard, name: str) -> str:
    """The objective that this one is finally part of; itself where it is part of none, or runs in a circle."""
    path = [name]
    while path[-1] in card.objectives:
        above = card.objectives[path[-1]].part_of
        if above is None or above in path or above not in card.objectives:
            break
        path.append(above)
    return path[-1]


@rule(
    "warning",
    "The map runs upstream.",
    remedy="Turn the arrow round, or move one of the two objectives to another perspective.",
    source=f"{_BOOK}, chapter 2: learning and growth drives processes, these customers, these finance",
)
def map_runs_upstream(facts: Facts) -> Iterator[Problem]:
    """Perspectives are declared from the top of the page down, results first.

    Causes stand below what they cause, so that an arrow runs upwards or stays at its level. One that runs down
    claims that the result brings about its cause.
    """
    for card_id, card, objective_id, objective in facts.objectives():
        order = list(facts.perspectives(card))
        for other_id in objective.leads_to:
            here, there = objective.perspective, getattr(card.objectives.get(other_id), "perspective", None)
            if here in order and there in order and order.index(there) > order.index(here):
                message = f"'{here}' stands above '{there}', where '{other_id}' is: the arrow runs down."
                yield facts.in_strategy(("scorecards", card_id, "objectives", objective_id, "leads_to"), message)


@rule(
    "error",
    "The map runs in a circle.",
    remedy="Take out the arrow that is the weakest claim.",
    source="Nørreklit, Management Accounting Research 11/1 (2000): a cause comes before its effect",
)
def map_in_circles(facts: Facts) -> Iterator[Problem]:
    """If each objective brings about the next and the last the first, none of them is a place to begin.

    No evidence can speak for or against such a chain, since every link is cause and effect at once.
    """
    for card_id, card in facts.cards.items():
        links = {
            name: [o for o in objective.leads_to if o in card.objectives] for name, objective in card.objectives.items()
        }
        for circle in _circles(links):
            path = ("scorecards", card_id, "objectives", circle[-1], "leads_to")
            yield facts.in_strategy(path, f"the map runs in a circle: {' → '.join([*circle, circle[0]])}.")


def _circles(links: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """One circle for every arrow that closes one in a walk from the first objective on, without the repeated end."""
    done: set[str] = set()
    for start in links:
        path: list[str] = []
        walks = [iter([start])]
        while walks:
            step = next(walks[-1], None)
            if step is None:
                walks.pop()
                if path:
                    done.add(path.pop())
            elif step in path:
                yield path[path.index(step) :]
            elif step not in done:
                path.append(step)
                walks.append(iter(links.get(step, [])))
