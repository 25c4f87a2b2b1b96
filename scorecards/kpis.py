"""``kpis/*.yaml``: measures (aggregates of one source) and KPIs (formulas over measures)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from scorecards.base import Declared, Id
from scorecards.periods import Window, parse_offset


def _window(value: Any) -> Any:
    return Window.parse(value) if isinstance(value, str) else value


def _offset(value: Any) -> Any:
    return parse_offset(value) if isinstance(value, str) else value


DeclaredWindow = Annotated[Window, BeforeValidator(_window, json_schema_input_type=str)]
Offset = Annotated[int, BeforeValidator(_offset, json_schema_input_type=str)]


class Measure(Declared):
    """A named aggregate of staged rows by unit and month."""

    source: Id
    value: str = Field(
        description="SQL aggregate over the source's columns, such as SUM(amount) or COUNT(DISTINCT customer)."
    )
    where: str | None = Field(None, description="SQL condition on the rows that count.")
    period: Id | None = Field(None, description="Another date column than the source's, such as hired_on.")
    over_time: Literal["sum", "average", "first", "last", "minimum", "maximum"] = Field(
        "sum", description="How months combine in a window; anything but sum makes the measure a stock."
    )
    empty: Literal["zero", "missing"] | None = Field(
        None,
        description="What a month without rows is, when its data came. None: zero for sums and counts, else missing.",
    )
    description: str = ""


class Input(Declared):
    """A measure as a formula uses it: with its own window, offset into the past, and filter."""

    measure: Id
    window: DeclaredWindow | None = Field(None, description="None: the KPI's window.")
    offset: Offset = Field(0, description="How long before the period, such as 1 year.")
    where: str | None = Field(None, description="A further SQL condition on the rows that count.")


class Kpi(Declared):
    """A key performance indicator: what it is, who owns it, how it is computed and which way is better."""

    name: str
    definition: str
    owner: str
    value: str = Field(description="SQL formula over inputs, or over measures by their names.")
    inputs: dict[Id, Input] = Field(default={})
    window: DeclaredWindow = Field(Window("month"), description="For every input that does not say otherwise.")
    min_months: int | None = Field(
        None, ge=1, description="Fewer months than the window has are accepted, down to this."
    )
    measured_in: str = Field(description="percent, currency, or a word such as days, points or orders.")
    direction: Literal["higher", "lower"]
    leading: bool = Field(False, description="Whether it tells early what will follow; else it is lagging.")
    decimals: int | None = Field(None, ge=0, le=6, description="Digits after the point on the page.")
    anchors: dict[Id, str] = Field(
        default={}, description="SQL formulas for anchors, over inputs and the anchor target, such as target: budget."
    )

    @model_validator(mode="after")
    def _anchor_names_are_free(self) -> Kpi:
        clash = sorted(set(self.anchors) & set(self.inputs))
        if clash:
            raise ValueError(f"'{clash[0]}' is both an input and an anchor; rename the input")
        return self


class KpiFile(Declared):
    """The whole of one file in ``kpis/``."""

    measures: dict[Id, Measure] = Field(default={})
    kpis: dict[Id, Kpi] = Field(default={})
