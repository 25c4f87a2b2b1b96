"""The order of cards within the rows of the strategy map: fewer crossings of links.

The barycentre heuristic of Sugiyama, Tagawa and Toda (1981): sweep over the rows, place every card at the mean
position of the cards it is linked with, and keep the best order seen. Deterministic: ties keep the order of
declaration.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.pack import ObjectiveCard

SWEEPS = 6

Rows = list[list[ObjectiveCard]]
Edges = Sequence[tuple[str, str]]


def order_rows(rows: Sequence[Sequence[ObjectiveCard]], edges: Edges) -> Rows:
    """The same rows with their cards in an order that has no more crossings than the declared one."""
    best: Rows = [list(row) for row in rows]
    fewest = crossings(best, edges)
    current = [list(row) for row in rows]
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        indices = range(len(current)) if sweep % 2 == 0 else range(len(current) - 1, -1, -1)
        for r in indices:
            current[r] = _by_barycentre(current[r], _positions(current), edges)
        found = crossings(current, edges)
        if found < fewest:
            best, fewest = [list(row) for row in current], found
    return best


def crossings(rows: Rows, edges: Edges) -> int:
    """How many pairs of links between the same two rows cross."""
    positions = _positions(rows)
    row_of = {o.id: r for r, row in enumerate(rows) for o in row}
    spans = [
        (min(row_of[a], row_of[b]), max(row_of[a], row_of[b]), *_downwards(a, b, row_of, positions)) for a, b in edges
    ]
    count = 0
    for i, (top, bottom, x_top, x_bottom) in enumerate(spans):
        for other_top, other_bottom, other_x_top, other_x_bottom in spans[i + 1 :]:
            if max(top, other_top) < min(bottom, other_bottom):
                count += (x_top - other_x_top) * (x_bottom - other_x_bottom) < 0
    return count


def _downwards(a: str, b: str, row_of: dict[str, int], positions: dict[str, float]) -> tuple[float, float]:
    return (positions[a], positions[b]) if row_of[a] <= row_of[b] else (positions[b], positions[a])


def _positions(rows: Rows) -> dict[str, float]:
    return {o.id: (i + 0.5) / len(row) for row in rows for i, o in enumerate(row)}


def _by_barycentre(row: list[ObjectiveCard], positions: dict[str, float], edges: Edges) -> list[ObjectiveCard]:
    own = {o.id for o in row}

    def barycentre(card: ObjectiveCard) -> float:
        near = [positions[b] for a, b in edges if a == card.id and b not in own]
        near += [positions[a] for a, b in edges if b == card.id and a not in own]
        return sum(near) / len(near) if near else positions[card.id]

    return sorted(row, key=barycentre)
