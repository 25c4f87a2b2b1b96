"""Tables of KPIs broken down by a column: every figure written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from report_templates.formatting import reason_words, short_month
from report_templates.kpi_messages import scale_of
from report_templates.messages import last_year, previous_period
from transforms.pack import KpiLine, Pack


@dataclass(frozen=True)
class BreakdownRow:
    """One value of the column, or the whole."""

    name: str
    actual: str
    previous: str
    last_year: str
    note: str
    is_whole: bool = False


@dataclass(frozen=True)
class BreakdownTable:
    """A KPI by one column; the last row is the whole. ``previous`` and ``last_year`` head their columns."""

    line: KpiLine
    column: str
    measured_in: str
    previous: str
    last_year: str
    rows: tuple[BreakdownRow, ...]


def breakdown_tables(pack: Pack) -> Iterator[BreakdownTable]:
    """A table for each KPI and column that it is broken down by, in the order of the pack."""
    before, year_before = (short_month(when(pack), year=True) for when in (previous_period, last_year))
    for line in pack.kpis:
        scale = scale_of(pack, line)
        for breakdown in line.breakdowns:
            rows = [
                BreakdownRow(
                    row.name or f"no {_words(breakdown.column)}",
                    scale.figure(row.value), scale.figure(row.previous), scale.figure(row.last_year),
                    reason_words(row.missing_reason) if row.value is None else "",
                )
                for row in breakdown.rows
            ]  # fmt: skip
            whole = BreakdownRow(
                "all", scale.figure(line.value), scale.figure(line.previous), scale.figure(line.last_year), "", True
            )
            yield BreakdownTable(
                line, _words(breakdown.column), scale.label, before, year_before, (*rows, whole)
            )  # fmt: skip


def _words(column: str) -> str:
    return column.replace("_", " ")
