"""The scorecard on one page: every KPI under its perspective, rows as close as the page asks for.

Belongs here: choosing, arranging, and how close rows stand. What a row shows is ``kpi_rows.py`` and ``kpi_columns.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.geometry import Page
from report_templates.kpi_columns import Columns, fitting, lines_of, scorecard_columns
from report_templates.kpi_rows import KpiRow, Verdict, column_texts, kpi_row, node_verdict
from report_templates.messages import not_applicable_sentence
from report_templates.score_figures import most_digits
from transforms.pack import KpiLine, Pack, PerspectivePage

# Millimetres: a line of each size, the head of the table, a perspective's row beside its padding.
LINE, SMALL_LINE, DRAWN, TABLE_HEAD, GROUP_LINE = 3.45, 2.95, 3.5, 8.2, 3.6
LEAST_PADDING, MOST_PADDING = 0.2, 1.05
TITLE, LEGEND = 13.0, 10.0
_RULE = 0.16


@dataclass(frozen=True)
class ScorecardGroup:
    """A perspective's row, followed by those of its KPIs; ``note`` says why there are none."""

    page: PerspectivePage
    verdict: Verdict
    rows: tuple[KpiRow, ...]
    note: str


@dataclass(frozen=True)
class ScorecardView:
    """The table: its columns, its groups and the ``padding`` above and below each row in millimetres.

    ``left_out`` are KPIs that the page has no room for; only a pack of one page has any.
    """

    columns: Columns
    groups: tuple[ScorecardGroup, ...]
    padding: float
    has_to_date: bool
    left_out: tuple[KpiLine, ...] = ()


def scorecard_view(pack: Pack, page: Page, months: int) -> ScorecardView:
    """The table of all KPIs; on a page of its own where their rows fit when they stand close, else it flows on."""
    columns = scorecard_columns(page, most_digits(pack), has_to_date(pack))
    room = page.height - TITLE - LEGEND - TABLE_HEAD
    return made(pack, columns, page, months, padding_for(pack, pack.kpis, columns, page, room))


def made(
    pack: Pack, columns: Columns, page: Page, months: int, padding: float, left_out: Sequence[KpiLine] = ()
) -> ScorecardView:
    """The table without the KPIs that are left out."""
    out = {line.id for line in left_out}
    groups = tuple(
        ScorecardGroup(
            perspective,
            node_verdict(pack, perspective.node),
            tuple(kpi_row(pack, line, months) for line in perspective.kpis if line.id not in out),
            "" if perspective.kpis else not_applicable_sentence(pack),
        )
        for perspective in pack.perspectives
    )
    rows = [row for group in groups for row in group.rows]
    texts = column_texts(rows, [group.page.weight for group in groups], pack.locale)
    return ScorecardView(fitting(columns, texts, page), groups, round(padding, 3), has_to_date(pack), tuple(left_out))


def has_to_date(pack: Pack) -> bool:
    """Whether any KPI has a year to date."""
    return any(line.to_date is not None for line in pack.kpis)


def padding_for(pack: Pack, lines: Sequence[KpiLine], columns: Columns, page: Page, room: float) -> float:
    """The padding with which these KPIs take the room; within its bounds even where they do not fit."""
    rows = len(lines) + len(pack.perspectives)
    free = room - content_height(pack, lines, columns, page)
    return min(max(free / (2 * rows) if rows else MOST_PADDING, LEAST_PADDING), MOST_PADDING)


def content_height(pack: Pack, lines: Sequence[KpiLine], columns: Columns, page: Page) -> float:
    """The height of these KPIs' rows and those of the perspectives, without any padding."""
    return len(pack.perspectives) * (GROUP_LINE + _RULE) + sum(line_height(line, columns, page) for line in lines)


def line_height(line: KpiLine, columns: Columns, page: Page) -> float:
    """The height of a KPI's row without padding."""
    body, small = lines_of(line, columns, page)
    if columns.is_stacked:
        return max(LINE * body + SMALL_LINE * small, DRAWN) + _RULE
    return max(LINE * body, SMALL_LINE * small, DRAWN) + _RULE
