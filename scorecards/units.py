"""The organisation tree on a day, and which units a selector picks.

Belongs here: walking the tree. Does not belong here: reading ``units.csv`` (``tables.py``) or rules about it
(``check.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from scorecards.base import UnitSelector
from scorecards.calendar import MONTHS, Calendar
from scorecards.tables import Unit

PERSON = "person"
"""The level of units that are persons, by pseudonymous id."""


@dataclass(frozen=True)
class UnitTree:
    """The units that exist at the end of one period, each with its parent then."""

    period: date
    units: dict[str, Unit]

    @classmethod
    def at(cls, rows: Iterable[Unit], period: date, calendar: Calendar = MONTHS) -> UnitTree:
        """The tree as valid on the last day of the period; the order of ``units.csv`` is kept."""
        day = calendar.last_day(period)
        return cls(period, {unit.id: unit for unit in rows if unit.valid_from <= day <= unit.valid_to})

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Ids of the direct children of every unit."""
        children: dict[str, list[str]] = {unit_id: [] for unit_id in self.units}
        for unit in self.units.values():
            if unit.parent in children:
                children[unit.parent].append(unit.id)
        return children

    @property
    def tops(self) -> list[str]:
        """Units without a parent that exists on the day: one, in a sound tree."""
        return [unit.id for unit in self.units.values() if unit.parent not in self.units]

    def ancestors(self, unit_id: str) -> Iterator[str]:
        """The unit itself, its parent, and so on to the top."""
        seen: set[str] = set()
        current: str | None = unit_id
        while current is not None and current in self.units and current not in seen:
            seen.add(current)
            yield current
            current = self.units[current].parent

    def select(self, selector: UnitSelector) -> list[str]:
        """Ids of the units that the selector picks, in the order of ``units.csv``."""
        return [unit_id for unit_id in self.units if self.matches(unit_id, selector)]

    def matches(self, unit_id: str, selector: UnitSelector) -> bool:
        """Whether the unit fulfils every condition that the selector gives."""
        path = set(self.ancestors(unit_id))
        return (
            (not selector.levels or self.units[unit_id].level in selector.levels)
            and (not selector.ids or unit_id in selector.ids)
            and (not selector.under or not path.isdisjoint(selector.under))
            and path.isdisjoint(selector.excluding)
        )

    def walk(self, roots: Sequence[str] | None = None) -> Iterator[str]:
        """Units from the top down, children after their parent."""
        for unit_id in self.tops if roots is None else roots:
            yield unit_id
            yield from self.walk(self.children[unit_id])
