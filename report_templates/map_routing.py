"""The routes of the strategy map's links: from card to card through gutters and gaps, never over a card.

Every link is made of Bézier curves whose control points stay inside one gutter, so that the curve does (it lies in its
control points' convex hull), and of straight verticals through the gaps between cards of the rows that it passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from transforms.pack import ObjectiveCard

CARD_GAP = 7.0

Xy = tuple[float, float]


@dataclass(frozen=True)
class Card:
    """An objective's place on the map."""

    objective: ObjectiveCard
    x: float
    y: float
    width: float
    height: float
    row: int

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the bottom edge."""
        return self.y + self.height


@dataclass(frozen=True)
class Link:
    """A link between two cards.

    SVG path data, the curve's points for drawing, and where the arrow's tip stands and points.
    """

    source: str
    target: str
    path: str
    pieces: tuple[tuple[Xy, ...], ...]
    tip: Xy
    points_up: bool


def route(pairs: Sequence[tuple[Card, Card]], cards: Sequence[Card], pitch: float, card_height: float) -> list[Link]:
    """The links for ``pairs`` of source and target, among ``cards`` whose rows lie ``pitch`` apart."""
    ports = _Ports(pairs)
    gaps = _Gaps(cards)
    gutter = pitch - card_height
    widest = max((abs(a.x - b.x) for a, b in pairs if a.row == b.row), default=1.0)
    links = []
    for source, target in pairs:
        start, end = ports.of(source, target)
        if source.row == target.row:
            # Wider arcs rise higher, so that two of them do not run along the same line.
            rise = gutter * (0.3 + 0.3 * abs(end[0] - start[0]) / (widest + source.width))
            pieces: list[tuple[Xy, ...]] = [(start, (start[0], start[1] - rise), (end[0], end[1] - rise), end)]
        else:
            pieces = _through(start, end, source.row, target.row, gaps)
        up = target.row < source.row
        links.append(Link(source.objective.id, target.objective.id, _path(pieces), tuple(pieces), end, up))
    return links


def _through(start: Xy, end: Xy, from_row: int, to_row: int, gaps: _Gaps) -> list[tuple[Xy, ...]]:
    step = 1 if to_row > from_row else -1
    pieces: list[tuple[Xy, ...]] = []
    at = start
    for row in range(from_row + step, to_row, step):
        top, bottom = gaps.span(row)
        if top is None or bottom is None:
            continue
        enter, leave = (top, bottom) if step > 0 else (bottom, top)
        share = abs(row - from_row) / abs(to_row - from_row)
        x = gaps.take(row, start[0] + (end[0] - start[0]) * share)
        pieces += [_curve(at, (x, enter)), ((x, enter), (x, leave))]
        at = (x, leave)
    return [*pieces, _curve(at, end)]


def _curve(a: Xy, b: Xy) -> tuple[Xy, ...]:
    middle = (a[1] + b[1]) / 2
    return (a, (a[0], middle), (b[0], middle), b)


def _path(pieces: Sequence[tuple[Xy, ...]]) -> str:
    first = pieces[0][0]
    drawn = (("C" if len(p) == 4 else "L") + " ".join(f"{x:.2f} {y:.2f}" for x, y in p[1:]) for p in pieces)
    return f"M{first[0]:.2f} {first[1]:.2f}" + "".join(drawn)


class _Ports:
    """Spreads the ends of links along a card's edge, in the order of the cards at their other ends."""

    def __init__(self, pairs: Sequence[tuple[Card, Card]]) -> None:
        ends: dict[tuple[str, bool], list[tuple[float, str, str]]] = {}
        for source, target in pairs:
            is_down = target.row > source.row
            key = (source.objective.id, target.objective.id)
            ends.setdefault((source.objective.id, is_down), []).append((target.x, *key))
            arrives_on_top = target.row >= source.row
            ends.setdefault((target.objective.id, not arrives_on_top), []).append((source.x, *key))
        self._ends = {edge: [(a, b) for _, a, b in sorted(found)] for edge, found in ends.items()}

    def of(self, source: Card, target: Card) -> tuple[Xy, Xy]:
        key = (source.objective.id, target.objective.id)
        leaves_below = target.row > source.row
        arrives_below = target.row < source.row
        return self._port(source, leaves_below, key), self._port(target, arrives_below, key)

    def _port(self, card: Card, is_below: bool, key: tuple[str, str]) -> Xy:
        ends = self._ends[(card.objective.id, is_below)]
        share = (ends.index(key) + 1) / (len(ends) + 1)
        spread = card.width * 0.8
        x = card.x + card.width * 0.1 + spread * share
        return (x, card.bottom if is_below else card.y)


class _Gaps:
    """The clear verticals of every row: between its cards, and at both of its ends."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self._rows: dict[int, list[Card]] = {}
        for card in cards:
            self._rows.setdefault(card.row, []).append(card)
        self._used: dict[tuple[int, float], int] = {}

    def span(self, row: int) -> tuple[float | None, float | None]:
        cards = self._rows.get(row)
        return (cards[0].y, cards[0].bottom) if cards else (None, None)

    def take(self, row: int, wanted: float) -> float:
        cards = sorted(self._rows[row], key=lambda c: c.x)
        middles = [cards[0].x - CARD_GAP / 2]
        middles += [(a.right + b.x) / 2 for a, b in pairwise(cards)]
        middles.append(cards[-1].right + CARD_GAP / 2)
        nearest = min(middles, key=lambda x: (abs(x - wanted), x))
        number = self._used.get((row, nearest), 0)
        self._used[(row, nearest)] = number + 1
        # Links that share a gap lie side by side: 0, +0.9, -0.9, +1.8 … within the gap's 7 mm.
        offset = (number + 1) // 2 * 0.9 * (1 if number % 2 else -1)
        return nearest + max(-CARD_GAP / 2 + 0.5, min(CARD_GAP / 2 - 0.5, offset))
