"""Sentences made from the numbers: the headline, one per perspective, and the message of a chart.

Belongs here: what is said about scores. What is said about single KPIs is ``kpi_messages.py``. Every figure is rounded
as the page rounds it, every word of direction follows the rounded figure, and no cause is claimed: the only
"explanation" is the arithmetic one, how many points of a change are a KPI's contribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from report_templates.formatting import STATUS_WORDS, month, month_name, number, reason_words, rounded
from report_templates.kpi_messages import ordinal, plural, state_of
from scorecards.periods import add_months
from transforms.pack import Contribution, KpiLine, NodeScore, Pack, PerspectivePage, Status

HEADLINE_LENGTH = 110
WORTH_NAMING = 0.1


def headline(pack: Pack) -> str:
    """The summary's title: one sentence of at most about 110 characters."""
    node = pack.node
    if node.score is None:
        return _nothing_scored(pack)
    opening = _opening(node, pack.locale)
    for ending in _endings(pack):
        sentence = f"{opening}{ending}."
        if len(sentence) <= HEADLINE_LENGTH:
            return sentence
    return f"{opening}."


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
    return f"{state_of(pack, worst)}{_duration(worst)}."


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
    if node.change is None:
        return ""
    if rounded(node.change, 1).is_zero():
        return "held"
    return f"{'rose' if node.change > 0 else 'fell'} by {number(abs(node.change), 1, locale)}"


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
    if node.change is None:
        return ""
    change = rounded(node.change, 1)
    return "→" if change.is_zero() else "↑" if change > 0 else "↓"


def what_moved(pack: Pack) -> str:
    """The title of the waterfall, with its message."""
    if pack.node.change is None:
        return "What moved the score"
    return f"What moved the score since {month_name(previous_period(pack))}"


def ranked(contributions: Sequence[Contribution]) -> list[Contribution]:
    """Contributions that round to something, the largest first; ties stay in the pack's order."""
    shown = [c for c in contributions if not rounded(c.points, 1).is_zero()]
    return sorted(shown, key=lambda c: -abs(c.points))


def _nothing_scored(pack: Pack) -> str:
    if pack.node.applicable == 0:
        return f"No score for {month(pack.period)}: no KPI applies to this unit."
    scored, of_all = sum(pack.node.by_status.values()), plural(pack.node.applicable, "KPI")
    if scored:
        return f"No score for {month(pack.period)}: only {scored} of {of_all} could be scored."
    return f"No score for {month(pack.period)}: none of {of_all} could be scored."


def _opening(node: NodeScore, locale: str) -> str:
    score = number(node.score, 0, locale)
    moved = movement(node, locale)
    if not moved:
        return f"The score is {score}"
    if moved == "held":
        return f"The score held at {score}"
    return f"The score {moved} to {score}"


def _endings(pack: Pack) -> list[str]:
    """Possible ends of the headline, the fullest first."""
    node, locale = pack.node, pack.locale
    endings: list[str] = []
    moving = [c for c in ranked(pack.contributions) if abs(c.points) >= WORTH_NAMING] if node.change is not None else []
    change = 0.0 if node.change is None or rounded(node.change, 1).is_zero() else node.change
    along = [c for c in moving if c.points * change > 0]
    if along:
        verb = "added" if change > 0 else "took"
        first = f": {along[0].name} {verb} {number(abs(along[0].points), 1, locale)}"
        if len(along) > 1:
            endings.append(f"{first} and {along[1].name} {number(abs(along[1].points), 1, locale)}")
        endings.append(first)
    elif change == 0.0 and node.change is not None:
        up = next((c for c in moving if c.points > 0), None)
        down = next((c for c in moving if c.points < 0), None)
        if up and down:
            gained, lost = number(up.points, 1, locale), number(abs(down.points), 1, locale)
            endings.append(f": {up.name} added {gained} and {down.name} took {lost}")
    endings.append(f"; {_standing(node)}")
    return endings


def _standing(node: NodeScore) -> str:
    bad, warning = node.by_status.get("bad", 0), node.by_status.get("warning", 0)
    scored = sum(node.by_status.values())
    if bad:
        return counted(node, "bad").replace(" KPI ", " KPI is ").replace(" KPIs ", f" KPIs {_is(bad)} ")
    if warning:
        return f"no KPI is off target, {warning} {_is(warning)} near it"
    if scored == node.applicable and scored:
        return f"{'its one KPI is' if scored == 1 else f'all {scored} KPIs are'} on target"
    return f"{'the one KPI with a score is' if scored == 1 else f'all {scored} KPIs with a score are'} on target"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


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
    if line.months_in_status >= len(line.history) > 1:
        return f", as in all {line.months_in_status} months shown"
    return f", for the {ordinal(line.months_in_status)} month running"
