"""What the rules of `check` may know of computed months, read from the warehouse where there is one.

Belongs here: fetching it. What is made of it is ``scorecards/lint_history.py``. Nothing is made or waited for.
"""

from __future__ import annotations

from collections import defaultdict

from scorecards.groups import telling_of
from scorecards.lint_facts import HISTORY_MONTHS, History
from scorecards.periods import add_months, months_between
from scorecards.project import Project
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import ANCHORS, KPI_VALUES, SCORES

_OF_VALUES = ("kpi", "unit", "value", "period", "value_period", "is_main")


def known_history(project: Project, home: Home) -> History | None:
    """The newest computed month and the values of the 24 months up to it; None where nothing has been computed.

    Raises ``HomeBusy`` at once where another process writes to the warehouse.
    """
    if not home.warehouse.is_file():
        return None
    with open_warehouse(home, read_only=True, patient=False, telling=telling_of(project)) as warehouse:
        newest = warehouse.newest(SCORES)
        if newest is None:
            return None
        months = months_between(add_months(newest, 1 - HISTORY_MONTHS), newest)
        values = warehouse.rows(KPI_VALUES, _OF_VALUES, months)
        scores = warehouse.rows(SCORES, ("level", "scorecard", "node", "unit", "band"), [newest])
        anchors = warehouse.rows(ANCHORS, ("anchor", "scorecard", "kpi", "unit", "value"), [newest])
    known: dict[tuple[str, str], list[float]] = defaultdict(list)
    for kpi, unit, value, period, since, is_main in values:
        # Between the dates of its frequency a KPI repeats its last value.
        if value is not None and is_main and period == since and kpi in project.kpis:
            known[kpi, unit].append(value)
    return History(
        newest,
        {key: tuple(found) for key, found in known.items()},
        {tuple(key): value for anchor, *key, value in anchors if anchor == "target" and value is not None},
        {tuple(key): band for level, *key, band in scores if level == "objective" and band is not None},
    )
