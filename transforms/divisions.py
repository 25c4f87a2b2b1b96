"""Why a formula gives nothing: it divided by zero, or it said so itself.

Belongs here: which parts of a formula are evaluated in a row. Of CASE, IF and COALESCE only the branch that is taken
is, and a condition that cannot be told; what stands in the others is no reason.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import polars as pl
from sqlglot import exp

from transforms.expressions import Schema, compile_tree
from transforms.sql_functions import choose

_Found = Callable[[exp.Expression, Schema], pl.Expr | None]
_NO, _YES = pl.lit(False), pl.lit(True)


def divides_by_zero(formula: exp.Expression, schema: Schema) -> pl.Expr:
    """Whether a division that is evaluated has a divisor of zero, or none."""
    return _evaluated(formula, schema, _by_zero)


def gives_nothing(formula: exp.Expression, schema: Schema) -> pl.Expr:
    """Whether the branch that is taken is a NULL of the formula's own, as CASE without ELSE has where nothing holds."""
    return _evaluated(formula, schema, _nothing)


def _by_zero(node: exp.Expression, schema: Schema) -> pl.Expr | None:
    if not isinstance(node, exp.Div):
        return None
    divisor = compile_tree(node.expression, schema).cast(pl.Float64)
    return divisor.is_null() | (divisor == 0).fill_null(False)


def _nothing(node: exp.Expression, schema: Schema) -> pl.Expr | None:
    if isinstance(node, exp.Null):
        return _YES
    if isinstance(node, exp.Nullif):
        return compile_tree(exp.EQ(this=node.this, expression=node.expression), schema).fill_null(False)
    return None


def _evaluated(node: exp.Expression, schema: Schema, found: _Found) -> pl.Expr:
    """Whether ``found`` holds for the node or any part of it that is evaluated."""

    def of(part: exp.Expression) -> pl.Expr:
        return _evaluated(part, schema, found)

    if isinstance(node, exp.Case):
        subject = node.args.get("this")
        tests = [exp.EQ(this=subject, expression=one.this) if subject else one.this for one in node.args["ifs"]]
        chosen = of(node.args.get("default") or exp.Null())
        for test, branch in reversed(list(zip(tests, node.args["ifs"], strict=True))):
            chosen = _choice(test, of(test), of(branch.args["true"]), chosen, schema)
        return chosen
    if isinstance(node, exp.If):
        otherwise = of(node.args.get("false") or exp.Null())
        return _choice(node.this, of(node.this), of(node.args["true"]), otherwise, schema)
    if isinstance(node, exp.Coalesce):
        *first, last = [node.this, *node.expressions]
        chosen = of(last)
        for part in reversed(first):
            chosen = choose(compile_tree(part, schema).is_null(), chosen, _NO)
        return chosen
    if isinstance(node, exp.Is):
        return _NO
    own = found(node, schema)
    parts = [of(part) for part in node.iter_expressions()]
    return reduce(lambda one, other: one | other, parts if own is None else [own, *parts], _NO)


def _choice(test: exp.Expression, in_test: pl.Expr, then: pl.Expr, otherwise: pl.Expr, schema: Schema) -> pl.Expr:
    """What holds of the branch that a test takes; of the test itself where it takes none (``undecided``)."""
    taken = compile_tree(test, schema)
    return choose(taken.is_null(), in_test, choose(taken, then, otherwise))
