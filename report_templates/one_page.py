"""A pack on a single page: headline, scores, every KPI, and below them exceptions, line of sight and promises.

Belongs here: what the page has room for. The table of KPIs comes first and stands as close as it must; what people
wrote and promised takes the rest. Lengths are estimates: where the renderer finds a second page, ``squeeze`` takes room
away, until there is one page only. What is left out is counted on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from report_templates.commitments import overdue_first
from report_templates.exceptions import ExceptionRow
from report_templates.first_page_notes import first_page_notes
from report_templates.geometry import POINTS, Page
from report_templates.kpi_columns import scorecard_columns
from report_templates.language import language
from report_templates.marked_text import plain
from report_templates.one_page_messages import not_shown_sentence
from report_templates.score_figures import most_digits
from report_templates.scorecard_view import (
    GROUP_LINE,
    LEAST_PADDING,
    TABLE_HEAD,
    ScorecardView,
    content_height,
    has_to_date,
    line_height,
    made,
    padding_for,
)
from report_templates.summary_plan import (
    GAP,
    NOTE,
    SECTION_HEAD,
    SMALL_TEXT,
    exception_height,
    remarks_on_all,
    title_width,
)
from report_templates.summary_plan import TABLE_HEAD as SMALL_HEAD
from report_templates.summary_view import ScoreTile, score_tiles
from report_templates.text_fit import line_count, shortened
from transforms.pack import ActionRow, ChildRow, KpiLine, NodeScore, Pack, Remark

Row = TypeVar("Row")

TITLE_LINE, TITLE_TEXT = 6.0, 13.5 * POINTS
TILES, NARROW_TILES, LEGEND, REMARK_LINE = 18.5, 31.0, 6.0, 3.9
SQUEEZE = 2.5  # times 1, 3, 6, 10 …: a little at first, all of it in the end
# So much of the page goes to what stands below the KPIs, where there is anything, before KPIs take more room.
LEAST_BELOW = 0.2
MOST_REMARK = 260
# What coverage adds to a tile, where it is shown.
COVERAGE_LINE = 3.3
_ACTION_LINE, _UNIT_ROW, _ROW_PADDING = 3.45, 5.6, 2.8


@dataclass(frozen=True)
class OnePage:
    """What stands on the page; counts of what was left out stand beside.

    ``not_shown`` counts what the page has no line of; empty where there is nothing such.
    """

    title: str
    remarks: tuple[Remark, ...]
    tiles: tuple[ScoreTile, ...]
    table: ScorecardView
    exceptions: tuple[ExceptionRow, ...]
    exceptions_left: int
    units: tuple[ChildRow, ...]
    units_left: int
    sight: tuple[tuple[str, tuple[str, ...]], ...]
    sight_left: int
    actions: tuple[ActionRow, ...]
    actions_left: int
    left_width: float
    right_width: float
    is_stacked: bool
    not_shown: str

    @property
    def has_right(self) -> bool:
        """Whether anything stands beside the exceptions."""
        return bool(self.units or self.sight or self.actions)


def one_page(
    pack: Pack, page: Page, title: str, off_target: Sequence[ExceptionRow], months: int, squeeze: int
) -> OnePage:
    """The page of ``pack``: ``off_target`` are its exceptions, in their order."""
    remarks = tuple(remarks_on_all(pack))[: 1 if squeeze < 6 else 0]
    room = (
        page.height
        - SQUEEZE * squeeze * (squeeze + 1)
        - (NARROW_TILES if page.is_narrow else TILES)
        - (COVERAGE_LINE if any(node.has_gap for node in _nodes(pack)) else 0.0)
        - LEGEND
        - TABLE_HEAD
    )
    room -= TITLE_LINE * line_count(title, title_width(page), TITLE_TEXT * 1.04)
    said = [*first_page_notes(pack), *(shortened(plain(remark.text), MOST_REMARK) for remark in remarks)]
    room -= sum(REMARK_LINE * line_count(text, page.width, 8.5 * POINTS) for text in said)
    columns = scorecard_columns(page, most_digits(pack), has_to_date(pack))
    kept, left_out = _kpis_that_fit(pack, page, room - _counts_height(pack))
    least = content_height(pack, kept, columns, page) + 2 * LEAST_PADDING * (len(kept) + len(pack.perspectives))
    has_below = bool(off_target or pack.children or pack.line_of_sight or pack.actions)
    for_table = max(least, room * (1 - LEAST_BELOW)) if has_below else room
    wanted = content_height(pack, kept, columns, page) + 2 * 0.8 * (len(kept) + len(pack.perspectives))
    padding = padding_for(pack, kept, columns, page, min(for_table, wanted) if has_below else for_table)
    used = content_height(pack, kept, columns, page) + 2 * padding * (len(kept) + len(pack.perspectives))
    table = made(pack, columns, page, months, padding, left_out)
    below = room - used - GAP
    found = _below(pack, page, title, remarks, table, off_target, months, below)
    if found.not_shown:
        lines = line_count(found.not_shown, page.width, SMALL_TEXT)
        found = _below(pack, page, title, remarks, table, off_target, months, below - NOTE * lines - 1.0)
    return found


def _nodes(pack: Pack) -> list[NodeScore]:
    return [pack.node, *(perspective.node for perspective in pack.perspectives)]


def _kpis_that_fit(pack: Pack, page: Page, room: float) -> tuple[list[KpiLine], list[KpiLine]]:
    """The KPIs that the page holds when they stand closest, and those that are left out: on target, the best first."""
    columns = scorecard_columns(page, most_digits(pack), has_to_date(pack))

    def height(lines: Sequence[KpiLine]) -> float:
        return sum(line_height(line, columns, page) + 2 * LEAST_PADDING for line in lines)

    room -= len(pack.perspectives) * (GROUP_LINE + 2 * LEAST_PADDING) + NOTE
    ranks = {"bad": 0, "warning": 2, "good": 3}
    by_need = sorted(
        pack.kpis,
        key=lambda line: (ranks[line.band.status] if line.band else 1, line.score if line.score is not None else 0.0),
    )
    kept = list(by_need)
    while kept and height(kept) > room:
        kept.pop()
    names = {line.id for line in kept}
    return [line for line in pack.kpis if line.id in names], [line for line in by_need if line.id not in names]


def _counts_height(pack: Pack) -> float:
    """The line that counts what the page shows none of."""
    return (NOTE + 1.0) * bool(pack.children or pack.line_of_sight or pack.actions or pack.initiatives)


def _below(
    pack: Pack,
    page: Page,
    title: str,
    remarks: tuple[Remark, ...],
    table: ScorecardView,
    off_target: Sequence[ExceptionRow],
    months: int,
    room: float,
) -> OnePage:
    has_right = bool(pack.children or pack.line_of_sight or pack.actions)
    is_stacked = page.is_narrow
    left_width = page.width if is_stacked or not has_right else round(page.width * 0.56, 2)
    right_width = page.width if is_stacked or not off_target else round(page.width - left_width - 9.0, 2)
    left_room = room * 0.6 if is_stacked and has_right else room
    exceptions, used = _fitting(
        off_target, [exception_height(row, left_width) for row in off_target], left_room - SECTION_HEAD - SMALL_HEAD
    )
    right_room = room - used - (SECTION_HEAD + SMALL_HEAD + GAP if off_target else 0.0) if is_stacked else room
    units = sorted(pack.children, key=lambda c: c.node.score if c.node.score is not None else float("inf"))
    shown_units, used = _fitting(units, [_UNIT_ROW] * len(units), right_room - SECTION_HEAD - SMALL_HEAD)
    right_room -= used + SECTION_HEAD + SMALL_HEAD + GAP if shown_units else 0.0
    above = [] if pack.children else list(pack.line_of_sight)
    heights = [_sight_height(own, up, right_width) for own, up in above]
    for_sight = right_room - (SECTION_HEAD + 2 * _ACTION_LINE + GAP if pack.actions else 0.0)
    sight, used = _fitting(above, heights, for_sight - SECTION_HEAD - SMALL_HEAD)
    right_room -= used + SECTION_HEAD + SMALL_HEAD + GAP if sight else 0.0
    promised = overdue_first(pack.actions)
    heights = [_ROW_PADDING + _ACTION_LINE * _action_lines(action, right_width, pack.locale) for action in promised]
    actions, _ = _fitting(promised, heights, right_room - SECTION_HEAD)
    return OnePage(
        title=title,
        remarks=remarks,
        tiles=score_tiles(pack, page, months),
        table=table,
        exceptions=exceptions,
        exceptions_left=len(off_target) - len(exceptions),
        units=shown_units,
        units_left=len(units) - len(shown_units),
        sight=sight,
        sight_left=len(above) - len(sight),
        actions=actions,
        actions_left=len(promised) - len(actions),
        left_width=left_width,
        right_width=right_width,
        is_stacked=is_stacked,
        not_shown=not_shown_sentence(
            pack, initiatives=True, units=not shown_units, sight=bool(above and not sight), actions=not actions
        ),
    )


def _fitting(rows: Sequence[Row], heights: Sequence[float], room: float) -> tuple[tuple[Row, ...], float]:
    """As many of the first rows as fit, with a note on the rest where there is one; and the height that they take."""
    if sum(heights) > room:
        room -= NOTE
    used, shown = 0.0, 0
    for height in heights:
        if used + height > room:
            break
        used, shown = used + height, shown + 1
    return tuple(rows[:shown]), used


def _sight_height(own: str, up: Sequence[str], width: float) -> float:
    lines = max(
        line_count(own, width * 0.45 - 1.6, 7.5 * POINTS * 1.03),
        line_count("; ".join(up), width * 0.55 - 1.6, 7.5 * POINTS),
    )
    return 1.9 + 3.45 * lines


def _action_lines(action: ActionRow, width: float, locale: str) -> int:
    say = language(locale)
    overdue = say("%(sign)s overdue:", sign="■")
    return line_count(f"{overdue} {action.action} {action.owner}, 30.11.2026", width, 7.5 * POINTS)
