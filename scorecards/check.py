"""Rules across files: that every name refers to something declared, and that the tree and formulas are sound.

Belongs here: errors that stop a run, and the few warnings about a declaration that cannot mean what it says.
Does not belong here: rules inside one model (the models themselves).
"""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.check_data import check_kpis, check_measures, check_sources
from scorecards.check_targets import check_targets
from scorecards.errors import Problem, did_you_mean
from scorecards.periods import month_end
from scorecards.project import Project
from scorecards.strategy import Scorecard


def check_project(project: Project) -> Iterator[Problem]:
    """Every problem of a project whose files could all be read."""
    if not project.units:
        yield Problem("units.csv", 0, "", "declares no unit.", "Give at least the top unit: id,name,level,parent.")
        return
    yield from _units(project)
    yield from check_sources(project)
    yield from check_measures(project)
    yield from check_kpis(project)
    for scorecard_id, scorecard in project.strategy.scorecards.items():
        yield from _scorecard(project, scorecard_id, scorecard)
    yield from _initiatives_and_actions(project)
    yield from check_targets(project)
    yield from _people(project)


def unit_ids(project: Project) -> list[str]:
    """Ids of all units that ever exist, in the order of ``units.csv``."""
    return list(dict.fromkeys(unit.id for unit in project.units))


def _units(project: Project) -> Iterator[Problem]:
    known, levels = unit_ids(project), project.organisation.levels
    spans: dict[str, list[tuple[object, object]]] = {}
    for unit in project.units:
        if unit.level not in levels:
            yield Problem("units.csv", unit.line, "level", f"'{unit.level}' is not a level.", did_you_mean(unit.level, levels))
        if unit.parent is not None and unit.parent not in known:
            yield Problem(
                "units.csv", unit.line, "parent", f"'{unit.parent}' is not a unit.", did_you_mean(unit.parent, known)
            )
        for start, end in spans.setdefault(unit.id, []):
            if not (unit.valid_to < start or unit.valid_from > end):  # type: ignore[operator]
                yield Problem("units.csv", unit.line, "id", f"'{unit.id}' is declared twice for the same day.", "End one row.")
        spans[unit.id].append((unit.valid_from, unit.valid_to))
    yield from _cycles(project)


def _cycles(project: Project) -> Iterator[Problem]:
    """A cycle, or several tops, on any day on which the tree changes."""
    days = sorted({unit.valid_from for unit in project.units} | {month_end(project.organisation.first_period)})
    told: set[frozenset[str]] = set()
    for day in days:
        parents = {u.id: u for u in project.units if u.valid_from <= day <= u.valid_to}
        for start in parents:
            path, current = [start], parents[start].parent
            while current in parents and current not in path:
                path.append(current)
                current = parents[current].parent
            if current in path:
                loop = path[path.index(current) :]
                if frozenset(loop) not in told:
                    told.add(frozenset(loop))
                    shown = " → ".join([*loop, loop[0]])
                    yield Problem(
                        "units.csv", parents[loop[0]].line, "parent", f"the tree runs in a circle: {shown}.",
                        "Give one of them another parent.",
                    )  # fmt: skip


