"""How many people the rows of a month name in each unit, and in each part of them that KPIs look at.

Belongs here: counting. What is withheld because of it is ``withholding.py``'s choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from scorecards.periods import Window
from transforms.groups import Group
from transforms.plan import LEFT_OUT, KpiInput, Plan
from transforms.windows import Cells, input_values, window_parts
from transforms.withholding import WHOLE

_COUNTS = {"period": pl.Date, "unit": pl.String, "slice": pl.String, "value": pl.Float64}


@dataclass
class Month:
    """The people of one month by the unit that rows name: all of them, and with every part that is told of beside."""

    wholes: dict[str, dict[str, float]] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)


def months_of(group: Group, plan: Plan, data: Cells) -> dict[date, Month]:
    """Every month in which rows tell anything of the group; ``data`` is ``coded``."""
    alone = data.alone()
    found: dict[date, Month] = {}
    for period, unit in _named(group, data):
        month = found.setdefault(period, Month())
        month.wholes[unit], month.parts[unit] = {}, {}
    for part, sizes in _sizes(group, plan, alone):
        for period, unit, size in sizes.select("period", "unit", "value").drop_nulls("value").rows():
            if period in found and unit in found[period].wholes:
                found[period].parts[unit][part] = size
                if part == WHOLE:
                    found[period].wholes[unit][part] = size
    return found


def _named(group: Group, data: Cells) -> Iterator[tuple[date, str]]:
    """Months and units of which there are rows of anything that is told of the group."""
    keys = [*group.variants, group.whole]
    yield from data.cells.filter(pl.col("measure").is_in(keys)).select("period", pl.col("unit").cast(pl.String)).rows()
    for (key, _), states in data.states.items():
        if key in keys:
            yield from states.select("period", pl.col("unit").cast(pl.String)).unique().collect().rows()


def _sizes(group: Group, plan: Plan, alone: Cells) -> Iterator[tuple[str, pl.DataFrame]]:
    """The name of every part with its people by month and unit: the whole, parts, and what is in no part."""
    whole = _counts(group.whole, plan, alone)
    yield WHOLE, whole
    for number, family in enumerate(group.families):
        members = [_counts(key, plan, alone) for key in family.members]
        for place, member in enumerate(members):
            for (slice_,), rows in member.partition_by("slice", as_dict=True).items():
                yield f"{number} {place} {slice_}", rows
        together = pl.concat(members) if family.whole is None else _counts(family.whole, plan, alone)
        keys = ["period", "unit"]
        union = together.group_by(keys).agg(pl.col("value").sum().alias("union"))
        rest = pl.col("value") - pl.col("union").fill_null(0)
        yield f"{number} rest", whole.join(union, on=keys, how="left").with_columns(rest.alias("value"))


def _counts(key: str, plan: Plan, alone: Cells) -> pl.DataFrame:
    """People by month, unit and slice, of one variant."""
    variant = replace(plan.variants[key], late=LEFT_OUT)
    asked = KpiInput("", "people", key, Window("month"), (("month", 0),), None, "month")
    parts = window_parts(asked, variant, alone, sorted(alone.trees.tree_of), 1)
    found = input_values(parts, parts.parts.select("period", "unit", "slice"))
    return found.select(pl.col(name).cast(kind) for name, kind in _COUNTS.items())
