"""A table on its way into a file: columns of plain values, and which of them are hundredths (cents, quarter hours)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Table:
    """Named columns of equal length. Columns named in ``hundredths`` hold whole hundredths, so that sums stay exact.

    A cell may be replaced by a text that its column could not hold: that is how a bad row is made (``dirt.py``).
    """

    columns: dict[str, list[Any]]
    hundredths: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, names: str, rows: Iterable[Sequence[Any]], hundredths: str = "") -> Table:
        """A table from rows; names are given as one text with spaces between."""
        wanted = names.split()
        turned: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in wanted]
        return cls(dict(zip(wanted, turned, strict=True)), frozenset(hundredths.split()))

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def rows(self) -> Iterable[tuple[Any, ...]]:
        """The rows in order."""
        return zip(*self.columns.values(), strict=True)

    def extended(self, other: Table) -> Table:
        """This table with the other's rows below it."""
        return Table({name: cells + other.columns[name] for name, cells in self.columns.items()}, self.hundredths)
