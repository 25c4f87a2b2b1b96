"""What has been seen of the effects that initiatives are expected to have on KPIs.

The months since an effect should show are held against the usual range of the months before the initiative began: its
XmR limits (``signals.py``). A month outside them, or seven in a row on one side of the earlier mean, is a change; all
else is what the KPI did anyway. That something changed is no proof that the initiative did it. Of a KPI over trailing
months only values that share no month with each other count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from scorecards.kpis import Kpi
from scorecards.periods import FREQUENCY_MONTHS, add_months
from scorecards.project import Project
from scorecards.strategy import Effect, Initiative
from transforms.pack import EffectVerdict, SeenEffect
from transforms.signal_series import chart_points
from transforms.signals import RUN, Floats, xmr_charts

LEAST_BEFORE: Final = 6
MOST_BEFORE: Final = 24
"""How many values before the start a usual range needs, and how many months before it count at most."""


def seen_effects(project: Project, values: pl.DataFrame, period: date) -> Mapping[str, tuple[SeenEffect, ...]]:
    """By initiative the effects that are declared, with what the months up to the period say.

    ``values`` is ``KPI_VALUES`` over the whole history.
    """
    declared = {name: one for name, one in project.strategy.initiatives.items() if one.effects}
    if not declared:
        return {}
    kpis = {effect.kpi for initiative in declared.values() for effect in initiative.effects}
    own = values.filter(pl.col("kpi").is_in(list(kpis)), pl.col("period") <= period)
    points = chart_points(project, own)
    top = project.tree(period).tops[0]
    return {
        name: tuple(
            found
            for effect in one.effects
            if (found := _seen(project, points, one, effect, one.unit or top)) is not None
        )
        for name, one in declared.items()
    }


def _seen(
    project: Project, points: pl.DataFrame, initiative: Initiative, effect: Effect, home: str
) -> SeenEffect | None:
    first = initiative.month_of_effect(effect)
    if first is None:
        return None
    kpi, unit = project.kpis[effect.kpi], effect.unit or home
    series = points.filter(pl.col("kpi") == effect.kpi, pl.col("unit") == unit).sort("period")
    begun = initiative.start.replace(day=1) if initiative.start else first
    rebases = [month for month in kpi.signals.rebase if month <= begun]
    from_month = max([add_months(begun, -MOST_BEFORE), *rebases])
    shared = values_that_share(kpi, project.kpis)
    earlier = series.filter(pl.col("period") >= from_month, pl.col("period") < begun)
    later = all_later = series.filter(pl.col("period") >= first)
    if shared is not None:
        # The newest before the start, and after it those that hold no month before it.
        earlier, later = earlier[::-1][::shared][::-1], later[shared - 1 :: shared]
    before, since = earlier["judged"].to_numpy(), later["judged"].to_numpy()
    names = {one.id: one.name for one in project.units}
    covered = (shared or 1) * FREQUENCY_MONTHS[kpi.frequency]
    told = SeenEffect(
        kpi=kpi.name,
        kpi_id=effect.kpi,
        unit="" if unit == home else names.get(unit, unit),
        measured_in=kpi.measured_in,
        decimals=kpi.decimals,
        expected=effect.amount,
        shows_from=first,
        is_seasonal=kpi.signals.seasonal,
        verdict="not yet",
        before=float(np.mean(before)) if len(before) else None,
        months_before=len(before) * covered,
        since=float(np.mean(since)) if len(since) else None,
        months=len(since) * covered,
        span_before=_span(earlier, covered),
        span_since=_span(later, covered),
        newer=(len(all_later) - len(since) * (shared or 1)) * FREQUENCY_MONTHS[kpi.frequency] if len(since) else 0,
    )
    if not len(since):
        return told
    if len(before) < LEAST_BEFORE:
        return replace(told, verdict="too few before")
    if shared is None:
        return replace(told, verdict="shares months")
    verdict, lower, upper = _judged(before, since, effect.amount, screen=kpi.signals.screen)
    return replace(told, verdict=verdict, lower=lower, upper=upper)


def _span(points: pl.DataFrame, covered: int) -> tuple[date, date] | None:
    """The first month of the first point's window, and the last point's month."""
    months = points["period"].to_list()
    return (add_months(months[0], 1 - covered), months[-1]) if months else None


def _judged(
    before: Floats, since: Floats, expected: float, *, screen: bool
) -> tuple[EffectVerdict, float | None, float | None]:
    """Whether the later months lie outside what was usual before, on which side, and the usual range."""
    charts = xmr_charts(np.concatenate([before, since])[:, None], screen=screen, baseline=len(before))
    lower, upper = float(charts.lower[0]), float(charts.upper[0])
    if np.isnan(lower) or np.isnan(upper):
        return "too few before", None, None
    sides = charts.sides[len(before) :, 0]
    changed = {int(side) for side, value in zip(sides, since, strict=True) if value < lower or value > upper}
    for at in range(len(sides) - RUN + 1):
        if sides[at] and (sides[at : at + RUN] == sides[at]).all():
            changed.add(int(sides[at]))
    if not changed:
        return "as usual", lower, upper
    if len(changed) > 1:
        return "both ways", lower, upper
    return "as expected" if (changed.pop() > 0) == (expected > 0) else "the other way", lower, upper


def values_that_share(kpi: Kpi, kpis: Mapping[str, Kpi]) -> int | None:
    """Every how many values of a KPI share no month with each other: 3 for trailing 3 months, each month.

    None where that changes within the year, as for a year to date.
    """
    step, longest = FREQUENCY_MONTHS[kpi.frequency], 1
    spans = {"month": 1, "quarter": 3, "year": 12}
    for window in (kpi.window, *(one.window for one in kpi.inputs.values() if one.window is not None)):
        span = window.months if window.kind == "trailing" else spans.get(window.kind, 12 * step)
        if window.kind != "trailing" and span > step:
            return None
        longest = max(longest, -(-span // step))
    for operand in kpi.inputs.values():
        inner = values_that_share(kpis[operand.kpi], kpis) if operand.kpi else 1
        if inner is None:
            return None
        longest += inner - 1
    return longest
