"""Sentences about single KPIs: where one stands, what an exception is doing, what its chart shows.

Belongs here: words about one KPI's own figures. Nothing is claimed that the figures do not carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.formatting import (
    MISSING,
    STATUS_WORDS,
    RowScale,
    due_text,
    month,
    month_name,
    number,
    percent,
    reason_words,
    rounded,
    row_scale,
)
from report_templates.history import MOST_MONTHS
from report_templates.signal_messages import chart_part, is_exception, signal_part, urgency
from scorecards.periods import add_months
from scorecards.words import plural
from transforms.pack import KpiLine, Pack, Remark, Status

NO_EXPLANATION = "No explanation given."
_SMALL = ("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(count: int) -> str:
    """``second``, ``11th``, ``22nd``."""
    if 0 <= count < len(_SMALL):
        return _SMALL[count]
    ending = "th" if 10 <= count % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def scale_of(pack: Pack, line: KpiLine) -> RowScale:
    """The scale on which this KPI's figures are written in this pack."""
    return row_scale(line, pack.currency, pack.locale)


def state_of(pack: Pack, line: KpiLine) -> str:
    """``Delivered on time is at 88.4 %, 6.6 pp below target`` (no full stop)."""
    scale = scale_of(pack, line)
    if line.value is None:
        return f"{line.name} has no value: {reason_words(line.missing_reason)}"
    at = f"{line.name} is at {scale.text(line.value)}"
    distance = _distance(line, scale)
    return f"{at}, {distance}" if distance else at


def doing(pack: Pack, line: KpiLine) -> str:
    """What an exception is doing: value against target, for how long, and whether that is signal or noise.

    Where the KPI's chart carries no judgement: the movement since the previous period.
    """
    scale = scale_of(pack, line)
    if line.value is None:
        return f"No value: {reason_words(line.missing_reason)}."
    target = _target(line, scale)
    against = (
        f"{scale.text(line.value) if scale.is_percent or scale.before else scale.figure(line.value)} against {target}"
        if target
        else scale.text(line.value)
    )
    parts = [against]
    if line.band is not None and line.months_in_status > 1:
        count, words = line.months_in_status, STATUS_WORDS[line.band.status]
        shown = min(len(line.history), MOST_MONTHS)
        parts.append(f"{words} in all {shown} months shown" if count >= shown else f"{ordinal(count)} month {words}")
    told = signal_part(line, scale) or moved_since(pack, line)
    return "; ".join([*parts, told] if told else parts) + "."


def moved_since(pack: Pack, line: KpiLine) -> str:
    """``down 1.7 pp on September``, ``unchanged on September``; empty where one of the two is missing."""
    scale = scale_of(pack, line)
    change = scale.between(line.value, line.previous)
    if change is None:
        return ""
    since = month_name(add_months(pack.period, -1))
    if scale.is_nothing(change):
        return f"unchanged on {since}"
    return f"{'up' if change > 0 else 'down'} {scale.difference(change)} on {since}"


def why(pack: Pack, line: KpiLine) -> str:
    """The arithmetic of an exception: the points it took from or gave to the overall score, and its weight."""
    if line.value is None:
        return f"Lowers coverage by {percent(line.weight, 0, pack.locale)}."
    weight = f"weighs {percent(line.weight, 0, pack.locale)}"
    points = next((c.points for c in pack.contributions if c.kpi == line.id), None)
    if points is None or pack.node.change is None:
        return f"It {weight}."
    since = month_name(add_months(pack.period, -1))
    if rounded(points, 1).is_zero():
        return f"Did not move the score since {since}; {weight}."
    size = number(abs(points), 1, pack.locale)
    if points < 0:
        return f"Took {size} points off the score since {since}; {weight}."
    return f"Gave the score {size} points since {since}; {weight}."


