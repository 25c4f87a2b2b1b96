"""Whose figures a measure tells: the people of a unit, as another measure counts them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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


def withheld_by(project: Project, measures: Iterable[str]) -> str:
    """By what rule figures made from these measures are withheld, as JSON, to be kept with them (``Telling``).

    Of each measure its source, and how the people are counted whom it is about; empty where it is about nobody.
    """
    rule = project.organisation.small_groups
    kept = {
        "at_least": rule.at_least if rule else 0,
        "across_months": bool(rule and rule.across_months),
        "measures": {one: [project.measures[one].source, _counted(project, one)] for one in sorted(measures)},
    }
    return json.dumps(kept, ensure_ascii=False)


def _counted(project: Project, measure_id: str) -> str:
    people = people_of(project, project.measures[measure_id])
    if people is None:
        return ""
    count = project.measures[people]
    return " ".join([f"{people}: {count.value} of {count.source}", *([f"where {count.where}"] if count.where else [])])


@dataclass(frozen=True)
class Telling:
    """What may be told of people by the rule in force; nothing is withheld where no source is about them.

    ``sources`` are about people, ``others`` about nobody; ``people`` says of each measure how the people are counted
    whom it is about, as ``withheld_by`` does.
    """

    sources: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    at_least: int = 0
    across_months: bool = False
    people: Mapping[str, str] = field(default_factory=dict)

    def allows(self, kept: str) -> bool:
        """Whether figures withheld by an earlier rule (``withheld_by``) may be told by the one in force.

        A stricter one has withheld more than enough. What a measure told that is not declared any more says its source.
        """
        if not self.sources:
            return True
        then = json.loads(kept)
        is_strict = then["at_least"] >= self.at_least and then["across_months"] >= self.across_months

        def is_allowed(measure: str, source: str, people: str) -> bool:
            if measure in self.people:
                now = self.people[measure]
                return not now or (people == now and is_strict)
            return source in self.others or (bool(people) and is_strict)

        return all(is_allowed(measure, *of) for measure, of in then["measures"].items())


NOTHING = Telling()
"""No rule: nothing is withheld."""


def telling_of(project: Project) -> Telling:
    """What may be told by the rule that the project declares."""
    rule = project.organisation.small_groups
    if rule is None:
        return NOTHING
    about = sources_about_people(project)
    others = {source_id for source_id, source in project.sources.items() if source.domain != "hr"} - about
    people = {measure: _counted(project, measure) for measure in project.measures}
    return Telling(about, frozenset(others), rule.at_least, rule.across_months, people)
