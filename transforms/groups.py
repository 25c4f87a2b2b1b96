"""The groups of people that KPIs tell of: which measure counts them, and which parts of them KPIs look at.

Belongs here: reading the declarations. How large the groups are is ``group_sizes.py``, what their parts tell together
``told_together.py``.

A group is the people of a unit, as a measure counts them, and of those a column may be empty of, the ones who have a
value in it: nothing is told of the others. A breakdown (``by``) makes parts of it, and so do conditions that speak of
columns which the people have (``narrowing.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

import polars as pl

from scorecards.check_data import columns_of
from scorecards.expressions import names_in
from scorecards.groups import people_of
from scorecards.kpis import Measure
from scorecards.project import Project
from scorecards.told_of_people import brought_where_filled
from scorecards.units import PERSON
from transforms.aggregation import uses
from transforms.measuring import CELL
from transforms.narrowing import Narrowing, narrowing_of
from transforms.plan import KpiInput, Plan, Variant, make_counter
from transforms.sql_text import ident
from transforms.told_together import Atom


@dataclass(frozen=True)
class PartTold:
    """One sum over people who hold all conditions (SQL), or, with a column, one for each of its values."""

    conditions: tuple[str, ...]
    column: str | None = None

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it asks for."""
        asked = frozenset(name for text in self.conditions for name in names_in(text))
        return asked if self.column is None else asked | {self.column}


@dataclass(frozen=True)
class Count:
    """A variant that counts, its slices being the values of ``conditions`` and then those of ``columns``."""

    variant: str
    conditions: tuple[str, ...]
    columns: tuple[str, ...]

    def atom(self, slice_: str, tellings: Mapping[int, PartTold]) -> Atom:
        """Into which sums the rows of a slice count."""
        values = slice_.split(CELL)
        holds = {text for text, value in zip(self.conditions, values, strict=False) if value == "true"}
        named = dict(zip(self.columns, values[len(self.conditions) :], strict=True))
        return frozenset(
            (number, "" if telling.column is None else f"={named[telling.column]}")
            for number, telling in tellings.items()
            if holds.issuperset(telling.conditions)
        )


@dataclass
class Group:
    """One way of counting people: the variant of all of them, and all that KPIs tell of parts of them.

    ``people`` counts them by ``tellings``; ``rows`` count the rows that tell, by those that they can be asked for.
    ``variants`` are those whose figures are about these people.
    """

    whole: str
    tellings: list[PartTold] = field(default_factory=list)
    people: Count | None = None
    rows: list[tuple[Count, frozenset[int]]] = field(default_factory=list)
    variants: set[str] = field(default_factory=set)

    def numbered(self, wanted: frozenset[int] | None = None) -> dict[int, PartTold]:
        """The tellings by number."""
        return {n: telling for n, telling in enumerate(self.tellings) if wanted is None or n in wanted}

    def numbered_of(self, columns: frozenset[str]) -> list[int]:
        """The tellings that ask for these columns only."""
        return [number for number, telling in enumerate(self.tellings) if telling.columns <= columns]


class GroupName(NamedTuple):
    """The measure that counts people, and the column in which those have a value who are meant."""

    people: str
    filled: str | None

    @property
    def told(self) -> str:
        """The two in words."""
        return self.people if self.filled is None else f"{self.people} with a value in {self.filled}"


def group_of(project: Project, plan: Plan, declared: KpiInput) -> GroupName | None:
    """The people whom an input is about; None where it is about nobody."""
    measure = plan.variants[declared.variant].measure
    people = people_of(project, measure)
    return None if people is None else GroupName(people, brought_where_filled(project, measure, people))


class MeasureGroup(NamedTuple):
    """Whom a measure is about: its source, and the group's name in words."""

    source: str
    told: str


def groups_of_measures(project: Project, plan: Plan) -> dict[str, MeasureGroup]:
    """Of each measure about people that KPIs show, whom it is about."""
    found = {}
    for declared in plan.inputs:
        group, variant = group_of(project, plan, declared), plan.variants[declared.variant]
        if group is not None:
            found[variant.measure_id] = MeasureGroup(variant.measure.source, group.told)
    return found


def is_part(project: Project, plan: Plan, declared: KpiInput) -> bool:
    """Whether an input tells of a part of its group only."""
    return bool(_tellings(project, plan, declared))


def cannot_be_counted(project: Project, plan: Plan, declared: KpiInput) -> bool:
    """Whether an input tells of a part of which nobody knows how many people are in it, or whether there are enough."""
    variant = plan.variants[declared.variant]
    people = people_of(project, variant.measure)
    if people is None:
        return False
    narrowing = _narrowing(project, plan, declared)
    is_of_part = variant.by is not None or narrowing != Narrowing()
    if is_of_part and any(part.quantile is not None for part in variant.parts):
        return True  # On both sides of it there must be a group, and parts are not counted for that.
    divided = {variant.by, _currency(project, variant.measure)} - {None}
    columns = columns_of(project, project.sources[project.measures[people].source])
    return narrowing.is_uncounted or not divided <= columns.keys() or len((divided | {narrowing.column}) - {None}) > 1


