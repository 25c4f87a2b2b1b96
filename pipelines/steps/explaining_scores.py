"""The score of an explained value on each scorecard: its band and weight, the anchors in force, and where it lies.

Belongs here: reading committed or frozen scores and anchors. Nothing is scored here.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.steps.explained import AnchorInForce, ScoreExplained
from report_templates.formatting import RowScale, number
from scorecards.kpis import Kpi
from scorecards.project import Project


def scores_explained(
    project: Project, kpi: Kpi, scale: RowScale, rows: pl.DataFrame, anchors: pl.DataFrame, value: float | None
) -> Iterator[ScoreExplained]:
    """One record for each scorecard on which the KPI stands for the unit.

    ``rows`` are those of SCORES of the KPI, ``anchors`` those of ANCHORS, both of one unit and month.
    """
    declared = project.organisation.scale
    on_line = set(declared.names_for(kpi.direction)) - set(declared.references)
    bands = {band.id: band.name for band in project.organisation.bands}
    at = float("nan") if value is None else value
    for row in rows.iter_rows(named=True):
        card = project.strategy.scorecards[row["scorecard"]]
        own = anchors.filter(pl.col("scorecard") == row["scorecard"])
        known = [
            AnchorInForce(one["anchor"], one["value"], scale.text(one["value"]), one["origin"])
            for one in own.iter_rows(named=True)
        ]
        line = sorted((one.value, one.anchor) for one in known if one.anchor in on_line)
        yield ScoreExplained(
            scorecard=row["scorecard"],
            name=card.name,
            objective=row["parent"],
            objective_name=card.objectives[row["parent"]].name,
            score=row["score"],
            shown=None if row["score"] is None else number(row["score"], max(declared.digits, 1)),
            band=row["band"],
            band_name=bands.get(row["band"]),
            weight=row["weight"],
            share=row["share"],
            missing_reason=row["missing_reason"],
            below=next((anchor for point, anchor in reversed(line) if point <= at), None),
            above=next((anchor for point, anchor in line if point > at), None),
            anchors=tuple(sorted(known, key=lambda one: (one.value, one.anchor))),
        )
