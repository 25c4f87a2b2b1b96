"""Which anchors of ``targets.csv`` meet at a unit: found from the declarations alone, for the rules about targets.

Belongs here: the same order of precedence as ``transforms/targets.py`` (scorecard, unit, date). Does not belong here:
values that formulas give, which only computed months have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from scorecards.lint_facts import Facts, Use
from scorecards.tables import Target

_SIDES = ("lower_", "upper_")


class Anchors:
    """The rows of ``targets.csv`` by KPI, and how units inherit them."""

    def __init__(self, facts: Facts) -> None:
        self._tree = facts.tree
        self._scale = facts.project.organisation.scale.anchors
        self._rows: dict[str, list[Target]] = defaultdict(list)
        for row in facts.project.targets:
            if _plain(row.anchor) in self._scale:
                self._rows[row.kpi].append(row)
        self._paths = {unit: (*self._tree.ancestors(unit), None) for unit in self._tree.units}

    def rows(self, kpi_id: str) -> list[Target]:
        """The rows of a KPI, in the order of the file."""
        return self._rows.get(kpi_id, [])

    def names(self, use: Use, unit: str | None) -> set[str]:
        """The anchors that a unit has on a scorecard: its own, inherited, summed from below, or by formula.

        For the unit None: what any row gives. The two sides of a KPI that is best within a range count as one.
        """
        rows = [row for row in self.rows(use.kpi_id) if row.scorecard in (None, use.card_id)]
        if unit is not None:
            path = self._paths.get(unit, (unit, None))
            is_summed = use.kpi.target_roll_up == "sum"
            rows = [
                row
                for row in rows
                if row.unit in path or (is_summed and row.unit is not None and unit in self._paths.get(row.unit, ()))
            ]
        return {_plain(name) for name in (*(row.anchor for row in rows), *use.kpi.anchors)}

    def beside(self, row: Target) -> Iterator[Target]:
        """For every other anchor the row that is in force together with this one, for its scorecard, unit and day."""
        for anchor in self._scale if row.anchor in self._scale else ():
            if anchor != row.anchor:
                other = self.in_force(row.kpi, anchor, row.scorecard, row.unit, row.effective_from)
                if other is not None and other.per_month == row.per_month:
                    yield other

    def in_force(self, kpi_id: str, anchor: str, card: str | None, unit: str | None, day: date) -> Target | None:
        """The row that gives an anchor: the scorecard's own first, then the nearest unit's, then the latest."""
        path: tuple[str | None, ...] = (None,) if unit is None else self._paths.get(unit, (unit, None))
        candidates = [
            row
            for row in self.rows(kpi_id)
            if row.anchor == anchor and row.scorecard in (None, card) and row.unit in path and row.effective_from <= day
        ]
        return min(
            candidates,
            key=lambda row: (row.scorecard is None, path.index(row.unit), -row.effective_from.toordinal()),
            default=None,
        )


def _plain(anchor: str) -> str:
    return next((anchor.removeprefix(side) for side in _SIDES if anchor.startswith(side)), anchor)
