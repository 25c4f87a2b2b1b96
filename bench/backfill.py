"""What months cost: 120 months of Meridian beside the same rows as one month, and the fixed cost of a run.

Both are the command in a process of its own, packs off: ``scorepack backfill`` over 120 months in their files of one
month each, and ``scorepack run`` of one month that holds the same rows, in one file a source of the same format. There
the day that a row is about is moved into that month, and the row's own month joins the key, so that no key repeats.
Trailing windows of its KPIs accept the one month (``min_months``), or else nothing of it would have a value and no
scorecard a score. The one month is loaded, checked and aggregated from as many rows, but has KPI values, scores and
insight of one month only: the ratio is what 119 more months cost.

The fixed cost of ``scorepack run`` is the time of the command less that inside its steps, as Dagster's history has
them: from a step's start to its first result. It is taken for Meridian's last month on a new home, and once more there,
when nothing has changed; beside it the whole command. Times are of the wall, and in brackets of the processors, which
other work on the machine disturbs less. Run: ``python -m bench.backfill [--months N] [--runs N]``;
exits with 1 when a promise is broken: both are about times of the wall.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import yaml

from bench.verdict import is_kept
from examples.meridian import generate as meridian
from examples.meridian.simulation import dirt
from examples.meridian.simulation.story import Month, shift_months
from examples.meridian.simulation.table import Table
from pipelines.instance import open_instance
from scorecards.periods import parse_period
from scorecards.project import Project, load_project
from warehouse.home import Home

# A month of 31 days, so that every day of another month is one of it.
LAST = "2025-12"
RATIO, FIXED_SECONDS = 3.0, 4.0
SCOREPACK = Path(sys.executable).with_name("scorepack")


@dataclass(frozen=True)
class Cost:
    """Seconds of the wall and of the processors."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Fixed:
    """Seconds of a whole command, and those of them that are not inside its steps."""

    whole: float
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    first = f"{shift_months(parse_period(LAST), 1 - chosen.months):%Y-%m}"
    with tempfile.TemporaryDirectory(prefix="scorepack-backfill-") as folder:
        months, one = Path(folder) / "months", Path(folder) / "one"
        generate(months, first, chosen.months)
        rows = write_as_one_month(months, one, chosen.months)
        many: list[Cost] = []
        single: list[Cost] = []
        fixed: dict[str, list[Fixed]] = {"on a new home": [], "once more": []}
        for _ in range(chosen.runs):
            single.append(cost(one, "run", LAST))
            for name, costs in fixed.items():
                costs.append(fixed_cost(months, fresh=name == "on a new home"))
            many.append(cost(months, "backfill", first, LAST))
        print(f"{rows:,} rows")
        tell("as one month", single)
        tell(f"{chosen.months} months", many)
        walls = [a.wall / b.wall for a, b in zip(many, single, strict=True)]
        tell_ratio("wall", walls)
        tell_ratio("processors", [a.cpu / b.cpu for a, b in zip(many, single, strict=True)])
        for name, costs in fixed.items():
            tell_fixed(name, costs)
    kept = [is_kept("ratio of wall", statistics.median(walls), RATIO)]
    for name, costs in fixed.items():
        seconds = statistics.median(each.seconds for each in costs)
        kept.append(is_kept(f"fixed cost of a run {name}", seconds, FIXED_SECONDS, " s"))
    return int(not all(kept))


def tell(name: str, costs: list[Cost]) -> None:
    walls, cpus = sorted(each.wall for each in costs), sorted(each.cpu for each in costs)
    print(
        f"{name:14} {statistics.median(walls):7.2f} s ({walls[0]:.2f} to {walls[-1]:.2f}), "
        f"processors {statistics.median(cpus):7.2f} s ({cpus[0]:.2f} to {cpus[-1]:.2f})"
    )


def tell_ratio(name: str, ratios: list[float]) -> None:
    found = sorted(ratios)
    print(f"ratio of {name}: {statistics.median(found):.2f} ({found[0]:.2f} to {found[-1]:.2f})")


def tell_fixed(name: str, costs: list[Fixed]) -> None:
    found = sorted(each.seconds for each in costs)
    print(
        f"fixed cost of a run {name}: {statistics.median(found):.2f} s ({found[0]:.2f} to {found[-1]:.2f}) "
        f"of {statistics.median(each.whole for each in costs):.2f} s"
    )


def fixed_cost(project: Path, fresh: bool) -> Fixed:
    """The last month of a project, run by the command."""
    whole = cost(project, "run", LAST, fresh=fresh).wall
    return Fixed(whole, whole - seconds_inside_steps(Home(home_of(project))))


