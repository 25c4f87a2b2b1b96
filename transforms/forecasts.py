"""Which forecasts a pack shows: of the months after its own, the newest that had been made by then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from scorecards.forecasts import Forecast
from scorecards.periods import add_months, month_end
from scorecards.project import Project
from transforms.pack import Point


def forecasts(project: Project, period: date) -> Mapping[tuple[str, str], tuple[Point, ...]]:
    """By unit and KPI the forecast months after the period, from the next one on without a gap, oldest first.

    Of several forecasts of a month the newest counts that was made by the end of the month after the period, in which
    packs are made: a later one had no part in them. One without a day counts where there is no other.
    """
    latest = month_end(add_months(period, 1))
    newest: dict[tuple[str, str], dict[date, Forecast]] = {}
    for row in project.forecasts:
        if row.period <= period or (row.made_on is not None and row.made_on > latest):
            continue
        months = newest.setdefault((row.unit, row.kpi), {})
        other = months.get(row.period)
        if other is None or (row.made_on or date.min) > (other.made_on or date.min):
            months[row.period] = row
    found: dict[tuple[str, str], tuple[Point, ...]] = {}
    for key, months in newest.items():
        points: list[Point] = []
        while (row_of := months.get(add_months(period, len(points) + 1))) is not None:
            points.append(Point(row_of.period, row_of.value, None, None))
        if points:
            found[key] = tuple(points)
    return found
