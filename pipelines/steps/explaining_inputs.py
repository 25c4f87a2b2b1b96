"""What stands behind one operand of a KPI: its measure and window, units and months, loads, rates, and the SQL.

Belongs here: gathering these for one input. Where its cells and rows are is ``explaining_data.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from pipelines.steps.explained import InputExplained, LoadBehind, MonthFigure, RateUsed, UnitFigure, is_same
from pipelines.steps.explaining_data import Behind, data_of, relation_of
from pipelines.steps.explaining_words import notes_on
from pipelines.steps.setting import Setting
from report_templates.language import ENGLISH
from report_templates.reasons import reason_words
from scorecards.groups import sources_about_people
from transforms.adding_up import measure_adds_up
from transforms.groups import group_of
from transforms.kpis import SMALL_GROUP
from transforms.own_figures import Figure, by_month, by_unit, members, months_taken, narrowed
from transforms.plan import KpiInput, Variant
from transforms.row_places import Taken
from transforms.row_sql import RowSql, row_sql, sources_behind
from transforms.windows import NO_RATE
from warehouse.selection import Load, all_loads, scan

_WITHHELD = "The figure is withheld, so that no small group of people can be identified."
_OTHER_DATA = (
    "The month was computed from other data or declarations than stand now. Of people nothing else is told until the "
    "month is run again: these could be too few."
)
_OTHER_FIGURE = "what one gives is not the value, and of people no other figure is told"


def explain_input(behind: Behind, declared: KpiInput, row: Mapping[str, Any]) -> InputExplained:
    """One operand; ``row`` is its row of ``KPI_INPUTS``."""
    setting, variant = behind.setting, behind.setting.plan.variants[declared.variant]
    measure, start = variant.measure, setting.project.organisation.fiscal_year_starts
    data = data_of(behind, variant)
    months = months_taken(declared, variant, data, behind.period, start)
    counting = members(declared, data.trees, behind.unit, behind.period, months, start)
    own = narrowed(data, variant, counting, behind.slice)
    is_withheld, group = row["missing_reason"] == SMALL_GROUP, group_of(setting.project, setting.plan, declared)
    # An edition may be older than the rule: then every operand of such a KPI counts as about people.
    has_people = group is not None or (behind.is_edition and behind.is_about_people)
    # What is withheld of the data that stand now is decided only when the month is run.
    is_told = not has_people or behind.is_edition or behind.is_as_computed
    # Of people it is not told either which units have rows, and how many.
    units = [] if has_people else by_unit(declared, variant, own, behind.period, start)
    sources = sources_behind(setting.project, variant)
    statements = row_sql(
        setting.project,
        variant,
        _taken(setting, counting, {str(one.of) for one in units}),
        {source_id: relation_of(behind, source_id, months) for source_id in sources},
        behind.slice,
    )
    if is_withheld:
        statements = replace(statements, rows=None, value=None, because=(_WITHHELD,))
    elif not is_told:
        statements = replace(statements, rows=None, value=None, because=())
    given = _given(behind, statements, row, has_people)
    return InputExplained(
        name=declared.name,
        measure=variant.measure_id,
        sql=measure.value,
        where=variant.conditions,
        source=measure.source,
        over_time=measure.over_time,
        is_in_value=declared.in_value,
        window=str(declared.window),
        window_from=row["window_from"],
        window_to=row["window_to"],
        months_present=row["months_present"],
        months_expected=row["months_expected"],
        value=row["value"],
        missing_reason=row["missing_reason"],
        missing_words=reason_words(row["missing_reason"], ENGLISH) if row["missing_reason"] else None,
        notes=(
            *notes_on(setting.project, declared, variant, months, group.told if group else None),
            *(() if is_told else (_OTHER_DATA,)),
        ),
        adds_up=measure_adds_up(measure.value) and measure.over_time in ("sum", "first", "last", "average"),
        is_told=is_told,
        units=tuple(_unit_figures(behind, units)),
        months=()
        # An edition's months are computed anew, from what had come when it was published.
        if is_withheld or (has_people and (not behind.tells_months or behind.is_edition or not is_told))
        else tuple(
            MonthFigure(one.of, one.value, one.numerator, one.denominator, one.rows, one.missing_reason)
            for one in by_month(declared, variant, own, behind.unit, behind.period, months, start, behind.slice)
            if isinstance(one.of, date)
        ),
        loads=tuple(load for source_id, role in sources.items() for load in _loads(setting, source_id, role, months))
        if is_told
        else (),
        rates=tuple(_rates(behind, variant, months)) if is_told else (),
        rows_sql=statements.rows,
        value_sql=given.sql,
        no_value_sql=given.because,
        sql_gives=given.value,
    )


class _Given(NamedTuple):
    """What the statement of a value gave just now; without it, why there is none."""

    sql: str | None
    value: float | None
    because: tuple[str, ...]


def _given(behind: Behind, statements: RowSql, row: Mapping[str, Any], has_people: bool) -> _Given:
    """Run the statement of a value; of people no other figure is told than the value that is shown."""
    sql, because = statements.value, statements.because
    if sql is not None and row["missing_reason"] == NO_RATE:
        # SQL passes over a NULL in a sum, and would give the amounts that have a rate.
        return _Given(None, None, (*because, "an exchange rate is missing, and with it the value"))
    if sql is None or row["value"] is None:
        return _Given(sql, None, because)
    try:
        value = behind.warehouse.number(sql)
    except ValueError as error:
        return _Given(sql, None, (*because, str(error)))
    if has_people and (value is None or not is_same(value, row["value"])):
        return _Given(None, None, (*because, _OTHER_FIGURE))
    return _Given(sql, value, because)


def _unit_figures(behind: Behind, units: Sequence[Figure]) -> list[UnitFigure]:
    named = behind.setting.project.tree(behind.period).units
    names = {unit: row.name for unit, row in named.items()}
    return [
        UnitFigure(
            str(one.of),
            names.get(str(one.of), str(one.of)),
            one.value,
            one.numerator,
            one.denominator,
            one.rows,
            one.missing_reason,
        )
        for one in units
    ]


def _taken(setting: Setting, counting: Mapping[date, Sequence[str]], with_rows: set[str]) -> list[Taken]:
    """Months with the units that count in them; only units with rows are named, and none where all count."""
    everyone, groups = set(setting.project.unit_ids), dict[tuple[str, ...] | None, list[date]]()
    for month, units in counting.items():
        named = tuple(unit for unit in units if unit in with_rows) or tuple(units)
        groups.setdefault(None if everyone <= set(units) else named, []).append(month)
    return [Taken(units, tuple(months)) for units, months in groups.items()]


def _loads(setting: Setting, source_id: str, role: str, months: Sequence[date]) -> list[LoadBehind]:
    """The deliveries that count for these months, oldest first.

    What identifies the bytes of a file about people is not told: who guesses them would know if the guess is right.
    """
    is_told = source_id not in sources_about_people(setting.project)
    first_seen: dict[str, str] = {}
    for load in all_loads(setting.home, source_id):
        first_seen.setdefault(load.delivery, load.at)
    found: dict[str, tuple[Load, list[date]]] = {}
    for month, loads in setting.counting(source_id, months).items():
        for load in loads:
            found.setdefault(load.id, (load, []))[1].append(month)
    ordered = sorted(found.values(), key=lambda each: (each[0].known_on, each[0].arrived))
    return [
        LoadBehind(
            load.id if is_told else f"{source_id} {number}", role, source_id, load.name, load.digest if is_told else "",
            load.known_on, first_seen[load.delivery], load.rows, load.rejected, load.reasons, tuple(own),
        )
        for number, (load, own) in enumerate(ordered, start=1)
    ]  # fmt: skip


def _rates(behind: Behind, variant: Variant, months: Sequence[date]) -> list[RateUsed]:
    """The rates of the currencies that the deliveries hold, month by month."""
    setting, measure = behind.setting, variant.measure
    if measure.currency is None or behind.rates is None:
        return []
    source = setting.project.sources[measure.source]
    loads = {load.id: load for each in setting.counting(source.source, months).values() for load in each}
    if measure.currency not in source.columns:
        return []
    found = scan(setting.home, source, loads.values()).select(pl.col(measure.currency).cast(pl.String)).unique()
    held = set(found.collect().to_series().drop_nulls()) - {setting.project.organisation.currency}
    known = {
        (currency, period): rate
        for currency, period, rate in behind.rates.rates.select("currency", "period", measure.rate).iter_rows()
    }
    return [
        RateUsed(currency, month, measure.rate, None if (rate := known.get((currency, month))) is None else float(rate))
        for month in months
        for currency in sorted(held)
    ]
