"""Which packs of an edition somebody has let go: those of which every file is approved, as it is in the archive.

Belongs here: reading what was decided, for the gate and for the status alike. What else holds a pack back is the
gate's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.steps.setting import Setting, newest_over
from warehouse.approvals import Approval, decisions
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
    """By scorecard and unit what was last decided of each file of these ``packs``; None where nothing was."""
    told = decisions(setting.home, edition.period, edition.number)
    return {
        (card, unit): [told.get(((card, unit, form), digest)) for form, (digest, _) in files.items()]
        for (card, unit), files in packs.items()
    }


def approved_by(told: Sequence[Approval | None], goes_by_itself: bool) -> str:
    """Who approved a pack, by what was decided of each of its files; empty where one of them is not approved."""
    if goes_by_itself and all(one is None for one in told):
        return AUTOMATIC
    return told[-1].by if told[-1] is not None and all(one is not None and one.is_given for one in told) else ""


def approved_packs(setting: Setting, edition: Edition) -> int:
    """How many packs of the edition are approved; one that was published by itself was approved by itself too."""
    goes_by_itself = edition.by == AUTOMATIC or is_automatic(setting, edition)
    packs = pack_files(frozen_packs(setting.home, edition))
    return sum(bool(approved_by(told, goes_by_itself)) for told in decided(setting, edition, packs).values())
