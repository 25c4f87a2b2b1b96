"""Rules about weights.csv: that every row names what exists, and that no two say the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scorecards.errors import Problem, did_you_mean
from scorecards.project import Project
from scorecards.tables import DatedWeight

_FILE = "weights.csv"


def check_weights(project: Project) -> Iterator[Problem]:
    """Problems of ``weights.csv``."""
    units, cards = dict.fromkeys(project.unit_ids), project.strategy.scorecards
    seen: dict[tuple[object, ...], int] = {}
    for row in project.weights:
        if row.unit is not None and row.unit not in units:
            yield Problem(_FILE, row.line, "unit", f"'{row.unit}' is not a unit.", did_you_mean(row.unit, list(units)))
        if row.scorecard is not None and row.scorecard not in cards:
            message = f"'{row.scorecard}' is not a scorecard."
            yield Problem(_FILE, row.line, "scorecard", message, did_you_mean(row.scorecard, list(cards)))
        else:
            yield from _node(project, row)
        same = (row.scorecard, row.level, row.node, row.unit, row.effective_from)
        if same in seen:
            yield Problem(_FILE, row.line, "node", f"repeats line {seen[same]}.", "Keep one of them.")
        seen.setdefault(same, row.line)


def _node(project: Project, row: DatedWeight) -> Iterator[Problem]:
    chosen = list(project.strategy.scorecards) if row.scorecard is None else [row.scorecard]
    known = sorted({name for card_id in chosen for name in _nodes(project, card_id, row.level)})
    if row.node not in known:
        what = {"kpi": "KPI", "objective": "objective", "perspective": "perspective"}[row.level]
        where = "any scorecard" if row.scorecard is None else f"the scorecard '{row.scorecard}'"
        article = "an" if what.startswith("o") else "a"
        message = f"'{row.node}' is not {article} {what} of {where}."
        yield Problem(_FILE, row.line, "node", message, did_you_mean(row.node, known))


def _nodes(project: Project, card_id: str, level: str) -> Collection[str]:
    card = project.strategy.scorecards[card_id]
    if level == "perspective":
        return card.perspectives or project.organisation.perspectives
    if level == "objective":
        return card.objectives
    return [kpi_id for objective in card.objectives.values() for kpi_id in objective.kpis]
