"""Recipients whom sources name, beside those who are declared by name: the head of each unit, from the HR extract.

Belongs here: from staged rows to recipients. Which packs these receive is ``readers.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl
from pydantic import ValidationError

from pipelines.steps.setting import Setting
from scorecards.people import Recipient, Role
from scorecards.sources import Validity
from warehouse.selection import scan


@dataclass(frozen=True)
class Everybody:
    """All recipients of a month on a day; ``unusable`` says of which rows no recipient could be made, and why."""

    recipients: tuple[Recipient, ...]
    unusable: tuple[str, ...]


def everybody(setting: Setting, period: date, day: date) -> Everybody:
    """The declared recipients, and those whom the rows of sources name for the period, or on the day."""
    found, bad = list(setting.project.recipients), list[str]()
    for role in setting.project.roles:
        for row in _rows(setting, role, period, day):
            wishes = role.model_dump(exclude={"source", "name", "email"})
            named = {"name": str(row["name"] or ""), "email": str(row["email"]), "units": (str(row["unit"]),)}
            try:
                found.append(Recipient.model_validate({**wishes, **named}))
            except ValidationError:
                bad.append(f"{role.source}: {row['unit']}: '{row['email']}' is not an address")
    return Everybody(tuple(found), tuple(bad))


def _rows(setting: Setting, role: Role, period: date, day: date) -> Iterator[dict[str, object]]:
    source = setting.project.sources[role.source]
    loads = setting.counting(role.source, [period]).get(period, [])
    if not loads:
        return iter(())
    rows = scan(setting.home, source, loads)
    if isinstance(source.period, Validity):
        start, end = pl.col(source.period.start), pl.col(source.period.end)
        rows = rows.filter(start.is_null() | (start <= day), end.is_null() | (end >= day))
    elif not source.is_reference:
        rows = rows.filter(pl.col("_period") == period)
    wanted = {"unit": "_unit", "name": role.name, "email": role.email}
    chosen = rows.select(pl.col(column).alias(name) for name, column in wanted.items())
    kept = chosen.filter(pl.col("email").is_not_null(), pl.col("unit").is_not_null()).unique().sort("unit", "email")
    return kept.collect().iter_rows(named=True)
