"""Loads: accepted and refused deliveries in the journal, and which of them count for a month.

What counts is always a selection, never an overwrite: of deliveries known by a day that are not withdrawn, and, for a
closed month, of those that had come when it was closed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

import polars as pl

from scorecards.errors import HomeBusy
from scorecards.periods import add_months, parse_period
from scorecards.sources import Source
from scorecards.words import plural
from warehouse import journal
from warehouse.facts import Facts
from warehouse.forgotten import KIND as FORGET
from warehouse.forgotten import forgotten
from warehouse.home import Home
from warehouse.staged import staged_columns


@dataclass(frozen=True)
class Load:
    """One delivery, staged under one contract. ``period`` is set for monthly files; ``refused`` says why, where it was.

    ``delivery`` is the same for all loads of one delivery, one for each contract it was checked under; ``arrived`` is
    the place in the journal at which that delivery was first recorded, ``at`` the time of this entry. ``moment`` is
    that of delivery as its name tells it.
    ``notes`` say what of the file is no row; ``facts`` are those of ``Staged``, ``noted`` is what a rule about the
    whole found without refusing it (``table_rules.py``); ``is_rewritten`` says that its object was rewritten since, so
    that counts and months are those of the earlier one.
    """

    id: str
    delivery: str
    seq: int
    arrived: int
    at: str
    source: str
    name: str
    logical: str
    digest: str
    period: date | None
    known_on: date
    rows: int
    rejected: int
    periods: tuple[date, ...]
    reasons: dict[str, int]
    extra_columns: tuple[str, ...]
    refused: str | None
    contract: str
    notes: tuple[str, ...] = ()
    facts: Facts = field(default_factory=dict, compare=False)
    noted: tuple[str, ...] = ()
    is_rewritten: bool = False
    moment: datetime | None = None


@dataclass(frozen=True)
class View:
    """From where loads are looked at: which deliveries may count.

    ``known_by`` is the last day on which a delivery may have become known, ``upto`` the last place in the journal at
    which it may have been recorded; None: today's. ``closed`` gives for every closed month the place in the journal at
    which it was closed: deliveries that came later do not count for it. ``withdrawn`` are the ids of deliveries that
    were withdrawn by then.
    """

    known_by: date | None = None
    upto: int | None = None
    closed: Mapping[date, int] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()

    def has(self, load: Load) -> bool:
        """Whether the load's delivery is known from here and was not withdrawn."""
        return load.delivery not in self.withdrawn and self.knows(load)

    def knows(self, load: Load) -> bool:
        """Whether the load's delivery is known from here, withdrawn or not."""
        is_known = self.known_by is None or load.known_on <= self.known_by
        return is_known and (self.upto is None or load.arrived <= self.upto)

    def has_for(self, load: Load, month: date) -> bool:
        """Whether it is, and can speak of the month, which was not closed before it came."""
        is_open = load.arrived <= self.closed.get(month, load.arrived)
        return is_open and load.period in (None, month) and self.has(load)


TODAY = View()


def _load(entry: journal.Entry) -> Load:
    body = entry.body
    return Load(
        id=body["id"],
        delivery=body["delivery"],
        seq=entry.seq,
        arrived=entry.seq,
        at=entry.at,
        source=body["source"],
        name=body["name"],
        logical=body["logical"],
        digest=body["digest"],
        period=parse_period(body["period"]) if body["period"] else None,
        known_on=date.fromisoformat(body["known_on"]),
        rows=body["rows"],
        rejected=body["rejected"],
        periods=tuple(parse_period(period) for period in body["periods"]),
        reasons=body["reasons"],
        extra_columns=tuple(body["extra_columns"]),
        refused=body["refused"],
        contract=body["contract"],
        # Loads recorded before there were notes and facts have none.
        notes=tuple(body.get("notes", ())),
        facts=body.get("facts", {}),
        moment=datetime.fromisoformat(body["moment"]) if body.get("moment") else None,
    )


def all_loads(home: Home, source_id: str | None = None) -> list[Load]:
    """Every load ever recorded, of all contracts, oldest first.

    A load whose object was rewritten, since a person was forgotten, has the digest of the new one, and another id.
    """
    last, last_forgotten = journal.last_of(home, ("load", source_id), (FORGET, None))
    return list(_parsed(home.in_full, source_id, last, last_forgotten))


