"""Rules about small groups: that people can be counted, and what is never shown because they cannot.

Belongs here: the declarations. What is withheld is ``transforms/small_groups.py``'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from scorecards.asked_of_people import PERCENTILES, asked_columns, read_value
from scorecards.check_data import columns_of
from scorecards.check_derived import measures_of, sources_of
from scorecards.errors import Problem, did_you_mean
from scorecards.expression_rules import ExpressionError
from scorecards.expressions import parse
from scorecards.groups import people_of
from scorecards.kpis import NOBODY
from scorecards.project import Place, Project
from scorecards.told_of_people import OF_A_PART, UNCOUNTED, narrowing_conditions, never_shown


def check_small_groups(project: Project) -> Iterator[Problem]:
    """Problems of ``small_groups`` and of ``people`` of measures."""
    rule, is_sound = project.organisation.small_groups, True
    named: list[tuple[Place, tuple[str, ...], str]] = []
    if rule is not None:
        named.append((project.places["scorecard.yaml"], ("small_groups", "people"), rule.people))
    for measure_id, measure in project.measures.items():
        place, at = project.places[f"measures {measure_id}"], tuple[str, ...](("measures", measure_id, "people"))
        if measure.people is not None and rule is None:
            message = "says whose figures these are, but scorecard.yaml has no small_groups: nothing is withheld."
            yield place.problem(at, message, "Declare small_groups, or delete the line.")
        elif measure.people not in (None, NOBODY):
            named.append((place, at, str(measure.people)))
    for place, at, people in named:
        found = list(_counter(project, place, at, people))
        is_sound = is_sound and not found
        yield from found
    if rule is not None:
        known = sorted({name for source in project.sources.values() for name in columns_of(project, source)})
        for index, name in enumerate(rule.columns_of_rows):
            if name not in known:
                key = ("small_groups", "columns_of_rows", index)
                message = f"'{name}' is no column of any source."
                yield project.places["scorecard.yaml"].problem(key, message, did_you_mean(name, known))
    if rule is not None and is_sound:
        yield from _never_shown(project)
        yield from _uncounted(project)
        yield from _percentiles_of_parts(project)


def _counter(project: Project, place: Place, at: tuple[str, ...], people: str) -> Iterator[Problem]:
    """What is to count people must be a measure that counts."""
    measure = project.measures.get(people)
    if measure is None:
        yield place.problem(at, f"'{people}' is not a measure.", did_you_mean(people, sorted(project.measures)))
        return
    if measure.people == NOBODY:
        message = f"'{people}' is about nobody (people: {NOBODY}), and is to count people."
        yield place.problem(at, message, f"Leave 'people: {NOBODY}' out of it, or name another measure.")
        return
    try:
        value = parse(measure.value)
    except ExpressionError:
        return  # Told where expressions are checked.
    if not _counts(value) or measure.currency is not None:
        message = f"'{people}' ({measure.value}) counts nobody."
        remedy = "Name a measure with COUNT(*) or COUNT(DISTINCT …) over rows of persons, or the SUM of a column."
        yield place.problem(at, message, remedy)


def _counts(value: exp.Expression) -> bool:
    inner = value.this if isinstance(value, exp.Filter) else value
    return isinstance(inner, exp.Count) or (isinstance(inner, exp.Sum) and isinstance(inner.this, exp.Column))


def _never_shown(project: Project) -> Iterator[Problem]:
    """Measures, and conditions of KPIs on them, that make parts of the people which nobody can count."""
    about = {
        measure_id: people
        for measure_id, measure in project.measures.items()
        if measure.source in project.sources
        and (people := people_of(project, measure)) is not None
        and project.measures[people].source in project.sources
    }
    for measure_id, people in about.items():
        measure = project.measures[measure_id]
        try:
            columns = asked_columns(project, project.sources[measure.source], people)
            found = never_shown(project, measure, columns, read_value(project, measure, columns))
        except ExpressionError:
            continue  # Told where expressions are checked.
        if found is not None:
            place, message = project.places[f"measures {measure_id}"], f"{found.why}: its figures are never shown."
            yield place.problem(("measures", measure_id), message, found.remedy, "warning")
    for kpi_id, kpi in project.kpis.items():
        told: list[tuple[tuple[str, ...], str | None, set[str]]] = [
            (("where",), kpi.where, measures_of(project, kpi_id) if kpi.where else set())
        ]
        told += [(("inputs", name, "where"), one.where, {str(one.measure)}) for name, one in kpi.inputs.items()]
        for at, text, measures in told:
            yield from _condition(
                project, kpi_id, at, text, {one: about[one] for one in sorted(measures & about.keys())}
            )


def _condition(
    project: Project, kpi_id: str, at: tuple[str, ...], text: str | None, about: dict[str, str]
) -> Iterator[Problem]:
    """A condition of a KPI, or of its input, on measures about people."""
    for measure_id, people in about.items() if text else ():
        columns = asked_columns(project, project.sources[project.measures[measure_id].source], people)
        try:
            unknown = columns.unknown(str(text))
            narrows = narrowing_conditions(project, [str(text)], columns)
            is_percentile = read_value(project, project.measures[measure_id], columns).is_percentile
        except ExpressionError:
            return  # Told where expressions are checked.
        place, key = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id, *at)
        if unknown:
            message = f"asks for '{min(unknown)}', of which nobody knows whether it tells of the person: never shown."
            yield place.problem(key, message, UNCOUNTED, "warning")
            return
        if is_percentile and narrows:
            message = f"makes a part of the people, of which '{measure_id}' is a percentile: never shown."
            yield place.problem(key, message, OF_A_PART, "warning")
            return


def _uncounted(project: Project) -> Iterator[Problem]:
    """Breakdowns by columns that the people do not have: nobody knows how many are in each part."""
    for kpi_id, kpi in project.kpis.items():
        drawn_on = sources_of(project, kpi_id) if kpi.by else set()
        about = {people_of(project, one) for one in project.measures.values() if one.source in drawn_on} - {None}
        for people in sorted(map(str, about)):
            if project.measures[people].source not in project.sources:
                continue  # Told where its file or its name is read.
            columns = columns_of(project, project.sources[project.measures[people].source])
            for name in kpi.by:
                if name not in columns:
                    message = f"'{name}' is no column of what counts the people ({people}): its parts are never shown."
                    remedy = "Break down by a column that the people have too, or leave it out."
                    place = project.places[f"kpis {kpi_id}"]
                    yield place.problem(("kpis", kpi_id, "by"), message, remedy, "warning")


def _percentiles_of_parts(project: Project) -> Iterator[Problem]:
    """Breakdowns of percentiles: how many people are on both sides of each is not known."""
    for kpi_id, kpi in project.kpis.items():
        for measure_id in sorted(measures_of(project, kpi_id)) if kpi.by else ():
            measure = project.measures.get(measure_id)
            if measure is None or measure.source not in project.sources or people_of(project, measure) is None:
                continue  # Told where names are checked, or about nobody.
            try:
                is_percentile = parse(measure.value).find(*PERCENTILES) is not None
            except ExpressionError:
                continue  # Told where expressions are checked.
            if is_percentile:
                message = f"divides the people, and '{measure_id}' is a percentile: its parts are never shown."
                place = project.places[f"kpis {kpi_id}"]
                yield place.problem(("kpis", kpi_id, "by"), message, OF_A_PART, "warning")
