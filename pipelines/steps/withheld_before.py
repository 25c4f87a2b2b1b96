"""What has been published of small groups before: by which patterns months were withheld in editions.

Belongs here: reading it from the editions, and what a new one adds to it. That no other pattern is published beside it
is ``transforms.withheld_before``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import cache

import polars as pl

from pipelines.steps.reading import KPIS
from pipelines.steps.setting import Setting
from pipelines.steps.staleness import stored_prints
from pipelines.steps.standing_cells import looked_at, standing_cells
from scorecards.groups import units_digest
from scorecards.periods import months_between
from scorecards.project import Project, load_project
from transforms.groups import group_of
from transforms.placing import horizon
from transforms.small_groups import UNITS_WITHHELD as WITHHELD
from transforms.small_groups import find_withheld
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


def withheld_now(setting: Setting, warehouse: Warehouse, period: date) -> list[WithheldThen]:
    """The patterns of all groups by which an edition of a month shows it and earlier months, where none has before.

    ``warehouse`` is read by the rule in force. Months that it does not show, or that were never run, are in the windows
    of others.
    """
    if setting.project.organisation.small_groups is None:
        return []
    months = months_between(setting.project.organisation.first_period, period)
    kpis = _kpis_by_group(setting)
    untold, computed = set(warehouse.other_rules), stored_prints(warehouse, KPIS).keys()
    shown = {
        (month, people)
        for month in months
        for people, about in kpis.items()
        if month in computed and not all((month, kpi) in untold for kpi in about)
    }
    inside = horizon(setting.project, looked_at(setting, [period]), setting.reach())
    counted = [month for month in inside if any((month, people) not in shown for people in kpis)]
    hidden = _by_group(warehouse.read(UNITS_WITHHELD, months))
    again = _by_group(_computed_again(setting, warehouse, counted))
    known, found = {one.pattern for one in withheld_then(setting.home)}, []
    for month in months:
        units = units_digest(setting.project, month)
        for people in kpis:
            if (month, people) not in shown and month not in counted:
                continue
            standing = hidden if (month, people) in shown else again
            wholes, parts = (frozenset(standing.get((month, people, of), ())) for of in PATTERNS)
            one = WithheldThen(month, people, units, wholes, parts)
            if one.pattern not in known:
                found.append(one)
    return found


def _kpis_by_group(setting: Setting) -> dict[str, set[str]]:
    """The groups of people, each with the KPIs that tell of it."""
    kpis: dict[str, set[str]] = {}
    for declared in setting.plan.inputs:
        group = group_of(setting.project, setting.plan, declared)
        if group is not None:
            kpis.setdefault(group.told, set()).add(declared.kpi)
    return kpis


def _by_group(withheld: pl.DataFrame) -> dict[tuple[date, str, str], set[str]]:
    found: dict[tuple[date, str, str], set[str]] = {}
    for period, people, of, unit in withheld.select(UNITS_WITHHELD.key).iter_rows():
        found.setdefault((period, people, of), set()).add(unit)
    return found


def _computed_again(setting: Setting, warehouse: Warehouse, months: Sequence[date]) -> pl.DataFrame:
    """What is withheld of months by the cells as they stand (``UNITS_WITHHELD``)."""
    if not months:
        return pl.DataFrame(schema=WITHHELD)
    data = standing_cells(setting, warehouse, months)
    small = find_withheld(setting.project, setting.plan, data, published_before(setting, months))
    return small.units(months) if small else pl.DataFrame(schema=WITHHELD)
