"""What has to be computed: KPIs broken into inputs, and measures into variants and parts.

Belongs here: reading the declarations into an order of work. How a measure's SQL is broken up is ``parts.py``. Does not
belong here: any frame.

A KPI that a formula uses is computed from its own inputs, in the place of the formula that uses it: their names carry
its name and a dot before theirs (``margin.revenue``), and its formula is kept as a derived column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlglot import exp

from scorecards.expressions import names_in, parse
from scorecards.kpis import Kpi, Measure
from scorecards.periods import LATE_MONTHS, Frequency, Late, Window, add_months, last_date
from scorecards.project import Project
from scorecards.sources import Validity
from transforms.parts import ADDITIVE, Part, break_up

WITHOUT_RATE = "without_rate"
LEFT_OUT = Late("left out")


@dataclass(frozen=True)
class Variant:
    """A measure with the filters, dimension and texts of the input that uses it; ``key`` names it in the warehouse.

    ``formula`` is the measure's value over its parts' names; ``by`` the column whose values make slices; ``texts`` what
    a text part may be; ``late`` what a unit is whose snapshot has not come. ``cells`` are expressions over a row whose
    values together make slices, for counting only.
    """

    key: str
    measure_id: str
    measure: Measure
    conditions: tuple[str, ...]
    parts: tuple[Part, ...]
    formula: exp.Expression
    by: str | None = None
    texts: tuple[str, ...] = ()
    late: Late = LEFT_OUT
    cells: tuple[str, ...] = ()

    @property
    def is_stock(self) -> bool:
        """Whether months do not add up."""
        return self.measure.over_time != "sum"

    @property
    def zero_when_empty(self) -> bool:
        """Whether a covered month without rows is zero; by default for sums and counts that flow."""
        if self.measure.empty is not None:
            return self.measure.empty == "zero"
        return not self.is_stock and _adds_up(self.parts, self.formula, ("distinct",))


@dataclass(frozen=True)
class KpiInput:
    """One operand of a KPI's formulas, over one window.

    ``path`` leads from the period to the month at the window's end: at each step the last date of a frequency, then an
    offset back. ``evaluation`` is the window over which the KPI is published; ``in_value`` says whether the operand is
    one of its value's, or of its anchors' only; ``min_months`` is that of the KPI whose own input it is. ``narrowed``
    are the conditions on all inputs of the KPIs that it is an operand of.
    """

    kpi: str
    name: str
    variant: str
    window: Window
    path: tuple[tuple[Frequency, int], ...]
    min_months: int | None
    evaluation: str
    in_value: bool = True
    narrowed: tuple[str, ...] = ()

    @property
    def offset(self) -> int:
        """How many months before the period's own months the input looks."""
        return sum(months for _, months in self.path)

    def span(self, period: date, fiscal_start: int) -> tuple[date, date]:
        """First and last month that the input takes for the period, before anything is cut off at the period."""
        for frequency, offset in self.path:
            period = add_months(last_date(period, frequency, fiscal_start), -offset)
        return self.window.span(period, fiscal_start)

    def dated(self, period: date, fiscal_start: int) -> date:
        """The newest date, up to the period, at which the KPI is measured."""
        return last_date(period, self.path[0][0], fiscal_start)


@dataclass(frozen=True)
class Evaluation:
    """A KPI over one window: as declared (``is_main``) or over a further one, whole or by a dimension.

    ``derived`` are the KPIs that its formulas use, deepest first, each a column over those before it and the inputs.
    """

    kpi: str
    window: str
    by: str | None
    inputs: tuple[KpiInput, ...]
    derived: tuple[tuple[str, exp.Expression], ...]
    is_main: bool


@dataclass(frozen=True)
class Plan:
    """All measure variants by key, and every evaluation of every KPI."""

    variants: Mapping[str, Variant]
    evaluations: tuple[Evaluation, ...]

    @cached_property
    def main(self) -> dict[str, Evaluation]:
        """The evaluation of each KPI as declared."""
        return {found.kpi: found for found in self.evaluations if found.is_main}

    @property
    def inputs(self) -> Iterator[KpiInput]:
        """The inputs of all evaluations."""
        return (declared for found in self.evaluations for declared in found.inputs)

    def inputs_of(self, kpi_id: str) -> tuple[KpiInput, ...]:
        """The operands of one KPI as declared."""
        return self.main[kpi_id].inputs

    def reach(self, fiscal_start: int) -> int:
        """How many months before a period the furthest input looks, late snapshots included."""
        periods = [date(2000, month, 1) for month in range(1, 13)]
        furthest = 0
        for declared in self.inputs:
            late = LATE_MONTHS if self.variants[declared.variant].late.kind != "left out" else 0
            for period in periods:
                first = declared.span(period, fiscal_start)[0]
                furthest = max(furthest, (period.year - first.year) * 12 + period.month - first.month + late)
        return furthest


def make_plan(project: Project) -> Plan:
    """The plan of a checked project."""
    variants: dict[str, Variant] = {}
    evaluations: list[Evaluation] = []
    for kpi_id, kpi in project.kpis.items():
        own = str(kpi.window)
        wanted: list[tuple[Window | None, str | None]] = [(None, None)]
        wanted += [(window, None) for window in kpi.also_over if str(window) != own]
        wanted += [(None, column) for column in kpi.by]
        for window, by in wanted:
            maker = _Maker(project, kpi_id, str(window or own), by, variants)
            maker.add(kpi, "", (), window, ())
            evaluations.append(
                Evaluation(
                    kpi_id,
                    str(window or own),
                    by,
                    tuple(maker.inputs),
                    tuple(maker.derived),
                    (window, by) == (None, None),
                )
            )
    return Plan(variants, tuple(evaluations))


