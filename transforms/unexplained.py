"""KPIs of which the project requires commentary, and nobody has written any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from scorecards.people import Comment
from scorecards.project import Project
from transforms.scoring import band_for


@dataclass(frozen=True)
class Unexplained:
    """A KPI on a unit's scorecard; ``band`` is the word of its band."""

    scorecard: str
    unit: str
    kpi: str
    objective: str
    band: str


def unexplained(project: Project, scores: pl.DataFrame, period: date) -> Iterator[Unexplained]:
    """The KPIs of a period that need commentary and have none, in the order of ``scores``, its rows of the table.

    A remark on the KPI counts, and so does one on its objective.
    """
    required = project.organisation.required_commentary
    if required is None:
        return
    tree, comments = project.tree(period), project.comments.get(period, ())
    bands = {band.id: band for band in project.organisation.bands}
    for row in scores.filter(pl.col("level") == "kpi", pl.col("period") == period).iter_rows(named=True):
        band = bands.get(row["band"]) or band_for(row["score"], project.organisation.bands)
        if band is None or band.status not in required.statuses or not tree.matches(row["unit"], required.units):
            continue
        found = Unexplained(row["scorecard"], row["unit"], row["node"], row["parent"], band.name)
        if not any(_explains(comment, found) for comment in comments):
            yield found


def _explains(comment: Comment, one: Unexplained) -> bool:
    is_about = comment.kpi == one.kpi or (comment.kpi is None and comment.objective == one.objective)
    return comment.unit == one.unit and comment.scorecard in (None, one.scorecard) and is_about
