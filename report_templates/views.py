"""What each page shows, in the order in which a leader reads: the records that the templates walk through.

Belongs here: choosing and arranging. Numbers are written by ``kpi_rows.py``, sentences by ``messages.py``, and how much
fits on a page is ``page_plan.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from report_templates.breakdowns import BreakdownTable, breakdown_tables, next_column_at
from report_templates.cascade import CascadeRow, cascade_rows
from report_templates.commitments import late_first, overdue_first
from report_templates.definition_cards import DefinitionCard, definition_card
from report_templates.exception_cards import ExceptionCards, exception_cards
from report_templates.exceptions import ExceptionRow, exceptions
from report_templates.geometry import Page
from report_templates.headline import headline
from report_templates.history import months_shown
from report_templates.insight_messages import finding_sentences
from report_templates.insight_view import Insight, insight
from report_templates.kpi_columns import Columns, columns_for, fitting
from report_templates.kpi_rows import column_texts
from report_templates.look import OURS, Look
from report_templates.map_links import DrawnLink, LegendEntry, drawn_links, evidence_sentence, links_legend
from report_templates.messages import not_applicable_sentence, who
from report_templates.movement_words import ranked
from report_templates.one_page import OnePage, one_page
from report_templates.page_plan import shown_perspectives
from report_templates.perspective_view import PerspectiveView, perspective_views
from report_templates.score_figures import most_digits
from report_templates.scorecard_view import ScorecardView, scorecard_view
from report_templates.strategy_map import StrategyMap, strategy_map
from report_templates.summary_plan import SummaryPlan, plan_summary, remarks_on_all
from report_templates.summary_view import ScoreTile, StatusTable, other_tables, score_tiles, waterfall_of
from report_templates.text_fit import line_count
from report_templates.waterfall import Waterfall
from report_templates.x_matrix import XMatrix, x_matrix
from scorecards.packs import PageName
from transforms.pack import (
    ActionRow,
    ChildRow,
    InitiativeRow,
    KpiLine,
    Pack,
    Remark,
)

ABOVE_MAP = 17.0
LEGEND_OF_LINKS = 5.5
# The sentence above the map, set at 9 points.
LEAD, LEAD_LINE = 3.18, 4.3
FEW_UNITS = 6
# On a screen the waterfall grows with it, as charts do.
SCREEN_WATERFALL = 90.0
PAGE_TEMPLATES: dict[PageName, str] = {"exceptions": "pack/exception_cards.html"}


@dataclass(frozen=True)
class PackView:
    """The whole pack, ready for the templates; ``map`` is None where there are too few objectives for one.

    ``units`` are the children, the lowest score first; ``others`` are further tables of KPIs, as far as the summary has
    room.
    """

    pack: Pack
    who: tuple[str, ...]
    months: int
    headline: str
    not_applicable: str
    finding: str
    tiles: tuple[ScoreTile, ...]
    waterfall: Waterfall | None
    plan: SummaryPlan
    exceptions: tuple[ExceptionRow, ...]
    others: tuple[StatusTable, ...]
    units: tuple[ChildRow, ...]
    map: StrategyMap | None
    links: tuple[DrawnLink, ...]
    links_legend: tuple[LegendEntry, ...]
    evidence: str
    matrix: XMatrix | None
    perspectives: tuple[PerspectiveView, ...]
    names: dict[str, str]
    lines: dict[str, KpiLine]
    remarks: tuple[Remark, ...]
    initiatives: tuple[InitiativeRow, ...]
    actions: tuple[ActionRow, ...]
    insight: Insight
    breakdowns: tuple[BreakdownTable, ...]
    definitions: tuple[DefinitionCard, ...]
    next_column_at: int | None
    pages: tuple[PageName, ...]
    columns: Columns
    scorecard: ScorecardView | None
    cards: ExceptionCards | None
    cascade: tuple[CascadeRow, ...]
    one_page: OnePage | None

    @property
    def is_titled(self) -> bool:
        """Whether a page of the layout begins with a heading of the whole pack."""
        return "summary" in self.pages or "one_page" in self.pages

    @property
    def row_padding(self) -> float | None:
        """The white space above and below rows of the table of all KPIs; None where no page has it."""
        table = self.one_page.table if self.one_page is not None else self.scorecard
        return None if table is None else table.padding

    @property
    def has_behind(self) -> bool:
        """Whether an initiative is late by its days, whatever its owner says."""
        return any(initiative.is_late and initiative.status != "late" for initiative in self.initiatives)

    @property
    def has_effects(self) -> bool:
        """Whether an initiative here is expected to have an effect in figures."""
        return any(initiative.effects for initiative in self.initiatives)

    @property
    def units_are_few(self) -> bool:
        """Whether the page of units below is so short that another may follow on it."""
        return len(self.units) + len(self.cascade) <= FEW_UNITS

    def template_of(self, page: PageName) -> str:
        """The name of the template of a page."""
        return PAGE_TEMPLATES.get(page, f"pack/{page}.html")

    def named(self, ids: Sequence[str]) -> list[str]:
        """The names of objectives and KPIs; an id that has none stands for itself."""
        return [self.names.get(each, each) for each in ids]


def pack_view(pack: Pack, look: Look = OURS, squeeze: int = 0) -> PackView:
    """Arrange ``pack`` for the pages of a look.

    ``squeeze`` is how often a pack of one page turned out to be more than that: each time less is shown.
    """
    page, wanted = look.page, look.layout.pages
    title, off_target = headline(pack), exceptions(pack)
    months = months_shown(pack)
    tiles, tables = score_tiles(pack, page, months), tuple(breakdown_tables(pack))
    plan = plan_summary(
        pack, look, title, [t.sentence for t in tiles], off_target, len(ranked(pack, pack.contributions))
    )
    strategy = _map(pack, page) if "strategy_map" in wanted else None
    matrix = x_matrix(pack, page) if "x_matrix" in wanted else None
    cards = None
    if "exceptions" in wanted:
        cards = exception_cards(pack, page, off_target, months, is_on_screen=look.is_on_screen)
    sections: tuple[PerspectiveView, ...] = ()
    if "perspectives" in wanted:
        sections = perspective_views(pack, page, months, is_on_screen=look.is_on_screen)
    if look.is_on_screen:
        plan = replace(plan, waterfall_width=min(plan.waterfall_width, SCREEN_WATERFALL))
    sight = cascade_rows(pack)
    shown = {
        "strategy_map": strategy is not None,
        "x_matrix": matrix is not None,
        "exceptions": cards is not None and bool(cards.cards),
        "perspectives": bool(shown_perspectives(pack)),
        "breakdowns": bool(tables),
        "units": len(pack.children) > (plan.units if "summary" in wanted else 0),
        "cascade": bool(pack.children or sight),
        "initiatives": bool(pack.initiatives or pack.actions),
        "edition": pack.edition is not None and pack.edition.number > 1,
    }
    return PackView(
        pack=pack,
        pages=_pages(look, shown),
        columns=_columns(pack, page, sections),
        scorecard=scorecard_view(pack, page, months) if "scorecard" in wanted else None,
        cards=cards,
        cascade=sight,
        one_page=one_page(pack, page, title, off_target, months, squeeze) if look.layout.is_one_page else None,
        who=who(pack),
        months=months,
        headline=title,
        not_applicable=not_applicable_sentence(pack),
        finding=" ".join(finding_sentences(pack, on_summary=True)),
        plan=plan,
        tiles=tiles,
        waterfall=waterfall_of(pack, plan, off_target),
        exceptions=off_target,
        others=other_tables(pack, plan) if plan.exceptions >= len(off_target) else (),
        units=tuple(sorted(pack.children, key=lambda c: c.node.score if c.node.score is not None else float("inf"))),
        map=strategy,
        links=() if strategy is None else drawn_links(pack, strategy.links),
        links_legend=() if strategy is None else links_legend(pack),
        evidence="" if strategy is None else evidence_sentence(pack),
        matrix=matrix,
        perspectives=sections,
        names={**{o.id: o.name for o in pack.objectives}, **{k.id: k.name for k in pack.kpis}},
        lines={k.id: k for k in pack.kpis},
        remarks=remarks_on_all(pack),
        initiatives=late_first(pack.initiatives),
        actions=overdue_first(pack.actions),
        insight=insight(pack),
        breakdowns=tables,
        definitions=tuple(definition_card(pack, line) for line in pack.kpis) if "definitions" in wanted else (),
        next_column_at=next_column_at(tables),
    )


def _pages(look: Look, shown: Mapping[str, bool]) -> tuple[PageName, ...]:
    """The pages of the layout that have something to show; what a restated edition changes is never left out."""
    pages = [name for name in look.layout.pages if shown.get(name, True)]
    if shown["edition"] and "edition" not in pages and not look.layout.is_one_page:
        pages.append("edition")
    return tuple(pages)


def _columns(pack: Pack, page: Page, sections: Sequence[PerspectiveView]) -> Columns:
    """The columns of the perspectives' tables: the same in all of them."""
    groups = [group for section in sections for group in section.groups]
    rows = [row for group in groups for row in group.rows]
    texts = column_texts(rows, [group.card.weight for group in groups], pack.locale)
    return fitting(columns_for(page, most_digits(pack)), texts, page)


def _map(pack: Pack, page: Page) -> StrategyMap | None:
    lanes = [page for page in shown_perspectives(pack) if page.objectives]
    if len(pack.objectives) < 4 or len(lanes) < 2:
        return None
    told = evidence_sentence(pack)
    room = line_count(told, page.width, LEAD) * LEAD_LINE if told else 0.0
    return strategy_map(lanes, page.width, page.height - ABOVE_MAP - LEGEND_OF_LINKS - room)
