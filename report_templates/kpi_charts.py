"""The chart of one KPI in whatever size a page gives it: with limits where signals are told from noise, else columns.

Belongs here: which kind of chart it is. Its geometry is ``xmr_chart.py`` and ``column_chart.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from report_templates.column_chart import ColumnChart, column_chart
from report_templates.kpi_messages import chart_message
from report_templates.kpi_rows import KpiRow
from report_templates.page_plan import has_xmr
from report_templates.xmr_chart import XmrChart, xmr_chart
from transforms.pack import Pack


@dataclass(frozen=True)
class KpiChart:
    """The chart of a KPI with its alternative text: ``xmr`` where signals are told from noise, else ``columns``."""

    row: KpiRow
    columns: ColumnChart | None
    xmr: XmrChart | None
    message: str


def kpi_chart(pack: Pack, row: KpiRow, width: float, height: float, months: int) -> KpiChart:
    """The chart of a row's KPI in a frame of millimetres, over so many months."""
    line, message = row.line, chart_message(pack, row.line)
    if not has_xmr(line):
        return KpiChart(row, column_chart(line.history, width, height, months, locale=pack.locale), None, message)
    places = line.signal.history if line.signal is not None else ()
    drawn = xmr_chart(line.history, places, width, height, months, locale=pack.locale)
    return KpiChart(row, None, drawn, message)
