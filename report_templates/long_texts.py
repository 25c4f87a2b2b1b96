"""Where the texts of an exception's card stand: in its columns, below them across the card, or on the next page.

Belongs here: estimates in millimetres of what the style sheets make of a card, and cutting a text where the page ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.exceptions import ExceptionRow
from report_templates.geometry import POINTS, Page
from report_templates.language import language
from report_templates.marked_text import plain
from report_templates.text_fit import first_lines, line_count

TEXT, LINE = 7.5 * POINTS, 3.44
COLUMNS, BETWEEN_COLUMNS = 3, 4.0
# A text of more lines in its column stands below all three, where it needs a third of them.
MOST_LINES = 12
# The heading of the page with its sentence, and what is left free, so that a line more does no harm.
PAGE_HEAD, RESERVE = 14.0, 6.0
CARD_HEAD, NAME_LINE, LABEL, PARAGRAPH = 2.6, 4.2, 3.2, 0.6
LEAST_LINES = 4


@dataclass(frozen=True)
class Passage:
    """What someone wrote, or a part of it, across the card; a part has lost its marks and has its quotation marks.

    ``is_response`` tells the response from the explanation.
    """

    text: str
    is_response: bool
    is_whole: bool


@dataclass(frozen=True)
class LongTexts:
    """The texts that are too long for a column: ``pages`` holds what stands on the card's own page, then on the next.

    ``is_tall`` says that the rest of the card may fill a page alone: then it may be split.
    """

    explanation: str
    response: str
    pages: tuple[tuple[Passage, ...], ...]
    is_tall: bool


def long_texts(
    told: ExceptionRow, doing: str, why: str, actions: Sequence[str], heading: str, chart: float, width: float,
    page: Page, locale: str,
) -> LongTexts:  # fmt: skip
    """The texts of a card of this ``width`` whose chart is so high; ``why`` and ``actions`` stand in its columns."""
    column = (width - (COLUMNS - 1) * BETWEEN_COLUMNS) / COLUMNS - 0.5
    long = [
        Passage(text, is_response, True)
        for text, is_response in ((told.explanation, False), (told.response, True))
        if line_count(plain(text), column, TEXT) > MOST_LINES
    ]
    explanation = "" if any(not each.is_response for each in long) else told.explanation
    response = "" if any(each.is_response for each in long) else told.response
    owner = f"{told.owner}, {told.due}"
    columns = [[doing], [why, explanation], [response, owner, *actions]]
    head = CARD_HEAD + NAME_LINE * line_count(heading, width, 9 * POINTS * 1.05)
    fixed = head + chart + 1.0 + LABEL + max(_height(texts, column) for texts in columns)
    room = page.height - PAGE_HEAD - RESERVE
    pages = _over_pages(long, width, room - fixed, room - head, locale)
    return LongTexts(explanation, response, pages, fixed + LEAST_LINES * LINE * bool(long) > room)


def _height(texts: Sequence[str], width: float) -> float:
    return sum(PARAGRAPH + LINE * line_count(plain(text), width, TEXT) for text in texts if text)


def _over_pages(
    passages: Sequence[Passage], width: float, first: float, next_ones: float, locale: str
) -> tuple[tuple[Passage, ...], ...]:
    """The passages, cut where the ``first`` millimetres end, then after each ``next_ones``."""
    pages: list[list[Passage]] = [[]]
    room = first
    for passage in passages:
        rest, is_whole = _quoted(passage, locale), True
        while rest:
            lines = int((room - LABEL - PARAGRAPH) / LINE)
            if lines < LEAST_LINES and (pages[-1] or len(pages) == 1):
                pages.append([])
                room = next_ones
                continue
            here, rest = first_lines(rest, lines, width * 0.98, TEXT)
            is_whole = is_whole and not rest
            shown = passage if is_whole else Passage(here, passage.is_response, False)
            pages[-1].append(shown)
            room -= LABEL + PARAGRAPH + LINE * line_count(here, width * 0.98, TEXT)
            if rest:
                pages.append([])
                room = next_ones
    return tuple(tuple(page) for page in pages)


def _quoted(passage: Passage, locale: str) -> str:
    words = plain(passage.text)
    return words if passage.is_response else language(locale)("“%(words)s”", words=words)
