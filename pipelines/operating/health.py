"""How an installation stands, in figures, read as it is: nothing is made, changed or waited for.

Belongs here: where the figures come from. Which there are is ``measures.py``. Times are given as times, not as ages:
whoever reads them counts from then, also when nobody writes them any more.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import get_args

from pipelines.delivery.calendar import standing
from pipelines.delivery.telling import KIND as ALERT
from pipelines.jobs import DELIVER, MONTH_END
from pipelines.operating.measures import MEASURES, Sample
from pipelines.steps.freshness import due_months, late
from pipelines.steps.ingest import states
from pipelines.steps.setting import Setting
from scorecards.errors import DeclarationError, HomeBusy
from scorecards.periods import period_text
from scorecards.project import load_project
from transforms.pack_tables import packs_of
from warehouse import journal
from warehouse.editions import editions
from warehouse.examining import journal_state, lock_holder
from warehouse.home import Home
from warehouse.ledger import LOCK, State, last_records
from warehouse.locks import FILE
from warehouse.selection import all_loads
from warehouse.store import open_warehouse
from warehouse.tables import SCORES
from warehouse.working import is_unfinished

_MONTHS = 3
_MAILS = ("accepted", "written", "refused", "failed", "unknown", "sending")
Part = Iterator[Sample]


def health(root: Path, home: Path | None = None, extracts: Path | None = None) -> list[Sample]:
    """Every figure that can be read now. A part that cannot be is left out, and said to be.

    Raises ``CallError`` where the folder is no project.
    """
    place, now = Home(home or root / ".scorepack"), datetime.now(UTC)
    setting: Setting | None
    try:
        setting = Setting(load_project(root, extracts), place)
    except DeclarationError:
        setting = None
    found = [
        _one("scorepack_info", 1, version("scorepack")),
        _one("scorepack_health_timestamp_seconds", now.timestamp()),
        _one("scorepack_declarations_sound", setting is not None),
    ]
    parts: dict[str, Callable[[], Part]] = {name: partial(part, place) for name, part in _PARTS.items()}
    for name, told in _PARTS_OF_PROJECTS.items():
        parts[name] = partial(_with_setting, told, setting, now)
    for name, read in parts.items():
        try:
            samples, is_known = list(read()), True
        except Exception:  # whatever one part meets, the others are told, and that it met something
            samples, is_known = [], False
        found += [_one("scorepack_health_part_known", is_known, name), *samples]
    return found


def _one(name: str, value: float, *labels: str) -> Sample:
    return Sample(name, float(value), dict(zip(MEASURES[name].labels, labels, strict=True)))


def _with_setting(told: Callable[[Setting, datetime], Part], setting: Setting | None, now: datetime) -> Part:
    """A part of a sound project with a sound journal; one of an older version is not migrated by looking at it."""
    found = journal_state(setting.home) if setting is not None else None
    if setting is None or (found is not None and (found.flaw or found.is_older)):
        raise HomeBusy("Declarations or journal cannot be read.")
    yield from told(setting, now)


def _runs(home: Home) -> Part:
    from pipelines.instance import heartbeats, last_ends

    has_run = (home.dagster / "dagster.yaml").exists()
    ends = last_ends(home) if has_run else {}
    # What never was is told too: a rule compares nothing with a series that is not there.
    for job, is_good in product((MONTH_END, DELIVER), (True, False)):
        at = ends.get((job, is_good))
        told = at.timestamp() if at is not None else 0
        yield _one("scorepack_run_ended_timestamp_seconds", told, job, "well" if is_good else "badly")
    for daemon, at in (heartbeats(home) if has_run else {}).items():
        yield _one("scorepack_daemon_alive_timestamp_seconds", at.timestamp(), daemon)


def _locks(home: Home) -> Part:
    at_work, sending = lock_holder(home.root / FILE), lock_holder(home.root / LOCK)
    yield _one("scorepack_home_held", at_work is not None)
    if at_work is not None:
        yield _one("scorepack_home_held_since_timestamp_seconds", at_work.since.timestamp())
    yield _one("scorepack_sending", sending is not None)
    yield _one("scorepack_rebuild_unfinished", is_unfinished(home))


def _disk(home: Home) -> Part:
    place = next(folder for folder in (home.root.absolute(), *home.root.absolute().parents) if folder.exists())
    room = shutil.disk_usage(place)
    yield _one("scorepack_disk_free_bytes", room.free)
    yield _one("scorepack_disk_size_bytes", room.total)


def _journal(home: Home) -> Part:
    found = journal_state(home)
    is_gone = found is None and any(home.landing.glob("*/*"))
    yield _one("scorepack_journal_sound", not is_gone and (found is None or not found.is_damaged))
    if found is not None and not found.is_damaged:
        yield _one("scorepack_journal_version_known", not found.flaw)
    if found is not None and not found.flaw:
        yield _one("scorepack_journal_entries", found.entries)


def _extracts(setting: Setting, now: datetime) -> Part:
    for source_id in setting.project.sources:
        taken = [load.at for load in all_loads(setting.home, source_id) if load.refused is None]
        if taken:
            at = datetime.fromisoformat(max(taken)).timestamp()
            yield _one("scorepack_extract_taken_in_timestamp_seconds", at, source_id)
    yield from _checks(setting, due_months(setting, _MONTHS, now.date()), now.date())


def _checks(setting: Setting, months: Sequence[date], today: date) -> Part:
    """The checks of sources, as those of their assets, but as they stand now."""
    dated = [source_id for source_id, source in setting.project.sources.items() if not source.is_reference]
    absent = Counter(one.period for one in late(setting, months, today) if one.came_on is None)
    for month in months:
        here = Counter(states(setting, source_id, [month])[0].state for source_id in dated)
        counts = {"within_contract": here["refused"], "complete": here["missing"], "in_time": absent[month]}
        for check, count in counts.items():
            yield _one("scorepack_checks_failed", count, period_text(month), check)


def _scores(setting: Setting, now: datetime) -> Part:
    months = due_months(setting, _MONTHS, now.date())
    scored: Counter[date] = Counter()
    if setting.home.warehouse.exists():
        with open_warehouse(setting.home, read_only=True, patient=False) as warehouse:
            found = warehouse.read(SCORES, months, level=["scorecard"])
        scored.update(found.filter(found["score"].is_not_null())["period"])
    for month in months:
        wanted = len(packs_of(setting.project, month))
        yield _one("scorepack_scorecards", wanted, period_text(month))
        lacking = max(0, wanted - scored[month])
        yield _one("scorepack_checks_failed", lacking, period_text(month), "every_scorecard_is_scored")


def _months(setting: Setting, now: datetime) -> Part:
    newest = {edition.period: edition.number for edition in editions(setting.home)}
    closed, records = setting.closed(), last_records(setting.home)
    for month in due_months(setting, _MONTHS, now.date()):
        name, number = period_text(month), newest.get(month, 0)
        yield _one("scorepack_edition", number, name)
        yield _one("scorepack_closed", month in closed, name)
        last = [one for key, one in records.items() if (key.period, key.edition) == (month, number) and number]
        counts = Counter(one.state for one in last)
        for state in get_args(State):
            yield _one("scorepack_messages", counts[state], name, state)


def _gate(setting: Setting, now: datetime) -> Part:
    found = standing(setting, now)
    if found is None:
        return
    name, held = period_text(found.period), found.held.total()
    yield _one("scorepack_due_timestamp_seconds", found.due.timestamp(), name)
    yield _one("scorepack_gate_open_messages", found.ready, name)
    yield _one("scorepack_gate_shut_messages", held, name)
    yield _one("scorepack_late", found.is_late and bool(found.ready or held), name)


def _alerts(setting: Setting, _: datetime) -> Part:
    last = {entry.key: str(entry.body["state"]) for entry in journal.entries(setting.home, ALERT)}
    counts = Counter(last.values())
    for state in _MAILS:
        yield _one("scorepack_alert_mails", counts[state], state)


_PARTS: dict[str, Callable[[Home], Part]] = {"runs": _runs, "locks": _locks, "disk": _disk, "journal": _journal}
_PARTS_OF_PROJECTS: dict[str, Callable[[Setting, datetime], Part]] = {
    "extracts": _extracts,
    "scores": _scores,
    "months": _months,
    "gate": _gate,
    "alerts": _alerts,
}
