"""Recipients whom sources name, beside those who are declared by name: the head of each unit, from the HR extract.

Belongs here: from staged rows to recipients. Which packs these receive is ``readers.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from pydantic import ValidationError

from pipelines.steps.setting import Setting
from report_templates.email import one_line
from scorecards.people import THEMSELVES, Recipient, Role
from scorecards.sources import Validity
from scorecards.units import PERSON
from warehouse.selection import require_staged, scan

Row = Mapping[str, object]


@dataclass(frozen=True)
class Everybody:
    """All recipients of a month on a day; ``unusable`` says of which rows no recipient could be made, and why."""

    recipients: tuple[Recipient, ...]
    unusable: tuple[str, ...]


def everybody(setting: Setting, period: date, day: date) -> Everybody:
    """The declared recipients, and those whom the rows of sources name for the period, or on the day.

    Raises ``HomeBusy`` where these rows are not there, and are to be computed anew.
    """
    found, bad = list(setting.project.recipients), list[str]()
    for role in setting.project.roles:
        rows = list(_rows(setting, role, period, day))
        if role.scope == THEMSELVES:
            rows, told = _own(setting, role, rows, period)
            bad += told
        for row in rows:
            wishes = role.model_dump(exclude={"source", "name", "email"})
            named = {"name": one_line(str(row["name"] or "")), "email": str(row["email"]), "units": (str(row["unit"]),)}
            try:
                found.append(Recipient.model_validate({**wishes, **named}))
            except ValidationError:
                bad.append(f"{role.source}: {row['unit']}: '{one_line(str(row['email']))}' is not an address")
    return Everybody(tuple(found), tuple(bad))


def _own(setting: Setting, role: Role, rows: Sequence[Row], period: date) -> tuple[list[Row], list[str]]:
    """The rows of persons who have an address to themselves, and why the others are of no use.

    An address that stands for several persons would show each the others' figures: none of them receives anything.
    """
    units, good, bad = setting.project.tree(period).units, list[Row](), list[str]()
    persons: dict[str, set[str]] = {}
    for row in rows:
        persons.setdefault(str(row["email"]).lower(), set()).add(str(row["unit"]))
    for row in rows:
        unit, address = str(row["unit"]), str(row["email"])
        if unit not in units or units[unit].level != PERSON:
            bad.append(f"{role.source}: {unit}: is not a person, and '{THEMSELVES}' is for persons")
        elif len(persons[address.lower()]) > 1:
            told = f"'{one_line(address)}' stands for {len(persons[address.lower()])} persons"
            bad.append(f"{role.source}: {unit}: {told}")
        else:
            good.append(row)
    return good, bad


def _rows(setting: Setting, role: Role, period: date, day: date) -> Iterator[Row]:
    source = setting.project.sources[role.source]
    loads = setting.counting(role.source, [period]).get(period, [])
    if not loads:
        return iter(())
    require_staged(setting.home, loads)
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
