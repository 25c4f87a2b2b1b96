"""Which conditions on the rows of an input make parts of its group, and which say what is counted among the people.

Belongs here: reading conditions, wherever they are declared. How many people are in a part is ``group_sizes.py``.

A condition on columns that the people have makes a part, since the whole less the part tells the rest: the days of the
women leave those of the men. One on columns that are declared to tell of rows (the kind of an absence) makes none. Of
any other column nobody knows whether it tells of the person, so a condition on it makes a part that cannot be counted.
Nor does a count of the people themselves by one of their columns make one: it says how many of them there are, and
nothing of any. What a row brings is one column as it is, in proportion; by anything else it could tell rows apart.
A mean is about those who have a row, so they are to be counted, and nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scorecards.asked_of_people import asked_columns, conjuncts, read_value
from scorecards.project import Project
from scorecards.told_of_people import counts_people, narrowing_conditions, never_shown
from transforms.plan import KpiInput, Plan


@dataclass(frozen=True)
class Narrowing:
    """The parts that an input tells of: those that hold conditions (SQL), and each value of a column.

    ``is_uncounted`` where it has a part of which nobody knows how many people are in it.
    """

    conditions: tuple[str, ...] = ()
    column: str | None = None
    is_uncounted: bool = False


UNCOUNTED = Narrowing(is_uncounted=True)


def narrowing_of(project: Project, plan: Plan, declared: KpiInput, people: str) -> Narrowing:
    """The parts of the group of ``people`` that an input tells of, but for those of a breakdown."""
    variant = plan.variants[declared.variant]
    columns = asked_columns(project, project.sources[variant.measure.source], people)
    value, is_own = read_value(project, variant.measure, columns), columns.is_own
    of_kpi = [text for text in conjuncts(declared.narrowed) if not columns.tells_of_rows(text)]
    if never_shown(project, variant.measure, columns, value) is not None:
        return UNCOUNTED
    if any(columns.unknown(text) or columns.is_mixed(text) for text in of_kpi):
        return UNCOUNTED
    added = [text for text in variant.conditions if text not in declared.narrowed]
    own = narrowing_conditions(project, [*added, *value.filters], columns)
    branches = [text for text in value.branches if not columns.tells_of_rows(text)]
    named = {name for text in (*own, *branches) for name in columns.asked(text)}
    says_how_many = is_own and value.only_counts and counts_people(project, variant.measure, people)
    if not named or (says_how_many and not of_kpi and len(named) == 1):
        counted = [columns.countable(text) for text in of_kpi]
        return Narrowing((_all(counted),) if counted else ())
    if branches or any(columns.is_mixed(text) for text in own):
        # Who is meant is known by its values only: of a single column that there is no small group in any of them.
        named |= {name for text in of_kpi for name in columns.asked(text)}
        return Narrowing(column=min(named)) if len(named) == 1 else UNCOUNTED
    each = list(dict.fromkeys(columns.countable(text) for text in [*of_kpi, *own]))
    return Narrowing(tuple(dict.fromkeys([*each, _all(each[: len(of_kpi)] or each), _all(each)])))


def _all(texts: Sequence[str]) -> str:
    return " AND ".join(f"({text})" for text in texts) if len(texts) > 1 else texts[0]
