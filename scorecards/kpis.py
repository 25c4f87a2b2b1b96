"""``kpis/*.yaml``: measures (aggregates of one source) and KPIs (formulas over measures)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from scorecards.base import Amount, Declared, Id, Names, amount_of
from scorecards.periods import Frequency, Late, Window, parse_offset
from scorecards.scoring import Scoring, Signals


def _window(value: Any) -> Any:
    return Window.parse(value) if isinstance(value, str) else value


def _offset(value: Any) -> Any:
    return parse_offset(value) if isinstance(value, str) else value


DeclaredWindow = Annotated[Window, BeforeValidator(_window, json_schema_input_type=str)]


def _late(value: Any) -> Any:
    return Late.parse(value) if isinstance(value, str) else value


DeclaredLate = Annotated[Late, BeforeValidator(_late, json_schema_input_type=str)]
Offset = Annotated[int, BeforeValidator(_offset, json_schema_input_type=str)]


YES_OR_NO = "yes/no"
NOBODY = "nobody"


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
    late: DeclaredLate | None = Field(
        None,
        description="For stocks: what a unit is that had rows in the last twelve months and has none now: missing, "
        "left out, or last known for n months. None: missing for stocks that add up, else left out.",
    )
    currency: Id | None = Field(None, description="The column with the currency of the amounts, to be converted.")
    convert: Literal["average", "end"] | None = Field(
        None, description="At which rate of the month. None: average for flows, end for stocks."
    )
    people: Id | None = Field(
        None,
        description="The measure that counts the people whom its figures are about, so that those of small groups are "
        "withheld; `nobody` where they are about nobody. None: for sources of the domain hr that of `small_groups`.",
    )
    description: str = ""

    @property
    def rate(self) -> Literal["average", "end"]:
        """The rate of the month at which its amounts are converted."""
        return self.convert or ("average" if self.over_time == "sum" else "end")


class Input(Declared):
    """A measure or another KPI as a formula uses it: with its own window, offset into the past, and filter."""

    measure: Id | None = Field(None, description="The measure, by id.")
    kpi: Id | None = Field(None, description="Instead of a measure: another KPI, computed with its own formula.")
    window: DeclaredWindow | None = Field(
        None, description="None: the KPI's window (of the named KPI, where it is one)."
    )
    offset: Offset = Field(0, description="How long before the period, such as 1 year.")
    where: str | None = Field(None, description="A further SQL condition on the rows that count.")

    @model_validator(mode="after")
    def _one_operand(self) -> Input:
        if (self.measure is None) == (self.kpi is None):
            raise ValueError("give either 'measure' or 'kpi'")
        return self


class Each(Declared):
    """A column whose values each make a KPI of their own, such as one per product line."""

    column: Id = Field(description="A column of every source that the KPI's measures use.")
    values: dict[Id, str] = Field(
        min_length=1, description="Id of each value (added to the KPI's id) to the text in the column."
    )
    names: dict[Id, str] = Field(default={}, description="What the page calls a value, where that differs.")


class Kpi(Declared):
    """A key performance indicator: what it is, who owns it, how it is computed and which way is better."""

    name: str
    definition: str = Field("", description="What is counted, over what, and what is left out.")
    owner: str = Field("", description="The role or person that answers for it.")
    value: str = Field(description="SQL formula over inputs, or over measures by their names.")
    inputs: dict[Id, Input] = Field(default={})
    window: DeclaredWindow = Field(Window("month"), description="For every input that does not say otherwise.")
    frequency: Frequency = Field(
        "month", description="How often it is measured; between its dates it shows the last value, with its date."
    )
    also_over: tuple[DeclaredWindow, ...] = Field(
        (), description="Further windows over which it is published beside its own, such as year to date."
    )
    compare_with: tuple[Offset, ...] = Field(
        (1, 12), description="Offsets, such as 1 year, at which it is compared with its own past."
    )
    where: str | None = Field(None, description="A SQL condition on the rows of every input.")
    by: Names = Field((), description="Columns whose values break it down in a table of the pack, such as gender.")
    each: Each | None = Field(None, description="Makes one KPI for every value of a column, with ids <kpi>_<value>.")
    min_months: int | None = Field(
        None, ge=1, description="Fewer months than the window has are accepted, down to this."
    )
    measured_in: str = Field(
        "",
        description="percent, currency, yes/no (the value is 1 or 0), a currency's code such as USD, or a word such as "
        "days, points or FTE.",
    )
    direction: Literal["higher", "lower", "within"] = Field(
        description="Which way is better; within: between lower_ and upper_ anchors, such as lower_target."
    )
    leading: bool = Field(False, description="Whether it tells early what will follow; else it is lagging.")
    decimals: int | None = Field(
        None,
        ge=0,
        le=6,
        description="Digits after the point on the page; one more where differences would contradict their percentage.",
    )
    at_least: Amount | None = Field(
        None, description="The least that it can be, such as 0 of a share or a count: no usual range is shown below it."
    )
    at_most: Amount | None = Field(
        None, description="The most that it can be, such as 100% of a share: no usual range is shown above it."
    )
    anchors: dict[Id, str] = Field(
        default={},
        description="SQL formulas for anchors and references, over inputs and the anchor target, such as "
        "target: budget; rows of targets.csv come first.",
    )
    target_roll_up: Literal["inherit", "sum"] = Field(
        "inherit",
        description="Where a unit has no target of its own: that of the unit above, or the sum of those of the units "
        "directly below where the KPI applies, once every one of them has its own or such a sum.",
    )
    scored: bool = Field(True, description="False: shown without a score, and not counted.")
    scoring: Scoring = Field(Scoring(), description="How its value becomes a score.")
    signals: Signals = Field(Signals(), description="How its XmR chart is drawn.")

    @model_validator(mode="after")
    def _anchor_names_are_free(self) -> Kpi:
        clash = sorted(set(self.anchors) & set(self.inputs))
        if clash:
            raise ValueError(f"'{clash[0]}' is both an input and an anchor; rename the input")
        return self

    @model_validator(mode="after")
    def _bounds_fit(self) -> Kpi:
        for key, text in (("at_least", self.at_least), ("at_most", self.at_most)):
            if text is not None and amount_of(text) and (self.measured_in == "percent") != text.endswith("%"):
                unit = self.measured_in or "no unit"
                raise ValueError(
                    f"'{key}' is {text}, which does not fit a KPI measured in {unit}; a percentage has a %"
                )
        low, high = self.bounds
        if low is not None and high is not None and low >= high:
            raise ValueError(f"'at_least' ({self.at_least}) must be below 'at_most' ({self.at_most})")
        return self

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The least and the most that it can be, in its own terms; None where that is open."""
        low, high = (None if text is None else amount_of(text) for text in (self.at_least, self.at_most))
        return low, high

    @property
    def is_yes_or_no(self) -> bool:
        """Whether its value is 1 for yes and 0 for no."""
        return self.measured_in == YES_OR_NO

    @property
    def is_on_line(self) -> bool:
        """Whether its score lies on the line through its anchors, so that it needs a target and one more."""
        return self.scored and self.scoring.is_line and not self.is_yes_or_no


class KpiFile(Declared):
    """The whole of one file in ``kpis/``."""

    measures: dict[Id, Measure] = Field(default={})
    kpis: dict[Id, Kpi] = Field(default={})
