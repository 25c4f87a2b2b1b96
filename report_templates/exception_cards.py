"""Exceptions as a page of their own: for each its chart, what it is doing, why, and what is done about it.

Belongs here: choosing and arranging. The words are ``kpi_messages.py`` and ``insight_messages.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.exceptions import ExceptionRow
from report_templates.geometry import Page
from report_templates.insight_view import moved_units
from report_templates.kpi_charts import KpiChart, kpi_chart
from report_templates.kpi_rows import KpiRow, kpi_row
from report_templates.page_plan import has_xmr
from report_templates.ranges import without_range
from report_templates.shared_scales import shared_reaches
from transforms.pack import ActionRow, Pack

CARD_WIDTH, GUTTER, CHART_HEIGHT = 137.0, 9.0, 27.0
# More would be a second pack; the answers are what counts.
MOST_CHARTS = 16


@dataclass(frozen=True)
class ExceptionCard:
    """A KPI that is off target or a concern.

    ``chart`` is None where it has had no value in any month shown, and on cards beyond the first ``MOST_CHARTS``;
    ``without_range`` says why the KPI has no usual range, where it has none. ``units`` are what units below did to the
    KPI, ``actions`` those promised for its objective.
    """

    row: KpiRow
    told: ExceptionRow
    chart: KpiChart | None
    without_range: str
    units: tuple[str, ...]
    actions: tuple[ActionRow, ...]


@dataclass(frozen=True)
class ExceptionCards:
    """The page: its cards, ``columns`` of them side by side, each ``width`` millimetres wide."""

    cards: tuple[ExceptionCard, ...]
    columns: int
    width: float

    @property
    def rows(self) -> list[tuple[ExceptionCard, ...]]:
        """The cards, row by row."""
        return [self.cards[at : at + self.columns] for at in range(0, len(self.cards), self.columns)]


def exception_cards(pack: Pack, page: Page, found: Sequence[ExceptionRow], months: int) -> ExceptionCards:
    """The cards of these exceptions, in their order: one for each, since none may lose its response."""
    columns = max(1, round(page.width / CARD_WIDTH))
    width = round((page.width - GUTTER * (columns - 1)) / columns, 2)
    reaches = shared_reaches([line for line in pack.kpis if not has_xmr(line)], months)
    cards: list[ExceptionCard] = []
    for place, told in enumerate(found):
        row = kpi_row(pack, told.line, months)
        is_drawn = place < MOST_CHARTS and any(point.value is not None for point in told.line.history)
        reach = reaches.get(told.line.id)
        chart = kpi_chart(pack, row, width, CHART_HEIGHT, months, reach) if is_drawn else None
        cards.append(_card(pack, row, told, chart))
    return ExceptionCards(tuple(cards), columns, width)


def _card(pack: Pack, row: KpiRow, told: ExceptionRow, chart: KpiChart | None) -> ExceptionCard:
    objective = next((card.name for card in pack.objectives if card.id == told.line.objective), told.line.objective)
    return ExceptionCard(
        row=row,
        told=told,
        chart=chart,
        without_range="" if has_xmr(told.line) else without_range(told.line, pack.locale),
        units=moved_units(pack, told.line),
        actions=tuple(action for action in pack.actions if action.objective == objective),
    )
