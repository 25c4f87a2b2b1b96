"""``scorecard.yaml``: the organisation as a whole, its calendar, its scale and its bands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from scorecards.base import Declared, Id, Names, UnitSelector
from scorecards.connections import Connection, Location
from scorecards.periods import MONTH_NAMES, parse_period
from scorecards.roll_up import Balance, NodeRollUp, RollUp, Sensitivity


def _month_number(value: object) -> object:
    if isinstance(value, str) and value.lower() in MONTH_NAMES:
        return MONTH_NAMES.index(value.lower()) + 1
    raise ValueError(f"'{value}' is not a month's name; write january to december")


def _time_zone(name: str) -> str:
    try:
        if name == "localtime":
            raise ValueError("another one on every machine")
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{name}' is not a time zone; write its IANA name, such as Europe/Berlin") from None
    return name


def _period(value: object) -> object:
    return parse_period(value) if isinstance(value, str) else value


Period = Annotated[date, BeforeValidator(_period, json_schema_input_type=str)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Perspective(Declared):
    """One of the views of the scorecard; the order of declaration is the order on the page."""

    name: str
    question: str = Field("", description="The question that the perspective answers, shown under its name.")
    roll_up: NodeRollUp = Field(NodeRollUp(), description="How its objectives' scores become its own.")


class Band(Declared):
    """A half-open interval of scores: from ``at_least`` up to, and without, the next band's."""

    id: Id
    name: str = Field(description="The word shown beside the sign, such as 'off target'.")
    at_least: float | None = Field(None, description="Lowest score of the band; none for the lowest band only.")
    status: Literal["bad", "warning", "good"] = Field(description="Which sign and colour the band takes.")


def shown_digits(anchors: Mapping[str, float], lowest: float, highest: float) -> int:
    """Decimals with which the scores of a scale are shown, from its width: 0 from 0 to 100, 1 to 10, 3 to 1.

    The width is that between the outermost anchors, or between the limits where these are closer together.
    """
    width = min(max(anchors.values()) - min(anchors.values()), highest - lowest)
    return 3 if width <= 2 else 1 if width <= 20 else 0


FORMULA_COLUMNS = ("value", "numerator", "denominator", "previous", "last_year")
SIDES = ("lower", "upper")


class Scale(Declared):
    """The scale of scores: which score each anchor of a target stands for, and where scores are clamped."""

    anchors: dict[Id, float] = Field(
        default={"floor": 0, "target": 100},
        description="Anchor names of targets.csv and the score each stands for. A higher score is the better one: "
        "the target's lies "
        "above the floor's.",
    )
    references: Names = Field(
        (),
        description="Further names of values in targets.csv or under `anchors` of a KPI, such as baseline. A name "
        "must be declared "
        "here before a formula may use it, and no input may have it.",
    )
    lowest: float = Field(0, description="Scores are clamped here before they roll up.")
    highest: float = Field(100, description="Scores are clamped here before they roll up.")

    @model_validator(mode="after")
    def _ordered(self) -> Scale:
        if "target" not in self.anchors:
            raise ValueError("the scale must have the anchor 'target'")
        if len(set(self.anchors.values())) != len(self.anchors) or len(self.anchors) < 2:
            raise ValueError("the scale needs at least two anchors with different scores")
        below = self.anchors.get("floor", min(self.anchors.values()))
        if below >= self.anchors["target"]:
            low, high = sorted((below, self.anchors["target"]))
            raise ValueError(
                f"a higher score must be the better one: the target's ({self.anchors['target']:g}) must lie above "
                f"the floor's ({below:g}). Mirror the scale: floor: {low:g}, target: {high:g}, and write x for "
                f"{low + high:g} - x in bands and rules"
            )
        if self.lowest >= self.highest:
            raise ValueError(f"lowest ({self.lowest:g}) must be below highest ({self.highest:g})")
        both = sorted(set(self.references) & set(self.anchors))
        if both:
            raise ValueError(f"'{both[0]}' is an anchor with a score already; take it out of 'references'")
        for name in (*self.anchors, *self.references):
            if name in FORMULA_COLUMNS or name.startswith(tuple(f"{side}_" for side in SIDES)):
                raise ValueError(f"'{name}' has a meaning of its own in formulas and targets; choose another name")
        return self

    @property
    def digits(self) -> int:
        """Decimals with which scores are shown; see ``shown_digits``."""
        return shown_digits(self.anchors, self.lowest, self.highest)

    @property
    def target_score(self) -> float:
        """The score of a value that is on target."""
        return self.anchors["target"]

    def names_for(self, direction: str) -> list[str]:
        """What the values in targets.csv may be called for a KPI of this direction.

        Anchors and references; a range (``within``) has anchors for each of its sides, and `target` serves both.
        """
        if direction != "within":
            return [*self.anchors, *self.references]
        inner = [name for name, score in self.anchors.items() if score <= self.target_score]
        return [*(f"{side}_{name}" for side in SIDES for name in inner), "target", *self.references]


