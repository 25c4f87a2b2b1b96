"""What a KPI's figures were computed by: a digest of its declaration, kept by month.

Belongs here: telling whether two months of a KPI can be compared. Names, owners, weights and targets may change freely;
what the value is and how it becomes a score may not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

import polars as pl

from scorecards.expressions import names_in
from scorecards.groups import WithheldBy
from scorecards.kpis import Kpi
from scorecards.project import Project
from transforms.plan import Plan

KPI_DEFINITIONS = {
    "period": pl.Date, "kpi": pl.String, "digest": pl.String, "measured_in": pl.String, "direction": pl.String,
    "withheld_by": pl.String,
}  # fmt: skip
_OF_KPI = {
    "value", "inputs", "window", "where", "min_months", "frequency", "direction", "scored", "scoring", "measured_in"
}  # fmt: skip
_OF_MEASURE = {"source", "value", "where", "period", "over_time", "empty", "late", "currency", "convert"}


def kpi_definitions(project: Project, plan: Plan, periods: Sequence[date]) -> pl.DataFrame:
    """How every KPI is declared for each of these months: the frame ``KPI_DEFINITIONS``.

    What is measured in currency is so in the organisation's, by its code. ``withheld_by`` is the rule of small groups
    that its figures obey.
    """
    measures: dict[str, set[str]] = {}
    for one in plan.inputs:
        measures.setdefault(one.kpi, set()).add(plan.variants[one.variant].measure_id)
    declared = {
        kpi_id: (definition_digest(project, kpi), _unit_of(project, kpi), kpi.direction)
        for kpi_id, kpi in project.kpis.items()
    }
    withheld_by = WithheldBy(project)
    rows = [
        (period, kpi_id, *facts, withheld_by.of(measures.get(kpi_id, ()), period))
        for period in periods
        for kpi_id, facts in declared.items()
    ]
    return pl.DataFrame(rows, schema=KPI_DEFINITIONS, orient="row")


def _unit_of(project: Project, kpi: Kpi) -> str | None:
    return (project.organisation.currency if kpi.measured_in == "currency" else kpi.measured_in) or None


def definition_digest(project: Project, kpi: Kpi) -> str:
    """Digest of a KPI's formula, inputs, measures and windows, down to the KPIs that it uses, and of its scoring."""
    return hashlib.sha256(json.dumps([_declared(project, kpi), _scale(project)]).encode()).hexdigest()[:16]


def redefined(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """The KPIs whose earlier month was computed by another declaration: columns period and kpi.

    Both are ``KPI_DEFINITIONS``, the earlier rows bearing the period that they are compared with. A month of which
    nothing is kept counts as declared alike.
    """
    both = now.join(then.select("period", "kpi", pl.col("digest").alias("then")), on=["period", "kpi"])
    return both.filter(pl.col("digest") != pl.col("then")).select("period", "kpi")


def _declared(project: Project, kpi: Kpi) -> object:
    measures, kpis = {}, {}
    for name in sorted(names_in(kpi.value) | set(kpi.inputs)):
        declared = kpi.inputs.get(name)
        if declared is not None and declared.kpi is not None:
            kpis[name] = _declared(project, project.kpis[declared.kpi])
        else:
            measure = project.measures.get(declared.measure if declared and declared.measure else name)
            measures[name] = None if measure is None else measure.model_dump(mode="json", include=_OF_MEASURE)
    return [kpi.model_dump(mode="json", include=_OF_KPI), measures, kpis]


def _scale(project: Project) -> object:
    return project.organisation.scale.model_dump(mode="json")
