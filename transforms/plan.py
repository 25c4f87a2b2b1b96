"""What has to be computed: measures broken into parts, and KPIs into inputs.

Belongs here: reading the declarations into an order of work. Does not belong here: any frame.

A measure's value is a formula over *parts*, each one aggregate. Additive parts (sums, counts) and extremes are kept by
unit and month and combined; distinct counts, medians and percentiles keep their values, so that they can be recomputed
at every level and window. An average is its sum over its count: it rolls up as sums over sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from sqlglot import exp

from scorecards.expression_rules import AGGREGATES
from scorecards.expressions import names_in, parse
from scorecards.kpis import Kpi, Measure
from scorecards.periods import Window, add_months
from scorecards.project import Project
from transforms.expressions import aggregate_argument

PartKind = Literal["sum", "count", "minimum", "maximum", "distinct", "quantile"]
ADDITIVE: tuple[PartKind, ...] = ("sum", "count")
STATES: tuple[PartKind, ...] = ("distinct", "quantile")


@dataclass(frozen=True)
class Part:
    """One aggregate of a measure. ``argument`` is None for COUNT(*); ``quantile`` is the rank for percentiles."""

    name: str
    kind: PartKind
    argument: exp.Expression | None
    condition: exp.Expression | None
    quantile: float | None = None


@dataclass(frozen=True)
class Variant:
    """A measure, or a measure with an input's further filter; ``key`` names it in the warehouse.

    ``formula`` is the measure's value over its parts' names.
    """

    key: str
    measure_id: str
    measure: Measure
    conditions: tuple[str, ...]
    parts: tuple[Part, ...]
    formula: exp.Expression

    @property
    def zero_when_empty(self) -> bool:
        """Whether a covered month without rows is zero; by default for sums and counts that flow."""
        if self.measure.empty is not None:
            return self.measure.empty == "zero"
        return (
            self.measure.over_time == "sum"
            and all(part.kind in (*ADDITIVE, "distinct") for part in self.parts)
            and not (any(isinstance(node, exp.Div) for node in self.formula.walk()))
        )


@dataclass(frozen=True)
class KpiInput:
    """One operand of a KPI's formulas; ``in_value`` says whether of its value's, or of its anchors' only."""

    kpi: str
    name: str
    variant: str
    window: Window
    offset: int
    in_value: bool = True

    def span(self, period: date, fiscal_start: int) -> tuple[date, date]:
        """First and last month that the input takes for the period, before anything is cut off at the period."""
        return self.window.span(add_months(period, -self.offset), fiscal_start)


@dataclass(frozen=True)
class Plan:
    """All measure variants by key, and the inputs of all KPIs."""

    variants: Mapping[str, Variant]
    inputs: tuple[KpiInput, ...]

    def inputs_of(self, kpi_id: str) -> list[KpiInput]:
        """The operands of one KPI."""
        return [declared for declared in self.inputs if declared.kpi == kpi_id]


def make_plan(project: Project) -> Plan:
    """The plan of a checked project."""
    variants: dict[str, Variant] = {}
    inputs: list[KpiInput] = []
    for kpi_id, kpi in project.kpis.items():
        for name, measure_id, window, offset, where in _operands(kpi):
            variant = make_variant(measure_id, project.measures[measure_id], where)
            variants[variant.key] = variant
            inputs.append(KpiInput(kpi_id, name, variant.key, window, offset, name in names_in(kpi.value)))
    return Plan(variants, tuple(inputs))


def _operands(kpi: Kpi) -> Iterator[tuple[str, str, Window, int, str | None]]:
    for name, declared in kpi.inputs.items():
        assert declared.measure is not None
        yield name, declared.measure, declared.window or kpi.window, declared.offset, declared.where
    used = names_in(kpi.value).union(*(names_in(text) for text in kpi.anchors.values()))
    for name in sorted(used - set(kpi.inputs) - {"target"}):
        yield name, name, kpi.window, 0, None


def make_variant(measure_id: str, measure: Measure, where: str | None) -> Variant:
    """A measure, with an input's filter added to its own."""
    conditions = tuple(text for text in (measure.where, where) if text)
    key = f"{measure_id}[{where}]" if where else measure_id
    parts, formula = break_up(measure.value)
    return Variant(key, measure_id, measure, conditions, parts, formula)


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
        kinds: dict[type[exp.Expression], PartKind] = {exp.Sum: "sum", exp.Min: "minimum", exp.Max: "maximum"}
        return add(kinds[type(node)], node, condition)

    formula = parse(value).copy().transform(replace, copy=False)
    return tuple(parts), formula
