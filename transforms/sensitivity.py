"""How sure combined scores are: what they would be if the declared weights were somewhat off.

Belongs here: the draws of weights, and the ranges, bands and ranks that they give. Nobody knows the right weights; a
score whose band hangs on them should not be read as if somebody did. Source: the uncertainty analysis of weights in
OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from math import ceil
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scorecards.organisation import Organisation
from scorecards.roll_up import Sensitivity
from transforms.combining import SELF_STANDING, Combining
from transforms.grid import Floats
from transforms.scoring import number_of_band

CERTAINTY = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "level": pl.String, "node": pl.String,
    "score": pl.Float64, "low": pl.Float64, "high": pl.Float64, "band_chance": pl.Float64, "rank": pl.Int64,
    "ranked": pl.Int64, "rank_low": pl.Int64, "rank_high": pl.Int64, "rank_chance": pl.Float64,
}  # fmt: skip
_WHERE = ["scorecard", "period", "unit"]
_RANGE = dict(list(CERTAINTY.items())[:9])
_RANK = dict(list(CERTAINTY.items())[9:])
Number = TypeVar("Number", np.float64, np.int64)
# The range leaves out this share of the draws at either end.
TAIL = 0.05
# Logarithms may differ in the last digit from one machine to another; nine places do not.
_PLACES = 9


def certainty(
    scores: pl.DataFrame, nodes: pl.DataFrame, levels: pl.DataFrame, organisation: Organisation
) -> pl.DataFrame:
    """The range of every combined score: the frame ``CERTAINTY``, one row a node with a score.

    ``scores`` is ``SCORES``, ``nodes`` is ``NODES``; ``levels`` (period, unit, unit_level) says which units are ranked
    against each other. In each draw every declared weight is multiplied by a factor of its own, uniform within one plus
    or minus ``sensitivity.weights``; a factor belongs to a node, not to a unit or month, so that all units are weighed
    alike. What is missing stays missing. ``low`` and ``high`` are the 5th and 95th percentile (nearest rank), widened
    to hold the score itself; ``band_chance`` is the share of draws in another band. For scorecards also the rank among
    the units of the level (1 is best, equal scores share a rank), the ranks between the same percentiles, and the share
    of draws with another rank.
    """
    found = [pl.DataFrame(schema={**_RANGE, **_RANK})]
    known: dict[str, Floats] = {}
    for (card, _), own in scores.sort(*_WHERE, "level", "node").group_by("scorecard", "period", maintain_order=True):
        rows = own.with_row_index("at")
        drawn = _drawn(rows, nodes.filter(pl.col("scorecard") == card), organisation, known)
        ranges = _ranges(rows, drawn, organisation)
        found.append(ranges.join(_ranks(rows, drawn, levels), on=[*_WHERE, "level"], how="left"))
    return pl.concat(found).select(list(CERTAINTY)).sort(*_WHERE, "level", "node")


def factors(nodes: Sequence[str], declared: Sensitivity) -> Mapping[str, Floats]:
    """The factors of each node's weight, one a draw: uniform, and the same for a node whatever other nodes there are.

    Every node has a PCG64 generator of its own, seeded by the declared seed and the SHA-256 of its name.
    """
    found = {}
    for node in nodes:
        digest = hashlib.sha256(node.encode()).digest()
        words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([declared.seed, *words])))
        found[node] = 1.0 + declared.weights * (2.0 * generator.random(declared.draws) - 1.0)
    return found


def _drawn(rows: pl.DataFrame, nodes: pl.DataFrame, organisation: Organisation, known: dict[str, Floats]) -> Floats:
    """The scores of all rows of one scorecard and month in every draw; NaN where there is no score.

    ``known`` holds the factors of nodes that were seen before, and is added to.
    """
    declared = organisation.sensitivity
    own = pl.concat_str("scorecard", "level", "node", separator="/")
    named = rows.select(own.alias("name"), pl.col("weight").fill_null(0.0))
    names = named["name"].unique(maintain_order=True)
    known |= factors([name for name in names if name not in known], declared)
    table = np.stack([known[name] for name in names])
    which = named["name"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    weights, score = named["weight"].to_numpy(), rows["score"].fill_null(np.nan).to_numpy()
    drawn = np.repeat(score[:, None], declared.draws, axis=1)
    for parents in (
        nodes.filter(pl.col("method") != SELF_STANDING)
        .sort("depth", "method", descending=True)
        .partition_by("depth", "method", maintain_order=True)
    ):
        below = _below(rows.filter(pl.col("score").is_not_null()), parents, nodes)
        if below.is_empty():
            continue
        combining = Combining.on(parents["method"][0], organisation.scale)
        children, group = below["child"].to_numpy(), below["at"].to_numpy()
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        weight = table[which[children]]
        weight *= weights[children, None]
        drawn[group[starts]] = combining.score(combining.grouped(combining.totals(weight, drawn[children]), starts))
    return drawn


def _below(rows: pl.DataFrame, parents: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Which rows count into which: ``at`` of the parents, sorted, and ``child``."""
    level = pl.when(pl.col("level") == "kpi").then(pl.lit("objective")).otherwise("parent_level")
    above = nodes.select("level", "node", "parent", "parent_level")
    children = rows.join(above, on=["level", "node", "parent"], how="left").select(
        "unit", level.alias("level"), pl.col("parent").alias("node"), pl.col("at").alias("child")
    )
    tops = rows.join(parents, on=["level", "node"], how="semi").select("unit", "level", "node", "at")
    return children.join(tops, on=["unit", "level", "node"]).sort("at", "child")


