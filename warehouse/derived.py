"""Derived columns: SQL of the declarations as DuckDB computes it over the typed columns of a row.

The meaning is that of measures and formulas (docs/reference/language.md): what has no finite value is null, decimals
are added and multiplied exactly. Parsing and the allow-list are ``scorecards/expressions.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlglot import exp, parse_one

from scorecards.columns import Derived, ValueRules
from scorecards.expressions import parse


def raw_value(column: Derived, columns: Mapping[str, ValueRules]) -> str:
    """SQL of the value before it is typed. ``columns`` are those of the row that it may name."""
    whole = exp.Paren(this=parse(column.value).copy())
    # Innermost first, so that what is put in here is not taken for what was declared.
    for node in reversed(list(whole.walk())):
        if node is not whole:
            node.replace(_safe(cast(exp.Expression, node), columns))
    return f"TRY{whole.sql(dialect='duckdb')}"


def typed_value(column: Derived, value: str, sql_type: str) -> str:
    """SQL that brings a value into the column's type, and is NULL where it has none there."""
    if column.type in ("string", "enum"):
        value = f"nullif(trim({value}::VARCHAR), '')"
        if column.type == "string":
            return value
        allowed = ", ".join("'" + each.replace("'", "''") + "'" for each in column.values)
        return f"CASE WHEN {value} IN ({allowed}) THEN {value} END"
    if column.type == "month":
        return f"date_trunc('month', TRY_CAST({value} AS DATE))::DATE"
    if column.type == "integer":
        return f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"
    if column.type == "float":
        return f"CASE WHEN isfinite({value}::DOUBLE) THEN {value}::DOUBLE + 0.0::DOUBLE END"
    return f"TRY_CAST({value} AS {sql_type})"


def _safe(node: exp.Expression, columns: Mapping[str, ValueRules]) -> exp.Expression:
    """A node in a form that gives null, not an error or infinity, where it has no value."""
    if isinstance(node, exp.Column):
        rules = columns[node.name]
        name = exp.column(exp.to_identifier(node.name, quoted=True))
        # Wide decimals: a product of two must not overflow.
        return exp.cast(name, f"DECIMAL(38, {rules.scale})") if rules.type == "decimal" else name
    if isinstance(node, (exp.Div, exp.Mod)):
        divisor = exp.func("NULLIF", node.expression, exp.Literal.number(0))
        return type(node)(this=node.this, expression=divisor)
    if isinstance(node, exp.Cast):
        return exp.TryCast(this=node.this, to=node.to)
    if isinstance(node, (exp.Ln, exp.Sqrt, exp.Pow, exp.Exp)):
        inner = node.sql(dialect="duckdb")
        finite = parse_one(f"CASE WHEN isfinite(TRY({inner})) THEN TRY({inner}) END", read="duckdb")
        return cast(exp.Expression, finite)
    return node
