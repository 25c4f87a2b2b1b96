"""What was promised: the initiatives and actions that a unit's pack shows.

A unit shows its own and those of the units below it, so that the top sees what is being done anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from scorecards.project import Project
from scorecards.strategy import Initiative, Scorecard
from scorecards.tables import Action
from scorecards.units import UnitTree
from transforms.pack import ActionRow, InitiativeRow, SeenEffect

_BEHIND = 0.1


def initiatives(
    project: Project,
    tree: UnitTree,
    card: Scorecard,
    unit: str,
    period: date,
    effects: Mapping[str, tuple[SeenEffect, ...]] = MappingProxyType({}),
) -> Iterator[InitiativeRow]:
    """Initiatives that have begun by the end of the period and serve an objective of the scorecard.

    ``effects`` are those of ``seen_effects.py``, by initiative.
    """
    end = project.calendar.last_day(period)
    for initiative_id, initiative in project.strategy.initiatives.items():
        names = tuple(card.objectives[name].name for name in initiative.objectives if name in card.objectives)
        owner_unit = initiative.unit or tree.tops[0]
        if not names or unit not in tree.ancestors(owner_unit) or (initiative.start and initiative.start > end):
            continue
        elapsed = _elapsed(initiative, end)
        yield InitiativeRow(
            initiative.name + _below(tree, unit, owner_unit),
            names,
            initiative.owner,
            initiative.start,
            initiative.due,
            initiative.status,
            initiative.progress,
            elapsed,
            _is_late(initiative, elapsed),
            initiative.budget,
            initiative.spent,
            initiative.expected,
            initiative_id,
            effects.get(initiative_id, ()),
        )


def actions(project: Project, tree: UnitTree, card: Scorecard, unit: str, period: date) -> Iterator[ActionRow]:
    """Actions for objectives of the scorecard that are open, or were closed in the period."""
    first, end = project.calendar.first_day(period), project.calendar.last_day(period)
    for action in project.actions:
        objective = card.objectives.get(action.objective)
        if objective is None or unit not in tree.ancestors(action.unit):
            continue
        if action.closed_on and action.closed_on < first:
            continue
        is_open = action.closed_on is None or action.closed_on > end
        yield ActionRow(
            action.action + _below(tree, unit, action.unit),
            objective.name,
            action.owner,
            action.due,
            _state(action, is_open),
            is_open and action.due is not None and action.due <= end,
        )


def _state(action: Action, is_open: bool) -> str:
    """Its declared word, which is today's; of a month before that of its closing it does not hold, nor open after."""
    if is_open:
        return (action.status or "open") if action.closed_on is None else "open"
    return action.status if action.status not in ("", "open") else "closed"


def _below(tree: UnitTree, unit: str, owner: str) -> str:
    return "" if owner == unit else f" ({tree.units[owner].name})"


def _elapsed(initiative: Initiative, end: date) -> float | None:
    """The share of the initiative's time that has passed, 0 to 1; None without both days."""
    if not (initiative.start and initiative.due and initiative.due > initiative.start):
        return None
    return min(max((end - initiative.start) / (initiative.due - initiative.start), 0.0), 1.0)


def _is_late(initiative: Initiative, elapsed: float | None) -> bool:
    """Late by its own word, past its due day, or more than a tenth behind the time that has passed."""
    if initiative.status == "done":
        return False
    trails = elapsed is not None and (initiative.progress < elapsed - _BEHIND or elapsed >= 1)
    return initiative.status == "late" or trails
