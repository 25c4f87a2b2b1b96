"""SQL expressions of the declarations, turned into Polars expressions.

Belongs here: the meaning of every operator and function that ``scorecards.expressions`` admits, as DuckDB defines it.
Two deviations are deliberate and documented: a division by zero is null, and decimals are divided as floats.

Decimals are widened to ten places before anything is multiplied, since Polars keeps the operands' scale in a product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import reduce
from typing import cast

import polars as pl
from sqlglot import exp

from scorecards.expressions import ExpressionError, parse

EXACT = pl.Decimal(38, 10)
Schema = Mapping[str, pl.DataType]


def compile_sql(text: str, schema: Schema) -> pl.Expr:
    """A scalar SQL expression as a Polars expression over columns of ``schema``. Raises ``ExpressionError``."""
    return compile_tree(parse(text), schema)


def compile_tree(node: exp.Expression, schema: Schema) -> pl.Expr:
    """The same for a parsed tree, or a part of one, without aggregates."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise ExpressionError(f"'{node.sql(dialect='duckdb')}' cannot be used here")
    return handler(node, lambda child: compile_tree(child, schema), schema)


Recurse = Callable[[exp.Expression], pl.Expr]
Handler = Callable[[exp.Expression, Recurse, Schema], pl.Expr]


def _column(node: exp.Expression, _: Recurse, schema: Schema) -> pl.Expr:
    column = pl.col(node.name)
    return column.cast(EXACT) if isinstance(schema.get(node.name), pl.Decimal) else column


def _literal(node: exp.Expression, _: Recurse, __: Schema) -> pl.Expr:
    text = str(node.this)
    if node.is_string:
        return pl.lit(text)
    if text.isdigit():
        return pl.lit(int(text), dtype=pl.Int64)
    return pl.lit(float(text)) if "e" in text.lower() else pl.lit(Decimal(text)).cast(EXACT)


