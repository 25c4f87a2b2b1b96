"""What figures say to those who cannot see them: the alternative texts of charts that show scores.

Belongs here: messages and numbers of a figure, in words. The text of a KPI's chart is in ``kpi_messages.py``.
"""

from __future__ import annotations

from report_templates.formatting import month, number, percent, rounded
from report_templates.messages import ranked
from report_templates.movement_words import part_name
from transforms.pack import InitiativeRow, NodeScore, Pack, Status


def node_history_message(pack: Pack, name: str, node: NodeScore, months: int) -> str:
    """The alternative text of a score's sparkline of so many ``months``."""
    history = node.history[-months:]
    known = [value for value in history if value is not None]
    if not known:
        return f"{name}: no score in the months shown."
    lowest, highest = (number(value, 0, pack.locale) for value in (min(known), max(known)))
    return (
        f"{name}: score {number(node.score, 0, pack.locale)} in {month(pack.period)}; "
        f"in the {len(history)} months shown between {lowest} and {highest}."
    )


def links_message(pack: Pack) -> str:
    """The alternative text of the strategy map's links: every one of them, in words."""
    names = {card.id: card.name for card in pack.objectives}
    links = [f"{card.name} to {names[to]}" for card in pack.objectives for to in card.leads_to if to in names]
    return f"Links: {'; '.join(links)}." if links else "No links between objectives are declared."


def waterfall_message(pack: Pack) -> str:
    """The alternative text of the waterfall: both scores and every contribution of at least 0.1 points."""
    if pack.node.previous is None or pack.node.score is None:
        return "There is no previous score to compare with."
    parts = [f"{part_name(c)} {number(c.points, 1, pack.locale, signed=True)}" for c in ranked(pack.contributions)]
    listed = "; ".join(parts) if parts else "no KPI moved it by 0.1 points or more"
    before, now = (number(v, 1, pack.locale) for v in (pack.node.previous, pack.node.score))
    return f"Score from {before} to {now}, contributions in points: {listed}."


def progress_message(initiative: InitiativeRow, locale: str) -> str:
    """The alternative text of an initiative's progress bar."""
    time = "" if initiative.elapsed is None else f", {percent(initiative.elapsed, 0, locale)} of its time has passed"
    return f"{initiative.name}: {percent(initiative.progress, 0, locale)} done{time}."


def side_of(points: float) -> Status | None:
    """The status whose colour a contribution takes.

    Good where it added, bad where it took, none where it rounds to zero.
    """
    return None if rounded(points, 1).is_zero() else "good" if points > 0 else "bad"
