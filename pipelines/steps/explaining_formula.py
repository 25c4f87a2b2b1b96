"""The KPIs that a formula uses: which they are, and what each gave in the place of the formula that uses it.

Belongs here: reading one evaluation once more, over operands that are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.steps.explained import UsedKpi
from scorecards.project import Project
from transforms.plan import Evaluation
from transforms.undecided import compile_formula


def used_kpis(project: Project, evaluation: Evaluation, inputs: Mapping[str, Mapping[str, Any]]) -> Iterator[UsedKpi]:
    """The KPIs of an evaluation's formula, in the order in which they are computed.

    ``inputs`` are rows of ``KPI_INPUTS`` by the operand's name.
    """
    known = {name: row["value"] for name, row in inputs.items()}
    wide = pl.DataFrame([known], schema=dict.fromkeys(known, pl.Float64))
    for name, tree in evaluation.derived:
        result = compile_formula(tree, wide.schema)
        wide = wide.with_columns(pl.when(result.is_finite()).then(result).alias(name))
        kpi_id = _kpi_of(project, evaluation.kpi, name)
        yield UsedKpi(name, kpi_id, project.kpis[kpi_id].value, wide[name][0])


def _kpi_of(project: Project, kpi_id: str, path: str) -> str:
    """The KPI that an operand such as margin.cost_share names, seen from the KPI that uses it."""
    for name in path.split("."):
        declared = project.kpis[kpi_id].inputs.get(name)
        kpi_id = declared.kpi if declared is not None and declared.kpi is not None else name
    return kpi_id
