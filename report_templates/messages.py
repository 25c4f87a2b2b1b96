"""Sentences made from the numbers: one per perspective, and the words of counts and movements.

Belongs here: what is said about scores. The headline is ``headline.py``; single KPIs are ``kpi_messages.py``. Every
figure is rounded as the page rounds it, every word of direction follows the rounded figure, and no cause is claimed:
the only "explanation" is the arithmetic one, how many points of a change are a KPI's contribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from report_templates.counts import ordinal
from report_templates.days import day, month, month_name, short_day, short_month
from report_templates.formatting import rounded
from report_templates.history import MOST_MONTHS
from report_templates.kpi_messages import months_on_side, state_of
from report_templates.language import language
from report_templates.perspective_movement import movement_clause
from report_templates.reasons import reason_words
from report_templates.score_figures import change_figure, points_of_score, score_figure, shown_change
from report_templates.signal_messages import short_signal
from scorecards.periods import add_months
from transforms.pack import KpiLine, NodeScore, Pack, PerspectivePage


def perspective_sentence(pack: Pack, page: PerspectivePage) -> str:
    """One sentence about the perspective that its figures, which stand beside it, do not yet say."""
    say = language(pack.locale)
    if not page.kpis:
        return say("No KPI of this perspective applies to this unit.")
    scored = [line for line in page.kpis if line.band is not None]
    if not scored:
        reasons = {line.missing_reason for line in page.kpis if line.missing_reason}
        words = sorted(reason_words(reason, pack.locale) for reason in reasons)
        if len(words) == 1:
            return say("No score: %(reason)s.", reason=words[0])
        return say("No score: none of its KPIs could be scored.")
    worst = _worst(pack, scored)
    if worst.band is not None and worst.band.status == "good":
        clauses = [_all_on_target(pack, scored, len(page.kpis) - len(scored)), movement_clause(pack, page, None)]
    else:
        told, state = short_signal(worst, pack.locale), state_of(pack, worst)
        clauses = [*([state, told] if told else [_lasting(pack, worst, state)]), movement_clause(pack, page, worst)]
    return say("%(clause)s.", clause="; ".join(clause for clause in clauses if clause))


def not_applicable_sentence(pack: Pack) -> str:
    """Which perspectives have no KPI for this unit and therefore no page; empty where all have."""
    names = [page.name for page in pack.perspectives if not page.kpis]
    if not names or len(names) == len(pack.perspectives):
        return ""
    say = language(pack.locale)
    return say("%(perspectives)s: no KPI applies to this unit.", perspectives=say.listed(names))


def who(pack: Pack) -> tuple[str, ...]:
    """Organisation, unit and scorecard as a title names them; a unit called like the organisation stands once."""
    names = (pack.organisation, pack.unit_name, pack.scorecard_name)
    return tuple(dict.fromkeys(name for name in names if name))


def period_words(pack: Pack) -> str:
    """``September 2025``, and where a calendar makes it of other days than the month's, its first and last day."""
    locale = pack.locale
    if pack.days is None:
        return month(pack.period, locale)
    first, last = pack.days
    if first.year == last.year and language(locale).is_english:
        begun = f"{first.day}\u00a0{short_month(first, locale)}"
    else:
        begun = short_day(first, locale)
    return f"{month(pack.period, locale)} ({begun} – {short_day(last, locale)})"


def edition_line(pack: Pack) -> str:
    """What stands at the foot of every page: whose pack it is, of when, which edition, and how far the data go."""
    say = language(pack.locale)
    edition = [say("edition %(number)s", number=pack.edition.number)] if pack.edition else []
    private = [say("for this person alone")] if pack.is_private else []
    known = known_words(pack.known_on, pack.locale)
    return " · ".join((*who(pack), month(pack.period, pack.locale), *edition, known, *private))


def known_words(known_on: date | None, locale: str) -> str:
    """``data known on 4 November 2026``."""
    say = language(locale)
    return say("data known on %(day)s", day=day(known_on, locale))


def balance_sentence(pack: Pack) -> str:
    """How far the perspectives lie apart, from the lowest to the highest; empty where fewer than two have a score."""
    scored = [page for page in pack.perspectives if page.node.score is not None]
    if len(scored) < 2:
        return ""
    say = language(pack.locale)
    low = min(scored, key=lambda page: page.node.score or 0.0)
    high = max(scored, key=lambda page: page.node.score or 0.0)
    lowest, highest = (rounded(page.node.score or 0.0, pack.score_digits) for page in (low, high))
    if lowest == highest:
        return say("All perspectives with a score stand at %(score)s.", score=score_figure(pack, low.node.score))
    apart = points_of_score(pack, highest - lowest)
    return say(
        "Perspectives lie %(points)s apart, from %(lowest)s to %(highest)s.",
        points=apart, lowest=low.name, highest=high.name,
    )  # fmt: skip


def previous_period(pack: Pack) -> date:
    """The month before the pack's."""
    return add_months(pack.period, -1)


def last_year(pack: Pack) -> date:
    """The pack's month, a year earlier."""
    return add_months(pack.period, -12)


def arrow(pack: Pack, node: NodeScore) -> str:
    """``↑``, ``↓`` or ``→``, agreeing with the rounded change; empty where there is none."""
    change = shown_change(pack, node.score, node.previous)
    if change is None:
        return ""
    return "→" if not change else "↑" if change > 0 else "↓"


def change_since(pack: Pack, score: float | None, earlier: float | None, month_shown: str) -> str:
    """``−3.8 on September``: the change of a score as it is shown, since a month that is already written."""
    change, say = change_figure(pack, score, earlier), language(pack.locale)
    return say("%(change)s on %(month)s", change=change, month=month_shown)


def what_moved(pack: Pack) -> str:
    """The title of the waterfall, with its message."""
    say = language(pack.locale)
    if pack.node.change is None:
        return say("What moved the score")
    return say("What moved the score since %(month)s", month=month_name(previous_period(pack), pack.locale))


def _all_on_target(pack: Pack, scored: Sequence[KpiLine], missing: int) -> str:
    say, count = language(pack.locale), len(scored)
    if missing:
        standing = say.ngettext(
            "The one KPI with a score is on target", "All %(count)s KPIs with a score are on target", count
        )
        without = say.ngettext("%(count)s has no score", "%(count)s have no score", missing)
        return f"{standing}; {without}"
    if count == 1:
        return state_of(pack, scored[0])
    return say.ngettext("The KPI is on target", "All %(count)s KPIs are on target", count)


def _worst(pack: Pack, lines: Sequence[KpiLine]) -> KpiLine:
    """The KPI that a perspective's sentence names: of the worst status, there the one with a special cause of concern.

    Of several the one that took most points from the score since the month before, then the one with the lowest score.
    """
    severity = {"bad": 0, "warning": 1, "good": 2}
    points = {c.kpi: c.points for c in pack.contributions}
    return min(
        lines,
        key=lambda line: (
            severity[line.band.status] if line.band else 3,
            line.variation != "concern",
            points.get(line.id, 0.0),
            line.score if line.score is not None else 0.0,
        ),
    )


def _lasting(pack: Pack, line: KpiLine, state: str) -> str:
    """The state with for how many months the KPI has been on that side of its target."""
    say, count = language(pack.locale), months_on_side(pack, line)
    if count < 2:
        return state
    shown = min(len(line.history), MOST_MONTHS)
    if count >= shown:
        return say("%(state)s, as in all %(count)s months shown", state=state, count=shown)
    return say("%(state)s, for the %(nth)s month running", state=state, nth=ordinal(count, pack.locale))