def _ranges(rows: pl.DataFrame, drawn: Floats, organisation: Organisation) -> pl.DataFrame:
    asked = rows.filter(pl.col("level") != "kpi", pl.col("score").is_not_null())
    values = drawn[asked["at"].to_numpy()]
    score = asked["score"].to_numpy()
    others = number_of_band(values, organisation.bands) != number_of_band(score, organisation.bands)[:, None]
    low, high = _middle(np.round(values, _PLACES))
    return asked.select(*_WHERE, "level", "node", "score").with_columns(
        pl.Series("low", np.minimum(low, score)),
        pl.Series("high", np.maximum(high, score)),
        pl.Series("band_chance", others.mean(axis=1) if values.size else np.zeros(0)),
    )


def _ranks(rows: pl.DataFrame, drawn: Floats, levels: pl.DataFrame) -> pl.DataFrame:
    """The ranks of overall scores among the units of each level; no row for a unit that is alone on its level."""
    tops = rows.filter(pl.col("level") == "scorecard", pl.col("score").is_not_null())
    tops = tops.join(levels, on=["period", "unit"], maintain_order="left")
    found = [pl.DataFrame(schema={**{name: CERTAINTY[name] for name in (*_WHERE, "level")}, **_RANK})]
    for group in tops.partition_by("unit_level", maintain_order=True):
        if group.height == 1:
            continue
        places = group["at"].to_numpy()
        ranks = _ranked(np.round(np.column_stack([group["score"].to_numpy(), drawn[places]]), _PLACES))
        own, tried = ranks[:, 0], ranks[:, 1:]
        low, high = _middle(tried)
        found.append(
            group.select(*_WHERE, "level").with_columns(
                pl.Series("rank", own),
                pl.lit(group.height, dtype=pl.Int64).alias("ranked"),
                pl.Series("rank_low", np.minimum(low, own)),
                pl.Series("rank_high", np.maximum(high, own)),
                pl.Series("rank_chance", (tried != own[:, None]).mean(axis=1)),
            )
        )
    return pl.concat(found)


def _ranked(scores: Floats) -> NDArray[np.int64]:
    """The rank of every row in each column: one more than the number of rows that are better."""
    order = np.argsort(-scores, axis=0, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=0)
    begins = np.ones(scores.shape, dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    place = np.maximum.accumulate(np.where(begins, np.arange(1, len(scores) + 1)[:, None], 0), axis=0)
    ranks = np.empty(scores.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, place, axis=0)
    return ranks


def _middle(values: NDArray[Number]) -> tuple[NDArray[Number], NDArray[Number]]:
    """The values of each row between which all but the tails of the draws lie, by nearest rank."""
    count = values.shape[1]
    first, last = ceil(TAIL * count) - 1, ceil((1 - TAIL) * count) - 1
    ordered = np.partition(values, (first, last), axis=1)
    return ordered[:, first], ordered[:, last]
