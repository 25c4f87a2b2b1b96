"""Work in a process that may take so much memory and time: what a hostile file costs is measured from outside."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

GIB = 3
SECONDS = 120
KINDS = {
    ".csv": "text", ".json": "JSON", ".jsonl": "JSON Lines", ".parquet": "Parquet", ".gz": "packed", ".zst": "packed",
    ".zip": "packed", ".xlsx": "workbook", ".xls": "workbook", ".ods": "workbook",
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What a refusal of a kind of file takes at most."""

    gib: float
    seconds: float


def _costs() -> dict[str, Cost]:
    """The threat model's table."""
    page = (Path(__file__).parents[2] / "docs" / "threat-model.md").read_text(encoding="utf-8")
    table = page.partition("## What a refusal costs")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\S[^|]*) \|[^|]*\| ([\d.]+) GiB \| (\d+) s \|$", table, re.MULTILINE)
    return {kind: Cost(float(gib), float(seconds)) for kind, gib, seconds in rows}


COSTS = _costs()


@dataclass(frozen=True)
class Ended:
    """How the process ended, what it printed, and what it took: the most memory of one process, and seconds."""

    code: int
    out: str
    err: str
    gib: float
    seconds: float

    @property
    def told(self) -> dict[str, Any]:
        """What was printed as JSON; the process ended well."""
        assert self.code == 0, self.err[-2000:]
        found: dict[str, Any] = json.loads(self.out)
        return found


def bounded(*command: str, gib: float = GIB, seconds: float = SECONDS) -> Ended:
    """Run a Python command (``-m module …``) within bounds; one that needs more fails the test."""
    most = int(gib * (1 << 30))
    limits = (resource.RLIMIT_AS, (most, most)), (resource.RLIMIT_CORE, (0, 0))
    began = time.monotonic()
    with TemporaryFile() as out, TemporaryFile() as err:
        process = subprocess.Popen([sys.executable, *command], stdout=out, stderr=err, cwd=Path(__file__).parents[2])
        for kind, bounds in limits:
            resource.prlimit(process.pid, kind, bounds)
        most_held = 0
        while process.poll() is None:
            most_held = max(most_held, _most_held(process.pid))
            if time.monotonic() - began > seconds:
                process.kill()
            time.sleep(0.02)
        took = time.monotonic() - began
        told = []
        for stream in (out, err):
            stream.seek(0)
            told.append(stream.read().decode())
    assert took < seconds, f"{command} was ended after {took:.0f} seconds"
    assert "Traceback" not in "".join(told), told[1][-3000:]
    return Ended(process.returncode, *told, round(most_held / (1 << 20), 3), round(took, 2))


def _most_held(process: int) -> int:
    """The most memory that a process or one of its children has held so far, in KiB, as the kernel knows it."""
    try:
        below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        own = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return max(int(own[1]) if own else 0, *map(_most_held, map(int, below)), 0)


def refused(kind: str, *command: str) -> Ended:
    """How a command of ours ended, which took no more than the threat model states for what it refuses."""
    most = COSTS[kind]
    ended = bounded("-m", "pipelines.cli.app", *command)
    assert ended.gib <= most.gib, ended
    assert ended.seconds <= most.seconds, ended
    return ended


def staged(file: Path, **changes: Any) -> dict[str, Any]:
    """What staging says of a delivered file: ``refused`` (or None), ``rows``, ``rejected``, ``reasons``.

    It takes no more memory and time than the threat model states for its kind of file.
    """
    most = COSTS[KINDS[file.suffix]]
    found = bounded("-m", "tests.security.stage_one", str(file), json.dumps(changes)).told
    assert found["gib"] <= most.gib, found
    assert found["seconds"] <= most.seconds, found
    return found
