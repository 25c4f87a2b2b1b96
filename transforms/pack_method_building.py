"""Filling what a pack says of its method: from the declarations to the records of ``pack_method.py``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scorecards.kpis import Kpi
from scorecards.organisation import SIDES, Scale
from scorecards.project import Project
from transforms.nodes import nodes
from transforms.pack_method import Comparison, NodeRule, ScoreStep, ScoringRule, Way


def node_rules(project: Project, scorecard: str) -> tuple[NodeRule, ...]:
    """The rules of all nodes of a scorecard, from the top down, in the order of declaration."""
    rows = (row for row in nodes(project).iter_rows(named=True) if row["scorecard"] == scorecard)
    return tuple(
        NodeRule(
            row["level"], row["node"], row["method"], row["missing"], row["minimum_coverage"], row["minimum_parts"],
            project.kpis[row["own_kpi"]].name if row["own_kpi"] else "",
        )
        for row in rows
    )  # fmt: skip


def scoring_rule(kpi: Kpi) -> ScoringRule:
    """The way in which a KPI is scored: the choice of ``scoring.score_kpi``, told."""
    scoring = kpi.scoring
    steps: tuple[ScoreStep, ...] = ()
    if scoring.texts:
        steps = tuple(ScoreStep(text, score) for text, score in scoring.texts.items())
    elif scoring.steps:
        steps = tuple(ScoreStep(step.when or "", step.score, step.band or "") for step in scoring.steps)
    compared = scoring.relative
    return ScoringRule(
        _way(kpi),
        scoring.scale == "log",
        steps,
        scoring.formula or "",
        Comparison(compared.to, compared.by, compared.months, compared.at_least) if compared else None,
    )


def anchors_shown(scale: Scale, anchors: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The anchors in force with their values, by the scores that they stand for; references are none."""
    return tuple((name, anchors[name]) for name in _by_score(scale) if name in anchors)


def _by_score(scale: Scale) -> Iterable[str]:
    for name in sorted(scale.anchors, key=scale.anchors.__getitem__):
        yield name
        yield from (f"{side}_{name}" for side in SIDES)


def _way(kpi: Kpi) -> Way:
    scoring = kpi.scoring
    if not kpi.scored:
        return "unscored"
    if scoring.texts:
        return "texts"
    if scoring.steps:
        return "steps"
    if scoring.formula:
        return "formula"
    if scoring.relative:
        return "relative"
    if kpi.is_yes_or_no:
        return "yes or no"
    return "range" if kpi.direction == "within" else "line"
