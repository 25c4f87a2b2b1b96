"""``recipients.yaml`` and ``commentary/*.yaml``: who reads the packs, and what people say about the numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from scorecards.base import Declared, Names

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+$")]


class Recipient(Declared):
    """A person who receives packs."""

    name: str
    email: Address
    units: Names = Field(description="Units whose packs are sent.")
    scorecards: Names = Field((), description="Only these scorecards' packs; none given: all that the units have.")


class Recipients(Declared):
    """The whole of ``recipients.yaml``."""

    recipients: tuple[Recipient, ...] = ()
    alerts: tuple[Address, ...] = Field((), description="Addresses to which failed runs are mailed.")


class Comment(Declared):
    """A remark on a unit's month; on a KPI or an objective where one is named, else on the whole."""

    unit: str
    scorecard: str | None = None
    kpi: str | None = None
    objective: str | None = None
    text: str
    response: str = Field("", description="What is being done about it.")
    owner: str = Field("", description="Who does it.")
    due: str = Field("", description="By when.")


class Commentary(Declared):
    """The whole of one file in ``commentary/``, which is named after its month."""

    comments: tuple[Comment, ...] = ()
