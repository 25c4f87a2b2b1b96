"""Units by months as one axis of plain arrays, on which scores are computed without joins or sorts.

Belongs here: the axis, and moving columns of long frames onto it and off it. What is computed on it is ``scoring.py``
and ``roll_up.py``. A cell is one unit in one month; missing numbers are NaN here, and null in every frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scorecards.periods import months_between

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """All months from ``first`` to ``last``, each with all units in the order of their ids."""

    first: date
    last: date
    units: tuple[str, ...]

    @classmethod
    def over(cls, frames: Iterable[pl.DataFrame]) -> Grid:
        """The smallest grid that holds the columns period and unit of the frames, of which one has rows."""
        found = [frame for frame in frames if frame.height]
        starts, ends = [frame["period"].min() for frame in found], [frame["period"].max() for frame in found]
        units = sorted({unit for frame in found for unit in frame["unit"].unique().to_list()})
        return cls(min(starts), max(ends), tuple(units))  # type: ignore[type-var, arg-type]

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self._periods) * len(self.units)

    @cached_property
    def unit_numbers(self) -> dict[str, int]:
        """Every unit's place among the units."""
        return {unit: number for number, unit in enumerate(self.units)}

    def cell(self, period: date, unit: str) -> int:
        """The cell of a unit in a month."""
        return len(months_between(self.first, period)[1:]) * len(self.units) + self.unit_numbers[unit]

    def cells(self, frame: pl.DataFrame) -> Ints:
        """The cell of every row, by its columns period and unit, all of which are on the grid."""
        unit = frame["unit"].cast(pl.Enum(self.units)).to_physical().to_numpy()
        day = frame["period"].to_physical().to_numpy()
        first_days = self._periods.to_physical().to_numpy()
        month_of = np.repeat(np.arange(first_days.size), np.diff(first_days, append=first_days[-1] + 1))
        found: Ints = month_of[day - first_days[0]] * len(self.units) + unit
        return found

    def earlier(self, cells: Ints, months: int) -> Ints:
        """The cells of the same units so many months before, −1 where the grid has none."""
        moved: Ints = cells - months * len(self.units)
        return np.where(moved >= 0, moved, -1)

    def months(self, cells: Ints) -> Ints:
        """The months of cells, counted from the first."""
        return cells // len(self.units)

    def periods_of(self, cells: Ints) -> pl.Series:
        """The periods of cells."""
        return self._periods.gather(self.months(cells))

    @cached_property
    def _periods(self) -> pl.Series:
        return pl.Series(months_between(self.first, self.last), dtype=pl.Date)

    def units_of(self, cells: Ints) -> pl.Series:
        """The units of cells."""
        return pl.Series(self.units, dtype=pl.String).gather(cells % len(self.units))


@dataclass(frozen=True)
class Sparse:
    """One column of numbers, known at some cells of a grid."""

    cells: Ints
    numbers: Floats

    def at(self, size: int, wanted: Ints) -> Floats:
        """The numbers at these cells of a grid of ``size``, NaN where none is known and for the cell −1."""
        everywhere = np.full(size + 1, np.nan)
        everywhere[self.cells] = self.numbers
        return everywhere[wanted]


def numbers(column: pl.Series) -> Floats:
    """A column of a frame as floats, null as NaN."""
    return column.cast(pl.Float64).to_numpy()


def series(values: Floats) -> pl.Series:
    """Floats as a column of a frame, NaN as null."""
    return pl.Series(values, nan_to_null=True)


def split(frame: pl.DataFrame, keys: Sequence[str]) -> dict[tuple[str, ...], Ints]:
    """The rows of a frame by their values in some columns, in a small number of groups: positions, in order."""
    if frame.is_empty():
        return {}
    code = np.zeros(frame.height, dtype=np.int64)
    names: list[list[str]] = []
    for key in keys:
        found = frame[key].unique().sort().to_list()
        if len(found) > 1:
            code = code * len(found) + frame[key].cast(pl.Enum(found)).to_physical().to_numpy()
        names.append(found)
    # 16 bits are sorted by their digits, in one pass.
    order = np.argsort(code.astype(np.int16) if code.max() < 2**15 else code, kind="stable")
    ordered = code[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    groups, parts = ordered[starts], np.split(order, starts[1:])
    return {
        tuple(name[at] for name, at in zip(names, np.unravel_index(group, [len(n) for n in names]), strict=True)): part
        for group, part in zip(groups, parts, strict=True)
    }
