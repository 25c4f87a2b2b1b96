"""The tables that packs of one period are made from, and which packs a period has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from scorecards.periods import add_months, months_between
from scorecards.project import Project
from transforms.adding_up import AddsUp
from transforms.moving_targets import TARGETS
from transforms.pack import Point, SeenEffect, SourceRow, UnitMove
from transforms.pack_insight_building import InsightTables
from transforms.targets import origin_shown

HISTORY_MONTHS = 25
Row = dict[str, Any]


@dataclass(frozen=True)
class PackTables:
    """What packs of one period are made from: the tables over the last 25 months, and what is known of sources.

    ``slices`` are values by dimension, of the period and those that it is compared with;
    ``moving_targets`` are KPIs whose target moves at every date;
    ``ranges`` are the anchors of KPIs that are to lie within a range, over all months;
    ``sources`` are the data rows of the period; ``signals`` are those of the period, ``signal_points`` the charts
    behind them; ``insight`` and ``links`` are of the period alone. ``flows`` are the KPIs whose months add up to a year
    to date, ``effects`` what has been seen of those that initiatives are expected to have,
    ``moves`` the units that joined or left others in the months shown, by these,
    ``forecasts`` the months to come by unit and KPI, ``summed`` the KPIs whose values add up over units,
    ``running_totals`` those that sum up from the start of the fiscal year or quarter.
    """

    period: date
    scores: pl.DataFrame
    values: pl.DataFrame
    slices: pl.DataFrame
    anchors: pl.DataFrame
    signals: pl.DataFrame
    signal_points: pl.DataFrame
    sources: tuple[SourceRow, ...]
    declarations_digest: str
    insight: InsightTables
    ranges: pl.DataFrame
    moving_targets: frozenset[str]
    links: pl.DataFrame
    flows: Mapping[str, AddsUp] = field(default_factory=dict)
    effects: Mapping[str, tuple[SeenEffect, ...]] = field(default_factory=dict)
    summed: frozenset[str] = frozenset()
    running_totals: frozenset[str] = frozenset()
    forecasts: Mapping[tuple[str, str], tuple[Point, ...]] = field(default_factory=dict)
    moves: Mapping[str, tuple[UnitMove, ...]] = field(default_factory=dict)

    @cached_property
    def score_rows(self) -> dict[tuple[str, str, str, str], dict[date, Row]]:
        """Score rows by (scorecard, unit, level, node), then by period."""
        found: dict[tuple[str, str, str, str], dict[date, Row]] = {}
        for row in self.scores.iter_rows(named=True):
            found.setdefault((row["scorecard"], row["unit"], row["level"], row["node"]), {})[row["period"]] = row
        return found

    @cached_property
    def value_rows(self) -> dict[tuple[str, str], dict[date, Row]]:
        """KPI values by (unit, kpi), then by period."""
        found: dict[tuple[str, str], dict[date, Row]] = {}
        for row in self.values.iter_rows(named=True):
            found.setdefault((row["unit"], row["kpi"]), {})[row["period"]] = row
        return found

    @cached_property
    def slice_rows(self) -> dict[tuple[str, str], dict[str, dict[date, Row]]]:
        """Values by dimension by (unit, kpi), then by slice and period."""
        found: dict[tuple[str, str], dict[str, dict[date, Row]]] = {}
        for row in self.slices.iter_rows(named=True):
            slices = found.setdefault((row["unit"], row["kpi"]), {})
            slices.setdefault(row["slice"], {})[row["period"]] = row
        return found

    @cached_property
    def anchor_rows(self) -> dict[tuple[str, str, str], dict[str, float]]:
        """The anchors in force in the period, by name, for every (scorecard, unit, kpi)."""
        found: dict[tuple[str, str, str], dict[str, float]] = {}
        for row in self.anchors.filter(pl.col("period") == self.period).iter_rows(named=True):
            found.setdefault((row["scorecard"], row["unit"], row["kpi"]), {})[row["anchor"]] = row["value"]
        return found

    @cached_property
    def target_origins(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        """Where the targets in force in the period come from, for every (scorecard, unit, kpi)."""
        targets = self.anchors.filter(pl.col("period") == self.period, pl.col("anchor").is_in(TARGETS))
        found: dict[tuple[str, str, str], dict[str, None]] = {}
        for row in targets.iter_rows(named=True):
            found.setdefault((row["scorecard"], row["unit"], row["kpi"]), {})[origin_shown(row["origin"])] = None
        return {key: tuple(origins) for key, origins in found.items()}

    @cached_property
    def range_rows(self) -> dict[tuple[str, str, str], dict[date, dict[str, float]]]:
        """The anchors of KPIs within a range by (scorecard, unit, kpi), then by period, by name."""
        found: dict[tuple[str, str, str], dict[date, dict[str, float]]] = {}
        for row in self.ranges.iter_rows(named=True):
            months = found.setdefault((row["scorecard"], row["unit"], row["kpi"]), {})
            months.setdefault(row["period"], {})[row["anchor"]] = row["value"]
        return found

    @cached_property
    def signal_rows(self) -> dict[tuple[str, str, str], Row]:
        """The period's signals by (scorecard, unit, kpi)."""
        return {(row["scorecard"], row["unit"], row["kpi"]): row for row in self.signals.iter_rows(named=True)}

    @cached_property
    def link_rows(self) -> dict[tuple[str, str], list[Row]]:
        """What is known of the map's links by (scorecard, unit)."""
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.links.iter_rows(named=True):
            found.setdefault((row["scorecard"], row["unit"]), []).append(row)
        return found

    @cached_property
    def signal_point_rows(self) -> dict[tuple[str, str], dict[date, Row]]:
        """The points of charts by (unit, kpi), then by period."""
        found: dict[tuple[str, str], dict[date, Row]] = {}
        for row in self.signal_points.iter_rows(named=True):
            found.setdefault((row["unit"], row["kpi"]), {})[row["period"]] = row
        return found


def history_periods(project: Project, period: date) -> list[date]:
    """The months that a pack of the period shows: up to 25, none before the project's first."""
    return months_between(max(add_months(period, 1 - HISTORY_MONTHS), project.organisation.first_period), period)


def packs_of(project: Project, period: date) -> list[tuple[str, str]]:
    """The packs of a period: (scorecard, unit), scorecards in order of declaration, units in the order of units.csv."""
    tree = project.tree(period)
    return [
        (card_id, unit) for card_id, card in project.strategy.scorecards.items() for unit in tree.select(card.units)
    ]
