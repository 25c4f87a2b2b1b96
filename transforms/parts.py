"""A measure's SQL broken into parts, each one aggregate, and the formula over them.

Additive parts (sums, counts) and extremes are kept by unit and month and combined; distinct counts, medians,
percentiles and texts keep their values, so that they can be recomputed at every level and window. An average is its sum
over its count: it rolls up as sums over sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlglot import exp

from scorecards.expression_rules import AGGREGATES
from scorecards.expressions import parse
from transforms.expressions import aggregate_argument

PartKind = Literal["sum", "count", "minimum", "maximum", "distinct", "quantile", "text"]
ADDITIVE: tuple[PartKind, ...] = ("sum", "count")
STATES: tuple[PartKind, ...] = ("distinct", "quantile", "text")


@dataclass(frozen=True)
class Part:
    """One aggregate of a measure. ``argument`` is None for COUNT(*); ``quantile`` is the rank for percentiles."""

    name: str
    kind: PartKind
    argument: exp.Expression | None
    condition: exp.Expression | None
    quantile: float | None = None


@lru_cache(maxsize=4096)
def break_up(value: str) -> tuple[tuple[Part, ...], exp.Expression]:
    """A measure's SQL as parts and the formula over them (``SUM(a) / COUNT(*)`` → part_1 / part_2)."""
    parts: list[Part] = []

    def add(
        kind: PartKind, node: exp.Expression, condition: exp.Expression | None, rank: float | None = None
    ) -> exp.Column:
        name = f"part_{len(parts) + 1}"
        parts.append(Part(name, kind, aggregate_argument(node), condition, rank))
        return exp.column(name)

    def replace(node: exp.Expression) -> exp.Expression:
        condition = None
        if isinstance(node, exp.Filter):
            condition, node = node.expression.this, node.this
        if not isinstance(node, tuple(AGGREGATES)):
            return node
        if isinstance(node, exp.Avg):
            counted = exp.Count(this=node.this.copy())
            return exp.Paren(
                this=exp.Div(this=add("sum", node, condition), expression=add("count", counted, condition))
            )
        if isinstance(node, exp.Count):
            return add("distinct" if isinstance(node.this, exp.Distinct) else "count", node, condition)
        if isinstance(node, exp.Median):
            return add("quantile", node, condition, 0.5)
        if isinstance(node, exp.PercentileCont):
            return add("quantile", node, condition, float(str(node.expression.this)))
        if isinstance(node, exp.AnyValue):
            return add("text", node, condition)
        kinds: dict[type[exp.Expression], PartKind] = {exp.Sum: "sum", exp.Min: "minimum", exp.Max: "maximum"}
        return add(kinds[type(node)], node, condition)

    formula = parse(value).copy().transform(replace, copy=False)
    return tuple(parts), formula
