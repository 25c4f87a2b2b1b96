"""The SQL that declarations may contain: parsed by sqlglot in DuckDB's dialect, and held to an allow-list.

Belongs here: what may be written, and what an expression refers to. Does not belong here: how it is computed
(``transforms/expressions.py``). Nothing is ever evaluated from text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from scorecards.errors import did_you_mean

AGGREGATES: dict[type[exp.Expression], str] = {
    exp.Sum: "SUM", exp.Count: "COUNT", exp.Avg: "AVG", exp.Min: "MIN", exp.Max: "MAX", exp.Median: "MEDIAN",
    exp.PercentileCont: "QUANTILE_CONT",
}  # fmt: skip
FUNCTIONS: dict[type[exp.Expression], str] = {
    exp.Abs: "ABS", exp.Round: "ROUND", exp.Floor: "FLOOR", exp.Ceil: "CEIL", exp.Greatest: "GREATEST",
    exp.Least: "LEAST", exp.Coalesce: "COALESCE", exp.Nullif: "NULLIF", exp.Ln: "LN", exp.Exp: "EXP", exp.Sqrt: "SQRT",
    exp.Pow: "POWER", exp.Lower: "LOWER", exp.Upper: "UPPER", exp.Trim: "TRIM", exp.Length: "LENGTH",
    exp.DateDiff: "DATE_DIFF",
}  # fmt: skip
_OPERATORS: tuple[type[exp.Expression], ...] = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE,
    exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Is, exp.Null, exp.Boolean, exp.Literal, exp.Like, exp.ILike,
    exp.Case, exp.If, exp.Column, exp.Identifier, exp.Star, exp.Var, exp.Distinct, exp.Filter, exp.Where, exp.WithinGroup,
    exp.Order, exp.Ordered, exp.Cast, exp.DataType, exp.DataTypeParam,
)  # fmt: skip
_CAST_TARGETS = {"DATE", "DOUBLE", "BIGINT", "INT", "DECIMAL", "VARCHAR", "TEXT"}


class ExpressionError(ValueError):
    """An expression that cannot be parsed, or holds something that is not allowed."""


@lru_cache(maxsize=4096)
def parse(text: str) -> exp.Expression:
    """Parse one SQL expression. Raises ``ExpressionError`` for anything that is not a single allowed expression."""
    try:
        trees = [tree for tree in sqlglot.parse(f"SELECT {text}", read="duckdb") if tree is not None]
    except SqlglotError as error:
        raise ExpressionError(f"'{text}' is not a SQL expression: {_first_line(error)}") from None
    except RecursionError:
        raise ExpressionError("is nested too deeply") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Select) or set(_given(trees[0])) != {"expressions"}:
        raise ExpressionError(f"'{text}' must be a single expression, without FROM, WHERE or ;")
    if len(trees[0].expressions) != 1:
        raise ExpressionError(f"'{text}' holds {len(trees[0].expressions)} expressions; give one")
    tree = cast(exp.Expression, trees[0].expressions[0])
    for node in cast(Iterator[exp.Expression], tree.walk()):
        _check_node(node, text)
    return tree


def names_in(text: str) -> frozenset[str]:
    """The column or input names that the expression refers to."""
    return frozenset(column.name for column in parse(text).find_all(exp.Column))


def check(text: str, known: Collection[str], *, aggregate: bool, what: str) -> str | None:
    """What is wrong with an expression, or None.

    ``known`` are the names it may use, told as ``what`` ("column of leavers"). ``aggregate`` says whether every column
    must stand inside an aggregate (a measure's value) or no aggregate is allowed (a formula, a condition).
    """
    try:
        tree = parse(text)
    except ExpressionError as error:
        return str(error)
    for name in sorted(names_in(text)):
        if name not in known:
            return f"'{name}' is not a {what}. {did_you_mean(name, sorted(known))}"
    found = list(tree.find_all(*AGGREGATES))
    if not aggregate:
        return f"'{text}' must not hold an aggregate such as {AGGREGATES[type(found[0])]}" if found else None
    if not found:
        return f"'{text}' must hold an aggregate, such as SUM(…) or COUNT(*)"
    if any(node.parent_select is None and node.find_ancestor(*AGGREGATES) for node in found):
        return f"'{text}' has an aggregate inside an aggregate"
    loose = [c.name for c in tree.find_all(exp.Column) if not c.find_ancestor(*AGGREGATES, exp.Filter)]
    return f"'{loose[0]}' stands outside an aggregate in '{text}'" if loose else None


def outermost_division(text: str) -> tuple[exp.Expression, exp.Expression] | None:
    """Numerator and denominator of the formula's outermost division, or None where there is none or no single one."""
    level: list[exp.Expression] = [parse(text)]
    while level:
        divisions = [node for node in level if isinstance(node, exp.Div)]
        if divisions:
            return (divisions[0].this, divisions[0].expression) if len(divisions) == 1 else None
        level = [child for node in level for child in node.iter_expressions()]
    return None


def _check_node(node: exp.Expression, text: str) -> None:
    if isinstance(node, exp.Column) and (node.table or isinstance(node.this, exp.Star)):
        raise ExpressionError(f"'{node.sql()}' must be a plain name, without a dot or star")
    if isinstance(node, exp.Cast) and node.to.this.name not in _CAST_TARGETS:
        raise ExpressionError(f"'{text}' casts to {node.to.sql()}; allowed: {', '.join(sorted(_CAST_TARGETS))}")
    if not isinstance(node, (*AGGREGATES, *FUNCTIONS, *_OPERATORS)):
        name = node.name if isinstance(node, exp.Anonymous) else node.key.upper()
        allowed = ", ".join(sorted([*AGGREGATES.values(), *FUNCTIONS.values(), "CASE", "CAST"]))
        raise ExpressionError(f"'{name}' is not allowed in '{text}'; allowed functions: {allowed}")


def _given(node: exp.Expression) -> list[str]:
    return [key for key, value in node.args.items() if value]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
