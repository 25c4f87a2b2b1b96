"""Contributions sum to the change, whatever the tree, the methods and what is missing; and agree with a slow recursion.

The reference below shares nothing with the program: it walks the tree, replaces one part after the other in a plain
dictionary and evaluates textbook formulas.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from scorecards.organisation import Scale
from transforms.aggregation import SCORES
from transforms.kpi_movement import KPI_PARTS
from transforms.movement import score_changes
from transforms.nodes import NODES

SCALE = Scale(anchors={"floor": 0, "target": 100, "stretch": 120}, highest=120)
METHODS = ["weighted mean", "geometric mean", "harmonic mean", "worst", "share on target", "self-standing"]
PERIOD = date(2024, 3, 1)
Part = tuple[str, str | None]


@dataclass
class Node:
    """A node of a random tree at both moments; KPIs have no children."""

    level: str
    id: str
    method: str = ""
    children: list[Node] = field(default_factory=list)
    weight: tuple[float | None, float | None] = (1.0, 1.0)  # None: it does not apply then (or now)
    leaf: tuple[float | None, float | None] = (None, None)
    target_part: float = 0.0

    def applies(self, end: int) -> bool:
        if self.weight[end] is None:
            return False
        return any(child.applies(end) for child in self.children) if self.children else True

    def score(self, end: int) -> float | None:
        if not self.applies(end):
            return None
        if not self.children:
            return self.leaf[end]
        parts = [(c.weight[end], c.score(end)) for c in self.children if c.applies(end)]
        if self.method == "self-standing":
            return self.own_kpi().score(end)
        return combined(self.method, [(w, s) for w, s in parts if w is not None and s is not None])

    def own_kpi(self) -> Node:
        return next(kpi for kpi in self.kpis())

    def kpis(self) -> list[Node]:
        return [self] if not self.children else [kpi for child in self.children for kpi in child.kpis()]

    def everything(self) -> list[Node]:
        return [self, *(node for child in self.children for node in child.everything())]


def combined(method: str, parts: list[tuple[float, float]]) -> float | None:
    total = sum(w for w, _ in parts)
    if not parts:
        return None
    if method == "worst":
        return min(s for _, s in parts)
    if method == "share on target":
        return 100 * sum(w for w, s in parts if s >= 100 - 1e-9) / total
    if method == "geometric mean":
        return 0.0 if any(s <= 0 for _, s in parts) else math.prod(s ** (w / total) for w, s in parts)
    if method == "harmonic mean":
        return 0.0 if any(s <= 0 for _, s in parts) else total / sum(w / s for w, s in parts)
    return sum(w * s for w, s in parts) / total


def slow_parts(node: Node) -> dict[Part, float]:
    """The parts of a node's change, for a node that has a score at both ends."""
    then, now = node.score(0), node.score(1)
    assert then is not None
    assert now is not None
    if not node.children:
        return {("value", node.id): now - then - node.target_part, ("target", node.id): node.target_part}
    if node.method == "self-standing":
        return slow_parts(node.own_kpi())
    children = sorted(
        (c for c in node.children if c.applies(0) or c.applies(1)), key=lambda c: (c.level, c.id)
    )  # fmt: skip
    old_weights, new_weights = _weights(children)
    found: dict[Part, float] = {}
    for order, weights in ((children, old_weights), (children[::-1], new_weights)):
        scores = {c.id: c.score(0) for c in children}
        known = combined(node.method, _present(old_weights, scores))
        if order is not children:
            found = _add(found, {("weights", None): (_state(node, weights, scores, known) - known) / 2})
            known = _state(node, weights, scores, known)
        for child in order:
            scores[child.id] = child.score(1)
            after = _state(node, weights, scores, known)
            found = _add(found, {("·", child.id): (after - known) / 2})
            known = after
        if order is children:
            found = _add(found, {("weights", None): (now - known) / 2})
    result = {("weights", None): found[("weights", None)]}
    for child in children:
        result = _add(result, _handed_down(child, found[("·", child.id)]))
    return result


def _handed_down(child: Node, points: float) -> dict[Part, float]:
    then, now = child.score(0), child.score(1)
    if then is None and now is None:
        return {}
    if then is not None and now is not None:
        if abs(now - then) < 1e-10:
            # The program measures the pull of such a part by a nudge: there the sum is tested, the parts are not.
            return {("untold", None): 0.0}
        return {part: points / (now - then) * own for part, own in slow_parts(child).items()}
    label, end = ("came", 1) if then is None else ("went", 0)
    shares = _effective(child, end)
    total = sum(shares.values())
    return {(label, kpi): points * share / total for kpi, share in shares.items()}