def _scorecard(project: Project, scorecard_id: str, scorecard: Scorecard) -> Iterator[Problem]:
    place, base = project.places["strategy.yaml"], ("scorecards", scorecard_id)
    perspectives = list(scorecard.perspectives or project.organisation.perspectives)
    parent = project.strategy.scorecards.get(scorecard.parent or "")
    if scorecard.parent and (parent is None or scorecard.parent == scorecard_id):
        known = [name for name in project.strategy.scorecards if name != scorecard_id]
        yield place.problem((*base, "parent"), f"'{scorecard.parent}' is not another scorecard.", did_you_mean(scorecard.parent, known))
    for name in scorecard.weights:
        if name not in perspectives:
            yield place.problem((*base, "weights", name), f"'{name}' is not a perspective.", did_you_mean(name, perspectives))
    missing = [name for name in perspectives if name not in scorecard.weights]
    if scorecard.weights and missing:
        yield place.problem((*base, "weights"), f"has no weight for '{missing[0]}'.", "Give every perspective a weight, or none.")
    yield from _selector(project, (*base, "units"), scorecard.units)
    seen: dict[str, str] = {}
    for objective_id, objective in scorecard.objectives.items():
        at = (*base, "objectives", objective_id)
        if objective.perspective not in perspectives:
            yield place.problem(
                (*at, "perspective"), f"'{objective.perspective}' is not a perspective.", did_you_mean(objective.perspective, perspectives)
            )
        if objective.theme and objective.theme not in project.strategy.themes:
            yield place.problem(
                (*at, "theme"), f"'{objective.theme}' is not a theme.", did_you_mean(objective.theme, list(project.strategy.themes))
            )
        for name in objective.leads_to:
            if name not in scorecard.objectives or name == objective_id:
                yield place.problem(
                    (*at, "leads_to"), f"'{name}' is not another objective of this scorecard.", did_you_mean(name, list(scorecard.objectives))
                )
        for name in objective.supports:
            if parent is None or name not in parent.objectives:
                known = list(parent.objectives) if parent else []
                yield place.problem((*at, "supports"), f"'{name}' is not an objective of the parent scorecard.", did_you_mean(name, known))
        for kpi_id, use in objective.kpis.items():
            if kpi_id not in project.kpis:
                yield place.problem((*at, "kpis", kpi_id), f"'{kpi_id}' is not a KPI.", did_you_mean(kpi_id, list(project.kpis)))
            elif kpi_id in seen:
                yield place.problem(
                    (*at, "kpis", kpi_id), f"measures '{seen[kpi_id]}' on this scorecard already.", "A KPI counts once a scorecard."
                )
            seen.setdefault(kpi_id, objective_id)
            yield from _selector(project, (*at, "kpis", kpi_id, "applies_to"), use.applies_to)
        if not objective.kpis:
            yield place.problem(at, "has no KPI: it cannot be scored.", "Add one, or expect it grey on the map.", "warning")


def _selector(project: Project, path: tuple[str, ...], selector: object) -> Iterator[Problem]:
    place, known = project.places["strategy.yaml"], unit_ids(project)
    for level in getattr(selector, "levels", ()):
        if level not in project.organisation.levels:
            remedy = did_you_mean(level, project.organisation.levels)
            yield place.problem((*path, "levels"), f"'{level}' is not a level.", remedy)
    for part in ("ids", "under", "excluding"):
        for name in getattr(selector, part, ()):
            if name not in known:
                yield place.problem((*path, part), f"'{name}' is not a unit.", did_you_mean(name, known))


def _initiatives_and_actions(project: Project) -> Iterator[Problem]:
    place, known = project.places["strategy.yaml"], unit_ids(project)
    objectives = sorted({name for card in project.strategy.scorecards.values() for name in card.objectives})
    for initiative_id, initiative in project.strategy.initiatives.items():
        at = ("initiatives", initiative_id)
        for name in initiative.objectives:
            if name not in objectives:
                yield place.problem((*at, "objectives"), f"'{name}' is not an objective.", did_you_mean(name, objectives))
        if initiative.unit is not None and initiative.unit not in known:
            yield place.problem((*at, "unit"), f"'{initiative.unit}' is not a unit.", did_you_mean(initiative.unit, known))
    for action in project.actions:
        if action.objective not in objectives:
            remedy = did_you_mean(action.objective, objectives)
            yield Problem("actions.csv", action.line, "objective", f"'{action.objective}' is not an objective.", remedy)
        if action.unit not in known:
            yield Problem("actions.csv", action.line, "unit", f"'{action.unit}' is not a unit.", did_you_mean(action.unit, known))


def _people(project: Project) -> Iterator[Problem]:
    known, cards = unit_ids(project), list(project.strategy.scorecards)
    for index, recipient in enumerate(project.recipients):
        place, at = project.places["recipients.yaml"], ("recipients", index)
        for name in recipient.units:
            if name not in known:
                yield place.problem((*at, "units"), f"'{name}' is not a unit.", did_you_mean(name, known))
        for name in recipient.scorecards:
            if name not in cards:
                yield place.problem((*at, "scorecards"), f"'{name}' is not a scorecard.", did_you_mean(name, cards))
    objectives = sorted({name for card in project.strategy.scorecards.values() for name in card.objectives})
    for period, comments in project.comments.items():
        file = f"commentary/{period:%Y-%m}.yaml"
        for index, comment in enumerate(comments):
            for key, value, names, what in (
                ("unit", comment.unit, known, "unit"),
                ("scorecard", comment.scorecard, cards, "scorecard"),
                ("kpi", comment.kpi, list(project.kpis), "KPI"),
                ("objective", comment.objective, objectives, "objective"),
            ):
                if value is not None and value not in names:
                    message = f"'{value}' is not a {what}."
                    yield project.places[file].problem(("comments", index, key), message, did_you_mean(value, names))