def groups_of(project: Project, plan: Plan) -> tuple[dict[GroupName, Group], dict[str, Variant]]:
    """Every group by its name, and the variants by which people and rows are counted."""
    found: dict[GroupName, Group] = {}
    counted: dict[str, Variant] = {}
    measured: dict[tuple[GroupName, str], None] = {}
    for declared in plan.inputs:
        name = group_of(project, plan, declared)
        if name is None:
            continue
        if name not in found:
            whole = _counter(project, name)
            counted[whole.key] = whole
            found[name] = Group(whole.key)
        group = found[name]
        group.variants.add(declared.variant)
        if not cannot_be_counted(project, plan, declared):
            measured[name, plan.variants[declared.variant].measure_id] = None
            tellings = _tellings(project, plan, declared)
            group.tellings += [telling for telling in tellings if telling not in group.tellings]
    for name, group in found.items():
        if group.tellings:
            variant = _counter(project, name, _cells(group.tellings))
            group.people = _count(counted, variant, group.tellings)
    for name, measure_id in measured:
        group, measure = found[name], project.measures[measure_id]
        numbers = frozenset(group.numbered_of(_usable(project, measure.source)))
        if numbers:
            tellings = [group.tellings[number] for number in sorted(numbers)]
            of_rows = measure.model_copy(update={"value": "COUNT(*)", "currency": None})
            variant = make_counter(f"rows of {measure_id}", _filled(of_rows, name.filled), _cells(tellings))
            group.rows.append((_count(counted, variant, tellings), numbers))
    return found, counted


def _counter(project: Project, name: GroupName, cells: tuple[str, ...] = ()) -> Variant:
    """What counts the people of a group, divided by the values of these expressions."""
    return make_counter(name.told, _filled(project.measures[name.people], name.filled), cells)


def _filled(measure: Measure, column: str | None) -> Measure:
    """The measure over the rows that have a value in a column."""
    if column is None:
        return measure
    has_value = f"{ident(column)} IS NOT NULL"
    where = has_value if measure.where is None else f"({measure.where}) AND {has_value}"
    return measure.model_copy(update={"where": where})


def _usable(project: Project, source_id: str) -> frozenset[str]:
    """The columns of a source that conditions can ask for."""
    source = project.sources[source_id]
    return frozenset(columns_of(project, source)) - frozenset(source.dropped)


def _count(counted: dict[str, Variant], variant: Variant, tellings: Sequence[PartTold]) -> Count:
    counted[variant.key] = variant
    return Count(variant.key, _conditions(tellings), _columns(tellings))


def _conditions(tellings: Sequence[PartTold]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for telling in tellings for text in telling.conditions))


def _columns(tellings: Sequence[PartTold]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(telling.column for telling in tellings if telling.column is not None))


def _cells(tellings: Sequence[PartTold]) -> tuple[str, ...]:
    return (*(f"COALESCE({text}, FALSE)" for text in _conditions(tellings)), *map(ident, _columns(tellings)))


def with_people(project: Project, plan: Plan) -> Plan:
    """The plan with the variants by which people, and rows about them, are counted."""
    _, counted = groups_of(project, plan)
    return replace(plan, variants={**counted, **plan.variants})


def _tellings(project: Project, plan: Plan, declared: KpiInput) -> list[PartTold]:
    """What an input tells of parts of its group; nothing where it tells of the whole."""
    narrowing, by = _narrowing(project, plan, declared), plan.variants[declared.variant].by
    found = [PartTold((text,)) for text in narrowing.conditions]
    if narrowing.column is not None:
        found.append(PartTold((), narrowing.column))
    currency = _currency(project, plan.variants[declared.variant].measure)
    found += [PartTold(narrowing.conditions, column) for column in dict.fromkeys((by, currency)) if column is not None]
    return found


def _currency(project: Project, measure: Measure) -> str | None:
    """The column by whose values amounts are converted, where it may tell of the person.

    Of the same amounts at two rates the sum of each currency can be told.
    """
    rule = project.organisation.small_groups
    is_of_rows = rule is not None and measure.currency in rule.columns_of_rows
    return None if is_of_rows else measure.currency


def _narrowing(project: Project, plan: Plan, declared: KpiInput) -> Narrowing:
    people = people_of(project, plan.variants[declared.variant].measure)
    return Narrowing() if people is None else narrowing_of(project, plan, declared, people)


def kpis_about_people(project: Project, plan: Plan) -> frozenset[str]:
    """The KPIs that tell of people."""
    return frozenset(one.kpi for one in plan.inputs if people_of(project, plan.variants[one.variant].measure))


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
