"""How the lower part of the summary is filled: how many exceptions, units and waterfall rows fit on the one page.

Belongs here: estimates in millimetres of what the style sheets make of the texts. Where an estimate is off, the page
flows on; nothing is lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.commitments import promised_by
from report_templates.declared_words import OVERALL
from report_templates.edition_messages import restated_line
from report_templates.exceptions import ExceptionRow
from report_templates.first_page_notes import first_page_notes
from report_templates.geometry import POINTS, Page
from report_templates.insight_messages import out_of_balance
from report_templates.language import language
from report_templates.look import Look
from report_templates.marked_text import plain
from report_templates.page_plan import shown_perspectives
from report_templates.text_fit import line_count, shortened
from scorecards.packs import PageName
from transforms.pack import Pack, Remark

# What is left free, so that a line more than estimated does not begin a page.
RESERVE = 2.0
TILE_FIXED, TILE_GAP = 20.6, 5.0
SECTION_HEAD, TABLE_HEAD, NOTE, GAP = 6.3, 4.8, 3.4, 5.0
LEFT_RESERVE = 4.0
LINE, ROW_PADDING = 3.45, 2.8
UNIT_ROW, UNIT_NAME_WIDTH = 7.6, 21.0
# Side by side: the left column with the space after it, the right one.
LEFT_WIDTH, BETWEEN_COLUMNS = 123.0, 9.0
STACKED_WATERFALL_ROWS = 6
WATERFALL_ROW, WATERFALL_FOOT = (4.2, 7.2), 5.0
LEAST_WATERFALL = 4.5 * WATERFALL_ROW[0]  # three KPIs between two scores
CELL_TEXT, SMALL_TEXT, TITLE_TEXT = 7.5 * POINTS, 6.5 * POINTS, 17 * POINTS
RIGHT_WIDTH = 150.0
# What columns of the exceptions hold within RIGHT_WIDTH.
WIDTHS = {"name": 23.4, "doing": 41.8, "why": 30.8, "response": 23.8, "who": 17.4}
MOST_UNITS = 6
# The table of units gives so much of its width to scores.
_SCORES_SHARE = 0.79
LENGTHS = ((56, 64), (90, 90), (140, 140), (1000, 1000))


@dataclass(frozen=True)
class SummaryPlan:
    """What the summary shows below the scores.

    ``room`` is the free height under the exceptions. On a narrow page the two columns ``is_stacked``, one above the
    other; ``left_width`` is that of the first, without the space after it.
    """

    exceptions: int
    units: int
    waterfall_rows: int
    waterfall_height: float
    room: float
    most_explanation: int
    most_response: int
    left_width: float
    waterfall_width: float
    exceptions_width: float
    is_stacked: bool
    sight: int


def plan_summary(
    pack: Pack, look: Look, headline: str, sentences: Sequence[str], exceptions: Sequence[ExceptionRow], moving: int
) -> SummaryPlan:
    """The plan for these texts.

    ``sentences`` are those of the scores, ``moving`` counts the KPIs that moved the score.
    """
    page, pages = look.page, look.layout.pages
    title = 7.4 * line_count(headline, title_width(page), TITLE_TEXT * 1.04) + 4.0
    absent = NOTE + 4.0 if len(shown_perspectives(pack)) < len(pack.perspectives) else 0.0
    found = out_of_balance(pack, on_summary=True)
    absent += 2.0 + 3.7 * line_count(found, page.width, 8 * POINTS) if found else 0.0
    tiles, remarks = _tiles_height(pack, page, sentences), _remarks_height(pack, page)
    height = page.height - RESERVE - title - absent - tiles - remarks
    left_width = page.width if page.is_narrow else page.part(LEFT_WIDTH) - BETWEEN_COLUMNS
    waterfall_width = left_width - (0.0 if page.is_narrow else BETWEEN_COLUMNS)
    width = page.width if page.is_narrow else page.part(RIGHT_WIDTH)
    above = height - LEFT_RESERVE - SECTION_HEAD - NOTE - WATERFALL_FOOT
    # Where they stand on a page of their own, that page is named at least.
    least_units = 0 if {"units", "cascade"} & set(pages) else 1
    if page.is_narrow:
        # One above the other: the waterfall keeps few rows, the units give way to exceptions.
        rows = max(3, min(moving + 1, STACKED_WATERFALL_ROWS))
        row = WATERFALL_ROW[0] + 0.6
        height -= SECTION_HEAD + NOTE + WATERFALL_FOOT + row * (rows + 2) + 2 * GAP
        units = min(len(pack.children), MOST_UNITS)
        first = [SECTION_HEAD + TABLE_HEAD + exception_height(each, width) for each in exceptions[:1]]
        while units > least_units and _below(pack, page, units) + sum(first) > height:
            units -= 1
        height -= _below(pack, page, units)
    else:
        units = min(len(pack.children), MOST_UNITS)
        while units > least_units and above - _below(pack, page, units) < LEAST_WATERFALL:
            units -= 1
        left = above - _below(pack, page, units)
        least, most = WATERFALL_ROW
        rows = max(3, min(moving + 1, int(left / least) - 2, 11))
        row = min(max(left / (rows + 2), least), most)
    shown, used, lengths = _exceptions_shown(exceptions, height, width, pages, pack.locale)
    tall = round(row * (rows + 2) + WATERFALL_FOOT, 1)
    return SummaryPlan(
        max(shown, 1), units, rows, tall, height - used, *lengths,
        left_width=round(left_width, 2), waterfall_width=round(waterfall_width, 2), exceptions_width=width,
        is_stacked=page.is_narrow,
        sight=_sight_shown(pack, left_width, height if page.is_narrow else above - LEAST_WATERFALL),
    )  # fmt: skip


def title_width(page: Page) -> float:
    """The width of the headline: a little less than the page, so that the eye finds the next line."""
    return min(page.width, max(page.width - 18.0, 180.0))


def _exceptions_shown(
    exceptions: Sequence[ExceptionRow], height: float, width: float, pages: Sequence[PageName], locale: str
) -> tuple[int, float, tuple[int, int]]:
    """How many exceptions fit, the height that they take, and how much of what people wrote they may show.

    First as many as fit with short texts, then as much text as still leaves room for them all.
    """
    best = (0, SECTION_HEAD + TABLE_HEAD, LENGTHS[0])
    for lengths in LENGTHS:
        shown, used = 0, SECTION_HEAD + TABLE_HEAD
        for exception in exceptions:
            needed = exception_height(exception, width, *lengths)
            left_out = _left_out_height(exceptions[shown + 1 :], width, pages, locale)
            if used + needed > height - left_out:
                break
            shown, used = shown + 1, used + needed
        if shown < max(best[0], 1):
            break
        best = (shown, used + _left_out_height(exceptions[shown:], width, pages, locale), lengths)
    return best


def _left_out_height(exceptions: Sequence[ExceptionRow], width: float, pages: Sequence[PageName], locale: str) -> float:
    if not exceptions:
        return 0.0
    return 1.0 + 3.2 * line_count(left_out_sentence(exceptions, pages, locale), width, SMALL_TEXT)


def left_out_sentence(exceptions: Sequence[ExceptionRow], pages: Sequence[PageName], locale: str) -> str:
    """The exceptions that have no row of their own, by name, and which of the layout's pages tell of them."""
    say = language(locale)
    off = ", ".join(row.line.name for row in exceptions if row.status == "bad")
    concerns = ", ".join(row.line.name for row in exceptions if row.status != "bad")
    if off and concerns:
        named = say(
            "Also off target: %(off)s; special causes of concern, though not off target: %(concerns)s",
            off=off, concerns=concerns,
        )  # fmt: skip
    elif off:
        named = say("Also off target: %(off)s", off=off)
    else:
        named = say("Special causes of concern, though not off target: %(concerns)s", concerns=concerns)
    if "exceptions" in pages:
        return say("%(clause)s; see the page of exceptions.", clause=named)
    if "perspectives" in pages:
        return say("%(clause)s; see the pages of the perspectives.", clause=named)
    return say("%(clause)s.", clause=named)


