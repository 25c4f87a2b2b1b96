"""A home as it must be after any disturbance: equal to that of an undisturbed run, to the last file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.steps.auditing import verify
from tests.small_company import SmallCompany, small_company
from warehouse import journal
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import TABLES

# Staged rows and states are derived, but their names are not random either: loads and months give them.
_KEPT = ("landing", "staging", "quarantine", "states", "packs", "outbox")


@dataclass(frozen=True)
class Left:
    """What a run left: tables sorted by their keys, the bytes of packs, the loads, the names of all files."""

    tables: dict[str, pl.DataFrame]
    packs: dict[str, bytes]
    loads: list[str]
    files: list[str]


def left(root: Path) -> Left:
    """What is in a home now."""
    home = Home(root)
    with open_warehouse(home) as warehouse:
        tables = {table.name: warehouse.read(table) for table in TABLES}
    packs = {path.relative_to(root).as_posix(): path.read_bytes() for path in home.packs.rglob("*.*")}
    loads = [entry.body["id"] for entry in journal.entries(home, "load")]
    return Left(tables, packs, loads, sorted(_names(root)))


def _names(root: Path) -> Iterator[str]:
    for folder in _KEPT:
        for path in (root / folder).rglob("*"):
            if path.is_file():
                yield path.relative_to(root).as_posix()


def faults(root: Path, expected: Left, temporary: Path) -> list[str]:
    """Everything that is other than after an undisturbed run; none for a home that is as it must be.

    ``temporary`` is the folder in which the commands were to put temporary files.
    """
    found = left(root)
    told = [f"table {name} differs" for name, frame in expected.tables.items() if not frame.equals(found.tables[name])]
    told += [f"pack {name} differs" for name, content in expected.packs.items() if found.packs.get(name) != content]
    told += [f"load {one} twice" for one in set(found.loads) if found.loads.count(one) > 1]
    told += ["other loads"] if set(found.loads) != set(expected.loads) else []
    told += [f"orphan {name}" for name in found.files if name not in expected.files]
    told += [f"missing {name}" for name in expected.files if name not in found.files]
    told += [f"temporary {path.name}" for path in root.rglob(".*") if path.name not in (".", "..")]
    told += [f"temporary {path.name} outside the home" for path in temporary.iterdir()]
    told += list(_faults_of_copies(Home(root)))
    verify(Home(root))
    told += [f"run of Dagster's still {state}" for state in _unfinished(Home(root))]
    return told


def _faults_of_copies(home: Home) -> Iterator[str]:
    """The link leads to a copy, and beside it lies at most the one before."""
    names = sorted(path.name for path in home.analysts.iterdir())
    if not (home.analysts / "current" / "scorepack.duckdb").exists():
        yield "no analysts' copy"
    if len(names) > 3:
        yield f"analysts' copies left: {names}"


def _unfinished(home: Home) -> list[str]:
    connection = sqlite3.connect(home.dagster / "history" / "runs.db")
    try:
        rows = connection.execute("SELECT status FROM runs WHERE status NOT IN ('SUCCESS', 'FAILURE')").fetchall()
    finally:
        connection.close()
    return [status for (status,) in rows]


_SCORECARD_OF_ALL = "name: Scorecard\n"


def company_under_fire(root: Path, *units: str) -> SmallCompany:
    """The small company with days on all deliveries, one rejected row and a distinct count; packs of these units."""
    company = small_company(root)
    contract = (root / "sources/complaints.yaml").read_text()
    dated = "path: complaints_{period}_{file_date}.csv\nknown_on: '{file_date}'"
    company.write("sources/complaints.yaml", contract.replace("path: complaints_{period}.csv", dated))
    for path in (root / "extracts").glob("complaints_*.csv"):
        path.rename(path.with_name(f"{path.stem}_2025{int(path.stem[-2:]) + 1:02d}05.csv"))
    sales = root / "extracts" / "sales_2025-02_20250303.csv"
    # One of ten rows is rejected, as many as the contract allows.
    sales.write_text(sales.read_text() + "".join(f"{90 + i},north,2025-02-2{i},50.00\n" for i in range(3)) + "x,,,\n")
    kpis = (root / "kpis/kpis.yaml").read_text()
    counted = "  shops: {source: sales, value: COUNT(DISTINCT amount)}\n"
    kpi = (
        "  prices:\n    name: Prices\n    definition: Distinct amounts of three months.\n    owner: Head of Service\n"
        "    value: shops\n    window: trailing 3 months\n    measured_in: count\n    direction: higher\n"
    )
    company.write("kpis/kpis.yaml", kpis.replace("measures:\n", "measures:\n" + counted) + kpi)
    targets = (root / "targets.csv").read_text()
    company.write("targets.csv", targets + "prices,floor,0\nprices,target,20\n")
    strategy = (root / "strategy.yaml").read_text().replace("[complaint_rate]", "[complaint_rate, prices]")
    strategy = strategy.replace(_SCORECARD_OF_ALL, f"{_SCORECARD_OF_ALL}    units: {{ids: [{', '.join(units)}]}}\n")
    company.write("strategy.yaml", strategy)
    company.write("packs.yaml", "style: {formats: [pdf, html, xlsx]}\n")
    return company
