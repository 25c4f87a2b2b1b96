"""Sentences about single KPIs: where one stands, what an exception is doing, what its chart shows.

Belongs here: words about one KPI's own figures. Nothing is claimed that the figures do not carry.
"""

from __future__ import annotations

from itertools import takewhile

from report_templates.counts import ordinal, spans
from report_templates.days import month, month_name
from report_templates.formatting import RowScale, percent, row_scale
from report_templates.history import MOST_MONTHS
from report_templates.language import language
from report_templates.reasons import reason_words
from report_templates.score_figures import is_no_point, points_figure
from report_templates.signal_messages import chart_part, signal_part, unsettled_part
from report_templates.who_counts import moved_of
from scorecards.periods import add_months
from transforms.pack import Direction, KpiLine, Pack, Point, Status, aim_of


def scale_of(pack: Pack, line: KpiLine) -> RowScale:
    """The scale on which this KPI's figures are written in this pack."""
    return row_scale(line, pack.currency, pack.locale)


def state_of(pack: Pack, line: KpiLine) -> str:
    """``Delivered on time is at 88.4 %, 6.6 pp below target`` (no full stop)."""
    scale, say = scale_of(pack, line), language(pack.locale)
    if line.value is None:
        reason = reason_words(line.missing_reason, pack.locale)
        return say("%(kpi)s has no value: %(reason)s", kpi=line.name, reason=reason)
    value, distance = scale.text(line.value), _distance(line, scale)
    if distance:
        return say("%(kpi)s is at %(value)s, %(distance)s", kpi=line.name, value=value, distance=distance)
    return say("%(kpi)s is at %(value)s", kpi=line.name, value=value)


def months_on_side(pack: Pack, line: KpiLine) -> int:
    """How many months running, this one included, the value has been on this side of its target: above, below, at it.

    Every month is held against the target that was in force then. A month without value or target ends the row.
    """
    scale = scale_of(pack, line)
    now = Point(pack.period, line.value, line.target, None, line.lower_target, line.upper_target)
    sides = [_side(point, line.direction, scale) for point in (now, *reversed(line.history[:-1]))]
    return 0 if sides[0] is None else sum(1 for _ in takewhile(lambda side: side == sides[0], sides))


def doing(pack: Pack, line: KpiLine) -> str:
    """What an exception is doing: value against target, for how long, and whether that is signal or noise.

    Where the KPI's chart carries no judgement: the movement since the previous period.
    """
    scale, say = scale_of(pack, line), language(pack.locale)
    if line.value is None:
        return say("No value: %(reason)s.", reason=reason_words(line.missing_reason, pack.locale))
    parts = [_against(line, scale)]
    if line.band is not None and line.months_in_status > 1:
        parts.append(_lasting(pack, line, line.band.status))
    parts += [signal_part(line, scale) or moved_since(pack, line), unsettled_part(line, pack.locale)]
    told = say("%(clause)s.", clause="; ".join(part for part in parts if part))
    return f"{told} {moved_of(pack, line)}".rstrip()


def moved_since(pack: Pack, line: KpiLine) -> str:
    """``down 1.7 pp on September``, ``unchanged on September``, ``after fair in September``.

    Empty where one of the two is missing, and for running totals: these rise whatever happens.
    """
    scale, say = scale_of(pack, line), language(pack.locale)
    change = scale.between(line.value, line.previous)
    if change is None or line.is_running_total:
        return ""
    since = month_name(add_months(pack.period, -1), pack.locale)
    if (scale.texts or scale.is_yes_or_no) and change:
        return say("after %(text)s in %(month)s", text=scale.text(line.previous), month=since)
    if not change:
        return say("unchanged on %(month)s", month=since)
    size = scale.difference(change)
    if change > 0:
        return say("up %(change)s on %(month)s", change=size, month=since)
    return say("down %(change)s on %(month)s", change=size, month=since)


def why(pack: Pack, line: KpiLine) -> str:
    """The arithmetic of an exception: the points it took from or gave to the overall score, and its weight."""
    say, weight = language(pack.locale), percent(line.weight, 0, pack.locale)
    if line.value is None:
        return say("Lowers coverage by %(share)s.", share=weight)
    points = next((c.points for c in pack.contributions if c.kpi == line.id), None)
    if points is None or pack.node.change is None:
        return say("It weighs %(share)s.", share=weight)
    since = month_name(add_months(pack.period, -1), pack.locale)
    if is_no_point(pack, points):
        return say("Did not move the score since %(month)s; weighs %(share)s.", month=since, share=weight)
    size = points_figure(pack, abs(points))
    if points < 0:
        return say(
            "Took %(points)s points off the score since %(month)s; weighs %(share)s.",
            points=size, month=since, share=weight,
        )  # fmt: skip
    return say(
        "Gave the score %(points)s points since %(month)s; weighs %(share)s.",
        points=size, month=since, share=weight,
    )  # fmt: skip


