"""What is said of an initiative's effects: what is expected, and what has been seen."""

from __future__ import annotations

from report_templates.counts import spans
from report_templates.days import month
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
    """``Seen: 93.1 % over 2 months, 94.0 % over 24 months before: no change outside the usual variation``."""
    say = language(pack.locale)
    if effect.since is None:
        return say("Seen: nothing yet.")
    known = [each for each in (effect.before, effect.since) if each is not None]
    scale = figure_scale(known, effect.measured_in, effect.decimals, pack.currency, pack.locale)
    since, after = scale.text(effect.since), spans(effect.months, "month", pack.locale)
    if effect.is_seasonal:
        since = say("change on last year %(change)s", change=since)
    if effect.before is None:
        return say(
            "Seen: %(since)s over %(months)s: %(verdict)s.",
            since=since, months=after, verdict=say(_VERDICTS[effect.verdict]),
        )  # fmt: skip
    return say(
        "Seen: %(since)s over %(months)s, %(before)s over %(earlier)s before: %(verdict)s.",
        since=since, months=after, before=scale.text(effect.before),
        earlier=spans(effect.months_before, "month", pack.locale), verdict=say(_VERDICTS[effect.verdict]),
    )  # fmt: skip


def effect_status(effect: SeenEffect) -> Status | None:
    """Good where the KPI changed as expected, bad where it changed the other way, else none."""
    return _STATUS.get(effect.verdict)
