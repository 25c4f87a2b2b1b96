"""Words about signals: whether a KPI's figure is news, or what its process does anyway.

Belongs here: everything that is said from an XmR chart. Nothing is said where the chart does not carry it: limits from
few months are said to be on trial, and of KPIs whose values share months nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.formatting import MISSING, RowScale
from transforms.pack import Assurance, KpiLine, Label, Signal, Variation

VARIATION_SIGNS: dict[Variation | None, str] = {
    "concern": "◆", "improvement": "◇", "special cause": "◈", "common cause": "", None: "",
}  # fmt: skip
ASSURANCE_WORDS: dict[Assurance, str] = {
    "consistently passes": "passes", "consistently fails": "fails", "hit and miss": "hit and miss",
}  # fmt: skip
# The status whose colour a variation takes; sign and word stand beside it.
VARIATION_STATUS: dict[Variation | None, str] = {"concern": "bad", "improvement": "good"}
NEEDS_CHANGE = "the process needs changing, not an explanation of this month"


def variation_text(line: KpiLine) -> str:
    """``◆ concern`` for the KPI table; ``not judged`` where values share months."""
    if line.signal is not None and line.signal.is_overlapping and line.value is not None:
        return "not judged"
    variation = line.variation
    return MISSING if variation is None else f"{VARIATION_SIGNS[variation]} {variation}".strip()


def assurance_text(line: KpiLine) -> str:
    """``passes``, ``fails`` or ``hit and miss``; an en dash where limits do not tell.

    They do not where the KPI has just done what its limits rule out: the process that they describe is over.
    """
    if line.signal is None or line.signal.is_overlapping or line.signal.assurance is None:
        return MISSING
    is_refuted = line.is_better is {"consistently fails": True, "consistently passes": False}.get(line.signal.assurance)
    if line.is_better is not None and line.direction != "within" and is_refuted:
        return MISSING
    return ASSURANCE_WORDS[line.signal.assurance]


def range_text(scale: RowScale, lower: float, upper: float) -> str:
    """``85.1 to 93.0 %``: two figures with their unit once; a unit in words, which stands beside, is left out."""
    after = scale.after if scale.is_percent or scale.before else scale.after.split("\u00a0")[0]
    return f"{scale.before}{scale.figure(lower)} to {scale.figure(upper)}{after}"


def signal_part(line: KpiLine, scale: RowScale) -> str:
    """What the chart says, as a part of a sentence; empty where it carries no judgement."""
    signal = line.signal
    if signal is None or line.variation is None or signal.label is None:
        return ""
    if line.variation == "common cause":
        return _common_cause(line, signal, scale)
    what = _where(line, signal, signal.label, scale)
    if line.variation == "improvement":
        what += ", an improvement"
    elif line.variation == "special cause":
        what += ", a special cause"
    elif signal.label == "shift":
        what += ", a lasting change"
    elif signal.label != "trend":
        what += ", a special cause: ask what changed"
    return f"{what}{_trial(signal)}"


def short_signal(line: KpiLine) -> str:
    """The same in a few words, for sentences that say more: ``within its usual range``; empty where nothing is said."""
    if line.signal is None or line.variation is None or line.signal.is_trial:
        return ""
    if line.variation == "common cause":
        return "" if line.signal.lower is None else "within its usual range"
    label, is_high = line.signal.label, line.signal.side > 0
    if label == "outside":
        return f"{'above' if is_high else 'below'} its usual range"
    if label == "trend":
        return f"a run of {line.signal.running} {'rises' if line.signal.is_rising else 'falls'}"
    if label == "shift":
        return f"{_counted(line.signal.running, line.signal)} {'above' if is_high else 'below'} its mean"
    return f"near its {'upper' if is_high else 'lower'} limit"


def chart_part(line: KpiLine, scale: RowScale) -> str:
    """What a chart shows beside its values, for its alternative text: the range and how many points are flagged."""
    signal = line.signal
    if signal is None or not signal.is_judged or signal.lower is None or signal.upper is None:
        return ""
    name = "Trial limits" if signal.is_trial else "Usual range"
    flagged = f"{signal.flagged} of {_counted(signal.points, signal)} by special cause"
    return f" {name} {range_text(scale, signal.lower, signal.upper)}, {flagged}."


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


def events(lines: Sequence[KpiLine]) -> int:
    """How many of the KPIs are off target by a special cause of concern."""
    return sum(line.variation == "concern" for line in lines if line.band is not None and line.band.status == "bad")


def _common_cause(line: KpiLine, signal: Signal, scale: RowScale) -> str:
    if signal.lower is None or signal.upper is None:
        return ""
    within = f"within {_named(signal, scale, 'range')}"
    is_bad = line.band is not None and line.band.status == "bad"
    if signal.is_trial or not is_bad:
        return within
    missed = ", which misses the target" if signal.assurance == "consistently fails" else ""
    return f"{within}{missed}: {NEEDS_CHANGE}"


def _where(line: KpiLine, signal: Signal, label: Label, scale: RowScale) -> str:
    is_high = signal.side > 0
    side = "above" if is_high else "below"
    if label == "outside":
        limit = signal.upper if is_high else signal.lower
        # The figures shown may be the same, though the point is outside.
        is_close = limit is not None and scale.figure(limit) == scale.figure(line.value)
        return f"{'just ' if is_close else ''}{side} {_named(signal, scale, 'range')}"
    if label == "trend":
        aside = f", still {side} its mean" if signal.side == (-1 if signal.is_rising else 1) else ""
        return f"{'rising' if signal.is_rising else 'falling'} over {_counted(signal.running, signal)}{aside}"
    if label == "two of three":
        limit = signal.upper if is_high else signal.lower
        return (
            f"near its {'upper' if is_high else 'lower'} limit of {scale.figure(limit)} in two of three {signal.every}s"
        )
    return f"{_counted(signal.running, signal)} running {side} its {_mean(signal, scale)}"


def _mean(signal: Signal, scale: RowScale) -> str:
    return "usual change on last year" if signal.is_seasonal else f"mean of {scale.text(signal.mean)}"


def _named(signal: Signal, scale: RowScale, noun: str) -> str:
    """``its usual range of 85.1 to 93.0 %``, or ``the trial limits of 85.1 to 93.0 % (8 months)``."""
    if signal.lower is None or signal.upper is None:
        return f"its usual {noun}"
    figures = range_text(scale, signal.lower, signal.upper)
    if signal.is_trial:
        return f"the trial limits of {figures} ({_counted(signal.points, signal)})"
    return f"its usual {noun} of {figures}{' for the season' if signal.is_seasonal else ''}"


def _trial(signal: Signal) -> str:
    # Where the range is named, the trial is already said.
    return (
        f" (trial limits, {_counted(signal.points, signal)})" if signal.is_trial and signal.label != "outside" else ""
    )


def _counted(count: int, signal: Signal) -> str:
    return f"{count} {signal.every}{'' if count == 1 else 's'}"
