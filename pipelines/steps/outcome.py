"""How a run ended: the months that were blocked, told together at its end; and that one has not been run at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipelines.steps.setting import Setting, blocked, newest_over
from scorecards.errors import CallError, DataRefused
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


def not_computed(setting: Setting, period: date | None = None) -> CallError:
    """That a month has not been computed, or no month at all, as of the setting's day, and how to run it."""
    day, project = setting.home.as_of, setting.project
    as_of, option = (f" as of {day}", f" --as-of {day}") if day else ("", "")
    what = f"{period_text(period)} has not" if period else "Nothing has"
    over = project.calendar.newest_over(day) if day else newest_over(project)
    run = period_text(period or max(over, project.organisation.first_period))
    return CallError(f"{what} been computed{as_of}. Run it first: scorepack run {run}{option}.")


def require_begun(setting: Setting, period: date | None = None) -> None:
    """Raise ``CallError`` where no run was ever made as of the setting's day: asked before tables are opened."""
    if setting.home.as_of is not None and not setting.home.warehouse.exists():
        raise not_computed(setting, period)


def _span(months: Sequence[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
