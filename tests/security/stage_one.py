"""Stage one file against the contract of the warehouse's tests and print what came of it; run by ``bounded.py``."""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from scorecards.errors import ScorepackError
from tests.warehouse.conftest import contract
from warehouse.checking import staging_connection
from warehouse.staging import File, Terms, stage


def main(path: Path, changes: str) -> None:
    """Print the outcome as JSON, with what it took: seconds, and the most memory of a process in GiB."""
    before = time.monotonic()
    outcome = _outcome(path, json.loads(changes))
    seconds = time.monotonic() - before
    # Our own as the kernel knows it of this program: what ``getrusage`` says holds what was there before it began.
    own = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert own
    most = max(int(own[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(json.dumps({**outcome, "seconds": round(seconds, 2), "gib": round(most / (1 << 20), 3)}))


def _outcome(path: Path, changes: dict[str, Any]) -> dict[str, Any]:
    try:
        source = contract(path=path.name, **changes)
        with staging_connection(path.parent) as connection:
            file = File(path, path.name, path.parent / "accepted.parquet", path.parent / "rejects.parquet")
            [found] = stage(connection, [file], source, Terms(date(2024, 1, 1), ["north"]))
    except ScorepackError as error:
        return {"refused": str(error)}
    return {
        "refused": found.refused,
        "rows": found.rows,
        "rejected": found.rejected,
        "reasons": dict(list(found.reasons.items())[:20]),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
