"""Work in a process that may take so much memory and time: what a hostile file costs is measured from outside."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
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


def staged(file: Path, **changes: Any) -> dict[str, Any]:
    """What staging says of a delivered file: ``refused`` (or None), ``rows``, ``rejected``, ``reasons``.

    It takes no more memory and time than the threat model states for its kind of file.
    """
    most = COSTS[KINDS[file.suffix]]
    found = bounded("-m", "tests.security.stage_one", str(file), json.dumps(changes)).told
    assert found["gib"] <= most.gib, found
    assert found["seconds"] <= most.seconds, found
    return found
