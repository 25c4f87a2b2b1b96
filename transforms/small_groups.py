"""Small groups: which values of KPIs' inputs are withheld, by period and unit.

Belongs here: from months in which figures are withheld to the windows of inputs. A window is shown where every month
that it takes is shown, for the unit and for all that has moved into or out of it since: so it is a sum of figures that
could be shown already, and tells nothing that they do not tell. What is withheld has no value: it is missing, with a
reason, before anything is scored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial

import polars as pl

from scorecards.groups import people_of
from scorecards.patterns import Pattern, PublishedBefore, settled
from scorecards.project import Project
from scorecards.units import PERSON
from transforms.group_sizes import Month, months_of, with_values
from transforms.groups import GroupName, cannot_be_counted, group_of, groups_of, is_part
from transforms.parts import ADDITIVE
from transforms.plan import KpiInput, Plan, Variant
from transforms.spans import month_number
from transforms.told_together import Atom
from transforms.tree import Trees
from transforms.windows import Cells
from transforms.withholding import withheld

PLACES = {"period": pl.Date, "unit": pl.String}
_Hidden = Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class Withheld:
    """What is withheld of each group in each month (by its number), of its whole and of its parts.

    ``named`` are the units that rows name, with their people, ``present`` these units and all parts of them of which
    rows tell. That nobody is in another unit is not told: the reason would tell who answered. A percentile is a value
    of one of the people, so on both sides of it as many must be as a group.
    ``valued`` are the units and slices of which a variant that carries figures along has values of a month,
    ``children`` the units directly below each, by tree.
    """

    project: Project
    plan: Plan
    trees: Trees
    wholes: Mapping[GroupName, _Hidden]
    parts: Mapping[GroupName, _Hidden]
    named: Mapping[GroupName, Mapping[int, Mapping[str, float]]]
    present: Mapping[GroupName, Mapping[int, frozenset[tuple[str, Atom | None]]]]
    valued: Mapping[str, Mapping[int, frozenset[tuple[str, str]]]]
    children: Mapping[int, Mapping[str, Sequence[str]]]
    _moved: dict[tuple[int, int], dict[str, set[str]]] = field(default_factory=dict)
    _below: dict[int, dict[str, set[str]]] = field(default_factory=dict)

    def places(self, declared: KpiInput, spans: pl.DataFrame) -> pl.DataFrame | None:
        """Periods and units (``PLACES``) for which an input is withheld; None where it is about nobody.

        ``spans`` are those of the input (``spans.SPANS``).
        """
        group = group_of(self.project, self.plan, declared)
        rule = self.project.organisation.small_groups
        if group is None or rule is None:
            return None
        if cannot_be_counted(self.project, self.plan, declared):
            return spans.select("period").join(self._everyone(), how="cross")
        hidden = (self.parts if is_part(self.project, self.plan, declared) else self.wholes)[group]
        variant = self.plan.variants[declared.variant]
        late, needed = variant.late, _needed(variant, rule.at_least)
        back = late.months if late.kind == "last known" else 0
        rows: list[tuple[date, str]] = []
        for period, tree, first, last in spans.select("period", "tree", "first", "last").rows():
            begins = (first if rule.across_months else self._decided_from(group, first, last)) - back
            units = {unit for month in range(begins, last + 1) for unit in self._of_month(hidden, month, tree)}
            units |= {unit for month in range(begins, last + 1) for unit in self._few(group, month, tree, needed)}
            if rule.across_months and first < last and variant.measure.over_time in ("minimum", "maximum"):
                units |= self._of_extremes(group, hidden, range(begins, last + 1), tree)
            if back:
                months = range(first, last + 1)
                units |= {unit for month in months for unit in self._of_carried(variant, hidden, month, tree)}
            units |= self._persons | self._empty(group, range(first - back, last + 1), tree)
            rows += [(period, unit) for unit in units]
        return pl.DataFrame(rows, schema=PLACES, orient="row")

    def _decided_from(self, group: GroupName, first: int, last: int) -> int:
        """The earliest month of a window that must be shown for it, where the last month decides.

        What of a unit or a part is not there any more in the last month would stand in the window alone.
        """
        present = self.present[group]
        there = present.get(last, frozenset())
        return next((month for month in range(first, last) if present.get(month, frozenset()) - there), last)

    @cached_property
    def _persons(self) -> frozenset[str]:
        return frozenset(unit.id for unit in self.project.units if unit.level == PERSON)

    def patterns(self, periods: Iterable[date]) -> dict[tuple[date, GroupName], Pattern]:
        """What is withheld of each group in each of these months, but for persons: theirs is in every one."""
        found = {}
        for period in periods:
            number, units = month_number(period), shared_units(self.project, period)
            for group, wholes in self.wholes.items():
                hidden = (each.get(number, frozenset[str]()) for each in (wholes, self.parts[group]))
                found[period, group] = Pattern(*hidden).of(units)
        return found

    def _empty(self, group: GroupName, months: Iterable[int], tree: int) -> set[str]:
        """The units of a tree in which there is nobody in any of the months; none where that holds of all units."""
        there: set[str] = set()
        for month in months:
            named = self.named[group].get(month, {})
            then = self._tree_of(month, tree) if self.trees.past_stays else tree
            there |= self._holding(named.keys(), then)
        return set(self._belows(tree)) - there if there else set()

    def _few(self, group: GroupName, month: int, tree: int, needed: float) -> set[str]:
        """The units in which fewer than the needed people are in a month; none where a group's size is enough.

        Each row is one of them, so nobody is in two units: a percentile is never shown where people are distinct.
        """
        named = self.named[group].get(month, {}) if needed else {}
        then = self._tree_of(month, tree) if self.trees.past_stays else tree
        sizes = {unit: sum(named.get(one, 0.0) for one in below) for unit, below in self._belows(then).items()}
        return {unit for unit, size in sizes.items() if size < needed} if named else set()

    def _of_carried(self, variant: Variant, hidden: _Hidden, month: int, tree: int) -> set[str]:
        """The units in which others without a value in a month count as they last were, where that was not told.

        What is shown of the month itself would leave of such a sum what was withheld then.
        """
        valued, found = self.valued.get(variant.key, {}), set[str]()
        known = valued.get(month, frozenset())
        adds_up = all(part.kind in ADDITIVE for part in variant.parts)
        for earlier in range(month - 1, month - variant.late.months - 1, -1):
            carried = {unit for unit, _ in valued.get(earlier, frozenset()) - known}
            known |= valued.get(earlier, frozenset())
            then = self._tree_of(earlier, tree)
            if adds_up:
                carried -= {unit for unit in carried if self._is_told_alone(unit, hidden.get(earlier, ()), then)}
            found |= self._holding(carried, tree, self._tree_of(month, tree), then)
        return found

    def _of_extremes(self, group: GroupName, hidden: _Hidden, months: Iterable[int], tree: int) -> set[str]:
        """The units in which each takes its own least or greatest month, where one of them was not told of a month.

        Such a sum says which month it took, and by how much it differs from the others.
        """
        found = set[str]()
        for month in months:
            then = self._tree_of(month, tree)
            named = self.named[group].get(month, {})
            untold = {unit for unit in named if not self._is_told_alone(unit, hidden.get(month, ()), then)}
            found |= self._holding(untold, tree, then)
        return found

    def _is_told_alone(self, unit: str, hidden: Collection[str], tree: int) -> bool:
        """Whether what is shown of a month tells a unit without those below it: its sum less theirs."""
        return not any(one in hidden for one in (unit, *self.children[tree].get(unit, ())))

    def _everyone(self) -> pl.DataFrame:
        return self.trees.pairs.select(pl.col("unit").cast(pl.String)).unique()

    def _of_month(self, hidden: _Hidden, month: int, tree: int) -> Collection[str]:
        """The units of a tree of which the month must not be told."""
        own = hidden.get(month, frozenset())
        if not own or self.trees.past_stays:
            return own
        then = self._tree_of(month, tree)
        if then == tree:
            return own
        bad, moves = set(own), self._moves(then, tree)
        while more := {unit for unit, moved in moves.items() if unit not in bad and moved & bad}:
            bad |= more
        return bad

    def _tree_of(self, month: int, otherwise: int) -> int:
        return self.trees.tree_of.get(date(month // 12, month % 12 + 1, 1), otherwise)

    def _belows(self, tree: int) -> dict[str, set[str]]:
        if tree not in self._below:
            self._below[tree] = _below(self.trees, tree)
        return self._below[tree]

    def _holding(self, units: AbstractSet[str], *trees: int) -> set[str]:
        """All that any of these units counts into in one of the trees."""
        own = (self._belows(tree).items() for tree in set(trees) if units)
        return {unit for each in own for unit, below in each if below & units}

    def _moves(self, then: int, now: int) -> dict[str, set[str]]:
        """By unit all that counts into it in one of two trees only."""
        if (then, now) not in self._moved:
            below = {tree: self._belows(tree) for tree in (then, now)}
            units = set(below[then]) | set(below[now])
            moved = {unit: below[then].get(unit, set()) ^ below[now].get(unit, set()) for unit in units}
            self._moved[then, now] = {unit: others for unit, others in moved.items() if others}
        return self._moved[then, now]


def find_withheld(
    project: Project, plan: Plan, data: Cells, published: PublishedBefore | None = None
) -> Withheld | None:
    """What is withheld in the months of ``data`` (``coded``), beside what was published of them before.

    None where the project withholds nothing.
    """
    rule = project.organisation.small_groups
    if rule is None:
        return None
    groups, _ = groups_of(project, plan)
    wholes: dict[GroupName, _Hidden] = {}
    parts: dict[GroupName, _Hidden] = {}
    named: dict[GroupName, dict[int, dict[str, float]]] = {}
    present: dict[GroupName, dict[int, frozenset[tuple[str, Atom | None]]]] = {}
    children = {tree: _children(data.trees, tree) for tree in set(data.trees.tree_of.values())}
    for name, group in groups.items():
        of_whole, of_parts, of_rows, there = {}, {}, {}, {}
        for period, month in months_of(group, plan, data).items():
            number, below = month_number(period), children[data.trees.tree_of[period]]
            before = (published or {}).get((name.told, period), ())
            find = partial(_pattern, below, month, rule.at_least)
            found = settled(find, before, shared_units(project, period)) if before else find(Pattern())
            of_whole[number], of_parts[number] = found.wholes, found.parts
            of_rows[number] = {unit: size or 0.0 for unit, size in month.wholes.items()}
            there[number] = frozenset(
                (unit, part) for unit, of in month.parts.items() for part in (None, *filter(of.get, of))
            )
        wholes[name], parts[name], named[name], present[name] = of_whole, of_parts, of_rows, there
    return Withheld(project, plan, data.trees, wholes, parts, named, present, _valued(project, plan, data), children)


def _pattern(children: Mapping[str, Sequence[str]], month: Month, least: int, before: Pattern) -> Pattern:
    """What is withheld of a month, and of what was withheld before all."""
    wholes = withheld(children, month.wholes, least, twice=month.twice, before=before.wholes)
    parts = withheld(
        children, month.wholes, least, wholes, month.parts, twice=month.twice_in_parts, before=before.parts
    )
    return Pattern(wholes, parts)


def shared_units(project: Project, period: date) -> frozenset[str]:
    """The units of a month that are no person's: a person's figures are always withheld."""
    return frozenset(unit.id for unit in project.tree(period).units.values() if unit.level != PERSON)


def _valued(project: Project, plan: Plan, data: Cells) -> dict[str, dict[int, frozenset[tuple[str, str]]]]:
    """The units and slices with values, by month, of each variant about people that carries figures along."""
    used = {one.variant: plan.variants[one.variant] for one in plan.inputs}
    late = {key: variant for key, variant in used.items() if variant.late.kind == "last known"}
    keys = {key for key, variant in late.items() if people_of(project, variant.measure) is not None}
    by_month: dict[str, dict[int, set[tuple[str, str]]]] = {}
    for key, period, unit, slice_ in with_values(keys, plan, data) if keys else ():
        by_month.setdefault(key, {}).setdefault(month_number(period), set()).add((unit, slice_))
    return {key: {month: frozenset(places) for month, places in each.items()} for key, each in by_month.items()}


def _needed(variant: Variant, least: int) -> float:
    """How many people a percentile needs, so that a whole group is on both sides of it; zero for all else."""
    ranks = [part.quantile for part in variant.parts if part.quantile is not None]
    return max((least / min(rank, 1 - rank) for rank in ranks), default=0.0)


def _children(trees: Trees, tree: int) -> dict[str, Sequence[str]]:
    rows = trees.pairs.filter(pl.col("tree") == tree, pl.col("distance") == 1)
    found: dict[str, list[str]] = {}
    for unit, above in rows.select(pl.col("unit", "ancestor").cast(pl.String)).rows():
        found.setdefault(above, []).append(unit)
    return {unit: sorted(below) for unit, below in found.items()}


def _below(trees: Trees, tree: int) -> dict[str, set[str]]:
    rows = trees.pairs.filter(pl.col("tree") == tree).select(pl.col("unit", "ancestor").cast(pl.String)).rows()
    found: dict[str, set[str]] = {}
    for unit, above in rows:
        found.setdefault(above, set()).add(unit)
    return found
