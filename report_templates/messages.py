"""Sentences made from the numbers: one per perspective, and the words of counts and movements.

Belongs here: what is said about scores. The headline is ``headline.py``; single KPIs are ``kpi_messages.py``. Every
figure is rounded as the page rounds it, every word of direction follows the rounded figure, and no cause is claimed:
the only "explanation" is the arithmetic one, how many points of a change are a KPI's contribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from report_templates.formatting import (
    STATUS_WORDS,
    month,
    month_name,
    number,
    reason_words,
    rounded,
    short_day,
    short_month,
    shown_change,
)
from report_templates.history import MOST_MONTHS
from report_templates.kpi_messages import ordinal, state_of
from report_templates.signal_messages import short_signal
from scorecards.periods import add_months
from scorecards.words import plural
from transforms.pack import Contribution, KpiLine, NodeScore, Pack, PerspectivePage, Status


def perspective_sentence(pack: Pack, page: PerspectivePage) -> str:
    """One sentence about the perspective that its figures, which stand beside it, do not yet say."""
    if not page.kpis:
        return "No KPI of this perspective applies to this unit."
    scored = [line for line in page.kpis if line.band is not None]
    if not scored:
        reasons = sorted({reason_words(line.missing_reason) for line in page.kpis if line.missing_reason})
        return f"No score: {reasons[0]}." if len(reasons) == 1 else "No score: none of its KPIs could be scored."
    worst = _worst(pack, scored)
    if worst.band is not None and worst.band.status == "good":
        missing = len(page.kpis) - len(scored)
        if missing:
            return f"{_all_scored(len(scored))} on target; {missing} {'has' if missing == 1 else 'have'} no score."
        weakest = min(scored, key=lambda line: line.score if line.score is not None else 0.0)
        if len(scored) == 1:
            return f"{state_of(pack, weakest)}."
        return f"All {len(scored)} KPIs are on target."
    told = short_signal(worst)
    return f"{state_of(pack, worst)}; {told}." if told else f"{state_of(pack, worst)}{_duration(worst)}."


def not_applicable_sentence(pack: Pack) -> str:
    """Which perspectives have no KPI for this unit and therefore no page; empty where all have."""
    names = [page.name for page in pack.perspectives if not page.kpis]
    if not names or len(names) == len(pack.perspectives):
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed}: no KPI applies to this unit."


def who(pack: Pack) -> tuple[str, ...]:
    """Organisation, unit and scorecard as a title names them; a unit called like the organisation stands once."""
    names = (pack.organisation, pack.unit_name, pack.scorecard_name)
    return tuple(dict.fromkeys(name for name in names if name))


def period_words(pack: Pack) -> str:
    """``September 2025``, and where a calendar makes it of other days than the month's, its first and last day."""
    if pack.days is None:
        return month(pack.period)
    first, last = pack.days
    begun = short_day(first) if first.year != last.year else f"{first.day}\u00a0{short_month(first)}"
    return f"{month(pack.period)} ({begun} – {short_day(last)})"


def balance_sentence(pack: Pack) -> str:
    """How far the perspectives lie apart, from the lowest to the highest; empty where fewer than two have a score."""
    scored = [page for page in pack.perspectives if page.node.score is not None]
    if len(scored) < 2:
        return ""
    low = min(scored, key=lambda page: page.node.score or 0.0)
    high = max(scored, key=lambda page: page.node.score or 0.0)
    lowest, highest = (rounded(page.node.score or 0.0, 0) for page in (low, high))
    if lowest == highest:
        return f"All perspectives with a score stand at {number(low.node.score, 0, pack.locale)}."
    apart = plural(int(highest - lowest), "point")
    return f"Perspectives lie {apart} apart, from {low.name} to {high.name}."


def movement(node: NodeScore, locale: str = "en_GB") -> str:
    """``fell by 3.8``, ``rose by 1.2``, ``held``; empty where there is no previous score."""
    change = shown_change(node.score, node.previous)
    if change is None:
        return ""
    if not change:
        return "held"
    return f"{'rose' if change > 0 else 'fell'} by {number(abs(change), 1, locale)}"


def counted(node: NodeScore, status: Status) -> str:
    """``2 of 6 KPIs off target``: the count that stands beside every average."""
    if node.applicable and not any(node.by_status.values()):
        return (
            f"none of {plural(node.applicable, 'KPI')} has a score" if node.applicable > 1 else "its KPI has no score"
        )
    return f"{node.by_status.get(status, 0)} of {plural(node.applicable, 'KPI')} {STATUS_WORDS[status]}"


def previous_period(pack: Pack) -> date:
    """The month before the pack's."""
    return add_months(pack.period, -1)


def last_year(pack: Pack) -> date:
    """The pack's month, a year earlier."""
    return add_months(pack.period, -12)


def arrow(node: NodeScore) -> str:
    """``↑``, ``↓`` or ``→``, agreeing with the rounded change; empty where there is none."""
    change = shown_change(node.score, node.previous)
    if change is None:
        return ""
    return "→" if not change else "↑" if change > 0 else "↓"


def what_moved(pack: Pack) -> str:
    """The title of the waterfall, with its message."""
    if pack.node.change is None:
        return "What moved the score"
    return f"What moved the score since {month_name(previous_period(pack))}"


def ranked(contributions: Sequence[Contribution]) -> list[Contribution]:
    """Contributions that round to something, the largest first; ties stay in the pack's order."""
    shown = [c for c in contributions if not rounded(c.points, 1).is_zero()]
    return sorted(shown, key=lambda c: -abs(c.points))


def _all_scored(count: int) -> str:
    return "The one KPI with a score is" if count == 1 else f"All {count} KPIs with a score are"


def _worst(pack: Pack, lines: Sequence[KpiLine]) -> KpiLine:
    severity = {"bad": 0, "warning": 1, "good": 2}
    points = {c.kpi: c.points for c in pack.contributions}
    return min(
        lines,
        key=lambda line: (
            severity[line.band.status] if line.band else 3,
            points.get(line.id, 0.0),
            line.score if line.score is not None else 0.0,
        ),
    )


def _duration(line: KpiLine) -> str:
    if line.months_in_status < 2 or line.band is None:
        return ""
    shown = min(len(line.history), MOST_MONTHS)
    if line.months_in_status >= shown > 1:
        return f", as in all {shown} months shown"
    return f", for the {ordinal(line.months_in_status)} month running"