def more_sentence(count: int, pages: Sequence[PageName], locale: str) -> str:
    """How many KPIs of a table did not fit, and where they are found."""
    say = language(locale)
    if "perspectives" in pages:
        return say("%(count)s more: see the pages of the perspectives.", count=count)
    if "scorecard" in pages:
        return say("%(count)s more: see the scorecard on one page.", count=count)
    return say("%(count)s more.", count=count)


def exception_height(
    row: ExceptionRow, width: float, most_explanation: int = LENGTHS[0][0], most_response: int = LENGTHS[0][1]
) -> float:
    """The height of a row of an exceptions table of this ``width``, its texts cut to so many characters."""
    cells = {
        "name": f"■ {row.line.name}",
        "doing": row.doing,
        "why": f"{row.why} {shortened(plain(row.explanation), most_explanation)}",
        "response": shortened(plain(row.response), most_response),
        "who": f"{row.owner}, {row.due}",
    }
    lines = max(line_count(text, WIDTHS[cell] * width / RIGHT_WIDTH, CELL_TEXT) for cell, text in cells.items())
    return lines * LINE + ROW_PADDING


def remarks_on_all(pack: Pack) -> tuple[Remark, ...]:
    """What was written about the whole rather than about a KPI or an objective."""
    return tuple(remark for remark in pack.remarks if remark.kpi is None and remark.objective is None)


