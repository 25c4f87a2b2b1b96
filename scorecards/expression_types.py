"""What an expression gives: a number, a text, a date, or true and false.

Belongs here: finding mixtures that no engine computes (or that engines compute differently), before anything is run. A
text literal beside a date stands for that day, as in SQL; nothing else is converted silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from sqlglot import exp

from scorecards.expression_rules import AGGREGATES, ExpressionError, is_day

Kind = Literal["number", "text", "date", "truth", "nothing"]
TOLD: dict[Kind, str] = {
    "number": "a number",
    "text": "a text",
    "date": "a date",
    "truth": "true or false",
    "nothing": "NULL",
}
KIND_OF_COLUMN: dict[str, Kind] = {
    "string": "text", "enum": "text", "integer": "number", "decimal": "number", "float": "number", "date": "date",
    "datetime": "date", "month": "date", "boolean": "truth",
}  # fmt: skip

_ARITHMETIC = (
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.Neg,
    exp.Pow,
    exp.Abs,
    exp.Round,
    exp.Trunc,
    exp.Floor,
    exp.Ceil,
    exp.Ln,
    exp.Exp,
    exp.Sqrt,
)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_TEXT = (exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Like, exp.ILike)
_ALIKE = (exp.Greatest, exp.Least, exp.Coalesce, exp.Nullif)
_CASTS: dict[str, tuple[Kind, tuple[Kind, ...]]] = {
    "DATE": ("date", ("text", "date")),
    "VARCHAR": ("text", ("text", "date", "truth")),
    "TEXT": ("text", ("text", "date", "truth")),
}


def kind_of(node: exp.Expression, names: Mapping[str, Kind]) -> Kind:
    """What a tree from ``expressions.parse`` gives, where ``names`` hold these kinds. Raises ``ExpressionError``."""
    if isinstance(node, exp.Column):
        return names[node.name]
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "number"
    if isinstance(node, (exp.Null, exp.Star)):
        return "nothing"
    if isinstance(node, exp.Boolean):
        return "truth"
    if isinstance(node, (exp.Paren, exp.Distinct)):
        return kind_of(node.this if isinstance(node, exp.Paren) else node.expressions[0], names)
    if isinstance(node, exp.Filter):
        _expect([node.expression.this], "truth", names, node)
        return kind_of(node.this, names)
    if isinstance(node, tuple(AGGREGATES)):
        return _aggregate(node, names)
    return _operator(node, names)


def _aggregate(node: exp.Expression, names: Mapping[str, Kind]) -> Kind:
    found = kind_of(node.this, names)
    if isinstance(node, exp.Count):
        return "number"
    if isinstance(node, exp.AnyValue):
        if found != "text":
            raise ExpressionError(f"'{_sql(node)}' needs a text, but '{_sql(node.this)}' is {TOLD[found]}")
        return "text"
    allowed: tuple[Kind, ...] = ("number", "truth") if isinstance(node, (exp.Sum, exp.Avg)) else ("number",)
    if found not in allowed:
        raise ExpressionError(f"'{_sql(node)}' needs a number, but '{_sql(node.this)}' is {TOLD[found]}")
    return "number"


def _operator(node: exp.Expression, names: Mapping[str, Kind]) -> Kind:
    operands = [
        child
        for child in (node.this, node.args.get("expression"), *node.expressions)
        if isinstance(child, exp.Expression)
    ]
    if isinstance(node, _ARITHMETIC):
        _expect(operands, "number", names, node)
        return "number"
    if isinstance(node, (exp.And, exp.Or, exp.Not)):
        _expect(operands, "truth", names, node)
        return "truth"
    if isinstance(node, _TEXT):
        _expect(operands, "text", names, node)
        return (
            "number" if isinstance(node, exp.Length) else "truth" if isinstance(node, (exp.Like, exp.ILike)) else "text"
        )
    if isinstance(node, exp.DateDiff):
        _expect(operands, "date", names, node)
        return "number"
    if isinstance(node, _ALIKE):
        return _alike(operands, names, node)
    if isinstance(node, (*_COMPARISONS, exp.In)):
        _alike(operands, names, node)
        return "truth"
    if isinstance(node, exp.Between):
        _alike([node.this, node.args["low"], node.args["high"]], names, node)
        return "truth"
    if isinstance(node, exp.Is):
        if not isinstance(node.expression, exp.Null):
            _expect([node.this], "truth", names, node)
        return "truth"
    return _branching(node, names)


def _branching(node: exp.Expression, names: Mapping[str, Kind]) -> Kind:
    if isinstance(node, exp.Cast):
        kind, allowed = _CASTS.get(str(node.to.this.name), ("number", ("number", "text", "truth")))
        found = kind_of(node.this, names)
        if found not in (*allowed, "nothing"):
            raise ExpressionError(f"'{_sql(node)}' cannot turn {TOLD[found]} into {TOLD[kind]}")
        return kind
    branches: list[exp.Expression] = [node] if isinstance(node, exp.If) else list(node.args["ifs"])
    if node.args.get("this") is not None and isinstance(node, exp.Case):
        _alike([node.this, *(branch.this for branch in branches)], names, node)
    else:
        _expect([branch.this for branch in branches], "truth", names, node)
    default = node.args.get("false" if isinstance(node, exp.If) else "default")
    results = [branch.args["true"] for branch in branches] + ([default] if default is not None else [])
    return _alike(results, names, node)


def _expect(nodes: Iterable[exp.Expression], wanted: Kind, names: Mapping[str, Kind], within: exp.Expression) -> None:
    for node in nodes:
        found = kind_of(node, names)
        if wanted == "date" and _is_day_text(node):
            continue
        if found not in (wanted, "nothing"):
            raise ExpressionError(f"'{_sql(node)}' is {TOLD[found]}, not {TOLD[wanted]}, in '{_sql(within)}'")


def _alike(nodes: list[exp.Expression], names: Mapping[str, Kind], within: exp.Expression) -> Kind:
    """The one kind of all nodes; a text literal among dates must be a day and counts as one."""
    kinds = [kind_of(node, names) for node in nodes]
    wanted: Kind = "date" if "date" in kinds else next((kind for kind in kinds if kind != "nothing"), "nothing")
    for node, found in zip(nodes, kinds, strict=True):
        if found in (wanted, "nothing") or (wanted == "date" and _is_day_text(node)):
            continue
        if wanted == "date" and isinstance(node, exp.Literal) and node.is_string:
            raise ExpressionError(f"'{node.this}' is not a day; write it as '2025-09-30'")
        raise ExpressionError(f"'{_sql(within)}' mixes {TOLD[wanted]} with {TOLD[found]}, '{_sql(node)}'")
    return wanted


def _is_day_text(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and is_day(str(node.this))


def _sql(node: exp.Expression) -> str:
    return node.sql(dialect="duckdb")
