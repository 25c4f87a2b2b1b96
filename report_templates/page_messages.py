"""The sentences that open the pages behind the summary: strategy map, initiatives, data.

Belongs here: one sentence per page, made from counts.
"""

from __future__ import annotations

from report_templates.formatting import number, percent
from scorecards.words import plural
from transforms.pack import Pack


def map_sentence(pack: Pack) -> str:
    """The strategy map's message: how many objectives stand where, and the lowest of them."""
    cards = [card for card in pack.objectives if card.node.band is not None]
    if not cards:
        return f"None of {plural(len(pack.objectives), 'objective')} has a score."
    off = sum(card.node.band is not None and card.node.band.status == "bad" for card in cards)
    lowest = min(cards, key=lambda card: card.node.score or 0.0)
    score = number(lowest.node.score, 0, pack.locale)
    return f"{off} of {plural(len(pack.objectives), 'objective')} off target; the lowest is {lowest.name} at {score}."


def initiatives_sentence(pack: Pack) -> str:
    """How many initiatives and actions there are, and how many of them are late."""
    late = sum(initiative.is_late for initiative in pack.initiatives)
    overdue = sum(action.is_overdue for action in pack.actions)
    parts = []
    if pack.initiatives:
        parts.append(f"{late} of {plural(len(pack.initiatives), 'initiative')} late")
    if pack.actions:
        parts.append(f"{overdue} of {plural(len(pack.actions), 'action')} overdue")
    return f"{', '.join(parts)}."


def data_sentence(pack: Pack) -> str:
    """Coverage, and which sources did not arrive whole."""
    coverage = f"{percent(pack.node.coverage, 0, pack.locale)} of the weight has data"
    absent = [
        f"source {s.source} {'is missing' if s.state == 'missing' else 'was refused'}"
        for s in pack.sources
        if s.state != "loaded"
    ]
    rejected = sum(s.rejected for s in pack.sources if s.state == "loaded")
    parts = [coverage, *absent]
    if rejected:
        parts.append(f"{number(rejected, 0, pack.locale)} {'row' if rejected == 1 else 'rows'} rejected")
    return f"{'; '.join(parts)}."
