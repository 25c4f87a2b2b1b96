"""Where the figures behind a value are: measure cells, and the staged rows as something to select from.

Belongs here: the committed cells, and for an edition, whose cells are not kept, the same computed anew from the staged
rows of the deliveries that counted then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from pipelines.steps.compute import expected_cells, fingerprints
from pipelines.steps.exchanging import rates_of
from pipelines.steps.placed import batches, file_months, placed_rows
from pipelines.steps.reading import KPIS
from pipelines.steps.setting import Setting
from pipelines.steps.staleness import cell_prints, kpi_prints, stored_prints
from transforms.converting import Exchange
from transforms.dating import dating_of
from transforms.measuring import CELLS as CELL_COLUMNS
from transforms.measuring import measure_cells, measure_states
from transforms.parts import STATES
from transforms.placing import covered_months, horizon
from transforms.plan import Variant
from transforms.sql_text import ident
from transforms.tree import Trees, trees
from transforms.windows import Cells
from warehouse.selection import spread
from warehouse.staged_rows import staged_rows
from warehouse.states import scan_states
from warehouse.store import Warehouse
from warehouse.tables import CELLS, COVERAGE


@dataclass(frozen=True)
class Behind:
    """Where the operands of one value are looked for; ``is_edition`` where the cells of the day are not kept.

    Whether the KPI ``is_about_people`` and its months may be listed then (``tells_months``) says the rule in force, not
    that of the edition.
    ``stale`` gathers the sources whose cells were computed from other deliveries or declarations than count now.
    """

    setting: Setting
    warehouse: Warehouse
    period: date
    unit: str
    slice: str
    is_edition: bool
    is_about_people: bool
    tells_months: bool
    stale: set[str] = field(default_factory=set)

    @cached_property
    def months(self) -> list[date]:
        """All months that any operand may look at."""
        return horizon(self.setting.project, [self.period], self.setting.reach())

    @cached_property
    def is_as_computed(self) -> bool:
        """Whether the month was computed from what counts now, and from the cells that stand in the warehouse.

        Where it was not, neither is what it shows decided by how many people there are in them.
        """
        expected, stand = expected_cells(self.setting, [self.period]), cell_prints(self.warehouse)
        known = stored_prints(self.warehouse, KPIS).get(self.period)
        return all(kpi_prints(self.setting, [self.period], cells)[self.period] == known for cells in (expected, stand))

    @cached_property
    def trees(self) -> Trees:
        """The organisation's trees of these months."""
        return trees(self.setting.project, self.months)

    @cached_property
    def rates(self) -> Exchange | None:
        """The exchange rates of these months; None where no measure has a currency."""
        return rates_of(self.setting, self.months)


def data_of(behind: Behind, variant: Variant) -> Cells:
    """The cells of a measure, and the months that its source speaks of."""
    source_id, months = variant.measure.source, behind.months
    if behind.is_edition:
        return _data_anew(behind, variant)
    covered = behind.warehouse.read(COVERAGE, months, source=[source_id])
    known = dict(covered.select("period", "fingerprint").iter_rows())
    now = fingerprints(behind.setting, source_id, months, behind.rates)
    if any(known[month] != now[month] for month in known):
        behind.stale.add(source_id)
    cells = behind.warehouse.read(CELLS, months, measure=[variant.key])
    states = {}
    for part in variant.parts:
        key = (variant.key, part.name)
        found = scan_states(behind.setting.home, source_id, key, months) if part.kind in STATES else None
        if found is not None:
            states[key] = found
    here = {source_id: set(covered.filter("is_covered")["period"])}
    return Cells(cells, states, here, behind.trees)


def _data_anew(behind: Behind, variant: Variant) -> Cells:
    """The same from the staged rows, as of the edition."""
    setting = behind.setting
    source = setting.project.sources[variant.measure.source]
    dating, covered = dating_of(setting.project, source), set[date]()
    cells, states = [pl.DataFrame(schema=CELL_COLUMNS)], dict[tuple[str, str], list[pl.LazyFrame]]()
    for batch in batches(setting, source, behind.months):
        placed = placed_rows(setting, source, batch)
        if batch.loads:
            of_files = file_months(setting, source, batch)
            covered |= set(covered_months(source, placed, of_files, batch.months, setting.project.calendar))
        cells.append(measure_cells(source, placed, [variant], batch.months, dating, behind.rates))
        for key, found in measure_states(source, placed, [variant], batch.months, dating, behind.rates):
            states.setdefault(key, []).append(found.lazy())
    every = {key: pl.concat(frames) for key, frames in states.items()}
    return Cells(pl.concat(cells), every, {source.source: covered}, behind.trees)


def relation_of(behind: Behind, source_id: str, months: Sequence[date]) -> str | None:
    """What stands after FROM: the view of the warehouse, or the files, where other loads count than it shows.

    None where no one selection of loads counts for all these months, or nothing was delivered.
    """
    setting = behind.setting
    source, loads, view = setting.project.sources[source_id], setting.loads(source_id), setting.view()
    counting = setting.counting(source_id, months)
    shown = spread(source, loads, view)
    is_dated = any(load.period or load.periods for load in loads)
    sets = {tuple(sorted(load.id for load in found)) for found in counting.values()}
    if not shown or not months:
        return None
    if not behind.is_edition and (is_dated or sets == {tuple(sorted(load.id for load, _ in shown))}):
        return f"staging.{ident(source_id)}"
    if not is_dated and len(sets) > 1:
        return None
    ids = {load.id for found in counting.values() for load in found}
    files = [(load, own) for load, own in shown if load.id in ids]
    if not is_dated:
        files = [(load, None) for load in counting[months[0]]]
    return f"(\n    {staged_rows(setting.home, source, files, setting.late(source_id))}\n  )" if files else None
