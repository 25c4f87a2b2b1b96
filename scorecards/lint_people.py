"""Rules about people's own figures: that those of small groups are withheld."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from scorecards.errors import Problem
from scorecards.expressions import parse
from scorecards.groups import people_of
from scorecards.kpis import NOBODY
from scorecards.lint_facts import Facts
from scorecards.lint_rule import rule
from scorecards.project import Project


@rule(
    "warning",
    "Figures of people are shown however few they are.",
    remedy="Declare small_groups with the measure that counts people, or say in rules_off why none need it.",
    source="Hundepool et al., Statistical Disclosure Control (2012), chapter 4: the threshold rule",
)
def small_groups_shown(facts: Facts) -> Iterator[Problem]:
    """The absence or the pay of a team of three is that of three persons.

    Where a source of the domain hr is measured, figures of small groups are to be withheld, and with them those from
    which they could be computed.
    """
    project = facts.project
    about = sorted({one.source for one in project.measures.values() if _is_hr(facts, one.source)})
    if about and project.organisation.small_groups is None:
        message = f"is not declared, and {', '.join(about)} {'tells' if len(about) == 1 else 'tell'} of people."
        yield project.places["scorecard.yaml"].problem(("small_groups",), message)


def _is_hr(facts: Facts, source: str) -> bool:
    found = facts.project.sources.get(source)
    return found is not None and found.domain == "hr"


@rule(
    "warning",
    "Rows of persons are measured, and nothing says whose figures these are.",
    remedy="Give its measures 'people' and the measure that counts them, or 'people: nobody'.",
    source="Hundepool et al., Statistical Disclosure Control (2012), chapter 4: the threshold rule",
)
def persons_without_people(facts: Facts) -> Iterator[Problem]:
    """A source with a row for each person tells of persons in whatever domain it is.

    Measures of the domain hr are about people by themselves; those of other domains only where they say so.
    """
    project = facts.project
    silent = {one.source for one in project.measures.values() if one.people is None}
    for source_id, source in project.sources.items():
        named = [name for name in source.key if name in source.columns and source.columns[name].personal]
        if source.domain != "hr" and source_id in silent and named:
            message = (
                f"has '{named[0]}', which names persons, and a measure of it does not say whose figures these are."
            )
            yield project.places[f"source {source_id}"].problem(("key",), message)


@rule(
    "warning",
    "People are counted by a sum.",
    remedy="Count rows of persons with COUNT(*), if there is such a source.",
    source="Hundepool et al., Statistical Disclosure Control (2012), chapter 4: the threshold rule",
)
def people_summed(facts: Facts) -> Iterator[Problem]:
    """Whether a column holds people nobody but you can know: eight half posts are not four persons.

    A sum is right where each row says of how many people it is, and of whole persons.
    """
    project = facts.project
    for people in sorted(_counting(project)):
        value = parse(project.measures[people].value)
        if value.find(exp.Sum):
            message = f"counts people by {project.measures[people].value}: groups are as large as this says."
            yield project.places[f"measures {people}"].problem(("measures", people, "value"), message)


@rule(
    "warning",
    "People who are counted late count as more people of a later month.",
    remedy="Count the column that names the person with COUNT(DISTINCT …), or let late rows wait (late_rows).",
    source="Hundepool et al., Statistical Disclosure Control (2012), chapter 4: the threshold rule",
)
def people_counted_late(facts: Facts) -> Iterator[Problem]:
    """Rows that come for a closed month count in the next open one, beside that month's own rows of the same people.

    A team of three whose rows of January come late is one of six in February, and its figures are shown.
    """
    project = facts.project
    for people in sorted(_counting(project)):
        measure = project.measures[people]
        is_late = project.sources[measure.source].late_rows != "wait"
        if is_late and not parse(measure.value).find(exp.Distinct):
            message = f"counts people by {measure.value}, and late rows of {measure.source} count in a later month."
            yield project.places[f"measures {people}"].problem(("measures", people, "value"), message)


@rule(
    "warning",
    "Measures of one source follow different people.",
    remedy="Give all measures of the source the same 'people'.",
    source="Hundepool et al., Statistical Disclosure Control (2012), chapter 4: linked tables are protected together",
)
def people_of_one_source(facts: Facts) -> Iterator[Problem]:
    """What is withheld differs from one group of people to the other: one pattern could be subtracted from the other.

    The sum of the answers' points and their number tell each other's withheld figures, where not both are withheld
    in the same units.
    """
    project = facts.project
    followed: dict[str, dict[str, str]] = {}
    for measure_id, measure in project.measures.items():
        people = people_of(project, measure)
        if people is not None:
            followed.setdefault(measure.source, {}).setdefault(people, measure_id)
    for source_id, (first, *others) in ((source, list(each.items())) for source, each in followed.items()):
        for people, measure_id in others:
            message = f"follows {people}, but '{first[1]}' of the same source ({source_id}) follows {first[0]}."
            yield project.places[f"measures {measure_id}"].problem(("measures", measure_id, "people"), message)


def _counting(project: Project) -> set[str]:
    """The measures by which people are counted."""
    rule = project.organisation.small_groups
    named = {one.people for one in project.measures.values() if one.people not in (None, NOBODY)}
    return {str(people) for people in named | ({rule.people} if rule is not None else set())}
