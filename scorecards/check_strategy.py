"""Rules about scorecards: objectives, the map, the cascade, KPIs and units that they name; initiatives and actions."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.base import UnitSelector
from scorecards.check_tree import check_tree
from scorecards.errors import Problem, did_you_mean
from scorecards.project import Place, Project
from scorecards.strategy import Initiative, Scorecard
from scorecards.yaml_reader import KeyPath


def check_strategy(project: Project) -> Iterator[Problem]:
    """Problems of ``strategy.yaml`` and ``actions.csv``, and of the units whose reds must be explained."""
    for scorecard_id, scorecard in project.strategy.scorecards.items():
        yield from _scorecard(project, scorecard_id, scorecard)
    yield from _initiatives_and_actions(project)
    required = project.organisation.required_commentary
    if required is not None:
        place = project.places["scorecard.yaml"]
        yield from check_selector(place, project, ("required_commentary", "units"), required.units)


def _scorecard(project: Project, scorecard_id: str, scorecard: Scorecard) -> Iterator[Problem]:
    place, base = project.places["strategy.yaml"], ("scorecards", scorecard_id)
    perspectives = list(scorecard.perspectives or project.organisation.perspectives)
    parents = project.strategy.parent_objectives(scorecard)
    others = [name for name in project.strategy.scorecards if name != scorecard_id]
    for name in scorecard.parent:
        if name not in others:
            yield place.problem((*base, "parent"), f"'{name}' is not another scorecard.", did_you_mean(name, others))
    for name in scorecard.weights:
        if name not in perspectives:
            yield place.problem(
                (*base, "weights", name), f"'{name}' is not a perspective.", did_you_mean(name, perspectives)
            )
    missing = [name for name in perspectives if name not in scorecard.weights]
    if scorecard.weights and missing:
        yield place.problem(
            (*base, "weights"), f"has no weight for '{missing[0]}'.", "Give every perspective a weight, or none."
        )
    yield from check_selector(place, project, (*base, "units"), scorecard.units)
    yield from check_tree(project, scorecard_id)
    seen: dict[str, str] = {}
    for objective_id, objective in scorecard.objectives.items():
        at = (*base, "objectives", objective_id)
        if objective.perspective not in perspectives:
            yield place.problem(
                (*at, "perspective"),
                f"'{objective.perspective}' is not a perspective.",
                did_you_mean(objective.perspective, perspectives),
            )
        if objective.theme and objective.theme not in project.strategy.themes:
            yield place.problem(
                (*at, "theme"),
                f"'{objective.theme}' is not a theme.",
                did_you_mean(objective.theme, list(project.strategy.themes)),
            )
        for name in objective.leads_to:
            if name not in scorecard.objectives or name == objective_id:
                yield place.problem(
                    (*at, "leads_to"),
                    f"'{name}' is not another objective of this scorecard.",
                    did_you_mean(name, list(scorecard.objectives)),
                )
        for name in objective.supports:
            if name not in parents:
                message = f"'{name}' is not an objective of the parent scorecard."
                yield place.problem((*at, "supports"), message, did_you_mean(name, list(parents)))
        for kpi_id, use in objective.kpis.items():
            if kpi_id not in project.kpis:
                yield place.problem(
                    (*at, "kpis", kpi_id), f"'{kpi_id}' is not a KPI.", did_you_mean(kpi_id, list(project.kpis))
                )
            elif kpi_id in seen:
                yield place.problem(
                    (*at, "kpis", kpi_id),
                    f"measures '{seen[kpi_id]}' on this scorecard already.",
                    "A KPI counts once a scorecard.",
                )
            seen.setdefault(kpi_id, objective_id)
            yield from check_selector(place, project, (*at, "kpis", kpi_id, "applies_to"), use.applies_to)


def check_selector(place: Place, project: Project, path: KeyPath, selector: UnitSelector) -> Iterator[Problem]:
    """Problems of a selector of units at this place: levels and units that do not exist."""
    yield from place.unknown((*path, "levels"), selector.levels, project.organisation.levels, "level")
    for part in ("ids", "under", "excluding"):
        yield from place.unknown((*path, part), getattr(selector, part), project.unit_ids, "unit")


def _initiatives_and_actions(project: Project) -> Iterator[Problem]:
    place, known = project.places["strategy.yaml"], project.unit_ids
    objectives = sorted({name for card in project.strategy.scorecards.values() for name in card.objectives})
    for initiative_id, initiative in project.strategy.initiatives.items():
        at = ("initiatives", initiative_id)
        for name in initiative.objectives:
            if name not in objectives:
                yield place.problem(
                    (*at, "objectives"), f"'{name}' is not an objective.", did_you_mean(name, objectives)
                )
        if initiative.unit is not None and initiative.unit not in known:
            yield place.problem(
                (*at, "unit"), f"'{initiative.unit}' is not a unit.", did_you_mean(initiative.unit, known)
            )
        yield from _effects(project, initiative_id, initiative)
    for action in project.actions:
        if action.objective not in objectives:
            remedy = did_you_mean(action.objective, objectives)
            yield Problem("actions.csv", action.line, "objective", f"'{action.objective}' is not an objective.", remedy)
        if action.unit not in known:
            yield Problem(
                "actions.csv", action.line, "unit", f"'{action.unit}' is not a unit.", did_you_mean(action.unit, known)
            )


def _effects(project: Project, initiative_id: str, initiative: Initiative) -> Iterator[Problem]:
    place = project.places["strategy.yaml"]
    for number, effect in enumerate(initiative.effects):
        at = ("initiatives", initiative_id, "effects", number)
        kpi = project.kpis.get(effect.kpi)
        if kpi is None:
            remedy = did_you_mean(effect.kpi, list(project.kpis))
            yield place.problem((*at, "kpi"), f"'{effect.kpi}' is not a KPI.", remedy)
        elif kpi.scoring.texts or kpi.is_yes_or_no:
            yield place.problem(
                (*at, "kpi"), f"'{effect.kpi}' has no amounts that could change.", "Say it in expected."
            )
        elif (kpi.measured_in == "percent") != effect.is_percent:
            remedy = "Write +3% for three percentage points." if not effect.is_percent else "Write it without %."
            message = f"'{effect.change}' does not fit a KPI measured in {kpi.measured_in or 'no unit'}."
            yield place.problem((*at, "change"), message, remedy)
        if initiative.start is None and effect.shows_from is None:
            remedy = "Give the initiative a start, or the effect shows_from."
            yield place.problem(at, "has no month from which it should show.", remedy)
        if effect.unit is not None and effect.unit not in project.unit_ids:
            remedy = did_you_mean(effect.unit, project.unit_ids)
            yield place.problem((*at, "unit"), f"'{effect.unit}' is not a unit.", remedy)
