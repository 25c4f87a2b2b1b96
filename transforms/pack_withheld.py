"""How many figures a pack does not show because they are those of small groups, and of which KPIs; nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scorecards.project import Project
from transforms.kpis import SMALL_GROUP
from transforms.pack import WithheldKpi
from transforms.pack_tables import PackTables


def withheld_kpis(project: Project, tables: PackTables, scorecard: str, units: Sequence[str]) -> Iterator[WithheldKpi]:
    """The KPIs of a scorecard of which one of these units has a withheld value in the period, in order."""
    objectives = project.strategy.scorecards[scorecard].objectives.values()
    for kpi_id in (kpi_id for objective in objectives for kpi_id in objective.kpis):
        here = [unit for unit in units if tables.period in tables.score_rows.get((scorecard, unit, "kpi", kpi_id), {})]
        rows = [tables.value_rows.get((unit, kpi_id), {}).get(tables.period, {}) for unit in here]
        if count := sum(row.get("missing_reason") == SMALL_GROUP for row in rows):
            yield WithheldKpi(project.kpis[kpi_id].name, count)
