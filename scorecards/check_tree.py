"""Rules about the tree of one scorecard: objectives that are part of others, and nodes that one KPI scores."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem, did_you_mean
from scorecards.project import Project
from scorecards.roll_up import NodeRollUp
from scorecards.strategy import Scorecard


def check_tree(project: Project, scorecard_id: str) -> Iterator[Problem]:
    """Problems of ``part_of`` and ``roll_up`` on one scorecard."""
    card, place = project.strategy.scorecards[scorecard_id], project.places["strategy.yaml"]
    base = ("scorecards", scorecard_id)
    told: set[str] = set()
    for objective_id, objective in card.objectives.items():
        at = (*base, "objectives", objective_id, "part_of")
        above = objective.part_of
        if above is None:
            continue
        others = [name for name in card.objectives if name != objective_id]
        if above not in others:
            message = f"'{above}' is not another objective of this scorecard."
            yield place.problem(at, message, did_you_mean(above, others))
            told.add(objective_id)
            continue
        if card.objectives[above].perspective != objective.perspective:
            message = f"'{above}' stands in the perspective '{card.objectives[above].perspective}'"
            remedy = "Give both one perspective."
            yield place.problem(at, f"{message}, this objective in '{objective.perspective}'.", remedy)
        circle = _circle(card, objective_id)
        if circle and objective_id not in told:
            told.update(circle)
            names = " is part of ".join([*circle, circle[0]])
            yield place.problem(at, f"runs in a circle: {names}.", "Take one 'part_of' out.")
    if not told:
        yield from _self_standing(project, scorecard_id)


def _circle(card: Scorecard, objective_id: str) -> list[str]:
    """The objectives of the circle that this one is in; empty when it is in none."""
    path, current = [objective_id], card.objectives[objective_id].part_of
    while current in card.objectives and current not in path:
        path.append(current)
        current = card.objectives[current].part_of
    return path if current == objective_id else []


def _self_standing(project: Project, scorecard_id: str) -> Iterator[Problem]:
    """A node that one KPI scores must have that KPI below it, and the KPI must be scored."""
    card, place = project.strategy.scorecards[scorecard_id], project.places["strategy.yaml"]
    base = ("scorecards", scorecard_id)
    every = [kpi_id for objective in card.objectives.values() for kpi_id in objective.kpis]
    nodes: list[tuple[tuple[str, ...], NodeRollUp, list[str], str]] = [((*base, "roll_up"), card.roll_up, every, "")]
    for name, perspective in (card.perspectives or project.organisation.perspectives).items():
        below = [k for o in card.objectives.values() if o.perspective == name for k in o.kpis]
        if card.perspectives:
            nodes.append(((*base, "perspectives", name, "roll_up"), perspective.roll_up, below, ""))
        else:
            nodes.append((("perspectives", name, "roll_up"), perspective.roll_up, below, "scorecard.yaml"))
    for name, objective in card.objectives.items():
        nodes.append(((*base, "objectives", name, "roll_up"), objective.roll_up, _kpis_below(card, name), ""))
    for path, rules, below, file in nodes:
        kpi = project.kpis.get(rules.kpi or "")
        where = project.places[file] if file else place
        if rules.kpi is not None and rules.kpi not in below:
            on = f" on the scorecard '{scorecard_id}'" if file else ""
            message = f"'{rules.kpi}' is not a KPI below this node{on}."
            yield where.problem((*path, "kpi"), message, did_you_mean(rules.kpi, below))
        elif kpi is not None and not kpi.scored:
            message = f"'{rules.kpi}' is declared with 'scored: false'."
            yield where.problem((*path, "kpi"), message, "Name a KPI that has a score.")


def _kpis_below(card: Scorecard, objective_id: str) -> list[str]:
    parts = [kpi_id for name in card.parts_of(objective_id) for kpi_id in _kpis_below(card, name)]
    return [*card.objectives[objective_id].kpis, *parts]
