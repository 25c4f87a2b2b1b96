"""What has been published of small groups before: by which patterns months were withheld in editions.

Belongs here: reading it from the editions, and what a new one adds to it. That no other pattern is published beside it
is ``transforms.withheld_before``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import cache

from pipelines.steps.reading import KPIS
from pipelines.steps.setting import Setting
from pipelines.steps.staleness import stored_prints
from scorecards.groups import units_digest
from scorecards.project import Project, load_project
from transforms.groups import group_of
from transforms.tree import holding_otherwise
from transforms.withheld_before import PATTERNS, Pattern, Published, PublishedBefore
from warehouse import declarations
from warehouse.editions import WithheldThen, withheld_then
from warehouse.store import Warehouse
from warehouse.tables import UNITS_WITHHELD


def published_before(setting: Setting, months: Collection[date]) -> PublishedBefore:
    """By which patterns these months were published, by whatever edition showed them."""
    if setting.project.organisation.small_groups is None:
        return {}
    found: dict[tuple[str, date], list[Published]] = {}
    project_then = cache(lambda digest: load_project(declarations.restored(setting.home, digest)))
    for one in withheld_then(setting.home, setting.home.as_of, setting.upto):
        if one.period in months:
            moved = _moved(setting.project, one, project_then)
            found.setdefault((one.people, one.period), []).append(Published(Pattern(one.wholes, one.parts), moved))
    return found


def _moved(project: Project, one: WithheldThen, project_then: Callable[[str], Project]) -> frozenset[str]:
    if one.units == units_digest(project, one.period):
        return frozenset()
    return holding_otherwise(project_then(one.declarations), project, one.period)


def withheld_now(setting: Setting, warehouse: Warehouse, months: Sequence[date]) -> list[WithheldThen]:
    """The patterns of all groups by which an edition shows these months, but for those by which one has before.

    ``warehouse`` is read by the rule in force. What it does not show of a month is not published.
    """
    if setting.project.organisation.small_groups is None:
        return []
    kpis: dict[str, set[str]] = {}
    for declared in setting.plan.inputs:
        group = group_of(setting.project, setting.plan, declared)
        if group is not None:
            kpis.setdefault(group.told, set()).add(declared.kpi)
    hidden: dict[tuple[date, str, str], set[str]] = {}
    for period, people, of, unit in warehouse.read(UNITS_WITHHELD, months).select(UNITS_WITHHELD.key).iter_rows():
        hidden.setdefault((period, people, of), set()).add(unit)
    untold, computed = set(warehouse.other_rules), stored_prints(warehouse, KPIS).keys()
    known = {one.pattern for one in withheld_then(setting.home)}
    found = []
    for period in months:
        units = units_digest(setting.project, period)
        for people, about in kpis.items():
            if period in computed and not all((period, kpi) in untold for kpi in about):
                wholes, parts = (frozenset(hidden.get((period, people, of), ())) for of in PATTERNS)
                one = WithheldThen(period, people, units, wholes, parts)
                if one.pattern not in known:
                    found.append(one)
    return found
