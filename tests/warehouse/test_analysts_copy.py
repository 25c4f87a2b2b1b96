"""The analysts' copy: equal to the warehouse, readable meanwhile and by older programs, swapped in as a whole."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from scorecards.groups import Telling
from warehouse.analysts import FILE, PUBLISHED, write_copy
from warehouse.frames import fetch
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import COMPUTED, COVERAGE, KPI_VALUES

JANUARY, FEBRUARY = date(2025, 1, 1), date(2025, 2, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def fill(home: Home, value: float, fingerprint: str) -> pl.DataFrame:
    """Two months of one KPI."""
    columns = dict.fromkeys(KPI_VALUES.columns)
    rows = [
        {**columns, "period": period, "unit": "north", "kpi": "k", "window": "month", "slice": "", "is_main": True,
         "value": value, "value_period": period}
        for period in (JANUARY, FEBRUARY)
    ]  # fmt: skip
    types = {"period": pl.Date, "value_period": pl.Date, "is_main": pl.Boolean}
    floats = ("value", "numerator", "denominator")
    schema = {name: types.get(name, pl.Float64 if name in floats else pl.String) for name in KPI_VALUES.columns}
    frame = pl.DataFrame(rows, schema=schema)
    computed = pl.DataFrame(
        {"step": ["kpis"] * 2, "period": [JANUARY, FEBRUARY], "fingerprint": [fingerprint] * 2}
    ).select(list(COMPUTED.columns))
    with open_warehouse(home) as warehouse:
        warehouse.replace({KPI_VALUES: frame}, [JANUARY, FEBRUARY], computed)
    return frame


def test_file_and_parquet_hold_what_the_warehouse_publishes_and_say_what_it_means(home: Home) -> None:
    frame = fill(home, 1.5, "a")
    folder = write_copy(home)
    with duckdb.connect(str(folder / FILE), read_only=True) as copy:
        assert fetch(copy, "FROM kpis.kpi_values ORDER BY period").equals(frame)
        tables = {(schema, name) for schema, name in copy.execute(
            "SELECT schema_name, table_name FROM duckdb_tables()").fetchall()}  # fmt: skip
        assert tables == {(table.schema, table.name) for table in PUBLISHED}
        assert (COVERAGE.schema, COVERAGE.name) not in tables
        [(meaning,)] = copy.execute(
            "SELECT comment FROM duckdb_columns() WHERE table_name = 'kpi_values' AND column_name = 'value'"
        ).fetchall()
        assert meaning == KPI_VALUES.columns["value"].meaning
    found = pl.read_parquet(folder / "kpi_values" / "**" / "*.parquet", hive_partitioning=False)
    assert found.select(frame.columns).sort("period").equals(frame)
    assert sorted(path.name for path in (folder / "kpi_values").iterdir()) == [
        "period=2025-01-01", "period=2025-02-01"
    ]  # fmt: skip


def test_the_file_is_written_in_the_form_that_duckdb_1_0_reads(home: Home) -> None:
    fill(home, 1.5, "a")
    # The number after the mark DUCK is the version of the storage: 64 is that of DuckDB 0.10 to 1.1.
    assert (write_copy(home) / FILE).read_bytes()[8:20] == b"DUCK" + (64).to_bytes(8, "little")


def test_a_reader_keeps_its_copy_while_the_next_is_swapped_in(home: Home) -> None:
    fill(home, 1.5, "a")
    first = write_copy(home)
    with duckdb.connect(str(first / FILE), read_only=True) as reader:
        fill(home, 2.5, "b")
        write_copy(home)
        assert reader.execute("SELECT max(value) FROM kpis.kpi_values").fetchall() == [(1.5,)]
    with duckdb.connect(str(home.analysts / "current" / FILE), read_only=True) as copy:
        assert copy.execute("SELECT max(value) FROM kpis.kpi_values").fetchall() == [(2.5,)]
    assert len([path for path in home.analysts.iterdir() if not path.is_symlink()]) == 2
    fill(home, 3.5, "c")
    write_copy(home)
    assert len([path for path in home.analysts.iterdir() if not path.is_symlink()]) == 2


def test_no_copy_stays_that_another_rule_or_an_earlier_count_withheld_less_of(home: Home) -> None:
    rule = Telling(frozenset({"staff"}), at_least=5)
    fill(home, 1.5, "a")
    first = write_copy(home)
    with duckdb.connect(str(first / FILE), read_only=True) as reader:
        fill(home, 2.5, "b")
        second = write_copy(home, rule).resolve().name
        assert copies(home) == [second]
        assert reader.execute("SELECT max(value) FROM kpis.kpi_values").fetchall() == [(1.5,)], "what is open stays so"
    fill(home, 3.5, "c")
    third = write_copy(home, rule).resolve().name
    assert copies(home) == [third]
    assert third != second


def test_one_that_was_left_goes_though_nothing_has_changed(home: Home) -> None:
    rule = Telling(frozenset({"staff"}), at_least=5)
    fill(home, 1.5, "a")
    name = write_copy(home, rule).resolve().name
    (home.analysts / "older").mkdir()
    write_copy(home, rule)
    assert copies(home) == [name]


def copies(home: Home) -> list[str]:
    """The folders of the copies that lie there."""
    return sorted(path.name for path in home.analysts.iterdir() if not path.is_symlink())


_READER = """
import sys, time, duckdb
seen = []
while not seen or seen[-1] < 6.0:
    with duckdb.connect(sys.argv[1], read_only=True) as copy:
        [(low, high, rows)] = copy.execute("SELECT min(value), max(value), count(*) FROM kpis.kpi_values").fetchall()
    assert (low, rows) == (high, 2), (low, high, rows)
    seen.append(low)
    print("read", flush=True)
assert seen == sorted(seen)
"""


def test_who_reads_again_and_again_sees_each_copy_whole_while_they_are_swapped(home: Home) -> None:
    fill(home, 1.0, "1")
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, str(write_copy(home) / FILE)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reader.stdout
    assert reader.stdout.readline() == b"read\n"
    for number in range(2, 7):
        fill(home, float(number), str(number))
        write_copy(home)
    _, told = reader.communicate(timeout=60)
    assert reader.returncode == 0, told.decode()


def test_nothing_is_written_where_nothing_has_changed(home: Home) -> None:
    fill(home, 1.5, "a")
    before = (write_copy(home) / FILE).resolve().stat()
    fill(home, 1.5, "a")
    after = (write_copy(home) / FILE).resolve().stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_copy_of_the_same_state_is_written_again_where_it_may_be_damaged(home: Home) -> None:
    fill(home, 1.5, "a")
    file = write_copy(home) / FILE
    file.write_bytes(b"damaged")
    assert write_copy(home) / FILE == file
    assert file.read_bytes() == b"damaged"
    write_copy(home, anew=True)
    with duckdb.connect(str(file), read_only=True) as copy:
        assert fetch(copy, "FROM kpis.kpi_values").height == 2
    assert sorted(path.name for path in home.analysts.iterdir()) == sorted({"current", file.parent.resolve().name})
