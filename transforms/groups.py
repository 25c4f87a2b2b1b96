"""The groups of people that KPIs tell of: which measure counts them, and which parts of them KPIs look at.

Belongs here: reading the declarations. How large the groups are is ``group_sizes.py``.

A group is the people of a unit, as a measure counts them. What narrows a KPI as a whole (its ``where``, ``each`` and
``by``) makes a part of the group, where it speaks of columns that the people have; a condition of a measure or of one
input says what is counted among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from scorecards.check_data import columns_of
from scorecards.expressions import names_in
from scorecards.groups import people_of
from scorecards.project import Project
from scorecards.units import PERSON
from transforms.aggregation import uses
from transforms.plan import LEFT_OUT, KpiInput, Plan, Variant, make_variant


@dataclass(frozen=True)
class Family:
    """Parts of one group that are told side by side: variants of the measure that counts the people.

    ``whole`` is the variant of all of them together; none: their sum.
    """

    members: tuple[str, ...]
    whole: str | None = None


@dataclass
class Group:
    """One way of counting people: the variant of all of them, and all parts that any KPI tells of.

    ``variants`` are those whose figures are about these people.
    """

    whole: str
    families: list[Family] = field(default_factory=list)
    variants: set[str] = field(default_factory=set)


def group_of(project: Project, plan: Plan, declared: KpiInput) -> str | None:
    """The measure that counts the people whom an input is about; None where it is about nobody."""
    return people_of(project, plan.variants[declared.variant].measure)


def is_part(project: Project, plan: Plan, declared: KpiInput) -> bool:
    """Whether an input tells of a part of its group only."""
    return bool(plan.variants[declared.variant].by or _narrowing(project, plan, declared))


def cannot_be_counted(project: Project, plan: Plan, declared: KpiInput) -> bool:
    """Whether an input tells of a part of which nobody knows how many people are in it."""
    people = group_of(project, plan, declared)
    if people is None:
        return False
    by, columns = plan.variants[declared.variant].by, _columns(project, people)
    mixed = any(names_in(text) & columns and names_in(text) - columns for text in declared.narrowed)
    return mixed or (by is not None and by not in columns)


def groups_of(project: Project, plan: Plan) -> tuple[dict[str, Group], dict[str, Variant]]:
    """Every group by the measure that counts it, and the variants by which its people are counted."""
    found: dict[str, Group] = {}
    counted: dict[str, Variant] = {}
    conditions: dict[str, dict[frozenset[str], dict[str, None]]] = {}

    def count(people: str, where: tuple[str, ...] = (), by: str | None = None) -> str:
        variant = replace(make_variant(people, project.measures[people], where, by), late=LEFT_OUT)
        counted[variant.key] = variant
        return variant.key

    for declared in plan.inputs:
        people = group_of(project, plan, declared)
        if people is None:
            continue
        if people not in found:
            found[people] = Group(count(people))
        group = found[people]
        group.variants.add(declared.variant)
        if cannot_be_counted(project, plan, declared):
            continue
        narrowing = _narrowing(project, plan, declared)
        by = plan.variants[declared.variant].by
        if by is not None:
            family = Family((count(people, narrowing, by),))
            group.families += [family] if family not in group.families else []
        if narrowing:
            text = " AND ".join(f"({one})" for one in narrowing)
            conditions.setdefault(people, {}).setdefault(frozenset(names_in(text)), {})[text] = None
    for people, by_columns in conditions.items():
        for texts in by_columns.values():
            union = " OR ".join(f"({text})" for text in texts)
            members = tuple(count(people, (text,)) for text in texts)
            found[people].families.append(Family(members, count(people, (union,))))
    return found, counted


def with_people(project: Project, plan: Plan) -> Plan:
    """The plan with the variants by which people are counted."""
    _, counted = groups_of(project, plan)
    return replace(plan, variants={**counted, **plan.variants})


def _narrowing(project: Project, plan: Plan, declared: KpiInput) -> tuple[str, ...]:
    people = group_of(project, plan, declared)
    if people is None:
        return ()
    columns = _columns(project, people)
    return tuple(text for text in declared.narrowed if names_in(text) & columns)


def _columns(project: Project, people: str) -> set[str]:
    return set(columns_of(project, project.sources[project.measures[people].source]))


def kpis_about_people(project: Project, plan: Plan) -> frozenset[str]:
    """The KPIs that tell of people."""
    return frozenset(declared.kpi for declared in plan.inputs if group_of(project, plan, declared) is not None)


def private_kpis(project: Project, plan: Plan) -> frozenset[str]:
    """The KPIs that tell of people, but for those whose score would tell one of the others."""
    about = kpis_about_people(project, plan)
    return frozenset(kpi for kpi in about if project.kpis[kpi].scoring.relative is None)


def private_packs(project: Project, plan: Plan, period: date) -> frozenset[tuple[str, str]]:
    """Scorecards and units whose packs are for one person alone: a person's, with figures that tell of people."""
    about, units = private_kpis(project, plan), project.tree(period).units
    used = uses(project, [period]).filter(pl.col("kpi").is_in(list(about)))
    packs = used.select("scorecard", "unit").unique().rows()
    return frozenset((card, unit) for card, unit in packs if units[unit].level == PERSON)
