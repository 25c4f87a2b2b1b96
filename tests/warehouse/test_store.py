"""The warehouse file: partitions replaced in one transaction, one process at a time, damage told plainly."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from scorecards.errors import HomeBusy
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES, LOADS, REJECTS, SCORES, Table

MONTH, OTHER = date(2024, 1, 1), date(2024, 2, 1)
FILL = """
import sys, polars as pl
from datetime import date
from pathlib import Path
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES
with open_warehouse(Home(Path(sys.argv[1]))) as warehouse:
    turn = 0
    while True:
        turn += 1
        units = [str(i) for i in range(5000)]
        rows = {"period": [date(2024, 1, 1)] * 5000, "unit": units, "value": [float(turn)] * 5000}
        frame = pl.DataFrame(rows).with_columns(kpi=pl.lit("k"))
        whole = frame.with_columns(pl.lit(None).cast(pl.String if name != "value" else pl.Float64).alias(name)
                                   for name in KPI_VALUES.columns if name not in frame.columns)
        warehouse.replace({KPI_VALUES: whole}, [date(2024, 1, 1)])
        print(turn, flush=True)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def rows_of(table: Table, period: date, unit: str = "u", rows: int = 1) -> pl.DataFrame:
    known = {"period": [period] * rows, "unit": [f"{unit}{i}" for i in range(rows)]}
    types = {"DOUBLE": pl.Float64, "BIGINT": pl.Int64, "DATE": pl.Date}
    frame = pl.DataFrame(known, schema={"period": pl.Date, "unit": pl.String})
    return frame.with_columns(
        pl.lit(None).cast(types.get(column.type, pl.String)).alias(name)
        for name, column in table.columns.items()
        if name not in known
    )


def units(home: Home, table: Table) -> list[tuple[date, str]]:
    with open_warehouse(home) as warehouse:
        return warehouse.read(table).select("period", "unit").rows()


def test_a_partition_is_replaced_and_its_neighbours_stay(home: Home) -> None:
    with open_warehouse(home) as warehouse:
        warehouse.replace({SCORES: pl.concat([rows_of(SCORES, MONTH), rows_of(SCORES, OTHER)])}, [MONTH, OTHER])
        warehouse.replace({SCORES: rows_of(SCORES, MONTH, "new")}, [MONTH])
    assert units(home, SCORES) == [(MONTH, "new0"), (OTHER, "u0")]


def test_no_rows_replace_a_partition_by_nothing(home: Home) -> None:
    with open_warehouse(home) as warehouse:
        warehouse.replace({SCORES: rows_of(SCORES, MONTH)}, [MONTH])
        warehouse.replace({SCORES: rows_of(SCORES, MONTH, rows=0)}, [MONTH])
    assert units(home, SCORES) == []


def test_a_failure_in_the_second_table_leaves_the_first_as_it_was(home: Home) -> None:
    with open_warehouse(home) as warehouse:
        warehouse.replace({KPI_VALUES: rows_of(KPI_VALUES, MONTH), SCORES: rows_of(SCORES, MONTH)}, [MONTH])

    class Torn(pl.DataFrame):
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise RuntimeError("torn")

        def select(self, *_: object, **__: object) -> pl.DataFrame:
            return self

    torn = Torn(rows_of(SCORES, MONTH, "new"))
    with pytest.raises(Exception, match="torn"), open_warehouse(home) as warehouse:
        warehouse.replace({KPI_VALUES: rows_of(KPI_VALUES, MONTH, "new"), SCORES: torn}, [MONTH])
    assert units(home, KPI_VALUES) == units(home, SCORES) == [(MONTH, "u0")]


def test_what_is_written_beside_a_reader_is_seen_once_it_is_committed_and_lets_go_of_the_file(home: Home) -> None:
    with open_warehouse(home) as warehouse, warehouse.beside() as writer:
        writer.replace({SCORES: rows_of(SCORES, MONTH)}, [MONTH])
        with writer._transaction():
            writer._swap(SCORES, rows_of(SCORES, OTHER), "false", [])
            assert warehouse.read(SCORES)["period"].to_list() == [MONTH]
        assert warehouse.read(SCORES)["period"].to_list() == [MONTH, OTHER]
    held = "import sys, pathlib, warehouse.store as s, warehouse.home as h\n"
    held += "with s.open_warehouse(h.Home(pathlib.Path(sys.argv[1])), patient=False): pass"
    subprocess.run([sys.executable, "-c", held, str(home.root)], check=True)