def _effective(node: Node, end: int) -> dict[str, float]:
    if not node.children or node.method == "self-standing":
        return {(node if not node.children else node.own_kpi()).id: 1.0}
    present = [(c, c.weight[end]) for c in node.children if c.applies(end) and c.score(end) is not None]
    total = sum(w or 0.0 for _, w in present)
    return {k: (w or 0.0) / total * s for c, w in present for k, s in _effective(c, end).items()}


def _weights(children: list[Node]) -> tuple[dict[str, float], dict[str, float]]:
    both = [c for c in children if c.applies(0) and c.applies(1)]
    sums = [sum(c.weight[end] or 0.0 for c in both) for end in (0, 1)]
    whole = [sum(c.weight[end] or 0.0 for c in children if c.applies(end)) or 1.0 for end in (0, 1)]
    shares = [{c.id: (c.weight[e] or 0.0) / whole[e] for c in children if c.applies(e)} for e in (0, 1)]
    ratio = (sums[0] / whole[0]) / (sums[1] / whole[1]) if both else 1.0
    then = {c.id: shares[0][c.id] if c.id in shares[0] else shares[1][c.id] * ratio for c in children}
    now = {c.id: shares[1][c.id] if c.id in shares[1] else shares[0][c.id] / ratio for c in children}
    return then, now


def _present(weights: dict[str, float], scores: dict[str, float | None]) -> list[tuple[float, float]]:
    return [(weights[name], score) for name, score in scores.items() if score is not None]


def _state(node: Node, weights: dict[str, float], scores: dict[str, float | None], known: Any) -> Any:
    found = combined(node.method, _present(weights, scores))
    return known if found is None else found


def _add(one: dict[Part, float], other: dict[Part, float]) -> dict[Part, float]:
    return {key: one.get(key, 0.0) + other.get(key, 0.0) for key in {*one, *other}}


