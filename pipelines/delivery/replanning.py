"""What was planned, looked at again before each message: a sending takes long, and others decide meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from pipelines.delivery.gate import newest_edition
from pipelines.delivery.plan import AGAIN, FAILED, Planned, plan
from pipelines.steps.setting import Setting, open_setting, today
from scorecards.periods import period_text
from warehouse import approvals, editions, journal, withdrawals
from warehouse.ledger import Key

_FILES = ("recipients.yaml", "delivery.yaml", "units.csv")
_TAKEN_AWAY = "its pack or its reader was taken away while others were sent"


class Replanning:
    """Plans a month anew where anything was decided or taken in since: packs, editions, deliveries, readers."""

    def __init__(self, setting: Setting, period: date, edition: int, transport: str) -> None:
        self._setting, self._period, self._edition, self._transport = setting, period, edition, transport
        self._seen = self._mark()
        self._anew: dict[Key, Planned] | None = None

    def now(self, one: Planned) -> Planned:
        """The message as it stands now; ``held`` where it is not to leave any more.

        Raises ``DeclarationError`` and ``CallError`` where the project cannot be read any more.
        """
        mark = self._mark()
        if mark != self._seen:
            self._seen, self._anew = mark, self._planned()
        if self._anew is None:
            return one
        found = self._anew.get(one.key)
        return replace(found, before=one.before) if found is not None else replace(one, held=_TAKEN_AWAY)

    def _planned(self) -> dict[Key, Planned]:
        project = self._setting.project
        setting = open_setting(project.root, self._setting.home.root, project.extracts)
        edition = newest_edition(setting, self._period)
        if edition.number != self._edition:
            return {}
        tried = {*AGAIN, *FAILED}
        found = plan(setting, self._period, edition, self._transport, today(setting.project), tried)
        return {one.key: one for one in found}

    def _mark(self) -> tuple[object, ...]:
        month = period_text(self._period)
        # Data of any month may count for this one: the gate says whether they do.
        of_month = ((kind, month) for kind in (editions.KIND, editions.CONFIRMED, approvals.KIND))
        asked = (*of_month, (withdrawals.KIND, None), ("load", None))
        files = tuple(_state(self._setting.project.root / name) for name in _FILES)
        return (*journal.last_of(self._setting.home, *asked), *files)


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
