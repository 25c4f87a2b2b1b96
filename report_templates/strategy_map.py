"""The strategy map's geometry: perspectives as lanes, objectives as cards, links that never run over a card.

Belongs here: placing cards and routing links, in millimetres. How a card looks is ``pack/strategy_map.html``.

A lane holds one or more rows of cards. Between rows lie gutters without cards. Every link is made of Bézier curves
whose control points stay inside one gutter, so that the curve does (it lies in its control points' convex hull), and
of straight verticals through the gaps between cards of the rows that it passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.map_cards import card_height
from report_templates.map_ordering import order_rows
from report_templates.map_routing import CARD_GAP, Card, Link, route
from transforms.pack import ObjectiveCard, PerspectivePage

LABEL_WIDTH = 34.0
LEAST_SLOT = 34.0
MOST_PITCH = 46.0
MOST_CARD_WIDTH = 54.0
MOST_CARD_SHARE = 0.64


@dataclass(frozen=True)
class Lane:
    """A perspective's band across the map."""

    perspective: PerspectivePage
    y: float
    height: float


@dataclass(frozen=True)
class StrategyMap:
    """The whole map in a frame of millimetres."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    cards: tuple[Card, ...]
    links: tuple[Link, ...]


def strategy_map(perspectives: Sequence[PerspectivePage], width: float, height: float) -> StrategyMap:
    """Lanes in the order declared from the top, cards ordered to lessen crossings, links routed through the gutters.

    The map is lower than ``height`` where its lanes would else be emptier than they need be.
    """
    rows, lane_rows = _rows(perspectives, max(2, int((width - LABEL_WIDTH) / LEAST_SLOT)))
    edges = _edges(rows)
    rows = order_rows(rows, edges)
    count = max(len(rows), 1)
    pitch = min(height / count, MOST_PITCH)
    height = pitch * count
    tall = min(_card_height(rows, width), pitch * MOST_CARD_SHARE)
    cards = tuple(card for r, row in enumerate(rows) for card in _place(row, r, pitch, tall, width))
    lanes = tuple(
        Lane(perspective, first * pitch, (last - first + 1) * pitch)
        for perspective, (first, last) in zip(perspectives, lane_rows, strict=True)
    )
    by_id = {card.objective.id: card for card in cards}
    links = route([(by_id[a], by_id[b]) for a, b in edges], cards, pitch, tall)
    return StrategyMap(width, height, lanes, cards, tuple(links))


def _rows(
    perspectives: Sequence[PerspectivePage], most: int
) -> tuple[list[list[ObjectiveCard]], list[tuple[int, int]]]:
    rows: list[list[ObjectiveCard]] = []
    spans: list[tuple[int, int]] = []
    for perspective in perspectives:
        objectives = list(perspective.objectives)
        needed = max(1, -(-len(objectives) // most))
        size = -(-len(objectives) // needed) or 1
        first = len(rows)
        rows.extend([objectives[i * size : (i + 1) * size] for i in range(needed)])
        spans.append((first, len(rows) - 1))
    return rows, spans


def _card_height(rows: Sequence[Sequence[ObjectiveCard]], width: float) -> float:
    """The height that the fullest card needs."""
    return max(
        (card_height(card.name, len(card.kpis), _card_width(len(row), width)) for row in rows for card in row),
        default=0.0,
    )


def _card_width(count: int, width: float) -> float:
    return min(MOST_CARD_WIDTH, (width - LABEL_WIDTH - CARD_GAP) / count - CARD_GAP)


def _edges(rows: Sequence[Sequence[ObjectiveCard]]) -> list[tuple[str, str]]:
    known = {o.id for row in rows for o in row}
    return [(o.id, target) for row in rows for o in row for target in o.leads_to if target in known and target != o.id]


def _place(row: Sequence[ObjectiveCard], index: int, pitch: float, tall: float, width: float) -> list[Card]:
    if not row:
        return []
    room = width - LABEL_WIDTH - CARD_GAP
    card_width = _card_width(len(row), width)
    slot = room / len(row)
    y = index * pitch + (pitch - tall) / 2
    return [
        Card(o, LABEL_WIDTH + CARD_GAP / 2 + slot * i + (slot - card_width) / 2, y, card_width, tall, index)
        for i, o in enumerate(row)
    ]
