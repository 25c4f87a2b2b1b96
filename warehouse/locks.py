"""One process at a time: a lock that dies with its holder, and how long others wait for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from scorecards.errors import HomeBusy
from warehouse.home import Home

_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.1


def patience() -> float:
    """Seconds to wait for another process: SCOREPACK_WAIT_SECONDS where it is set, else 30."""
    with contextlib.suppress(ValueError):
        return max(0.0, float(os.environ.get("SCOREPACK_WAIT_SECONDS", _PATIENCE_SECONDS)))
    return _PATIENCE_SECONDS


def waits() -> Iterator[None]:
    """Yields for every attempt that may still be made, pausing between them; ends when patience does."""
    deadline = time.monotonic() + patience()
    yield
    while time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        yield


@contextmanager
def taking_in(home: Home) -> Iterator[None]:
    """Hold the home's lock for taking in deliveries.

    Raises ``HomeBusy`` naming the process that holds it when it does not come free in time. The system frees the lock
    of a process that was killed; the file stays.
    """
    path = home.root / "taking_in.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HomeBusy(
            f"The home {home.root} cannot be written: {error.strerror}. Choose another with --home."
        ) from None
    try:
        for _ in waits():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                continue
        else:
            holder = os.pread(descriptor, 20, 0).decode().strip()
            who = f"process {holder}" if holder else "another process"
            raise HomeBusy(f"Deliveries are being taken in by {who}. Wait until it ends, or end it, then run again.")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
