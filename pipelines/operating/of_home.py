"""Findings about the home: may it be written and by nobody else read, is there room, and are its parts sound."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path

from pipelines.operating.findings import Found, Patient, fine, mend, note
from pipelines.steps.setting import Setting
from scorecards.errors import CallError
from scorecards.groups import NOTHING, telling_of
from scorecards.words import plural
from warehouse.examining import journal_state, lock_holder, warehouse_state
from warehouse.home import temporary
from warehouse.ledger import LOCK
from warehouse.locks import FILE
from warehouse.migrations import MIGRATIONS
from warehouse.selection import lost_rows, spread
from warehouse.working import is_unfinished

_LEAST_FREE = 500_000_000
_LEAST_FILES = 2_000
_LONG = timedelta(hours=6)
_MOST_LOOKED_AT = 5_000


def permissions(patient: Patient) -> Iterator[Found]:
    """Whether every folder of the home can be written, by this user, and read by nobody else."""
    home = patient.home
    if not home.root.exists():
        above = next(folder for folder in home.root.absolute().parents if folder.exists())
        if _flaw(above):
            yield mend(f"{home.root} cannot be made: {_flaw(above)}.", "Choose another with --home or SCOREPACK_HOME.")
        else:
            yield note(f"There is no home yet; the first run makes {home.root}.")
        return
    folders = [home.root, home.landing, home.staging, home.quarantine, home.packs, home.outbox, home.dagster]
    flaws = {folder: _flaw(folder) for folder in folders if folder.exists()}
    bad = {folder: flaw for folder, flaw in flaws.items() if flaw}
    for folder, flaw in bad.items():
        yield mend(
            f"{folder} cannot be written: {flaw}.", "Give it to the user who runs Scorepack, or mount it to be written."
        )
    if bad:
        return
    states = dict(islice(_states(home.root), _MOST_LOOKED_AT))
    strange = [path for path, found in states.items() if found.st_uid != os.geteuid()]
    if strange:
        words = f"{plural(len(strange), 'file')} of another user, such as {strange[0]}: a run as that user left them."
        yield mend(words, f"chown -R {os.geteuid()} {home.root}")
    is_open = stat.S_IMODE(home.root.stat().st_mode) & 0o077
    shown = [path for path, found in states.items() if stat.S_ISREG(found.st_mode) and found.st_mode & 0o077]
    if is_open and shown:
        words = f"Others may enter {home.root} and read {plural(len(shown), 'file')}, such as {shown[0].name}."
        yield mend(words, f"chmod 700 {home.root}")
    elif is_open:
        yield mend(f"Others may enter {home.root}.", f"chmod 700 {home.root}")
    elif not strange:
        yield fine(f"{home.root} can be written, and read by its owner alone.")


def _states(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files and folders of a home, links apart. What a run removes meanwhile is passed over."""
    for folder, _, names in os.walk(root):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            with suppress(FileNotFoundError):
                found = path.lstat()
                if not stat.S_ISLNK(found.st_mode):
                    yield path, found


def _flaw(folder: Path) -> str:
    """Why a folder cannot be written, found by writing; empty where it can."""
    probe = temporary(folder / "doctor")
    try:
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def disk(patient: Patient) -> Iterator[Found]:
    """Whether there is room for a run: as much again as all that is computed, and half a gigabyte."""
    home = patient.home
    place = next(folder for folder in (home.root.absolute(), *home.root.absolute().parents) if folder.exists())
    room, files = shutil.disk_usage(place), os.statvfs(place)
    size = home.warehouse.stat().st_size if home.warehouse.exists() else 0
    least = _LEAST_FREE + 2 * size
    told = f"{room.free / 1e9:,.1f} GB of {room.total / 1e9:,.1f} GB are free"
    remedy = "Make room, or move the home to a larger disk: docs/operations.md, Moving to another machine."
    if room.free < least:
        yield mend(f"{told}; a run may need {least / 1e9:,.1f} GB.", remedy)
    elif files.f_files and files.f_favail < _LEAST_FILES:
        yield mend(f"{told}, but it can take {files.f_favail} more files only.", remedy)
    else:
        yield fine(f"{told} ({place}).")


def journal(patient: Patient) -> Iterator[Found]:
    """Whether the journal is there, sound, and of a version that this one reads."""
    home, found = patient.home, journal_state(patient.home)
    backup = "Bring it back from a backup: docs/operations.md, Restore."
    if found is None or not (found.version or found.entries or found.flaw):
        if any(home.landing.glob("*/*")):
            yield mend(f"{home.journal} is gone, and the archive holds deliveries.", backup)
        else:
            yield note("There is no journal yet; the first run makes it.")
    elif "newer version" in found.flaw:
        yield mend(f"{home.journal}: {found.flaw}.", "Install that version of Scorepack, or a newer one.")
    elif "never released" in found.flaw:
        yield mend(f"{home.journal}: {found.flaw}.", "Delete this home, or choose another with --home.")
    elif found.flaw:
        yield mend(f"{home.journal}: {found.flaw}.", backup)
    elif found.is_older:
        words = f"Its schema is {found.version}; the next command brings it to {len(MIGRATIONS)}."
        yield note(words, "Make a backup first: there is no way back to an older version.")
    else:
        yield fine(f"{plural(found.entries, 'entry', 'entries')}, schema {found.version}.")


