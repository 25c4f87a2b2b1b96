"""What a card of the strategy map has room for: its objective's name, and which of its KPIs.

Belongs here: estimates in millimetres of what the style sheets make of a card. Where cards stand is
``strategy_map.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from report_templates.geometry import POINTS
from report_templates.language import language
from report_templates.map_routing import Card
from report_templates.text_fit import line_count
from transforms.pack import KpiLine

# The name is bold, which is a little wider.
NAME, NAME_LINE, SCORE_LINE, KPI_LINE = 8 * POINTS * 1.05, 3.4, 4.35, 2.86
AROUND, BESIDE = 3.2, 4.4
# Lines of KPIs: at most, and those that are kept from a long name.
MOST_LINES, LEAST_LINES, _TOLERANCE = 4, 2, 0.1
_URGENCY = {"bad": 0, "warning": 1, None: 2, "good": 3}


@dataclass(frozen=True)
class CardText:
    """The texts of a card: ``name`` as far as it fits, some KPIs, and in ``more`` how many others there are."""

    name: str
    kpis: tuple[KpiLine, ...]
    more: str


def name_lines(name: str, width: float) -> int:
    """How many lines an objective's name takes on a card of this width."""
    return line_count(name, width - BESIDE, NAME)


def card_height(name: str, kpis: int, width: float) -> float:
    """The height of a card of this width that holds the whole name, the score and as many KPIs as cards do."""
    return AROUND + NAME_LINE * name_lines(name, width) + SCORE_LINE + KPI_LINE * min(kpis, MOST_LINES)


def card_text(card: Card, lines: Mapping[str, KpiLine], locale: str) -> CardText:
    """The texts that a card holds; of more KPIs than fit those that are worst, and the count of the rest."""
    found = [lines[kpi] for kpi in card.objective.kpis]
    room = card.height - AROUND - SCORE_LINE + _TOLERANCE
    name = _cut(card.objective.name, card.width, int((room - KPI_LINE * min(len(found), LEAST_LINES)) / NAME_LINE))
    places = min(int((room - NAME_LINE * name_lines(name, card.width)) / KPI_LINE), MOST_LINES)
    if len(found) <= places:
        return CardText(name, tuple(found), "")
    worst = sorted(found, key=lambda line: _URGENCY[_status(line)])[: max(places - 1, 0)]
    left = [line for line in found if line not in worst]
    return CardText(name, tuple(line for line in found if line in worst), _more(left, locale))


def _cut(name: str, width: float, lines: int) -> str:
    if name_lines(name, width) <= max(lines, 1):
        return name
    kept = len(name)
    while kept > 1 and name_lines(f"{name[:kept]}…", width) > max(lines, 1):
        kept -= 1
    return f"{name[:kept].rstrip()}…"


def _more(left: list[KpiLine], locale: str) -> str:
    say, off = language(locale), sum(_status(line) == "bad" for line in left)
    if off:
        return say("and %(count)s more, %(off)s off target", count=len(left), off=off)
    return say("and %(count)s more", count=len(left))


def _status(line: KpiLine) -> str | None:
    return line.band.status if line.band else None
