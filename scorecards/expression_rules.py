"""Which SQL may stand in an expression: the allow-list, and the forms in which its parts may be used.

Belongs here: rules about one node of a parsed tree. Whatever is not named here is refused, arguments included, so that
nothing that is written is ever left out of the computation.
"""

from __future__ import annotations

import math
import re
from datetime import date

from sqlglot import exp


class ExpressionError(ValueError):
    """An expression that cannot be parsed, or holds something that is not allowed."""


AGGREGATES: dict[type[exp.Expression], str] = {
    exp.Sum: "SUM", exp.Count: "COUNT", exp.Avg: "AVG", exp.Min: "MIN", exp.Max: "MAX", exp.Median: "MEDIAN",
    exp.PercentileCont: "QUANTILE_CONT", exp.AnyValue: "ANY_VALUE",
}  # fmt: skip
FUNCTIONS: dict[type[exp.Expression], str] = {
    exp.Abs: "ABS", exp.Round: "ROUND", exp.Trunc: "TRUNC", exp.Floor: "FLOOR", exp.Ceil: "CEIL",
    exp.Greatest: "GREATEST",
    exp.Least: "LEAST", exp.Coalesce: "COALESCE", exp.Nullif: "NULLIF", exp.Ln: "LN", exp.Exp: "EXP", exp.Sqrt: "SQRT",
    exp.Pow: "POWER", exp.Lower: "LOWER", exp.Upper: "UPPER", exp.Trim: "TRIM", exp.Length: "LENGTH",
    exp.DateDiff: "DATE_DIFF",
}  # fmt: skip
CAST_TARGETS = ("BIGINT", "DATE", "DECIMAL", "DOUBLE", "INT", "TEXT", "VARCHAR")
DATE_PARTS = ("DAY", "MONTH", "YEAR")
MOST_PLACES = 10

