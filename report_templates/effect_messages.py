"""What is said of an initiative's effects: what is expected, and what has been seen."""

from __future__ import annotations

from datetime import date

from report_templates.counts import spans
from report_templates.days import month, short_month
from report_templates.formatting import MINUS, figure_scale
from report_templates.language import language, mark
from transforms.pack import EffectVerdict, Pack, SeenEffect, Status

_VERDICTS: dict[EffectVerdict, str] = {
    "as usual": mark("no change outside the usual variation"),
    "as expected": mark("a change outside the usual variation, as expected"),
    "the other way": mark("a change outside the usual variation, the other way"),
    "both ways": mark("outside the usual variation in both directions"),
    "too few before": mark("too few months before to know what was usual"),
    "shares months": mark("not judged, since its values share months"),
}
_STATUS: dict[EffectVerdict, Status | None] = {"as expected": "good", "the other way": "bad"}


def expected_words(pack: Pack, effect: SeenEffect) -> str:
    """``On-time deliveries: +1.5 pp expected from September 2026``."""
    say = language(pack.locale)
    scale = figure_scale([effect.expected], effect.measured_in, effect.decimals, pack.currency, pack.locale)
    change = f"{'+' if effect.expected > 0 else MINUS}{scale.difference(effect.expected)}"
    kpi = say("%(kpi)s (%(unit)s)", kpi=effect.kpi, unit=effect.unit) if effect.unit else effect.kpi
    return say(
        "%(kpi)s: %(change)s expected from %(month)s",
        kpi=kpi, change=change,
        month=month(effect.shows_from, pack.locale),
    )  # fmt: skip


def seen_words(pack: Pack, effect: SeenEffect) -> str:
    """``Seen: 93.1 % over 2 months (Aug 26 to Sept 26), 94.0 % over 24 months before (…): no change …``."""
    say = language(pack.locale)
    if effect.since is None:
        return say("Seen: nothing yet.")
    known = [each for each in (effect.before, effect.since) if each is not None]
    scale = figure_scale(known, effect.measured_in, effect.decimals, pack.currency, pack.locale)
    since, after = scale.text(effect.since), _months(pack, effect.months, effect.span_since)
    if effect.is_seasonal:
        since = say("change on last year %(change)s", change=since)
    if effect.before is None:
        told = say(
            "Seen: %(since)s over %(months)s: %(verdict)s.",
            since=since, months=after, verdict=say(_VERDICTS[effect.verdict]),
        )  # fmt: skip
    else:
        told = say(
            "Seen: %(since)s over %(months)s, before %(before)s over %(earlier)s: %(verdict)s.",
            since=since, months=after, before=scale.text(effect.before),
            earlier=_months(pack, effect.months_before, effect.span_before), verdict=say(_VERDICTS[effect.verdict]),
        )  # fmt: skip
    waiting = _waiting(pack, effect)
    return f"{told} {waiting}" if waiting else told


def _months(pack: Pack, count: int, span: tuple[date, date] | None) -> str:
    """``15 months (Jan 25 to Mar 26)``."""
    say, counted = language(pack.locale), spans(count, "month", pack.locale)
    if span is None:
        return counted
    first, last = (short_month(each, pack.locale, year=True) for each in span)
    if first == last:
        return say("%(months)s (%(month)s)", months=counted, month=first)
    return say("%(months)s (%(first)s to %(last)s)", months=counted, first=first, last=last)


def _waiting(pack: Pack, effect: SeenEffect) -> str:
    """That newer months are not in it, where a value that shares no month with those before has not come yet."""
    if not effect.newer:
        return ""
    say = language(pack.locale)
    return say.ngettext(
        "%(count)s newer month waits for a value that shares no month with these.",
        "%(count)s newer months wait for a value that shares no month with these.",
        effect.newer,
    )


def effect_status(effect: SeenEffect) -> Status | None:
    """Good where the KPI changed as expected, bad where it changed the other way, else none."""
    return _STATUS.get(effect.verdict)
