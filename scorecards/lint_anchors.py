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
        self._sums: dict[tuple[str, str, str], set[str]] = {}
        self._declared_for: dict[str, set[str]] = defaultdict(set)
        for use in facts.uses:
            self._declared_for[use.kpi_id].update(use.units)
        for row in facts.project.targets:
            if _plain(row.anchor) in self._scale:
                self._rows[row.kpi].append(row)
                self._at[row.kpi, row.unit][row.anchor].append(row)

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
                found |= {(None, anchor) for anchor in self._summed(use, unit)}
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

    def _summed(self, use: Use, unit: str) -> set[str]:
        """The anchors of which every unit directly below that declares the KPI has a row of its own, or such a sum."""
        key = (use.kpi_id, use.card_id, unit)
        if key not in self._sums:
            below = [each for each in self._tree.children[unit] if each in self._declared_for[use.kpi_id]]
            each_has = [self._own(use, each) | self._summed(use, each) for each in below]
            self._sums[key] = set.intersection(*each_has) if each_has else set()
        return self._sums[key]

    def _own(self, use: Use, unit: str) -> set[str]:
        rows = self._at.get((use.kpi_id, unit), {})
        return {name for name, some in rows.items() if any(row.scorecard in (None, use.card_id) for row in some)}

    def _path(self, unit: str | None) -> tuple[str | None, ...]:
        """The unit, those above it, and None for the rows that name no unit."""
        if unit is None:
            return (None,)
        return (*self._tree.ancestors(unit), None) if unit in self._tree.units else (unit, None)


def _plain(anchor: str) -> str:
    return next((anchor.removeprefix(side) for side in _PREFIXES if anchor.startswith(side)), anchor)
