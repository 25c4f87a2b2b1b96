"""How the newest month stands against the hour by which its packs are due: what could leave, and what is held back.

Belongs here: what schedule and sensor ask. When a month is due is ``scorecards.working_days``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.delivery.lost import OF_NO_UNIT, lost_packs
from pipelines.delivery.plan import plan
from pipelines.delivery.transport import transport_from_environment
from pipelines.steps.setting import Setting, newest_over
from scorecards.periods import period_text
from scorecards.working_days import due_moment
from warehouse.editions import editions
from warehouse.store import open_warehouse
from warehouse.tables import PACKS, SCORES, Table

# After an attempt that did not succeed, the sensor leaves a message alone for so long.
_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True)
class Standing:
    """The newest month that is over: when it is due, how many messages could leave now, and why others could not.

    ``is_time`` says whether packs may leave yet, ``is_late`` whether the due hour has passed; ``edition`` is 0 before
    the month is published.
    """

    period: date
    due: datetime
    is_time: bool
    is_late: bool
    edition: int
    ready: int
    held: Counter[str]


def standing(setting: Setting, now: datetime) -> Standing | None:
    """How the newest month stands at a moment; None where the project declares no hour."""
    project, declared = setting.project, setting.project.delivery
    if declared.due is None:
        return None
    zone = project.organisation.time_zone
    day = now.astimezone(ZoneInfo(zone)).date()
    period = project.calendar.newest_over(day)
    due = due_moment(declared.due, project.calendar.last_day(period), zone)
    is_time = declared.due.early or now >= due
    found = editions(setting.home, period)
    if not found:
        is_ready = declared.approval == "automatic" and is_time and _has(setting, PACKS, period)
        why = Counter(() if is_ready else ("the month is not published",))
        return Standing(period, due, is_time, now >= due, 0, int(is_ready), why)
    transport = transport_from_environment(setting.home, period_text(period))
    messages = plan(setting, period, found[-1], transport.name, day)
    open_ones = [one for one in messages if one.is_due]
    held: Counter[str] = Counter(
        one.held for one in messages if one.held and (one.before is None or one.before.state in ("planned", "failed"))
    )
    if gone := lost_packs(setting, period, found[-1]):
        held[OF_NO_UNIT] += len(gone)
    ready = sum(one.before is None or _is_rested(one.before.at, one.before.state, now) for one in open_ones)
    return Standing(period, due, is_time, now >= due, found[-1].number, ready, held)


def newest_to_send(setting: Setting) -> date:
    """The newest published month; where publishing needs nobody, the newest that is over, once it is computed."""
    last = newest_over(setting.project)
    published = max((one.period for one in editions(setting.home)), default=last)
    if setting.project.delivery.approval != "automatic" or published >= last:
        return published
    return last if _has(setting, SCORES, last) else published


def _is_rested(at: str, state: str, now: datetime) -> bool:
    return state == "planned" or abs(now - datetime.fromisoformat(at)) >= _PAUSE


def _has(setting: Setting, table: Table, period: date) -> bool:
    if not setting.home.warehouse.exists():
        return False
    # While a run is at work nothing is ready: it is asked again soon.
    with open_warehouse(setting.home, read_only=True, patient=False) as warehouse:
        return not warehouse.read(table, [period]).is_empty()


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