def frames(top: Node) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Scores of now and then, nodes, and the parts of KPIs, as the program has them."""
    where = {"scorecard": "card", "period": PERIOD, "unit": "u"}
    rows: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    nodes: list[dict[str, Any]] = []

    def walk(node: Node, parent: Node | None, depth: int, shares: list[float]) -> None:
        if node.children:
            nodes.append(
                {
                    "scorecard": "card", "level": node.level, "node": node.id, "depth": depth, "method": node.method,
                    "parent_level": parent.level if parent else None, "parent": parent.id if parent else None,
                    "own_kpi": node.own_kpi().id if node.method == "self-standing" else None,
                }
            )  # fmt: skip
        for end in (0, 1):
            if node.applies(end) and (parent is None or parent.applies(end)):
                beside = [c for c in parent.children if c.applies(end)] if parent else [node]
                weight = (node.weight[end] or 0.0) / sum(c.weight[end] or 0.0 for c in beside)
                here = {"level": node.level, "node": node.id, "parent": parent.id if parent else ""}
                rows[end].append(
                    {**where, **here, "score": node.score(end), "weight": weight, "effective_share": shares[end]}
                )
        for child in node.children:
            below = []
            for end in (0, 1):
                present = [c.weight[end] or 0.0 for c in node.children if c.applies(end) and c.score(end) is not None]
                counts = child.applies(end) and child.score(end) is not None
                below.append(shares[end] * (child.weight[end] or 0.0) / sum(present) if counts else 0.0)
            walk(child, node, depth + 1, below)

    walk(top, None, 0, [1.0, 1.0])
    parts = [
        {**where, "kpi": kpi.id, "part": part, "points": points}
        for kpi in top.kpis() if kpi.score(0) is not None and kpi.score(1) is not None
        for (part, _), points in slow_parts(kpi).items() if part == "value" or points
    ]  # fmt: skip
    then, now = (pl.DataFrame(found, schema=SCORES) for found in rows)
    return now, then, pl.DataFrame(nodes, schema=NODES), pl.DataFrame(parts, schema=KPI_PARTS)


def tree(seed: int) -> Node:
    """Scorecard, perspectives, objectives (some made of objectives) and KPIs; weights, scores and what applies move."""
    chance = random.Random(seed)
    count = [0]

    def score() -> float:
        return chance.choice([0.0, 100.0, 120.0]) if chance.random() < 0.3 else chance.uniform(0, 120)

    def weight() -> float:
        return chance.uniform(0.1, 10)

    def both(value: Callable[[], float], gone: float) -> tuple[float | None, float | None]:
        before = value() if chance.random() > gone else None
        if before is not None and chance.random() < 0.5:
            return before, before
        return before, value() if chance.random() > gone else None

    def grown(level: str, below: list[str]) -> Node:
        count[0] += 1
        node = Node(level, f"{level[0]}{count[0]:02}", weight=both(weight, 0.1))
        if level == "kpi":
            node.leaf = both(score, 0.2)
            if node.leaf[0] is not None and node.leaf[1] is not None and node.leaf[0] != node.leaf[1]:
                node.target_part = chance.uniform(-50, 50)
            return node
        node.method = chance.choice(METHODS)
        for _ in range(chance.randint(1, 3)):
            deeper = level == "objective" and below[0] == "kpi" and chance.random() < 0.2
            node.children.append(grown("objective", ["kpi"]) if deeper else grown(below[0], below[1:]))
        if node.method == "self-standing":
            path = node
            while path.children:
                path = path.children[0]
                path.weight = (path.weight[0] or 1.0, path.weight[1] or 1.0)
        return node

    top = grown("scorecard", ["perspective", "objective", "kpi"])
    top.weight = (1.0, 1.0)
    return top


TREES = st.integers(0, 2**32).map(tree)


@settings(max_examples=80, deadline=None)
@given(top=TREES)
def test_the_parts_of_every_change_sum_to_it_and_are_those_of_a_plain_recursion(top: Node) -> None:
    now, then, nodes, parts = frames(top)
    found = score_changes(now, then, nodes, SCALE, parts, "previous period")
    for node in top.everything():
        rows = found.filter(pl.col("level") == node.level, pl.col("node") == node.id)
        before, after = node.score(0), node.score(1)
        stands = now.filter(pl.col("level") == node.level, pl.col("node") == node.id).height == 1
        stood = then.filter(pl.col("level") == node.level, pl.col("node") == node.id).height == 1
        if not stands:
            assert rows.is_empty()
        elif after is None:
            assert rows["missing_reason"].to_list() == ["not_scored"]
        elif before is None or not stood:
            assert rows["missing_reason"].to_list() == ["not_scored_then"]
        else:
            assert math.fsum(rows["points"]) == pytest.approx(after - before, abs=1e-9)
            ours = {(row["part"], row["kpi"]): row["points"] for row in rows.iter_rows(named=True)}
            theirs = slow_parts(node)
            assert math.fsum(theirs.values()) == pytest.approx(after - before, abs=1e-9)
            if ("untold", None) not in theirs:
                for key in {*ours, *theirs}:
                    assert ours.get(key, 0.0) == pytest.approx(theirs.get(key, 0.0), abs=1e-6), (node.id, key)


@settings(max_examples=15, deadline=None)
@given(top=TREES, data=st.data())
def test_the_order_of_rows_changes_no_bit(top: Node, data: st.DataObject) -> None:
    given_frames = frames(top)
    now, then, nodes, parts = (
        frame[data.draw(st.permutations(range(frame.height)))] if frame.height else frame for frame in given_frames
    )
    ours = score_changes(*given_frames[:3], SCALE, given_frames[3], "last year")
    assert_frame_equal(ours, score_changes(now, then, nodes, SCALE, parts, "last year"), check_exact=True)


@settings(max_examples=15, deadline=None)
@given(top=TREES)
def test_under_a_weighted_mean_with_constant_weights_a_part_is_its_weight_times_its_change(top: Node) -> None:
    for node in top.everything():
        node.method, node.target_part = "weighted mean", 0.0
        node.weight = (node.weight[0] or 1.0, node.weight[0] or 1.0)
        if not node.children:
            node.leaf = (node.leaf[0] or 0.0, node.leaf[1] or 0.0)
    now, then, nodes, parts = frames(top)
    found = score_changes(now, then, nodes, SCALE, parts, "previous period").filter(pl.col("level") == "scorecard")
    assert set(found["part"]) == {"value"}
    shares = now.filter(pl.col("level") == "kpi").select(pl.col("node").alias("kpi"), "effective_share")
    for row in found.join(shares, on="kpi").iter_rows(named=True):
        kpi = next(kpi for kpi in top.kpis() if kpi.id == row["kpi"])
        assert row["points"] == pytest.approx(row["effective_share"] * (kpi.leaf[1] - kpi.leaf[0]), abs=1e-9)  # type: ignore[operator]
