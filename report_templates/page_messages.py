"""The sentences that open the pages behind the summary: strategy map, initiatives, data.

Belongs here: one sentence per page, made from counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.formatting import number, percent
from report_templates.kpi_messages import NO_EXPLANATION, ExceptionRow
from scorecards.words import plural
from transforms.pack import KpiLine, Pack

_MOST_NAMES = 12


def map_sentence(pack: Pack) -> str:
    """The strategy map's message: how many objectives stand where, and the lowest of them."""
    cards = [card for card in pack.objectives if card.node.band is not None]
    if not cards:
        return f"None of {plural(len(pack.objectives), 'objective')} has a score."
    off = sum(card.node.band is not None and card.node.band.status == "bad" for card in cards)
    lowest = min(cards, key=lambda card: card.node.score or 0.0)
    score = number(lowest.node.score, 0, pack.locale)
    return f"{off} of {plural(len(pack.objectives), 'objective')} off target; the lowest is {lowest.name} at {score}."


def scorecard_sentence(pack: Pack) -> str:
    """How many KPIs stand where, and how much of the weight has data."""
    counts = pack.node.by_status
    off, near, on = (counts.get(status, 0) for status in ("bad", "warning", "good"))
    rest = pack.node.applicable - off - near - on
    parts = [f"{off} of {plural(pack.node.applicable, 'KPI')} off target, {near} near it, {on} on it"]
    if rest:
        parts.append(f"{rest} without a score")
    if pack.node.coverage < 0.9995:
        parts.append(f"{percent(pack.node.coverage, 0, pack.locale)} of the weight has data")
    return f"{'; '.join(parts)}."


def scorecard_legend(has_to_date: bool) -> str:
    """What the scorecard's columns mean where their heads do not say it."""
    to_date = " Year to date: where it follows from what is declared." if has_to_date else ""
    return (
        "Δ: actual less target, coloured by its meaning. Line: actual, dashed: target. Score: 100 is the target. "
        f"◆ concern, ◇ improvement, ◈ neither.{to_date}"
    )


def left_out_of_table(lines: Sequence[KpiLine]) -> str:
    """The KPIs that a single page has no row for, by name as far as a line holds."""
    verb = "has" if len(lines) == 1 else "have"
    return f"{plural(len(lines), 'KPI')} with better scores {verb} no row here: {_some([line.name for line in lines])}."


def left_out_exceptions(found: Sequence[ExceptionRow]) -> str:
    """The exceptions of which a single page tells no more than their row of figures, by name."""
    off = _some([row.line.name for row in found if row.status == "bad"])
    concerns = _some([row.line.name for row in found if row.status != "bad"])
    parts = [f"Also off target: {off}"] if off else []
    if concerns:
        parts.append(f"{'special' if off else 'Special'} causes of concern: {concerns}")
    return f"{'; '.join(parts)}."


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def exceptions_sentence(pack: Pack, found: Sequence[ExceptionRow]) -> str:
    """How many exceptions there are, and how many of those off target nobody has explained."""
    off = [row for row in found if row.status == "bad"]
    silent = sum(row.response == NO_EXPLANATION for row in off)
    parts = [f"{len(off)} of {plural(pack.node.applicable, 'KPI')} off target"]
    if len(found) > len(off):
        parts.append(f"{plural(len(found) - len(off), 'further special cause', 'further special causes')} of concern")
    if silent:
        parts.append(f"{silent} of those off target without an explanation")
    return f"{'; '.join(parts)}."


def cascade_sentence(pack: Pack) -> str:
    """How many units stand below, and how many objectives serve one above."""
    parts = [f"{plural(len(pack.children), 'unit')} below"] if pack.children else []
    if pack.line_of_sight:
        count = len(pack.objectives)
        parts.append(f"{len(pack.line_of_sight)} of {plural(count, 'objective')} here support one above")
    return f"{'; '.join(parts)}."


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
