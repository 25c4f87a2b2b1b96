"""By which patterns small groups were withheld in what editions have shown of a month, however people were counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache, partial

from scorecards.groups import units_digest
from scorecards.patterns import Published, PublishedBefore
from scorecards.project import Project, load_project
from transforms.groups import MeasureGroup, groups_of_measures
from transforms.plan import Plan
from transforms.tree import holding_otherwise
from warehouse import declarations
from warehouse.editions import withheld_then
from warehouse.home import Home


def published_before(
    project: Project, plan: Plan, home: Home, upto: int | None, months: Collection[date]
) -> PublishedBefore:
    """By which patterns these months were published, by whatever edition showed them.

    ``upto`` is the last place in the journal that counts; the day is the home's.
    """
    if project.organisation.small_groups is None:
        return {}
    shown = [one for one in withheld_then(home, home.as_of, upto) if one.month in months]
    if not shown:
        return {}
    found: dict[tuple[str, date], list[Published]] = {}
    units, groups = cache(partial(units_digest, project)), groups_of_measures(project, plan)
    project_then = cache(lambda digest: load_project(declarations.restored(home, digest)))
    for one in shown:
        is_as_then = one.units == units(one.month)
        moved = frozenset() if is_as_then else holding_otherwise(project_then(one.declarations), project, one.month)
        for people in {one.people, *_groups_now(one.people, one.groups, groups, project)}:
            found.setdefault((people, one.month), []).append(Published(one.pattern, moved))
    return found


def _groups_now(
    people: str, then: Mapping[str, tuple[str, str]], now: Mapping[str, MeasureGroup], project: Project
) -> set[str]:
    """The groups of today whose figures were those of a group of then: measures may follow other people since.

    A measure that is not declared any more may be any other one over its source.
    """
    found = set[str]()
    for measure, (source, told) in then.items():
        if told == people and measure in now:
            found.add(now[measure].told)
        elif told == people and measure not in project.measures:
            found |= {one.told for one in now.values() if one.source == source}
    return found
