"""Being at work on a home: one process at a time, from the first step to the last, and after what was left is swept.

Reading needs none of this. Whatever writes records or tables does: runs, rebuilding, publishing, closing, sending.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scorecards.errors import HomeBusy, ScorepackError
from warehouse import journal
from warehouse.home import Home, replace_bytes
from warehouse.locks import FILE, held, take
from warehouse.sweeping import sweep

UNFINISHED = "rebuild.unfinished"
_HELD: set[Path] = set()
# As the system, SQLite and DuckDB say it.
_UNWRITABLE = re.compile(
    r"No space left on device|disk is full|disk I/O error|Disk quota exceeded|Read-only file system|"
    r"readonly database|unable to open database file|File too large",
    re.IGNORECASE,
)


@contextmanager
def at_work(home: Home, *, is_rebuilt: bool = False) -> Iterator[None]:
    """Hold the home, all of it, so that two runs never interleave; a process that holds it may ask again.

    First of all what killed processes left is swept away. Raises ``HomeBusy`` naming the process that holds the home
    when it does not come free in time, where the home cannot be written, and after a rebuild that was cut off, unless
    who asks goes on to do it (``is_rebuilt``). The system frees the lock of a process that was killed; the file stays.
    """
    place = home.root.resolve()
    if place in _HELD:
        yield
        return
    with told_where_unwritable(home), _held(home, place):
        if is_unfinished(home) and not is_rebuilt:
            raise _cut_off(home, "was cut off")
        yield


@contextmanager
def rebuilding(home: Home) -> Iterator[None]:
    """Hold the home while everything in it is computed again; until that has ended well, nobody else is at work on it.

    Raises ``HomeBusy`` as ``at_work`` does.
    """
    place = home.root.resolve()
    with told_where_unwritable(home), _held(home, place):
        begin_rebuild(home)
        yield
        (place / UNFINISHED).unlink()


def is_unfinished(home: Home) -> bool:
    """Whether a rebuild was cut off, so that not all has come back that was computed."""
    return (home.root / UNFINISHED).exists()


def require_whole(home: Home) -> None:
    """Raise ``HomeBusy`` where a rebuild is under way or was cut off: tables would be shown that are not all back."""
    if is_unfinished(home):
        raise _cut_off(home, "is under way or was cut off")


def _cut_off(home: Home, how: str) -> HomeBusy:
    return HomeBusy(
        f"A rebuild of the home {home.root} {how}, and not all of it has come back. Start it again: scorepack rebuild."
    )


def begin_rebuild(home: Home) -> None:
    """Note that what is computed is not to be trusted until a rebuild has ended well, even where this process does not.

    Only for a process that is ``at_work``.
    """
    replace_bytes(home.root / UNFINISHED, b"")


def tells_of_unwritable(words: str) -> bool:
    """Whether a system's or a program's words say that a disk is full or cannot be written."""
    return _UNWRITABLE.search(words) is not None


@contextmanager
def told_where_unwritable(home: Home) -> Iterator[None]:
    """Tell a full disk and a home that can only be read as ``HomeBusy``, whichever program met it."""
    try:
        yield
    except ScorepackError:
        raise
    except Exception as error:
        found = _UNWRITABLE.search(str(error))
        if found is None:
            raise
        words = "no space is left on its disk" if home.is_full else found[0]
        raise HomeBusy(
            f"The home {home.root} cannot be written: {words}. Make room for it, or choose another --home. "
            "What was committed stays; the same command goes on from there."
        ) from None


@contextmanager
def _held(home: Home, place: Path) -> Iterator[None]:
    if place in _HELD:
        yield
        return
    try:
        # No child inherits it: a lock must not outlive the run that it belongs to.
        descriptor = os.open(place / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HomeBusy(
            f"The home {home.root} cannot be written: {error.strerror}. Choose another with --home."
        ) from None
    try:
        if not take(descriptor):
            raise held(home)
        _HELD.add(place)
        sweep(home)
        # Made now: from then on an archive without a journal shows that it was lost.
        with journal.kept_open(home), _temporary_files_inside(home, place):
            yield
    finally:
        _HELD.discard(place)
        os.close(descriptor)


@contextmanager
def _temporary_files_inside(home: Home, place: Path) -> Iterator[None]:
    """Give whoever asks the system for a temporary file one inside the home: libraries and child processes too.

    They do not clean up after a kill; inside the home the next one at work sweeps what they left.
    """
    before, named = tempfile.tempdir, os.environ.get("TMPDIR")
    try:
        # A new name each time: what a library keeps in such a folder is not looked for in the next one.
        folder = tempfile.mkdtemp(prefix=".work-", suffix=f".{os.getpid()}.tmp", dir=place)
    except OSError as error:
        raise HomeBusy(f"The home {home.root} cannot be written: {error.strerror}. Make room for it.") from None
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        tempfile.tempdir = before
        if named is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = named
        shutil.rmtree(folder, ignore_errors=True)
