"""Sweeping: what killed processes left in a home, removed before the next one begins.

Belongs here: temporary files, told by their names, and staged files that no load names. Packs that no row names are
for the step that renders packs. Nothing is removed that a record names, and nothing of the landing archive.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from scorecards.errors import HomeBusy
from warehouse.home import Home
from warehouse.selection import all_loads

_TEMPORARY = re.compile(r"\..*\.(\d+)\.tmp")


def sweep(home: Home) -> list[Path]:
    """Remove temporary files of processes that are gone, and staged files that no load names; returns what was removed.

    Only for a process that is ``working.at_work``. Raises ``HomeBusy`` where something cannot be removed.
    """
    found = [*_temporaries(home.root), *_unnamed(home)]
    try:
        for path in found:
            _remove(path)
    except OSError as error:
        raise HomeBusy(f"The home {home.root} cannot be written: {error}. Choose another with --home.") from None
    return found


def is_running(process: int) -> bool:
    """Whether there is a process of this id, other than this one."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _remove(path: Path) -> None:
    """Remove a file or a folder, also while a worker of a killed run still writes or deletes in it: it soon ends."""
    for wait in (0.1, 0.5, 2.0, None):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            if wait is None or error.errno not in (errno.ENOENT, errno.ENOTEMPTY):
                raise
            time.sleep(wait)
        else:
            return


def _temporaries(folder: Path) -> Iterator[Path]:
    """Temporary files and folders of processes that are gone, at any depth (``home.temporary`` names them)."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            name = _TEMPORARY.fullmatch(entry.name)
            if name and not is_running(int(name[1])):
                yield Path(entry.path)
            elif entry.is_dir(follow_symlinks=False) and entry.name != "history":
                yield from _temporaries(Path(entry.path))


def _unnamed(home: Home) -> Iterator[Path]:
    """Staged and quarantined rows of no load: their run was killed before its loads were recorded."""
    files = [path for folder in (home.staging, home.quarantine) for path in folder.glob("*/*.parquet")]
    if files:
        named = {load.id for load in all_loads(home)}
        yield from (path for path in files if path.name.partition(".")[0] not in named)