class Rates(Declared):
    """Where exchange rates come from, and what they say."""

    source: Id = Field(description="The source of the rates: one row per currency and day or month.")
    currency: Id = Field(description="The column that holds the ISO 4217 code.")
    average: Id | None = Field(
        None, description="The column of the rate that counts into a month's average; for flows."
    )
    end: Id | None = Field(None, description="The column whose last value of a month is its closing rate; for stocks.")
    quoted: Literal["in own currency", "in foreign currency"] = Field(
        "in own currency",
        description="What one rate tells: the organisation's currency for one unit of the other, or the reverse.",
    )

    @model_validator(mode="after")
    def _has_a_rate(self) -> Rates:
        if self.average is None and self.end is None:
            raise ValueError("give the column of the 'average' rate, of the 'end' rate, or both")
        return self


class RequiredCommentary(Declared):
    """Which KPIs need a word in `commentary/` before their month is published."""

    statuses: tuple[Literal["bad", "warning"], ...] = Field(
        ("bad",), min_length=1, description="KPIs whose band has one of these statuses."
    )
    units: UnitSelector = Field(UnitSelector(), description="Only on packs of these units; none given: of all.")


class SmallGroups(Declared):
    """How large a group of people must be for its figures to be shown."""

    people: Id = Field(
        description="The measure that counts the people of a unit, such as headcount. Every measure of a source of the "
        "domain hr is about them, unless it names others (`people`)."
    )
    at_least: int = Field(5, ge=2, description="Figures of fewer people are withheld.")
    columns_of_rows: tuple[Id, ...] = Field(
        (),
        description="Columns that say something of a row and nothing of the person, such as the kind of an absence: "
        "conditions on them make no parts. Of others, but for those of the people themselves, nobody can know, and "
        "what asks for them is never shown.",
    )
    across_months: bool = Field(
        True,
        description="Whether a window is withheld too where one of its months is; otherwise its last month decides, "
        "and what is withheld in a month may be computed from later windows.",
    )


_DEFAULT_PERSPECTIVES = {
    "financial": Perspective(name="Financial"),
    "customer": Perspective(name="Customer"),
    "internal_process": Perspective(name="Internal process"),
    "learning_and_growth": Perspective(name="Learning and growth"),
}
_DEFAULT_BANDS = (
    Band(id="red", name="off target", status="bad"),
    Band(id="amber", name="near target", at_least=70, status="warning"),
    Band(id="green", name="on target", at_least=95, status="good"),
)


class Organisation(Declared):
    """The whole of ``scorecard.yaml``."""

    organisation: str = Field(description="The organisation's name, as packs show it.")
    currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="ISO 4217 code of the reporting currency.")
    locale: str = Field(
        "en_GB", description="Language and customs of packs, such as en_GB or de_DE: words, numbers, dates."
    )
    fiscal_year_starts: Annotated[int, BeforeValidator(_month_number, json_schema_input_type=str)] = Field(
        1, description="The month's name in which the fiscal year starts."
    )
    first_period: Period = Field(
        description="The first month of the project, such as 2023-11: rows before it are rejected. It must reach "
        "back to "
        "the oldest month that an offset or window looks at."
    )
    close_day: int = Field(5, ge=1, le=28, description="Day of the next month on which a period is run.")
    time_zone: TimeZone = Field(
        "UTC",
        description="IANA name of the time zone of schedules, such as Europe/Berlin. Where it is declared, times with "
        "an offset in deliveries are taken in it.",
    )
    levels: tuple[Id, ...] = Field(
        ("company", "division", "department", "team", "person"), description="Levels of units, from the top down."
    )
    perspectives: dict[Id, Perspective] = Field(default=_DEFAULT_PERSPECTIVES, description="In the order of the page.")
    scale: Scale = Scale()
    bands: tuple[Band, ...] = Field(default=_DEFAULT_BANDS, description="From the lowest to the highest.")
    roll_up: RollUp = Field(RollUp(), description="How scores combine.")
    units_that_move: Literal["take their past along", "leave their past behind"] = Field(
        "take their past along",
        description="Where the earlier months of a window count when a unit has moved: at its place now, or then.",
    )
    rates: Rates | None = Field(None, description="Exchange rates, for measures with a currency column.")
    balance: Balance = Field(Balance(), description="When a scorecard counts as out of balance.")
    sensitivity: Sensitivity = Field(Sensitivity(), description="How certain combined scores are.")
    connections: dict[Id, Connection] = Field(default={}, description="Databases that sources query, by name.")
    locations: dict[Id, Location] = Field(default={}, description="Remote folders that sources read, by name.")
    required_commentary: RequiredCommentary | None = Field(
        None, description="What needs commentary before a month is published; none given: nothing."
    )
    small_groups: SmallGroups | None = Field(
        None, description="What is withheld so that nobody's own figures can be told; none given: nothing."
    )
    rules_off: dict[str, str] = Field(
        default={}, description="Rules of `check` that are switched off, each with the reason."
    )

    @property
    def declared_zone(self) -> str | None:
        """The time zone, if one is declared."""
        return self.time_zone if "time_zone" in self.model_fields_set else None

    @model_validator(mode="after")
    def _bands_ascend(self) -> Organisation:
        starts = [band.at_least for band in self.bands]
        ids = [band.id for band in self.bands]
        if len(set(ids)) != len(ids):
            raise ValueError("two bands have the same id")
        if not starts or starts[0] is not None:
            raise ValueError("the first band is the lowest and has no 'at_least'")
        rest = [start for start in starts[1:] if start is not None]
        if len(rest) != len(starts) - 1 or any(a >= b for a, b in pairwise(rest)):
            raise ValueError("every band after the first needs an 'at_least' above that of the band before")
        return self
