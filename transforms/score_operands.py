"""What the score of a KPI may depend on, moved from long frames onto the grid, one KPI at a time.

Belongs here: values, their past, anchors in force, and who is whose sibling. What is made of them is ``scoring.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import polars as pl

from scorecards.kpis import Kpi
from scorecards.periods import FREQUENCY_MONTHS
from scorecards.project import Project
from transforms.dated import epochs
from transforms.grid import Floats, Grid, Ints, Sparse, Truths, numbers, split
from transforms.scored import NO_VALUE, Operands, Peers

_OPERANDS = ("value", "numerator", "denominator")


class ScoreOperands:
    """The main ``KPI_VALUES`` and the ``ANCHORS`` of many months, to be asked for one KPI's columns at some cells."""

    def __init__(
        self, project: Project, grid: Grid, values: pl.DataFrame, anchors: pl.DataFrame, periods: Sequence[date]
    ) -> None:
        self._project, self._grid, self._periods = project, grid, periods
        self._reasons = tuple(values["missing_reason"].drop_nulls().unique().sort().to_list())
        codes = values["missing_reason"].cast(pl.Enum(self._reasons)).to_physical()
        self._columns = {"reason": numbers(codes), **{name: numbers(values[name]) for name in _OPERANDS}}
        self._cells = grid.cells(values)
        self._rows = {kpi_id: rows for (kpi_id,), rows in split(values, ["kpi"]).items()}
        points, cells = numbers(anchors["value"]), grid.cells(anchors)
        self._anchors = {
            key: Sparse(cells[rows], points[rows])
            for key, rows in split(anchors, ["scorecard", "kpi", "anchor"]).items()
        }

    def of(self, card_id: str, kpi_id: str, cells: Ints) -> Operands:
        """What the KPI's score on a scorecard may depend on, at these cells."""
        kpi, scale = self._project.kpis[kpi_id], self._project.organisation.scale
        value = self._column(kpi_id, "value", cells)
        named: dict[str, Floats] = {}
        if not kpi.scoring.is_line:
            named |= {name: self._column(kpi_id, name, cells) for name in _OPERANDS[1:]}
            step = FREQUENCY_MONTHS[kpi.frequency]
            named["previous"] = self._column(kpi_id, "value", self._grid.earlier(cells, step))
            named["last_year"] = self._column(kpi_id, "value", self._grid.earlier(cells, 12))
        for name in scale.names_for(kpi.direction):
            sparse = self._anchors.get((card_id, kpi_id, name))
            if sparse is not None:
                named[name] = sparse.at(self._grid.size, cells)
        return Operands(value, named, self._peers(kpi, kpi_id, cells))

    def missing(self, kpi_id: str, value: Floats, cells: Ints) -> tuple[tuple[Truths, str], ...]:
        """Where the value is missing, by reason; with ``no_data`` where nothing is known of it at all."""
        codes = self._column(kpi_id, "reason", cells)
        found = np.unique(codes[~np.isnan(codes)]).astype(np.int64)
        return (*((codes == code, self._reasons[code]) for code in found), (np.isnan(value), NO_VALUE))

    def _column(self, kpi_id: str, name: str, cells: Ints) -> Floats:
        rows = self._rows.get(kpi_id)
        if rows is None:
            return np.full(cells.shape, np.nan)
        return Sparse(self._cells[rows], self._columns[name][rows]).at(self._grid.size, cells)

    def _peers(self, kpi: Kpi, kpi_id: str, cells: Ints) -> Peers:
        def past(months: int, step: int) -> Iterator[Floats]:
            for back in range(0, months, step):
                yield self._column(kpi_id, "value", self._grid.earlier(cells, back))

        relative = kpi.scoring.relative
        nobody = np.arange(cells.size)
        if relative is None or relative.to == "history":
            return Peers(nobody, nobody, past)
        siblings, level = self._groups(cells)
        return Peers(siblings, level, past)

    def _groups(self, cells: Ints) -> tuple[Ints, Ints]:
        """The same number for units of one parent, and for units of one level, in the same month."""
        levels = {level: number for number, level in enumerate(self._project.organisation.levels)}
        known = {unit: number for number, unit in enumerate(self._project.unit_ids)}
        spans = epochs(self._project, self._periods, ())
        above, level = np.full(self._grid.size, -1), np.full(self._grid.size, -1)
        for epoch in set(spans.values()):
            tree = self._project.tree(epoch)
            units = [unit for unit in self._grid.units if unit in tree.units]
            numbers_of = np.array([self._grid.unit_numbers[unit] for unit in units], dtype=np.int64)
            # The top has no siblings: it stands for itself, beyond all units' numbers.
            parents = np.array([known.get(str(tree.units[unit].parent), len(known) + known[unit]) for unit in units])
            ranks = np.array([levels[tree.units[unit].level] for unit in units], dtype=np.int64)
            for period in (period for period, start in spans.items() if start == epoch):
                at = self._grid.cell(period, self._grid.units[0]) + numbers_of
                above[at], level[at] = parents, ranks
        months = self._grid.months(cells)
        return months * (2 * len(known)) + above[cells], months * len(levels) + level[cells]
