"""The headline: the one sentence that a reader takes away when there are ten seconds only.

Belongs here: what it says and in which order it is shortened. Other sentences about scores are ``messages.py``.
"""

from __future__ import annotations

from report_templates.days import month
from report_templates.formatting import percent, rounded
from report_templates.language import language
from report_templates.messages import last_year
from report_templates.movement_words import part_name, ranked
from report_templates.score_figures import points_figure, points_of_score, score_figure, shown_change
from report_templates.signal_messages import events
from transforms.pack import Contribution, NodeScore, Pack

HEADLINE_LENGTH = 165
_SPECIAL = 2.0
COVERAGE_WORTH_NAMING = 0.9


def headline(pack: Pack) -> str:
    """The summary's title: one sentence of at most 165 characters.

    It says the score, its movement on last month and on last year, what carries it, and how many KPIs are off target.
    """
    node, say = pack.node, language(pack.locale)
    if node.score is None:
        return _nothing_scored(pack)
    opening = ", ".join(part for part in (_opening(pack), _against_last_year(pack), _coverage(pack)) if part)
    carriers, standing, with_events = _carriers(pack), _standing(node, pack.locale), _with_events(pack)
    endings = (with_events, standing) if with_events != standing else (standing,)
    for carrier, ending in (
        *((carrier, ending) for ending in endings for carrier in carriers),
        *((carrier, "") for carrier in carriers),
        *(("", ending) for ending in endings),
    ):
        sentence = _sentence(pack.locale, opening, carrier, ending)
        if len(sentence) <= HEADLINE_LENGTH:
            return sentence
    return say("%(clause)s.", clause=opening)


def _sentence(locale: str, opening: str, carrier: str, standing: str) -> str:
    say = language(locale)
    if carrier and standing:
        return say("%(opening)s: %(carrier)s; %(standing)s.", opening=opening, carrier=carrier, standing=standing)
    if carrier:
        return say("%(opening)s: %(carrier)s.", opening=opening, carrier=carrier)
    return say("%(opening)s; %(standing)s.", opening=opening, standing=standing)


def _opening(pack: Pack) -> str:
    say, score = language(pack.locale), score_figure(pack, pack.node.score)
    change = shown_change(pack, pack.node.score, pack.node.previous)
    if change is None:
        return say("The score is %(score)s", score=score)
    if not change:
        return say("The score held at %(score)s", score=score)
    size = points_figure(pack, abs(change))
    if change > 0:
        return say("The score rose by %(points)s to %(score)s", points=size, score=score)
    return say("The score fell by %(points)s to %(score)s", points=size, score=score)


def _against_last_year(pack: Pack) -> str:
    """``27 points below October 2025``: without it a good month in a bad year would mislead."""
    change = shown_change(pack, pack.node.score, pack.node.last_year)
    if change is None:
        return ""
    say, then = language(pack.locale), month(last_year(pack), pack.locale)
    size = rounded(abs(change), pack.score_digits)
    if size.is_zero():
        return say("level with %(month)s", month=then)
    apart = points_of_score(pack, size)
    if change > 0:
        return say("%(points)s above %(month)s", points=apart, month=then)
    return say("%(points)s below %(month)s", points=apart, month=then)


def _coverage(pack: Pack) -> str:
    """What part of the weight the score speaks for, where that is not nearly all of it."""
    if pack.node.coverage >= COVERAGE_WORTH_NAMING:
        return ""
    say = language(pack.locale)
    return say("on %(share)s of the weight", share=percent(pack.node.coverage, 0, pack.locale))


def _carriers(pack: Pack) -> list[str]:
    """What carries the movement, the fullest account first; what outweighs it the other way is never left out."""
    node, say = pack.node, language(pack.locale)
    change = shown_change(pack, node.score, node.previous)
    if change is None:
        return []
    moving = ranked(pack, pack.contributions)
    if not change:
        up = next((c for c in moving if c.points > 0), None)
        down = next((c for c in moving if c.points < 0), None)
        if up is None or down is None:
            return []
        return [say("%(added)s and %(took)s", added=_moved(pack, up), took=_moved(pack, down))]
    along = sorted((c for c in moving if c.points * change > 0), key=lambda c: -_newsworth(pack, c))
    against = next((c for c in moving if c.points * change < 0), None)
    if not along:
        return []
    first = _moved(pack, along[0])
    two = _both_moved(pack, along[0], along[1]) if len(along) > 1 else first
    if against is not None and abs(against.points) > max(abs(c.points) for c in along):
        but = _moved(pack, against)
        return [say("%(carried)s, but %(against)s", carried=each, against=but) for each in (two, first)]
    return [two, first]