@dataclass(frozen=True)
class ExceptionRow:
    """A KPI with the answers to three questions; ``explanation`` and ``response`` are what people wrote."""

    line: KpiLine
    doing: str
    why: str
    explanation: str
    response: str
    owner: str
    due: str

    @property
    def status(self) -> Status | None:
        """The status of the KPI's band, which picks sign and colour."""
        return None if self.line.band is None else self.line.band.status


def exceptions(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All KPIs that are off target, and those whose chart shows a special cause of concern.

    They stand in the order of ``signal_messages.urgency``, within which the one that costs the score most comes first.
    """
    return _ranked_rows(pack, [line for line in pack.kpis if is_exception(line)])


def near_target(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All other KPIs whose band is near target, the one that costs the score most first, with the same answers."""
    return _others(pack, "warning")


def on_target(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All other KPIs whose band is on target, in the same order."""
    return _others(pack, "good")


def without_value(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All KPIs without a value, in the pack's order."""
    return tuple(_exception(pack, line) for line in pack.kpis if line.value is None)


def chart_message(pack: Pack, line: KpiLine) -> str:
    """The alternative text of a KPI's chart: its message, then first, last, lowest and highest value with months."""
    scale = scale_of(pack, line)
    known = [p for p in line.history if p.value is not None]
    if not known:
        return f"{line.name}: no values in the months shown."
    low = min(known, key=lambda p: p.value or 0.0)
    high = max(known, key=lambda p: p.value or 0.0)
    missing = len(line.history) - len(known)
    gaps = f" {plural(missing, 'month')} without a value." if missing else ""
    return (
        f"{state_of(pack, line)} in {month(pack.period)}. "
        f"Since {month(known[0].period)} between {scale.text(low.value)} ({month(low.period)}) "
        f"and {scale.text(high.value)} ({month(high.period)}).{gaps}{chart_part(line, scale)}"
    )


def remark_on(remarks: Sequence[Remark], line: KpiLine) -> Remark | None:
    """What was written about this KPI, else about its objective."""
    about = [r for r in remarks if r.kpi == line.id]
    about += [r for r in remarks if r.kpi is None and r.objective is not None and r.objective == line.objective]
    return about[0] if about else None


def _others(pack: Pack, status: Status) -> tuple[ExceptionRow, ...]:
    found = [line for line in pack.kpis if line.band is not None and line.band.status == status]
    return _ranked_rows(pack, [line for line in found if not is_exception(line)])


def _ranked_rows(pack: Pack, lines: Sequence[KpiLine]) -> tuple[ExceptionRow, ...]:
    def cost(line: KpiLine) -> float:
        return line.weight * (100.0 - (line.score if line.score is not None else 0.0))

    return tuple(_exception(pack, line) for line in sorted(lines, key=lambda line: (urgency(line), -cost(line))))


def _exception(pack: Pack, line: KpiLine) -> ExceptionRow:
    remark = remark_on(pack.remarks, line)
    return ExceptionRow(
        line=line,
        doing=doing(pack, line),
        why=why(pack, line),
        explanation=remark.text if remark else "",
        response=(remark.response if remark else "") or (NO_EXPLANATION if not remark else MISSING),
        owner=(remark.owner if remark else "") or line.owner or "no owner yet",
        due=due_text(remark.due) if remark else "",
    )


def _distance(line: KpiLine, scale: RowScale) -> str:
    variance = scale.between(line.value, line.aim)
    if variance is None:
        return "within its range" if line.direction == "within" and _target(line, scale) and line.target is None else ""
    if scale.is_nothing(variance):
        return "at its target"
    what = "its range" if line.direction == "within" else "target"
    return f"{scale.difference(variance)} {'above' if variance > 0 else 'below'} {what}"


def _target(line: KpiLine, scale: RowScale) -> str:
    """The target in words, empty where there is none: ``95.0 %``, ``a range from 5 to 10 days``."""
    if line.direction == "within" and line.lower_target is not None and line.upper_target is not None:
        return f"a range from {scale.figure(line.lower_target)} to {scale.text(line.upper_target)}"
    return "" if line.target is None else scale.text(line.target)
