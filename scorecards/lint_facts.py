"""What the rules of `check` judge: the declarations, and what is known from computed months where there are any.

Belongs here: the record of that knowledge, and the walks over a project that several rules share. Does not belong here:
any rule, and how the knowledge is fetched (``pipelines/steps/judging.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from scorecards.errors import Problem
from scorecards.kpis import Kpi
from scorecards.organisation import Perspective
from scorecards.project import Project
from scorecards.strategy import Objective, Scorecard
from scorecards.units import UnitTree
from scorecards.yaml_reader import KeyPath

HISTORY_MONTHS = 24
ENOUGH_MONTHS = 12


@dataclass(frozen=True)
class History:
    """What computed months tell. ``period`` is the newest of them; all else is of it or of the 24 months up to it.

    ``values`` are the known values of a KPI and unit in the order of time; ``targets`` and ``bands`` belong to the
    newest month: by scorecard, KPI and unit, and by scorecard, objective and unit.
    """

    period: date
    values: Mapping[tuple[str, str], tuple[float, ...]] = field(default_factory=dict)
    targets: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    bands: Mapping[tuple[str, str, str], str] = field(default_factory=dict)


class Use(NamedTuple):
    """A KPI on a scorecard, under an objective."""

    card_id: str
    objective_id: str
    kpi_id: str
    kpi: Kpi
    units: tuple[str, ...]

    @property
    def path(self) -> KeyPath:
        """Where it stands in ``strategy.yaml``."""
        return ("scorecards", self.card_id, "objectives", self.objective_id, "kpis", self.kpi_id)


@dataclass(frozen=True)
class Facts:
    """A project that loads, and the history of its KPIs, if any is known."""

    project: Project
    history: History | None = None

    @property
    def cards(self) -> Mapping[str, Scorecard]:
        """The scorecards by id."""
        return self.project.strategy.scorecards

    @cached_property
    def tree(self) -> UnitTree:
        """The newest organisation tree that is declared, or that of the newest computed month."""
        if self.history is not None:
            return self.project.tree(self.history.period)
        calendar, starts = self.project.calendar, [unit.valid_from for unit in self.project.units]
        newest = max([self.project.organisation.first_period, *starts])
        return self.project.tree(calendar.period_of(newest) or calendar.periods[-1])

    @property
    def last_day(self) -> date | None:
        """The last day of the newest computed month; None where there is none."""
        return self.project.calendar.last_day(self.history.period) if self.history is not None else None

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Every KPI on every scorecard, with the units for which it is declared there."""
        found = []
        for card_id, card in self.cards.items():
            units = self.tree.select(card.units)
            for objective_id, objective in card.objectives.items():
                for kpi_id, use in objective.kpis.items():
                    kpi = self.project.kpis.get(kpi_id)
                    if kpi is not None:
                        own = tuple(unit for unit in units if self.tree.matches(unit, use.applies_to))
                        found.append(Use(card_id, objective_id, kpi_id, kpi, own))
        return tuple(found)

    def perspectives(self, card: Scorecard) -> Mapping[str, Perspective]:
        """The perspectives of a scorecard, from the top of its page down."""
        return card.perspectives or self.project.organisation.perspectives

    def objectives(self) -> Iterator[tuple[str, Scorecard, str, Objective]]:
        """Every objective with its scorecard."""
        for card_id, card in self.cards.items():
            for objective_id, objective in card.objectives.items():
                yield card_id, card, objective_id, objective

    def in_strategy(self, path: KeyPath, message: str) -> Problem:
        """A finding in ``strategy.yaml``."""
        return self.project.places["strategy.yaml"].problem(path, message)

    def in_kpi(self, kpi_id: str, path: KeyPath, message: str) -> Problem:
        """A finding in the file of a KPI, at a key path below the declaration that it was written out from."""
        return self.project.places[f"kpis {kpi_id}"].problem(("kpis", kpi_id, *path), message)


def listed(names: list[str] | tuple[str, ...], most: int = 3) -> str:
    """``a``, ``a and b``, ``a, b, c and 4 more``."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
