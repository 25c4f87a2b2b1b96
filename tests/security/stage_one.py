"""Stage one file against the contract of the warehouse's tests and print what came of it; run by ``bounded.py``."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from scorecards.errors import ScorepackError
from tests.warehouse.conftest import contract
from warehouse.checking import staging_connection
from warehouse.staging import File, Terms, stage


def main(path: Path, changes: str) -> None:
    """Print the outcome as JSON."""
    try:
        source = contract(path=path.name, **json.loads(changes))
        with staging_connection(path.parent) as connection:
            file = File(path, path.name, path.parent / "accepted.parquet", path.parent / "rejects.parquet")
            [found] = stage(connection, [file], source, Terms(date(2024, 1, 1), ["north"]))
    except ScorepackError as error:
        print(json.dumps({"refused": str(error)}))
        return
    print(
        json.dumps(
            {
                "refused": found.refused,
                "rows": found.rows,
                "rejected": found.rejected,
                "reasons": dict(list(found.reasons.items())[:20]),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
