"""How many people the rows of a month name in each unit, and in each part of them that KPIs look at.

Belongs here: counting. What is withheld because of it is ``withholding.py``'s choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from scorecards.periods import Window
from transforms.groups import Group
from transforms.plan import LEFT_OUT, KpiInput, Plan
from transforms.told_together import Atom
from transforms.windows import Cells, has_value, input_values, window_parts

NOBODY_KNOWN = 1e-6
"""People of a part of which there are rows, but nobody who is counted: rows that say another thing of a person."""
_COUNTS = {"period": pl.Date, "unit": pl.String, "slice": pl.String, "value": pl.Float64}


@dataclass
class Month:
    """The people of one month by the unit that rows name: all of them, and by what is told of them.

    ``twice`` counts how often one is in a further unit: rows of such a person are in each. ``twice_in_parts`` counts
    how often one is in a further part, of whatever unit.
    """

    wholes: dict[str, float | None] = field(default_factory=dict)
    parts: dict[str, dict[Atom, float]] = field(default_factory=dict)
    twice: float = 0.0
    twice_in_parts: float = 0.0


def months_of(group: Group, plan: Plan, data: Cells) -> dict[date, Month]:
    """Every month in which rows tell anything of the group; ``data`` is ``coded``."""
    alone = data.alone()
    found: dict[date, Month] = {}
    for period, unit in _named(group, plan, data):
        month = found.setdefault(period, Month())
        month.wholes[unit], month.parts[unit] = None, {}
    for period, unit, _, size in _counts(group.whole, plan, alone):
        if unit in found.get(period, _NONE).wholes:
            found[period].wholes[unit] = size
    if group.people is not None:
        for period, unit, slice_, size in _counts(group.people.variant, plan, alone):
            if unit in found.get(period, _NONE).parts:
                atom, parts = group.people.atom(slice_, group.numbered()), found[period].parts[unit]
                parts[atom] = parts.get(atom, 0.0) + size
    _count_twice(found, group, plan, data)
    _add_unknown(found, group, data)
    return found


_NONE = Month()


def _count_twice(found: dict[date, Month], group: Group, plan: Plan, data: Cells) -> None:
    """Note how many fewer the people of the whole tree are in a month than those of its units together."""
    if all(part.kind != "distinct" for part in plan.variants[group.whole].parts):
        return
    pairs = data.trees.pairs.select(pl.col("unit", "ancestor").cast(pl.String), "distance")
    below = set(pairs.filter(pl.col("distance") > 0)["unit"])
    tops: dict[date, float] = {}
    for period, unit, _, size in _counts(group.whole, plan, data):
        if unit not in below:
            tops[period] = tops.get(period, 0.0) + size
    for period, month in found.items():
        each = sum(size or 0.0 for size in month.wholes.values())
        parts = sum(sum(sizes.values()) for sizes in month.parts.values())
        month.twice = max(each - tops.get(period, 0.0), 0.0)
        month.twice_in_parts = max(parts - tops.get(period, 0.0), month.twice)


def _add_unknown(found: dict[date, Month], group: Group, data: Cells) -> None:
    """Parts of which rows tell though nobody in them is counted: too few to be told, however many rows there are."""
    for count, numbers in group.rows:
        tellings = group.numbered(numbers)
        cells = data.cells.filter(pl.col("measure") == count.variant).select("period", "unit", "slice").unique()
        for period, unit, slice_ in cells.with_columns(pl.col("unit", "slice").cast(pl.String)).rows():
            parts, atom = found[period].parts[unit], count.atom(slice_, tellings)
            known = {frozenset(item for item in one if item[0] in numbers) for one, size in parts.items() if size > 0}
            if atom not in known:
                parts[atom] = NOBODY_KNOWN


def _named(group: Group, plan: Plan, data: Cells) -> Iterator[tuple[date, str]]:
    """Months and units of which there are rows of anything that is told of the group."""
    keys = {*group.variants, group.whole, *(count.variant for count, _ in group.rows)}
    yield from ((period, unit) for _, period, unit, _ in with_values(keys, plan, data))


def with_values(keys: Collection[str], plan: Plan, data: Cells) -> Iterator[tuple[str, date, str, str]]:
    """Variants of these, each with the months, units and slices of which it has a value: rows alone are none."""
    place = ("period", pl.col("unit", "slice").cast(pl.String))
    cells = data.cells.filter(pl.col("measure").is_in(keys), has_value())
    # Values are counted wherever rows are: that there is none of them is no value.
    counts = [(key, part.name) for key in keys for part in plan.variants[key].parts if part.kind == "count"]
    of_nothing = pl.DataFrame(counts, schema={"measure": pl.String, "part": pl.String}, orient="row")
    of_nothing = of_nothing.with_columns(exact=pl.lit(0, cells.schema["exact"]))
    cells = cells.join(of_nothing, on=["measure", "part", "exact"], how="anti")
    yield from cells.select("measure", *place).unique().rows()
    for (key, _), states in data.states.items():
        if key in keys:
            yield from ((key, *row) for row in states.select(*place).unique().collect().rows())


def _counts(key: str, plan: Plan, alone: Cells) -> list[tuple[date, str, str, float]]:
    """People by month, unit and slice, of one variant."""
    variant = replace(plan.variants[key], late=LEFT_OUT)
    asked = KpiInput("", "people", key, Window("month"), (("month", 0),), None, "month")
    parts = window_parts(asked, variant, alone, sorted(alone.trees.tree_of), 1)
    found = input_values(parts, parts.parts.select("period", "unit", "slice"))
    return found.select(pl.col(name).cast(kind) for name, kind in _COUNTS.items()).drop_nulls("value").rows()
