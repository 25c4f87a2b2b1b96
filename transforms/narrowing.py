"""Which conditions on the rows of an input make parts of its group, and which say what is counted among the people.

Belongs here: reading conditions, wherever they are declared. How many people are in a part is ``group_sizes.py``.

A condition on columns that the people have makes a part, since the whole less the part tells the rest: the days of the
women leave those of the men. One on columns that they do not have (the kind of an absence) makes none. Nor does a
count of the people themselves by one of their columns: it says how many of them there are, and nothing of any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from scorecards.check_data import columns_of
from scorecards.expression_rules import AGGREGATES
from scorecards.expressions import names_in, parse
from scorecards.project import Project
from transforms.plan import KpiInput, Plan

_SAYS_SO = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Like, exp.ILike, exp.Between)
_TELLS = (*_SAYS_SO, exp.If, exp.Case, exp.Column)


@dataclass(frozen=True)
class Narrowing:
    """The parts that an input tells of: those that hold conditions (SQL), and each value of a column.

    ``is_uncounted`` where it has a part of which nobody knows how many people are in it.
    """

    conditions: tuple[str, ...] = ()
    column: str | None = None
    is_uncounted: bool = False


def narrowing_of(project: Project, plan: Plan, declared: KpiInput, people: str) -> Narrowing:
    """The parts of the group of ``people`` that an input tells of, but for those of a breakdown."""
    variant, counter = plan.variants[declared.variant], project.measures[people]
    types = columns_of(project, project.sources[counter.source])
    has, is_own = frozenset(types), variant.measure.source == counter.source
    value = _Value(variant.measure.value, frozenset(name for name, type_ in types.items() if type_ == "boolean"))
    of_kpi = [text for text in _conjuncts(declared.narrowed) if names_in(text) & has]
    if any(names_in(text) - has for text in of_kpi):
        return Narrowing(is_uncounted=True)

    of_all = _Value(counter.value).filters + ([counter.where] if counter.where else [])
    of_everybody = _conjuncts(of_all) if is_own else []
    added = [text for text in variant.conditions if text not in declared.narrowed]
    own = [text for text in _conjuncts(added + value.filters) if text not in of_everybody and names_in(text) & has]
    branches = [text for text in value.branches if names_in(text) & has]
    named = has & {name for text in (*own, *branches) for name in names_in(text)}
    if not named or (is_own and not of_kpi and len(named) == 1 and value.only_counts):
        return Narrowing((_all(of_kpi),) if of_kpi else ())
    if branches or any(names_in(text) - has for text in own):
        # Who is meant is known by its values only: of a single column that there is no small group in any of them.
        named |= has & {name for text in of_kpi for name in names_in(text)}
        return Narrowing(column=min(named)) if len(named) == 1 else Narrowing(is_uncounted=True)
    each = list(dict.fromkeys([*of_kpi, *own]))
    return Narrowing(tuple(dict.fromkeys([*each, _all(of_kpi or each), _all(each)])))


def are_apart(one: str, other: str) -> bool:
    """Whether no row holds both conditions, for certain: a column is one value, and the same is another."""
    values = [_value(text) for text in (one, other)]
    return None not in values and values[0][0] == values[1][0] and values[0] != values[1]  # type: ignore[index]


def _value(text: str) -> tuple[str, str] | None:
    tree: Any = parse(text).unnest()
    is_one = isinstance(tree, exp.EQ) and isinstance(tree.this, exp.Column) and isinstance(tree.expression, exp.Literal)
    return (tree.this.name, tree.expression.sql()) if is_one else None


def _all(texts: Sequence[str]) -> str:
    return " AND ".join(f"({text})" for text in texts) if len(texts) > 1 else texts[0]


def _conjuncts(texts: Sequence[str]) -> list[str]:
    """The conditions that hold together, each by itself, written alike wherever they stand."""
    found = list[str]()
    for text in texts:
        tree = parse(text).unnest()
        parts = tree.flatten() if isinstance(tree, exp.And) else [tree]
        found += [part.unnest().sql(dialect="duckdb") for part in parts]
    return list(dict.fromkeys(found))


class _Value:
    """What stands in a measure's value: conditions that filter an aggregate, and those by which it tells rows apart.

    ``only_counts`` where it tells nothing of a row but which conditions it holds; ``booleans`` are columns that are
    conditions by themselves.
    """

    def __init__(self, text: str, booleans: frozenset[str] = frozenset()) -> None:
        self.filters, self.branches, self.only_counts = list[str](), list[str](), True
        for node in parse(text).walk():
            if isinstance(node, exp.Filter):
                self.filters.append(node.expression.this.sql(dialect="duckdb"))
            elif node.find_ancestor(exp.Where, *_SAYS_SO) or _is_asked(node) or not isinstance(node, _TELLS):
                continue
            elif not isinstance(node, exp.Column) or node.name in booleans:
                asked = node.this if isinstance(node, (exp.If, exp.Case)) else node
                self.branches += [] if asked is None else [asked.sql(dialect="duckdb")]
            elif not isinstance(node.find_ancestor(*AGGREGATES), exp.Count):
                self.only_counts = False


def _is_asked(node: Any) -> bool:
    """Whether it stands where CASE asks, not where it answers."""
    while node.parent is not None:
        if isinstance(node.parent, (exp.If, exp.Case)) and node.arg_key == "this":
            return True
        node = node.parent
    return False
