"""Exceptions as a page of their own: for each its chart, what it is doing, why, and what is done about it.

Belongs here: choosing and arranging. The words are ``kpi_messages.py`` and ``insight_messages.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from report_templates.exceptions import ExceptionRow
from report_templates.geometry import ENDLESS, SCREEN_CHART, Page
from report_templates.insight_view import moved_units
from report_templates.kpi_charts import KpiChart, kpi_chart
from report_templates.kpi_rows import KpiRow, kpi_row
from report_templates.long_texts import LongTexts, Passage, long_texts
from report_templates.page_plan import has_xmr
from report_templates.ranges import without_range
from report_templates.shared_scales import shared_reaches
from report_templates.signal_messages import unsettled_part
from transforms.pack import ActionRow, Pack

CARD_WIDTH, GUTTER, CHART_HEIGHT = 137.0, 9.0, 27.0
# More would be a second pack; the answers are what counts.
MOST_CHARTS = 16
# As wide as what stands beside the texts: "Units below:", "overdue:", a day, "scale to 10,000".
_UNITS_BELOW, _OVERDUE, _DAY, _SCALE = (" " + "x" * count for count in (24, 12, 12, 18))


@dataclass(frozen=True)
class ExceptionCard:
    """A KPI that is off target or a concern.

    ``chart`` is None where it has had no value in any month shown, and on cards beyond the first ``MOST_CHARTS``;
    ``without_range`` says why the KPI has no usual range, where it has none and ``told`` does not. ``units`` are what
    units below did to the KPI, ``actions`` those promised for its objective. ``texts`` are what people wrote at length.
    """

    row: KpiRow
    told: ExceptionRow
    chart: KpiChart | None
    without_range: str
    units: tuple[str, ...]
    actions: tuple[ActionRow, ...]
    texts: LongTexts


@dataclass(frozen=True)
class ExceptionCards:
    """The page: its cards, ``columns`` of them side by side, each ``width`` millimetres wide."""

    cards: tuple[ExceptionCard, ...]
    columns: int
    width: float

    @property
    def rows(self) -> list[CardRow]:
        """The cards, row by row."""
        rows = [self.cards[at : at + self.columns] for at in range(0, len(self.cards), self.columns)]
        return [CardRow(row, self.columns) for row in rows]


@dataclass(frozen=True)
class CardRow:
    """Cards side by side. ``is_tall`` says that one may be longer than a page."""

    cards: tuple[ExceptionCard, ...]
    columns: int

    @property
    def is_tall(self) -> bool:
        """Whether it may be split."""
        return any(card.texts.is_tall for card in self.cards)

    @property
    def continued(self) -> list[list[tuple[ExceptionCard, tuple[Passage, ...]]]]:
        """What the texts of its cards have on the next pages, row by row."""
        parts = [(card, part) for card in self.cards for part in card.texts.pages[1:]]
        return [parts[at : at + self.columns] for at in range(0, len(parts), self.columns)]


def exception_cards(
    pack: Pack, page: Page, found: Sequence[ExceptionRow], months: int, *, is_on_screen: bool = False
) -> ExceptionCards:
    """The cards of these exceptions, in their order: one for each, since none may lose its response.

    ``is_on_screen`` says that no page ends: texts are not cut.
    """
    if is_on_screen:
        page = replace(page, paper_height=ENDLESS)
    columns = max(1, round(page.width / CARD_WIDTH))
    width = round((page.width - GUTTER * (columns - 1)) / columns, 2)
    # Only what stands on these pages as columns has a part in their scales.
    reaches = shared_reaches([told.line for told in found[:MOST_CHARTS] if not has_xmr(told.line)], months)
    cards: list[ExceptionCard] = []
    for place, told in enumerate(found):
        row = kpi_row(pack, told.line, months)
        is_drawn = place < MOST_CHARTS and any(point.value is not None for point in told.line.history)
        reach = reaches.get(told.line.id)
        drawn = min(width, SCREEN_CHART[0]) if is_on_screen else width
        chart = kpi_chart(pack, row, drawn, CHART_HEIGHT, months, reach) if is_drawn else None
        cards.append(_card(pack, page, width, row, told, chart))
    return ExceptionCards(tuple(cards), columns, width)


def _card(
    pack: Pack, page: Page, width: float, row: KpiRow, told: ExceptionRow, chart: KpiChart | None
) -> ExceptionCard:
    is_told = has_xmr(told.line) or bool(unsettled_part(told.line, pack.locale))
    range_words = "" if is_told else without_range(told.line, pack.locale)
    units = moved_units(pack, told.line)
    objective = next((card.name for card in pack.objectives if card.id == told.line.objective), told.line.objective)
    actions = tuple(action for action in pack.actions if action.objective == objective)
    texts = long_texts(
        told,
        doing=f"{told.doing} {range_words}",
        why=f"{told.why} {'; '.join(units)}{_UNITS_BELOW * bool(units)}",
        actions=[f"{_OVERDUE * action.is_overdue}{action.action} {action.owner}{_DAY}" for action in actions],
        heading=f"■ {told.line.name} {row.measured_in}{_SCALE} {row.verdict.score} ■ {row.verdict.word}",
        chart=0.0 if chart is None else CHART_HEIGHT,
        width=width,
        page=page,
        locale=pack.locale,
    )
    return ExceptionCard(row, told, chart, range_words, units, actions, texts)
