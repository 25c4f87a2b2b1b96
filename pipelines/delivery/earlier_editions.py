"""What the editions before one said: whether a reader who has one of them has the same figures already."""

from __future__ import annotations

from pipelines.delivery.gate import Gate
from pipelines.steps.edition_comparing import packs_that_differ
from pipelines.steps.pack_messages import frozen_messages
from pipelines.steps.setting import Setting
from warehouse.editions import Edition, editions


class EarlierEditions:
    """The editions before one, as far as they say the same; what is found out of one is asked for by many packs."""

    def __init__(self, setting: Setting, edition: Edition) -> None:
        self._setting, self._edition = setting, edition
        self._known = {one.number: one for one in editions(setting.home, edition.period)}
        self._differing: dict[int, set[tuple[str, str]]] = {}

    def say_the_same(self, number: int, door: Gate) -> bool:
        """Whether a pack has the figures that it had in an earlier edition, whatever those between said."""
        between = range(number + 1, self._edition.number + 1)
        return not any(self._changes(self._known[each], door) for each in between) or (
            len(between) > 1 and (door.scorecard, door.unit) not in self._since(number)
        )

    def _changes(self, edition: Edition, door: Gate) -> bool:
        """Whether an edition says of itself that a pack differs from the one before; also where it has no such pack."""
        said = frozen_messages(self._setting.home, edition).get((door.scorecard, door.unit))
        return said is None or next(iter(said.values())).changes > 0

    def _since(self, number: int) -> set[tuple[str, str]]:
        if number not in self._differing:
            self._differing[number] = packs_that_differ(self._setting, self._known[number], self._edition)
        return self._differing[number]
