"""``recipients.yaml`` and ``commentary/*.yaml``: who reads the packs, and what people say about the numbers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from scorecards.base import Declared, Id, Names


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"'{value}' is not a day; write it as 2025-04-05") from None
    return value


def _address(text: str) -> str:
    # Imported where it is needed: half of what reading a small project takes.
    from email_validator import EmailNotValidError, validate_email

    if "=?" in text:
        raise ValueError(f"'{text}' is not an address: programs would read another in it")
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"'{text}' is not an address: {str(error).rstrip('.')}") from None


Address = Annotated[
    str, StringConstraints(pattern=r"^[^@\s<>\",;]+@[^@\s<>\",;]+\.[^@\s<>\",;]+$"), AfterValidator(_address)
]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]
THEMSELVES: Final = "only themselves"
Scope = Literal["unit", "subtree", "direct reports", "only themselves"]
Received = Literal["pdf", "html", "xlsx", "link"]


class Wishes(Declared):
    """What somebody receives, and in which form."""

    scope: Scope = Field(
        "unit",
        description="The packs of the units themselves, of them and everything below, of the units directly below, or, "
        "of a unit that is a person, that person's own and no other.",
    )
    scorecards: Names = Field((), description="Only these scorecards' packs; none given: all that the units have.")
    formats: tuple[Received, ...] = Field(
        ("pdf",),
        description="What comes with the message: files of the pack, a link to it; `[]`: the message alone.",
    )
    language: str | None = Field(
        None,
        pattern="^[a-z]{2}([_-][A-Z]{2})?$",
        description="Language of the message, such as de_DE; none: the pack's.",
    )


class Recipient(Wishes):
    """A person, or a role with an address, who receives packs."""

    name: str
    email: Address
    units: Names = Field(description="Units whose packs are sent, or from which `scope` goes on.")
    password: str | None = Field(
        None,
        pattern="^[A-Z][A-Z0-9_]*$",
        description="Name of the secret with which attached PDFs are encrypted (AES-256); the secret stands in the "
        "environment or in the file of secrets. The message then says no figure.",
    )
    first_day: Day | None = Field(None, alias="from", description="First day on which packs are sent to them.")
    last_day: Day | None = Field(None, alias="until", description="Last day on which packs are sent to them.")

    @model_validator(mode="after")
    def _span_is_one(self) -> Recipient:
        if self.first_day is not None and self.last_day is not None and self.first_day > self.last_day:
            raise ValueError(f"ends ({self.last_day}) before it begins ({self.first_day})")
        return self

    def is_one_on(self, day: date) -> bool:
        """Whether packs are sent to them on the day."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


class Role(Wishes):
    """Recipients whom a source names, such as the head of each unit; a row is one, for the unit that it is of."""

    source: Id = Field(description="The source, by id; it must name units.")
    name: Id = Field(description="The column of the name.")
    email: Id = Field(description="The column of the address; a row without one is nobody.")


class Recipients(Declared):
    """The whole of ``recipients.yaml``."""

    recipients: tuple[Recipient, ...] = ()
    from_sources: tuple[Role, ...] = Field(
        (),
        description="Recipients whom sources name: in the month's rows, or in rows that hold on the day of sending.",
    )
    alerts: tuple[Address, ...] = Field((), description="Addresses to which failed runs are mailed.")


class Comment(Declared):
    """A remark on a unit's month; on a KPI or an objective where one is named, else on the whole."""

    unit: str
    scorecard: str | None = None
    kpi: str | None = None
    objective: str | None = None
    text: str = Field(description="The remark; Markdown within a line: *stressed*, **strong**, `code`.")
    response: str = Field("", description="What is being done about it; Markdown as in the text.")
    owner: str = Field("", description="Who does it.")
    due: str = Field("", description="By when.")


class Commentary(Declared):
    """The whole of one file in ``commentary/``, which is named after its month."""

    comments: tuple[Comment, ...] = ()
