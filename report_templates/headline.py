"""The headline: the one sentence that a reader takes away when there are ten seconds only.

Belongs here: what it says and in which order it is shortened. Other sentences about scores are ``messages.py``.
"""

from __future__ import annotations

from report_templates.formatting import month, number, percent, rounded, shown_change
from report_templates.messages import counted, last_year, movement, ranked
from report_templates.movement_words import part_name
from report_templates.signal_messages import events
from scorecards.words import plural
from transforms.pack import Contribution, NodeScore, Pack

HEADLINE_LENGTH = 165
_SPECIAL = 2.0
COVERAGE_WORTH_NAMING = 0.9


def headline(pack: Pack) -> str:
    """The summary's title: one sentence of at most 165 characters.

    It says the score, its movement on last month and on last year, what carries it, and how many KPIs are off target.
    """
    node = pack.node
    if node.score is None:
        return _nothing_scored(pack)
    opening = f"{_opening(node, pack.locale)}{_against_last_year(pack)}{_coverage(pack)}"
    carriers, standing = _carriers(pack), f"; {_standing(node)}"
    with_events = f"{standing}{_events(pack)}"
    tries = (with_events, standing) if with_events != standing else (standing,)
    for ending in (*(f"{carrier}{s}" for s in tries for carrier in carriers), *carriers, *tries):
        sentence = f"{opening}{ending}."
        if len(sentence) <= HEADLINE_LENGTH:
            return sentence
    return f"{opening}."


def _opening(node: NodeScore, locale: str) -> str:
    score = number(node.score, 0, locale)
    moved = movement(node, locale)
    if not moved:
        return f"The score is {score}"
    if moved == "held":
        return f"The score held at {score}"
    return f"The score {moved} to {score}"


def _against_last_year(pack: Pack) -> str:
    """``, 27 points below October 2025``: without it a good month in a bad year would mislead."""
    change = shown_change(pack.node.score, pack.node.last_year)
    if change is None:
        return ""
    size = rounded(abs(change), 0)
    if size.is_zero():
        return f", level with {month(last_year(pack))}"
    return f", {plural(int(size), 'point')} {'above' if change > 0 else 'below'} {month(last_year(pack))}"


def _coverage(pack: Pack) -> str:
    """What part of the weight the score speaks for, where that is not nearly all of it."""
    if pack.node.coverage >= COVERAGE_WORTH_NAMING:
        return ""
    return f", on {percent(pack.node.coverage, 0, pack.locale)} of the weight"


def _carriers(pack: Pack) -> list[str]:
    """What carries the movement, the fullest account first; what outweighs it the other way is never left out."""
    node, locale = pack.node, pack.locale
    change = shown_change(node.score, node.previous)
    if change is None:
        return []
    moving = ranked(pack.contributions)

    def said(c: Contribution, *, first: bool) -> str:
        verb = f"{'added' if c.points > 0 else 'took'} " if first else ""
        return f"{part_name(c)} {verb}{number(abs(c.points), 1, locale)}"

    if not change:
        up = next((c for c in moving if c.points > 0), None)
        down = next((c for c in moving if c.points < 0), None)
        return [f": {said(up, first=True)} and {said(down, first=True)}"] if up and down else []
    along = sorted((c for c in moving if c.points * change > 0), key=lambda c: -_newsworth(pack, c))
    against = next((c for c in moving if c.points * change < 0), None)
    if not along:
        return []
    first = f": {said(along[0], first=True)}"
    two = f"{first} and {said(along[1], first=False)}" if len(along) > 1 else first
    if against is not None and abs(against.points) > max(abs(c.points) for c in along):
        but = f", but {said(against, first=True)}"
        return [f"{two}{but}", f"{first}{but}"]
    return [two, first]


def _newsworth(pack: Pack, part: Contribution) -> float:
    """Its points; those of a KPI whose chart shows a special cause count twice, since the usual is less of news."""
    line = next((line for line in pack.kpis if line.id == part.kpi), None)
    is_special = line is not None and line.variation not in (None, "common cause")
    return abs(part.points) * (_SPECIAL if is_special else 1.0)


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


def _events(pack: Pack) -> str:
    """How many of the KPIs off target are this month's events, where charts tell them from the usual."""
    count = events(pack.kpis)
    return f", {count} of them by special cause" if count else ""


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _nothing_scored(pack: Pack) -> str:
    if pack.node.applicable == 0:
        return f"No score for {month(pack.period)}: no KPI applies to this unit."
    scored, of_all = sum(pack.node.by_status.values()), plural(pack.node.applicable, "KPI")
    if scored:
        return f"No score for {month(pack.period)}: only {scored} of {of_all} could be scored."
    return f"No score for {month(pack.period)}: none of {of_all} could be scored."
