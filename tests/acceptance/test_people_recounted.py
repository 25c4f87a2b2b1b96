"""Where people of an earlier month are counted anew, no two patterns of it can be subtracted from each other."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from scorecards.periods import parse_period
from tests.acceptance.conftest import Command
from tests.small_groups import MONTHS, quiet_company

FIRST, SECOND = MONTHS[:2]


def figures(root: Path, scorepack: Command, month: str, kpi: str) -> dict[str, tuple[float | None, str | None]]:
    """Value and reason of every unit, as they are exported."""
    target = root / "values.parquet"
    assert scorepack("export", "kpi_values", "--to", str(target), project=root).code == 0
    rows = pl.read_parquet(target).filter(period=parse_period(month), kpi=kpi, slice="", is_main=True)
    return {row["unit"]: (row["value"], row["missing_reason"]) for row in rows.iter_rows(named=True)}


def company(root: Path) -> Path:
    """The company with staff files that are taken in whatever month is run, each with the rows of its month."""
    found = quiet_company(root)
    staff = found / "sources/staff.yaml"
    staff.write_text(staff.read_text().replace("staff_{period}.csv", "staff_*.csv"))
    return found


def run(root: Path, *months: str) -> None:
    materialise("month_end", root, None, None, list(map(parse_period, months)), "none", Steps(None))


def test_a_month_whose_people_are_counted_anew_tells_nothing_of_them_until_it_is_run_again(
    tmp_path: Path, scorepack: Command
) -> None:
    root = company(tmp_path / "project")
    run(root, FIRST)
    before = figures(root, scorepack, FIRST, "absence")
    assert before["company"][0] is not None
    staff = root / f"extracts/staff_{FIRST}.csv"
    header, _, *rows = staff.read_text().splitlines()
    staff.write_text("\n".join([header, *rows]) + "\n")
    run(root, SECOND)
    since = figures(root, scorepack, FIRST, "absence")
    assert set(since.values()) == {(None, "small_group")}
    assert figures(root, scorepack, FIRST, "pieces")["company"][0] is not None
    assert figures(root, scorepack, SECOND, "absence")["company"][0] is not None
    assert f"withheld: {FIRST} (1 month)" in scorepack("status", project=root).text
    run(root, FIRST)
    assert figures(root, scorepack, FIRST, "absence")["company"][0] is not None
    assert "withheld:" not in scorepack("status", project=root).text


def test_other_corrections_leave_a_month_shown(tmp_path: Path, scorepack: Command) -> None:
    root = company(tmp_path / "project")
    run(root, FIRST)
    staff = root / f"extracts/staff_{FIRST}.csv"
    text = staff.read_text()
    column = text.splitlines()[0].split(",").index("absent_days")
    header, first, *rows = text.splitlines()
    cells = first.split(",")
    cells[column] = str(int(cells[column]) + 1)
    staff.write_text("\n".join([header, ",".join(cells), *rows]) + "\n")
    run(root, SECOND)
    assert figures(root, scorepack, FIRST, "absence")["company"][0] is not None
