"""Who receives which pack of a month, and how that differs from the month before.

Belongs here: the matrix of recipients and packs. Whether a pack may leave is ``gate.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pipelines.steps.setting import Setting
from scorecards.people import Recipient
from scorecards.periods import add_months, month_end
from scorecards.project import Project
from scorecards.units import UnitTree
from transforms.pack_tables import packs_of


@dataclass(frozen=True)
class Reader:
    """A recipient of a pack: who, of which scorecard and unit."""

    recipient: Recipient
    scorecard: str
    unit: str

    @property
    def pair(self) -> tuple[str, str, str]:
        """What makes it the same from month to month: address, scorecard and unit."""
        return self.recipient.email.lower(), self.scorecard, self.unit


@dataclass(frozen=True)
class Matrix:
    """Who receives what of a month: each reader with each pack once.

    ``new`` and ``gone`` are what is other than in the month before, ``unread`` the packs that nobody receives,
    and ``idle`` the recipients who receive none.
    """

    readers: tuple[Reader, ...]
    new: tuple[Reader, ...]
    gone: tuple[Reader, ...]
    unread: tuple[tuple[str, str], ...]
    idle: tuple[Recipient, ...]


def matrix(setting: Setting, period: date, day: date) -> Matrix:
    """Who receives the packs of a period when they are sent on a day, by today's declarations.

    Units are those of the tree at the end of the period. Compared is the month before, sent a month before the day.
    """
    project, earlier = setting.project, add_months(period, -1)
    readers = tuple(readers_of(project, period, day))
    is_known = earlier >= project.organisation.first_period
    before = tuple(readers_of(project, earlier, _a_month_before(day))) if is_known else ()
    then, now = {one.pair for one in before}, {one.pair for one in readers}
    read, receiving = {(one.scorecard, one.unit) for one in readers}, {one.pair[0] for one in readers}
    return Matrix(
        readers,
        new=tuple(one for one in readers if is_known and one.pair not in then),
        gone=tuple(one for one in before if one.pair not in now),
        unread=tuple(pack for pack in packs_of(project, period) if pack not in read),
        idle=tuple(one for one in project.recipients if one.email.lower() not in receiving),
    )


def readers_of(project: Project, period: date, day: date) -> Iterator[Reader]:
    """Every pack of the period with each of its recipients once, in the order of packs and of recipients.yaml."""
    tree = project.tree(period)
    seen = [(one, set(units_of(one, tree))) for one in project.recipients if one.is_one_on(day)]
    for card, unit in packs_of(project, period):
        met: set[str] = set()
        for recipient, units in seen:
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
        elif recipient.scope == "subtree":
            yield from tree.walk([unit])
        else:
            yield from tree.children[unit]


def _a_month_before(day: date) -> date:
    first = add_months(day.replace(day=1), -1)
    return first.replace(day=min(day.day, month_end(first).day))
