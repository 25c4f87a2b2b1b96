"""Sentences on balance, on how sure a score is, and on what moved it since last year.

Belongs here: words about figures that the pack holds. Judgement is that of the declared limits, never of this room.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.days import month
from report_templates.declared_words import level_words
from report_templates.formatting import percent
from report_templates.language import Language, language
from report_templates.messages import last_year
from report_templates.movement_words import part_name, ranked
from report_templates.score_figures import least_points, points_figure, score_figure, shown_change
from transforms.pack import Certainty, Finding, Pack

_MOST_PARTS = 6


def out_of_balance(pack: Pack, *, on_summary: bool = False) -> str:
    """The findings after the words that open them; empty where there are none."""
    found = " ".join(finding_sentences(pack, on_summary=on_summary))
    say = language(pack.locale)
    return say("Out of balance: %(findings)s", findings=found) if found else ""


def finding_sentences(pack: Pack, *, on_summary: bool = False) -> list[str]:
    """What is out of balance, the most misleading first; on the summary without what a tile there says already."""
    say = language(pack.locale)
    found = _hides(say, [finding for finding in pack.findings if finding.kind == "hides_red"])
    found += [_heavy(pack, finding) for finding in pack.findings if finding.kind == "heavy_perspective"]
    found += _holds(say, [finding for finding in pack.findings if finding.kind == "holds_red"])
    if not on_summary:
        found += [_apart(pack, finding) for finding in pack.findings if finding.kind == "far_apart"]
    return found


def balance_line(pack: Pack) -> str:
    """``Balance: …`` with the figures of the method page; empty where fewer than two perspectives have a score."""
    balance, say = pack.balance, language(pack.locale)
    if balance is None:
        return ""
    mean = points_figure(pack, balance.arithmetic)
    if balance.geometric is None or balance.shortfall is None:
        first = say("Balance: the perspectives' mean is %(mean)s.", mean=mean)
    else:
        first = say(
            "Balance: the perspectives' mean is %(mean)s, the geometric mean %(geometric)s: %(shortfall)s lower, which "
            "is what imbalance costs.",
            mean=mean,
            geometric=points_figure(pack, balance.geometric),
            shortfall=points_figure(pack, balance.shortfall),
        )
    second = say(
        "%(spread)s points lie between %(worst)s and %(best)s; %(heaviest)s weighs most, %(share)s.",
        spread=points_figure(pack, balance.spread),
        worst=balance.worst,
        best=balance.best,
        heaviest=balance.heaviest,
        share=percent(balance.heaviest_share, 0, pack.locale),
    )
    return f"{first} {second}"


def range_sentence(pack: Pack) -> str:
    """``With weights off by a quarter: 69 to 75.``; empty where the shown score would not change."""
    if not pack.certainty or pack.node.score is None:
        return ""
    low, high = range_shown(pack, pack.certainty[0])
    if low == high:
        return ""
    say = language(pack.locale)
    return say("With weights off by %(share)s: %(low)s to %(high)s.", share=weights_off(pack), low=low, high=high)


def range_shown(pack: Pack, certain: Certainty) -> tuple[str, str]:
    """Both ends of a range as the page shows scores."""
    return score_figure(pack, certain.low), score_figure(pack, certain.high)


def weights_off(pack: Pack) -> str:
    """``a quarter``, ``30 %``, as they stand after ``off by``."""
    say = language(pack.locale)
    spoken = {
        0.1: say.pgettext("off by", "a tenth"), 0.2: say.pgettext("off by", "a fifth"),
        0.25: say.pgettext("off by", "a quarter"), 0.5: say.pgettext("off by", "half"),
    }  # fmt: skip
    return spoken.get(round(pack.weights_off, 4), percent(pack.weights_off, 0, pack.locale))


def chance(pack: Pack, share: float | None) -> str:
    """A chance as a percentage; whatever is not quite certain is never shown as 0 or 100 %."""
    if share is None:
        return ""
    say = language(pack.locale)
    if 0 < share < 0.005:
        return say("below %(share)s", share=percent(0.01, 0, pack.locale))
    if 0.995 <= share < 1:
        return say("above %(share)s", share=percent(0.99, 0, pack.locale))
    return percent(share, 0, pack.locale)


def rank_words(pack: Pack, certain: Certainty) -> str:
    """``3 of 12 divisions; 2 to 4 with other weights``; empty where there is nobody to compare with."""
    if certain.rank is None or certain.ranked is None:
        return ""
    say, units = language(pack.locale), level_words(pack.unit_level, certain.ranked, pack.locale)
    if certain.rank_low == certain.rank_high:
        return say("%(rank)s of %(units)s", rank=certain.rank, units=units)
    return say(
        "%(rank)s of %(units)s; %(low)s to %(high)s with other weights",
        rank=certain.rank, units=units, low=certain.rank_low, high=certain.rank_high,
    )  # fmt: skip


def year_line(pack: Pack) -> str:
    """What moved the score since the same month of last year; empty where there is no score to compare with."""
    say, locale = language(pack.locale), pack.locale
    change = shown_change(pack, pack.node.score, pack.node.last_year)
    if change is None or not pack.contributions_on_year:
        return ""
    moved = ranked(pack, pack.contributions_on_year)
    parts = [
        f"{part_name(part, locale)} {points_figure(pack, part.points, signed=True)}" for part in moved[:_MOST_PARTS]
    ]
    rest = sum(part.points for part in pack.contributions_on_year) - sum(part.points for part in moved[:_MOST_PARTS])
    if len(moved) > _MOST_PARTS:
        parts.append(say("all else %(points)s", points=points_figure(pack, rest, signed=True)))
    return say(
        "Since %(month)s: %(change)s points. %(parts)s.",
        month=month(last_year(pack), locale),
        change=points_figure(pack, change, signed=True),
        parts="; ".join(parts) or say("no part moved it by %(least)s points or more", least=least_points(pack)),
    )


def _hides(say: Language, findings: Sequence[Finding]) -> list[str]:
    """One sentence for each best perspective."""
    sentences = []
    for best in dict.fromkeys(finding.perspective for finding in findings):
        red = [finding.other for finding in findings if finding.perspective == best]
        sentences.append(
            say.ngettext(
                "%(red)s is off target; without %(best)s, the best perspective, the overall score would be in a lower "
                "band.",
                "%(red)s are off target; without %(best)s, the best perspective, the overall score would be in a lower "
                "band.",
                len(red),
                red=say.listed(red),
                best=best,
            )
        )
    return sentences


def _heavy(pack: Pack, finding: Finding) -> str:
    say = language(pack.locale)
    if pack.balance is None:
        return say("%(perspective)s carries the weight of all perspectives.", perspective=finding.perspective)
    share = percent(pack.balance.heaviest_share, 0, pack.locale)
    return say(
        "%(perspective)s carries %(share)s of the weight of all perspectives.",
        perspective=finding.perspective, share=share,
    )  # fmt: skip


def _holds(say: Language, findings: Sequence[Finding]) -> list[str]:
    """One sentence a perspective; its red KPIs, or its red objectives where no KPI of it is red."""
    sentences = []
    for perspective in dict.fromkeys(finding.perspective for finding in findings):
        own = [finding for finding in findings if finding.perspective == perspective]
        named = [f.other for f in own if f.level == "kpi"] or [f.other for f in own]
        sentences.append(
            say.ngettext(
                "%(perspective)s is on target, but %(red)s is off target.",
                "%(perspective)s is on target, but %(red)s are off target.",
                len(named),
                perspective=perspective,
                red=say.listed(named),
            )
        )
    return sentences


def _apart(pack: Pack, finding: Finding) -> str:
    say, names = language(pack.locale), {"perspective": finding.perspective, "other": finding.other}
    if pack.balance is None:
        return say("%(perspective)s lies below %(other)s.", **names)
    spread = score_figure(pack, pack.balance.spread)
    return say("%(perspective)s lies %(spread)s points below %(other)s.", spread=spread, **names)
