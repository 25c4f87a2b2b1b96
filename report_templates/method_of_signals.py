"""How signals are told from noise: which values give the limits, and what counts as special.

Belongs here: sentences about the charts that the pack's own KPIs have, and about no other.
"""

from __future__ import annotations

from report_templates.days import month
from report_templates.language import language
from report_templates.named_kpis import named_kpis
from transforms.pack import KpiLine, Pack, Signal


def signal_lines(pack: Pack) -> tuple[str, ...]:
    """Signals, and assurance where a target is held against the limits; none for a pack without charts."""
    charted = [line for line in pack.kpis if line.signal is not None]
    if not charted:
        return ()
    say = language(pack.locale)
    told = [
        say("Signals: the usual range is the mean ± 2.66 times the mean moving range %(values)s.",
            values=_values(pack, charted)),
        *_besides(pack, charted),
        say(
            "Special causes are points outside, 7 rising or falling, 7 on one side of the mean, of 3 on one side at "
            "least 2 near its limit."
        ),
    ]  # fmt: skip
    if any(line.signal and line.signal.is_overlapping for line in charted):
        told.append(say("Values that share months are not judged."))
    lines = [" ".join(told)]
    if any(line.signal and line.signal.assurance is not None for line in charted):
        lines.append(
            say(
                "Assurance: passes or fails where the target lies beyond the usual range, hit and miss where it lies "
                "within."
            )
        )
    return tuple(lines)


def limits_words(signal: Signal, locale: str) -> str:
    """Which values give the limits of a chart."""
    say = language(locale)
    first, since = signal.baseline, None if signal.since is None else month(signal.since, locale)
    if first is not None and since is not None:
        return say("of at most the first %(first)s values since %(month)s", first=first, month=since)
    if first is not None:
        return say("of at most the first %(first)s values", first=first)
    if since is not None:
        return say("of the values since %(month)s", month=since)
    return say("of all values so far")


def _values(pack: Pack, charted: list[KpiLine]) -> str:
    """Which values give the limits: first of most KPIs, then of the others by their names."""
    groups: dict[str, list[KpiLine]] = {}
    for line in charted:
        if line.signal is not None:
            groups.setdefault(limits_words(line.signal, pack.locale), []).append(line)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return "; ".join(
        words if number == 0 else f"{words} ({named_kpis(pack, lines, charted)})"
        for number, (words, lines) in enumerate(ordered)
    )


def _besides(pack: Pack, charted: list[KpiLine]) -> list[str]:
    """Which ranges are left out, and where changes on last year are judged instead of values."""
    say = language(pack.locale)
    unscreened = [line for line in charted if line.signal and not line.signal.is_screened]
    seasonal = [line for line in charted if line.signal and line.signal.is_seasonal]
    found = []
    if not unscreened:
        found.append(say("Moving ranges of 3.267 times their mean or more do not count."))
    elif len(unscreened) < len(charted):
        found.append(
            say("Moving ranges of 3.267 times their mean or more do not count, but for %(kpis)s.",
                kpis=named_kpis(pack, unscreened, charted))
        )  # fmt: skip
    if seasonal:
        found.append(
            say("Judged by the change on the same month of last year: %(kpis)s.",
                kpis=named_kpis(pack, seasonal, charted))
        )  # fmt: skip
    return found
