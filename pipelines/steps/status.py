"""Status: per month, what came, what was computed and what was delivered; from the journal and the tables alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.steps.ingest import Ingested, states
from pipelines.steps.setting import Setting, blocked, newest_over
from scorecards.periods import add_months, months_between, parse_period, period_text
from warehouse import journal
from warehouse.selection import refusals
from warehouse.store import open_warehouse
from warehouse.tables import COVERAGE, PACKS, SCORES


@dataclass(frozen=True)
class MonthState:
    """One month: its sources by state, rows in quarantine, scorecards with a score, packs, and deliveries that left."""

    period: date
    sources: int
    loaded: int
    missing: tuple[str, ...]
    refused: tuple[str, ...]
    rejected: int
    scored: int
    packs: int
    delivered: int


def month_states(setting: Setting, months: int) -> list[MonthState]:
    """The newest ``months`` months that anything is known of, newest first.

    A source of many months counts as loaded for the months that its data speak of, as the computed coverage says, or,
    where a month was not computed, for those that its rows name.
    """
    with open_warehouse(setting.home) as warehouse:
        scores, packs, coverage = warehouse.read(SCORES), warehouse.read(PACKS), warehouse.read(COVERAGE)
    covered = {(row["source"], row["period"]): row["is_covered"] for row in coverage.iter_rows(named=True)}
    first = setting.project.organisation.first_period
    last = newest_over(setting.project)
    loads = [load for source_id in setting.project.sources for load in setting.loads(source_id)]
    known = {period for load in loads for period in (load.period, *load.periods) if period} | set(scores["period"])
    last = max((period for period in known if first <= period <= last), default=last)
    done = _delivered(setting)
    dated = [source_id for source_id, source in setting.project.sources.items() if not source.is_reference]
    found: list[MonthState] = []
    for period in reversed(months_between(max(first, add_months(last, 1 - months)), last)):
        here = [states(setting, source_id, [period])[0] for source_id in dated]
        missing = tuple(
            one.source
            for one in here
            if one.state == "missing" or (one.state == "loaded" and not _speaks(one, covered))
        )
        refused = tuple(one.source for one in here if one.state == "refused")
        scored = scores.filter(
            pl.col("period") == period, pl.col("level") == "scorecard", pl.col("score").is_not_null()
        ).height
        found.append(
            MonthState(
                period,
                len(dated),
                len(dated) - len(missing) - len(refused),
                missing,
                refused,
                sum(load.rejected for one in here for load in one.loads if load.period == period),
                scored,
                packs.filter(pl.col("period") == period).height,
                done.get(period, 0),
            )
        )
    return found


def _speaks(one: Ingested, covered: dict[tuple[str, date], bool]) -> bool:
    known = covered.get((one.source, one.period))
    return (
        known
        if known is not None
        else any(one.period == load.period or one.period in load.periods for load in one.loads)
    )


def missing_told(setting: Setting, periods: Sequence[date]) -> Iterator[str]:
    """One line for every month of a run in which sources have nothing."""
    with open_warehouse(setting.home) as warehouse:
        coverage = warehouse.read(COVERAGE, periods).filter(~pl.col("is_covered"))
    for period in periods:
        names = coverage.filter(pl.col("period") == period)["source"].to_list()
        if names:
            yield f"missing: {period_text(period)}: {', '.join(names)}"


def refusals_told(setting: Setting) -> Iterator[str]:
    """One line for every refused delivery that nothing has replaced."""
    for source_id in setting.project.sources:
        for load in refusals(setting.loads(source_id)):
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


def _delivered(setting: Setting) -> dict[date, int]:
    last: dict[str, journal.Entry] = {entry.key: entry for entry in journal.entries(setting.home, "delivery")}
    counts: dict[date, int] = {}
    for entry in last.values():
        if entry.body["state"] in ("accepted", "written"):
            period = parse_period(entry.body["period"])
            counts[period] = counts.get(period, 0) + 1
    return counts
