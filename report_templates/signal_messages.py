"""Words about signals: whether a KPI's figure is news, or what its process does anyway.

Belongs here: everything that is said from an XmR chart. Nothing is said where the chart does not carry it: limits from
few months are said to be on trial, and of KPIs whose values share months nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.counts import spans
from report_templates.formatting import MISSING, RowScale
from report_templates.language import language, mark
from report_templates.ranges import named_range, range_text
from transforms.pack import Assurance, KpiLine, Label, Signal, SignalPoint, Variation

VARIATION_SIGNS: dict[Variation | None, str] = {
    "concern": "◆", "improvement": "◇", "special cause": "◈", "common cause": "", None: "",
}  # fmt: skip
VARIATION_WORDS: dict[Variation, str] = {
    "concern": mark("concern"), "improvement": mark("improvement"), "special cause": mark("special cause"),
    "common cause": mark("common cause"),
}  # fmt: skip
ASSURANCE_WORDS: dict[Assurance, str] = {
    "consistently passes": mark("passes"), "consistently fails": mark("fails"), "hit and miss": mark("hit and miss"),
}  # fmt: skip
_LABEL_WORDS: dict[Label, str] = {
    "outside": mark("outside"), "trend": mark("trend"), "two of three": mark("two of three"), "shift": mark("shift"),
    "common cause": mark("common cause"),
}  # fmt: skip
# The status whose colour a variation takes; sign and word stand beside it.
VARIATION_STATUS: dict[Variation | None, str] = {"concern": "bad", "improvement": "good"}


def point_text(signal: Signal, point: SignalPoint, locale: str) -> str:
    """What a point of a chart is: ``outside``, ``trend, on trial``; ``not judged`` where ``variation_text`` is so."""
    say, label = language(locale), _LABEL_WORDS[point.label]
    if signal.is_overlapping:
        return say("not judged")
    if signal.is_unsettled:
        return say("no usual range")
    if not signal.is_trial:
        return say(label)
    return say("on trial") if point.label == "common cause" else say("%(judged)s, on trial", judged=say(label))


def variation_words(variation: Variation, locale: str) -> str:
    """``concern``, ``improvement``, ``special cause``, ``common cause``."""
    return language(locale)(VARIATION_WORDS[variation])


def variation_text(line: KpiLine, locale: str) -> str:
    """``◆ concern`` for the KPI table; ``not judged`` where values share months, or that there is no usual range.

    From few points it says ``on trial``: that nothing is special so far would be no verdict.
    """
    say = language(locale)
    if line.signal is not None and line.signal.is_overlapping and line.value is not None:
        return say("not judged")
    if line.signal is not None and line.signal.is_unsettled and line.signal.variation is not None:
        return say("no usual range")
    variation = line.variation
    if variation is None:
        return MISSING
    told = f"{VARIATION_SIGNS[variation]} {say(VARIATION_WORDS[variation])}".strip()
    if line.signal is None or not line.signal.is_trial:
        return told
    return say("on trial") if variation == "common cause" else say("%(judged)s, on trial", judged=told)


def assurance_text(line: KpiLine, locale: str) -> str:
    """``passes``, ``fails`` or ``hit and miss``; an en dash where limits do not tell.

    They do not where they are on trial or no usual range, and where the KPI has just done what its limits rule out: the
    process that they describe is over.
    """
    if line.signal is None or not line.signal.is_judged or line.signal.is_trial or line.signal.assurance is None:
        return MISSING
    is_refuted = line.is_better is {"consistently fails": True, "consistently passes": False}.get(line.signal.assurance)
    if line.is_better is not None and line.direction != "within" and is_refuted:
        return MISSING
    return language(locale)(ASSURANCE_WORDS[line.signal.assurance])


def signal_part(line: KpiLine, scale: RowScale) -> str:
    """What the chart says, as a part of a sentence; empty where it carries no judgement."""
    signal = line.signal
    if signal is None or line.variation is None or signal.label is None:
        return ""
    if line.variation == "common cause":
        return _common_cause(line, signal, scale)
    return _judged(line, signal, signal.label, _where(line, signal, signal.label, scale), scale.locale)


def unsettled_part(line: KpiLine, locale: str) -> str:
    """That most months are special causes, as a part of a sentence; empty where that is not so, or nothing is told."""
    signal, say = line.signal, language(locale)
    if signal is None or signal.is_overlapping or not signal.is_unsettled:
        return ""
    months = spans(signal.points, signal.every, locale)
    return say("no usual range (%(flagged)s of %(months)s by special cause)", flagged=signal.flagged, months=months)


def short_signal(line: KpiLine, locale: str) -> str:
    """The same in a few words, for sentences that say more: ``within its usual range``; empty where nothing is said."""
    signal, say = line.signal, language(locale)
    if signal is None or line.variation is None or signal.is_trial:
        return ""
    if line.variation == "common cause":
        return "" if signal.lower is None else say("within its usual range")
    is_high = signal.side > 0
    if signal.label == "outside":
        return say("above its usual range") if is_high else say("below its usual range")
    if signal.label == "trend":
        if signal.is_rising:
            return say.ngettext("a run of %(count)s rise", "a run of %(count)s rises", signal.running)
        return say.ngettext("a run of %(count)s fall", "a run of %(count)s falls", signal.running)
    if signal.label == "shift":
        counted = spans(signal.running, signal.every, locale)
        if is_high:
            return say("%(months)s above its mean", months=counted)
        return say("%(months)s below its mean", months=counted)
    return say("near its upper limit") if is_high else say("near its lower limit")


def chart_part(line: KpiLine, scale: RowScale) -> str:
    """What a chart shows beside its values, for its alternative text: the range and how many points are flagged."""
    signal = line.signal
    if unsettled := unsettled_part(line, scale.locale):
        return f"{line.name}: {unsettled}."
    if signal is None or not signal.is_judged or signal.lower is None or signal.upper is None:
        return ""
    say = language(scale.locale)
    values = {
        "range": range_text(scale, signal.lower, signal.upper), "flagged": signal.flagged,
        "months": spans(signal.points, signal.every, scale.locale),
    }  # fmt: skip
    if signal.is_trial:
        return say("Trial limits %(range)s, %(flagged)s of %(months)s by special cause.", **values)
    return say("Usual range %(range)s, %(flagged)s of %(months)s by special cause.", **values)


def is_exception(line: KpiLine) -> bool:
    """Whether a KPI is off target, or its chart shows a special cause of concern."""
    return (line.band is not None and line.band.status == "bad") or line.variation == "concern"


def urgency(line: KpiLine) -> int:
    """The order of exceptions, the first to be looked at lowest.

    Off target by special cause; off target as usual, or not judged; not off target but a concern; off target but
    improving.
    """
    is_bad = line.band is not None and line.band.status == "bad"
    if not is_bad:
        return 2
    return {"concern": 0, "special cause": 0, "improvement": 3}.get(line.variation or "", 1)


def events(lines: Sequence[KpiLine]) -> tuple[int, int]:
    """How many of the KPIs off target are judged by limits that are not on trial, and of these by special cause."""
    off = [line for line in lines if line.band is not None and line.band.status == "bad"]
    judged = [
        line for line in off if line.variation is not None and line.signal is not None and not line.signal.is_trial
    ]
    return len(judged), sum(line.variation == "concern" for line in judged)


def _common_cause(line: KpiLine, signal: Signal, scale: RowScale) -> str:
    if signal.lower is None or signal.upper is None:
        return ""
    say, within = language(scale.locale), named_range("within", signal, scale)
    is_bad = line.band is not None and line.band.status == "bad"
    if signal.is_trial or not is_bad:
        return within
    if signal.assurance == "consistently fails":
        return say("%(within)s, which misses the target: that stays so until the process is changed", within=within)
    if signal.assurance == "hit and miss":
        return say(
            "%(within)s, in which it meets the target at times and misses it at others until the process is changed",
            within=within,
        )
    return within


def _judged(line: KpiLine, signal: Signal, label: Label, where: str, locale: str) -> str:
    """Where the figure lies, with what that means, and whether the limits are on trial."""
    say = language(locale)
    if line.variation == "improvement":
        judged = say("%(where)s, an improvement", where=where)
    elif line.variation == "special cause":
        judged = say("%(where)s, a special cause", where=where)
    elif label == "shift":
        judged = say("%(where)s, a lasting change", where=where)
    elif label == "trend":
        judged = where
    else:
        judged = say("%(where)s, a special cause: ask what changed", where=where)
    if not signal.is_trial or label == "outside":
        # Where the range is named, the trial is already said.
        return judged
    counted = spans(signal.points, signal.every, locale)
    return say("%(judged)s (trial limits, %(months)s)", judged=judged, months=counted)


def _where(line: KpiLine, signal: Signal, label: Label, scale: RowScale) -> str:
    if label == "outside":
        is_high = signal.side > 0
        limit = signal.upper if is_high else signal.lower
        # The figures shown may be the same, though the point is outside.
        is_close = limit is not None and scale.figure(limit) == scale.figure(line.value)
        if is_close:
            return named_range("just above" if is_high else "just below", signal, scale)
        return named_range("above" if is_high else "below", signal, scale)
    if label == "trend":
        return _trend(signal, scale.locale)
    return _near_limit(signal, scale) if label == "two of three" else _beside_mean(signal, scale)


def _trend(signal: Signal, locale: str) -> str:
    say, over = language(locale), spans(signal.running, signal.every, locale)
    if signal.is_rising:
        if signal.side == -1:
            return say("rising over %(months)s, still below its mean", months=over)
        return say("rising over %(months)s", months=over)
    if signal.side == 1:
        return say("falling over %(months)s, still above its mean", months=over)
    return say("falling over %(months)s", months=over)


def _near_limit(signal: Signal, scale: RowScale) -> str:
    say, is_high = language(scale.locale), signal.side > 0
    limit = scale.figure(signal.upper if is_high else signal.lower)
    if signal.every == "quarter":
        if is_high:
            return say("near its upper limit of %(limit)s in two of three quarters", limit=limit)
        return say("near its lower limit of %(limit)s in two of three quarters", limit=limit)
    if signal.every == "year":
        if is_high:
            return say("near its upper limit of %(limit)s in two of three years", limit=limit)
        return say("near its lower limit of %(limit)s in two of three years", limit=limit)
    if is_high:
        return say("near its upper limit of %(limit)s in two of three months", limit=limit)
    return say("near its lower limit of %(limit)s in two of three months", limit=limit)


def _beside_mean(signal: Signal, scale: RowScale) -> str:
    say, counted = language(scale.locale), spans(signal.running, signal.every, scale.locale)
    is_high, mean = signal.side > 0, scale.text(signal.mean)
    if signal.is_seasonal:
        if is_high:
            return say("%(months)s running above its usual change on last year", months=counted)
        return say("%(months)s running below its usual change on last year", months=counted)
    if is_high:
        return say("%(months)s running above its mean of %(mean)s", months=counted, mean=mean)
    return say("%(months)s running below its mean of %(mean)s", months=counted, mean=mean)
