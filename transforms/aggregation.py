"""Which KPIs apply where, with which weights, and the scores of all levels: KPI → objective → perspective → scorecard.

Belongs here: the walk over the tree of each scorecard. How one KPI is scored is ``scoring.py``, how one node combines
its parts ``roll_up.py``, how the result becomes a table ``score_table.py``. Not applicable KPIs (declared for other
units) are left out before, so that they count neither as missing nor as covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from scorecards.base import UnitSelector
from scorecards.project import Project
from scorecards.units import UnitTree
from transforms.card_scores import score_card
from transforms.dated import ROWS, ancestors, epoch_frame, epochs, in_force
from transforms.grid import Grid
from transforms.nodes import nodes
from transforms.score_operands import ScoreOperands
from transforms.score_table import SCORES, score_table

USES = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "kpi": pl.String, "objective": pl.String,
    "weight": pl.Float64,
}  # fmt: skip
WEIGHTS = {
    "scorecard": pl.String, "period": pl.Date, "unit": pl.String, "level": pl.String, "node": pl.String,
    "weight": pl.Float64,
}  # fmt: skip
_DATED = {**ROWS, "level": pl.String, "node": pl.String, "weight": pl.Float64}


def scores(project: Project, used: pl.DataFrame, values: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
    """Scores of all levels: the frame ``SCORES``, sorted by its key.

    ``used`` is ``USES``; ``values`` is ``kpis.main_values``, and may reach further back than ``used`` by
    ``scoring.looks_back`` months, for scores that depend on the past; ``anchors`` is ``ANCHORS``. ``weight`` is the
    share within the parent among what applies, ``share`` the same of the whole scorecard, ``effective_share`` what it
    really weighs after missing parts are left out; over nodes that are no arithmetic mean it is the share of the
    weight still, which does not give the score any more. ``coverage`` is the share of applicable weight whose KPIs
    have a score of their own.
    """
    if used.is_empty():
        return pl.DataFrame(schema=SCORES)
    grid = Grid.over([used, values])
    operands = ScoreOperands(project, grid, values, anchors, used["period"].unique().to_list())
    weights = dated_weights(project, used["period"].unique().to_list())
    if weights.height:  # also for units where no KPI of the scorecard applies, so that it does not stand there
        weights = weights.join(used, on=["scorecard", "period", "unit"], how="semi")
    tree = nodes(project)
    frames = []
    for card_id in sorted(project.strategy.scorecards):
        is_own = pl.col("scorecard") == card_id
        own = used.filter(is_own)
        if own.height:
            card = score_card(project, grid, operands, tree.filter(is_own), own, weights.filter(is_own))
            frames.append(score_table(card, grid, project.organisation.bands))
    return pl.concat(frames)


def uses(project: Project, periods: Sequence[date]) -> pl.DataFrame:
    """Every KPI that applies on a scorecard of a unit in a period, with its weight then: the frame ``USES``."""
    spans = epochs(project, periods, {row.effective_from for row in project.weights})
    frames = [_uses_of(project, epoch, project.tree(epoch)) for epoch in sorted(set(spans.values()))]
    found = pl.concat([pl.DataFrame(schema={**USES, "epoch": pl.Date}).drop("period"), *frames])
    dated = _weights_in_force(project, set(spans.values())).filter(pl.col("level") == "kpi").select(
        "scorecard", "epoch", "unit", pl.col("node").alias("kpi"), pl.col("weight").alias("dated")
    )  # fmt: skip
    if dated.height:
        found = found.join(
            dated, on=["scorecard", "epoch", "unit", "kpi"], how="left", maintain_order="left"
        ).with_columns(pl.coalesce("dated", "weight").alias("weight"))
    long = epoch_frame(spans).join(found, on="epoch", maintain_order="left_right")
    return long.select(list(USES))


def dated_weights(project: Project, periods: Iterable[date]) -> pl.DataFrame:
    """Weights of objectives and perspectives from weights.csv, wherever one is in force: the frame ``WEIGHTS``."""
    spans = epochs(project, periods, {row.effective_from for row in project.weights})
    found = _weights_in_force(project, set(spans.values())).filter(pl.col("level") != "kpi")
    return epoch_frame(spans).join(found, on="epoch").select(list(WEIGHTS))


def _weights_in_force(project: Project, starts: Iterable[date]) -> pl.DataFrame:
    rows = [(w.scorecard, w.unit, w.effective_from, w.level, w.node, w.weight) for w in project.weights]
    trees = {epoch: project.tree(epoch) for epoch in starts} if rows else {}
    places = [
        (card_id, epoch, unit)
        for card_id, card in project.strategy.scorecards.items()
        for epoch, tree in trees.items()
        for unit in tree.select(card.units)
    ]
    here = pl.DataFrame(places, schema={"scorecard": pl.String, "epoch": pl.Date, "unit": pl.String}, orient="row")
    weighed = sorted({(row.level, row.node) for row in project.weights})
    wanted = here.join(pl.DataFrame(weighed, schema={"level": pl.String, "node": pl.String}, orient="row"), how="cross")
    dated = pl.DataFrame(rows, schema=_DATED, orient="row")
    return in_force(project, dated, wanted, ancestors(trees), ["level", "node"])


def _uses_of(project: Project, epoch: date, tree: UnitTree) -> pl.DataFrame:
    """The KPIs that apply, by scorecard and unit, with the weights of strategy.yaml."""
    found: dict[UnitSelector, set[str]] = {}
    frames = []
    for card_id, card in project.strategy.scorecards.items():
        kpis: dict[UnitSelector, list[tuple[str, str, float]]] = {}
        for objective_id, objective in card.objectives.items():
            for kpi_id, use in objective.kpis.items():
                kpis.setdefault(use.applies_to, []).append((kpi_id, objective_id, use.weight))
        for selector, rows in kpis.items():
            units = _selected(tree, card.units, found) & _selected(tree, selector, found)
            here = pl.DataFrame({"unit": sorted(units)}, schema={"unit": pl.String})
            there = {"kpi": pl.String, "objective": pl.String, "weight": pl.Float64}
            frames.append(
                here.join(pl.DataFrame(rows, schema=there, orient="row"), how="cross").select(
                    pl.lit(card_id).alias("scorecard"), "unit", *there, pl.lit(epoch).alias("epoch")
                )
            )
    return pl.concat([pl.DataFrame(schema={**USES, "epoch": pl.Date}).drop("period"), *frames])


def _selected(tree: UnitTree, selector: UnitSelector, found: dict[UnitSelector, set[str]]) -> set[str]:
    if selector not in found:
        found[selector] = set(tree.select(selector))
    return found[selector]
