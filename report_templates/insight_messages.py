"""Sentences on balance, on how sure a score is, and on what moved it since last year.

Belongs here: words about figures that the pack holds. Judgement is that of the declared limits, never of this room.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.formatting import STATUS_WORDS, month, number, percent, shown_change
from report_templates.messages import last_year, ranked
from report_templates.movement_words import part_name
from scorecards.words import plural
from transforms.pack import Certainty, Finding, Pack

_MOST_PARTS = 6
_BY = {0.1: "a tenth", 0.2: "a fifth", 0.25: "a quarter", 0.5: "half"}


def finding_sentences(pack: Pack, *, on_summary: bool = False) -> list[str]:
    """What is out of balance, the most misleading first; on the summary without what a tile there says already."""
    found = _hides([finding for finding in pack.findings if finding.kind == "hides_red"])
    found += [_heavy(pack, finding) for finding in pack.findings if finding.kind == "heavy_perspective"]
    found += _holds([finding for finding in pack.findings if finding.kind == "holds_red"])
    if not on_summary:
        found += [_apart(pack, finding) for finding in pack.findings if finding.kind == "far_apart"]
    return found


def balance_line(pack: Pack) -> str:
    """``Balance: …`` with the figures of the method page; empty where fewer than two perspectives have a score."""
    balance = pack.balance
    if balance is None:
        return ""
    mean, spread, share = (
        number(balance.arithmetic, 1, pack.locale),
        number(balance.spread, 1, pack.locale),
        percent(balance.heaviest_share, 0, pack.locale),
    )
    geometric = (
        ""
        if balance.geometric is None or balance.shortfall is None
        else f", the geometric mean {number(balance.geometric, 1, pack.locale)}: "
        f"{number(balance.shortfall, 1, pack.locale)} lower, which is what imbalance costs"
    )
    return (
        f"Balance: the perspectives' mean is {mean}{geometric}. {spread} points lie between {balance.worst} and "
        f"{balance.best}; {balance.heaviest} weighs most, {share}."
    )


def range_sentence(pack: Pack) -> str:
    """``With weights off by a quarter: 69 to 75.``; empty where the shown score would not change."""
    if not pack.certainty or pack.node.score is None:
        return ""
    low, high = range_shown(pack, pack.certainty[0])
    if low == high:
        return ""
    return f"With weights off by {weights_off(pack)}: {low} to {high}."


def range_shown(pack: Pack, certain: Certainty) -> tuple[str, str]:
    """Both ends of a range as the page shows scores."""
    return number(certain.low, 0, pack.locale), number(certain.high, 0, pack.locale)


def weights_off(pack: Pack) -> str:
    """``a quarter``, ``30 %``."""
    return _BY.get(round(pack.weights_off, 4), percent(pack.weights_off, 0, pack.locale))


def chance(pack: Pack, share: float | None) -> str:
    """A chance as a percentage; whatever is not quite certain is never shown as 0 or 100 %."""
    if share is None:
        return ""
    if 0 < share < 0.005:
        return f"below {percent(0.01, 0, pack.locale)}"
    if 0.995 <= share < 1:
        return f"above {percent(0.99, 0, pack.locale)}"
    return percent(share, 0, pack.locale)


def rank_words(pack: Pack, certain: Certainty) -> str:
    """``3 of 12; 2 to 4 with other weights``; empty where there is nobody to compare with."""
    if certain.rank is None or certain.ranked is None:
        return ""
    words = f"{certain.rank} of {plural(certain.ranked, pack.unit_level)}"
    if certain.rank_low == certain.rank_high:
        return words
    return f"{words}; {certain.rank_low} to {certain.rank_high} with other weights"


def year_line(pack: Pack) -> str:
    """What moved the score since the same month of last year; empty where there is no score to compare with."""
    change = shown_change(pack.node.score, pack.node.last_year)
    if change is None or not pack.contributions_on_year:
        return ""
    moved = ranked(pack.contributions_on_year)
    parts = [f"{part_name(part)} {number(part.points, 1, pack.locale, signed=True)}" for part in moved[:_MOST_PARTS]]
    rest = sum(part.points for part in pack.contributions_on_year) - sum(part.points for part in moved[:_MOST_PARTS])
    if len(moved) > _MOST_PARTS:
        parts.append(f"all else {number(rest, 1, pack.locale, signed=True)}")
    listed = "; ".join(parts) or "no part moved it by 0.1 points or more"
    total = number(change, 1, pack.locale, signed=True)
    return f"Since {month(last_year(pack))}: {total} points. {listed}."


def _hides(findings: Sequence[Finding]) -> list[str]:
    """One sentence for each best perspective."""
    sentences = []
    for best in dict.fromkeys(finding.perspective for finding in findings):
        red = [finding.other for finding in findings if finding.perspective == best]
        sentences.append(
            f"{_listed(red)} {_are(red)} {STATUS_WORDS['bad']}; without {best}, the best perspective, the overall "
            "score would be in a lower band."
        )
    return sentences


def _heavy(pack: Pack, finding: Finding) -> str:
    share = "" if pack.balance is None else f" {percent(pack.balance.heaviest_share, 0, pack.locale)} of"
    return f"{finding.perspective} carries{share} the weight of all perspectives."


def _holds(findings: Sequence[Finding]) -> list[str]:
    """One sentence a perspective; its red KPIs, or its red objectives where no KPI of it is red."""
    sentences = []
    for perspective in dict.fromkeys(finding.perspective for finding in findings):
        own = [finding for finding in findings if finding.perspective == perspective]
        named = [f.other for f in own if f.level == "kpi"] or [f.other for f in own]
        red = f"{_listed(named)} {_are(named)} {STATUS_WORDS['bad']}"
        sentences.append(f"{perspective} is {STATUS_WORDS['good']}, but {red}.")
    return sentences


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _apart(pack: Pack, finding: Finding) -> str:
    spread = "" if pack.balance is None else f" {number(pack.balance.spread, 0, pack.locale)} points"
    return f"{finding.perspective} lies{spread} below {finding.other}."
