"""Delivering the packs of a period: each pack once to each of its recipients, every attempt in the journal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipelines.delivery.compose import compose
from pipelines.delivery.transport import Transport, transport_from_environment
from pipelines.steps.packs import build_packs
from pipelines.steps.rendering import pack_file, pdfs
from pipelines.steps.setting import Setting, blocked, require_sound_commentary
from scorecards.errors import CallError, DataRefused
from scorecards.packs import PDF
from scorecards.people import Recipient
from scorecards.periods import period_text
from transforms.pack import Pack
from warehouse import journal
from warehouse.editions import editions, frozen_packs
from warehouse.landing import landed
from warehouse.store import open_warehouse
from warehouse.tables import PACKS
from warehouse.working import at_work

_FINAL = ("accepted", "written", "refused", "sending")


@dataclass(frozen=True)
class Delivery:
    """One pack to one recipient: what became of it, in whose words, and whether it was tried now."""

    scorecard: str
    unit: str
    recipient: Recipient
    state: str
    words: str
    is_new: bool


@dataclass(frozen=True)
class _Planned:
    pack: Pack
    recipient: Recipient
    pdf: bytes

    def key(self, transport: str) -> str:
        """What makes a delivery the same one; the pack's digest is in it, so that a changed pack is a new delivery."""
        digest = hashlib.sha256(self.pdf).hexdigest()
        parts = (
            period_text(self.pack.period),
            self.pack.scorecard,
            self.pack.unit,
            self.recipient.email.lower(),
            transport,
            digest,
        )
        return "/".join(parts)


def deliver(setting: Setting, period: date, dry_run: bool = False) -> list[Delivery]:
    """Deliver every pack of the period to its recipients; what was delivered before is not delivered again.

    Of a published period the packs of the newest edition are sent.

    Returns one record per pack and recipient. A message whose sending was cut off (state ``sending``) is not repeated,
    since nobody can know whether it arrived. Raises ``DataRefused`` when the period is blocked,
    ``DeclarationError`` when its commentary has errors, ``CallError`` when it has no packs, and ``HomeBusy`` while
    another process is at work: packs do not change while they are sent, and nobody sends the same ones meanwhile.
    """
    with nullcontext() if dry_run else at_work(setting.home):
        return _deliver_all(setting, period, dry_run)


def _deliver_all(setting: Setting, period: date, dry_run: bool) -> list[Delivery]:
    if blocked(setting, [period]):
        raise DataRefused(f"{period_text(period)} is not sent: data of the month were refused. See scorepack status.")
    require_sound_commentary(setting, [period])
    planned = list(_planned(setting, period))
    transport = transport_from_environment(setting.home, period_text(period))
    try:
        return [_deliver(setting, one, transport, dry_run) for one in planned]
    finally:
        transport.close()


def _planned(setting: Setting, period: date) -> Iterator[_Planned]:
    with open_warehouse(setting.home) as warehouse:
        rows = warehouse.read(PACKS, [period])
    if rows.is_empty():
        raise CallError(f"{period_text(period)} has no packs. Run it first: scorepack run {period_text(period)}.")
    if rows["score"].is_null().all():
        raise DataRefused(
            f"{period_text(period)} is not sent: no scorecard of the month has a score. See scorepack status."
        )
    published = editions(setting.home, period)
    if published:
        rows = frozen_packs(setting.home, published[-1])
    digests = {(row["scorecard"], row["unit"]): row["digest"] for row in pdfs(rows).iter_rows(named=True)}
    for pack in build_packs(setting, period):
        wanted = [
            r
            for r in setting.project.recipients
            if pack.unit in r.units and (not r.scorecards or pack.scorecard in r.scorecards)
        ]
        if not wanted or (pack.scorecard, pack.unit) not in digests:
            continue
        digest = digests[pack.scorecard, pack.unit]
        path = setting.home.computed / pack_file(pack, PDF)
        path = landed(setting.home, digest) if published else path
        pdf = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(pdf).hexdigest() != digest:
            raise DataRefused(
                f"{path} is not the pack that was rendered. Run the month again: scorepack run {period_text(period)}."
            )
        for recipient in wanted:
            yield _Planned(pack, recipient, pdf)


def _deliver(setting: Setting, one: _Planned, transport: Transport, dry_run: bool) -> Delivery:
    key = one.key(transport.name)
    before = journal.entries(setting.home, "delivery", key)
    state = before[-1].body["state"] if before else "planned"
    if dry_run or state in _FINAL:
        shown = "unknown" if state == "sending" else state
        return Delivery(
            one.pack.scorecard, one.pack.unit, one.recipient, shown, before[-1].body["words"] if before else "", False
        )
    facts = {
        "period": period_text(one.pack.period),
        "scorecard": one.pack.scorecard,
        "unit": one.pack.unit,
        "recipient": one.recipient.email,
        "transport": transport.name,
        "digest": hashlib.sha256(one.pdf).hexdigest(),
    }
    journal.append(setting.home, "delivery", key, {**facts, "state": "sending", "words": ""})
    message = compose(one.pack, one.pdf, one.recipient, transport.sender, datetime.now(UTC))
    address = "".join(c if c.isalnum() or c in "@.-_" else "_" for c in one.recipient.email)
    state, words = transport.send(message, f"{one.pack.scorecard}-{one.pack.unit}-{address}.eml")
    journal.append(setting.home, "delivery", key, {**facts, "state": state, "words": words})
    return Delivery(one.pack.scorecard, one.pack.unit, one.recipient, state, words, True)