@lru_cache(maxsize=128)
def _parsed(home: Home, source_id: str | None, last: int, last_forgotten: int) -> tuple[Load, ...]:
    arrived: dict[str, int] = {}
    now, loads = forgotten(home), dict[str, Load]()
    for entry in journal.entries(home, "load", source_id) if last else []:
        load = _load(entry)
        digest = now.get(load.digest, load.digest)
        if digest != load.digest:
            first = entry.body.get("first_id", load.id)
            load = replace(load, id=rewritten_id(first, digest), digest=digest, is_rewritten=True)
        before = loads.get(load.id)
        if before is not None:
            load = replace(load, seq=before.seq, at=before.at)
        loads[load.id] = replace(load, arrived=arrived.setdefault(load.delivery, load.seq))
    return tuple(loads.values())


def rewritten_id(first_id: str, digest: str) -> str:
    """The id of a load whose object was rewritten: from the one that it had at first, and the new digest."""
    return hashlib.sha256(f"{first_id}\0{digest}".encode()).hexdigest()[:16]


def under(loads: Iterable[Load], contract: str) -> list[Load]:
    """The loads that were checked under a contract."""
    return [load for load in loads if load.contract == contract]


def newest(loads: Iterable[Load]) -> dict[str, Load]:
    """For every logical file its newest load, accepted or refused.

    That is by the moment of delivery in its name, else by the day it was known, and then as it arrived: an old delivery
    that turns up late replaces no newer one.
    """
    found: dict[str, Load] = {}
    for load in sorted(loads, key=age):
        found[load.logical] = load
    return found


def age(load: Load) -> tuple[datetime, date, int]:
    """What loads of a source are sorted by, the oldest first."""
    return load.moment or datetime.combine(load.known_on, time()), load.known_on, load.arrived


def current(loads: Iterable[Load]) -> list[Load]:
    """The newest accepted load of every logical file."""
    return list(newest(load for load in loads if load.refused is None).values())


def refusals(loads: Iterable[Load], view: View) -> list[Load]:
    """Refused loads that nothing accepted has replaced since, of those that may count."""
    return [load for load in newest(filter(view.has, loads)).values() if load.refused is not None]


def counting(source: Source, loads: Sequence[Load], view: View, month: date) -> list[Load]:
    """The accepted loads that count for a month, oldest first, as the source declares what a delivery ``replaces``.

    ``loads`` are those of the source under one contract.
    """
    here = [load for load in loads if load.refused is None and view.has_for(load, month)]
    if source.replaces == "nothing":
        late = [load for load in loads if load.refused is None and month in redated(source, load, view).values()]
        return sorted({load.id: load for load in (*here, *late)}.values(), key=age)
    if source.replaces == "months":
        here = [load for load in here if month in (load.period, *load.periods)]
    return sorted(newest(here).values(), key=age)


def identity(source: Source) -> tuple[str, ...]:
    """The columns by which a row of an increment replaces an older one; none where no key is declared.

    Of monthly files the month is among them: each of these speaks of its own rows alone.
    """
    return (*source.key, "_period") if source.key and source.is_monthly else source.key


def redated(source: Source, load: Load, view: View) -> dict[date, date]:
    """The closed months for which a load came late, each with the month in which its rows count in its place.

    That is the first month after it that was open when the load came; empty unless the source declares so.
    """
    found: dict[date, date] = {}
    if source.late_rows == "wait" or not view.has(load):
        return found
    for month in {load.period, *load.periods} - {None}:
        assert month is not None
        target = month
        while load.arrived > view.closed.get(target, load.arrived):
            target = add_months(target, 1)
        if target != month:
            found[month] = target
    return found


def counting_by_month(
    source: Source, loads: Sequence[Load], view: View, months: Iterable[date]
) -> dict[date, list[Load]]:
    """See ``counting``, for each of these months."""
    if source.replaces == "nothing" and source.late_rows != "wait":
        # A late load counts for another month than its own.
        return {month: counting(source, loads, view, month) for month in months}
    return {month: counting(source, found, view, month) for month, found in _by_month(loads, months).items()}


def refused_by_month(loads: Sequence[Load], view: View, months: Iterable[date]) -> dict[date, list[Load]]:
    """For each month the refused loads that block it: no accepted delivery has replaced them."""
    if all(load.refused is None for load in loads):
        return {month: [] for month in months}
    return {
        month: refusals([load for load in found if view.has_for(load, month)], view)
        for month, found in _by_month(loads, months).items()
    }


def _by_month(loads: Sequence[Load], months: Iterable[date]) -> dict[date, list[Load]]:
    """The loads that can speak of each month: of its own files, and of files of many months; in their order."""
    of_many: list[tuple[int, Load]] = []
    of_one: dict[date, list[tuple[int, Load]]] = {}
    for place, load in enumerate(loads):
        (of_many if load.period is None else of_one.setdefault(load.period, [])).append((place, load))
    # The places are all different, so that no two loads are ever compared.
    return {month: [load for _, load in sorted([*of_many, *of_one.get(month, [])])] for month in months}


