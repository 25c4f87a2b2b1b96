"""SQL expressions of the declarations, turned into Polars expressions.

Belongs here: the meaning of every operator and function that ``scorecards.expressions`` admits, as DuckDB defines it.
Deviations are deliberate and documented: a division by zero is null, and so is what has no finite value (LN of 0, SQRT
of −1, a text that is no number cast to one); decimals are divided, and their medians taken, as floats.

Decimals are widened to ten places before anything is multiplied, since Polars keeps the operands' scale in a product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import cast

import polars as pl
from sqlglot import exp

from scorecards.expression_rules import MOST_PLACES, ExpressionError, decimal_places
from scorecards.expression_types import Kind, kind_of
from scorecards.expressions import parse
from transforms.sql_functions import (
    EXACT,
    cast_number,
    choose,
    date_diff,
    divide,
    finite,
    like,
    nullif,
    power,
    remainder,
    round_half_away,
    settled,
    truncate,
)

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


def type_of(expression: pl.Expr, schema: Schema) -> pl.DataType:
    """What a Polars expression over columns of ``schema`` gives."""
    return pl.DataFrame(schema=dict(schema)).select(expression.alias("it")).dtypes[0]


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
    places = len(text.partition(".")[2])
    is_exact = "e" not in text.lower() and places <= MOST_PLACES
    return pl.lit(Decimal(text)).cast(EXACT) if is_exact else pl.lit(float(text))


def _binary(operation: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Handler:
    def handler(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
        return operation(compile_child(node.this), compile_child(node.expression))

    return handler


def _comparison(operation: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Handler:
    def handler(node: exp.Expression, compile_child: Recurse, schema: Schema) -> pl.Expr:
        left, right = _alike([node.this, node.expression], compile_child, schema)
        return operation(left, right)

    return handler


def _alike(nodes: list[exp.Expression], compile_child: Recurse, schema: Schema) -> list[pl.Expr]:
    """The nodes compiled; texts among dates become the days that they name."""
    kinds = _kinds(schema)
    if not any(kind_of(node, kinds) == "date" for node in nodes):
        return [compile_child(node) for node in nodes]
    return [_as_day(node, compile_child) for node in nodes]


def _as_day(node: exp.Expression, compile_child: Recurse) -> pl.Expr:
    is_text = isinstance(node, exp.Literal) and node.is_string
    return pl.lit(date.fromisoformat(str(node.this))) if is_text else compile_child(node)


def _kinds(schema: Schema) -> dict[str, Kind]:
    return {name: _kind(dtype) for name, dtype in schema.items()}


def _kind(dtype: pl.DataType) -> Kind:
    if dtype.is_temporal():
        return "date"
    if dtype == pl.Null:
        return "nothing"
    return "number" if dtype.is_numeric() else "truth" if dtype == pl.Boolean else "text"


def _function(operation: Callable[[pl.Expr], pl.Expr]) -> Handler:
    return lambda node, compile_child, _: operation(compile_child(node.this))


def _round(node: exp.Expression, compile_child: Recurse, schema: Schema) -> pl.Expr:
    decimals = node.args.get("decimals")
    digits = int(decimals.sql()) if decimals is not None else 0
    return round_half_away(_settled(node, compile_child, schema, digits), digits)


def _settled(node: exp.Expression, compile_child: Recurse, schema: Schema, digits: int = 0) -> pl.Expr:
    """The argument of a function that rounds: of a float without the noise that would decide."""
    inner = compile_child(node.this)
    return settled(inner, digits) if type_of(inner, schema).is_float() else inner


def _rounded(operation: Callable[[pl.Expr], pl.Expr]) -> Handler:
    """FLOOR, CEIL and TRUNC."""
    return lambda node, compile_child, schema: operation(_settled(node, compile_child, schema).cast(pl.Float64))


def _positive(operation: Callable[[pl.Expr], pl.Expr], strictly: bool) -> Handler:
    """LN and SQRT: null, not an error, where the argument is outside the domain."""

    def handler(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
        argument = compile_child(node.this).cast(pl.Float64)
        return choose(argument > 0 if strictly else argument >= 0, operation(argument))

    return handler


def _many(combine: Callable[[list[pl.Expr]], pl.Expr]) -> Handler:
    return lambda node, compile_child, schema: combine(_alike([node.this, *node.expressions], compile_child, schema))


def _case(node: exp.Expression, compile_child: Recurse, schema: Schema) -> pl.Expr:
    subject, default, branches = node.args.get("this"), node.args.get("default"), node.args["ifs"]
    tests = [compile_child(branch.this) for branch in branches]
    if subject is not None:
        same, *others = _alike([subject, *(branch.this for branch in branches)], compile_child, schema)
        tests = [same == other for other in others]
    results = _alike([*(branch.args["true"] for branch in branches), default or exp.Null()], compile_child, schema)
    chosen = results.pop()
    for test, then in reversed(list(zip(tests, results, strict=True))):
        chosen = choose(test, then, chosen)
    return chosen


def _if(node: exp.Expression, compile_child: Recurse, schema: Schema) -> pl.Expr:
    then, otherwise = _alike([node.args["true"], node.args.get("false") or exp.Null()], compile_child, schema)
    return choose(compile_child(node.this), then, otherwise)


def _in(node: exp.Expression, compile_child: Recurse, schema: Schema) -> pl.Expr:
    subject, *items = _alike([node.this, *node.expressions], compile_child, schema)
    return reduce(lambda a, b: a | b, [subject == item for item in items])


def _between(node: exp.Expression, compile_child: Recurse, schema: Schema) -> pl.Expr:
    subject, low, high = _alike([node.this, node.args["low"], node.args["high"]], compile_child, schema)
    return (subject >= low) & (subject <= high)


def _is(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    subject = compile_child(node.this)
    if isinstance(node.expression, exp.Null):
        return subject.is_null()
    return subject.eq_missing(compile_child(node.expression))


def _like(ignore_case: bool) -> Handler:
    def handler(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
        found = like(compile_child(node.this), str(node.expression.this), ignore_case)
        # The parser keeps the NOT of NOT LIKE as a mark on the node.
        return ~found if node.args.get("negate") else found

    return handler


def _date_diff(node: exp.Expression, compile_child: Recurse, _: Schema) -> pl.Expr:
    part = str(node.args["unit"]).strip("'").upper()
    return date_diff(part, _as_day(node.expression, compile_child), _as_day(node.this, compile_child))


def _cast(node: exp.Expression, compile_child: Recurse, schema: Schema) -> pl.Expr:
    assert isinstance(node, exp.Cast)
    target = str(node.to.this.name)
    if target == "DATE":
        return _as_day(node.this, compile_child).cast(pl.Date, strict=False)
    inner = compile_child(node.this)
    if target in ("VARCHAR", "TEXT"):
        return inner.cast(pl.String)
    return cast_number(inner, type_of(inner, schema), target, decimal_places(node) if target == "DECIMAL" else 0)


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
    exp.Div: _binary(divide),
    exp.Mod: _binary(remainder),
    exp.EQ: _comparison(lambda a, b: a == b),
    exp.NEQ: _comparison(lambda a, b: a != b),
    exp.GT: _comparison(lambda a, b: a > b),
    exp.GTE: _comparison(lambda a, b: a >= b),
    exp.LT: _comparison(lambda a, b: a < b),
    exp.LTE: _comparison(lambda a, b: a <= b),
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
    exp.TryCast: _cast,
    exp.Abs: _function(lambda inner: inner.abs()),
    exp.Round: _round,
    exp.Trunc: _rounded(truncate),
    exp.Floor: _rounded(lambda inner: inner.floor()),
    exp.Ceil: _rounded(lambda inner: inner.ceil()),
    exp.Greatest: _many(pl.max_horizontal),
    exp.Least: _many(pl.min_horizontal),
    exp.Coalesce: _many(pl.coalesce),
    exp.Nullif: _comparison(nullif),
    exp.Ln: _positive(lambda argument: argument.log(), strictly=True),
    exp.Exp: _function(lambda inner: finite(inner.cast(pl.Float64).exp())),
    exp.Sqrt: _positive(lambda argument: argument.sqrt(), strictly=False),
    exp.Pow: _binary(power),
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
