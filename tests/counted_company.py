"""A company with four teams whose people are counted by one file, and whose days absent stand in another."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from scorecards.periods import parse_period
from tests.acceptance.conftest import Command

MONTH, NEXT = "2025-01", "2025-02"
FILES = {
    "scorecard.yaml": (
        "organisation: Quiet Ltd\nfirst_period: 2025-01\nlevels: [company, team]\n"
        "small_groups: {people: people, at_least: 5}\n"
    ),
    "strategy.yaml": (
        "scorecards:\n  main:\n    name: Main\n    objectives:\n"
        "      health: {name: Stay well, perspective: learning_and_growth, kpis: [absence, absence_year]}\n"
    ),
    "sources/staff.yaml": (
        "source: staff\ndomain: hr\npath: staff_*.csv\nkey: [employee]\nunit: unit\nperiod: month\n"
        "columns: {employee: {personal: true}, unit: {}, month: {type: month}}\n"
    ),
    "sources/days.yaml": (
        "source: days\ndomain: hr\npath: days_*.csv\nkey: [unit]\nunit: unit\nperiod: month\n"
        "columns: {unit: {}, month: {type: month}, days: {type: integer}}\n"
    ),
    "kpis/kpis.yaml": """\
measures:
  people: {source: staff, value: COUNT(*), over_time: last}
  days: {source: days, value: SUM(days)}
kpis:
  absence:
    {name: Absence, definition: Days absent., owner: Head of People, value: days, measured_in: days,
     direction: lower, compare_with: [1 month]}
  absence_year:
    {name: Absence of the year, definition: Days absent., owner: Head of People, value: days, measured_in: days,
     direction: lower, window: year to date}
""",
    "targets.csv": (
        "kpi,anchor,value\nabsence,floor,500\nabsence,target,5\nabsence_year,floor,500\nabsence_year,target,5\n"
    ),
}  # fmt: skip
DAYS = {"a": 11, "b": 23, "c": 37, "d": 41}
UNITS = "id,name,level,parent\ncompany,Company,company,\nleft,Left,company,company\nright,Right,company,company\n"


def counted_company(root: Path) -> Path:
    """Write the project, with four people in a, six in b, and nine in c and d in both months."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    place(root)
    for month in (MONTH, NEXT):
        deliver(root, month, a=4, b=6, c=9, d=9)
    return root


def without_windows(root: Path) -> None:
    """Let every KPI be of its month alone, and compared with the month before."""
    kpis = root / "kpis/kpis.yaml"
    kpis.write_text(kpis.read_text(encoding="utf-8").replace(", window: year to date", ""), encoding="utf-8")


def place(root: Path, **elsewhere: str) -> None:
    """Write the units: teams of the company, but for those that stand elsewhere."""
    lines = [f"{unit},{unit.upper()},team,{elsewhere.get(unit, 'company')}\n" for unit in DAYS]
    (root / "units.csv").write_text(UNITS + "".join(lines), encoding="utf-8")


def deliver(root: Path, month: str, **people: int) -> None:
    """Write a month's files: so many people in each team, and the days of each, which stay as they are."""
    folder = root / "extracts"
    folder.mkdir(exist_ok=True)
    staff = [f"{unit}{number},{unit},{month}\n" for unit, count in people.items() for number in range(count)]
    (folder / f"staff_{month}.csv").write_text("employee,unit,month\n" + "".join(staff), encoding="utf-8")
    deliver_days(root, month, **DAYS)


def deliver_days(root: Path, month: str, **absent: int) -> None:
    """Write the days absent of each team in a month."""
    days = "".join(f"{unit},{month},{count}\n" for unit, count in absent.items())
    (root / "extracts" / f"days_{month}.csv").write_text("unit,month,days\n" + days, encoding="utf-8")


def run(root: Path, *months: str) -> None:
    """Run months, without packs."""
    materialise("month_end", root, None, None, list(map(parse_period, months)), "none", Steps(None))


def figures(
    root: Path, scorepack: Command, month: str, kpi: str, table: str = "kpi_values", column: str = "value"
) -> dict[str, tuple[float | None, str | None]]:
    """Figure and reason of every unit, as a table is exported."""
    target = root / f"{table}.parquet"
    assert scorepack("export", table, "--to", str(target), project=root).code == 0
    rows = pl.read_parquet(target).filter(period=parse_period(month), kpi=kpi)
    if "is_main" in rows.columns:
        rows = rows.filter(pl.col("is_main"), pl.col("slice") == "")
    return {row["unit"]: (row[column], row.get("missing_reason")) for row in rows.iter_rows(named=True)}


def shown(root: Path, scorepack: Command, month: str, kpi: str = "absence", *where: str) -> dict[str, float]:
    """The figures that are exported of a month, by unit; ``where`` names the table and its column."""
    found = figures(root, scorepack, month, kpi, *where)
    return {unit: value for unit, (value, _) in found.items() if value is not None}