class _Maker:
    """Gathers the inputs of one evaluation, and of the KPIs that it uses."""

    def __init__(self, project: Project, kpi_id: str, evaluation: str, by: str | None, variants: dict[str, Variant]):
        self.project, self.kpi_id, self.evaluation, self.by, self.variants = project, kpi_id, evaluation, by, variants
        self.inputs: list[KpiInput] = []
        self.derived: list[tuple[str, exp.Expression]] = []
        self.in_value = names_in(project.kpis[kpi_id].value)

    def add(
        self, kpi: Kpi, prefix: str, path: tuple[tuple[Frequency, int], ...], window: Window | None,
        where: tuple[str, ...],
    ) -> None:  # fmt: skip
        """The operands of a KPI's formulas; ``window`` stands in for its own where it is given."""
        where = (*where, kpi.where) if kpi.where else where
        for name, measure_id, child, own_window, offset, condition in operands(self.project, kpi, not prefix):
            conditions = (condition, *where) if condition else where
            steps = (*path, (kpi.frequency, offset))
            if child is not None:
                self.add(self.project.kpis[child], f"{prefix}{name}.", steps, own_window or window, conditions)
                self.derived.append((f"{prefix}{name}", _renamed(self.project.kpis[child].value, f"{prefix}{name}.")))
                continue
            assert measure_id is not None
            texts = tuple(kpi.scoring.texts)
            measure = self.project.measures[measure_id]
            variant = make_variant(measure_id, measure, conditions, self.by, texts)
            variant = replace(variant, late=_late(self.project, variant))
            self.variants[variant.key] = variant
            self.inputs.append(
                KpiInput(
                    self.kpi_id, f"{prefix}{name}", variant.key, own_window or window or kpi.window, steps,
                    kpi.min_months, self.evaluation, f"{prefix}{name}".split(".")[0] in self.in_value, where,
                )
            )  # fmt: skip


Operand = tuple[str, str | None, str | None, Window | None, int, str | None]


def operands(project: Project, kpi: Kpi, with_anchors: bool = True) -> Iterator[Operand]:
    """What a KPI's formulas name: (name, measure or None, KPI or None, own window, offset, filter).

    A name that is no declared input is a measure's, or else a KPI's. ``with_anchors`` adds the names that only the
    anchors' formulas use.
    """
    for name, declared in kpi.inputs.items():
        yield name, declared.measure, declared.kpi, declared.window, declared.offset, declared.where
    used = names_in(kpi.value).union(*(names_in(text) for text in kpi.anchors.values() if with_anchors))
    for name in sorted(used - set(kpi.inputs) - {"target"}):
        is_measure = name in project.measures
        yield name, name if is_measure else None, None if is_measure else name, None, 0, None


def _renamed(formula: str, prefix: str) -> exp.Expression:
    """The formula's tree, its names with the prefix."""
    tree = parse(formula).copy()
    return tree.transform(
        lambda node: (
            exp.column(exp.to_identifier(prefix + node.name, quoted=True)) if isinstance(node, exp.Column) else node
        )
    )


def make_variant(
    measure_id: str, measure: Measure, where: tuple[str, ...] = (), by: str | None = None, texts: tuple[str, ...] = ()
) -> Variant:
    """A measure with the filters of what uses it added to its own."""
    conditions = tuple(dict.fromkeys(text for text in (measure.where, *where) if text))
    parts, formula = break_up(measure.value)
    has_text = any(part.kind == "text" for part in parts)
    marks = [text for text in conditions if text != measure.where]
    marks += [f"by {by}"] if by else []
    marks += ["|".join(texts)] if has_text else []
    if measure.currency is not None:
        parts = (*parts, Part(WITHOUT_RATE, "count", None, None))
    key = f"{measure_id}[{'; '.join(marks)}]" if marks else measure_id
    return Variant(key, measure_id, measure, conditions, parts, formula, by, texts if has_text else ())


def make_counter(measure_id: str, measure: Measure, cells: tuple[str, ...] = ()) -> Variant:
    """A measure, what it counts divided by the values of these expressions; a late unit counts for nothing."""
    variant = make_variant(measure_id, measure)
    return replace(variant, key=f"{variant.key}{{{'; '.join(cells)}}}" if cells else variant.key, cells=cells)


def _late(project: Project, variant: Variant) -> Late:
    """As declared; else missing for stocks that add up, unless rows tell themselves how long they hold."""
    measure = variant.measure
    if measure.late is not None or not variant.is_stock:
        return measure.late or LEFT_OUT
    holds = isinstance(project.sources[measure.source].period, Validity)
    strict = _adds_up(variant.parts, variant.formula) and not variant.zero_when_empty and not holds
    return Late("missing") if strict and variant.by is None else LEFT_OUT


def _adds_up(parts: tuple[Part, ...], formula: exp.Expression, besides: tuple[str, ...] = ()) -> bool:
    divides = any(isinstance(node, exp.Div) for node in formula.walk())
    return all(part.kind in (*ADDITIVE, *besides) for part in parts) and not divides
