"""The year to date of a KPI, where it follows from the months that are published.

Belongs here: which KPIs these are, and the arithmetic. A KPI whose window is the year to date is its own; one of single
months is a sum of months, or a sum over a sum, where its declaration says that its figures add up over time. For all
others nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from scorecards.kpis import Kpi
from scorecards.periods import add_months, months_between
from scorecards.project import Project
from transforms.adding_up import AddsUp, adds_up
from transforms.plan import Plan

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ToDate:
    """A year to date and the target for it; each None where it is not known."""

    value: float | None = None
    target: float | None = None


def adding_over_months(project: Project, plan: Plan) -> dict[str, AddsUp]:
    """The KPIs of single months whose figures add up over months: all their measures are flows."""

    def is_monthly(kpi: Kpi) -> bool:
        return str(kpi.window) == "month" and all(declared.kpi is None for declared in kpi.inputs.values())

    return {
        name: how
        for name, how in adds_up(project).items()
        if is_monthly(project.kpis[name]) and _is_of_flows(plan, name, ["month"])
    }


def running_totals(project: Project, plan: Plan) -> frozenset[str]:
    """The KPIs that are sums of flows since the start of the fiscal year or quarter.

    They grow from month to month whatever happens, and begin anew: their change on the month before says nothing.
    """
    sums = [name for name, how in adds_up(project).items() if not how.is_ratio]
    return frozenset(name for name in sums if _is_of_flows(plan, name, ["year to date", "quarter to date"]))


def _is_of_flows(plan: Plan, kpi_id: str, windows: Collection[str]) -> bool:
    """Whether all that a KPI's value is made of adds up over time and is taken over one of these windows, now."""
    inputs = [declared for declared in plan.inputs_of(kpi_id) if declared.in_value]
    return all(
        str(one.window) in windows and not one.offset and plan.variants[one.variant].measure.over_time == "sum"
        for one in inputs
    )


def months_to_date(period: date, fiscal_year_starts: int) -> list[date]:
    """The months of the fiscal year up to this one."""
    return months_between(add_months(period, -((period.month - fiscal_year_starts) % 12)), period)


def year_to_date(
    kpi: Kpi, how: AddsUp | None, months: Sequence[date], values: Mapping[date, Row], scores: Mapping[date, Row]
) -> ToDate:
    """The year to date of ``months`` from the KPI's values and its scores' targets in each of them."""
    now, score = values.get(months[-1], {}), scores.get(months[-1], {})
    if str(kpi.window) == "year to date":
        return ToDate(now.get("value"), score.get("target"))
    rows = [values.get(month, {}) for month in months]
    if how is None or any(row.get("value") is None for row in rows):
        return ToDate()
    targets = [scores.get(month, {}).get("target") for month in months]
    known = [target for target in targets if target is not None]
    if not how.is_ratio:
        target = float(sum(known)) if len(known) == len(months) and kpi.direction != "within" else None
        return ToDate(float(sum(row["value"] for row in rows)), target)
    aboves, belows = (_known(rows, side) for side in ("numerator", "denominator"))
    if len(aboves) < len(rows) or len(belows) < len(rows) or not sum(belows) or not belows[-1]:
        return ToDate()
    # Something constant beside the ratio is what is left of this month's value without it.
    constant = now["value"] - how.factor * aboves[-1] / belows[-1]
    aim = known[0] if len(known) == len(months) and len(set(known)) == 1 else None
    return ToDate(how.factor * sum(aboves) / sum(belows) + constant, aim)


def _known(rows: Sequence[Row], column: str) -> list[float]:
    return [float(row[column]) for row in rows if row.get(column) is not None]
