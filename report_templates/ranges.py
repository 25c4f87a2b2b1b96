"""The usual range of a chart in words: within it, above it, below it, or why there is none.

Belongs here: one clause for every place and kind of range. A language may bend the noun after each of them, so that
none is put together from parts.
"""

from __future__ import annotations

from typing import Literal

from report_templates.counts import spans
from report_templates.formatting import RowScale
from report_templates.language import language, mark
from transforms.pack import KpiLine, Signal

Place = Literal["within", "above", "below", "just above", "just below"]
_OF_TRIAL: dict[Place, str] = {
    "within": mark("within the trial limits of %(range)s (%(months)s)"),
    "above": mark("above the trial limits of %(range)s (%(months)s)"),
    "below": mark("below the trial limits of %(range)s (%(months)s)"),
    "just above": mark("just above the trial limits of %(range)s (%(months)s)"),
    "just below": mark("just below the trial limits of %(range)s (%(months)s)"),
}
_OF_SEASON: dict[Place, str] = {
    "within": mark("within its usual range of %(range)s for the season"),
    "above": mark("above its usual range of %(range)s for the season"),
    "below": mark("below its usual range of %(range)s for the season"),
    "just above": mark("just above its usual range of %(range)s for the season"),
    "just below": mark("just below its usual range of %(range)s for the season"),
}
_USUAL: dict[Place, str] = {
    "within": mark("within its usual range of %(range)s"),
    "above": mark("above its usual range of %(range)s"),
    "below": mark("below its usual range of %(range)s"),
    "just above": mark("just above its usual range of %(range)s"),
    "just below": mark("just below its usual range of %(range)s"),
}
_UNNAMED: dict[Place, str] = {
    "within": mark("within its usual range"),
    "above": mark("above its usual range"),
    "below": mark("below its usual range"),
    "just above": mark("just above its usual range"),
    "just below": mark("just below its usual range"),
}


def named_range(place: Place, signal: Signal, scale: RowScale) -> str:
    """``within its usual range of 85.1 to 93.0 %``, ``above the trial limits of 85.1 to 93.0 % (8 months)``."""
    say = language(scale.locale)
    if signal.lower is None or signal.upper is None:
        return say(_UNNAMED[place])
    figures = range_text(scale, signal.lower, signal.upper)
    if signal.is_trial:
        counted = spans(signal.points, signal.every, scale.locale)
        return say(_OF_TRIAL[place], range=figures, months=counted)
    return say((_OF_SEASON if signal.is_seasonal else _USUAL)[place], range=figures)


def without_range(line: KpiLine, locale: str) -> str:
    """Why the chart of a KPI shows no usual range: ``Not judged: its values share months.``."""
    say, signal = language(locale), line.signal
    if line.texts:
        return say("Not judged: its values are words.")
    if signal is not None and signal.is_overlapping:
        return say("Not judged: its values share months.")
    if signal is None or signal.points < 2:
        return say("Not judged: too few values yet.")
    return say("No usual range: its values hardly ever change.")


def range_text(scale: RowScale, lower: float, upper: float) -> str:
    """``85.1 to 93.0 %``: two figures with their unit once; a unit in words, which stands beside, is left out."""
    scale = scale.apart(lower, upper)
    after = scale.after if scale.is_percent or scale.before else scale.after.split("\u00a0")[0]
    low, high = f"{scale.before}{scale.figure(lower)}", f"{scale.figure(upper)}{after}"
    say = language(scale.locale)
    return say("%(low)s to %(high)s", low=low, high=high)
