"""What is stale: for every step and month a digest of all that it is computed from, and those that the tables hold.

A month whose digest stands in the warehouse is not computed again. Each step's digest is made from those of the steps
before it and from the declarations that it reads (``reading.py``), so that a changed target computes scores anew and no
measure, and another name or owner nothing at all. A changed program counts as a changed declaration.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

import transforms
from pipelines.steps.reading import INSIGHT, KPIS, SCORES, SIGNALS, read_by
from pipelines.steps.setting import Setting
from scorecards.periods import months_between
from scorecards.project import Project
from transforms.comparisons import reference_periods
from transforms.placing import horizon
from transforms.scoring import looks_back
from warehouse.store import Warehouse
from warehouse.tables import COMPUTED, COVERAGE

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
    declared = _digest(_declared(project, KPIS), *_read_besides(project, sources))
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
    declared, found = _declared(project, SCORES), {}
    dated = [(target.effective_from, read_by(SCORES, target)) for target in project.targets]
    dated += [(weight.effective_from, read_by(SCORES, weight)) for weight in project.weights]
    for period in periods:
        last_day = project.calendar.last_day(period)
        begun = (text for begins, text in dated if begins <= last_day)
        months = horizon(project, [period], back)
        found[period] = _digest(declared, *begun, *(kpis.get(month, "") for month in months))
    return found


def signal_prints(setting: Setting, warehouse: Warehouse, periods: Iterable[date]) -> dict[date, str]:
    """By month the digest of what its signals depend on: values and scores of all months until then, as they stand."""
    first = setting.project.organisation.first_period
    looked_at = {period: months_between(first, period) for period in periods}
    return _prints_of_standing(setting, warehouse, SIGNALS, looked_at)


def insight_prints(setting: Setting, warehouse: Warehouse, periods: Iterable[date]) -> dict[date, str]:
    """By month the digest of what its insight depends on: values and scores since a year and what scores look back."""
    reach = 12 + looks_back(setting.project)
    looked_at = {period: horizon(setting.project, [period], reach) for period in periods}
    return _prints_of_standing(setting, warehouse, INSIGHT, looked_at)


def _prints_of_standing(
    setting: Setting, warehouse: Warehouse, step: str, looked_at: Mapping[date, Sequence[date]]
) -> dict[date, str]:
    kpis, scores = stored_prints(warehouse, KPIS), stored_prints(warehouse, SCORES)
    declared = _declared(setting.project, step)
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


def _declared(project: Project, step: str) -> str:
    """Digest of the declarations that a step reads, but for rows that count from a day on."""
    return _digest(_program(), read_by(step, project))


def _read_besides(project: Project, sources: Sequence[str]) -> Iterator[str]:
    """What KPI values take of declarations that are for others: where KPIs apply, and which sources tell of people."""
    places = {
        (kpi_id, card.units.model_dump_json(), use.applies_to.model_dump_json())
        for card in project.strategy.scorecards.values()
        for objective in card.objectives.values()
        for kpi_id, use in objective.kpis.items()
    }
    yield repr(sorted(places))
    yield repr([project.sources[source].domain for source in sources])


@cache
def _program() -> str:
    """Digest of the program's own arithmetic."""
    total = hashlib.sha256()
    for path in sorted(Path(str(transforms.__file__)).parent.glob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
