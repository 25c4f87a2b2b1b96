"""By which patterns small groups are withheld: what stands in the warehouse, and what editions have shown.

Belongs here: recording it, and reading it again. That no two of them can be subtracted is for ``scorecards.patterns``
to say, and that what stands is not shown where they could be for ``warehouse.obeying``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from pipelines.steps.insight import compared_months
from pipelines.steps.reading import INSIGHT, SIGNALS
from pipelines.steps.setting import Setting
from pipelines.steps.staleness import as_rows, stored_prints
from pipelines.steps.standing_cells import looked_at, standing_cells
from scorecards.patterns import KeptPattern, can_be_subtracted, pattern_of
from transforms.groups import group_of, groups_of_measures
from transforms.placing import horizon
from transforms.small_groups import Withheld, find_withheld
from warehouse.editions import WithheldThen, withheld_then
from warehouse.store import Warehouse
from warehouse.tables import TABLES, UNITS_WITHHELD

_SCHEMA = {name: pl.Date if name in ("period", "month") else pl.String for name in UNITS_WITHHELD.columns}
_OF_ALL_MONTHS = tuple(table for table in TABLES if table.schema in ("signals", "insight"))
"""Tables that are made of all months until theirs."""
_TOLD = ("units", "withheld")
_Row = tuple[date, str, str, str, str, str]


def withheld_now(setting: Setting, warehouse: Warehouse, period: date) -> list[WithheldThen]:
    """The patterns by which an edition of a month tells of people, in it and in earlier months, where none has before.

    ``warehouse`` is read by the rule in force: what it does not show is not published.
    """
    if setting.project.organisation.small_groups is None:
        return []
    groups = groups_of_measures(setting.project, setting.plan)
    known = {
        (one.month, one.people, one.units, one.pattern)
        for one in withheld_then(setting.home)
        if _of_group(one.people, groups) <= _of_group(one.people, one.groups)
    }
    untold, kpis = set(warehouse.other_rules), _kpis_by_people(setting)
    rows = warehouse.read(UNITS_WITHHELD).filter(pl.col("period") <= period)
    found = dict.fromkeys(
        (month, people, units, pattern_of(text))
        for at, month, people, counted_by, units, _, text in rows.select(list(_SCHEMA)).iter_rows()
        if not all((at, kpi) in untold for kpi in kpis.get(counted_by, ()))
    )
    return [WithheldThen(*one) for one in found if one not in known]


def _of_group(people: str, groups: Mapping[str, tuple[str, str]]) -> set[str]:
    return {measure for measure, (_, told) in groups.items() if told == people}


def _kpis_by_people(setting: Setting) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for declared in setting.plan.inputs:
        group = group_of(setting.project, setting.plan, declared)
        if group is not None:
            found.setdefault(group.people, set()).add(declared.kpi)
    return found


class Patterns:
    """The patterns by which months tell of people, gathered while these are computed some after the other."""

    def __init__(self, setting: Setting, warehouse: Warehouse, outdated: Collection[date]) -> None:
        self._setting, self._warehouse = setting, warehouse
        self._made_of = warehouse.made_of(setting.telling)
        standing = warehouse.read(UNITS_WITHHELD).select(list(_SCHEMA))
        self._own = standing.filter(pl.col("period") == pl.col("month"))
        self._stood: dict[date, set[_Row]] = {}
        for period, *row in standing.iter_rows():
            if period not in outdated:
                self._stood.setdefault(period, set()).add(tuple(row))

    def rows(self, small: Withheld | None, periods: Sequence[date], computed: Collection[date]) -> pl.DataFrame:
        """The rows of ``UNITS_WITHHELD`` for these periods; ``small`` is what is withheld of ``computed`` ones.

        What a period is compared with, also by what moved its score, and what its scores look back at, tells of months
        by patterns of its own.
        """
        found = set[tuple[date, *_Row]]()
        if small is not None:
            self._take(small, computed)
            needed = {period: looked_at(self._setting, [period]) for period in periods}
            lacking = sorted({each for some in needed.values() for each in some} - self._stood.keys())
            if lacking:
                self._take(self._withheld_in(lacking), lacking)
            compared = {period: compared_months([period]) for period in periods}
            for period, each in ((one, each) for one in periods for each in {one, *needed[one], *compared[one]}):
                months = self._reached(each)
                found |= {(period, *row) for row in self._stood.get(each, ()) if row[0] in months}
        return pl.DataFrame(sorted(found), schema=_SCHEMA, orient="row")

    def clear_later(self, rows: pl.DataFrame) -> None:
        """Clear what later months' charts were made of, where a month is about to be told of by another pattern.

        A mean over months tells of each. Only where the pattern (``rows``, of ``UNITS_WITHHELD``) can be subtracted
        from the one by which it is told of until now; what is cleared is made anew when its month is run.
        """
        both = rows.filter(pl.col("period") == pl.col("month")).join(self._own, on=["period", "people"])
        turned = [
            period
            for period, units, text, *before in both.select(
                "period", *_TOLD, *(f"{one}_right" for one in _TOLD)
            ).iter_rows()
            if can_be_subtracted(KeptPattern(units, text), KeptPattern(*before))
        ]
        if turned:
            later = [period for period in stored_prints(self._warehouse, SIGNALS) if period > min(turned)]
            none = pl.concat([as_rows(step, dict.fromkeys(later, ""), later) for step in (SIGNALS, INSIGHT)])
            empty = {table: self._warehouse.read(table, []) for table in _OF_ALL_MONTHS}
            self._warehouse.replace(empty, later, none)

    def _take(self, small: Withheld | None, periods: Collection[date]) -> None:
        if small is not None:
            self._stood |= {period: set(self._fresh(small, self._reached(period))) for period in periods}

    def _withheld_in(self, periods: Sequence[date]) -> Withheld | None:
        setting, months = self._setting, horizon(self._setting.project, periods, self._setting.reach())
        data = standing_cells(setting, self._warehouse, months)
        return find_withheld(setting.project, setting.plan, data, setting.published_before(months))

    def _reached(self, period: date) -> list[date]:
        return horizon(self._setting.project, [period], self._setting.reach())

    def _fresh(self, small: Withheld, months: Sequence[date]) -> Iterator[_Row]:
        for (month, group), pattern in small.patterns(months).items():
            units = self._setting.telling.units
            assert units is not None
            yield (
                month, group.told, group.people, units(month), self._made_of.get(month, ""), pattern.text()
            )  # fmt: skip
