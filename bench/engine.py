"""From staged rows to scores on made-up data, beside hand-written DuckDB SQL for the same measures in the same run.

10 million order rows, 1,000 units in three levels, 120 months, 20 KPIs, two of them distinct counts, six over trailing
twelve months. Prints a table; every KPI value of the SQL is compared with ours first. Run: ``python -m bench.engine
[--rows N] [--units N] [--months N] [--runs N]``.

The SQL is the fastest equivalent that we know: one pass over the rows to cells by unit and month (each aggregate with
its FILTER, several sums at once), cells climbed to the three levels before windows, windows as frames over a dense grid
of units and months, and distinct counts not by joining twelve months to every row but by counting, for each sighting,
the run of months for which it is the newest (see ``transforms/distinct.py``): a plain COUNT(DISTINCT) over a join of
months is more than ten times slower. A reviewer who knows a faster one may try it in ``bench/engine.sql``.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import yaml

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.setting import Setting, open_setting
from scorecards.periods import add_months, months_between
from warehouse.store import open_warehouse
from warehouse.tables import COMPARISONS, COMPUTED, KPI_VALUES, SCORES

FIRST = date(2015, 1, 1)
MEASURES = {
    "revenue": "SUM(amount)",
    "cost": "SUM(cost)",
    "orders": "COUNT(*)",
    "late": "COUNT(*) FILTER (WHERE is_late)",
    "returned": "COUNT(*) FILTER (WHERE is_returned)",
    "pieces": "SUM(pieces)",
    "online": "SUM(amount) FILTER (WHERE channel = 'online')",
    "customers": "COUNT(DISTINCT customer)",
    "products": "COUNT(DISTINCT product)",
    "dearest": "MAX(amount)",
}
MONTH, YEAR, QUARTER, TRAILING = "month", "year to date", "trailing 3 months", "trailing 12 months"
KPIS = {
    "revenue_month": ("revenue", MONTH),
    "revenue_year": ("revenue", YEAR),
    "revenue_trailing": ("revenue", TRAILING),
    "orders_month": ("orders", MONTH),
    "orders_trailing": ("orders", TRAILING),
    "margin_month": ("(revenue - cost) / revenue", MONTH),
    "margin_year": ("(revenue - cost) / revenue", YEAR),
    "margin_trailing": ("(revenue - cost) / revenue", TRAILING),
    "order_value": ("revenue / orders", MONTH),
    "order_value_trailing": ("revenue / orders", TRAILING),
    "late_share": ("late / orders", MONTH),
    "late_share_quarter": ("late / orders", QUARTER),
    "return_share": ("returned / orders", QUARTER),
    "return_share_trailing": ("returned / orders", TRAILING),
    "pieces_per_order": ("pieces / orders", MONTH),
    "online_share": ("online / revenue", MONTH),
    "online_share_year": ("online / revenue", YEAR),
    "dearest_order": ("dearest", MONTH),
    "active_customers": ("customers", TRAILING),
    "products_sold": ("products", MONTH),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--part", choices=["ours", "sql", "scores", "month"], help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        print(json.dumps(PARTS[chosen.part](chosen.root, chosen.months)))
        return 0
    with tempfile.TemporaryDirectory(prefix="scorepack-engine-") as folder:
        root = Path(folder)
        make(root, chosen.rows, chosen.units, chosen.months)
        return report(root, chosen.runs, chosen.months)


def report(root: Path, runs: int, months: int) -> int:
    """Each part in a process of its own, in turns, so that neither profits from the other's caches."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "sql": [], "scores": [], "month": []}
    for _ in range(runs):
        for part in found:
            arguments = ["--part", part, "--root", str(root), "--months", str(months)]
            done = subprocess.run(
                [sys.executable, "-m", "bench.engine", *arguments], check=True, capture_output=True, text=True
            )
            found[part].append(json.loads(done.stdout.splitlines()[-1]))
    different = compare(root)
    for part, results in found.items():
        for name in results[0]:
            values = sorted(result[name] for result in results)
            print(f"{part:7} {name:28} {statistics.median(values):9.2f}   ({values[0]:.2f} to {values[-1]:.2f})")
    ratios = sorted(a["seconds"] / b["seconds"] for a, b in zip(found["ours"], found["sql"], strict=True))
    print(f"ours over SQL {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); asked: at most 2")
    months_ratio = sorted(result["ratio"] for result in found["month"])
    print(f"one more month on ten years over one: {statistics.median(months_ratio):.2f}; asked: under 1.3")
    print(f"KPI values that differ from the SQL's: {different}")
    return int(different > 0)


