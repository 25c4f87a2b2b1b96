"""The groups of people that KPIs tell of: which measure counts them, and which parts of them KPIs look at.

Belongs here: reading the declarations. How large the groups are is ``group_sizes.py``.

A group is the people of a unit, as a measure counts them. A breakdown (``by``) makes parts of it, and so do conditions
that speak of columns which the people have (``narrowing.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

import polars as pl

from scorecards.check_data import columns_of
from scorecards.expressions import names_in
from scorecards.groups import people_of
from scorecards.project import Project
from scorecards.units import PERSON
from transforms.aggregation import uses
from transforms.narrowing import Narrowing, are_apart, narrowing_of
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
    found = _narrowing(project, plan, declared)
    return bool(plan.variants[declared.variant].by or found.conditions or found.column)


def cannot_be_counted(project: Project, plan: Plan, declared: KpiInput) -> bool:
    """Whether an input tells of a part of which nobody knows how many people are in it."""
    people = group_of(project, plan, declared)
    if people is None:
        return False
    by, narrowing = plan.variants[declared.variant].by, _narrowing(project, plan, declared)
    if narrowing.is_uncounted or by is None:
        return narrowing.is_uncounted
    columns = columns_of(project, project.sources[project.measures[people].source])
    return by not in columns or narrowing.column not in (None, by)


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
        narrowing, by = _narrowing(project, plan, declared), plan.variants[declared.variant].by
        texts = narrowing.conditions
        families = [Family((count(people, (), narrowing.column),))] if narrowing.column else []
        if by is not None:
            others = [count(people, (_without(texts),), by)] if texts else []
            families.append(Family((count(people, texts, by), *others)))
        group.families += [family for family in families if family not in group.families]
        for text in texts:
            conditions.setdefault(people, {}).setdefault(frozenset(names_in(text)), {})[text] = None
    for people, by_columns in conditions.items():
        for alike in by_columns.values():
            members = tuple(count(people, (text,)) for text in (*alike, *_overlaps(list(alike))))
            union = " OR ".join(f"({text})" for text in alike)
            found[people].families.append(Family(members, count(people, (union,))))
    return found, counted


def with_people(project: Project, plan: Plan) -> Plan:
    """The plan with the variants by which people are counted."""
    _, counted = groups_of(project, plan)
    return replace(plan, variants={**counted, **plan.variants})


def _narrowing(project: Project, plan: Plan, declared: KpiInput) -> Narrowing:
    people = group_of(project, plan, declared)
    return Narrowing() if people is None else narrowing_of(project, plan, declared, people)


def _overlaps(texts: Sequence[str]) -> Iterator[str]:
    """What conditions that may hold together tell beside themselves: who is in both, and in one of them alone."""
    for one, other in combinations(texts, 2):
        if not are_apart(one, other):
            yield f"({one}) AND ({other})"
            yield f"({one}) AND {_without([other])}"
            yield f"({other}) AND {_without([one])}"


def _without(texts: Sequence[str]) -> str:
    """The condition that a row does not hold all of these."""
    return f"NOT COALESCE({' AND '.join(f'({text})' for text in texts)}, FALSE)"


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
