"""What expressions ask of the rows about people: of the person, of the row alone, or of what nobody knows.

Belongs here: reading one expression, or what stands in a measure's value. Whom a measure tells of, and whether it is
shown at all, is ``told_of_people.py``'s; which parts of a group an input tells of is ``transforms/narrowing.py``'s.

What a row brings is one column as it is, in proportion; by anything else it could tell rows apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from scorecards.check_data import columns_of
from scorecards.expression_rules import AGGREGATES
from scorecards.expressions import names_in, parse
from scorecards.kpis import Measure
from scorecards.project import Project
from scorecards.sources import Source

_SAYS_SO = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Like, exp.ILike, exp.Between)
_TELLERS = (exp.Min, exp.Max, exp.AnyValue)
PERCENTILES = (exp.Median, exp.PercentileCont)
_MEANS = (exp.Avg, *PERCENTILES)
_PROPORTIONAL = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren, exp.Cast, exp.Coalesce, exp.Case, exp.If, exp.DataType,
)  # fmt: skip


@dataclass(frozen=True)
class AskedColumns:
    """What the columns of a source tell of: people who ``have`` the same, or rows alone (``of_rows``).

    ``people`` is the measure that counts them; ``is_own`` where it counts rows of the same source.
    """

    source: Source
    people: str
    is_own: bool
    have: frozenset[str]
    of_rows: frozenset[str]

    def written_out(self, text: str) -> exp.Expression:
        """The expression with those of derived columns in their place, but for those that are told of by themselves."""
        tree = parse(text).copy()
        for _ in self.source.derived:
            tree = tree.transform(self._derived)
        return tree

    def _derived(self, node: exp.Expression) -> exp.Expression:
        name = node.name if isinstance(node, exp.Column) else ""
        if name not in self.source.derived or name in self.of_rows:
            return node
        return exp.Paren(this=parse(self.source.derived[name].value).copy())

    def _names(self, text: str) -> set[str]:
        return {node.name for node in self.written_out(text).find_all(exp.Column)}

    def tells_of_rows(self, text: str) -> bool:
        """Whether an expression tells nothing of the person."""
        return self._names(text) <= self.of_rows

    def asked(self, text: str) -> set[str]:
        """The columns of people that an expression asks for."""
        return self._names(text) & self.have

    def is_mixed(self, text: str) -> bool:
        """Whether an expression asks for the person and the row in one."""
        return bool(self._names(text) & self.of_rows)

    def unknown(self, text: str) -> set[str]:
        """The columns that an expression asks for and of which nobody knows whether they tell of the person."""
        return self._names(text) - self.have - self.of_rows

    def countable(self, text: str) -> str:
        """The condition as it can be asked of the people."""
        return text if names_in(text) <= self.have else self.written_out(text).unnest().sql(dialect="duckdb")


def asked_columns(project: Project, source: Source, people: str) -> AskedColumns:
    """What the columns of a source tell of, where a measure counts the people."""
    rule, counting = project.organisation.small_groups, project.sources[project.measures[people].source]
    have = frozenset(columns_of(project, counting))
    of_rows = frozenset(rule.columns_of_rows if rule else ()) - have
    return AskedColumns(source, people, source is counting, have, of_rows)


def read_value(project: Project, measure: Measure, columns: AskedColumns) -> ValueRead:
    """What stands in the value of a measure, derived columns written out."""
    types = columns_of(project, project.sources[measure.source])
    booleans = frozenset(name for name, type_ in types.items() if type_ == "boolean")
    return ValueRead(columns.written_out(measure.value), booleans, columns.of_rows)


def conditions_of(measure: Measure) -> list[str]:
    """The conditions that every row holds which a measure counts."""
    tree = parse(measure.value)
    filters = [conjuncts([node.expression.this.sql(dialect="duckdb")]) for node in tree.find_all(exp.Filter)]
    is_filtered = len(filters) == len(list(tree.find_all(*AGGREGATES)))
    common = [text for text in filters[0] if all(text in other for other in filters)] if filters and is_filtered else []
    return [*conjuncts([measure.where] if measure.where else []), *common]


def conjuncts(texts: Sequence[str]) -> list[str]:
    """The conditions that hold together, each by itself, written alike wherever they stand."""
    found = list[str]()
    for text in texts:
        tree = parse(text).unnest()
        parts = tree.flatten() if isinstance(tree, exp.And) else [tree]
        found += [part.unnest().sql(dialect="duckdb") for part in parts]
    return list(dict.fromkeys(found))


class ValueRead:
    """What stands in a measure's value: conditions that filter an aggregate, and those by which it tells rows apart.

    ``only_counts`` where it tells nothing of a row but which conditions it holds; ``booleans`` are columns that are
    conditions by themselves, and those ``of_rows`` may stand beside the one column that a row brings. ``aggregates``
    come each with the columns that rows bring to it. ``is_uncounted`` where it tells rows apart in ways that nobody can
    follow; ``is_mean`` where it is about those who have a row, ``is_percentile`` where it is the value of one of them.
    """

    def __init__(
        self, tree: exp.Expression, booleans: frozenset[str] = frozenset(), of_rows: frozenset[str] = frozenset()
    ) -> None:
        self.filters = [node.expression.this.sql(dialect="duckdb") for node in tree.find_all(exp.Filter)]
        self.branches, self.only_counts, self.is_uncounted = list[str](), True, any(map(_tells_of_one, tree.walk()))
        self.booleans, self.of_rows, self.is_mean = booleans, of_rows, tree.find(*_MEANS) is not None
        self.is_percentile = tree.find(*PERCENTILES) is not None
        self.aggregates = list[tuple[Any, frozenset[str]]]()
        for aggregate in tree.find_all(*AGGREGATES):
            self._read(aggregate)

    def _read(self, aggregate: Any) -> None:
        brought = list[exp.Column]()
        for node in aggregate.this.walk() if aggregate.this is not None else ():
            if node.find_ancestor(exp.Where, *_SAYS_SO) or _is_asked(node):
                continue
            if isinstance(node, _SAYS_SO):
                self._branch(node)
            elif isinstance(node, (exp.If, exp.Case)):
                self._branch(node.this)
            elif isinstance(node, exp.Column) and node.name in self.booleans:
                self._branch(node)
            elif isinstance(node, exp.Column) and node.name not in self.of_rows:
                brought.append(node)
        names = frozenset(node.name for node in brought)
        self.aggregates.append((aggregate, names))
        if isinstance(aggregate, exp.Count) or not brought:
            return
        self.only_counts = False
        self.is_uncounted = self.is_uncounted or len(names) > 1
        self.branches += [node.sql(dialect="duckdb") for node in brought if not _is_proportional(node, brought)]

    def _branch(self, asked: Any) -> None:
        self.branches += [] if asked is None else [asked.sql(dialect="duckdb")]


def _tells_of_one(node: Any) -> bool:
    """Whether an aggregate is the value of a single row: the smallest, the largest, any."""
    is_end = isinstance(node, exp.PercentileCont) and float(str(node.expression.this)) in (0.0, 1.0)
    return is_end or isinstance(node, _TELLERS)


def _is_proportional(node: Any, brought: Sequence[exp.Column]) -> bool:
    """Whether a row brings this column times something that depends on none of those that it brings."""
    for above in _above(node):
        beside = [other for other in above.find_all(exp.Column) if any(other is each for each in brought)]
        # What cannot be cast is missing, and so tells rows apart.
        if (
            not isinstance(above, _PROPORTIONAL)
            or isinstance(above, exp.TryCast)
            or (isinstance(above, (exp.Mul, exp.Div)) and len(beside) > 1)
        ):
            return False
        if isinstance(above, exp.Div) and any(other is node for other in above.expression.find_all(exp.Column)):
            return False
    return True


def _above(node: Any) -> Iterator[Any]:
    """What stands between a column and its aggregate."""
    while not isinstance(node.parent, tuple(AGGREGATES)):
        node = node.parent
        yield node


def _is_asked(node: Any) -> bool:
    """Whether it stands where CASE asks, not where it answers."""
    while node.parent is not None:
        if isinstance(node.parent, (exp.If, exp.Case)) and node.arg_key == "this":
            return True
        node = node.parent
    return False
