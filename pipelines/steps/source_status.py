"""Per source and month: what was expected, what was delivered, what was refused, and what is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipelines.steps.freshness import due_for, due_on, first_came
from pipelines.steps.ingest import Ingested, State, states
from pipelines.steps.quarantined import telling_of_months
from pipelines.steps.setting import Setting
from scorecards.sources import Source
from warehouse.selection import Load

Covered = Mapping[tuple[str, date], bool]


@dataclass(frozen=True)
class SourceState:
    """What a source has for one month.

    ``due`` is the last day on which the delivery is in time, None where the contract names none; ``came_on`` the day on
    which the first accepted delivery came; ``is_late`` that it came after that day, or has not come though the day is
    over. ``files`` are the deliveries that count, or the refused ones, each of which has its reason in ``reasons``;
    ``rejected`` counts the rows in quarantine of files of the month alone, ``rejected_of_many_months`` those of files
    that it shares with other months: the same rows in each of them.
    """

    source: str
    period: date
    state: State
    due: date | None
    came_on: date | None
    is_late: bool
    files: tuple[str, ...]
    rejected: int
    rejected_of_many_months: int
    reasons: tuple[str, ...]


def source_states(
    setting: Setting, periods: Sequence[date], covered: Covered, rejected: Mapping[str, int], today: date
) -> dict[date, list[SourceState]]:
    """By month every source that is about months; tables that others look up have none.

    A source of many months counts as loaded for the months that its data speak of: as the computed coverage says
    (``covered``), or, where a month was not computed, those that its rows name, or all where these can name none.
    ``rejected`` counts by load the rows in quarantine, with those whose reference leads nowhere, which the journal does
    not count.
    """
    found: dict[date, list[SourceState]] = {period: [] for period in periods}
    for source_id, source in setting.project.sources.items():
        if not source.is_reference:
            came = first_came(setting, source_id, periods)
            for one in states(setting, source_id, periods):
                due = due_on(setting, source_id, one.period)
                one = replace(one, state=_standing(setting, one, covered))
                found[one.period].append(_state(source, one, due, came[one.period], rejected, today))
    return found


def _state(
    source: Source, one: Ingested, due: date | None, came_on: date | None, rejected: Mapping[str, int], today: date
) -> SourceState:
    loads = () if one.state in ("missing", "not due") else one.loads
    shared = [load for load in telling_of_months(source, loads, [one.period]) if load.period is None]
    return SourceState(
        source=one.source,
        period=one.period,
        state=one.state,
        due=due,
        came_on=came_on,
        is_late=due is not None and (came_on or today) > due,
        files=tuple(load.name for load in loads),
        rejected=sum(rejected.get(load.id, load.rejected) for load in one.loads if load.period == one.period),
        rejected_of_many_months=sum(rejected.get(load.id, load.rejected) for load in shared),
        reasons=tuple(load.refused for load in loads if load.refused),
    )


def _standing(setting: Setting, one: Ingested, covered: Covered) -> State:
    """The state; of a file of many months by the months that its data speak of."""
    if one.state != "loaded" or _speaks(one, covered):
        return one.state
    due = due_for(setting, one.source, one.period)
    has_come = any(_speaks(replace(one, period=month), covered) for month in due)
    return "missing" if due and not has_come else "not due"


def _speaks(one: Ingested, covered: Covered) -> bool:
    known = covered.get((one.source, one.period))
    return known if known is not None else any(_names(load, one.period) for load in one.loads)


def _names(load: Load, period: date) -> bool:
    """Whether a delivery names the month; rows that hold over a time name none, and are there for all that it is."""
    names_none = load.period is None and not load.periods and load.rows > 0
    return names_none or period == load.period or period in load.periods
