"""Tables of KPIs broken down by a column: every figure written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from report_templates.days import short_month
from report_templates.kpi_messages import scale_of
from report_templates.language import language
from report_templates.messages import last_year, previous_period
from report_templates.reasons import reason_words
from transforms.pack import KpiLine, Pack

# The height of a table beside its rows, and of a page with some room to spare for names of two lines, in rows.
_ROWS_OF_A_HEAD, _ROWS_OF_A_PAGE = 2.3, 22


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
    say = language(pack.locale)
    before, year_before = (short_month(when(pack), pack.locale, year=True) for when in (previous_period, last_year))
    for line in pack.kpis:
        scale = scale_of(pack, line)
        for breakdown in line.breakdowns:
            rows = [
                BreakdownRow(
                    row.name or say("no %(column)s", column=_words(breakdown.column)),
                    scale.figure(row.value), scale.figure(row.previous), scale.figure(row.last_year),
                    reason_words(row.missing_reason, pack.locale) if row.value is None else "",
                )
                for row in breakdown.rows
            ]  # fmt: skip
            whole = BreakdownRow(
                say.pgettext("the sum of a table", "all"),
                scale.figure(line.value),
                scale.figure(line.previous),
                scale.figure(line.last_year),
                "",
                True,
            )
            yield BreakdownTable(
                line, _words(breakdown.column), scale.label, before, year_before, (*rows, whole)
            )  # fmt: skip


def next_column_at(tables: Sequence[BreakdownTable]) -> int | None:
    """The place of the table that begins the second of two balanced columns; None where a page does not hold them.

    WeasyPrint balances columns by laying them out again for every pixel, up to a hundred times; rows tell the same.
    """
    heights = [_ROWS_OF_A_HEAD + len(table.rows) for table in tables]
    higher = [max(sum(heights[:place]), sum(heights[place:])) for place in range(1, len(heights) + 1)]
    least = min(higher, default=0)
    if least > _ROWS_OF_A_PAGE:
        return None
    return max((place for place in range(1, len(heights) + 1) if sum(heights[:place]) <= least), default=None)


def _words(column: str) -> str:
    return column.replace("_", " ")
