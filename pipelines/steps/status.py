"""Status: per month, what came, what was computed and what was delivered; from the journal and the tables alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from pipelines.steps.ingest import states
from pipelines.steps.setting import Setting
from scorecards.periods import add_months, months_between, parse_period, period_text
from warehouse import journal
from warehouse.loads import all_loads, refusals
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
    """The newest ``months`` months of the project, newest first."""
    last = add_months(datetime.now(UTC).date().replace(day=1), -1)
    first = max(setting.project.organisation.first_period, add_months(last, 1 - months))
    with open_warehouse(setting.home) as warehouse:
        scores, packs, coverage = warehouse.read(SCORES), warehouse.read(PACKS), warehouse.read(COVERAGE)
    done = _delivered(setting)
    dated = {source_id: source for source_id, source in setting.project.sources.items() if not source.is_reference}
    uncovered = {(row["source"], row["period"]) for row in coverage.iter_rows(named=True) if not row["is_covered"]}
    found: list[MonthState] = []
    for period in reversed(months_between(first, last)):
        here = [states(setting, source_id, [period])[0] for source_id in dated]
        missing = tuple(one.source for one in here if one.state == "missing" or (one.state == "loaded" and (one.source, period) in uncovered))
        refused = tuple(one.source for one in here if one.state == "refused")
        scored = scores.filter(pl.col("period") == period, pl.col("level") == "scorecard", pl.col("score").is_not_null()).height
        found.append(
            MonthState(
                period, len(dated), len(dated) - len(missing) - len(refused), missing, refused,
                sum(load.rejected for one in here for load in one.loads if load.period == period), scored,
                packs.filter(pl.col("period") == period).height, done.get(period, 0),
            )
        )  # fmt: skip
    return found


def refusals_told(setting: Setting) -> Iterator[str]:
    """One line for every refused delivery that nothing has replaced."""
    for load in refusals(all_loads(setting.home)):
        when = f"{period_text(load.period)} " if load.period else ""
        yield f"refused: {when}{load.source}: {load.refused}"


def _delivered(setting: Setting) -> dict[date, int]:
    last: dict[str, journal.Entry] = {entry.key: entry for entry in journal.entries(setting.home, "delivery")}
    counts: dict[date, int] = {}
    for entry in last.values():
        if entry.body["state"] in ("accepted", "written"):
            period = parse_period(entry.body["period"])
            counts[period] = counts.get(period, 0) + 1
    return counts
