"""Why scores moved: the change of every score since an earlier month, split exactly over its KPIs.

Belongs here: pairing two months and carrying the parts of KPIs up the scorecard. The split at a single node is
``contributions.py``, that of a KPI into value and target ``kpi_movement.py``.
"""

from __future__ import annotations

import polars as pl

from scorecards.organisation import Scale
from transforms.combining import SELF_STANDING
from transforms.node_changes import CAME, NODE, PARENT, PARTS, WENT, WHERE, children, pairs_of, split_nodes

SCORE_CHANGES = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "level": pl.String, "node": pl.String,
    "compared_with": pl.String, "part": pl.String, "kpi": pl.String, "points": pl.Float64, "missing_reason": pl.String,
}  # fmt: skip
NOT_SCORED, NOT_SCORED_THEN = "not_scored", "not_scored_then"
PREVIOUS_PERIOD, LAST_YEAR = "previous period", "last year"


def score_changes(
    now: pl.DataFrame, then: pl.DataFrame, nodes: pl.DataFrame, scale: Scale, parts: pl.DataFrame, compared_with: str
) -> pl.DataFrame:
    """The parts of the change of every score: the frame ``SCORE_CHANGES``.

    ``now`` and ``then`` are ``SCORES``, the earlier rows bearing the period that they are compared with; ``nodes`` is
    ``NODES``; ``parts`` is ``KPI_PARTS``. The points of a node's rows sum to its change:

    - ``value``, ``target``, ``definition``: of a KPI that has a score at both ends (``kpi_movement.kpi_parts``);
    - ``units``: of the same, where units that joined or left are told apart (``like_for_like.py``);
    - ``came``, ``went``: of a KPI that has a score at one end only;
    - ``weights``, without a KPI: weights that were declared otherwise; ``definition`` without a KPI: the roll-up was.

    A node without a score at either end has one row instead, without part and points, and with the reason.
    """
    ends = _ends(now, then, nodes)
    pairs = pairs_of(now, then, nodes)
    links, own = split_nodes(ends, pairs, nodes, scale)
    leaves = pl.concat([_one_ended(links, now, nodes, CAME), _one_ended(links, then, nodes, WENT)])
    found = parts.select(*WHERE, pl.lit("kpi").alias("level"), pl.col("kpi").alias("node"), "part", "kpi", "points")
    for depth in sorted(nodes["depth"].unique(), reverse=True):
        at = nodes.filter(pl.col("depth") == depth)
        keys = ["scorecard", "level", "node"]
        here, above = (
            frame.join(at, left_on=["scorecard", "parent_level", "parent"], right_on=keys, how="semi")
            for frame in (links.filter(pl.col("change").is_null()), leaves)
        )
        risen = here.join(found, on=NODE).with_columns(pl.col("points") * pl.col("pull"))
        mine = pl.concat([_up(risen), _up(above), own.join(at, on=keys, how="semi")])
        # Sorted before they are summed: a float sum in another order could differ in its last digit.
        summed = mine.sort(*PARTS, nulls_last=True).group_by(*NODE, "part", "kpi", maintain_order=True)
        found = pl.concat([found, summed.agg(pl.col("points").sum())])
    return _told(ends, found, compared_with)


def _ends(now: pl.DataFrame, then: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Every declared node of now, and every KPI, with its score then."""
    is_declared = now.join(nodes, on=["scorecard", "level", "node"], how="semi")
    known = pl.concat([now.filter(pl.col("level") == "kpi"), is_declared])
    return known.select(*NODE, "score").join(then.select(*NODE, pl.col("score").alias("then")), on=NODE, how="left")


def _one_ended(links: pl.DataFrame, scores: pl.DataFrame, nodes: pl.DataFrame, kind: str) -> pl.DataFrame:
    """What parts that came (or went) did, over the KPIs by which they are scored: links with part, kpi and points."""
    asked = links.filter(pl.col("kind") == kind)
    kpis = asked.filter(pl.col("level") == "kpi").select(
        *PARENT, pl.lit(kind).alias("part"), pl.col("node").alias("kpi"), pl.col("change").alias("points")
    )
    above = asked.filter(pl.col("level") != "kpi")
    if above.is_empty():
        return kpis
    below = _kpis_below(scores.join(above, on=WHERE, how="semi").filter(pl.col("score").is_not_null()), nodes)
    spread = above.join(below, on=NODE).select(
        *PARENT, pl.lit(kind).alias("part"), "kpi", (pl.col("change") * pl.col("share")).alias("points")
    )
    return pl.concat([kpis, spread])


def _kpis_below(scored: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Every node with the KPIs below it: columns of the node, kpi, and share of the weight among what is scored.

    The shares of a node sum to 1; a self-standing one has only the KPI that scores it.
    """
    alone = nodes.filter(pl.col("method") == SELF_STANDING)
    keys = ["scorecard", "level", "node"]
    mixed = children(scored, nodes).join(
        alone, left_on=["scorecard", "parent_level", "parent"], right_on=keys, how="anti"
    )
    # Sorted before they are summed: a float sum in another order could differ in its last digit.
    parts = mixed.sort(*PARENT, "level", "node").with_columns(
        (pl.col("weight") / pl.col("weight").sum().over(PARENT)).alias("share")
    )
    climbing = pl.concat(
        [
            parts.filter(pl.col("level") == "kpi").select(*PARENT, pl.col("node").alias("kpi"), "share"),
            scored.join(alone.select(*keys, pl.col("own_kpi").alias("kpi")), on=keys).select(
                *WHERE, pl.col("level").alias("parent_level"), pl.col("node").alias("parent"), "kpi",
                pl.lit(1.0).alias("share"),
            ),
        ]
    )  # fmt: skip
    up = parts.filter(pl.col("level") != "kpi").select(*NODE, *PARENT[3:], pl.col("share").alias("of_parent"))
    found = [pl.DataFrame(schema={**{name: PARTS[name] for name in (*NODE, "kpi")}, "share": pl.Float64})]
    while not climbing.is_empty():
        found.append(climbing.rename({"parent_level": "level", "parent": "node"}))
        climbing = found[-1].join(up, on=NODE).select(*PARENT, "kpi", pl.col("share") * pl.col("of_parent"))
    return pl.concat(found)


def _up(parts: pl.DataFrame) -> pl.DataFrame:
    """Parts as parts of the parent."""
    return parts.select(
        *WHERE, pl.col("parent_level").alias("level"), pl.col("parent").alias("node"), "part", "kpi", "points"
    )


def _told(ends: pl.DataFrame, found: pl.DataFrame, compared_with: str) -> pl.DataFrame:
    reason = (
        pl.when(pl.col("score").is_null()).then(pl.lit(NOT_SCORED)).when(pl.col("then").is_null())
        .then(pl.lit(NOT_SCORED_THEN))
    )  # fmt: skip
    split = ends.filter(pl.col("score").is_not_null(), pl.col("then").is_not_null()).select(NODE)
    return (
        pl.concat(
            [
                found.join(split, on=NODE, how="semi"),
                ends.with_columns(reason.alias("missing_reason")).filter(pl.col("missing_reason").is_not_null()).select(
                    *NODE, "missing_reason"
                ),
            ],
            how="diagonal",
        )
        .with_columns(pl.lit(compared_with).alias("compared_with"))
        .select(pl.col(name).cast(kind) for name, kind in SCORE_CHANGES.items())
        .sort(*NODE, "part", "kpi", nulls_last=True)
    )  # fmt: skip
