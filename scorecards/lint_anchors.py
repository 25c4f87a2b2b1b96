"""Which anchors of ``targets.csv`` meet at a unit: found from the declarations alone, for the rules about targets.

Belongs here: the same order of precedence as ``transforms/targets.py`` (scorecard, unit, date). Does not belong here:
values that formulas give, which only computed months have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from scorecards.lint_facts import Facts, Use
from scorecards.organisation import SIDES
from scorecards.tables import Target

_PREFIXES = tuple(f"{side}_" for side in SIDES)


class Anchors:
    """The rows of ``targets.csv`` by KPI, anchor and unit, and how units inherit them."""

    def __init__(self, facts: Facts) -> None:
        self._tree = facts.tree
        self._scale = facts.project.organisation.scale.anchors
        self._rows: dict[str, list[Target]] = defaultdict(list)
        self._at: dict[tuple[str, str | None], dict[str, list[Target]]] = defaultdict(lambda: defaultdict(list))
        self._below: dict[tuple[str, str], set[tuple[str | None, str]]] = defaultdict(set)
        for row in facts.project.targets:
            if _plain(row.anchor) in self._scale:
                self._rows[row.kpi].append(row)
                self._at[row.kpi, row.unit][row.anchor].append(row)
                for unit in self._path(row.unit)[1:]:
                    if unit is not None:
                        self._below[row.kpi, unit].add((row.scorecard, row.anchor))

    def rows(self, kpi_id: str) -> list[Target]:
        """The rows of a KPI, in the order of the file."""
        return self._rows.get(kpi_id, [])

    def names(self, use: Use, unit: str | None) -> set[str]:
        """The anchors that a unit has on a scorecard; the two sides of a range count as one."""
        return {_plain(name) for name in self.as_written(use, unit)}

    def as_written(self, use: Use, unit: str | None) -> set[str]:
        """The anchors that a unit has on a scorecard: its own, inherited, summed from below, or by formula.

        For the unit None: what any row gives.
        """
        if unit is None:
            found = {(row.scorecard, row.anchor) for row in self.rows(use.kpi_id)}
        else:
            inherited = (self._at.get((use.kpi_id, above), {}) for above in self._path(unit))
            found = {(row.scorecard, row.anchor) for rows in inherited for some in rows.values() for row in some}
            if use.kpi.target_roll_up == "sum":
                found |= self._below.get((use.kpi_id, unit), set())
        declared = [anchor for card, anchor in found if card in (None, use.card_id)]
        return {name for name in (*declared, *use.kpi.anchors) if _plain(name) in self._scale}

    def beside(self, row: Target) -> Iterator[Target]:
        """For every other anchor the row that is in force together with this one, for its scorecard, unit and day."""
        for anchor in self._scale if row.anchor in self._scale else ():
            if anchor != row.anchor:
                other = self.in_force(row.kpi, anchor, row.scorecard, row.unit, row.effective_from)
                if other is not None and other.per_month == row.per_month:
                    yield other

    def in_force(self, kpi_id: str, anchor: str, card: str | None, unit: str | None, day: date) -> Target | None:
        """The row that gives an anchor: the scorecard's own first, then the nearest unit's, then the latest."""
        candidates = [
            (row.scorecard is None, distance, -row.effective_from.toordinal(), row.line, row)
            for distance, above in enumerate(self._path(unit))
            for row in self._at.get((kpi_id, above), {}).get(anchor, ())
            if row.scorecard in (None, card) and row.effective_from <= day
        ]
        return min(candidates)[-1] if candidates else None

    def _path(self, unit: str | None) -> tuple[str | None, ...]:
        """The unit, those above it, and None for the rows that name no unit."""
        if unit is None:
            return (None,)
        return (*self._tree.ancestors(unit), None) if unit in self._tree.units else (unit, None)


def _plain(anchor: str) -> str:
    return next((anchor.removeprefix(side) for side in _PREFIXES if anchor.startswith(side)), anchor)
