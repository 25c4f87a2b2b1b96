"""A machine's clock that is wrong: what counts does not depend on it, nor does the order of deliveries."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import cycle
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.steps import setting as settings
from scorecards.periods import months_between
from tests.small_company import SmallCompany, small_company
from warehouse import declarations, journal, taking_in
from warehouse.home import Home
from warehouse.selection import all_loads
from warehouse.store import open_warehouse
from warehouse.tables import TABLES

MARCH = date(2025, 3, 1)
TABLES_BY_NAME = {table.name: table for table in TABLES}
STEADY = datetime(2026, 1, 10, 12, tzinfo=UTC)


class Clock:
    """What all modules of ours take for the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.asked = STEADY, 0
        self.jumps: Iterator[timedelta] | None = None
        clock = self

        class Told(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                clock.asked += 1
                jump = next(clock.jumps) if clock.jumps else timedelta()
                return (clock.now + jump).astimezone(tz)

        for module in (declarations, journal, settings, taking_in):
            monkeypatch.setattr(module, "datetime", Told)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def complain(company: SmallCompany, month: str, times: int) -> None:
    rows = "".join(f"{100 + n},north,{month}-1{n}\n" for n in range(times))
    company.write(f"extracts/complaints_{month}.csv", "id,shop,raised_on\n" + rows)


def run(company: SmallCompany) -> None:
    periods = months_between(date(2025, 1, 1), date(2025, 6, 1))
    materialise("month_end", company.root, None, None, periods, "none", Steps(None))


def told(company: SmallCompany, clock: Clock, jumps: tuple[timedelta, ...]) -> dict[str, pl.DataFrame]:
    """All tables after four runs, between which data come and are corrected; before each run the clock jumps."""
    changes = [
        lambda: None,
        lambda: complain(company, "2025-03", 3),
        lambda: complain(company, "2025-03", 2),
        lambda: company.sales("2025-04", "41,north,2025-04-01,1000.00\n", "20250610"),
    ]
    for change, jump in zip(changes, jumps, strict=True):
        change()
        clock.now = STEADY + jump
        run(company)
    with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
        return {table.name: warehouse.read(table) for table in TABLES}


def test_a_clock_that_jumps_between_runs_changes_no_table_but_the_days_of_deliveries(
    clock: Clock, tmp_path: Path
) -> None:
    day = timedelta(days=1)
    steady = told(small_company(tmp_path / "steady"), clock, (0 * day,) * 4)
    jumping = told(small_company(tmp_path / "jumping"), clock, (0 * day, -100 * day, 2000 * day, -150 * day))
    differing = [name for name, frame in steady.items() if not frame.equals(jumping[name])]
    assert differing == ["loads"]
    assert steady["loads"].drop("known_on").equals(jumping["loads"].drop("known_on"))
    home = Home(tmp_path / "jumping" / ".scorepack")
    assert journal.first_broken(home) is None
    # A correction never becomes older than what it corrects.
    days = [load.known_on for load in all_loads(home, "complaints") if load.period == MARCH]
    assert days == sorted(days)


def test_a_clock_that_jumps_during_a_run_changes_no_table_but_the_days_of_deliveries(
    clock: Clock, tmp_path: Path
) -> None:
    day = timedelta(days=1)
    steady = told(small_company(tmp_path / "steady"), clock, (0 * day,) * 4)
    clock.jumps = cycle((900 * day, -150 * day, 0 * day, -190 * day, 1000 * day))
    jumping = told(small_company(tmp_path / "jumping"), clock, (0 * day,) * 4)
    assert clock.asked > 20
    differing = [name for name, frame in steady.items() if not frame.equals(jumping[name])]
    assert differing == ["loads"]
    assert steady["loads"].drop("known_on").equals(jumping["loads"].drop("known_on"))
    home = Home(tmp_path / "jumping" / ".scorepack")
    assert journal.first_broken(home) is None
    clock.jumps = None
    run(SmallCompany(tmp_path / "jumping"))
    with open_warehouse(home) as warehouse:
        assert [name for name, frame in jumping.items() if not frame.equals(warehouse.read(TABLES_BY_NAME[name]))] == []


def test_a_correction_under_another_name_counts_though_the_clock_was_set_back(clock: Clock, tmp_path: Path) -> None:
    company = small_company(tmp_path / "small", ("2025-03",))
    contract = (company.root / "sources/complaints.yaml").read_text()
    company.write("sources/complaints.yaml", contract.replace(".csv\n", ".csv*\nformat: csv\n"))
    complain(company, "2025-03", 3)
    run(company)
    complain(company, "2025-03", 2)
    plain = company.root / "extracts/complaints_2025-03.csv"
    plain.with_name(f"{plain.name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    clock.now = STEADY - timedelta(days=30)
    run(company)
    with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
        counted = {row["file"]: row["is_current"] for row in warehouse.read(TABLES[0]).iter_rows(named=True)}
    assert counted["complaints_2025-03.csv.gz"]
    assert not counted["complaints_2025-03.csv"]


def test_increments_that_come_after_the_clock_was_set_back_are_newer_than_those_before(
    clock: Clock, tmp_path: Path
) -> None:
    company = small_company(tmp_path / "small", ("2025-03",))
    contract = (company.root / "sources/complaints.yaml").read_text()
    company.write(
        "sources/complaints.yaml",
        contract.replace("complaints_{period}.csv", "complaints_*.csv") + "replaces: nothing\n",
    )
    run(company)
    company.write("extracts/complaints_next.csv", "id,shop,raised_on\n3,south,2025-03-20\n")
    clock.now = STEADY - timedelta(days=30)
    run(company)
    with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
        [(shop,)] = warehouse._connection.execute("SELECT shop FROM staging.complaints WHERE id = 3").fetchall()
    assert shop == "south"
