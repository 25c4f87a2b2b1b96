"""Which KPIs add up over the units of the organisation, read from their declarations.

Belongs here: whether the figures of units below sum to that of the unit above. The sums are ``rate_and_mix.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sqlglot import exp

from scorecards.expressions import outermost_division, parse
from scorecards.kpis import Kpi
from scorecards.project import Project
from transforms.parts import ADDITIVE, break_up

# Extremes over time are taken of each unit alone: the sum over units of such figures is nobody's.
_SUMMED_OVER_TIME = ("sum", "average", "first", "last")


@dataclass(frozen=True)
class AddsUp:
    """How a KPI adds up: a ratio of two sums times ``factor`` (plus something constant), or else a sum itself."""

    is_ratio: bool
    factor: float = 1.0


def adds_up(project: Project) -> dict[str, AddsUp]:
    """The KPIs that add up over units; those that are left out do not (distinct counts, percentiles, extremes, …)."""
    found = {kpi_id: _of(project, kpi) for kpi_id, kpi in project.kpis.items()}
    return {kpi_id: how for kpi_id, how in found.items() if how is not None}


def _of(project: Project, kpi: Kpi) -> AddsUp | None:
    division = outermost_division(kpi.value)
    if division is None or _number(division[1]) is not None:
        return AddsUp(False) if _is_sum(project, kpi, parse(kpi.value)) else None
    if not all(_is_sum(project, kpi, operand) for operand in division):
        return None
    factor = _factor(kpi.value)
    return None if factor is None else AddsUp(True, factor)


def _is_sum(project: Project, kpi: Kpi, node: exp.Expression) -> bool:
    return _is_linear(node, lambda name: _input_adds_up(project, kpi, name))


def _input_adds_up(project: Project, kpi: Kpi, name: str) -> bool:
    declared = kpi.inputs.get(name)
    if declared is not None and declared.kpi is not None:
        inner = project.kpis[declared.kpi]
        return _is_sum(project, inner, parse(inner.value))
    measure = project.measures[declared.measure if declared is not None and declared.measure else name]
    return measure.over_time in _SUMMED_OVER_TIME and measure_adds_up(measure.value)


@lru_cache(maxsize=4096)
def measure_adds_up(value: str) -> bool:
    """Whether a measure's SQL is sums and counts, added or multiplied by constants."""
    parts, formula = break_up(value)
    if any(part.kind not in ADDITIVE for part in parts):
        return False

    return _is_linear(formula, lambda name: True)


def _is_linear(node: exp.Expression, adds: Callable[[str], bool]) -> bool:
    """Whether an expression is a sum of names that add up, each times a constant."""
    if isinstance(node, exp.Column):
        return adds(node.name)
    if isinstance(node, (exp.Paren, exp.Neg)):
        return _is_linear(node.this, adds)
    if isinstance(node, (exp.Add, exp.Sub)):
        return _is_linear(node.this, adds) and _is_linear(node.expression, adds)
    if isinstance(node, exp.Mul):
        sides = (node.this, node.expression)
        return any(_number(a) is not None and _is_linear(b, adds) for a, b in (sides, sides[::-1]))
    return isinstance(node, exp.Div) and bool(_number(node.expression)) and _is_linear(node.this, adds)


def _factor(text: str) -> float | None:
    """By what a formula's outermost division is multiplied, where nothing but constants stands around it."""
    at = [_around(parse(text), ratio) for ratio in (0.0, 1.0, 2.0)]
    steps = [b - a for a, b in pairwise(at) if a is not None and b is not None]
    return steps[0] if len(steps) == 2 and steps[0] == steps[1] else None


def _around(node: exp.Expression, ratio: float) -> float | None:
    """The value of a formula whose outermost division has this value; None where more than constants are around it."""
    number = _number(node)
    if isinstance(node, exp.Div) or number is not None:
        return ratio if number is None else number
    if isinstance(node, (exp.Paren, exp.Neg)):
        inner = _around(node.this, ratio)
        return None if inner is None else inner if isinstance(node, exp.Paren) else -inner
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        one, other = _around(node.this, ratio), _around(node.expression, ratio)
        if one is None or other is None:
            return None
        if isinstance(node, exp.Mul):
            return one * other
        return one + other if isinstance(node, exp.Add) else one - other
    return None


def _number(node: exp.Expression) -> float | None:
    """The value of a constant."""
    if isinstance(node, exp.Paren):
        return _number(node.this)
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    return float(str(node.this)) if isinstance(node, exp.Literal) and not node.is_string else None
