"""Evidence for the strategy map's links: whether the driver's score led that of the outcome in the months so far.

Belongs here: which links there are, what is said of each, and the published table. The arithmetic is
``lagged_ranks.py``. A link is a hypothesis of those who declared it; months are few, and what else happened in them is
not held still. So what is said is no proof of cause, and nothing is said where it could well be chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from scorecards.periods import add_months, months_between
from scorecards.project import Project
from transforms.lagged_ranks import Floats, lagged
from transforms.pack import LEAST_MONTHS_OF_LINKS, LinkStatus

MOST_MONTHS: Final = 60
LAGS: Final = (1, 2, 3, 4, 5, 6)
FALSE_DISCOVERIES: Final = 0.1
"""Of the links of a map that are called supported or contradicted, the share that is expected to be chance."""

LINK_EVIDENCE = {
    "scorecard": pl.String,
    "period": pl.Date,
    "unit": pl.String,
    "driver": pl.String,
    "outcome": pl.String,
    "status": pl.String,
    "months": pl.Int64,
    "lag": pl.Int64,
    "correlation": pl.Float64,
    "effective_pairs": pl.Float64,
    "chance": pl.Float64,
}


@dataclass(frozen=True)
class _Asked:
    """A link of a unit's map in a period, with the row of each objective's series and the lag that is declared."""

    scorecard: str
    period: date
    unit: str
    driver: str
    outcome: str
    rows: tuple[int, int]
    lag: int | None


@dataclass(frozen=True)
class _Told:
    """What the scores say: at which lag they say most, and the chance of saying so much at any of those tried."""

    months: int
    lag: int | None = None
    correlation: float | None = None
    effective: float | None = None
    chance: float | None = None


def months_of_evidence(project: Project, period: date) -> list[date]:
    """The months whose scores count for a period: the last five years, none before the project's first."""
    return months_between(max(add_months(period, 1 - MOST_MONTHS), project.organisation.first_period), period)


def link_evidence(project: Project, scores: pl.DataFrame, periods: Sequence[date]) -> pl.DataFrame:
    """What is known of every declared link by each of the periods: the frame ``LINK_EVIDENCE``, sorted by its key.

    ``scores`` are rows of level objective of the table of scores over all months that count (``months_of_evidence``).
    Only units where both objectives apply have the link. The newest months without a gap in which both have a score
    count. With fewer than 24 of them, or where both moved too seldom, a link is **untested**. It is **supported**
    where the driver's movements went before like ones of the outcome, **contradicted** where they went before opposite
    ones, and **undecided** where that could well be chance: Benjamini and Hochberg's rule (1995) over the tested links
    of one map. Where several lags are tried, the chance is that of the best of them (Šidák, 1967).
    """
    own = scores.filter(pl.col("level") == "objective")
    if own.is_empty() or not periods:
        return pl.DataFrame(schema=LINK_EVIDENCE)
    months = months_between(own["period"].min(), max(periods))  # type: ignore[arg-type]
    series, places = _series(own, months)
    standing = own.filter(pl.col("period").is_in(list(periods)))
    asked = list(_asked(project, standing, places))
    told = _told(asked, series, {month: at for at, month in enumerate(months)})
    maps: dict[tuple[str, date, str], list[int]] = {}
    for at, link in enumerate(asked):
        maps.setdefault((link.scorecard, link.period, link.unit), []).append(at)
    status: dict[int, LinkStatus] = {}
    for links in maps.values():
        status |= _judged({at: told[at] for at in links})
    rows = [
        (
            link.scorecard, link.period, link.unit, link.driver, link.outcome, status[at], told[at].months,
            told[at].lag, told[at].correlation, told[at].effective, told[at].chance,
        )
        for at, link in enumerate(asked)
    ]  # fmt: skip
    found = pl.DataFrame(rows, schema=LINK_EVIDENCE, orient="row")
    return found.sort("scorecard", "period", "unit", "driver", "outcome")