def warehouse(patient: Patient) -> Iterator[Found]:
    """Whether the computed tables are sound and of this version; what is not can be computed anew."""
    home = patient.home
    if is_unfinished(home):
        yield mend("A rebuild was cut off, and not all has come back.", "scorepack rebuild")
    elif lost := _lost_rows(patient):
        yield mend(lost, "scorepack rebuild")
    found = warehouse_state(home)
    if found is None:
        yield note("Nothing is computed yet.")
    elif found.is_held and lock_holder(home.root / FILE) is None:
        words = f"Another program has {home.warehouse} open, and every run waits for it in vain."
        yield mend(words, f"Close it. Analysts read {home.analysts / 'current'} instead.")
    elif found.is_held:
        yield note("The run that is at work has it open.")
    elif found.flaw:
        yield mend(found.flaw.split(". ")[0] + ".", "scorepack rebuild")
    elif found.other_tables:
        words = f"Another version made it: {found.other_tables[0]} has other columns."
        yield mend(words, "scorepack rebuild")
    else:
        yield fine("Its tables are those of this version.")


def _lost_rows(patient: Patient) -> str:
    """Which rows that count are not there though the records know them; empty where all are, or nobody can know."""
    state = journal_state(patient.home)
    if patient.project is None or state is None or state.flaw or state.is_older:
        return ""
    setting = Setting(patient.project, patient.home)
    view = setting.view()
    try:
        for source_id, source in patient.project.sources.items():
            shown = spread(source, setting.loads(source_id), view)
            if lost := lost_rows(patient.home, (load for load, _ in shown)):
                return lost
    except CallError:  # a hash key that cannot be is found among the secrets
        return ""
    return ""


def analysts_copy(patient: Patient) -> Iterator[Found]:
    """Whether the analysts' copy is there and of what was computed last."""
    telling = NOTHING if patient.project is None else telling_of(patient.project)
    found = warehouse_state(patient.home, telling)
    if found is None:
        yield note("Nothing is computed yet.")
    elif found.is_held or found.flaw or found.other_tables:
        yield note("It is looked at when the warehouse can be read.")
    elif found.copy == "broken":
        yield mend(f"{patient.home.analysts / 'current'} leads nowhere.", "The next run or scorepack rebuild makes it.")
    elif found.copy == "current":
        yield fine("It holds what was computed last.")
    else:
        words = "There is none yet." if found.copy == "none" else "It is older than the warehouse."
        yield note(words, "The next run brings it up to date.")


def lock(patient: Patient) -> Iterator[Found]:
    """Whether a process holds the home or sends from it, for longer than any does, and whether locks work there."""
    told = ((FILE, "is at work on the home"), (LOCK, "is sending"))
    is_free = True
    for name, does in told:
        try:
            found = lock_holder(patient.home.root / name)
        except OSError as error:
            words = f"The disk of {patient.home.root} keeps no locks: {error.strerror}."
            yield mend(words, "Move the home to a local disk; some network file systems have none.")
            return
        if found is None:
            continue
        is_free = False
        words = f"Process {found.process} {does}, since {found.since:%Y-%m-%d %H:%M} UTC."
        if patient.now - found.since > _LONG:
            yield mend(words, f"See what it does, and end it: kill {found.process}. What it committed stays.")
        else:
            yield note(words, "A run that starts now waits half a minute for it, then gives up.")
    if is_free:
        yield fine("Nobody is at work on the home.")


def dagster(patient: Patient) -> Iterator[Found]:
    """Whether Dagster's home is ours, with one run at a time, and its daemon alive where it is to send."""
    folder, named = patient.home.dagster.resolve(), os.environ.get("DAGSTER_HOME")
    if named and Path(named).resolve() != folder:
        yield note(f"DAGSTER_HOME names {named}.", f"For this project it is {folder}; scorepack serve sets it.")
    settings = folder / "dagster.yaml"
    if settings.exists() and "max_concurrent_runs: 1" not in settings.read_text(encoding="utf-8", errors="replace"):
        yield mend(f"{settings} lets several runs at once.", "Delete it: the next command writes it anew.")
        return
    if not settings.exists():
        yield note("Dagster has not been used yet; the first run makes its home.")
        return
    from pipelines.instance import heartbeats

    beats = heartbeats(patient.home)
    last = max(beats.values(), default=None)
    has_hour = patient.project is not None and patient.project.delivery.due is not None
    if last is None:
        words = "No daemon has ever run here"
        more = "; delivery.yaml declares an hour, at which it would send." if has_hour else "."
        remedy = "Start scorepack serve as a service, or let cron send: docs/operations.md." if has_hour else ""
        yield note(words + more, remedy)
    elif patient.now - last > timedelta(minutes=5):
        words = f"The daemon was last alive on {last:%Y-%m-%d %H:%M} UTC."
        yield (mend if has_hour else note)(words, f"Start scorepack serve again; where cron sends, delete {folder}.")
    else:
        yield fine("Its daemon is alive.")
