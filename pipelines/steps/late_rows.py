"""What status says of late rows: those that count in another month, and those that wait for a closed one to reopen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from pipelines.steps.setting import Setting
from scorecards.periods import period_text
from scorecards.words import plural


def held_back(setting: Setting) -> dict[tuple[date, str], int]:
    """By closed month and delivery how many of its rows wait for that month, which has their keys."""
    return {(month, name): rows for _, month, name, rows in _counted(setting) if month is not None}


def late_rows_told(setting: Setting) -> Iterator[str]:
    """One line for every closed month that late rows wait for, then one for every month in which others count."""
    waiting, moved = dict[date, dict[str, int]](), dict[tuple[date, date], dict[str, int]]()
    for months, waits_for, name, rows in _counted(setting):
        of = moved.setdefault(months, {}) if waits_for is None else waiting.setdefault(waits_for, {})
        of[name] = of.get(name, 0) + rows
    for period, found in sorted(waiting.items()):
        rows = sum(found.values())
        told = f"{plural(rows, 'row')} that came since, which {'waits' if rows == 1 else 'wait'}"
        yield (
            f"waiting: {period_text(period)} is closed and has the keys of {told}: {first_of(list(found))}. "
            f"{to_open(period)}; or deliver the difference as a row with a key of its own."
        )
    for (period, other), found in sorted(moved.items()):
        rows = sum(found.values())
        told = f"{plural(rows, 'row')} that came for it since {'counts' if rows == 1 else 'count'}"
        yield f"moved: {period_text(period)} is closed: {told} in {period_text(other)}: {first_of(list(found))}"


def _counted(setting: Setting) -> Iterator[tuple[tuple[date, date], date | None, str, int]]:
    """Counts of late rows: their month with the one in which they count, the month they wait for, delivery, rows."""
    for source_id, source in setting.project.sources.items():
        if source.late_rows != "wait":
            names = {load.id: load.name for load in setting.loads(source_id)}
            columns = ["_period", "counts_in", "waits_for", "load"]
            counts = setting.late(source_id).rows.group_by(columns).len().sort(columns)
            for period, other, waits_for, load_id, rows in counts.iter_rows():
                yield (period, other), waits_for, names[load_id], rows


def first_of(names: Sequence[str]) -> str:
    """At most three names on a line."""
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def to_open(period: date) -> str:
    """How a closed month is opened."""
    return f"Open it with: scorepack reopen {period_text(period)} --by NAME --reason WHY"
