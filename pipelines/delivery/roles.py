"""Recipients whom sources name, beside those who are declared by name: the head of each unit, from the HR extract.

Belongs here: from staged rows to recipients. Which packs these receive is ``readers.py``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl
from pydantic import ValidationError

from pipelines.delivery.compose import ascii_address
from pipelines.steps.setting import Setting
from report_templates.email import one_line
from scorecards.people import THEMSELVES, Recipient, Role
from scorecards.sources import Validity
from scorecards.tables import Unit
from scorecards.units import PERSON
from warehouse.selection import require_staged, scan


@dataclass(frozen=True)
class Everybody:
    """All recipients of a month on a day; ``unusable`` says of which rows no recipient could be made, and why."""

    recipients: tuple[Recipient, ...]
    unusable: tuple[str, ...]


def everybody(setting: Setting, period: date, day: date) -> Everybody:
    """The declared recipients, and those whom the rows of sources name for the period, or on the day.

    A mailbox that stands for several persons would show each the others' figures: none of them receives anything.
    Raises ``HomeBusy`` where these rows are not there, and are to be computed anew.
    """
    found, bad = [("recipients.yaml", one) for one in setting.project.recipients], list[str]()
    units = setting.project.tree(period).units
    for role in setting.project.roles:
        for row in _rows(setting, role, period, day):
            wishes = role.model_dump(exclude={"source", "name", "email"})
            named = {"name": one_line(str(row["name"] or "")), "email": str(row["email"]), "units": (str(row["unit"]),)}
            if role.scope == THEMSELVES and not _is_person(units.get(str(row["unit"]))):
                bad.append(f"{role.source}: {row['unit']}: is not a person, and '{THEMSELVES}' is for persons")
                continue
            try:
                found.append((role.source, Recipient.model_validate({**wishes, **named})))
            except ValidationError:
                bad.append(f"{role.source}: {row['unit']}: '{one_line(str(row['email']))}' is not an address")
    persons: dict[str, set[str]] = {}
    for _, one in found:
        if one.scope == THEMSELVES and one.is_one_on(day):
            persons.setdefault(_mailbox(one.email), set()).update(one.units)
    good = []
    for source, one in found:
        count = len(persons.get(_mailbox(one.email), ())) if one.scope == THEMSELVES else 0
        if count > 1:
            bad += [f"{source}: {unit}: '{one_line(one.email)}' stands for {count} persons" for unit in one.units]
        else:
            good.append(one)
    return Everybody(tuple(good), tuple(bad))


def _is_person(unit: Unit | None) -> bool:
    return unit is not None and unit.level == PERSON


def _mailbox(address: str) -> str:
    """One spelling of all that a mail server may take for the same mailbox, where the other is not to read along."""
    return ascii_address(unicodedata.normalize("NFKC", address)).casefold()


def _rows(setting: Setting, role: Role, period: date, day: date) -> Iterator[dict[str, object]]:
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
