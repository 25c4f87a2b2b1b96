"""The gate: which packs of a month's newest edition may leave, and why the others may not.

Belongs here: everything that must hold before a pack is sent, and approving. An edition exists only where publishing
found the month complete, its commentary among it; here stands what must hold besides, at the moment of sending. All
of it is read from the journal and the archive: the warehouse is not opened, and nothing waits for a run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.steps.approved import approved_by, decided, held_by, held_packs, is_automatic, pack_files
from pipelines.steps.edition_comparing import came_since, withdrawn_since
from pipelines.steps.freshness import late
from pipelines.steps.other_rules import packs_by_another_rule
from pipelines.steps.setting import Setting, blocked, require_sound_commentary
from scorecards.check_derived import sources_of
from scorecards.errors import CallError, did_you_mean
from scorecards.periods import period_text
from scorecards.words import on_one_line
from transforms.kpis import SMALL_GROUP
from warehouse.approvals import Approval, decisions, record
from warehouse.editions import Edition, editions, frozen, frozen_packs
from warehouse.tables import SCORES

PUBLISHED_BY_ANOTHER_RULE = (
    "it was published by another rule of small groups than the one declared: run and publish the month again"
)
_MOST_NAMES = 3
_ROUNDED = 1e-9


@dataclass(frozen=True)
class Gate:
    """A pack of an edition before it leaves: its files, who approved it, and what holds it back.

    ``files`` gives digest and size by format. ``approved_by`` is empty where nobody has; ``shut`` gives the reasons,
    and the gate is open where there is none. ``is_private`` is a pack with one person's own figures, for them alone.
    """

    scorecard: str
    unit: str
    files: Mapping[str, tuple[str, int]]
    approved_by: str
    shut: tuple[str, ...]
    is_private: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the pack may leave."""
        return not self.shut


def newest_edition(setting: Setting, period: date) -> Edition:
    """The edition whose packs are sent. Raises ``CallError`` where the month is not published."""
    found = editions(setting.home, period)
    if not found:
        name = period_text(period)
        raise CallError(f"{name} is not published, and nothing is sent. First: scorepack publish {name} --by NAME.")
    return found[-1]


def gates(setting: Setting, period: date, edition: Edition) -> list[Gate]:
    """Every pack of the edition, in the order of its packs, with what holds it back.

    Raises ``DeclarationError`` where the commentary of the month has errors.
    """
    require_sound_commentary(setting, [period])
    whole = list(_of_the_month(setting, period, edition))
    scores = frozen(setting.home, edition.tables[SCORES.name])
    withheld = _withheld(scores)
    found = {(row["scorecard"], row["unit"]): row for row in scores.filter(level="scorecard").iter_rows(named=True)}
    packs = frozen_packs(setting.home, edition)
    files_of, missing = pack_files(packs), _missing(setting, period)
    told, goes_by_itself = decided(setting, edition, files_of), is_automatic(setting, edition)
    gates = []
    by_another_rule = packs_by_another_rule(setting, edition)
    private = set(packs.filter("is_private").select("scorecard", "unit").iter_rows())
    for (card, unit), files in files_of.items():
        shut = [*whole, *missing.get(card, ())]
        if (card, unit) not in private:  # What all may know of a person's is little, or nothing.
            shut += _lacking(setting, found.get((card, unit)), withheld.get((card, unit), 0.0))
        if (card, unit) in by_another_rule:
            shut.append(PUBLISHED_BY_ANOTHER_RULE)
        by = approved_by(told[card, unit], goes_by_itself)
        if not by:
            held = held_by(told[card, unit])
            shut.append("it is not approved" if held is None else _held_back(held))
        gates.append(Gate(card, unit, files, by, tuple(shut), (card, unit) in private))
    return gates


def _withheld(scores: pl.DataFrame) -> dict[tuple[str, str], float]:
    """By scorecard and unit the share of the weight whose values are there and are withheld; ``scores`` is frozen."""
    hidden = scores.filter(pl.col("level") == "kpi", pl.col("missing_reason") == SMALL_GROUP)
    shares = hidden.group_by("scorecard", "unit").agg(pl.col("share").sum())
    return {(card, unit): share for card, unit, share in shares.iter_rows()}