def chart_message(pack: Pack, line: KpiLine) -> str:
    """The alternative text of a KPI's chart: its message, then first, last, lowest and highest value with months."""
    scale, say = scale_of(pack, line), language(pack.locale)
    known = [p for p in line.history if p.value is not None]
    if not known:
        return say("%(kpi)s: no values in the months shown.", kpi=line.name)
    if scale.texts:
        told = "; ".join(f"{month(p.period, pack.locale)} {scale.text(p.value)}" for p in known)
        return say("%(kpi)s: %(months)s.", kpi=line.name, months=told)
    low = min(known, key=lambda p: p.value or 0.0)
    high = max(known, key=lambda p: p.value or 0.0)
    sentences = [
        say("%(state)s in %(month)s.", state=state_of(pack, line), month=month(pack.period, pack.locale)),
        say(
            "Since %(month)s between %(low)s (%(low_month)s) and %(high)s (%(high_month)s).",
            month=month(known[0].period, pack.locale),
            low=scale.text(low.value), low_month=month(low.period, pack.locale),
            high=scale.text(high.value), high_month=month(high.period, pack.locale),
        ),
    ]  # fmt: skip
    if line.forecast:
        told = "; ".join(f"{month(p.period, pack.locale)} {scale.text(p.value)}" for p in line.forecast)
        sentences.append(say("Forecast: %(months)s.", months=told))
    if moved := moved_of(pack, line):
        sentences.append(moved)
    missing = len(line.history) - len(known)
    if missing:
        sentences.append(say("%(months)s without a value.", months=spans(missing, "month", pack.locale)))
    return " ".join([*sentences, told] if (told := chart_part(line, scale)) else sentences)


def _against(line: KpiLine, scale: RowScale) -> str:
    """``88.4 % against 95.0 %``; where a unit in words follows the target, the value does without."""
    target = _target(line, scale)
    if not target:
        return scale.text(line.value)
    value = scale.text(line.value) if scale.is_percent or scale.before else scale.figure(line.value)
    say = language(scale.locale)
    return say("%(value)s against %(target)s", value=value, target=target)


def _lasting(pack: Pack, line: KpiLine, status: Status) -> str:
    """``second month off target``, ``off target in all 24 months shown``."""
    say, count = language(pack.locale), line.months_in_status
    shown = min(len(line.history), MOST_MONTHS)
    if count >= shown:
        if status == "bad":
            return say("off target in all %(count)s months shown", count=shown)
        if status == "warning":
            return say("near target in all %(count)s months shown", count=shown)
        return say("on target in all %(count)s months shown", count=shown)
    nth = ordinal(count, pack.locale)
    if status == "bad":
        return say("%(nth)s month off target", nth=nth)
    if status == "warning":
        return say("%(nth)s month near target", nth=nth)
    return say("%(nth)s month on target", nth=nth)


def _side(point: Point, direction: Direction, scale: RowScale) -> int | None:
    """1 above the target, -1 below it, 0 at it or within its range; None without a value or a target."""
    if point.value is None or (point.target is None and point.lower is None and point.upper is None):
        return None
    aim = aim_of(point.value, point.target, point.lower, point.upper, direction)
    gap = scale.between(point.value, aim) or 0.0
    return (gap > 0) - (gap < 0)


def _distance(line: KpiLine, scale: RowScale) -> str:
    say, is_range = language(scale.locale), line.direction == "within"
    variance = scale.between(line.value, line.aim)
    if variance is None:
        return say("within its range") if is_range and _target(line, scale) and line.target is None else ""
    if not variance:
        return say("at its target")
    if scale.is_yes_or_no:
        return say("its target is %(target)s", target=scale.text(line.target))
    size = scale.difference(variance)
    if is_range:
        return (
            say("%(size)s above its range", size=size) if variance > 0 else say("%(size)s below its range", size=size)
        )
    return say("%(size)s above target", size=size) if variance > 0 else say("%(size)s below target", size=size)


def _target(line: KpiLine, scale: RowScale) -> str:
    """The target in words, empty where there is none: ``95.0 %``, ``a range from 5 to 10 days``."""
    if line.direction == "within" and line.lower_target is not None and line.upper_target is not None:
        scale = scale.apart(line.lower_target, line.upper_target)
        low, high = scale.figure(line.lower_target), scale.text(line.upper_target)
        say = language(scale.locale)
        return say("a range from %(low)s to %(high)s", low=low, high=high)
    return "" if line.target is None else scale.text(line.target)
