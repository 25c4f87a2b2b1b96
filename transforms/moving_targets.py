"""KPIs whose target is another one at every date by declaration: budgets, and targets that grow with the year.

Belongs here: telling them from KPIs whose targets somebody changed. Their changes of target are no news, and their
value is judged together with the target that it was meant for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from scorecards.expressions import names_in
from scorecards.organisation import SIDES
from scorecards.periods import FREQUENCY_MONTHS, add_months, last_date
from scorecards.project import Project
from scorecards.tables import Target

_ALWAYS = date.min
TARGETS = ("target", *(f"{side}_target" for side in SIDES))
"""The anchors that are targets: the one, or the ends of a range."""


def moving_targets(project: Project, period: date) -> frozenset[str]:
    """The KPIs whose target moves with every date of theirs, as of the period.

    A target that is a formula over data, as a budget is; a target per month of a KPI to date; or rows of targets.csv
    that begin at three dates on end, the KPI's of this period among them.
    """
    rows: dict[str, list[Target]] = defaultdict(list)
    for row in project.targets:
        if row.anchor in TARGETS:
            rows[row.kpi].append(row)
    found = set(_with_formulas(project))
    found |= {kpi_id for kpi_id, own in rows.items() if any(row.per_month for row in own) and _grows(project, kpi_id)}
    return frozenset(found | {kpi_id for kpi_id, own in rows.items() if _at_every_date(project, kpi_id, own, period)})


def _with_formulas(project: Project) -> Iterator[str]:
    for kpi_id, kpi in project.kpis.items():
        formulas = [kpi.anchors[name] for name in TARGETS if name in kpi.anchors]
        if any(names_in(text) - {"target"} for text in formulas):
            yield kpi_id


def _grows(project: Project, kpi_id: str) -> bool:
    return project.kpis[kpi_id].window.kind.endswith("to date")


def _at_every_date(project: Project, kpi_id: str, rows: list[Target], period: date) -> bool:
    frequency = project.kpis[kpi_id].frequency
    start, step = project.organisation.fiscal_year_starts, FREQUENCY_MONTHS[frequency]
    now, begun = last_date(period, frequency, start), defaultdict[tuple[str | None, str | None, str], set[date]](set)
    for row in rows:
        if row.effective_from <= _ALWAYS:
            continue
        month = project.calendar.period_of(row.effective_from)
        if month is not None:
            # A row that begins between two dates counts from the next on.
            begun[row.scorecard, row.unit, row.anchor].add(
                month if (date_ := last_date(month, frequency, start)) == month else add_months(date_, step)
            )
    three = [{add_months(now, step * (first + n)) for n in range(3)} for first in (-2, -1, 0)]
    return any(dates <= found for found in begun.values() for dates in three)
