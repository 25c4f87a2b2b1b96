"""From a delivered file to checked, typed staging, beside DuckDB's bare ``CREATE TABLE … AS FROM read_…`` of the file.

10 million rows over 120 months, about 500 MB as CSV, and the same as Parquet. Ours lands the file (a copy and its
digest), types every value under the contract's rules, looks for repeated keys and writes a Parquet file; the bare
statement reads the file with its types given and checks nothing. Each run is a process of its own, in turns. Run:
``python -m bench.ingest [--rows N] [--runs N]``; exits with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import yaml

from bench.verdict import is_kept
from pipelines.steps.ingest import ingest
from pipelines.steps.setting import open_setting
from scorecards.periods import add_months, months_between
from warehouse.selection import all_loads

FIRST, MONTHS = date(2015, 1, 1), 120
RATIO, PEAK_GB = 1.7, 4.0
TYPES = {
    "id": "BIGINT", "team": "VARCHAR", "day": "DATE", "amount": "DECIMAL(18, 2)", "pieces": "BIGINT",
    "channel": "VARCHAR", "is_late": "BOOLEAN",
}  # fmt: skip
COLUMNS = {
    "id": {"type": "integer"}, "team": {}, "day": {"type": "date"}, "amount": {"type": "decimal", "scale": 2},
    "pieces": {"type": "integer", "minimum": 0}, "channel": {"type": "enum", "values": ["online", "shop"]},
    "is_late": {"type": "boolean"},
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--part", choices=["ours", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--form", choices=["csv", "parquet"], help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        print(json.dumps({"ours": run_ours, "bare": run_bare}[chosen.part](chosen.root, chosen.form)))
        return 0
    kept = []
    with tempfile.TemporaryDirectory(prefix="scorepack-ingest-") as folder:
        for form in ("csv", "parquet"):
            make(Path(folder), chosen.rows, form)
            kept.append(report(Path(folder), chosen.runs, form))
    return int(not all(kept))


def report(root: Path, runs: int, form: str) -> bool:
    """Both in turns, with the ratio of neighbours; returns whether ratio and memory are as promised."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
    for _ in range(runs):
        for part in found:
            words = [sys.executable, "-m", "bench.ingest", "--part", part, "--form", form, "--root", str(root)]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            found[part].append(json.loads(done.stdout.splitlines()[-1]))
    size = next((root / form / "project/extracts").iterdir()).stat().st_size / 1e6
    for part, results in found.items():
        for name in results[0]:
            values = sorted(result[name] for result in results)
            told = f"{statistics.median(values):9.2f}   ({values[0]:.2f} to {values[-1]:.2f})"
            print(f"{form:8} {part:5} {name:10} {told}")
    ratios = sorted(a["seconds"] / b["seconds"] for a, b in zip(found["ours"], found["bare"], strict=True))
    told = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    print(f"{form} of {size:,.0f} MB: ours over bare {told}")
    peak = max(result["peak GB"] for result in found["ours"])
    kept = [
        is_kept(f"{form}, ours over bare", statistics.median(ratios), RATIO),
        is_kept(f"{form}, memory", peak, PEAK_GB, " GB"),
    ]
    return all(kept)


def make(root: Path, rows: int, form: str) -> None:
    """A project of 100 teams with one source, and its one extract."""
    project = root / form / "project"
    (project / "extracts").mkdir(parents=True)
    source = {
        "source": "orders", "domain": "customer", "path": f"orders.{form}", "key": ["id"], "unit": "team",
        "period": "day", "columns": COLUMNS,
    }  # fmt: skip
    kpi = {
        "name": "k", "definition": "d", "owner": "o", "value": "orders", "measured_in": "points", "direction": "higher"
    }  # fmt: skip
    card = {"name": "Main", "objectives": {"o": {"name": "O", "perspective": "customer", "kpis": ["k"]}}}
    files = {
        "scorecard.yaml": {"organisation": "Bench", "first_period": f"{FIRST:%Y-%m}"},
        "strategy.yaml": {"scorecards": {"main": card}},
        "sources/orders.yaml": source,
        "kpis/all.yaml": {"measures": {"orders": {"source": "orders", "value": "COUNT(*)"}}, "kpis": {"k": kpi}},
    }
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False))
    teams = [f"team{n},Team {n},team,company" for n in range(100)]
    (project / "units.csv").write_text("\n".join(["id,name,level,parent", "company,C,company,", *teams]) + "\n")
    (project / "targets.csv").write_text("kpi,anchor,value\nk,floor,0\nk,target,1\n")
    how = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT i + 100000000 AS id, 'team' || (hash(i) % 100)::VARCHAR AS team,
                DATE '{FIRST}' + (i * {int(30.4375 * MONTHS) - 1} // {rows})::INTEGER AS day,
                (hash(i + 2) % 9000000 / 100 + 1)::DECIMAL(18, 2) AS amount, (hash(i + 4) % 9)::BIGINT + 1 AS pieces,
                CASE WHEN hash(i + 7) % 3 = 0 THEN 'online' ELSE 'shop' END AS channel, hash(i + 8) % 11 = 0 AS is_late
                FROM range({rows}) t(i)) TO '{project}/extracts/orders.{form}' ({how})"""
        )


def run_ours(root: Path, form: str) -> dict[str, float]:
    """Landing, checking and staging of the file into a new home."""
    home = root / form / "home"
    shutil.rmtree(home, ignore_errors=True)
    setting = open_setting(root / form / "project", home)
    start = time.perf_counter()
    ingest(setting, "orders", months_between(FIRST, add_months(FIRST, MONTHS - 1)))
    taken = time.perf_counter() - start
    (load,) = all_loads(setting.home, "orders")
    assert (load.refused, load.rejected) == (None, 0), load
    return {"seconds": taken, "peak GB": _peak(), "rows": float(load.rows)}


def run_bare(root: Path, form: str) -> dict[str, float]:
    """DuckDB alone, types given, into a table of a new file."""
    target = root / form / "bare.duckdb"
    target.unlink(missing_ok=True)
    file = root / form / "project/extracts" / f"orders.{form}"
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    rows = f"read_csv('{file}', header = true, columns = {{{types}}})" if form == "csv" else f"read_parquet('{file}')"
    start = time.perf_counter()
    with duckdb.connect(str(target), config={"threads": 2}) as connection:
        connection.execute(f"CREATE TABLE orders AS FROM {rows}")
        [(count,)] = connection.execute("SELECT count(*) FROM orders").fetchall()
    return {"seconds": time.perf_counter() - start, "peak GB": _peak(), "rows": float(count)}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    sys.exit(main())