def _series(own: pl.DataFrame, months: Sequence[date]) -> tuple[Floats, Mapping[tuple[str, str, str], int]]:
    """The scores, one row an objective of a unit and one column a month, NaN where there is none."""
    keys = own.select("scorecard", "unit", "node").unique(maintain_order=True).with_row_index("row")
    by_month = pl.DataFrame({"period": list(months)}, schema={"period": pl.Date}).with_row_index("column")
    placed = own.join(keys, on=["scorecard", "unit", "node"]).join(by_month, on="period")
    series = np.full((keys.height, len(months)), np.nan)
    series[placed["row"].to_numpy(), placed["column"].to_numpy()] = (
        placed["score"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    )
    return series, {(card, unit, node): row for row, card, unit, node in keys.iter_rows()}


def _asked(project: Project, standing: pl.DataFrame, places: Mapping[tuple[str, str, str], int]) -> Iterator[_Asked]:
    here: dict[tuple[str, date, str], set[str]] = {}
    for card, period, unit, node in standing.select("scorecard", "period", "unit", "node").iter_rows():
        here.setdefault((card, period, unit), set()).add(node)
    for (card, period, unit), nodes in here.items():
        declared = project.strategy.scorecards.get(card)
        for driver, objective in declared.objectives.items() if declared is not None else ():
            for outcome, lag in objective.leads_to.items():
                if driver in nodes and outcome in nodes:
                    rows = places[card, unit, driver], places[card, unit, outcome]
                    yield _Asked(card, period, unit, driver, outcome, rows, lag)


def _told(asked: Sequence[_Asked], series: Floats, columns: Mapping[date, int]) -> list[_Told]:
    """What each link's scores say; links with as many months and the same lags at once."""
    told = [_Told(0)] * len(asked)
    groups: dict[tuple[int, int | None], list[int]] = {}
    for at, link in enumerate(asked):
        end = columns[link.period] + 1
        months = _unbroken(series[list(link.rows), max(end - MOST_MONTHS, 0) : end])
        told[at] = _Told(months)
        if months >= LEAST_MONTHS_OF_LINKS:
            groups.setdefault((months, link.lag), []).append(at)
    for (months, lag), members in groups.items():
        ends = [columns[asked[at].period] + 1 for at in members]
        drivers, outcomes = (
            np.array(
                [series[asked[at].rows[side], end - months : end] for at, end in zip(members, ends, strict=True)]
            ).T
            for side in (0, 1)
        )
        for at, one in zip(members, _best(months, drivers, outcomes, LAGS if lag is None else (lag,)), strict=True):
            told[at] = one
    return told


def _unbroken(pair: Floats) -> int:
    """How many of the last months have both scores, up to the newest gap."""
    is_gap = np.logical_or(np.isnan(pair[0]), np.isnan(pair[1]))[::-1]
    return int(is_gap.argmax()) if is_gap.any() else len(is_gap)


def _best(months: int, drivers: Floats, outcomes: Floats, lags: Sequence[int]) -> Iterator[_Told]:
    found = list(lagged(drivers, outcomes, lags))
    for column in range(drivers.shape[1]):
        tried = [one for one in found if not np.isnan(one.chance[column])]
        if not tried:
            yield _Told(months)
            continue
        best = min(tried, key=lambda one: (one.chance[column], one.lag))
        yield _Told(
            months,
            best.lag,
            float(best.correlation[column]),
            float(best.effective[column]),
            float(1 - (1 - best.chance[column]) ** len(tried)),
        )


def _judged(links: Mapping[int, _Told]) -> Mapping[int, LinkStatus]:
    """The status of each link of one map."""
    tested = sorted((one.chance, at) for at, one in links.items() if one.chance is not None)
    passing = [rank for rank, (chance, _) in enumerate(tested, 1) if chance <= FALSE_DISCOVERIES * rank / len(tested)]
    status: dict[int, LinkStatus] = dict.fromkeys(links, "untested")
    for rank, (_, at) in enumerate(tested, 1):
        is_up = (links[at].correlation or 0.0) > 0
        status[at] = "undecided" if rank > max(passing, default=0) else "supported" if is_up else "contradicted"
    return status
