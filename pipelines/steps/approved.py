"""Which packs of an edition somebody has let go: those of which every file is approved, as it is in the archive.

Belongs here: reading what was decided, for the gate and for the status alike. What else holds a pack back is the
gate's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.steps.setting import Setting, newest_over
from warehouse.approvals import Approval, approvals, decisions
from warehouse.editions import Edition, frozen_packs

AUTOMATIC = "delivery.yaml (approval: automatic)"
Files = dict[str, tuple[str, int]]
"""Digest and size of a pack's files, by format."""


def is_automatic(setting: Setting, edition: Edition) -> bool:
    """Whether packs that nobody has decided about may go: where it is so declared, those of the newest month."""
    is_newest = edition.period == newest_over(setting.project)
    return is_newest and setting.project.delivery.approval == "automatic"


def pack_files(packs: pl.DataFrame) -> dict[tuple[str, str], Files]:
    """By scorecard and unit the files of a pack; ``packs`` is a frozen table."""
    found: dict[tuple[str, str], Files] = {}
    for row in packs.iter_rows(named=True):
        found.setdefault((row["scorecard"], row["unit"]), {})[row["format"]] = row["digest"], row["bytes"]
    return found


def decided(
    setting: Setting, edition: Edition, packs: Mapping[tuple[str, str], Files]
) -> dict[tuple[str, str], list[Approval | None]]:
    """By scorecard and unit what was last decided of each file of these ``packs``; None where nothing was.

    A pack that was held back last in an earlier edition is held back in this one until somebody decides about it.
    """
    told, held = decisions(setting.home, edition.period, edition.number), _held_before(setting, edition)
    found: dict[tuple[str, str], list[Approval | None]] = {}
    for (card, unit), files in packs.items():
        known = [told.get(((card, unit, form), digest)) for form, (digest, _) in files.items()]
        earlier = held.get((card, unit))
        found[card, unit] = known if earlier is None or any(known) else [earlier] * len(known)
    return found


def held_by(told: Sequence[Approval | None]) -> Approval | None:
    """The decision that holds a pack back, by what was decided of each of its files; None where none does."""
    return next((one for one in told if one is not None and not one.is_given), None)


def held_packs(
    setting: Setting, edition: Edition, packs: Mapping[tuple[str, str], Files]
) -> dict[tuple[str, str], Approval]:
    """Those of these ``packs`` that somebody holds back, by scorecard and unit, each with that decision."""
    told = decided(setting, edition, packs)
    return {pack: held for pack, each in told.items() if (held := held_by(each)) is not None}


def _held_before(setting: Setting, edition: Edition) -> dict[tuple[str, str], Approval]:
    last: dict[tuple[str, str], Approval] = {}
    for one in approvals(setting.home, edition.period):
        if one.edition < edition.number:
            last |= dict.fromkeys(one.packs, one)
    return {pack: one for pack, one in last.items() if not one.is_given}


def approved_by(told: Sequence[Approval | None], goes_by_itself: bool) -> str:
    """Who approved a pack, by what was decided of each of its files; empty where one of them is not approved."""
    if goes_by_itself and all(one is None for one in told):
        return AUTOMATIC
    return told[-1].by if told[-1] is not None and all(one is not None and one.is_given for one in told) else ""


def packs_and_approved(setting: Setting, edition: Edition) -> tuple[int, int]:
    """How many packs the edition has, and how many are approved: what was published by itself was approved so too."""
    goes_by_itself = edition.by == AUTOMATIC or is_automatic(setting, edition)
    packs = pack_files(frozen_packs(setting.home, edition))
    approved = sum(bool(approved_by(told, goes_by_itself)) for told in decided(setting, edition, packs).values())
    return len(packs), approved
