"""``delivery.yaml``: when a pack may leave, by which day, how fast, and what happens where nobody can know.

Without the file a pack needs an approval by name, and nothing is due.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from scorecards.base import Declared, Names, Share
from scorecards.organisation import TimeZone
from scorecards.people import Address

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LINK_FIELDS = ("period", "scorecard", "unit", "edition", "file")


def _clock(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise ValueError(f"'{value}' is not a time of day; write it as 07:00")


def _weekdays(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in WEEKDAYS:
            raise ValueError(f"'{name}' is not a day of the week; write monday to sunday")
    if len(set(names)) == len(WEEKDAYS):
        raise ValueError("no day of the week is left to work on")
    return names


def _domain(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not re.fullmatch(r"\.?[^\s@.]+(\.[^\s@.]+)+", name):
            raise ValueError(f"'{name}' is not a domain; write it as example.com, or .example.com for those below it")
    return tuple(name.lower() for name in names)


def _link(text: str | None) -> str | None:
    if text is not None:
        if not text.startswith("https://"):
            raise ValueError("a link begins with https://")
        try:
            text.format(**dict.fromkeys(LINK_FIELDS, "x"))
        except (KeyError, IndexError, ValueError):
            named = ", ".join(f"{{{name}}}" for name in LINK_FIELDS)
            raise ValueError(f"'{text}' has a field that is not known; there are {named}") from None
    return text


class Due(Declared):
    """By when the packs of a month are to be with their readers."""

    working_day: int = Field(3, ge=1, le=20, description="So many working days after the last day of the period.")
    at: Annotated[time, BeforeValidator(_clock, json_schema_input_type=str)] = Field(
        time(7), description="Time of that day, such as 07:00."
    )
    time_zone: TimeZone | None = Field(None, description="IANA name; none: that of scorecard.yaml.")
    early: bool = Field(False, description="Whether packs leave as soon as they may, before that hour too.")
    country: str | None = Field(
        None,
        pattern="^[A-Z]{2}$",
        description="ISO 3166 code of the country whose holidays are free, such as DE.",
    )
    region: str | None = Field(None, description="Part of the country with holidays of its own, such as BY.")
    free: tuple[date, ...] = Field((), description="Further days on which nobody works.")
    weekend: Annotated[Names, AfterValidator(_weekdays)] = Field(
        ("saturday", "sunday"), description="Days of the week on which nobody works."
    )

    @model_validator(mode="after")
    def _has_a_country(self) -> Due:
        if self.region is not None and self.country is None:
            raise ValueError("a region needs its country")
        return self


class Retries(Declared):
    """How often and how soon a message that was not taken for now is tried again, each on its own."""

    attempts: int = Field(4, ge=1, le=20, description="Attempts in one sending; the next sending goes on.")
    first_after_seconds: float = Field(20, ge=0, le=3600, description="Pause after the first; it triples each time.")
    at_most_seconds: float = Field(300, ge=0, le=7200, description="No pause is longer.")


class Delivery(Declared):
    """The whole of `delivery.yaml`."""

    approval: Literal["required", "automatic"] = Field(
        "required",
        description="Whether somebody approves by name. `automatic` publishes and approves the newest month that is "
        "over, and no other.",
    )
    coverage: Share = Field(0.0, description="Lowest coverage of a scorecard whose pack may leave.")
    freshness: Literal["required", "any"] = Field(
        "required",
        description="Whether a pack is held back while a source with a due day has nothing for the month, and where "
        "deliveries came after the edition.",
    )
    due: Due | None = Field(None, description="By when packs are to be with their readers.")
    unknown: Literal["ask", "repeat", "let be"] = Field(
        "ask",
        description="What happens to a message of which nobody knows whether the server took it: it waits for "
        "somebody's decision, is sent again, or is taken as arrived.",
    )
    domains: Annotated[Names, AfterValidator(_domain)] = Field(
        (), description="Domains of addresses that packs may go to; none given: all. `.example.com`: those below it."
    )
    owner: tuple[Address, ...] = Field(
        (), description="Who is told of what was refused or is late; none: the alerts of recipients.yaml."
    )
    messages_a_minute: float | None = Field(None, gt=0, description="No more than these are handed to the server.")
    retries: Retries = Field(Retries(), description="How messages that were not taken for now are tried again.")
    attached_at_most_mb: float = Field(
        10,
        gt=0,
        le=100,
        description="Largest attachment; a larger pack is linked, or not sent where there is no link.",
    )
    link: Annotated[str | None, AfterValidator(_link)] = Field(
        None,
        description="Where the organisation serves packs, such as "
        "`https://intranet.example.com/packs/{period}/{file}`: the reader's PDF as a run names it in `packs/PERIOD/`, "
        "such as `company-retail.de_DE.pdf`; also `{scorecard}`, `{unit}` and `{edition}`.",
    )

    def allows(self, address: str) -> bool:
        """Whether packs may go to the address, by its domain."""
        domain = address.rpartition("@")[2].lower()
        return not self.domains or any(
            domain.endswith(name) if name.startswith(".") else domain == name for name in self.domains
        )
