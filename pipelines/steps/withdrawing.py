"""Withdrawing: a delivery that was wrong altogether taken out of all that counts, and let count again.

Belongs here: finding the delivery, what its going or coming changes, and whether that may be. The record of it is
``warehouse/withdrawals.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipelines.steps.late_rows import first_of, to_open
from pipelines.steps.setting import Setting, newest_over
from scorecards.errors import CallError, did_you_mean
from scorecards.periods import months_between, period_text
from scorecards.words import plural
from warehouse.selection import Load, View, all_loads
from warehouse.withdrawals import record_withdrawal, withdrawn
from warehouse.working import at_work

ByMonth = Mapping[date, Sequence[Load]]


@dataclass(frozen=True)
class Asked:
    """What is asked: a delivery by its source and its name, or one of several by its id; who asks, and why.

    ``withdraws`` says that it is to be taken out; else it is to count again.
    """

    source: str
    name: str
    delivery: str
    by: str
    reason: str
    withdraws: bool = True


@dataclass(frozen=True)
class Changed:
    """What a withdrawal or a return changes: the months for which other deliveries count or block from now on.

    ``counts`` and ``counts_no_more`` name the deliveries that do so for any month, ``blocks`` and ``blocks_no_more``
    those that are refused and stop a month from being computed.
    """

    load: Load
    months: tuple[date, ...]
    counts: tuple[str, ...]
    counts_no_more: tuple[str, ...]
    blocks: tuple[str, ...]
    blocks_no_more: tuple[str, ...]


def withdraw(setting: Setting, asked: Asked, *, is_trial: bool = False) -> Changed:
    """Take a delivery out of all that counts, or let it count again; with ``is_trial`` only tell what that changes.

    Raises ``CallError`` where there is no such delivery, where several have the name and none is chosen, where it is
    withdrawn already (or is not), and where it changes what counts for a closed month; ``HomeBusy`` while a run is
    under way.
    """
    with at_work(setting.home):
        load = _found(setting, asked)
        changed = _changed(setting, load, asked.withdraws)
        if not is_trial:
            record_withdrawal(setting.home, load, asked.withdraws, asked.by, asked.reason)
        return changed


def withdrawn_told(setting: Setting, periods: Collection[date]) -> Iterator[str]:
    """One line for every withdrawn delivery of these months, or of no month, in whose place nothing came since."""
    gone = withdrawn(setting.home, setting.home.as_of, setting.upto)
    for source_id in sorted({one.source for one in gone.values()} & set(setting.project.sources)):
        loads = setting.loads(source_id)
        for load in loads:
            one = gone.get(load.delivery)
            months = [month for month in _months_of(load) if month in periods]
            if one is None or not (months or not _months_of(load)):
                continue
            if not any(other.logical == load.logical and other.arrived > one.seq for other in loads):
                when = f"{period_text(months[0])} " if len(months) == 1 else ""
                yield f"withdrawn: {when}{source_id}: {load.name}, by {one.by}, {one.at[:10]}: {one.reason}"


def _found(setting: Setting, asked: Asked) -> Load:
    """The delivery as it was checked last."""
    sources = list(setting.project.sources)
    if asked.source not in sources:
        raise CallError(f"'{asked.source}' is not a source. {did_you_mean(asked.source, sources)}")
    come = {load.delivery: load for load in all_loads(setting.home, asked.source)}
    named = [load for load in come.values() if load.name == asked.name]
    if not named:
        names = list(dict.fromkeys(load.name for load in reversed(come.values())))
        near = did_you_mean(asked.name, names) if names else "Nothing of it has been taken in."
        raise CallError(f"'{asked.name}' is no delivery of {asked.source}. {near}")
    found = _chosen(setting, asked, named)
    # What counts for closed months is only known of deliveries that were checked as the contract is now.
    if found.delivery not in {load.delivery for load in setting.loads(asked.source)}:
        raise CallError(
            f"{found.name} was not checked yet as {asked.source} is declared now. Run a month first: scorepack run "
            f"{period_text(newest_over(setting.project))}"
        )
    return found


def _chosen(setting: Setting, asked: Asked, named: Sequence[Load]) -> Load:
    gone = withdrawn(setting.home)
    known = [load.delivery for load in named]
    if asked.delivery and asked.delivery not in known:
        raise CallError(f"'{asked.delivery}' is no delivery of {asked.name}. {did_you_mean(asked.delivery, known)}")
    wanted = [load for load in named if asked.delivery in ("", load.delivery)]
    able = [load for load in wanted if (load.delivery in gone) != asked.withdraws]
    if len(able) == 1:
        return able[0]
    if able:
        verb = "Withdraw" if asked.withdraws else "Reinstate"
        told = "\n".join(f"  {_told(load)}" for load in able)
        raise CallError(
            f"{plural(len(able), 'delivery', 'deliveries')} of {asked.source} have the name {asked.name}:\n{told}\n"
            f"{verb} one of them with: --delivery ID"
        )
    if not asked.withdraws:
        raise CallError(f"{asked.name} is not withdrawn: it needs no reinstating.")
    one = gone[wanted[-1].delivery]
    raise CallError(
        f"{asked.name} is withdrawn already: by {one.by}, {one.at[:10]}. Let it count again with: scorepack reinstate "
        f"{asked.source} '{asked.name}' --by NAME --reason WHY"
    )


def _told(load: Load) -> str:
    """A delivery on one line: its id, when it came, what it is about."""
    what = "refused" if load.refused else plural(load.rows, "row")
    about = f", of {period_text(load.period)}" if load.period else ""
    return f"{load.delivery}  came {load.at[:16].replace('T', ' ')}, known on {load.known_on}{about}, {what}"


def _changed(setting: Setting, load: Load, withdraws: bool) -> Changed:
    """What it changes. Raises ``CallError`` where that is what counts for a closed month."""
    view, last = setting.view(), newest_over(setting.project)
    gone = view.withdrawn | {load.delivery} if withdraws else view.withdrawn - {load.delivery}
    months = sorted({*months_between(setting.project.organisation.first_period, last), *view.closed})
    now, then = (
        _standing(setting, load.source, months, each) for each in (view, replace(view, withdrawn=frozenset(gone)))
    )
    counts, counts_no_more = _gained(now[0], then[0]), _gained(then[0], now[0])
    blocks, blocks_no_more = _gained(now[1], then[1]), _gained(then[1], now[1])
    _require_open(sorted({*counts, *counts_no_more} & {*view.closed}), load, withdraws)
    other = sorted({*counts, *counts_no_more, *blocks, *blocks_no_more})
    open_ones = [month for month in other if month not in view.closed and month <= last]
    moved = [load, *(one for found in (counts, counts_no_more) for loads in found.values() for one in loads)]
    spoken = {month for one in moved for month in _months_of(one)}
    named = [month for month in open_ones if month in spoken]
    return Changed(load, tuple(named or open_ones), *map(_names, (counts, counts_no_more, blocks, blocks_no_more)))


def _standing(setting: Setting, source_id: str, months: Sequence[date], view: View) -> tuple[ByMonth, ByMonth]:
    """What counts for each month, and the refused deliveries that block it."""
    return setting.counting(source_id, months, view), setting.refused(source_id, months, view)


def _gained(before: ByMonth, after: ByMonth) -> dict[date, list[Load]]:
    """The months that have a load after and not before, each with these."""
    known = {(month, load.id) for month, loads in before.items() for load in loads}
    found = {month: [load for load in loads if (month, load.id) not in known] for month, loads in after.items()}
    return {month: loads for month, loads in found.items() if loads}


def _names(found: ByMonth) -> tuple[str, ...]:
    return tuple(dict.fromkeys(load.name for loads in found.values() for load in loads))


def _months_of(load: Load) -> list[date]:
    return sorted({month for month in (load.period, *load.periods) if month is not None})


def _require_open(closed: Sequence[date], load: Load, withdraws: bool) -> None:
    if closed:
        named, verb = first_of([period_text(month) for month in closed]), "are" if len(closed) > 1 else "is"
        what = "withdrawn" if withdraws else "reinstated"
        raise CallError(
            f"{load.name} changes what counts for {named}, which {verb} closed: nothing is {what}. {to_open(closed[0])}"
        )
