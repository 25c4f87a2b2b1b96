"""The rule that no KPI is declared twice: formulas are compared by what they compute, not by how they are written."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from scorecards.errors import Problem
from scorecards.expressions import parse
from scorecards.kpis import Input, Kpi, Measure
from scorecards.lint_facts import Facts
from scorecards.lint_rule import rule
from scorecards.project import Project

_COMMUTATIVE = (exp.Add, exp.Mul, exp.And, exp.Or)
_SYMMETRIC = (exp.EQ, exp.NEQ)


@rule(
    "warning",
    "Two KPIs compute the same.",
    remedy="Keep one; a KPI may stand on several scorecards, with a weight and a target of its own on each.",
    source="OECD and JRC, Handbook on Constructing Composite Indicators (2008), step 6: double counting",
)
def kpi_twice(facts: Facts) -> Iterator[Problem]:
    """Under two names the same number counts twice, gets two targets, and one day two definitions.

    Compared are formula, measures, windows, offsets and filters, whatever the order of operands and the names of
    inputs and measures. Where a publication scores one value in two ways (by its place among others, and against an own
    target), declare the second over the first KPI (`value: <its id>`), which says that both are meant.
    """
    seen: dict[str, str] = {}
    for kpi_id, kpi in facts.project.kpis.items():
        form = what_is_computed(facts.project, kpi)
        if form in seen:
            yield facts.in_kpi(kpi_id, ("value",), f"computes the same as '{seen[form]}'.")
        seen.setdefault(form, kpi_id)


def what_is_computed(project: Project, kpi: Kpi) -> str:
    """A text that is the same for two KPIs exactly when formula, inputs, windows, offsets and filters are."""
    names = {}
    for column in parse(kpi.value).find_all(exp.Column):
        declared = kpi.inputs.get(column.name) or _plain_input(project, column.name)
        window = declared.window or (None if declared.kpi else kpi.window)
        measure = None if declared.kpi else project.measures.get(str(declared.measure))
        wheres = _conditions(kpi.where, declared.where, measure.where if measure else None)
        operand = _measure(measure) if measure else str(declared.kpi or declared.measure)
        names[column.name] = f"<{operand} over {window} before {declared.offset} where {wheres}>"
    return f"{canonical(parse(kpi.value), names)} every {kpi.frequency}"


def _plain_input(project: Project, name: str) -> Input:
    """What a name in a formula stands for that is no input: a measure, else another KPI."""
    return Input(measure=name) if name in project.measures else Input(kpi=name)


def _measure(measure: Measure) -> str:
    """What a measure computes, without its name, description and condition."""
    rest = measure.model_dump_json(exclude={"value", "where", "description"})
    return f"{canonical(parse(measure.value))} {rest}"


def _conditions(*texts: str | None) -> list[str]:
    """The single conditions that must all hold, in a fixed order."""
    found = (canonical(part) for text in texts if text for part in _operands(parse(text), exp.And))
    return sorted(set(found))


def canonical(node: exp.Expression, names: dict[str, str] | None = None) -> str:
    """A tree as text: columns by what they stand for, without brackets, operands of + * AND OR = in a fixed order."""
    names = names or {}
    if isinstance(node, exp.Paren):
        return canonical(node.this, names)
    if isinstance(node, exp.Column):
        return names.get(node.name, node.name)
    if isinstance(node, exp.Literal):
        return repr(str(node.this)) if node.is_string else repr(float(str(node.this)))
    if isinstance(node, _COMMUTATIVE):
        parts = sorted(canonical(part, names) for part in _operands(node, type(node)))
        return f"{node.key}({', '.join(parts)})"
    shown = [f"{key}={_argument(value, names)}" for key, value in sorted(node.args.items()) if value]
    if isinstance(node, _SYMMETRIC):
        shown = sorted(canonical(part, names) for part in (node.this, node.expression))
    return f"{node.key}({', '.join(shown)})"


def _argument(value: object, names: dict[str, str]) -> str:
    if isinstance(value, exp.Expression):
        return canonical(value, names)
    return f"[{', '.join(_argument(part, names) for part in value)}]" if isinstance(value, list) else str(value)


def _operands(node: exp.Expression, kind: type[exp.Expression]) -> Iterator[exp.Expression]:
    """The operands of a chain such as a + (b + c): a, b, c; of anything else the thing itself."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, kind):
        yield from _operands(node.this, kind)
        yield from _operands(node.expression, kind)
    else:
        yield node