def test_columns_go_in_by_name_and_a_missing_one_is_an_error(home: Home) -> None:
    frame = rows_of(SCORES, MONTH)
    with open_warehouse(home) as warehouse:
        warehouse.replace({SCORES: frame.select(reversed(frame.columns))}, [MONTH])
    assert units(home, SCORES) == [(MONTH, "u0")]
    with pytest.raises(pl.exceptions.ColumnNotFoundError), open_warehouse(home) as warehouse:
        warehouse.replace({SCORES: frame.drop("band")}, [MONTH])
    assert units(home, SCORES) == [(MONTH, "u0")]


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.07])
def test_a_killed_writer_leaves_the_old_rows_or_the_new_ones(home: Home, delay: float) -> None:
    command = [sys.executable, "-c", FILL, str(home.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        while int(writer.stdout.readline()) < 3:
            pass
        time.sleep(delay)
        writer.kill()
    with open_warehouse(home) as warehouse:
        values = warehouse.read(KPI_VALUES)
    assert values.height == 5000
    assert values["value"].n_unique() == 1
    assert values["value"][0] >= 3


@pytest.fixture
def writer(home: Home) -> Iterator[int]:
    """A process that holds the warehouse; its id."""
    with subprocess.Popen([sys.executable, "-c", FILL, str(home.root)], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        running.stdout.readline()
        yield running.pid
        running.kill()


def test_another_process_that_holds_the_warehouse_is_named(
    home: Home, writer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOREPACK_WAIT_SECONDS", "0.3")
    before = time.monotonic()
    with pytest.raises(HomeBusy, match=f"is held by process {writer}\\. Wait until it ends"), open_warehouse(home):
        pass
    assert 0.2 < time.monotonic() - before < 5


def test_waiting_ends_when_the_other_process_does(home: Home, writer: int) -> None:
    subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(0.5); os.kill({writer}, 9)"])
    with open_warehouse(home) as warehouse:
        assert warehouse.read(KPI_VALUES).height == 5000


@pytest.mark.parametrize("harm", ["header", "text", "empty tail"])
def test_a_damaged_warehouse_is_told_with_what_to_do(home: Home, harm: str) -> None:
    with open_warehouse(home) as warehouse:
        warehouse.replace({SCORES: rows_of(SCORES, MONTH, rows=5000)}, [MONTH])
    whole = home.warehouse.read_bytes()
    broken = {
        "header": b"\0" * 4096 + whole[4096:],
        "text": b"not a database",
        "empty tail": whole[: len(whole) // 2],
    }[harm]
    home.warehouse.write_bytes(broken)
    told = pytest.raises(
        HomeBusy, match=r"warehouse .* is damaged: .*computed anew from the records: scorepack rebuild"
    )
    with told, open_warehouse(home) as warehouse:
        warehouse.read(SCORES)


def test_a_write_ahead_log_of_rubbish_does_not_take_committed_rows_away(home: Home) -> None:
    with open_warehouse(home) as warehouse:
        warehouse.replace({SCORES: rows_of(SCORES, MONTH, rows=5000)}, [MONTH])
    home.warehouse.with_name("warehouse.duckdb.wal").write_bytes(b"\xff" * 5000)
    assert len(units(home, SCORES)) == 5000


def test_damage_that_shows_only_while_reading_is_told_too(home: Home) -> None:
    with open_warehouse(home) as warehouse:
        warehouse.replace({SCORES: rows_of(SCORES, MONTH, rows=50_000)}, [MONTH])
    whole = bytearray(home.warehouse.read_bytes())
    for start in range(3 * 4096 + 262_144, len(whole) - 4096, 262_144):
        whole[start : start + 512] = b"\xa5" * 512
    home.warehouse.write_bytes(bytes(whole))
    with pytest.raises(HomeBusy, match="is damaged"), open_warehouse(home) as warehouse:
        warehouse.read(SCORES)


def test_loads_and_rejects_are_replaced_by_source(home: Home) -> None:
    def frame(table: Table, source: str) -> pl.DataFrame:
        types = {"BIGINT": pl.Int64, "DATE": pl.Date, "BOOLEAN": pl.Boolean}
        return pl.DataFrame(
            {name: source if column.type == "VARCHAR" else None for name, column in table.columns.items()},
            schema={name: types.get(column.type, pl.String) for name, column in table.columns.items()},
        )

    with open_warehouse(home) as warehouse:
        for source in ("a", "b", "a"):
            warehouse.replace({LOADS: frame(LOADS, source), REJECTS: frame(REJECTS, source)}, [source])
        assert warehouse.read(LOADS)["source"].to_list() == ["a", "b"]
        assert warehouse.read(REJECTS)["source"].to_list() == ["a", "b"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_a_home_that_may_not_be_written_is_told() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        home = Home(Path(folder) / "home").create()
        with open_warehouse(home):
            pass
        for path in (home.root, *home.root.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o444)
        code = """
import os, sys
from pathlib import Path
from scorecards.errors import HomeBusy
from warehouse import journal
from warehouse.home import Home
from warehouse.working import at_work
from warehouse.store import open_warehouse
os.setuid(65534)
home = Home(Path(sys.argv[1]))
def lock():
    with at_work(home): pass
def store():
    with open_warehouse(home): pass
for act in (home.create, lock, store, lambda: journal.append(home, "load", "x", {})):
    try:
        act()
    except HomeBusy as error:
        print(error)
    else:
        print("nothing")
"""
        told = subprocess.run([sys.executable, "-c", code, str(home.root)], capture_output=True, text=True, check=True)
    lines = told.stdout.splitlines()
    assert len(lines) == 4
    for line in lines:
        assert "cannot be written" in line or "cannot be opened" in line, line


def test_a_file_in_the_place_of_the_home_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    with pytest.raises(HomeBusy, match=r"cannot be written.*Choose another with --home"):
        Home(tmp_path / "home").create()


def test_the_home_is_private(home: Home) -> None:
    assert {path.stat().st_mode & 0o777 for path in (home.root, *home.root.iterdir()) if path.is_dir()} == {0o700}


def test_a_warehouse_of_another_version_is_told_with_what_to_do(home: Home) -> None:
    with open_warehouse(home):
        pass
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("ALTER TABLE scores.scores DROP COLUMN coverage")
    with (
        pytest.raises(HomeBusy, match=r"another version: scores\.scores has other columns.*scorepack rebuild"),
        open_warehouse(home),
    ):
        pass