def _binary(operation: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Handler:
    def handler(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
        return operation(compile_child(node.this), compile_child(node.expression))

    return handler


def _divide(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    below = denominator.cast(pl.Float64)
    return pl.when(below != 0).then(numerator.cast(pl.Float64) / below)


def _remainder(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """SQL's remainder takes the sign of the dividend, Polars' that of the divisor."""
    size = left.abs() % right.abs()
    return pl.when(right != 0).then(pl.when(left < 0).then(-size).otherwise(size))


def _function(operation: Callable[[pl.Expr], pl.Expr]) -> Handler:
    return lambda node, compile_child, _: operation(compile_child(node.this))


def _many(combine: Callable[[list[pl.Expr]], pl.Expr]) -> Handler:
    return lambda node, compile_child, _: combine([compile_child(child) for child in (node.this, *node.expressions)])


def _round(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    """Half away from zero, as SQL rounds."""
    digits = int(str(node.args["decimals"].this)) if node.args.get("decimals") else 0
    return compile_child(node.this).round(digits, mode="half_away_from_zero")


def _positive(operation: Callable[[pl.Expr], pl.Expr], strictly: bool) -> Handler:
    """LN and SQRT: null, not an error, where the argument is outside the domain."""

    def handler(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
        argument = compile_child(node.this).cast(pl.Float64)
        return pl.when(argument > 0 if strictly else argument >= 0).then(operation(argument))

    return handler


def _power(base: pl.Expr, exponent: pl.Expr) -> pl.Expr:
    return base.cast(pl.Float64).pow(exponent.cast(pl.Float64))


def _nullif(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return pl.when(left.ne_missing(right)).then(left)


def _case(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    subject = node.args.get("this")
    default = node.args.get("default")
    result = compile_child(default) if default is not None else pl.lit(None)
    for branch in reversed(node.args["ifs"]):
        test = compile_child(branch.this)
        if subject is not None:
            test = compile_child(subject) == test
        result = pl.when(test).then(compile_child(branch.args["true"])).otherwise(result)
    return result


def _if(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    otherwise = node.args.get("false")
    result = compile_child(otherwise) if otherwise is not None else pl.lit(None)
    return pl.when(compile_child(node.this)).then(compile_child(node.args["true"])).otherwise(result)


def _in(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    subject = compile_child(node.this)
    if not node.expressions:
        raise ExpressionError("IN needs a list of values, such as reason IN ('a', 'b')")
    return reduce(lambda a, b: a | b, [subject == compile_child(item) for item in node.expressions])


def _between(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    subject = compile_child(node.this)
    return (subject >= compile_child(node.args["low"])) & (subject <= compile_child(node.args["high"]))


def _is(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    subject = compile_child(node.this)
    if isinstance(node.expression, exp.Null):
        return subject.is_null()
    return subject.eq_missing(compile_child(node.expression))


def _like(ignore_case: bool) -> Handler:
    def handler(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
        if not node.expression.is_string:
            raise ExpressionError("LIKE needs a text pattern, such as name LIKE 'A%'")
        escaped = "".join({"%": "(?s:.*)", "_": "(?s:.)"}.get(c) or _escape(c) for c in str(node.expression.this))
        return compile_child(node.this).str.contains(f"{'(?i)' if ignore_case else ''}^{escaped}$")

    return handler


def _escape(character: str) -> str:
    return "\\" + character if character in r"\.+*?()|[]{}^$#&-~" else character


def _date_diff(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    """DATE_DIFF(part, start, end): boundaries of the part crossed from start to end."""
    start, end = compile_child(node.expression), compile_child(node.this)
    part = str(node.args.get("unit") or "DAY").upper()
    start, end = start.cast(pl.Date), end.cast(pl.Date)
    if part == "DAY":
        return (end - start).dt.total_days()
    years = end.dt.year().cast(pl.Int64) - start.dt.year().cast(pl.Int64)
    if part == "YEAR":
        return years
    if part == "MONTH":
        return years * 12 + end.dt.month().cast(pl.Int64) - start.dt.month().cast(pl.Int64)
    raise ExpressionError(f"DATE_DIFF knows 'day', 'month' and 'year', not '{part.lower()}'")


def _cast(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    target = node.args["to"].this.name
    inner = compile_child(node.this)
    if target == "DATE" and isinstance(node.this, exp.Literal):
        return pl.lit(str(node.this.this)).str.to_date()
    wanted: dict[str, pl.DataType] = {
        "DATE": pl.Date(), "DOUBLE": pl.Float64(), "BIGINT": pl.Int64(), "INT": pl.Int64(), "DECIMAL": EXACT,
        "VARCHAR": pl.String(), "TEXT": pl.String(),
    }  # fmt: skip
    return inner.cast(wanted[target], strict=False)


_HANDLERS: dict[type[exp.Expression], Handler] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Null: lambda *_: pl.lit(None),
    exp.Boolean: lambda node, *_: pl.lit(bool(node.this)),
    exp.Paren: _function(lambda inner: inner),
    exp.Neg: _function(lambda inner: -inner),
    exp.Not: _function(lambda inner: ~inner),
    exp.Add: _binary(lambda a, b: a + b),
    exp.Sub: _binary(lambda a, b: a - b),
    exp.Mul: _binary(lambda a, b: a * b),
    exp.Div: _binary(_divide),
    exp.Mod: _binary(_remainder),
    exp.EQ: _binary(lambda a, b: a == b),
    exp.NEQ: _binary(lambda a, b: a != b),
    exp.GT: _binary(lambda a, b: a > b),
    exp.GTE: _binary(lambda a, b: a >= b),
    exp.LT: _binary(lambda a, b: a < b),
    exp.LTE: _binary(lambda a, b: a <= b),
    exp.And: _binary(lambda a, b: a & b),
    exp.Or: _binary(lambda a, b: a | b),
    exp.In: _in,
    exp.Between: _between,
    exp.Is: _is,
    exp.Like: _like(ignore_case=False),
    exp.ILike: _like(ignore_case=True),
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: _cast,
    exp.Abs: _function(lambda inner: inner.abs()),
    exp.Round: _round,
    exp.Floor: _function(lambda inner: inner.cast(pl.Float64).floor()),
    exp.Ceil: _function(lambda inner: inner.cast(pl.Float64).ceil()),
    exp.Greatest: _many(pl.max_horizontal),
    exp.Least: _many(pl.min_horizontal),
    exp.Coalesce: _many(pl.coalesce),
    exp.Nullif: _binary(_nullif),
    exp.Ln: _positive(lambda argument: argument.log(), strictly=True),
    exp.Exp: _function(lambda inner: inner.cast(pl.Float64).exp()),
    exp.Sqrt: _positive(lambda argument: argument.sqrt(), strictly=False),
    exp.Pow: _binary(_power),
    exp.Lower: _function(lambda inner: inner.str.to_lowercase()),
    exp.Upper: _function(lambda inner: inner.str.to_uppercase()),
    exp.Trim: _function(lambda inner: inner.str.strip_chars(" ")),
    exp.Length: _function(lambda inner: inner.str.len_chars().cast(pl.Int64)),
    exp.DateDiff: _date_diff,
}


def aggregate_argument(node: exp.Expression) -> exp.Expression | None:
    """The argument of an aggregate; None for COUNT(*)."""
    inner = node.this
    if isinstance(inner, exp.Distinct):
        inner = inner.expressions[0]
    return None if isinstance(inner, exp.Star) else cast(exp.Expression, inner)
