"""The AdventureWorks example run as a user runs it, for tests that compare it with the raw files."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tests.reference import adventure_works_sql as sql

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = REPOSITORY / "examples" / "adventure_works"
SHARED = sql.shared_data()
WITHOUT_FILES = "no AdventureWorks files: neither ../shared/data beside the checkout nor SCOREPACK_SHARED_DATA is there"

ORGANISATIONS = {
    "1": "adventure_works", "2": "north_america", "3": "northeast", "4": "northwest", "5": "central", "6": "southeast",
    "7": "southwest", "8": "canada", "9": "europe", "10": "pacific", "11": "france", "12": "germany", "13": "australia",
    "14": "usa",
}  # fmt: skip
GROUPS = {
    "Executive General and Administration": "general_administration", "Inventory Management": "inventory_management",
    "Manufacturing": "manufacturing", "Quality Assurance": "quality", "Research and Development": "research",
    "Sales and Marketing": "sales_and_marketing",
}  # fmt: skip


def scorepack(home: Path, *arguments: str) -> str:
    call = [sys.executable, "-m", "pipelines.cli.app", *arguments, "--project", str(PROJECT), "--home", str(home)]
    done = subprocess.run(call, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(call)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def exported(home: Path, table: str) -> list[dict[str, str]]:
    file = home / f"{table}.csv"
    scorepack(home, "export", table, "--to", str(file))
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def by_unit(grid: sql.Grid, units: Mapping[str, str]) -> dict[tuple[str, date], float]:
    """The auditor's figures under the project's unit ids."""
    return {(units[place], month): value for (place, month), value in grid.items()}
