"""Formulas of KPIs and their anchors over what is missing: a condition that cannot be told decides nothing.

SQL takes a CASE to its ELSE where a value is missing, and GREATEST to the values that are there: a KPI that clamps or
counts in that way would show a number, most often 0, for a month of which nothing is known. Here such a formula gives
nothing, unless it asks for what is missing itself, with IS NULL or COALESCE.
"""

from __future__ import annotations

from functools import reduce

import polars as pl
from sqlglot import exp

from transforms.expressions import Schema, compile_tree


def compile_formula(formula: exp.Expression, schema: Schema) -> pl.Expr:
    """The formula of a KPI or an anchor, or a part of one, as a number over columns of ``schema``."""
    return compile_tree(_decided(formula), schema).cast(pl.Float64)


def _decided(formula: exp.Expression) -> exp.Expression:
    """The formula so that CASE, IF, GREATEST and LEAST give nothing where what they decide by is missing."""
    root = exp.Paren(this=formula.copy())
    for node in reversed(list(root.find_all(exp.Case, exp.If, exp.Greatest, exp.Least))):
        if isinstance(node, exp.Case):
            subject = node.args.get("this")
            branches = node.args["ifs"]
            tests = [exp.EQ(this=subject.copy(), expression=one.this) if subject else one.this for one in branches]
            node.replace(_case(tests, [one.args["true"] for one in branches], node.args.get("default")))
        elif isinstance(node, exp.If) and not isinstance(node.parent, exp.Case):
            node.replace(_case([node.this], [node.args["true"]], node.args.get("false")))
        elif isinstance(node, exp.Greatest | exp.Least):
            missing = [_is_null(part) for part in (node.this, *node.expressions)]
            is_missing = reduce(lambda one, other: exp.Or(this=one, expression=other), missing)
            node.replace(exp.Case(ifs=[exp.If(this=is_missing, true=exp.Null())], default=node.copy()))
    found: exp.Expression = root.this
    return found


def _case(tests: list[exp.Expression], results: list[exp.Expression], default: exp.Expression | None) -> exp.Case:
    ifs = []
    for test, result in zip(tests, results, strict=True):
        ifs += [exp.If(this=_is_null(test), true=exp.Null()), exp.If(this=test.copy(), true=result.copy())]
    return exp.Case(ifs=ifs, default=default.copy() if default else None)


def _is_null(part: exp.Expression) -> exp.Expression:
    return exp.Is(this=exp.Paren(this=part.copy()), expression=exp.Null())