def spread(source: Source, loads: Sequence[Load], view: View) -> list[tuple[Load, list[date] | None]]:
    """The loads that count for any month, each with the months of its rows for which it does; None: all its rows."""
    months = {month for load in loads for month in (load.period, *load.periods) if month}
    months |= {month for load in loads for month in redated(source, load, view).values()}
    if not months:
        # Rows that hold over a time, or are dated by what they look up, name no month themselves.
        return [(load, None) for load in counting(source, loads, replace(view, closed={}), date.max)]
    counted: dict[str, list[date]] = {}
    for month, here in counting_by_month(source, loads, view, sorted(months)).items():
        for load in here:
            counted.setdefault(load.id, []).append(month)
    found: list[tuple[Load, list[date] | None]] = []
    for load in sorted((load for load in loads if load.id in counted), key=age):
        moved = redated(source, load, view)
        own = [month for month in load.periods if month in counted[load.id] or month in moved]
        found.append((load, None if len(own) == len(load.periods) else own))
    return found


def waiting(source: Source, loads: Sequence[Load], view: View) -> dict[date, list[Load]]:
    """Deliveries that came after a month was closed and speak of it: they count for it once it is reopened.

    None whose rows count in a later month meanwhile (``redated``).
    """
    found: dict[date, list[Load]] = {}
    for month, closed_at in view.closed.items():
        for load in loads:
            is_late = view.has(load) and load.arrived > closed_at and month in (load.period, *load.periods)
            if is_late and (load.refused is not None or month not in redated(source, load, view)):
                found.setdefault(month, []).append(load)
    return found


def accepted_file(home: Home, load: Load) -> Path:
    """The Parquet file of a load's accepted rows."""
    return home.staging / load.source / f"{load.id}.parquet"


def lost_rows(home: Home, loads: Iterable[Load]) -> str:
    """Of which of these accepted rows are not there, as in a home restored from its records; empty where all are."""
    lost = [load for load in loads if not accepted_file(home, load).exists()]
    if not lost:
        return ""
    more = f" and {plural(len(lost) - 1, 'other delivery', 'other deliveries')}" if lost[1:] else ""
    return f"The rows of {lost[0].source}: {lost[0].name}{more} are not in {home.staging}."


def require_staged(home: Home, loads: Iterable[Load]) -> None:
    """Raise ``HomeBusy`` where accepted rows of any of these are not there (``lost_rows``)."""
    if lost := lost_rows(home, loads):
        raise HomeBusy(f"{lost} They can be computed anew from the records: scorepack rebuild.")


def rejects_file(home: Home, load: Load) -> Path:
    """The Parquet file of a load's rejected rows; it exists only where there are any."""
    return home.quarantine / load.source / f"{load.id}.parquet"


def scan(home: Home, source: Source, loads: Iterable[Load], waiting: pl.DataFrame | None = None) -> pl.LazyFrame:
    """The accepted rows of these loads, lazily: the contract's columns, _unit, _period, _row and _file.

    Where deliveries add rows and the source has a key, only the newest row of a key is among them; ``loads`` come
    oldest first. Those that are ``waiting`` (_file and _row) are left out, and replace none.
    """
    files = [accepted_file(home, load) for load in loads]
    if not files:
        return pl.LazyFrame(schema=_schema(source))
    rows = pl.scan_parquet(files, include_file_paths="_file", glob=False).select(*staged_columns(source), "_file")
    if waiting is not None and waiting.height:
        rows = rows.join(waiting.lazy(), on=["_file", "_row"], how="anti", maintain_order="left")
    if source.replaces == "nothing" and source.key and len(files) > 1:
        return rows.unique(list(identity(source)), keep="last", maintain_order=True)
    return rows


def _schema(source: Source) -> dict[str, pl.DataType]:
    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "float": pl.Float64(),
        "date": pl.Date(),
        "datetime": pl.Datetime(),
        "month": pl.Date(),
        "boolean": pl.Boolean(),
    }
    columns = {
        name: pl.Decimal(18, column.scale) if column.type == "decimal" else types.get(column.type, pl.String())
        for name, column in source.staged.items()
    }
    return {**columns, "_unit": pl.String(), "_period": pl.Date(), "_row": pl.Int64(), "_file": pl.String()}


def rejected_rows(home: Home, loads: Iterable[Load]) -> Iterator[tuple[Load, pl.DataFrame]]:
    """The quarantined rows of each load that has any."""
    for load in loads:
        if load.rejected and rejects_file(home, load).exists():
            yield load, pl.read_parquet(rejects_file(home, load), glob=False)
