"""The scorecards as one tree table: every node with its parent, its depth and how its parts' scores become its own.

Belongs here: reading the declarations into rows, as of no particular day. Which KPIs apply to which unit and when, and
their weights, is ``aggregation.uses``.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from scorecards.organisation import Organisation
from scorecards.project import Project
from scorecards.roll_up import NodeRollUp
from scorecards.strategy import Scorecard

NODES = {
    "scorecard": pl.String, "level": pl.String, "node": pl.String, "parent_level": pl.String, "parent": pl.String,
    "depth": pl.Int64, "method": pl.String, "missing": pl.String, "minimum_coverage": pl.Float64,
    "minimum_parts": pl.Int64, "own_kpi": pl.String,
}  # fmt: skip
Node = tuple[str, str, str, str | None, str | None, int, str, str, float, int, str | None]


def nodes(project: Project) -> pl.DataFrame:
    """The frame ``NODES``: scorecards (depth 0), perspectives (1), objectives (2, or deeper as part of another).

    KPIs are the leaves and have no row: they hang below their objective. ``method``, ``missing`` and the minima are the
    node's own or the organisation's; ``own_kpi`` is the KPI that scores a self-standing node.
    """
    rows = [node for card_id, card in project.strategy.scorecards.items() for node in _nodes(project, card_id, card)]
    return pl.DataFrame(rows, schema=NODES, orient="row")


def _nodes(project: Project, card_id: str, card: Scorecard) -> Iterator[Node]:
    organisation = project.organisation
    yield (card_id, "scorecard", card_id, None, None, 0, *_rules(organisation, "scorecard", card.roll_up))
    perspectives = card.perspectives or organisation.perspectives
    for name, perspective in perspectives.items():
        rules = _rules(organisation, "perspective", perspective.roll_up)
        yield (card_id, "perspective", name, "scorecard", card_id, 1, *rules)
    for name, objective in card.objectives.items():
        level, parent = ("perspective", objective.perspective)
        if objective.part_of is not None:
            level, parent = "objective", objective.part_of
        rules = _rules(organisation, "objective", objective.roll_up)
        yield (card_id, "objective", name, level, parent, 2 + _parts_above(card, name), *rules)


def _parts_above(card: Scorecard, objective_id: str) -> int:
    """How many objectives an objective is a part of; the declarations are checked to hold no circle."""
    above = card.objectives[objective_id].part_of
    return 0 if above is None else 1 + _parts_above(card, above)


def _rules(organisation: Organisation, level: str, own: NodeRollUp) -> tuple[str, str, float, int, str | None]:
    general = organisation.roll_up
    return (
        own.method or general.method,
        own.missing or general.missing,
        own.minimum_coverage if own.minimum_coverage is not None else getattr(general.minimum_coverage, level),
        own.minimum_parts if own.minimum_parts is not None else getattr(general.minimum_parts, level),
        own.kpi,
    )
