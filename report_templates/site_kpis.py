"""A KPI's own page on the site: its chart, and every month of it in words and figures.

Belongs here: what the page shows. How it looks and how it is moved through is in ``site/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from report_templates.column_chart import ColumnChart, column_chart
from report_templates.days import month
from report_templates.formatting import MISSING, status_word
from report_templates.history import months_shown
from report_templates.kpi_messages import chart_message, state_of
from report_templates.kpi_rows import KpiRow, kpi_row
from report_templates.language import language
from report_templates.page_plan import has_xmr
from report_templates.reasons import reason_words
from report_templates.signal_messages import variation_words
from report_templates.xmr_chart import XmrChart, xmr_chart
from transforms.pack import KpiLine, Pack, Point, SignalPoint, Status

_WIDTH, _HEIGHT = 170.0, 60.0


@dataclass(frozen=True)
class KpiPage:
    """What the page of a KPI shows; one of the two charts is None. ``plot_width`` is that of the months alone."""

    line: KpiLine
    row: KpiRow
    xmr: XmrChart | None
    columns: ColumnChart | None
    plot_width: float
    slots: int
    message: str
    sentence: str
    objective: str


@dataclass(frozen=True)
class MonthRow:
    """A month of a KPI, every figure written, and all of it in ``words``."""

    period: date
    value: str
    target: str
    status: Status | None
    lower: str
    upper: str
    signal: str
    words: str


def kpi_page(pack: Pack, line: KpiLine) -> KpiPage:
    """The page of one KPI of a pack."""
    slots, say = months_shown(pack), language(pack.locale)
    places = line.signal.history if line.signal is not None else ()
    xmr = xmr_chart(line.history, places, _WIDTH, _HEIGHT, slots, locale=pack.locale) if has_xmr(line) else None
    columns = None if xmr else column_chart(line.history, _WIDTH, _HEIGHT, slots, locale=pack.locale)
    chart = xmr or columns
    assert chart is not None
    objectives = {card.id: card.name for card in pack.objectives}
    return KpiPage(
        line=line,
        row=kpi_row(pack, line, slots),
        xmr=xmr,
        columns=columns,
        plot_width=chart.plot_right,
        slots=slots,
        message=chart_message(pack, line),
        sentence=say("%(clause)s.", clause=state_of(pack, line)),
        objective=objectives.get(line.objective, line.objective),
    )


def months_of(pack: Pack, page: KpiPage) -> tuple[MonthRow, ...]:
    """The months that the chart of a KPI's page shows, oldest first."""
    line = page.line
    places = line.signal.history if line.signal is not None else (None,) * len(line.history)
    both = list(zip(line.history, places, strict=True))[-page.slots :]
    return tuple(_month(page, point, place if page.xmr is not None else None) for point, place in both)


def _month(page: KpiPage, point: Point, place: SignalPoint | None) -> MonthRow:
    scale = page.row.scale
    is_range = page.line.direction == "within"
    target = _range(scale.figure(point.lower), scale.figure(point.upper)) if is_range else scale.figure(point.target)
    lower, upper = (scale.figure(place.lower), scale.figure(place.upper)) if place else (MISSING, MISSING)
    say = language(scale.locale)
    signal = variation_words(place.variation, scale.locale) if place and place.variation != "common cause" else ""
    missing = reason_words("no_value", scale.locale)
    words = [
        f"{month(point.period, scale.locale)}: {missing if point.value is None else scale.text(point.value)}",
        say("target %(target)s", target=target) if target != MISSING else "",
        status_word(point.status, scale.locale) if point.status else "",
        say("usual from %(lower)s to %(upper)s", lower=lower, upper=upper) if lower != MISSING else "",
        say("signal: %(signal)s", signal=signal) if signal else "",
    ]
    told = say("%(clause)s.", clause=", ".join(filter(None, words)))
    return MonthRow(point.period, scale.figure(point.value), target, point.status, lower, upper, signal, told)


def _range(lower: str, upper: str) -> str:
    return MISSING if lower == upper == MISSING else f"{lower} – {upper}"
