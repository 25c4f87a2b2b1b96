"""Who receives which pack of a month, and how that differs from the month before.

Belongs here: the matrix of recipients and packs. Whether a pack may leave is ``gate.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.delivery.roles import everybody
from pipelines.steps.setting import Setting
from scorecards.people import THEMSELVES, Recipient
from scorecards.periods import add_months, month_end
from scorecards.project import Project
from scorecards.units import PERSON, UnitTree
from transforms.groups import private_packs
from transforms.pack_tables import packs_of
from warehouse.ledger import NO_READER, Key, Record, last_records

Pair = tuple[str, str, str]
"""An address, and the scorecard and the unit of a pack that it receives."""


@dataclass(frozen=True)
class Reader:
    """A recipient of a pack: who, of which scorecard and unit."""

    recipient: Recipient
    scorecard: str
    unit: str

    @property
    def pair(self) -> Pair:
        """What makes it the same from month to month."""
        return self.recipient.email.lower(), self.scorecard, self.unit


@dataclass(frozen=True)
class Matrix:
    """Who receives what of a month: each reader with each pack once, with own packs only who is that person.

    ``new`` and ``gone`` are what is other than in the month before, and ``was_sent`` whether any pack of that month
    was; ``unread`` are the packs that nobody receives, ``idle`` the recipients who receive none, ``barred``
    those to whose domain packs may not go, and ``unusable`` the rows of sources of which no recipient can be made.
    """

    readers: tuple[Reader, ...]
    new: tuple[Reader, ...]
    gone: tuple[Pair, ...]
    was_sent: bool
    unread: tuple[tuple[str, str], ...]
    idle: tuple[Recipient, ...]
    barred: tuple[Recipient, ...]
    unusable: tuple[str, ...]


def matrix(setting: Setting, period: date, day: date) -> Matrix:
    """Who receives the packs of a period when they are sent on a day, by today's declarations.

    Units are those of the tree at the end of the period. Compared is the month before: each pack with those to whom it
    was sent or was to be, and a pack that was not sent with those who would have received it a month before the day.
    """
    project, earlier = setting.project, add_months(period, -1)
    all_now = everybody(setting, period, day)
    readers = allowed(setting, period, _readers(project, all_now.recipients, period, day))
    is_known = earlier >= project.organisation.first_period
    sent = {_pair(key) for key, one in last_records(setting.home, earlier).items() if key.edition and _was_meant(one)}
    then = set(sent)
    if is_known:
        packs = {pair[1:] for pair in sent}
        declared = allowed(setting, earlier, readers_of(setting, earlier, _a_month_before(day)))
        then |= {one.pair for one in declared if one.pair[1:] not in packs}
    now = {one.pair for one in readers}
    read, receiving = {pair[1:] for pair in now}, {pair[0] for pair in now}
    return Matrix(
        readers,
        new=tuple(one for one in readers if is_known and one.pair not in then),
        gone=tuple(sorted(then - now, key=lambda pair: (pair[1:], pair[0]))),
        was_sent=bool(sent),
        unread=tuple(pack for pack in packs_of(project, period) if pack not in read),
        idle=tuple(one for one in all_now.recipients if one.email.lower() not in receiving),
        barred=tuple(one.recipient for one in readers if not project.delivery.allows(one.recipient.email)),
        unusable=all_now.unusable,
    )


def _pair(key: Key) -> Pair:
    return key.recipient, key.scorecard, key.unit


def _was_meant(last: Record) -> bool:
    """Whether a message was for a recipient to the end."""
    return not (last.state == "skipped" and last.words == NO_READER)


def readers_of(setting: Setting, period: date, day: date) -> Iterator[Reader]:
    """Every pack of the period with each of its recipients once, in the order of packs and of recipients.yaml."""
    return _readers(setting.project, everybody(setting, period, day).recipients, period, day)


def allowed(setting: Setting, period: date, readers: Iterable[Reader]) -> tuple[Reader, ...]:
    """Without those to whom a person's own pack never goes, since they are not declared to be that person."""
    private = private_packs(setting.project, setting.plan, period)
    return tuple(
        one for one in readers if (one.scorecard, one.unit) not in private or one.recipient.scope == THEMSELVES
    )


def _readers(project: Project, people: Sequence[Recipient], period: date, day: date) -> Iterator[Reader]:
    tree = project.tree(period)
    seen = [(one, set(units_of(one, tree))) for one in people if one.is_one_on(day)]
    # Who is a person receives that person's pack as such, whatever else the same address may see.
    as_persons = sorted(seen, key=lambda one: one[0].scope != THEMSELVES)
    for card, unit in packs_of(project, period):
        met: set[str] = set()
        for recipient, units in as_persons if tree.units[unit].level == PERSON else seen:
            is_wanted = unit in units and (not recipient.scorecards or card in recipient.scorecards)
            if is_wanted and recipient.email.lower() not in met:
                met.add(recipient.email.lower())
                yield Reader(recipient, card, unit)


def units_of(recipient: Recipient, tree: UnitTree) -> Iterator[str]:
    """The units whose packs a recipient may see, of those that exist in the tree."""
    for unit in recipient.units:
        if unit not in tree.units:
            continue
        if recipient.scope == "unit":
            yield unit
        elif recipient.scope == THEMSELVES:
            if tree.units[unit].level == PERSON:
                yield unit
        elif recipient.scope == "subtree":
            yield from tree.walk([unit])
        else:
            yield from tree.children[unit]


def _a_month_before(day: date) -> date:
    first = add_months(day.replace(day=1), -1)
    return first.replace(day=min(day.day, month_end(first).day))
