"""The chart of one KPI in whatever size a page gives it: with limits where signals are told from noise, else columns.

Belongs here: which kind of chart it is. Its geometry is ``xmr_chart.py`` and ``column_chart.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from report_templates.column_chart import FOOT, ColumnChart, column_chart, months_ahead
from report_templates.days import short_month
from report_templates.kpi_messages import chart_message, scale_of
from report_templates.kpi_rows import KpiRow
from report_templates.language import language
from report_templates.page_plan import has_xmr
from report_templates.shared_scales import Reach
from report_templates.who_counts import breaks_path
from report_templates.xmr_chart import TOP, XmrChart, xmr_chart
from scorecards.periods import FREQUENCY_MONTHS
from transforms.pack import Pack


@dataclass(frozen=True)
class KpiChart:
    """The chart of a KPI with its alternative text: ``xmr`` where signals are told from noise, else ``columns``.

    ``forecast`` tells the last month to come; ``scale_to`` the end of the scale, where a unit has several. ``breaks``
    is the path of the marks before months in which who counts changed.
    """

    row: KpiRow
    columns: ColumnChart | None
    xmr: XmrChart | None
    message: str
    forecast: str = ""
    scale_to: str = ""
    breaks: str = ""


def kpi_chart(
    pack: Pack,
    row: KpiRow,
    width: float,
    height: float,
    months: int,
    reach: Reach | None = None,
    *,
    as_columns: bool | None = None,
) -> KpiChart:
    """The chart of a row's KPI in a frame of millimetres, over so many months.

    Columns take the scale ``reach``; ``as_columns`` says whether they are drawn, by default where there are no limits.
    """
    line, message = row.line, chart_message(pack, row.line)
    if not has_xmr(line) if as_columns is None else as_columns:
        drawn = column_chart(
            line.history,
            width,
            height,
            months,
            locale=pack.locale,
            direction=line.direction,
            forecast=line.forecast,
            reach=None if reach is None else (reach.low, reach.high),
        )
        scale = scale_of(pack, line)
        shown = months_ahead(line.forecast, months)
        say = language(pack.locale)
        last = "" if not shown else say(
            "%(month)s forecast %(value)s",
            month=short_month(shown[-1].period, pack.locale, year=True), value=scale.figure(shown[-1].value),
        )  # fmt: skip
        to = "" if reach is None or not reach.is_one_of_several else scale.figure(reach.high)
        broken = breaks_path(line, drawn.plot_right, TOP, height - FOOT, months, len(shown))
        return KpiChart(row, drawn, None, message, last, to, broken)
    places = line.signal.history if line.signal is not None else ()
    every = FREQUENCY_MONTHS[line.frequency]
    lines = xmr_chart(line.history, places, width, height, months, locale=pack.locale, every=every)
    return KpiChart(row, None, lines, message, breaks=breaks_path(line, lines.plot_right, TOP, lines.floor, months))
