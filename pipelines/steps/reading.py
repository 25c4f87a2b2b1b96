"""What each step reads of the declarations, field by field: so a change computes anew what depends on it, and no more.

A field that is named nowhere here counts as read by every step. A model that is not named is read as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from scorecards.calendar import Calendar
from scorecards.kpis import Kpi, Measure
from scorecards.organisation import Band, Organisation, Perspective
from scorecards.project import Project
from scorecards.strategy import Objective, Scorecard, Strategy
from scorecards.tables import CalendarPeriod, DatedWeight, Unit

CELLS, KPIS, SCORES, SIGNALS, INSIGHT = "cells", "kpis", "scores", "signals", "insight"
ELSEWHERE = "elsewhere"
"""Read by pages, messages and commands only, or part of a digest of its own: of contracts, rates, and dated rows."""

READ_BY: Mapping[type, Mapping[str, str]] = {
    Project: {
        KPIS: "organisation measures kpis units calendar",
        SCORES: "strategy",
        ELSEWHERE: "root extracts sources targets weights actions recipients comments places warnings flaws alerts "
        "packs delivery roles forecasts",
    },
    Organisation: {
        KPIS: "currency fiscal_year_starts first_period units_that_move small_groups scale",
        SCORES: "levels perspectives bands roll_up",
        INSIGHT: "balance sensitivity",
        ELSEWHERE: "organisation locale close_day time_zone rates connections locations required_commentary rules_off",
    },
    Perspective: {SCORES: "roll_up", ELSEWHERE: "name question"},
    Band: {SCORES: "id at_least status", ELSEWHERE: "name"},
    Strategy: {SCORES: "scorecards", ELSEWHERE: "themes initiatives"},
    Scorecard: {SCORES: "units perspectives weights objectives roll_up", ELSEWHERE: "name parent"},
    Objective: {
        SCORES: "perspective weight part_of roll_up kpis",
        SIGNALS: "leads_to",
        ELSEWHERE: "name description owner theme supports",
    },
    Measure: {
        CELLS: "source value where period over_time currency convert",
        KPIS: "source value where period over_time currency convert empty late people",
        ELSEWHERE: "description",
    },
    Kpi: {
        # The last four are kept beside the values, as part of how they are declared.
        KPIS: "value inputs window frequency also_over compare_with where by each min_months anchors measured_in "
        "direction scored scoring",
        SCORES: "leading target_roll_up",
        SIGNALS: "signals",
        ELSEWHERE: "name definition owner decimals at_least at_most",
    },
    Unit: {KPIS: "id level parent valid_from valid_to", ELSEWHERE: "name head line"},
    Calendar: {KPIS: "rows"},
    CalendarPeriod: {KPIS: "period first_day last_day", ELSEWHERE: "line"},
    DatedWeight: {SCORES: "scorecard level node unit effective_from weight", ELSEWHERE: "line"},
}  # fmt: skip

BEFORE: Mapping[str, tuple[str, ...]] = {
    CELLS: (),
    KPIS: (),
    SCORES: (KPIS,),
    SIGNALS: (KPIS, SCORES),
    INSIGHT: (KPIS, SCORES),
}
"""The steps whose declarations a step reads too, since it computes from what they gave."""


def read_by(step: str, declared: Any) -> str:
    """All that a step reads of what is declared, as one text from which digests are made."""
    return repr(_read({step, *BEFORE[step]}, declared))


def fields_of(model: Any) -> list[str]:
    """The names of a model's fields."""
    return list(model.model_fields) if issubclass(model, BaseModel) else [field.name for field in fields(model)]


def _read(steps: Collection[str], value: Any) -> Any:
    """The value with the fields that the steps read, down to the last model within it."""
    if isinstance(value, Mapping):
        return {key: _read(steps, one) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_read(steps, one) for one in value)
    if isinstance(value, BaseModel) or is_dataclass(value):
        return [(name, _read(steps, getattr(value, name))) for name in _fields_read(steps, type(value))]
    return value


def _fields_read(steps: Collection[str], model: type) -> Iterator[str]:
    named = READ_BY.get(model, {})
    for name in fields_of(model):
        readers = {step for step, names in named.items() if name in names.split()}
        if not readers or readers & set(steps):
            yield name
