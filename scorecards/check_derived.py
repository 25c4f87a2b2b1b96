"""Rules about KPIs that use other KPIs, are broken down by columns, or stand for a text.

Belongs here: what ``check_data`` does not see in one formula alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.check_data import columns_of
from scorecards.errors import Problem, did_you_mean
from scorecards.expression_rules import ExpressionError
from scorecards.expression_types import KIND_OF_COLUMN
from scorecards.expressions import check, is_text_aggregate, names_in
from scorecards.kpis import Kpi
from scorecards.project import Project


def check_derived(project: Project) -> Iterator[Problem]:
    """Problems of KPIs over KPIs: unknown ones, circles; of filters and dimensions that a source lacks; of texts."""
    uses = {kpi_id: _named(project, kpi) for kpi_id, kpi in project.kpis.items()}
    for kpi_id, kpi in project.kpis.items():
        place, at = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id)
        for name, declared in kpi.inputs.items():
            if declared.kpi is not None and declared.kpi not in project.kpis:
                remedy = did_you_mean(declared.kpi, list(project.kpis))
                yield place.problem((*at, "inputs", name, "kpi"), f"'{declared.kpi}' is not a KPI.", remedy)
        circle = _circle(uses, kpi_id)
        if circle:
            message = f"uses itself: {' → '.join(circle)}."
            yield place.problem(at, message, "Leave one of them out of the other's formula.")
        else:
            yield from _columns(project, kpi_id, kpi)
        yield from _texts(project, kpi_id, kpi)
        if kpi.compare_with != tuple(dict.fromkeys(kpi.compare_with)):
            yield place.problem((*at, "compare_with"), "names an offset twice.", "Keep one of them.")


def _named(project: Project, kpi: Kpi) -> list[str]:
    """The KPIs that a KPI's formulas use."""
    found = [declared.kpi for declared in kpi.inputs.values() if declared.kpi is not None]
    texts = [kpi.value, *kpi.anchors.values()]
    try:
        implicit = {name for text in texts for name in names_in(text)} - set(kpi.inputs) - set(project.measures)
    except ExpressionError:
        implicit = set()
    return [name for name in [*found, *sorted(implicit)] if name in project.kpis]


def _circle(uses: dict[str, list[str]], start: str) -> list[str]:
    """The way from a KPI back to itself, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in uses[way[-1]]:
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _columns(project: Project, kpi_id: str, kpi: Kpi) -> Iterator[Problem]:
    """A filter or dimension of the KPI must be known to every source that it draws on, through other KPIs too."""
    place, at = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id)
    for source_id in sorted(sources_of(project, kpi_id)):
        columns = columns_of(project, project.sources[source_id])
        kinds = {name: KIND_OF_COLUMN[type_] for name, type_ in columns.items()}
        if kpi.where:
            what = f"column of {source_id}"
            wrong = check(kpi.where, kinds, wanted="truth", aggregate=False, what=what)
            if wrong:
                yield place.problem((*at, "where"), wrong if wrong.endswith((".", "?")) else f"{wrong}.")
        for name in kpi.by:
            if name not in columns:
                message = f"'{name}' is not a column of {source_id}, which the KPI draws on."
                yield place.problem((*at, "by"), message, did_you_mean(name, list(columns)))


def sources_of(project: Project, kpi_id: str) -> set[str]:
    """The sources that a KPI draws on, through other KPIs too; none where it uses itself."""
    return {project.measures[name].source for name in measures_of(project, kpi_id)} & set(project.sources)


def measures_of(project: Project, kpi_id: str) -> set[str]:
    """The measures that a KPI draws on, through other KPIs too; none where it uses itself."""
    uses = {each: _named(project, kpi) for each, kpi in project.kpis.items()}
    if _circle(uses, kpi_id):
        return set()
    # Those that it uses may still use each other in a circle, of which it is no part.
    reached, ahead = {kpi_id}, [kpi_id]
    while ahead:
        fresh = [name for name in dict.fromkeys(uses[ahead.pop()]) if name not in reached]
        reached.update(fresh)
        ahead += fresh
    return set().union(*(_measures(project, name) for name in reached))


def _measures(project: Project, kpi_id: str) -> set[str]:
    """The measures that the KPI's own formula names."""
    kpi = project.kpis[kpi_id]
    named = [str(declared.measure) for declared in kpi.inputs.values()]
    try:
        named += [name for name in names_in(kpi.value) if name not in kpi.inputs]
    except ExpressionError:
        return set()
    return {name for name in named if name in project.measures}


def _texts(project: Project, kpi_id: str, kpi: Kpi) -> Iterator[Problem]:
    """A measure that is a text is all that its KPI's value may be, and its KPI must say what the texts are worth."""
    place, at = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id)
    if kpi.scoring.texts:
        named = str(kpi.inputs[kpi.value].measure) if kpi.value in kpi.inputs else kpi.value
        if named not in project.measures or not is_text_aggregate(project.measures[named].value):
            message = "has texts, but its value is not a measure with ANY_VALUE(column)."
            yield place.problem((*at, "value"), message, "Name such a measure alone, or score it another way.")
        if kpi.by:
            yield place.problem((*at, "by"), "does not go with a value that is a text.", "Leave it out.")
