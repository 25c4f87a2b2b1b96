"""Balance, which the method is named for: how far the perspectives of a scorecard lie apart, and what that hides.

Belongs here: figures and findings over the perspectives of one scorecard. How they are phrased is ``report_templates``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from scorecards.organisation import Organisation
from transforms.combining import SELF_STANDING, Combining
from transforms.scoring import TOLERANCE, number_of_band

BALANCE = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "perspectives": pl.Int64, "arithmetic": pl.Float64,
    "geometric": pl.Float64, "shortfall": pl.Float64, "spread": pl.Float64, "best": pl.String, "worst": pl.String,
    "heaviest": pl.String, "heaviest_share": pl.Float64,
}  # fmt: skip
FINDINGS = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "finding": pl.String, "perspective": pl.String,
    "level": pl.String, "node": pl.String,
}  # fmt: skip
HEAVY, APART, HIDES_RED, HOLDS_RED = "heavy_perspective", "far_apart", "hides_red", "holds_red"
_WHERE = ["scorecard", "period", "unit"]


def balance(scores: pl.DataFrame) -> pl.DataFrame:
    """The balance of every scorecard of every unit: the frame ``BALANCE``.

    ``scores`` is ``SCORES``. Means are over the perspectives that have a score, by their effective weights; the
    geometric one is never above the arithmetic one and falls below it as perspectives lie apart (one at zero makes it
    zero; null where a score is negative). Without two scored perspectives there is nothing to balance, and only the
    number, the means and the weight are given. Source: the inequality of arithmetic and geometric means, used like this
    by the Human Development Index since 2010.
    """
    pages = _perspectives(scores)
    score, share = pl.col("score"), pl.col("_share")
    one = pages.sort(*_WHERE, "node").group_by(_WHERE, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("perspectives"),
        (score * share).sum().alias("arithmetic"),
        pl.when((score >= 0).all()).then((score.log() * share).sum().exp()).alias("geometric"),
        (score.max() - score.min()).alias("spread"),
        pl.col("node").sort_by(score, "node", descending=[True, False]).first().alias("best"),
        pl.col("node").sort_by(score, "node").first().alias("worst"),
        pl.col("node").sort_by(share, "node", descending=[True, False]).first().alias("heaviest"),
        share.max().alias("heaviest_share"),
    )  # fmt: skip
    several = pl.col("perspectives") > 1
    shortfall = (pl.col("arithmetic") - pl.col("geometric")).clip(lower_bound=0.0)
    return one.with_columns(
        pl.when(several).then(shortfall).alias("shortfall"),
        *(pl.when(several).then(name).alias(name) for name in ("spread", "best", "worst")),
    ).select(list(BALANCE)).sort(_WHERE)  # fmt: skip


def findings(scores: pl.DataFrame, nodes: pl.DataFrame, organisation: Organisation) -> pl.DataFrame:
    """What is out of balance: the frame ``FINDINGS``, no row where nothing is.

    ``scores`` is ``SCORES``, ``nodes`` is ``NODES``; a band counts as red by its status ``bad``.

    - ``heavy_perspective``: among several, it has more than ``balance.most_weight`` of the weight;
    - ``far_apart``: more than ``balance.most_spread`` points lie between ``perspective`` (the worst) and ``node``;
    - ``hides_red``: the scorecard is not red though the perspective ``node`` is, and without the best ``perspective``
      it would be in a lower band;
    - ``holds_red``: a good ``perspective`` with a red objective or KPI (``level``, ``node``).
    """
    figures, limits = balance(scores), organisation.balance
    several = figures.filter(pl.col("perspectives") > 1)
    heavy = several.filter(pl.col("heaviest_share") > limits.most_weight + TOLERANCE).select(
        *_WHERE, pl.lit(HEAVY).alias("finding"), pl.col("heaviest").alias("perspective")
    )
    apart = several.filter(pl.col("spread") > limits.most_spread + TOLERANCE).select(
        *_WHERE, pl.lit(APART).alias("finding"), pl.col("worst").alias("perspective"),
        pl.lit("perspective").alias("level"), pl.col("best").alias("node"),
    )  # fmt: skip
    found = [heavy, apart, _hidden(scores, several, nodes, organisation), _held(scores, nodes, organisation)]
    everything = pl.concat([pl.DataFrame(schema=FINDINGS), *found], how="diagonal").select(list(FINDINGS))
    return everything.sort(*_WHERE, "finding", "perspective", "level", "node")


def _perspectives(scores: pl.DataFrame) -> pl.DataFrame:
    """The perspectives with a score, with their shares of the weight among these."""
    found = scores.filter(pl.col("level") == "perspective", pl.col("score").is_not_null())
    return found.with_columns((pl.col("weight") / pl.col("weight").sum().over(_WHERE)).alias("_share"))


def _status(organisation: Organisation, status: str) -> pl.Expr:
    return pl.col("band").is_in([band.id for band in organisation.bands if band.status == status])


def _hidden(
    scores: pl.DataFrame, figures: pl.DataFrame, nodes: pl.DataFrame, organisation: Organisation
) -> pl.DataFrame:
    """Red perspectives of scorecards that are not red, and would be in a lower band without their best one."""
    tops = scores.filter(pl.col("level") == "scorecard", pl.col("score").is_not_null(), ~_status(organisation, "bad"))
    rules = nodes.filter(pl.col("level") == "scorecard").select("scorecard", "method")
    tops = tops.select(*_WHERE, pl.col("score").alias("of_all")).join(figures.select(*_WHERE, "best"), on=_WHERE)
    asked = _perspectives(scores).join(tops.join(rules, on="scorecard"), on=_WHERE).sort(*_WHERE, "node")
    red = asked.filter(_status(organisation, "bad"), pl.col("node") != pl.col("best"))
    lowered = [pl.DataFrame(schema={name: FINDINGS[name] for name in _WHERE})]
    for (method,), group in asked.filter(pl.col("node") != pl.col("best")).group_by("method", maintain_order=True):
        if method == SELF_STANDING:
            continue
        combining = Combining.on(str(method), organisation.scale)
        first = group.select(pl.struct(_WHERE).rle_id())[:, 0].is_first_distinct().arg_true()
        totals = combining.totals(group["_share"].to_numpy(), group["score"].to_numpy())
        without = combining.score(combining.grouped(totals, first.to_numpy().astype(np.intp)))
        tops_of = group[first]
        bands, of_all = organisation.bands, tops_of["of_all"].to_numpy()
        lower = ~np.isnan(without) & (number_of_band(without, bands) < number_of_band(of_all, bands))
        lowered.append(tops_of.filter(pl.Series(lower)).select(_WHERE))
    drops = pl.concat(lowered)
    return red.join(drops, on=_WHERE, how="semi").select(
        *_WHERE, pl.lit(HIDES_RED).alias("finding"), pl.col("best").alias("perspective"),
        pl.lit("perspective").alias("level"), "node",
    )  # fmt: skip


def _held(scores: pl.DataFrame, nodes: pl.DataFrame, organisation: Organisation) -> pl.DataFrame:
    """Red objectives and KPIs of good perspectives."""
    good = scores.filter(pl.col("level") == "perspective", _status(organisation, "good")).select(
        *_WHERE, pl.col("node").alias("perspective")
    )
    parents = nodes.filter(pl.col("level") == "objective").select(
        "scorecard", pl.col("node").alias("objective"), pl.col("parent").alias("above"), "parent_level"
    )
    red = scores.filter(pl.col("level").is_in(["kpi", "objective"]), _status(organisation, "bad")).select(
        *_WHERE, "level", "node",
        pl.when(pl.col("level") == "kpi").then("parent").otherwise("node").alias("objective"),
    )  # fmt: skip
    found = []
    while not red.is_empty():
        up = red.join(parents, on=["scorecard", "objective"])
        found.append(up.filter(pl.col("parent_level") == "perspective").rename({"above": "perspective"}))
        red = up.filter(pl.col("parent_level") == "objective").select(
            *_WHERE, "level", "node", pl.col("above").alias("objective")
        )
    if not found:
        return pl.DataFrame(schema=FINDINGS)
    return pl.concat(found).join(good, on=[*_WHERE, "perspective"], how="semi").select(
        *_WHERE, pl.lit(HOLDS_RED).alias("finding"), "perspective", "level", "node"
    )  # fmt: skip