def _remarks_height(pack: Pack, page: Page) -> float:
    texts = [
        f"{plain(r.text)} {plain(r.response)} {promised_by(r.owner, r.due, pack.locale)}" for r in remarks_on_all(pack)
    ]
    shown = [text for text in (restated_line(pack), *first_page_notes(pack), *texts) if text]
    return sum(1.5 + 4.3 * line_count(text, page.width, 9 * POINTS) for text in shown)


def _tiles_height(pack: Pack, page: Page, sentences: Sequence[str]) -> float:
    count = len(shown_perspectives(pack)) + 1
    width = (page.width - TILE_GAP * (count - 1)) / count
    names = [language(pack.locale)(OVERALL), *(f"{page.name} 100 %" for page in shown_perspectives(pack))]
    lines = [
        line_count(n, width, 8 * POINTS) + line_count(s, width, 8 * POINTS)
        for n, s in zip(names, sentences, strict=True)
    ]
    sparkline = width * 20 / (width * 2.2)
    # Bold type is a little wider.
    verdicts = 3.6 * line_count(f"● {_longest_band(pack)} · {_longest_count(pack)}", width, 7.5 * POINTS * 1.03)
    below_score = 7.0 if page.is_narrow else 0.0
    return TILE_FIXED + below_score + sparkline + verdicts + 3.85 * max(lines)


def _longest_count(pack: Pack) -> str:
    return language(pack.locale).ngettext(
        "%(found)s of %(count)s KPI off target", "%(found)s of %(count)s KPIs off target", 24, found=10
    )


def _longest_band(pack: Pack) -> str:
    return max((band.name for band in pack.bands), key=len, default="")


def _units_height(pack: Pack, page: Page, units: int) -> float:
    name = page.width * 0.21 - 2.0 if page.is_narrow else page.part(UNIT_NAME_WIDTH)
    # Bold type is a little wider; any unit may be among the lowest, so the longest names count.
    lines = (line_count(child.name, name, CELL_TEXT * 1.08) for child in pack.children)
    rows = sorted((max(UNIT_ROW, 1.4 + 3.55 * count) for count in lines), reverse=True)
    return sum(rows[:units])


def _units_head(pack: Pack, page: Page) -> float:
    """What names of perspectives of more than a line add to the head of the table of units: a line at least."""
    whole = page.width if page.is_narrow else page.part(LEFT_WIDTH) - BETWEEN_COLUMNS
    width = whole * _SCORES_SHARE / (len(pack.perspectives) + 1) - 2.0
    lines = (line_count(each.name, width, SMALL_TEXT * 1.08) for each in pack.perspectives)
    return 2.6 * max(1, *(count - 1 for count in lines))


def _below(pack: Pack, page: Page, units: int) -> float:
    if pack.children and not units:
        return NOTE + 1.0
    if units:
        return (
            GAP
            + SECTION_HEAD
            + TABLE_HEAD
            + _units_head(pack, page)
            + _units_height(pack, page, units)
            + (NOTE if len(pack.children) > units else 0)
        )
    if pack.line_of_sight:
        width = page.width if page.is_narrow else page.part(LEFT_WIDTH) - BETWEEN_COLUMNS
        return GAP + SECTION_HEAD + TABLE_HEAD + sum(sight_heights(pack, width))
    return 0.0


def sight_heights(pack: Pack, width: float) -> list[float]:
    """The height of each row of the line of sight in a table of this width."""
    say, own, above = language(pack.locale), width * 0.45 - 1.6, width * 0.55 - 1.6
    lines = (
        max(
            line_count(name, own, 8 * POINTS * 1.03),
            line_count("; ".join(up) or say("no objective above"), above, 8 * POINTS),
        )
        for name, up in pack.line_of_sight
    )
    return [2.9 + 3.85 * count for count in lines]


def _sight_shown(pack: Pack, width: float, room: float) -> int:
    """How many rows of the line of sight fit below the least waterfall."""
    heights = sight_heights(pack, width)
    room -= GAP + SECTION_HEAD + TABLE_HEAD
    if sum(heights) > room:
        room -= NOTE
    return max(1, sum(total <= room for total in itertools.accumulate(heights)))
