"""Filling the signal of a KPI line: from the published signal and the points of its chart to the pack's record."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from scorecards.kpis import Kpi
from scorecards.periods import add_months
from transforms.pack import Point, Signal, SignalPoint, Variation
from transforms.pack_tables import PackTables, Row
from transforms.signal_series import CHANGE
from transforms.signals import COMMON_CAUSE

_GOOD_SIDE = {"higher": 1, "lower": -1, "within": 0}


def pack_signal(
    tables: PackTables, scorecard: str, unit: str, kpi_id: str, kpi: Kpi, history: Sequence[Point]
) -> Signal | None:
    """The signal of a KPI on a unit's scorecard; None where its chart has no points yet."""
    row = tables.signal_rows.get((scorecard, unit, kpi_id))
    if row is None or not row["points"]:
        return None
    rows = tables.signal_point_rows.get((unit, kpi_id), {})
    drawn = [_point(rows.get(point.period), kpi, None) for point in history]
    if row["variation"] is not None and drawn and drawn[-1] is not None:
        drawn[-1] = _point(rows[tables.period], kpi, row["variation"])
    is_seasonal = row["basis"] == CHANGE
    before = (
        tables.value_rows.get((unit, kpi_id), {}).get(add_months(tables.period, -12), {}).get("value")
        if is_seasonal
        else 0.0
    )
    mean, lower, upper = (
        None if row[name] is None or before is None else row[name] + before for name in ("mean", "lower", "upper")
    )
    values = [point.value for point, place in zip(history, drawn, strict=True) if place is not None]
    places = [place for place in drawn if place is not None]
    is_trend = row["label"] == "trend"
    return Signal(
        label=row["label"],
        variation=row["variation"],
        assurance=row["assurance"],
        mean=mean,
        lower=_bounded(lower, kpi),
        upper=_bounded(upper, kpi),
        points=row["points"],
        every=kpi.frequency,
        flagged=row["flagged"],
        is_trial=row["is_trial"],
        is_overlapping=row["is_overlapping"],
        is_seasonal=is_seasonal,
        side=places[-1].side if places else 0,
        running=_trend_length(values) if is_trend else _side_length(places),
        is_rising=len(values) > 1 and (values[-1] or 0.0) > (values[-2] or 0.0),
        history=tuple(drawn),
        is_screened=kpi.signals.screen,
        baseline=kpi.signals.baseline,
        since=max((month for month in kpi.signals.rebase if month <= tables.period), default=None),
    )


def _bounded(limit: float | None, kpi: Kpi) -> float | None:
    """A limit as it is shown: beyond what the KPI can be there is none, so that the range ends there.

    The signals themselves are told by the limits as they are computed. Source: Donald Wheeler, Understanding Variation.
    """
    least, most = kpi.bounds
    if limit is None:
        return None
    limit = limit if least is None else max(limit, least)
    return limit if most is None else min(limit, most)


def _point(row: Row | None, kpi: Kpi, variation: Variation | None) -> SignalPoint | None:
    """A point of the chart. Points before the period are judged by their side alone: only its bounds are known."""
    if row is None:
        return None
    good = _GOOD_SIDE[kpi.direction] * row["side"]
    told: Variation = "improvement" if good > 0 else "concern" if good < 0 else "special cause"
    if row["label"] == COMMON_CAUSE:
        told = COMMON_CAUSE
    lower, upper = _bounded(row["lower"], kpi), _bounded(row["upper"], kpi)
    return SignalPoint(row["mean"], lower, upper, row["label"], variation or told, row["side"])


def _side_length(places: Sequence[SignalPoint]) -> int:
    last = places[-1].side if places else 0
    return next((i for i, place in enumerate(reversed(places)) if place.side != last), len(places)) if last else 0


def _trend_length(values: Sequence[float | None]) -> int:
    known = [value for value in reversed(values) if value is not None]
    steps = [(later > earlier) - (later < earlier) for later, earlier in itertools.pairwise(known)]
    same = next((i for i, step in enumerate(steps) if step != steps[0] or not step), len(steps)) if steps else 0
    return same + 1
