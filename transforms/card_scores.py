"""One scorecard at all its places: its KPIs scored, and its nodes combined from the leaves up.

Belongs here: walking the tree of one scorecard. A place is a unit in a month that has the scorecard. How the result
becomes rows is ``score_table.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from scorecards.project import Project
from scorecards.strategy import Scorecard
from transforms.grid import Floats, Grid, Ints, numbers, split
from transforms.kpi_parts import kpi_part
from transforms.roll_up import Key, OwnKpi, Part, Rules, combine
from transforms.score_operands import ScoreOperands
from transforms.scoring import number_of_band


@dataclass(frozen=True)
class CardScores:
    """The scores of one scorecard.

    ``cells`` are its places on the grid, in order; ``parts`` holds every KPI and node by (level, id), ``parent_of``
    names what it counts into, and ``targets`` are those of KPIs by id.
    """

    id: str
    cells: Ints
    parts: Mapping[Key, Part]
    parent_of: Mapping[Key, Key | None]
    targets: Mapping[str, Floats]


def score_card(
    project: Project, grid: Grid, operands: ScoreOperands, tree: pl.DataFrame, used: pl.DataFrame, weights: pl.DataFrame
) -> CardScores:
    """Score one scorecard: ``tree``, ``used`` and ``weights`` are its parts of ``NODES``, ``USES`` and ``WEIGHTS``.

    ``weights`` hold nothing for places that ``used`` has not.
    """
    card_id = str(used["scorecard"][0])
    at = grid.cells(used)
    place_of = np.full(grid.size, -1)
    place_of[at] = 0
    cells = np.flatnonzero(place_of == 0)
    place_of[cells] = np.arange(cells.size)
    parts: dict[Key, Part] = {}
    parent_of: dict[Key, Key | None] = {}
    targets: dict[str, Floats] = {}
    weights_of = numbers(used["weight"])
    for (kpi_id, objective_id), rows in split(used, ["kpi", "objective"]).items():
        part, target = kpi_part(project, operands, card_id, kpi_id, place_of[at[rows]], weights_of[rows], cells)
        parts[part.key], targets[kpi_id] = part, target
        parent_of[part.key] = ("objective", objective_id)
    for row in tree.sort("depth", "level", "node", descending=[True, False, False]).iter_rows(named=True):
        key = (row["level"], row["node"])
        # In the order of their ids, so that the order of declaration changes no sum of floats.
        below = [parts[part] for part in sorted(parts) if parent_of[part] == key]
        if not below:
            continue
        own = None if row["own_kpi"] is None else _own_kpi(("kpi", row["own_kpi"]), parts, cells)
        weight = np.full(cells.shape, _declared_weight(project.strategy.scorecards[card_id], key))
        dated = weights.filter(pl.col("level") == key[0], pl.col("node") == key[1])
        if dated.height:
            weight[place_of[grid.cells(dated)]] = numbers(dated["weight"])
        rules = Rules(row["method"], row["missing"], row["minimum_coverage"], row["minimum_parts"])
        found = combine(key, weight, rules, below, own, project.organisation.scale)
        parts[key] = found.in_band(number_of_band(found.score, project.organisation.bands))
        parent_of[key] = None if row["parent"] is None else (row["parent_level"], row["parent"])
    return CardScores(card_id, cells, parts, parent_of, targets)


def _declared_weight(card: Scorecard, key: Key) -> float:
    level, node = key
    if level == "objective":
        return card.objectives[node].weight
    return card.weights.get(node, 1.0) if level == "perspective" else 1.0


def _own_kpi(key: Key, parts: Mapping[Key, Part], cells: Ints) -> OwnKpi:
    """The KPI that a self-standing node is judged by; one that applies to no unit is missing everywhere."""
    if key in parts:
        part = parts[key]
        return OwnKpi(key, part.score, part.raw, part.sums)
    missing, zero = np.full(cells.shape, np.nan), np.zeros(cells.shape)
    return OwnKpi(key, missing, missing, dict.fromkeys(("leading", "lagging"), (zero, zero)))