def seconds_inside_steps(home: Home) -> float:
    """How long the steps of the newest run of a home took until each had its first result."""
    results = (dg.DagsterEventType.STEP_OUTPUT, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    begun: dict[str, float] = {}
    total = 0.0
    with open_instance(home) as instance:
        (run,) = instance.get_runs(limit=1)
        for event in instance.all_logs(run.run_id):
            step = event.step_key or ""
            if event.dagster_event_type == dg.DagsterEventType.STEP_START:
                begun[step] = event.timestamp
            elif event.dagster_event_type in results and step in begun:
                total += event.timestamp - begun.pop(step)
    return total


def home_of(project: Path) -> Path:
    return project.with_name(f"{project.name}-home")


def cost(project: Path, *words: str, fresh: bool = True) -> Cost:
    """One call of the command on a new home, packs off."""
    home = home_of(project)
    if fresh:
        shutil.rmtree(home, ignore_errors=True)
    call = [str(SCOREPACK), *words, "--project", str(project), "--home", str(home), "--packs", "none"]
    log = project.with_name(f"{project.name}.log")
    start = time.perf_counter()
    with log.open("w") as out:
        process = os.posix_spawn(
            call[0], call, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), fd) for fd in (1, 2)]
        )
        _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{' '.join(call)}\n{log.read_text()}")
    return Cost(time.perf_counter() - start, used.ru_utime + used.ru_stime)


def generate(to: Path, first: str, count: int) -> None:
    """Meridian with so many months, and declarations that begin with the first of them."""
    meridian.generate(to, LAST, count)
    declared = f"{load_project(to).organisation.first_period:%Y-%m}"
    for name in ("scorecard.yaml", "targets.csv"):
        path = to / name
        path.write_text(path.read_text().replace(declared, first))


def write_as_one_month(months: Path, to: Path, count: int) -> int:
    """Meridian with the rows of all months in its last one: extracts and contracts of ``to``; returns how many rows."""
    shutil.copytree(months, to, ignore=shutil.ignore_patterns("extracts"))
    project = load_project(months)
    found: dict[str, Table] = {}
    with collected(found, project):
        meridian.generate(months, LAST, count)
    last = parse_period(LAST)
    for source, table in found.items():
        period = str(project.sources[source].period)
        table.columns[period] = [
            cell.replace(year=last.year, month=last.month, day=cell.day) if isinstance(cell, date) else cell
            for cell in table.columns[period]
        ]
        is_monthly = source in meridian._MONTHLY
        folder, suffix, writer = (meridian._MONTHLY if is_monthly else meridian._MANY_MONTHS)[source]
        name = f"{source}_{LAST}" if is_monthly else source
        meridian._write(to / "extracts", folder, suffix, writer, name, date(2026, 1, 4), table)
    for path in (to / "sources").glob("*.yaml"):
        contract = yaml.safe_load(path.read_text())
        contract["key"] = [*contract["key"], "own_month"]
        contract["columns"]["own_month"] = {"type": "string"}
        path.write_text(yaml.safe_dump(contract, sort_keys=False, allow_unicode=True))
    for path in (to / "kpis").glob("*.yaml"):
        declared = yaml.safe_load(path.read_text())
        for kpi in declared.get("kpis", {}).values():
            if str(kpi.get("window", "")).startswith("trailing"):
                kpi["min_months"] = 1
        path.write_text(yaml.safe_dump(declared, sort_keys=False, allow_unicode=True))
    return sum(map(len, found.values()))


@contextmanager
def collected(found: dict[str, Table], project: Project) -> Iterator[None]:
    """While it lasts, what Meridian's generator would write goes into ``found``, each row with its own month."""

    def add(source: str, table: Table, month: str | None) -> None:
        days = table.columns[str(project.sources[source].period)]
        own = [month or f"{day:%Y-%m}" for day in days]
        table = Table({**table.columns, "own_month": own}, table.hundredths)
        found[source] = found[source].extended(table) if source in found else table

    def write_month(_: Path, source: str, month: Month, table: Table) -> None:
        if (source, month.index) not in dirt.NEVER_DELIVERED:
            add(source, table, month.text)

    def write(_: Path, __: str, ___: str, ____: Any, name: str, _____: date, table: Table) -> None:
        add(name, table, None)

    with (
        patch.object(meridian, "_write_month", write_month),
        patch.object(meridian, "_write", write),
        patch.object(meridian, "write_declarations", lambda *_: None),
    ):
        yield


if __name__ == "__main__":
    sys.exit(main())
