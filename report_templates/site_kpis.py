"""A KPI's own page on the site: its charts, and every month of it in words and figures.

Belongs here: what the page shows. How it looks and how it is moved through is in ``site/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from report_templates.column_chart import months_ahead
from report_templates.days import month
from report_templates.definition_cards import DefinitionCard, definition_card
from report_templates.formatting import MISSING, status_word
from report_templates.history import months_shown
from report_templates.kpi_charts import KpiChart, kpi_chart
from report_templates.kpi_messages import state_of
from report_templates.kpi_rows import KpiRow, kpi_row
from report_templates.language import language
from report_templates.page_plan import has_columns, has_xmr
from report_templates.reasons import reason_words
from report_templates.signal_messages import variation_words
from transforms.pack import KpiLine, Pack, Point, SignalPoint, Status

_WIDTH, _HEIGHT = 132.0, 50.0


@dataclass(frozen=True)
class ReadChart:
    """A chart that tells its months: ``plot_width`` is that of the months alone, an axis of ``slots`` of them.

    The months that it shows are rows of the page's table, ``shown`` of them from place ``first`` on; the last but
    ``ahead`` is this month's.
    """

    drawn: KpiChart
    plot_width: float
    slots: int
    first: int
    shown: int
    ahead: int = 0


@dataclass(frozen=True)
class MonthRow:
    """A month of a KPI, every figure written, and all of it in ``words``; of a month to come ``value`` is forecast."""

    period: date
    value: str
    target: str
    status: Status | None
    lower: str
    upper: str
    signal: str
    words: str
    is_to_come: bool = False


@dataclass(frozen=True)
class KpiPage:
    """What the page of a KPI shows: its charts, and their months in words and figures, oldest first."""

    line: KpiLine
    row: KpiRow
    charts: tuple[ReadChart, ...]
    months: tuple[MonthRow, ...]
    sentence: str
    objective: str
    card: DefinitionCard


def kpi_page(pack: Pack, line: KpiLine) -> KpiPage:
    """The page of one KPI of a pack."""
    slots, say = months_shown(pack), language(pack.locale)
    row = kpi_row(pack, line, slots)
    objectives = {card.id: card.name for card in pack.objectives}
    return KpiPage(
        line=line,
        row=row,
        charts=tuple(_charts(pack, row, slots)),
        months=(*_months_of(row, slots), *(_to_come(row, point) for point in line.forecast)),
        sentence=say("%(clause)s.", clause=state_of(pack, line)),
        objective=objectives.get(line.objective, line.objective),
        card=definition_card(pack, line),
    )


def _charts(pack: Pack, row: KpiRow, slots: int) -> Iterator[ReadChart]:
    """With limits where signals are told from noise; columns elsewhere, and before it where there is a forecast."""
    line = row.line
    months = min(len(line.history), slots)
    if has_columns(line):
        drawn = kpi_chart(pack, row, _WIDTH, _HEIGHT, slots, as_columns=True)
        assert drawn.columns is not None
        ahead = len(months_ahead(line.forecast, slots))
        past = min(months, slots - ahead)
        yield ReadChart(drawn, drawn.columns.plot_right, slots, months - past, past + ahead, ahead)
    if has_xmr(line):
        drawn = kpi_chart(pack, row, _WIDTH, _HEIGHT, slots, as_columns=False)
        assert drawn.xmr is not None
        yield ReadChart(drawn, drawn.xmr.plot_right, slots, 0, months)


def _months_of(row: KpiRow, slots: int) -> Iterator[MonthRow]:
    line = row.line
    places = line.signal.history if line.signal is not None else (None,) * len(line.history)
    both = list(zip(line.history, places, strict=True))[-slots:]
    return (_month(row, point, place if has_xmr(line) else None) for point, place in both)


def _signal(row: KpiRow, place: SignalPoint | None) -> str:
    if place is None or place.variation == "common cause":
        return ""
    say, words = language(row.scale.locale), variation_words(place.variation, row.scale.locale)
    is_trial = row.line.signal is not None and row.line.signal.is_trial
    return say("%(judged)s, on trial", judged=words) if is_trial else words


def _month(row: KpiRow, point: Point, place: SignalPoint | None) -> MonthRow:
    scale = row.scale
    target = _target(row, point)
    limits = scale.apart(place.lower, place.upper) if place else scale
    lower, upper = (limits.figure(place.lower), limits.figure(place.upper)) if place else (MISSING, MISSING)
    say = language(scale.locale)
    signal = _signal(row, place)
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


def _to_come(row: KpiRow, point: Point) -> MonthRow:
    scale = row.scale
    target, say = _target(row, point), language(scale.locale)
    words = [
        f"{month(point.period, scale.locale)}: {say('forecast %(value)s', value=scale.text(point.value))}",
        say("target %(target)s", target=target) if target != MISSING else "",
    ]
    told = say("%(clause)s.", clause=", ".join(filter(None, words)))
    return MonthRow(point.period, scale.figure(point.value), target, None, MISSING, MISSING, "", told, True)


def _target(row: KpiRow, point: Point) -> str:
    scale = row.scale
    if row.line.direction == "within":
        return _range(scale.figure(point.lower), scale.figure(point.upper))
    return scale.figure(point.target)


def _range(lower: str, upper: str) -> str:
    return MISSING if lower == upper == MISSING else f"{lower} – {upper}"