def _lacking(setting: Setting, row: Mapping[str, Any] | None, withheld: float) -> list[str]:
    """What a pack lacks before it may leave. What is withheld is no lack, as long as anything else is there to read."""
    least, had = setting.project.delivery.coverage, (row or {}).get("coverage") or 0.0
    if withheld and not had:
        return ["all that it would show is withheld (small_groups)"]
    if row is None or (row["score"] is None and not withheld):
        return ["it has no score"]
    if had + withheld < least - _ROUNDED:
        return [f"only {had + withheld:.0%} of its weight had data; delivery.yaml asks for {least:.0%}"]
    return []


def _of_the_month(setting: Setting, period: date, edition: Edition) -> Iterator[str]:
    """What holds back every pack of the month."""
    for loads in blocked(setting, [period]).values():
        yield f"data of the month were refused ({_listed(sorted({load.name for load in loads}))})"
    if setting.project.delivery.freshness == "any":
        return
    yield from told_since(setting, edition)


def told_since(setting: Setting, edition: Edition) -> Iterator[str]:
    """What came for the figures of an edition, or was taken away, after it was published, and what to do about it."""
    if since := came_since(setting, edition):
        yield f"data came after edition {edition.number} ({_listed(since)}): run and publish the month again"
    if gone := withdrawn_since(setting, edition):
        were = "was" if len(gone) == 1 else "were"
        yield f"{_listed(gone)} {were} withdrawn after edition {edition.number}: run and publish the month again"


def _missing(setting: Setting, period: date) -> dict[str, list[str]]:
    """By scorecard the sources with a due day that have nothing for the month."""
    if setting.project.delivery.freshness == "any":
        return {}
    absent = {one.source: one.due for one in late(setting, [period], date.max) if one.came_on is None}
    found = {}
    for card_id, card in setting.project.strategy.scorecards.items():
        kpis = {kpi for objective in card.objectives.values() for kpi in objective.kpis}
        drawn_on = set().union(*(sources_of(setting.project, kpi) for kpi in kpis)) if kpis and absent else set()
        found[card_id] = [
            f"{source} has not come, due on {absent[source]}" for source in sorted(drawn_on & set(absent))
        ]
    return found


def _held_back(decision: Approval) -> str:
    return on_one_line(f"it is held back by {decision.by}{f': {decision.reason}' if decision.reason else ''}")


def approve(
    setting: Setting,
    period: date,
    by: str,
    reason: str = "",
    units: Collection[str] = (),
    scorecards: Collection[str] = (),
    is_given: bool = True,
) -> Approval:
    """Let the packs of the newest edition go, or hold them back again: those of these units and scorecards, or all.

    What is approved is the digest of each file; that file is sent, and no other. Packs that somebody holds back are let
    go only where their unit is named. Raises ``CallError`` where the month is not published, a name is not known,
    nobody is named, or nothing would change.
    """
    if not by.strip():
        raise CallError("Say who approves, with --by: it stays in the audit log.")
    edition = newest_edition(setting, period)
    packs = pack_files(frozen_packs(setting.home, edition))
    for names, known, what in (
        (units, sorted({unit for _, unit in packs}), "unit"),
        (scorecards, sorted({card for card, _ in packs}), "scorecard"),
    ):
        for name in names:
            if name not in known:
                found = f"a {what} with a pack in edition {edition.number} of {period_text(period)}"
                raise CallError(f"'{name}' is not {found}. {did_you_mean(name, known)}".rstrip())
    before = decisions(setting.home, period, edition.number)
    held = held_packs(setting, edition, packs) if is_given and not units else {}
    chosen = {
        (card, unit, form): digest
        for (card, unit), files in packs.items()
        if (not units or unit in units) and (not scorecards or card in scorecards) and (card, unit) not in held
        for form, (digest, _) in files.items()
        if _changes(before.get(((card, unit, form), digest)), is_given)
    }
    if not chosen:
        if held:
            raise CallError("All others are approved already. What is held back is let go by --unit.")
        newer = "".join(f" But {told}." for told in told_since(setting, edition)) if is_given else ""
        raise CallError(f"Every one of these packs is {'approved' if is_given else 'held back'} already.{newer}")
    return record(setting.home, period, edition.number, chosen, by.strip(), reason.strip(), is_given)


def _changes(decision: Approval | None, is_given: bool) -> bool:
    return decision is None or decision.is_given != is_given


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
