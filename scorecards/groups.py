"""Whose figures a measure tells: the people of a unit, as another measure counts them."""

from __future__ import annotations

from scorecards.kpis import NOBODY, Measure
from scorecards.project import Project


def people_of(project: Project, measure: Measure) -> str | None:
    """The measure that counts the people whom a measure is about; None where it is about nobody."""
    rule = project.organisation.small_groups
    if rule is None or measure.people == NOBODY:
        return None
    if measure.people is not None:
        return measure.people
    return rule.people if project.sources[measure.source].domain == "hr" else None


def sources_about_people(project: Project) -> frozenset[str]:
    """The sources of which a measure tells of people whose small groups are withheld."""
    return frozenset(one.source for one in project.measures.values() if people_of(project, one) is not None)