_TWO = frozenset({"this", "expression"})
_ARGUMENTS: dict[type[exp.Expression], frozenset[str]] = {
    **dict.fromkeys((*AGGREGATES, *FUNCTIONS, exp.Neg, exp.Paren, exp.Not, exp.Column, exp.Where), frozenset({"this"})),
    **dict.fromkeys(
        (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _TWO
    ),
    **dict.fromkeys((exp.And, exp.Or, exp.Is, exp.Like, exp.ILike, exp.Filter, exp.Nullif, exp.Pow), _TWO),
    **dict.fromkeys((exp.Greatest, exp.Least, exp.Coalesce), frozenset({"this", "expressions", "ignore_nulls"})),
    exp.Div: frozenset({"this", "expression", "typed", "safe"}),
    **dict.fromkeys((exp.Like, exp.ILike), frozenset({"this", "expression", "negate"})),
    exp.Count: frozenset({"this", "big_int"}),
    exp.PercentileCont: _TWO,
    exp.Round: frozenset({"this", "decimals"}),
    exp.DateDiff: frozenset({"this", "expression", "unit", "date_part_boundary"}),
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.TryCast: frozenset({"this", "to", "safe", "requires_string"}),
    exp.Distinct: frozenset({"expressions"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}),
    exp.DataTypeParam: frozenset({"this"}),
    exp.Null: frozenset(),
    exp.Boolean: frozenset({"this"}),
    exp.Star: frozenset(),
    exp.Var: frozenset({"this"}),
}


# Operators that the parser has other names for.
_OPERATORS: dict[type[exp.Expression], str] = {
    exp.DPipe: "||", exp.IntDiv: "//", exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "^", exp.Bracket: "[…]",
    exp.Dot: ".",
}  # fmt: skip


def check_node(node: exp.Expression, text: str) -> None:
    """Raise ``ExpressionError`` where a node of the expression ``text`` is not allowed, or not in this form."""
    if isinstance(node, exp.Column) and (node.table or isinstance(node.this, exp.Star)):
        raise ExpressionError(f"'{node.sql()}' must be a plain name, without a dot or star")
    allowed = _ARGUMENTS.get(type(node))
    if allowed is None:
        name = node.name if isinstance(node, exp.Anonymous) else _OPERATORS.get(type(node), node.key.upper())
        known = ", ".join(sorted([*AGGREGATES.values(), *FUNCTIONS.values(), "CASE", "CAST"]))
        raise ExpressionError(f"'{name}' is not allowed in '{text}'; allowed functions: {known}")
    extra = [key for key, value in node.args.items() if value and key not in allowed]
    if extra:
        raise ExpressionError(f"'{_sql(node)}' cannot be written so: {_name(node)} takes no '{extra[0]}' here")
    wrong = _form(node)
    if wrong:
        raise ExpressionError(f"'{_sql(node)}' {wrong}")


def _form(node: exp.Expression) -> str | None:
    """What is wrong with the form of an allowed node, or None."""
    parent = node.parent
    if isinstance(node, exp.Distinct) and (not isinstance(parent, exp.Count) or len(node.expressions) != 1):
        return "is not allowed: DISTINCT stands in COUNT(DISTINCT column), with one column"
    if isinstance(node, exp.Star) and not isinstance(parent, exp.Count):
        return "is not allowed: a star stands in COUNT(*) only"
    if isinstance(node, exp.Filter) and not isinstance(node.this, tuple(AGGREGATES)):
        return "filters what is no aggregate; FILTER follows SUM(…), COUNT(…) and the like"
    if isinstance(node, tuple(AGGREGATES)) and node.find_ancestor(*AGGREGATES, exp.Where):
        return "is an aggregate inside an aggregate"
    if isinstance(node, exp.Literal):
        return _literal(node)
    return _arguments(node)


def _literal(node: exp.Expression) -> str | None:
    text = str(node.this)
    if node.is_string:
        return None
    if text.isdigit():
        return "is too large a number" if len(text) > 18 else None
    return None if math.isfinite(float(text)) else "is too large a number"


def _arguments(node: exp.Expression) -> str | None:
    if isinstance(node, exp.PercentileCont):
        rank = _number(node.expression)
        return (
            None
            if rank is not None and 0 <= rank <= 1
            else "needs a rank from 0 to 1, such as QUANTILE_CONT(days, 0.9)"
        )
    if isinstance(node, exp.Round) and node.args.get("decimals"):
        digits = _number(node.args["decimals"])
        return (
            None
            if digits is not None and digits in range(-12, 11)
            else "needs a whole number of digits, such as ROUND(days, 1)"
        )
    if isinstance(node, exp.DateDiff) and _part(node) not in DATE_PARTS:
        return "needs a part that is 'day', 'month' or 'year'"
    if isinstance(node, (exp.Like, exp.ILike)) and not node.expression.is_string:
        return "needs a text pattern, such as name LIKE 'A%'"
    if isinstance(node, exp.Is) and not isinstance(node.expression, (exp.Null, exp.Boolean)):
        return "must be IS NULL, IS TRUE or IS FALSE"
    if isinstance(node, exp.In) and not node.expressions:
        return "needs a list of values, such as reason IN ('a', 'b')"
    return _cast(node) if isinstance(node, exp.Cast) else None


def _cast(node: exp.Cast) -> str | None:
    target = str(node.to.this.name)
    if target not in CAST_TARGETS:
        return f"casts to {node.to.sql()}; allowed: {', '.join(CAST_TARGETS)}"
    if target == "DATE" and node.this.is_string and not is_day(str(node.this.this)):
        return "is not a day; write it as DATE '2025-09-30'"
    if target == "DECIMAL" and decimal_places(node) > MOST_PLACES:
        return f"keeps more than {MOST_PLACES} decimal places"
    return None


def decimal_places(node: exp.Cast) -> int:
    """The decimal places of a cast to DECIMAL: the declared scale, 0 where only a width is given, else DuckDB's 3."""
    given = [int(str(parameter.this.this)) for parameter in node.to.expressions]
    return given[1] if len(given) > 1 else 0 if given else 3


def is_day(text: str) -> bool:
    """Whether the text is a day written as 2025-09-30."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _number(node: object) -> float | None:
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    return float(str(node.this)) if isinstance(node, exp.Literal) and not node.is_string else None


def _part(node: exp.DateDiff) -> str:
    return str(node.args.get("unit") or "").strip("'").upper()


def _sql(node: exp.Expression) -> str:
    return node.sql(dialect="duckdb")


def _name(node: exp.Expression) -> str:
    return AGGREGATES.get(type(node)) or FUNCTIONS.get(type(node)) or node.key.upper()
