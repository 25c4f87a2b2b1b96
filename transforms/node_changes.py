"""The parts of every node at two moments, paired, and what each of them did to its node.

Belongs here: from two months' scores to the matrices of ``contributions.py`` and back. Carrying the parts of KPIs up
the scorecard is ``movement.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from scorecards.organisation import Scale
from transforms.combining import SELF_STANDING, Combining, Flags
from transforms.contributions import Ends, split_changes
from transforms.grid import Floats
from transforms.kpi_movement import DEFINITION
from transforms.scoring import TOLERANCE

WHERE = ["scorecard", "period", "unit"]
NODE = [*WHERE, "level", "node"]
PARENT = [*WHERE, "parent_level", "parent"]
PARTS = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "level": pl.String, "node": pl.String,
    "part": pl.String, "kpi": pl.String, "points": pl.Float64,
}  # fmt: skip
WEIGHTS, CAME, WENT = "weights", "came", "went"


def pairs_of(now: pl.DataFrame, then: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Every part below the node that it counts into, with weight and score at both ends; null where it is not."""
    keys = [*PARENT, "level", "node"]
    columns = ["weight", "score"]
    before = children(then, nodes).select(*keys, *(pl.col(c).alias(f"{c}_then") for c in columns))
    after = children(now, nodes).select(*keys, *(pl.col(c).alias(f"{c}_now") for c in columns))
    return after.join(before, on=keys, how="full", coalesce=True)


