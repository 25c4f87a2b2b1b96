"""``strategy.yaml``: scorecards, their objectives and which KPIs measure them, themes and initiatives."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from scorecards.base import Amount, Declared, Id, Names, Share, UnitSelector, Weight, amount_of
from scorecards.organisation import Period, Perspective
from scorecards.roll_up import NodeRollUp


class KpiUse(Declared):
    """A KPI on a scorecard: its weight within the objective and the units it applies to there."""

    weight: Weight = 1.0
    applies_to: UnitSelector = Field(
        UnitSelector(), description="Elsewhere the KPI is not applicable: neither missing nor counted."
    )


def _uses(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        return {name: {} for name in value}
    return {name: {} if use is None else use for name, use in value.items()} if isinstance(value, dict) else value


def _drives(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    return dict.fromkeys(value) if isinstance(value, list) else value


MonthsLater = Annotated[int, Field(ge=1, le=12)]


class Objective(Declared):
    """What the organisation wants to achieve, in one perspective, measured by KPIs."""

    name: str
    perspective: Id
    description: str = ""
    owner: str = ""
    weight: Weight = Field(1.0, description="Relative weight within the perspective.")
    theme: Id | None = None
    part_of: Id | None = Field(
        None, description="Another objective of the perspective into which this one's score counts; any depth."
    )
    roll_up: NodeRollUp = Field(NodeRollUp(), description="How its KPIs' scores become its own.")
    leads_to: Annotated[
        dict[str, MonthsLater | None],
        BeforeValidator(_drives, json_schema_input_type=str | list[str] | dict[str, MonthsLater | None]),
    ] = Field(
        default={},
        description="Objectives of the same scorecard that this one drives: the strategy map. A list, or a mapping "
        "from id to the months after which the effect is expected; nothing given: after one to six.",
    )
    supports: Names = Field((), description="Objectives of parent scorecards that this one serves: the cascade.")
    kpis: Annotated[
        dict[Id, KpiUse], BeforeValidator(_uses, json_schema_input_type=list[str] | dict[str, KpiUse | None])
    ] = Field(default={}, description="A list of KPI ids, or a mapping from id to weight and applies_to.")


class Scorecard(Declared):
    """One scorecard: the units that have it, its perspectives' weights and its objectives."""

    name: str
    units: UnitSelector = Field(UnitSelector(), description="The units that get this scorecard, each its own pack.")
    parent: Names = Field((), description="The scorecard, or the list of them, whose objectives these support.")
    perspectives: dict[Id, Perspective] = Field(default={}, description="Own perspectives; none: the organisation's.")
    weights: dict[Id, Weight] = Field(default={}, description="Weight per perspective; none given: all equal.")
    objectives: dict[Id, Objective]
    roll_up: NodeRollUp = Field(NodeRollUp(), description="How the perspectives' scores become the overall one.")

    def parts_of(self, objective_id: str) -> list[str]:
        """Ids of the objectives that are declared to be part of this one."""
        return [name for name, objective in self.objectives.items() if objective.part_of == objective_id]


class Theme(Declared):
    """A strategic theme that runs through several objectives."""

    name: str
    description: str = ""


class Effect(Declared):
    """What an initiative is expected to do to a KPI; packs show beside it what has been seen."""

    kpi: Id = Field(description="The KPI, by id.")
    change: Amount = Field(
        description="By how much it should change, in the KPI's own terms: -2.5, or +3% (percentage points)."
    )
    shows_from: Period | None = Field(
        None, description="The first month in which it should show, such as 2026-09; none: the month of the start."
    )
    unit: str | None = Field(None, description="The unit whose value it is, by id; none: the initiative's.")

    @property
    def amount(self) -> float:
        """The change in the KPI's own terms; of a percentage as a fraction."""
        return amount_of(self.change)

    @property
    def is_percent(self) -> bool:
        """Whether it is written as a percentage."""
        return self.change.endswith("%")


class Initiative(Declared):
    """A project that is meant to move objectives."""

    name: str
    objectives: Names = Field(description="Objectives that it should move, by id.")
    unit: str | None = Field(None, description="The unit that runs it; none: the top unit.")
    owner: str = ""
    start: date | None = None
    due: date | None = None
    status: Literal["planned", "on track", "at risk", "late", "done"] = "planned"
    progress: Share = 0.0
    budget: float | None = Field(None, ge=0, description="In the organisation's currency.")
    spent: float | None = Field(None, ge=0, description="In the organisation's currency.")
    expected: str = Field("", description="The effect that is expected, in words.")
    effects: tuple[Effect, ...] = Field((), description="The effects that are expected, in figures.")

    def month_of_effect(self, effect: Effect) -> date | None:
        """The first month in which an effect should show; None where neither that nor a start is declared."""
        return effect.shows_from or (self.start.replace(day=1) if self.start else None)


class Strategy(Declared):
    """The whole of ``strategy.yaml``."""

    themes: dict[Id, Theme] = Field(default={})
    scorecards: dict[Id, Scorecard]
    initiatives: dict[Id, Initiative] = Field(default={})

    def parent_objectives(self, scorecard: Scorecard) -> dict[str, Objective]:
        """The objectives that those of a scorecard may support, by id; of two parents' equal ids the first counts."""
        parents = [self.scorecards[name] for name in reversed(scorecard.parent) if name in self.scorecards]
        return {name: objective for parent in parents for name, objective in parent.objectives.items()}
