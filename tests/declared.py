"""Projects written from Python for tests, and the path from placed rows to values and scores, without a warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from scorecards.periods import months_between, parse_period
from scorecards.project import Project, load_project
from transforms.aggregation import scores, uses
from transforms.converting import Exchange, exchange
from transforms.dating import dating_of
from transforms.groups import with_people
from transforms.kpis import evaluated, kpi_inputs, kpi_values, main_values
from transforms.measuring import measure_cells, measure_states
from transforms.placing import covered_months, place_rows, reference_table
from transforms.plan import make_plan
from transforms.small_groups import find_withheld
from transforms.targets import anchors_in_force
from transforms.tree import trees
from transforms.windows import Cells

UNITS = """\
id,name,level,parent
company,Company,company,
north,North,division,company
south,South,division,company
"""
COLUMNS: dict[str, Any] = {
    "unit": {"type": "string"},
    "day": {"type": "date"},
    "amount": {"type": "decimal", "scale": 2},
    "hours": {"type": "float"},
    "pieces": {"type": "integer"},
    "reason": {"type": "string"},
    "late": {"type": "boolean"},
    "done": {"type": "date", "nullable": True},
    "name": {"type": "string", "nullable": True},
}
TYPES = {
    "unit": pl.String(), "day": pl.Date(), "amount": pl.Decimal(18, 2), "hours": pl.Float64(), "pieces": pl.Int64(),
    "reason": pl.String(), "late": pl.Boolean(), "done": pl.Date(), "name": pl.String(),
}  # fmt: skip
KPI = {"name": "K", "definition": "d", "owner": "o", "measured_in": "points", "direction": "higher"}


def write_project(
    root: Path, measures: Mapping[str, Any] | None = None, kpis: Mapping[str, Any] | None = None, *, units: str = UNITS,
    targets: str = "", scorecard: Mapping[str, Any] | None = None, strategy: Mapping[str, Any] | None = None,
    source: Mapping[str, Any] | None = None, weights: str = "",
) -> Path:  # fmt: skip
    """Write a project with one source ``rows``; every KPI stands in one objective unless a strategy is given."""
    measures = {"revenue": {"value": "SUM(amount)"}} if measures is None else measures
    kpis = {"revenue_kpi": {"value": "revenue"}} if kpis is None else kpis
    for folder in ("sources", "kpis"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    objective = {"name": "O", "perspective": "financial", "kpis": list(kpis)}
    files: dict[str, Any] = {
        "scorecard.yaml": {"organisation": "Test", "first_period": "2023-01", **(scorecard or {})},
        "strategy.yaml": strategy or {"scorecards": {"main": {"name": "Main", "objectives": {"goal": objective}}}},
        "sources/rows.yaml": {
            "source": "rows", "domain": "process", "path": "rows.csv", "unit": "unit", "period": "day",
            "covers": {"first": "2023-01", "last": "2025-06"}, "columns": COLUMNS, **(source or {}),
        },
        "kpis/all.yaml": {
            "measures": {name: {"source": "rows", **declared} for name, declared in measures.items()},
            "kpis": {name: {**KPI, **declared} for name, declared in kpis.items()},
        },
    }  # fmt: skip
    for name, content in files.items():
        (root / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    (root / "units.csv").write_text(units, encoding="utf-8")
    for name, table in (("targets.csv", targets), ("weights.csv", weights)):
        if table:
            (root / name).write_text(table, encoding="utf-8")
    return root


def declare(root: Path, *args: Any, **declared: Any) -> Project:
    """``write_project``, loaded."""
    return load_project(write_project(root, *args, **declared))


def rows(records: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of the source ``rows``; what a record leaves out is null, and its unit north."""
    filled = [{"unit": "north", **record} for record in records]
    return pl.DataFrame(filled, schema=TYPES)


