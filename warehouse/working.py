"""Being at work on a home: one process at a time, from the first step to the last, and after what was left is swept.

Reading needs none of this. Whatever writes records or tables does: runs, rebuilding, publishing, closing, sending.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scorecards.errors import HomeBusy
from warehouse.home import Home, replace_bytes
from warehouse.locks import waits
from warehouse.sweeping import sweep

FILE, UNFINISHED = "at_work.lock", "rebuild.unfinished"
_HELD: set[Path] = set()


@contextmanager
def at_work(home: Home) -> Iterator[None]:
    """Hold the home, all of it, so that two runs never interleave; a process that holds it may ask again.

    First of all what killed processes left is swept away. Raises ``HomeBusy`` naming the process that holds the home
    when it does not come free in time, where the home cannot be written, and
    after a rebuild that was cut off. The system frees the lock of a process
    that was killed; the file stays.
    """
    place = home.root.resolve()
    if place in _HELD:
        yield
        return
    with _held(home, place):
        if (place / UNFINISHED).exists():
            raise HomeBusy(
                f"A rebuild of the home {home.root} was cut off, and not all of it has come back. "
                "Start it again: scorepack rebuild."
            )
        yield


@contextmanager
def rebuilding(home: Home) -> Iterator[None]:
    """Hold the home while everything in it is computed again; until that has ended well, nobody else is at work on it.

    Raises ``HomeBusy`` as ``at_work`` does.
    """
    place = home.root.resolve()
    with _held(home, place):
        replace_bytes(place / UNFINISHED, b"")
        yield
        (place / UNFINISHED).unlink()


@contextmanager
def _held(home: Home, place: Path) -> Iterator[None]:
    try:
        # No child inherits it: a lock must not outlive the run that it belongs to.
        descriptor = os.open(place / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HomeBusy(
            f"The home {home.root} cannot be written: {error.strerror}. Choose another with --home."
        ) from None
    try:
        _wait_for(home, descriptor)
        _HELD.add(place)
        sweep(home)
        yield
    finally:
        _HELD.discard(place)
        os.close(descriptor)


def _wait_for(home: Home, descriptor: int) -> None:
    for _ in waits():
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return
    holder = os.pread(descriptor, 20, 0).decode().strip()
    who = f"process {holder}" if holder else "another process"
    raise HomeBusy(f"The home {home.root} is held by {who}. Wait until it ends, or end it, then run again.")
