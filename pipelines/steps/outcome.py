"""How a run ended: the months that were blocked, told together at its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipelines.steps.setting import Setting, blocked
from scorecards.errors import DataRefused
from scorecards.periods import period_text
from scorecards.words import on_one_line


def require_good(setting: Setting, periods: Sequence[date]) -> None:
    """Raise ``DataRefused`` naming every asked month that was blocked, and why. Good months are committed by then."""
    bad = blocked(setting, periods)
    if not bad:
        return
    reasons: dict[str, list[str]] = {}
    for period, loads in sorted(bad.items()):
        for load in loads:
            reasons.setdefault(f"{load.source}: {load.refused}", []).append(period_text(period))
    # A header may hold a line break, and is quoted in the reason.
    lines = [on_one_line(f"{_span(months)}: {reason}") for reason, months in reasons.items()]
    count = f"{len(bad)} of {len(periods)} months were" if len(periods) > 1 else f"{period_text(periods[0])} was"
    raise DataRefused(f"{count} not computed, because data were refused:\n" + "\n".join(lines))


def _span(months: Sequence[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
