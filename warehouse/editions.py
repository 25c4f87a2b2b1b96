"""Editions: the published versions of a period, frozen in the landing archive and named in the journal.

Belongs here: freezing tables and packs, and reading them back. What an edition holds is for ``pipelines`` to say.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from scorecards.patterns import Pattern, pattern_of
from scorecards.periods import parse_period, period_text
from warehouse import journal
from warehouse.forgotten import forgotten
from warehouse.home import Home
from warehouse.landing import intact, land_bytes
from warehouse.tables import ANCHORS, KPI_DEFINITIONS, KPI_INPUTS, KPI_VALUES, PACKS, SCORES, Table

KIND, CONFIRMED = "edition", "confirmed"
FROZEN = (KPI_VALUES, KPI_INPUTS, KPI_DEFINITIONS, SCORES, ANCHORS)


def pack_name(scorecard: str, unit: str) -> str:
    """How a pack is named in the records of an edition."""
    return f"{scorecard}/{unit}"


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    """The packs whose digest is another one than before; of one that had none nothing is known."""
    return {name for name, digest in now.items() if before.get(name, digest) != digest}


@dataclass(frozen=True)
class Edition:
    """The n-th published version of a period; ``seq`` is its place in the journal.

    ``tables`` gives the digest of each frozen table by its name, ``packs`` that of the frozen table of packs,
    ``messages`` that of what messages say of each pack. ``deliveries`` has by source the deliveries that counted, or
    that came since and changed nothing, each as (id, file, day it became known). ``own`` has for each pack that shows a
    person's own figures, by ``pack_name``, the digest of these figures: whether they changed is known, what they were
    is not kept. ``beside`` has the same of the earlier months' figures with which each pack compares its own.
    """

    period: date
    number: int
    seq: int
    at: str
    by: str
    reason: str
    declarations: str
    tables: Mapping[str, str]
    packs: str
    messages: str
    deliveries: Mapping[str, Sequence[tuple[str, str, str]]]
    own: Mapping[str, str]
    beside: Mapping[str, str]


@dataclass(frozen=True)
class WithheldThen:
    """By which pattern an edition told of a group of people in a month, its own or an earlier one.

    ``people`` names the group, ``units`` is the digest of the month's units. ``declarations`` is the edition's, as is
    ``groups``: of each measure its source, and the group whom it was about.
    """

    month: date
    people: str
    units: str
    pattern: Pattern
    declarations: str = ""
    groups: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def body(self) -> list[str]:
        """The record of it, as an edition keeps it."""
        return [period_text(self.month), self.people, self.units, self.pattern.text()]


def withheld_then(home: Home, known_by: date | None = None, upto: int | None = None) -> list[WithheldThen]:
    """By which patterns editions told of people until a day, or a place in the journal, oldest first."""
    return [
        WithheldThen(
            parse_period(month), people, units, pattern_of(text), entry.body["declarations"], entry.body["groups"]
        )
        for entry in journal.entries_until(home, KIND, known_by, upto)
        for month, people, units, text in entry.body["withheld"]
    ]


def editions(home: Home, period: date | None = None) -> list[Edition]:
    """The editions of a period, or of all, oldest first."""
    found, now, key = [], forgotten(home), period_text(period) if period else None
    since = {(entry.key, entry.body["number"]): entry.body for entry in journal.entries(home, CONFIRMED, key)}
    for entry in journal.entries(home, KIND, key):
        body = entry.body
        messages = now.get(body["messages"], body["messages"])
        deliveries: dict[str, list[tuple[str, str, str]]] = {}
        for each in (body, since.get((entry.key, body["number"]), {"deliveries": {}})):
            for source, names in each["deliveries"].items():
                known = deliveries.setdefault(source, [])
                known += [(key, name, on) for key, name, on in names if (key, name, on) not in known]
        found.append(
            Edition(
                parse_period(entry.key), body["number"], entry.seq, entry.at, body["by"], body["reason"],
                body["declarations"], body["tables"], body["packs"], messages, deliveries, body.get("own", {}),
                body.get("beside", {}),
            )
        )  # fmt: skip
    return found


def freeze(home: Home, table: Table, frame: pl.DataFrame) -> str:
    """Keep the rows of a table, sorted by its key, as an object of the archive; returns its digest."""
    buffer = io.BytesIO()
    frame.select(list(table.columns)).sort(*table.key).write_parquet(buffer, compression="zstd")
    return land_bytes(home, buffer.getvalue())


def frozen(home: Home, digest: str) -> pl.DataFrame:
    """The rows that were frozen under a digest."""
    return pl.read_parquet(intact(home, digest), glob=False)


def record(home: Home, period: date, body: Mapping[str, Any]) -> Edition:
    """Write an edition into the journal: from here on it is published."""
    journal.append(home, KIND, period_text(period), body)
    return editions(home, period)[-1]


def confirm(home: Home, edition: Edition, by: str, deliveries: Mapping[str, Sequence[tuple[str, str, str]]]) -> Edition:
    """Note that an edition says the same with all deliveries that count now."""
    body = {"number": edition.number, "by": by, "deliveries": deliveries}
    journal.append(home, CONFIRMED, period_text(edition.period), body)
    return next(each for each in editions(home, edition.period) if each.number == edition.number)


def frozen_packs(home: Home, edition: Edition) -> pl.DataFrame:
    """The table of an edition's packs; one row for each file, whose digest is its name in the archive.

    The packs of a person who was forgotten are not among them any more.
    """
    packs, gone = frozen(home, edition.packs).select(list(PACKS.columns)), list(forgotten(home))
    return packs.filter(~pl.col("digest").is_in(gone))
