"""How long one process waits for another that holds what it needs, and how that one is named."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from scorecards.errors import HomeBusy
from warehouse.home import Home

FILE = "at_work.lock"
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


def take(descriptor: int) -> bool:
    """Take the lock of an open file, waiting as long as patience lasts, and note in it who has it; False in vain."""
    for _ in waits():
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return True
    return False


def is_held(file: Path) -> bool:
    """Whether a process has the lock of a file now. Raises ``OSError`` where its file system keeps no locks."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holder(file: Path) -> str:
    """The id of the process that last took the lock of a file; empty where none is noted."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def held(home: Home) -> HomeBusy:
    """The error of one who waited in vain: it names the process that last took the home."""
    process = holder(home.root / FILE)
    who = f"process {process}" if process else "another process"
    return HomeBusy(f"The home {home.root} is held by {who}. Wait until it ends, or end it, then run again.")
