"""The cells of measures as they stand in the warehouse, and which months of them a month's figures look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipelines.steps.setting import Setting
from transforms.comparisons import reference_periods
from transforms.measuring import PartKey
from transforms.parts import STATES
from transforms.placing import horizon
from transforms.scoring import looks_back
from transforms.tree import trees
from transforms.windows import Cells
from warehouse.states import scan_states
from warehouse.store import Warehouse
from warehouse.tables import CELLS, COVERAGE


def looked_at(setting: Setting, periods: Sequence[date]) -> list[date]:
    """All months of which a KPI value is needed: the asked ones, those compared with, and those that scores look at."""
    compared = reference_periods(setting.project, periods)
    return sorted({*compared, *horizon(setting.project, periods, looks_back(setting.project))})


def standing_cells(setting: Setting, warehouse: Warehouse, months: Sequence[date]) -> Cells:
    """The cells of these months, ``coded``; states are not read yet."""
    covered: dict[str, set[date]] = {}
    coverage = warehouse.read(COVERAGE, months).filter("is_covered")
    for source, month in coverage.select("source", "period").iter_rows():
        covered.setdefault(source, set()).add(month)
    cells = warehouse.read(CELLS, months)
    return Cells(cells, _states(setting, months), covered, trees(setting.project, months)).coded()


def _states(setting: Setting, months: Sequence[date]) -> dict[PartKey, pl.LazyFrame]:
    """The states of every variant's part that has any, not read yet."""
    found: dict[PartKey, pl.LazyFrame] = {}
    for variant in setting.plan.variants.values():
        for part in variant.parts:
            key = (variant.key, part.name)
            states = scan_states(setting.home, variant.measure.source, key, months) if part.kind in STATES else None
            if states is not None:
                found[key] = states
    return found
