"""Whose figures a measure tells: the people of a unit, as another measure counts them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial

from scorecards.expressions import names_in
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


class WithheldBy:
    """By what rule a project's figures are withheld, as JSON, to be kept with them (``Telling``)."""

    def __init__(self, project: Project) -> None:
        rule = project.organisation.small_groups
        self._project, self._units = project, lru_cache(maxsize=None)(partial(units_digest, project))
        self._rule = {
            "at_least": rule.at_least if rule else 0,
            "across_months": bool(rule and rule.across_months),
            "columns_of_rows": sorted(rule.columns_of_rows) if rule else [],
            "parts": _parts(project),
        }

    def of(self, measures: Iterable[str], period: date) -> str:
        """The rule for figures made from these measures in a month.

        Of each measure its source, and how the people are counted whom it is about; empty where it is about nobody.
        """
        project = self._project
        kept = self._rule | {
            "units": [period.isoformat(), self._units(period)],
            "measures": {one: [project.measures[one].source, _counted(project, one)] for one in sorted(measures)},
        }
        return json.dumps(kept, ensure_ascii=False)


def units_digest(project: Project, period: date) -> str:
    """Digest of the units of a month, each with the one above it."""
    rows = sorted((unit.id, unit.parent or "") for unit in project.tree(period).units.values())
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _parts(project: Project) -> str:
    """Digest of all that is declared to tell of parts of people: conditions, breakdowns, values that choose rows."""
    about = {name for name, measure in project.measures.items() if people_of(project, measure) is not None}
    told = {
        json.dumps([one.where, one.currency, one.value if _CHOOSES.search(one.value) else ""])
        for one in (project.measures[name] for name in about)
    }
    for kpi in project.kpis.values():
        inputs = [[declared.measure, declared.where] for declared in kpi.inputs.values()]
        asked = names_in(kpi.value) | {str(measure) for measure, _ in inputs}
        if about & asked and (kpi.where or kpi.by or any(where for _, where in inputs)):
            told.add(json.dumps([kpi.where, kpi.by, inputs], default=str))
    return hashlib.sha256(json.dumps(sorted(told)).encode()).hexdigest()[:16]


_CHOOSES = re.compile(r"\b(FILTER|CASE|IF|IIF|TRY_CAST|NULLIF)\b", re.IGNORECASE)


def _counted(project: Project, measure_id: str) -> str:
    people = people_of(project, project.measures[measure_id])
    if people is None:
        return ""
    count = project.measures[people]
    return " ".join([f"{people}: {count.value} of {count.source}", *([f"where {count.where}"] if count.where else [])])


ToldOf = tuple[str, date, str]
"""A group of people by its name in words, a month, and the text of the pattern by which it is told of them."""


@dataclass(frozen=True)
class Telling:
    """What may be told of people by the rule in force; nothing is withheld where no source is about them.

    ``sources`` are about people, ``others`` about nobody; ``people`` says of each measure how the people are counted
    whom it is about, as ``WithheldBy`` does, ``parts`` which parts of them are told of, and ``units`` gives the digest
    of a month's units. ``beside_published`` gives, of groups of people with a month and the text of the pattern by
    which it tells of them, those that can be subtracted from what editions have shown of the month.
    """

    sources: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    at_least: int = 0
    across_months: bool = False
    columns_of_rows: frozenset[str] = frozenset()
    people: Mapping[str, str] = field(default_factory=dict)
    parts: str = ""
    units: Callable[[date], str] | None = field(default=None, compare=False, repr=False)
    beside_published: Callable[[Collection[ToldOf]], set[ToldOf]] | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def rule(self) -> str:
        """Digest of all of it but the units: figures of the same data are withheld alike by rules with the same."""
        told = [
            self.at_least,
            self.across_months,
            sorted(self.columns_of_rows),
            sorted(self.people.items()),
            self.parts,
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    def allows(self, kept: str) -> bool:
        """Whether figures withheld by an earlier rule (``WithheldBy``) may be told by the one in force.

        A stricter one has withheld more than enough. What a measure told that is not declared any more says its source.
        Figures of other units, or beside other parts, were withheld by another pattern: what is shown of them would
        tell, less what is shown now, what neither pattern shows.
        """
        if not self.sources:
            return True
        then = json.loads(kept)
        is_strict = then["at_least"] >= self.at_least and then["across_months"] >= self.across_months
        is_strict = is_strict and self.columns_of_rows >= set(then["columns_of_rows"])
        month, units = then.get("units", ["", ""])
        is_strict = is_strict and then.get("parts") == self.parts
        is_strict = is_strict and (
            self.units is None or (bool(month) and self.units(date.fromisoformat(month)) == units)
        )

        def is_allowed(measure: str, source: str, people: str) -> bool:
            if measure in self.people:
                now = self.people[measure]
                return not now or (people == now and is_strict)
            return source in self.others or (bool(people) and is_strict)

        return all(is_allowed(measure, *of) for measure, of in then["measures"].items())

    def people_in(self, kept: str) -> frozenset[str]:
        """The measures that count the people whom figures withheld by an earlier rule are about, and still are."""
        measures = json.loads(kept)["measures"].items()
        return frozenset(of[1].partition(":")[0] for one, of in measures if of[1] and self.people.get(one, "still"))


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
    return Telling(
        about, frozenset(others), rule.at_least, rule.across_months, frozenset(rule.columns_of_rows), people,
        _parts(project), lru_cache(maxsize=None)(partial(units_digest, project)),
    )  # fmt: skip
