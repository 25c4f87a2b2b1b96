"""Commands as processes that can be killed: started by the warm process, known by their ids."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Warm:
    """The warm process (``warm.py``)."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        # Each worker would compile every module anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.warm"], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._answer() == "ready"

    def ask(self, order: Mapping[str, Any]) -> int:
        """Send an order; the answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        """End it; commands that still run are orphans, and nobody leaves any."""
        self._process.communicate()


@contextmanager
def warmed() -> Iterator[Warm]:
    """A warm process for a while."""
    warm = Warm()
    try:
        yield warm
    finally:
        warm.end()


@dataclass(frozen=True)
class Command:
    """One command on a project and a home; ``log`` gets what it prints."""

    warm: Warm
    project: Path
    home: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, acts: int | None = None) -> int:
        """Start it; returns the id of its process, which is that of its group too."""
        self.log.write_text("")
        own = {"TMPDIR": str(self.temporary), "SCOREPACK_WAIT_SECONDS": "0.5", "TZ": "UTC"}
        self.temporary.mkdir(exist_ok=True)
        order = {
            "arguments": [*arguments, "--project", str(self.project), "--home", str(self.home)],
            "environment": {**own, **self.environment}, "folder": str(self.temporary), "log": str(self.log),
            "acts": acts, "home": str(self.home), "counted": str(self.counted),
        }  # fmt: skip
        return self.warm.ask(order)

    @property
    def temporary(self) -> Path:
        """Where the system has temporary files lie, and where the command is started: nothing may be left there."""
        return self.log.with_suffix(".tmp")

    @property
    def counted(self) -> Path:
        """Where the number of acts is written down."""
        return self.log.with_suffix(".acts")

    def wait(self, process: int) -> int:
        """The exit code; below 0 the signal that ended it."""
        return self.warm.ask({"wait": process})

    def run(self, *arguments: str, acts: int | None = None) -> str:
        """Run it to its end; returns what it printed. Fails where it does not end well."""
        code = self.wait(self.start(*arguments, acts=acts))
        text = self.log.read_text()
        assert code == 0, f"exit code {code}: {text}"
        return text

    def fail(self, *arguments: str) -> str:
        """Run it to its end, which must be an error that is told; returns what it printed."""
        code = self.wait(self.start(*arguments))
        text = self.log.read_text()
        assert code in (1, 2), f"exit code {code}: {text}"
        assert "Traceback" not in text, text
        return text

    def killed_after(self, seconds: float, *arguments: str, only_main: bool = False) -> bool:
        """Start it and kill its whole group, or the one process that a kernel out of memory would choose.

        Returns whether it was still running.
        """
        process = self.start(*arguments)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            (os.kill if only_main else os.killpg)(process, signal.SIGKILL)
        return self.wait(process) == -signal.SIGKILL

    def killed_before(self, act: int, *arguments: str) -> bool:
        """Start it and have it killed right before one of its acts on files (``warm.py``); whether it came so far."""
        return self.wait(self.start(*arguments, acts=act)) == -signal.SIGKILL

    @property
    def step(self) -> str:
        """The step at which it was when it ended."""
        lines = self.log.read_text().splitlines()
        return next((line for line in reversed(lines) if line in STEPS), "before the first step")


STEPS: Sequence[str] = (
    "opening", "staging", "measures", "KPI values", "scores", "signals", "insight", "packs", "analysts' copy",
    "outcome",
)  # fmt: skip
