"""The sections of perspectives: a table by objective, charts, and what was written.

Belongs here: choosing and arranging. How much fits on a page is ``page_plan.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from report_templates.geometry import SCREEN_CHART, Page
from report_templates.kpi_charts import KpiChart, kpi_chart
from report_templates.kpi_rows import KpiRow, Verdict, kpi_row, node_verdict
from report_templates.messages import perspective_sentence
from report_templates.page_plan import (
    ChartGrid,
    Placement,
    charted,
    has_columns,
    plan_pages,
    remarks_on,
    shown_perspectives,
)
from report_templates.shared_scales import Reach, shared_reaches
from transforms.pack import KpiLine, ObjectiveCard, Pack, PerspectivePage, Remark

ChartKind = Literal["columns", "xmr"]


@dataclass(frozen=True)
class ObjectiveGroup:
    """An objective's line in the KPI table, followed by its KPIs."""

    card: ObjectiveCard
    verdict: Verdict
    rows: tuple[KpiRow, ...]


@dataclass(frozen=True)
class PerspectiveView:
    """A perspective's section: table by objective, then charts in ``grid.columns`` columns.

    ``legend`` names the kinds of chart that are explained above the first of a page, for all sections that share it.
    """

    page: PerspectivePage
    verdict: Verdict
    sentence: str
    groups: tuple[ObjectiveGroup, ...]
    charts: tuple[KpiChart, ...]
    remarks: tuple[Remark, ...]
    grid: ChartGrid
    starts_page: bool
    charts_start_page: bool
    legend: frozenset[ChartKind]

    @property
    def chart_rows(self) -> list[tuple[KpiChart, ...]]:
        """The charts, row by row of the grid."""
        step = self.grid.columns
        return [self.charts[i : i + step] for i in range(0, len(self.charts), step)]


def perspective_views(
    pack: Pack, paper: Page, months: int, *, is_on_screen: bool = False
) -> tuple[PerspectiveView, ...]:
    """The sections of all perspectives with a KPI, planned for the paper, charts over so many months."""
    views: list[PerspectiveView] = []
    shown = list(zip(shown_perspectives(pack), plan_pages(pack, paper), strict=True))
    reaches: dict[str, Reach] = {}
    for i, (page, placement) in enumerate(shown):
        rows = {line.id: kpi_row(pack, line, months) for line in page.kpis}
        grid = _for_screen(placement.grid) if is_on_screen else placement.grid
        if placement.starts_page:
            lines = [line for line in _on_page(shown[i:]) if has_columns(line)]
            reaches |= shared_reaches(lines, months)
        charts = tuple(
            kpi_chart(
                pack,
                rows[line.id],
                grid.chart_width,
                grid.chart_height,
                months,
                reaches.get(line.id),
                as_columns=has_columns(line),
            )
            for line in charted(page)
        )
        views.append(
            PerspectiveView(
                page=page,
                verdict=node_verdict(pack, page.node),
                sentence=perspective_sentence(pack, page),
                groups=_groups(pack, page, rows),
                charts=charts,
                remarks=remarks_on(pack, page),
                grid=grid,
                starts_page=placement.starts_page,
                charts_start_page=placement.charts_start_page,
                legend=_legend(shown[i:]),
            )
        )
    return tuple(views)


def _for_screen(grid: ChartGrid) -> ChartGrid:
    width, height = SCREEN_CHART
    return replace(grid, chart_width=min(grid.chart_width, width), chart_height=min(grid.chart_height, height))


def _legend(following: Sequence[tuple[PerspectivePage, Placement]]) -> frozenset[ChartKind]:
    """The kinds of chart on the page that the first perspective begins; none where it begins none."""
    if not following[0][1].starts_page:
        return frozenset()
    return frozenset("columns" if has_columns(line) else "xmr" for line in _on_page(following))


def _on_page(following: Sequence[tuple[PerspectivePage, Placement]]) -> list[KpiLine]:
    """The KPIs with a chart on the page that the first perspective begins."""
    later = itertools.takewhile(lambda found: not found[1].starts_page, following[1:])
    return [line for page, _ in (following[0], *later) for line in charted(page)]


def _groups(pack: Pack, page: PerspectivePage, rows: dict[str, KpiRow]) -> tuple[ObjectiveGroup, ...]:
    return tuple(
        ObjectiveGroup(card, node_verdict(pack, card.node), tuple(rows[k] for k in card.kpis if k in rows))
        for card in page.objectives
    )
