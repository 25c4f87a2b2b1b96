"""What an edition and today's declarations do not share: packs of no unit any more, and readers without a pack.

Units that were renamed or removed since the edition was published make both. Belongs here: which they are, and the
words. What becomes of all other messages is ``plan.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pipelines.delivery.gate import gates
from pipelines.delivery.readers import Reader, allowed
from pipelines.steps.setting import Setting
from scorecards.periods import period_text
from transforms.pack_tables import packs_of
from warehouse.editions import Edition, frozen, frozen_packs
from warehouse.ledger import NO_READER, Record, last_records

OF_NO_UNIT = "it is of no unit any more: run and publish the month again"
"""What holds back a pack that nobody can receive any more."""
_NEVER_LEFT = ("planned", "failed", "refused")


def no_pack(edition: Edition) -> str:
    """What holds back a message whose unit has no pack in the edition."""
    return f"edition {edition.number} has no pack of it: run and publish the month again"


def readers_without_pack(setting: Setting, period: date, edition: Edition, readers: Iterable[Reader]) -> list[Reader]:
    """Those to whom the edition has nothing to bring. A forgotten person's pack, which it had, is not missed."""
    had: set[tuple[str, str]] = set(frozen(setting.home, edition.packs).select("scorecard", "unit").iter_rows())
    lacking = [one for one in readers if (one.scorecard, one.unit) not in had]
    return list(allowed(setting, period, lacking)) if lacking else []


def packs_of_no_unit(setting: Setting, period: date, edition: Edition) -> list[tuple[str, str]]:
    """Scorecards and units of the edition's packs that today's declarations have no more and that nobody has had."""
    now = set(packs_of(setting.project, period))
    packs = frozen_packs(setting.home, edition).select("scorecard", "unit").unique(maintain_order=True).rows()
    gone = [pack for pack in packs if pack not in now]
    if not gone:
        return []
    last = last_records(setting.home, period)
    had = {(key.scorecard, key.unit) for key, one in last.items() if key.edition == edition.number and _has_left(one)}
    return [pack for pack in gone if pack not in had]


def lost_packs(setting: Setting, period: date, edition: Edition) -> list[tuple[str, str]]:
    """Those of the same that nothing else holds back: somebody let them go, and they reach nobody."""
    gone = packs_of_no_unit(setting, period, edition)
    is_open = {(one.scorecard, one.unit): one.is_open for one in gates(setting, period, edition)} if gone else {}
    return [pack for pack in gone if is_open[pack]]


def lost_told(packs: Iterable[tuple[str, str]], period: date) -> list[str]:
    """The packs that nobody can receive any more, a line for each."""
    month = period_text(period)
    return [
        f"nobody can receive {card} of {unit}: no unit of {month} has this pack any more. "
        f"Run and publish {month} again."
        for card, unit in packs
    ]


def _has_left(last: Record) -> bool:
    return last.state not in _NEVER_LEFT and not (last.state == "skipped" and last.words == NO_READER)