def make(root: Path, rows: int, units: int, months: int) -> None:
    """The project and its one extract, and the staged rows."""
    teams = units - 1 - 30
    tree = ["id,name,level,parent", "company,Company,company,"]
    tree += [f"division{n},Division {n},division,company" for n in range(30)]
    tree += [f"team{n},Team {n},team,division{n % 30}" for n in range(teams)]
    columns = {
        "team": {}, "day": {"type": "date"}, "amount": {"type": "decimal", "scale": 2},
        "cost": {"type": "decimal", "scale": 2}, "pieces": {"type": "integer"}, "customer": {"type": "integer"},
        "product": {"type": "integer"}, "channel": {}, "is_late": {"type": "boolean"},
        "is_returned": {"type": "boolean"},
    }  # fmt: skip
    last = add_months(FIRST, months - 1)
    source = {
        "source": "orders", "domain": "customer", "path": "orders.parquet", "unit": "team", "period": "day",
        "covers": {"first": f"{FIRST:%Y-%m}", "last": f"{last:%Y-%m}"}, "columns": columns,
    }  # fmt: skip
    kpis = {
        kpi: {
            "name": kpi, "definition": kpi, "owner": "o", "value": value, "window": window, "measured_in": "points",
            "direction": "higher", "compare_with": [],
        }
        for kpi, (value, window) in KPIS.items()
    }  # fmt: skip
    measures = {name: {"source": "orders", "value": value, "empty": "zero"} for name, value in MEASURES.items()}
    measures["dearest"]["empty"] = "missing"
    perspectives = ["financial", "customer", "internal_process", "learning_and_growth"]
    objectives = {
        f"objective{n}": {"name": f"O{n}", "perspective": perspectives[n % 4], "kpis": list(KPIS)[2 * n : 2 * n + 2]}
        for n in range(10)
    }
    files = {
        "scorecard.yaml": {"organisation": "Bench", "first_period": f"{FIRST:%Y-%m}"},
        "strategy.yaml": {"scorecards": {"main": {"name": "Main", "objectives": objectives}}},
        "sources/orders.yaml": source,
        "kpis/all.yaml": {"measures": measures, "kpis": kpis},
    }
    for name, content in files.items():
        path = root / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False))
    (root / "project/units.csv").write_text("\n".join(tree) + "\n")
    targets = ["kpi,anchor,value", *(f"{kpi},floor,0\n{kpi},target,1" for kpi in KPIS)]
    (root / "project/targets.csv").write_text("\n".join(targets) + "\n")
    (root / "project/extracts").mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT 'team' || (hash(i) % {teams})::VARCHAR AS team,
                DATE '{FIRST}' + (hash(i + 1) % {int(30.4375 * months) - 1})::INTEGER AS day,
                (hash(i + 2) % 90000 / 100 + 1)::DECIMAL(18, 2) AS amount,
                (hash(i + 3) % 60000 / 100)::DECIMAL(18, 2) AS cost, (hash(i + 4) % 9)::BIGINT + 1 AS pieces,
                (hash(i + 5) % 200000)::BIGINT AS customer, (hash(i + 6) % 500)::BIGINT AS product,
                CASE WHEN hash(i + 7) % 3 = 0 THEN 'online' ELSE 'shop' END AS channel,
                hash(i + 8) % 11 = 0 AS is_late, hash(i + 9) % 17 = 0 AS is_returned
                FROM range({rows}) t(i)) TO '{root}/project/extracts/orders.parquet' (FORMAT parquet)"""
        )
    ingest(_setting(root), "orders", months_between(FIRST, last))


def _setting(root: Path) -> Setting:
    return open_setting(root / "project", root / "home")


def run_ours(root: Path, months: int) -> dict[str, float]:
    """From staged rows to scores, warehouse and all, with nothing computed before."""
    setting = _setting(root)
    setting.home.warehouse.unlink(missing_ok=True)
    periods = months_between(FIRST, add_months(FIRST, months - 1))
    taken = {}
    start = time.perf_counter()
    for name, step in (("measures", compute_measures), ("KPIs", compute_kpis), ("scores", compute_scores)):
        began = time.perf_counter()
        step(setting, periods)
        taken[f"{name} s"] = time.perf_counter() - began
    return {"seconds": time.perf_counter() - start, **taken, "peak GB": _peak()}


def run_sql(root: Path, months: int) -> dict[str, float]:
    """The same KPI values by SQL, and the table of values written."""
    statements = (Path(__file__).with_name("engine.sql")).read_text()
    staged = next((root / "home/staging/orders").glob("*.parquet"))
    target = root / "sql.duckdb"
    target.unlink(missing_ok=True)
    start = time.perf_counter()
    with duckdb.connect(str(target), config={"threads": 2}) as connection:
        connection.execute(f"CREATE VIEW orders AS SELECT * FROM read_parquet('{staged}')")
        connection.execute(f"CREATE TABLE units AS SELECT * FROM read_csv('{root}/project/units.csv')")
        connection.execute(statements.replace("$FIRST", f"DATE '{FIRST}'").replace("$MONTHS", str(months)))
    return {"seconds": time.perf_counter() - start, "peak GB": _peak()}


def run_scores(root: Path, months: int) -> dict[str, float]:
    """Scoring and roll-up alone, from KPI values in memory to the scores of all levels in memory."""
    from transforms.aggregation import scores, uses
    from transforms.kpis import main_values
    from transforms.targets import anchors_in_force
    from warehouse.tables import KPI_INPUTS

    setting = _setting(root)
    periods = months_between(FIRST, add_months(FIRST, months - 1))
    with open_warehouse(setting.home) as warehouse:
        values, inputs = main_values(warehouse.read(KPI_VALUES, periods)), warehouse.read(KPI_INPUTS, periods)
    project = setting.project
    start = time.perf_counter()
    used = uses(project, periods)
    in_use = used.select("scorecard", "period", "unit", "kpi")
    anchors = anchors_in_force(project, setting.plan, in_use, inputs)
    found = scores(project, used, values, anchors)
    return {"seconds": time.perf_counter() - start, "KPI scores, millions": found.height / 1e6}


def run_month(root: Path, months: int) -> dict[str, float]:
    """The last month on top of all before it, against the thirteenth on top of twelve, one after the other.

    The first pair is not counted: whoever comes first after everything was written moves rows for both. Then each
    comes first twice.
    """
    setting = _setting(root)
    pair = (add_months(FIRST, 12), add_months(FIRST, months - 1))
    taken: dict[date, list[float]] = {period: [] for period in pair}
    for order in (pair, pair, pair[::-1], pair, pair[::-1]):
        for period in order:
            taken[period].append(_one_month(setting, period))
    early, late = (statistics.median(taken[period][1:]) for period in pair)
    return {"early s": early, "late s": late, "ratio": late / early}


def _one_month(setting: Setting, period: date) -> float:
    """Seconds to compute one month that had never been, its measures standing."""
    with open_warehouse(setting.home) as warehouse:
        for table in (KPI_VALUES, COMPARISONS, SCORES):
            warehouse.replace({table: warehouse.read(table, [period]).clear()}, [period])
        computed = warehouse.read(COMPUTED, [period]).with_columns(fingerprint=pl.lit(""))
        warehouse.replace({}, [period], computed)
    start = time.perf_counter()
    for step in (compute_measures, compute_kpis, compute_scores):
        step(setting, [period])
    return time.perf_counter() - start


def compare(root: Path) -> int:
    """How many of the SQL's values differ from ours by more than a billionth of their size, or are missing."""
    with duckdb.connect(str(root / "sql.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{root}/home/warehouse.duckdb' AS ours (READ_ONLY)")
        row = connection.execute(
            """SELECT count(*) FROM kpi_values s FULL JOIN ours.kpis.kpi_values o USING (period, unit, kpi)
               WHERE (s.value IS NULL) <> (o.value IS NULL)
                  OR abs(s.value - o.value) > 1e-9 * greatest(1, abs(o.value))"""
        ).fetchone()
    return int(row[0]) if row else -1


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


PARTS = {"ours": run_ours, "sql": run_sql, "scores": run_scores, "month": run_month}

if __name__ == "__main__":
    pl.Config.set_tbl_rows(50)
    sys.exit(main())
