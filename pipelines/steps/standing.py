"""How months stand: computed, stale, closed, published. What a month would be computed from now against what it was.

Belongs here: comparing. What the digests are made of is ``staleness.py``; nothing is computed or changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pipelines.steps.compute import expected_cells
from pipelines.steps.reading import KPIS, SCORES
from pipelines.steps.setting import Setting, good_periods
from pipelines.steps.staleness import kpi_prints, score_prints, stored_prints, told_apart
from transforms.placing import horizon
from transforms.scoring import looks_back
from warehouse.store import Warehouse

Stale = Literal["data", "declarations"]


def stale_months(setting: Setting, warehouse: Warehouse, periods: Sequence[date]) -> dict[date, tuple[Stale, ...]]:
    """The computed and open months that a run would compute anew: because of newer data, or of other declarations.

    Blocked months are not among them: a run would leave them as they are.
    """
    values, scores = stored_prints(warehouse, KPIS), stored_prints(warehouse, SCORES)
    asked = [period for period in good_periods(setting, periods) if period in values]
    expected = expected_cells(setting, asked)
    now = kpi_prints(setting, asked, expected)
    earlier = kpi_prints(setting, horizon(setting.project, asked, looks_back(setting.project)), expected)
    scored = score_prints(setting, asked, earlier | now)
    found: dict[date, tuple[Stale, ...]] = {}
    for period in asked:
        declared, data = (
            old != new for old, new in zip(told_apart(values[period]), told_apart(now[period]), strict=True)
        )
        declared = declared or (not data and scores.get(period) != scored[period])
        if data or declared:
            found[period] = (*(("data",) if data else ()), *(("declarations",) if declared else ()))
    return found
