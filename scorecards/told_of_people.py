"""Whom a measure about people tells of: all whom its source has, those with a value in a column, or nobody knows whom.

Belongs here: what is declared of one measure. How an expression is read is ``asked_of_people.py``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlglot import exp

from scorecards.asked_of_people import AskedColumns, ValueRead, asked_columns, conditions_of, conjuncts, read_value
from scorecards.empty_values import leaves_out, may_be_empty
from scorecards.expressions import parse
from scorecards.groups import people_of
from scorecards.kpis import Measure
from scorecards.project import Project

UNCOUNTED = (
    "Ask for columns that the people have too, list those that tell of the row alone in small_groups.columns_of_rows, "
    "and count the people of a mean in its own source (people)."
)
OF_A_PART = "Take the percentile of all of them, or show a mean of the part."
_EVERYBODY = ""


class NeverShown(NamedTuple):
    """Why a measure about people is never shown, in words, and what to do."""

    why: str
    remedy: str


def brought_where_filled(project: Project, measure: Measure, people: str) -> str | None:
    """The column of the people's own rows that a measure takes figures from, where it may be empty; None elsewhere.

    Of people without a value in it the measure tells nothing.
    """
    columns = asked_columns(project, project.sources[measure.source], people)
    about = _about(project, measure, columns, read_value(project, measure, columns))
    return min((name for name in about if name != _EVERYBODY), default=None)


def _about(project: Project, measure: Measure, columns: AskedColumns, value: ValueRead) -> frozenset[str]:
    """The column whose values all aggregates are about; empty where they are about different people."""
    if not columns.is_own or (value.only_counts and not value.is_mean):
        return frozenset([_EVERYBODY])
    empty, where = may_be_empty(project, columns.source), [measure.where] if measure.where else []
    each = [_of_aggregate(aggregate, brought & empty, empty, where) for aggregate, brought in value.aggregates]
    return frozenset[str].intersection(*each)


def _of_aggregate(aggregate: Any, brought: frozenset[str], empty: frozenset[str], where: list[str]) -> frozenset[str]:
    """The columns whose values an aggregate may be said to be about; a count says how many of all have one, too."""
    if isinstance(aggregate, exp.Avg) and not brought:
        # A share: of those of whom the condition can be said at all.
        said = empty & {node.name for node in aggregate.this.find_all(exp.Column)}
        return frozenset({name for name in said if leaves_out(aggregate.this, name)} or [_EVERYBODY])
    if not isinstance(aggregate, exp.Count):
        is_sum = isinstance(aggregate, exp.Sum)
        about = {name for name in brought if leaves_out(aggregate.this, name, with_zero=is_sum)}
        return frozenset(about if brought else [_EVERYBODY])
    filters = (
        [aggregate.parent.expression.this.sql(dialect="duckdb")] if isinstance(aggregate.parent, exp.Filter) else []
    )
    asked = [parse(text) for text in conjuncts([*where, *filters])]
    about = {name for name in brought if leaves_out(aggregate.this, name)}
    about |= {name for name in empty if any(leaves_out(text, name, with_zero=True) for text in asked)}
    return frozenset([*about, _EVERYBODY])


def counts_people(project: Project, measure: Measure, people: str) -> bool:
    """Whether a measure over the rows that ``people`` counts counts people as it does, and not rows of theirs."""
    ours, theirs = (
        {node.this.sql() for node in parse(each.value).find_all(exp.Count)}
        for each in (measure, project.measures[people])
    )
    has_sums = parse(project.measures[people].value).find(exp.Sum) is not None
    is_of_rows = not any(text.startswith("DISTINCT") for text in theirs)
    return not has_sums and (is_of_rows or ours == theirs)


def _of_everybody(project: Project, people: str) -> list[str]:
    """The conditions that people hold to be counted, where every measure over the same rows asks for them too.

    Else they make a part like any other: all less those who are counted are the others.
    """
    counter = project.measures[people]
    wanted = conditions_of(counter)
    alike = [one for one in project.measures.values() if one.source == counter.source]
    alike = [one for one in alike if people_of(project, one) == people]
    return wanted if all(set(wanted) <= set(conditions_of(one)) for one in alike) else []


def narrowing_conditions(project: Project, asked: Sequence[str], columns: AskedColumns) -> list[str]:
    """Those of the conditions of a measure, or of an input, that not everybody holds of the people it is about."""
    held = _of_everybody(project, columns.people) if columns.is_own else []
    return [text for text in conjuncts(asked) if not columns.tells_of_rows(text) and text not in held]


def _counts_rows(project: Project, people: str) -> bool:
    """Whether each row of people is one of them."""
    tree = parse(project.measures[people].value)
    return tree.find(exp.Count) is not None and tree.find(exp.Distinct) is None


def _dated(project: Project, measure: Measure | str) -> object:
    found = project.measures[measure] if isinstance(measure, str) else measure
    return found.period or project.sources[found.source].period


def _dated_otherwise(project: Project, measure: Measure) -> str | None:
    """A measure about people by the same rows in other months, where this one is not dated as its source is.

    The months of the same rows shift against each other by a known few: less one pattern, the other tells them.
    """
    own = _dated(project, measure)
    if own == project.sources[measure.source].period:
        return None
    alike = {name: one for name, one in project.measures.items() if one.source == measure.source}
    others = (name for name, one in alike.items() if people_of(project, one) and _dated(project, one) != own)
    return min(others, default=None)


def never_shown(project: Project, measure: Measure, columns: AskedColumns, value: ValueRead) -> NeverShown | None:
    """Why a measure about people is never shown; None where it is. ``value`` is what stands in its own."""
    if value.is_uncounted:
        return NeverShown("is the value of single rows, or multiplies columns by each other", UNCOUNTED)
    if not _about(project, measure, columns, value):
        return NeverShown(
            f"adds up or divides figures of different people, whose columns are not filled alike ({measure.value})",
            "Make a measure of each, and add or divide them in the KPI.",
        )
    if columns.is_own and not value.only_counts and _dated(project, measure) != _dated(project, columns.people):
        return NeverShown(f"is dated by another column than that by which {columns.people} counts", UNCOUNTED)
    other = None if columns.is_own else _dated_otherwise(project, measure)
    if other is not None:
        return NeverShown(
            f"is dated by {_dated(project, measure)}, and '{other}' of the same source otherwise",
            "Date all measures of the source that tell of people by one column (period).",
        )
    if value.is_mean and not columns.is_own:
        return NeverShown(f"is about those who have a row, and {columns.people} counts others", UNCOUNTED)
    if value.is_percentile and not _counts_rows(project, columns.people):
        return NeverShown(
            f"is taken over rows, and {columns.people} counts people otherwise",
            "Let people count the rows (COUNT(*)) of a source with one row for each person, or show a mean.",
        )
    own = [*([measure.where] if measure.where else []), *value.filters]
    currency = [f'"{measure.currency}"'] if measure.currency else []
    for text in (*conjuncts(own), *value.branches, *currency):
        unknown = columns.unknown(text)
        if unknown:
            return NeverShown(
                f"asks for '{min(unknown)}', of which nobody knows whether it tells of the person", UNCOUNTED
            )
    if value.is_percentile and (value.branches or narrowing_conditions(project, own, columns)):
        return NeverShown("is a percentile of a part of the people", OF_A_PART)
    return None
