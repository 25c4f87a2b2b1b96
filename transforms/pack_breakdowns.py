"""A KPI broken down by the columns that it declares under ``by``, for the pack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from scorecards.kpis import Kpi
from scorecards.periods import add_months
from transforms.pack import Breakdown, SliceRow
from transforms.pack_tables import Row


def breakdowns(kpi: Kpi, slices: Mapping[str, Mapping[date, Row]], period: date) -> tuple[Breakdown, ...]:
    """One table for each column; a value without rows in the period itself has no line."""
    found = []
    for column in kpi.by:
        mark = f"{column}="
        own = {name.removeprefix(mark): rows for name, rows in slices.items() if name.startswith(mark)}
        lines = tuple(_line(name, rows, period) for name, rows in sorted(own.items()) if period in rows)
        if lines:
            found.append(Breakdown(column, lines))
    return tuple(found)


def _line(name: str, rows: Mapping[date, Row], period: date) -> SliceRow:
    now = rows[period]
    previous, last_year = (rows.get(add_months(period, -back), {}).get("value") for back in (1, 12))
    return SliceRow(
        name, now["value"], now["missing_reason"], now["numerator"], now["denominator"], previous, last_year
    )