def children(scores: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """All rows below a scorecard, with the level of their parent."""
    above = nodes.filter(pl.col("level") == "objective").select("scorecard", "node", "parent", "parent_level")
    level = (
        pl.when(pl.col("level") == "kpi").then(pl.lit("objective"))
        .when(pl.col("level") == "perspective").then(pl.lit("scorecard"))
        .otherwise(pl.col("parent_level").fill_null("perspective"))
    )  # fmt: skip
    found = scores.filter(pl.col("level") != "scorecard").join(above, on=["scorecard", "node", "parent"], how="left")
    return found.with_columns(level.alias("parent_level"))


def split_nodes(
    ends: pl.DataFrame, pairs: pl.DataFrame, nodes: pl.DataFrame, scale: Scale
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What every part does to its node, and what the node's weights and roll-up do themselves.

    Links: the part and its parent, ``pull`` for parts with both scores, ``change`` (points) for those with one, null
    otherwise. Own: rows like those of parts, without a KPI.
    """
    rules = nodes.select("scorecard", "level", "node", "method", "own_kpi")
    asked = ends.filter(pl.col("score").is_not_null(), pl.col("then").is_not_null(), pl.col("level") != "kpi").join(
        rules, on=["scorecard", "level", "node"]
    )
    links, own = ([frame] for frame in _standing_alone(asked, ends))
    for method in sorted(set(asked["method"]) - {SELF_STANDING}):
        for link, rest in _by_method(Combining.on(method, scale), asked.filter(pl.col("method") == method), pairs):
            links.append(link)
            own.append(rest)
    return pl.concat(links), pl.concat(own)


def _standing_alone(asked: pl.DataFrame, ends: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A self-standing node moves as the one KPI does that scores it; what is left was another roll-up then."""
    kpis = ends.filter(pl.col("level") == "kpi", pl.col("score").is_not_null(), pl.col("then").is_not_null()).select(
        *WHERE, pl.col("node").alias("own_kpi"), (pl.col("score") - pl.col("then")).alias("_moved")
    )
    found = asked.filter(pl.col("method") == SELF_STANDING).join(kpis, on=[*WHERE, "own_kpi"], how="left")
    links = found.select(
        *WHERE, pl.col("level").alias("parent_level"), pl.col("node").alias("parent"),
        pl.lit("kpi").alias("level"), pl.col("own_kpi").alias("node"),
        pl.lit(1.0).alias("pull"), pl.lit(None, dtype=pl.Float64).alias("change"), pl.lit("").alias("kind"),
    )  # fmt: skip
    left = pl.col("score") - pl.col("then") - pl.col("_moved").fill_null(0.0)
    own = found.select(
        *NODE, pl.lit(DEFINITION).alias("part"), pl.lit(None, dtype=pl.String).alias("kpi"), left.alias("points")
    )
    return links, own.filter(pl.col("points").abs() > TOLERANCE)


def _by_method(
    combining: Combining, asked: pl.DataFrame, pairs: pl.DataFrame
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    parents = asked.select(
        *WHERE, pl.col("level").alias("parent_level"), pl.col("node").alias("parent"), "score", "then"
    )
    # Sorted before anything is summed: a float sum in another order could differ in its last digit.
    rows = _weighed(pairs.join(parents, on=PARENT).sort(*PARENT, "level", "node"))
    if rows.is_empty():
        return
    group = rows.select(pl.struct(PARENT).rle_id())[:, 0].to_numpy()
    first = np.flatnonzero(np.diff(group, prepend=-1))
    place = np.arange(len(group)) - first[group]
    shape = (len(first), int(place.max()) + 1)

    def matrix(name: str) -> Floats:
        found = np.zeros(shape)
        found[group, place] = rows[name].fill_null(0.0).to_numpy()
        return found

    def flags(name: str) -> Flags:
        found = np.zeros(shape, dtype=np.bool_)
        found[group, place] = rows[name].is_not_null().to_numpy()
        return found

    split = split_changes(
        combining,
        Ends(
            matrix("weight_then"), matrix("weight_now"), matrix("score_then"), matrix("score_now"),
            flags("score_then"), flags("score_now"),
        ),
    )  # fmt: skip
    is_both = pl.col("score_then").is_not_null() & pl.col("score_now").is_not_null()
    is_one = pl.col("score_then").is_not_null() ^ pl.col("score_now").is_not_null()
    links = rows.with_columns(
        pl.Series("pull", split.pull[group, place]), pl.Series("change", split.parts[group, place])
    ).select(
        *PARENT, "level", "node", "pull",
        pl.when(is_one).then("change").alias("change"),
        pl.when(is_both).then(pl.lit("")).when(is_one)
        .then(pl.when(pl.col("score_now").is_null()).then(pl.lit(WENT)).otherwise(pl.lit(CAME))).alias("kind"),
    )  # fmt: skip
    top = rows[first.tolist()]
    declared = (top["score"].to_numpy() - split.now) - (top["then"].to_numpy() - split.then)
    own = {WEIGHTS: split.weights, DEFINITION: np.where(np.abs(declared) > TOLERANCE, declared, 0.0)}
    rest = [
        top.select(
            *WHERE, pl.col("parent_level").alias("level"), pl.col("parent").alias("node"),
            pl.lit(part).alias("part"), pl.lit(None, dtype=pl.String).alias("kpi"), pl.Series("points", points),
        ).filter(pl.col("points") != 0)
        for part, points in own.items()
    ]  # fmt: skip
    yield links.filter(pl.col("kind").is_not_null()), pl.concat(rest)


def _weighed(rows: pl.DataFrame) -> pl.DataFrame:
    """A part that applies at one end only gets the weight that it would have had at the other, beside the same parts.

    Shares are of what applies, so that a part that comes lowers those of all others, though nobody weighed them anew.
    """
    is_both = pl.col("weight_then").is_not_null() & pl.col("weight_now").is_not_null()
    ratio = (pl.col("weight_then") * is_both).sum().over(PARENT) / (pl.col("weight_now") * is_both).sum().over(PARENT)
    scaled = pl.when(ratio.is_finite() & (ratio > 0)).then(ratio).otherwise(1.0)
    return rows.with_columns(scaled.alias("_ratio")).with_columns(
        pl.coalesce("weight_then", pl.col("weight_now") * pl.col("_ratio")).alias("weight_then"),
        pl.coalesce("weight_now", pl.col("weight_then") / pl.col("_ratio")).alias("weight_now"),
    )
