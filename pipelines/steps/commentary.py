"""Commentary that a project requires: without it a month is not published."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.steps.setting import Setting
from scorecards.errors import DeclarationError, Problem
from scorecards.periods import period_text
from transforms.unexplained import unexplained


def missing_commentary(setting: Setting, period: date, scores: pl.DataFrame) -> list[Problem]:
    """One problem for every KPI that needs commentary and has none, at the file to write; ``scores`` as they stand."""
    project, file = setting.project, f"commentary/{period_text(period)}.yaml"
    cards = project.strategy.scorecards
    names = {unit.id: unit.name for unit in project.tree(period).units.values()}
    return [
        Problem(
            file,
            0,
            "comments",
            f"{names.get(one.unit, one.unit)} has no commentary on '{project.kpis[one.kpi].name}' "
            f"({cards[one.scorecard].name}), which is {one.band}.",
            f"Write one: {{unit: {one.unit}, kpi: {one.kpi}, text: …}}",
        )
        for one in unexplained(project, scores, period)
    ]


def require_commentary(setting: Setting, period: date, scores: pl.DataFrame) -> None:
    """Raise ``DeclarationError`` with every KPI of the month that needs commentary and has none."""
    missing = missing_commentary(setting, period, scores)
    if missing:
        raise DeclarationError(missing, f"{period_text(period)} is not published: the project requires commentary.")
