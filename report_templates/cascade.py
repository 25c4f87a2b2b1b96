"""The line of sight: from this unit's KPIs over its objectives to those above that they serve.

Belongs here: choosing and arranging. Units below stand beside it on the page, from the pack itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from report_templates.formatting import percent
from report_templates.kpi_rows import Verdict, node_verdict, verdict
from transforms.pack import KpiLine, ObjectiveCard, Pack


@dataclass(frozen=True)
class SightKpi:
    """A KPI on the line of sight, with its share of the scorecard."""

    line: KpiLine
    verdict: Verdict
    weight: str


@dataclass(frozen=True)
class CascadeRow:
    """An objective here, its KPIs, and the objectives above that it serves."""

    card: ObjectiveCard
    verdict: Verdict
    kpis: tuple[SightKpi, ...]


def cascade_rows(pack: Pack) -> tuple[CascadeRow, ...]:
    """The objectives of this unit; none where the scorecard serves no other."""
    if not pack.line_of_sight:
        return ()
    lines = {line.id: line for line in pack.kpis}
    return tuple(
        CascadeRow(
            card,
            node_verdict(pack, card.node),
            tuple(
                SightKpi(lines[name], verdict(pack, lines[name].score, lines[name].band),
                         percent(lines[name].weight, 0, pack.locale))
                for name in card.kpis if name in lines
            ),
        )
        for card in pack.objectives
    )  # fmt: skip
