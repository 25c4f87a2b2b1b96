"""How long one process waits for another that holds what it needs."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

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
