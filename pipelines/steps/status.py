"""Status: per month, what came, what was computed and what was delivered; from the journal and the tables alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.steps.approved import packs_and_approved
from pipelines.steps.fetching import lying
from pipelines.steps.late_rows import first_of, held_back, late_rows_told, to_open
from pipelines.steps.quarantined import rejected_by_load
from pipelines.steps.reading import KPIS
from pipelines.steps.setting import Setting, blocked, newest_over
from pipelines.steps.source_status import SourceState, source_states
from pipelines.steps.staleness import stored_prints
from pipelines.steps.standing import Stale, stale_months
from scorecards.packs import PDF
from scorecards.periods import add_months, months_between, period_text
from scorecards.words import plural
from warehouse.editions import Edition, editions
from warehouse.ledger import HAD, last_records
from warehouse.selection import Load, refusals, waiting
from warehouse.store import open_warehouse
from warehouse.tables import COVERAGE, PACKS, SCORES


@dataclass(frozen=True)
class MonthState:
    """One month: its sources by state, rows in quarantine, what was computed, packs, and deliveries that left.

    ``rejected`` are rows of the month's own files, ``rejected_of_many_months`` of those that it shares with others.
    Sources of which nothing is due are not among ``sources``. ``is_computed`` says that a run has computed it, with
    ``scored`` scorecards that have a score; ``stale`` why a run would compute it anew; ``waiting`` counts
    deliveries that came after it was closed; ``edition`` is the number of its newest edition, 0 before it is published.
    ``packs`` are that edition's, before it is published those that a run has rendered, ``approved`` how many of them
    are approved.
    """

    period: date
    sources: int
    loaded: int
    missing: tuple[str, ...]
    refused: tuple[str, ...]
    rejected: int
    rejected_of_many_months: int
    is_computed: bool
    scored: int
    stale: tuple[Stale, ...]
    is_closed: bool
    waiting: int
    edition: int
    packs: int
    approved: int
    delivered: int
    by_source: tuple[SourceState, ...]

    @property
    def words(self) -> str:
        """How far the month is computed, in a few words."""
        parts = [f"{self.scored} scored" if self.scored else "computed" if self.is_computed else "not computed"]
        parts += [f"stale: {' and '.join(self.stale)}"] if self.stale else []
        parts += ["closed"] if self.is_closed else []
        parts += [f"{self.waiting} waiting"] if self.waiting else []
        return ", ".join(parts)


def month_states(setting: Setting, months: int, today: date) -> list[MonthState]:
    """The newest ``months`` months that anything is known of, newest first."""
    loads = [load for source_id in setting.project.sources for load in setting.loads(source_id)]
    first, last = setting.project.organisation.first_period, newest_over(setting.project)
    with open_warehouse(setting.home) as warehouse:
        known = {period for load in loads for period in (load.period, *load.periods) if period}
        computed = set(stored_prints(warehouse, KPIS))
        known |= computed
        last = max((period for period in known if first <= period <= last), default=last)
        wanted = months_between(max(first, add_months(last, 1 - months)), last)
        scores = warehouse.read(SCORES, wanted, level=["scorecard"]).filter(pl.col("score").is_not_null())
        scored = dict(scores.group_by("period").len().iter_rows())
        packs = dict(warehouse.read(PACKS, wanted, format=[PDF]).group_by("period").len().iter_rows())
        coverage = warehouse.read(COVERAGE, wanted)
        rejected = rejected_by_load(warehouse)
        stale = stale_months(setting, warehouse, wanted)
    covered = {(row["source"], row["period"]): row["is_covered"] for row in coverage.iter_rows(named=True)}
    closed = setting.closed()
    late = Counter({period: len(found) for period, found in _waiting(setting).items()})
    late.update(period for period, _ in held_back(setting))
    newest = {edition.period: edition for edition in editions(setting.home)}
    done = _delivered(setting, newest)
    by_source = source_states(setting, wanted, covered, rejected, today)
    found: list[MonthState] = []
    for period in reversed(wanted):
        here, edition = by_source[period], newest.get(period)
        drawn = (packs.get(period, 0), 0)
        count, approved = packs_and_approved(setting, edition) if edition is not None else drawn
        missing = tuple(one.source for one in here if one.state == "missing")
        refused = tuple(one.source for one in here if one.state == "refused")
        found.append(
            MonthState(
                period=period,
                sources=sum(one.state != "not due" for one in here),
                loaded=sum(one.state == "loaded" for one in here),
                missing=missing,
                refused=refused,
                rejected=sum(one.rejected for one in here),
                rejected_of_many_months=sum(one.rejected_of_many_months for one in here),
                is_computed=period in computed,
                scored=scored.get(period, 0),
                stale=stale.get(period, ()),
                is_closed=period in closed,
                waiting=late[period],
                edition=edition.number if edition else 0,
                packs=count,
                approved=approved,
                delivered=done.get(period, 0),
                by_source=tuple(here),
            )
        )
    return found


def _waiting(setting: Setting) -> dict[date, list[Load]]:
    found: dict[date, list[Load]] = {}
    for source_id, source in setting.project.sources.items():
        for period, loads in waiting(source, setting.loads(source_id), setting.view()).items():
            found.setdefault(period, []).extend(loads)
    return found


def waiting_told(setting: Setting) -> Iterator[str]:
    """One line for every closed month for which something was delivered since, and whether it counts elsewhere."""
    for period, loads in sorted(_waiting(setting).items()):
        names = first_of([load.name for load in loads])
        yield f"waiting: {period_text(period)} is closed, and does not count {names}. {to_open(period)}"
    yield from late_rows_told(setting)


def lying_told(setting: Setting) -> Iterator[str]:
    """Files that came since their month was run, a line a month; and those of earlier months that were never run."""
    known = {source_id: setting.loads(source_id) for source_id in setting.project.sources}
    run_before = {load.period for loads in known.values() for load in loads if load.period is not None}
    first, last = setting.project.organisation.first_period, max(run_before, default=date.min)
    again, never = dict[date, list[str]](), dict[date, list[str]]()
    for source_id, source in setting.project.sources.items():
        taken = {load.name for load in known[source_id]}
        for delivery in lying(setting, source):
            period = delivery.period
            if period is not None and first <= period <= last and delivery.name not in taken:
                (again if period in run_before else never).setdefault(period, []).append(delivery.name)
    closed = setting.closed()
    for period, names in sorted(again.items()):
        name = period_text(period)
        remedy = f"{name} is closed. {to_open(period)}" if period in closed else f"Run it with: scorepack run {name}"
        yield f"not yet taken in: {name}: {first_of(names)}. {remedy}"
    if never:
        here, there = period_text(min(never)), period_text(max(never))
        yield (
            f"not yet taken in: {plural(sum(map(len, never.values())), 'file')} of {here} to {there}, months that were "
            f"never run. Run them with: scorepack backfill {here} {there}"
        )


def missing_told(setting: Setting, periods: Sequence[date]) -> Iterator[str]:
    """One line for every month of a run in which sources have nothing, although something was due."""
    with open_warehouse(setting.home) as warehouse:
        coverage = warehouse.read(COVERAGE, periods)
    covered = {(row["source"], row["period"]): row["is_covered"] for row in coverage.iter_rows(named=True)}
    by_source = source_states(setting, periods, covered, {}, date.min)
    for period in periods:
        not_due = {one.source for one in by_source[period] if one.state == "not due"}
        lacking = coverage.filter(pl.col("period") == period, ~pl.col("is_covered"))["source"].to_list()
        names = [name for name in lacking if name not in not_due]
        if names:
            yield f"missing: {period_text(period)}: {', '.join(names)}"


def refusals_told(setting: Setting) -> Iterator[str]:
    """One line for every refused delivery that nothing has replaced."""
    view = setting.view()
    for source_id in setting.project.sources:
        for load in refusals(setting.loads(source_id), view):
            when = f"{period_text(load.period)} " if load.period else ""
            yield f"refused: {when}{load.source}: {load.refused}"


def stale_told(setting: Setting, period: date) -> str:
    """That deliveries for a computed month were refused since, and what to do; empty where none were."""
    bad = blocked(setting, [period]).get(period, [])
    if not bad:
        return ""
    named, text = ", ".join(sorted({load.name for load in bad})), period_text(period)
    return (
        f"Newer data for {text} were refused ({named}). What is shown was computed before them. "
        f"See why with scorepack status, have them corrected and delivered again, then: scorepack run {text}."
    )


def _delivered(setting: Setting, newest: Mapping[date, Edition]) -> dict[date, int]:
    """By month the messages of its newest edition that have left."""
    found = Counter[date]()
    for key, record in last_records(setting.home).items():
        edition = newest.get(key.period)
        if edition is not None and key.edition == edition.number:
            found[key.period] += record.state in HAD
    return dict(found)