def _moved(pack: Pack, part: Contribution) -> str:
    say, name, size = language(pack.locale), part_name(part, pack.locale), points_figure(pack, abs(part.points))
    if part.points > 0:
        return say("%(part)s added %(points)s", part=name, points=size)
    return say("%(part)s took %(points)s", part=name, points=size)


def _both_moved(pack: Pack, part: Contribution, other: Contribution) -> str:
    """Two parts that moved the score the same way."""
    values = {
        "part": part_name(part, pack.locale), "points": points_figure(pack, abs(part.points)),
        "other": part_name(other, pack.locale), "more": points_figure(pack, abs(other.points)),
    }  # fmt: skip
    say = language(pack.locale)
    if part.points > 0:
        return say("%(part)s added %(points)s and %(other)s %(more)s", **values)
    return say("%(part)s took %(points)s and %(other)s %(more)s", **values)


def _newsworth(pack: Pack, part: Contribution) -> float:
    """Its points; those of a KPI whose chart shows a special cause count twice, since the usual is less of news."""
    line = next((line for line in pack.kpis if line.id == part.kpi), None)
    is_special = line is not None and line.variation not in (None, "common cause")
    return abs(part.points) * (_SPECIAL if is_special else 1.0)


def _standing(node: NodeScore, locale: str) -> str:
    say = language(locale)
    bad, warning = node.by_status.get("bad", 0), node.by_status.get("warning", 0)
    scored = sum(node.by_status.values())
    if bad:
        return _off_target(node.applicable, bad, locale)
    if warning:
        return say.ngettext(
            "no KPI is off target, %(count)s is near it", "no KPI is off target, %(count)s are near it", warning
        )
    if scored == node.applicable and scored:
        return say.ngettext("its one KPI is on target", "all %(count)s KPIs are on target", scored)
    return say.ngettext(
        "the one KPI with a score is on target", "all %(count)s KPIs with a score are on target", scored
    )


def _off_target(of_all: int, bad: int, locale: str) -> str:
    say = language(locale)
    if of_all == 1:
        return say("1 of 1 KPI is off target")
    return say.ngettext(
        "%(count)s of %(all)s KPIs is off target", "%(count)s of %(all)s KPIs are off target", bad, all=of_all
    )


def _with_events(pack: Pack) -> str:
    """The standing with how many of the KPIs off target are this month's events, where charts tell them apart.

    Where charts judge some of them only, it says how many: the others may be events too.
    """
    (judged, count), standing = events(pack.kpis), _standing(pack.node, pack.locale)
    if not count:
        return standing
    say = language(pack.locale)
    if judged < pack.node.by_status.get("bad", 0):
        return say(
            "%(standing)s (%(judged)s judged, %(count)s by special cause)",
            standing=standing, judged=judged, count=count,
        )  # fmt: skip
    return say.ngettext(
        "%(standing)s, %(count)s of them by special cause", "%(standing)s, %(count)s of them by special cause",
        count, standing=standing,
    )  # fmt: skip


def _nothing_scored(pack: Pack) -> str:
    say, now, of_all = language(pack.locale), month(pack.period, pack.locale), pack.node.applicable
    if of_all == 0:
        return say("No score for %(month)s: no KPI applies to this unit.", month=now)
    scored = sum(pack.node.by_status.values())
    if scored:
        return say.ngettext(
            "No score for %(month)s: only %(scored)s of %(count)s KPI could be scored.",
            "No score for %(month)s: only %(scored)s of %(count)s KPIs could be scored.",
            of_all, month=now, scored=scored,
        )  # fmt: skip
    return say.ngettext(
        "No score for %(month)s: none of %(count)s KPI could be scored.",
        "No score for %(month)s: none of %(count)s KPIs could be scored.",
        of_all, month=now,
    )  # fmt: skip