@dataclass(frozen=True)
class Figures:
    """All frames that a run over some months leaves."""

    inputs: pl.DataFrame
    values: pl.DataFrame
    anchors: pl.DataFrame
    scores: pl.DataFrame

    def value(self, kpi: str, unit: str, period: str) -> float | None:
        """One KPI value."""
        return self._one(main_values(self.values), kpi, unit, period)["value"]  # type: ignore[no-any-return]

    def reason(self, kpi: str, unit: str, period: str) -> str | None:
        """Why a KPI value is missing."""
        return self._one(main_values(self.values), kpi, unit, period)["missing_reason"]  # type: ignore[no-any-return]

    def score(self, node: str, unit: str, period: str, level: str = "kpi") -> dict[str, Any]:
        """One row of scores."""
        found = self.scores.filter(
            pl.col("node") == node,
            pl.col("unit") == unit,
            pl.col("period") == parse_period(period),
            pl.col("level") == level,
        )
        return found.row(0, named=True)

    @staticmethod
    def _one(frame: pl.DataFrame, kpi: str, unit: str, period: str) -> dict[str, Any]:
        found = frame.filter(pl.col("kpi") == kpi, pl.col("unit") == unit, pl.col("period") == parse_period(period))
        assert found.height == 1, found
        return found.row(0, named=True)


def figures(
    project: Project, frame: pl.DataFrame, first: str, last: str | None = None, rates: pl.DataFrame | None = None
) -> Figures:
    """From the rows of the source ``rows`` to scores, for the months from ``first`` to ``last``.

    ``rates`` are the rows of the source of exchange rates, with a column day.
    """
    return figures_of(project, frame, months_between(parse_period(first), parse_period(last or first)), rates)


def figures_of(
    project: Project,
    frame: pl.DataFrame,
    periods: Sequence[date],
    rates: pl.DataFrame | None = None,
    others: Mapping[str, pl.DataFrame] | None = None,
    references: Mapping[str, pl.DataFrame] | None = None,
) -> Figures:
    """The same for a list of months; ``others`` are the rows of further sources of the same form.

    ``references`` are those of sources that are looked up.
    """
    plan = with_people(project, make_plan(project))
    horizon = months_between(project.organisation.first_period, max(periods))
    exchange = None if rates is None else exchange_of(project, rates, horizon)
    covered: dict[str, set[date]] = {}
    cells, states = list[pl.DataFrame](), {}
    for source_id, staged in {"rows": frame, **(others or {})}.items():
        source = project.sources[source_id]
        dating = dating_of(project, source)
        dated = staged.lazy().with_columns(dating.period("day").alias("_period"), pl.col("unit").alias("_unit"))
        lookups = {
            name: reference_table(project.sources[lookup.source], (references or {})[lookup.source].lazy())
            for name, lookup in source.lookups.items()
        }
        placed = place_rows(source, dated, lookups)
        covered[source_id] = set(covered_months(source, placed, [], horizon))
        variants = [variant for variant in plan.variants.values() if variant.measure.source == source_id]
        cells.append(measure_cells(source, placed, variants, horizon, dating, exchange))
        found = measure_states(source, placed, variants, horizon, dating, exchange)
        states |= {key: rows.lazy() for key, rows in found}
    used = uses(project, periods)
    data = Cells(pl.concat(cells), states, covered, trees(project, horizon)).coded()
    operands = evaluated(project, plan, data, periods, used, find_withheld(project, plan, data))
    inputs, values = kpi_inputs(operands), kpi_values(project, operands)
    anchors = anchors_in_force(project, plan, used.select("scorecard", "period", "unit", "kpi"), inputs)
    return Figures(inputs, values, anchors, scores(project, used, main_values(values), anchors))


def exchange_of(project: Project, rates: pl.DataFrame, months: Sequence[date]) -> Exchange:
    """The exchange rates of some months from the rows of their source, dated by their column day."""
    assert project.organisation.rates is not None
    source = project.sources[project.organisation.rates.source]
    dating = dating_of(project, source)
    placed = rates.lazy().with_columns(dating.period("day").alias("_period"))
    return exchange(project.organisation, source, placed, dating, months)
