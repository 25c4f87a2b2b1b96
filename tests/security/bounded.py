"""Work in a process that may take so much memory and time: what a hostile file costs is measured from outside."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GIB = 3
SECONDS = 120


@dataclass(frozen=True)
class Ended:
    """How the process ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """What was printed as JSON; the process ended well."""
        assert self.code == 0, self.err[-2000:]
        found: dict[str, Any] = json.loads(self.out)
        return found


def bounded(*command: str, gib: float = GIB, seconds: int = SECONDS) -> Ended:
    """Run a Python command (``-m module …``) within bounds; one that needs more fails the test."""
    most = int(gib * (1 << 30))
    limits = (resource.RLIMIT_AS, (most, most)), (resource.RLIMIT_CORE, (0, 0))

    def limit() -> None:
        for kind, bounds in limits:
            resource.setrlimit(kind, bounds)

    ended = subprocess.run(
        [sys.executable, *command],
        capture_output=True, text=True, check=False, timeout=seconds, preexec_fn=limit,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert "Traceback" not in ended.stdout + ended.stderr, ended.stderr[-3000:]
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def staged(file: Path, gib: float = GIB, **changes: Any) -> dict[str, Any]:
    """What staging says of a delivered file: ``refused`` (or None), ``rows``, ``rejected``, ``reasons``."""
    return bounded("-m", "tests.security.stage_one", str(file), json.dumps(changes), gib=gib).told
