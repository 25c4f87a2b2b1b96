"""What is stale: for every step and month a digest of all that it is computed from, and those that the tables hold.

A month whose digest stands in the warehouse is not computed again. Each step's digest is made from those of the steps
before it and from the declarations that it reads, so that a changed target computes scores anew and no measure. A
changed program counts as a changed declaration.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

import transforms
from pipelines.steps.setting import Setting
from scorecards.periods import months_between
from scorecards.project import Project
from transforms.comparisons import reference_periods
from transforms.placing import horizon
from transforms.scoring import looks_back
from warehouse.store import Warehouse
from warehouse.tables import COMPUTED, COVERAGE

KPIS, SCORES, SIGNALS, INSIGHT, PACKS = "kpis", "scores", "signals", "insight", "packs"
Prints = Mapping[date, str]
Cells = Mapping[tuple[str, date], str]


def cell_prints(warehouse: Warehouse) -> dict[tuple[str, date], str]:
    """By source and month the digest of what the cells in the warehouse were computed from."""
    rows = warehouse.read(COVERAGE).select("source", "period", "fingerprint").iter_rows()
    return {(source, period): fingerprint for source, period, fingerprint in rows}


def stored_prints(warehouse: Warehouse, step: str) -> dict[date, str]:
    """By month the digest of what a step's tables were computed from."""
    rows = warehouse.read(COMPUTED).filter(pl.col("step") == step)
    return dict(rows.select("period", "fingerprint").iter_rows())


def kpi_prints(setting: Setting, periods: Iterable[date], cells: Cells) -> dict[date, str]:
    """By month the digest of what its KPI values depend on: cells of all months that they look at, and declarations."""
    project, reach = setting.project, setting.reach()
    sources = sorted({variant.measure.source for variant in setting.plan.variants.values()})
    declared = _declared(project)
    found = {}
    for period in periods:
        months = horizon(project, reference_periods(project, [period]), reach)
        data = _digest(*(cells.get((source, month), "") for source in sources for month in months))
        found[period] = f"{declared} {data}"
    return found


def told_apart(fingerprint: str) -> tuple[str, str]:
    """The digests of declarations and of data that the digest of a month's KPI values consists of."""
    declared, _, data = fingerprint.partition(" ")
    return declared, data


def score_prints(setting: Setting, periods: Iterable[date], kpis: Prints) -> dict[date, str]:
    """By month the digest of what its scores depend on: KPI values, and targets and weights declared until then."""
    project, back = setting.project, looks_back(setting.project)
    declared, found = _declared(project), {}
    dated = [(target.effective_from, repr(target)) for target in project.targets]
    dated += [(weight.effective_from, repr(weight)) for weight in project.weights]
    for period in periods:
        last_day = project.calendar.last_day(period)
        begun = (text for begins, text in dated if begins <= last_day)
        months = horizon(project, [period], back)
        found[period] = _digest(declared, *begun, *(kpis.get(month, "") for month in months))
    return found


def signal_prints(setting: Setting, warehouse: Warehouse, periods: Iterable[date]) -> dict[date, str]:
    """By month the digest of what its signals depend on: values and scores of all months until then, as they stand."""
    first = setting.project.organisation.first_period
    return _prints_of_standing(setting, warehouse, {period: months_between(first, period) for period in periods})


def insight_prints(setting: Setting, warehouse: Warehouse, periods: Iterable[date]) -> dict[date, str]:
    """By month the digest of what its insight depends on: values and scores since a year and what scores look back."""
    reach = 12 + looks_back(setting.project)
    return _prints_of_standing(
        setting, warehouse, {period: horizon(setting.project, [period], reach) for period in periods}
    )


def _prints_of_standing(
    setting: Setting, warehouse: Warehouse, looked_at: Mapping[date, Sequence[date]]
) -> dict[date, str]:
    kpis, scores = stored_prints(warehouse, KPIS), stored_prints(warehouse, SCORES)
    declared = _declared(setting.project)
    return {
        period: _digest(declared, *(f"{kpis.get(month, '')} {scores.get(month, '')}" for month in months))
        for period, months in looked_at.items()
    }


def stale(found: Prints, stored: Prints) -> list[date]:
    """The months whose digest is not the one that is stored."""
    return [period for period, fingerprint in found.items() if stored.get(period) != fingerprint]


def as_rows(step: str, prints: Prints, periods: Sequence[date]) -> pl.DataFrame:
    """The rows of the table ``computed_months`` that a step leaves."""
    schema = {"step": pl.String, "period": pl.Date, "fingerprint": pl.String}
    return pl.DataFrame([(step, period, prints[period]) for period in periods], schema=schema, orient="row")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _declared(project: Project) -> str:
    """Digest of the declarations that values and scores depend on, but for dated targets and weights."""
    parts = [
        _program(),
        project.organisation.model_dump_json(),
        project.strategy.model_dump_json(),
        *(f"{name}\0{measure.model_dump_json()}" for name, measure in project.measures.items()),
        *(f"{name}\0{kpi.model_dump_json()}" for name, kpi in project.kpis.items()),
        *(repr(unit) for unit in project.units),
        project.calendar.text(),
    ]
    return _digest(*parts)


@cache
def _program() -> str:
    """Digest of the program's own arithmetic."""
    total = hashlib.sha256()
    for path in sorted(Path(str(transforms.__file__)).parent.glob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
