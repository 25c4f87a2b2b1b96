"""Declarations as they were: every file of a project that a run used, in the archive, named by one digest.

A snapshot is a landed object too: a list of file names and digests. The journal says from when on which one was used.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from warehouse import journal
from warehouse.home import Home, temporary
from warehouse.landing import intact, land_bytes

KIND = "declarations"


@dataclass(frozen=True)
class Snapshot:
    """Declarations that were first used on a day: the digest of their list, and the place in the journal."""

    digest: str
    known_on: date
    seq: int


def archive(home: Home, files: Mapping[str, bytes]) -> Snapshot:
    """Keep the declarations (names below the project to bytes), and record them where they are not the last ones."""
    names = {name: land_bytes(home, content) for name, content in sorted(files.items())}
    digest = land_bytes(home, json.dumps(names, sort_keys=True, ensure_ascii=False).encode())
    last = snapshots(home)
    if last and last[-1].digest == digest:
        return last[-1]
    today = datetime.now(UTC).date()
    # A clock that was set back must not put a change before what it changed.
    known_on = max(today, last[-1].known_on) if last else today
    entry = journal.append(home, KIND, digest, {"known_on": known_on.isoformat()})
    return Snapshot(digest, known_on, entry.seq)


def snapshots(home: Home) -> list[Snapshot]:
    """All snapshots, oldest first."""
    return [
        Snapshot(entry.key, date.fromisoformat(entry.body["known_on"]), entry.seq)
        for entry in journal.entries(home, KIND)
    ]


def in_force(home: Home, day: date) -> Snapshot | None:
    """The declarations known on a day: the last ones used until then, or the first ever; None where there are none."""
    found = snapshots(home)
    return next((one for one in reversed(found) if one.known_on <= day), found[0] if found else None)


def names_of(home: Home, digest: str) -> dict[str, str]:
    """The files of a snapshot, each with its digest."""
    found: dict[str, str] = json.loads(intact(home, digest).read_bytes())
    return found


def restored(home: Home, digest: str) -> Path:
    """A folder that holds the declarations of a snapshot; made where it is not there yet."""
    folder = home.declarations / digest
    if not folder.exists():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = temporary(folder)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            for name, object_digest in names_of(home, digest).items():
                target = work / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(intact(home, object_digest), target)
            work.rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return folder
