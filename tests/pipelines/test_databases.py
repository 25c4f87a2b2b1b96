"""Extracts that are queries: a real SQLite file and a real PostgreSQL, behind the same contract as files."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any, Protocol

import polars as pl
import pytest
import yaml

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.progress import listening
from pipelines.steps.ingest import Ingested, ingest
from scorecards.errors import SourceFailed
from scorecards.periods import add_months, parse_period
from tests.servers import BINARIES, PASSWORD, PostgreSQL, postgresql
from tests.small_company import SmallCompany, small_company
from warehouse.selection import rejected_rows, scan

YEAR = [parse_period(f"2025-{month:02d}") for month in range(1, 7)]
TABLE = "CREATE TABLE sales (id integer, shop text, sold_on date, amount numeric(12, 2))"
COLUMNS: dict[str, dict[str, Any]] = {
    "id": {"type": "integer"}, "shop": {}, "sold_on": {"type": "date"}, "amount": {"type": "decimal", "scale": 2}
}  # fmt: skip
MONTH = "SELECT id, shop, sold_on, amount FROM sales WHERE sold_on BETWEEN :period AND :period_end"


class Database(Protocol):
    """A database that tests write into, and how it is declared."""

    connection: dict[str, Any]

    def run(self, *statements: str) -> None:
        """Run statements."""


@dataclass
class Sqlite:
    """A database file in the project."""

    file: Path

    @property
    def connection(self) -> dict[str, Any]:
        return {"driver": "sqlite", "address": self.file.name, "timeout_seconds": 5}

    def run(self, *statements: str) -> None:
        connection = sqlite3.connect(self.file)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()


@dataclass
class Postgres:
    """The cluster of the module; the address with the password is in the environment."""

    server: PostgreSQL

    @property
    def connection(self) -> dict[str, Any]:
        return {"driver": "postgresql", "timeout_seconds": 5}

    def run(self, *statements: str) -> None:
        self.server.run(*statements)


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgreSQL]:
    if BINARIES is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgresql() as server:
        yield server


@dataclass
class Shop:
    """A company whose sales are asked of a database."""

    company: SmallCompany
    database: Database

    def declare(self, query: str, **changes: Any) -> None:
        root = self.company.root
        organisation = yaml.safe_load((root / "scorecard.yaml").read_text())
        connections = {"erp": {**self.database.connection, **changes.pop("connection", {})}}
        self.company.write("scorecard.yaml", yaml.safe_dump({**organisation, "connections": connections}))
        source = yaml.safe_load((root / "sources/sales.yaml").read_text())
        for key in ("path", "known_on"):
            source.pop(key, None)
        declared = {**source, "connection": "erp", "query": query, **changes}
        self.company.write("sources/sales.yaml", yaml.safe_dump(declared, sort_keys=False))

    def insert(self, lines: Sequence[str]) -> None:
        rows = [line.split(",") for line in lines]
        values = ", ".join(f"({i}, '{shop}', '{day}', {amount})" for i, shop, day, amount in rows)
        self.database.run(f"INSERT INTO sales VALUES {values}")

    def ingest(self, *months: str) -> list[Ingested]:
        periods = [parse_period(month) for month in months] or YEAR
        return ingest(self.company.setting(), "sales", periods)

    def loads(self) -> list[Any]:
        return list(self.company.setting().loads("sales"))

    def rows(self) -> pl.DataFrame:
        setting = self.company.setting()
        loads = setting.loads("sales")[-1:]
        return scan(setting.home, setting.project.sources["sales"], loads).collect().drop("_file")


def lines_of(company: SmallCompany) -> list[str]:
    """The rows of all sales files of a company."""
    files = sorted(company.root.glob("extracts/sales_*.csv"))
    return [line for file in files for line in file.read_text().splitlines()[1:]]


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Six months of sales in a database, asked month by month."""
    company = small_company(tmp_path / "company")
    if request.param == "sqlite":
        database: Database = Sqlite(company.root / "erp.db")
        database.run(TABLE)
    else:
        server: PostgreSQL = request.getfixturevalue("cluster")
        database = Postgres(server)
        database.run("DROP TABLE IF EXISTS sales CASCADE", TABLE, "GRANT ALL ON sales TO reader")
        monkeypatch.setenv("SCOREPACK_CONNECTION_ERP", server.address())
    found = Shop(company, database)
    found.insert(lines_of(company))
    for file in company.root.glob("extracts/sales_*.csv"):
        file.unlink()
    found.declare(MONTH)
    return found


def test_a_query_and_files_have_the_same_rows_rejects_and_states(shop: Shop, tmp_path: Path) -> None:
    local = small_company(tmp_path / "local")
    bad = ["31,north,2025-03-01,12.50", "32,nowhere,2025-03-02,1.00"]
    bad += [f"{n},south,2025-03-{n - 30:02d},1.00" for n in range(33, 45)]
    worse = ["51,north,2025-05-01,1.00", "52,nowhere,2025-05-02,1.00"]
    for month, lines in (("2025-03", bad), ("2025-05", worse)):
        for file in local.root.glob(f"extracts/sales_{month}_*"):
            file.unlink()
        local.sales(month, "\n".join(lines) + "\n")
        shop.database.run(f"DELETE FROM sales WHERE sold_on BETWEEN '{month}-01' AND '{month}-31'")
        shop.insert(lines)
    here, there = ingest(local.setting(), "sales", YEAR), shop.ingest()
    assert [(one.period, one.state, one.rows, one.rejected) for one in there] == [
        (one.period, one.state, one.rows, one.rejected) for one in here
    ]
    assert [one.state for one in there] == ["loaded"] * 4 + ["refused", "loaded"]
    rejects, accepted = [], []
    for setting in (local.setting(), shop.company.setting()):
        loads = setting.loads("sales")
        thrown = pl.concat([rows for _, rows in rejected_rows(setting.home, loads)])
        # SQLite keeps 1.00 as 1: the raw texts differ where their values do not.
        rejects.append(thrown.select("rule", "reason", pl.col("raw").str.extract(r"^(\d+)")).sort("raw"))
        good = [load for load in loads if load.refused is None]
        accepted.append(scan(setting.home, setting.project.sources["sales"], good).collect().drop("_file", "_row"))
    assert rejects[0].equals(rejects[1])
    assert rejects[0]["raw"].to_list() == ["32", "52"]
    assert accepted[0].sort("id").equals(accepted[1].sort("id"))
    assert shop.loads()[4].refused.startswith("sales 2025-05 (query): 1 of 2 rows are rejected")


def test_the_same_rows_in_another_order_are_no_new_delivery(shop: Shop) -> None:
    shop.ingest()
    before = shop.loads()
    shop.database.run(
        "CREATE TABLE turned AS SELECT * FROM sales ORDER BY amount DESC",
        "DELETE FROM sales", "INSERT INTO sales SELECT * FROM turned", "DROP TABLE turned",
    )  # fmt: skip
    shop.ingest()
    assert shop.loads() == before
    assert len(before) == 6


def test_a_changed_row_is_a_new_delivery_of_its_month_alone(shop: Shop) -> None:
    shop.ingest()
    shop.database.run("UPDATE sales SET amount = 1000 WHERE id = 20")
    found = shop.ingest()
    assert [load.name for load in shop.loads()[6:]] == ["sales 2025-02 (query)"]
    assert [one.loads[0].id for one in found if one.period == YEAR[1]] == [shop.loads()[6].id]


def test_only_the_asked_months_are_asked_for(shop: Shop) -> None:
    assert [one.state for one in shop.ingest("2025-02", "2025-04")] == ["loaded", "loaded"]
    assert [load.period for load in shop.loads()] == [YEAR[1], YEAR[3]]


def test_a_query_without_a_month_is_one_delivery_of_many_months(shop: Shop) -> None:
    shop.company.write("queries/sales.sql", "SELECT id, shop, sold_on, amount FROM sales;\n")
    shop.declare("queries/sales.sql")
    assert {one.state for one in shop.ingest()} == {"loaded"}
    (load,) = shop.loads()
    assert (load.name, load.period, load.rows, load.periods) == ("sales (query)", None, 36, tuple(YEAR))


def test_a_query_of_how_things_stand_is_kept_for_the_newest_month(shop: Shop) -> None:
    shop.declare("SELECT id, shop, sold_on, amount FROM sales", period="{known_on}")
    shop.ingest()
    (load,) = shop.loads()
    month = add_months(datetime.now(UTC).date().replace(day=1), -1)
    assert (load.period, load.rows) == (month, 36)


def test_a_month_without_rows_is_loaded_with_none(shop: Shop) -> None:
    shop.database.run("DELETE FROM sales WHERE sold_on < '2025-02-01'")
    (found,) = shop.ingest("2025-01")
    assert (found.state, found.rows) == ("loaded", 0)


def test_an_ordered_query_keeps_its_order(shop: Shop) -> None:
    shop.declare(f"{MONTH} ORDER BY amount DESC")
    shop.ingest("2025-01")
    assert shop.rows()["id"].to_list() == [15, 14, 13, 12, 11, 10]


def test_the_days_of_a_period_are_those_of_the_calendar(shop: Shop) -> None:
    shop.company.write(
        "calendar.csv",
        "period,first_day,last_day\n2025-01,2024-12-29,2025-01-03\n2025-02,2025-01-04,2025-02-28\n",
    )
    (found,) = shop.ingest("2025-01")
    assert found.rows == 3


def test_a_query_that_writes_is_refused_and_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    if isinstance(shop.database, Postgres):
        shop.declare("WITH gone AS (DELETE FROM sales RETURNING *) SELECT * FROM gone")
    else:
        shop.declare("WITH gone AS (SELECT 1) DELETE FROM sales")
    with pytest.raises(SourceFailed, match=r"^sales: the connection 'erp' failed: "):
        shop.ingest("2025-01")
    shop.declare("SELECT id, shop, sold_on, amount FROM sales")
    shop.ingest("2025-01")
    assert shop.loads()[0].rows == 36


def test_a_flaw_of_the_query_is_told_in_the_words_of_the_database(shop: Shop) -> None:
    shop.declare(MONTH.replace("amount", "amout"))
    with pytest.raises(SourceFailed, match=r"^sales: the connection 'erp' failed: .*amout.*\.$"):
        shop.ingest("2025-01")


def test_two_columns_of_one_name_are_refused(shop: Shop) -> None:
    shop.declare("SELECT id, shop, sold_on, amount, shop FROM sales")
    with pytest.raises(SourceFailed, match="the query names the column 'shop' twice"):
        shop.ingest("2025-01")


def test_without_its_packages_the_words_say_how_to_get_them(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_manager", None)
    with pytest.raises(SourceFailed, match=r"pip install 'scorepack\[databases\]'"):
        shop.ingest("2025-01")


def test_a_database_that_fails_ends_the_run_and_is_no_empty_month(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOREPACK_CONNECTION_ERP", "gone.db")
    if isinstance(shop.database, Postgres):
        monkeypatch.setenv("SCOREPACK_CONNECTION_ERP", "postgresql://reader:geheim@127.0.0.1:1/postgres")
    steps = Steps(None)
    with pytest.raises(SourceFailed) as failed, listening(steps):
        materialise("month_end", shop.company.root, None, None, YEAR[:1], "none", steps)
    assert str(failed.value).startswith("sales: the connection 'erp' failed: ")
    assert "geheim" not in str(failed.value)
    assert shop.loads() == []


def test_a_run_computes_from_queries_what_it_computes_from_files(shop: Shop, tmp_path: Path) -> None:
    from warehouse.home import Home
    from warehouse.store import open_warehouse
    from warehouse.tables import KPI_VALUES

    local, values = small_company(tmp_path / "local"), []
    for company in (local, shop.company):
        materialise("month_end", company.root, None, None, YEAR[:1], "none", Steps(None))
        with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
            values.append(warehouse.read(KPI_VALUES))
    assert values[0].equals(values[1])
    assert values[0].height == 9


def test_days_are_bound_and_never_pasted(cluster: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = of_postgresql(cluster, tmp_path, monkeypatch)
    cluster.run("ALTER ROLE reader SET log_statement = 'all'")
    try:
        shop.ingest("2025-03")
    finally:
        cluster.run("ALTER ROLE reader RESET log_statement")
    log = (cluster.folder / "log").read_text()
    assert "BETWEEN $1 AND $2" in log
    assert "parameters: $1 = '2025-03-01', $2 = '2025-03-31'" in log
    assert "BETWEEN '2025" not in log


def test_a_wrong_password_is_told_without_it(
    cluster: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = of_postgresql(cluster, tmp_path, monkeypatch)
    monkeypatch.setenv("SCOREPACK_CONNECTION_ERP", cluster.address("guessed-in-vain"))
    with pytest.raises(SourceFailed, match='password authentication failed for user "reader"') as failed:
        shop.ingest("2025-01")
    assert "guessed" not in str(failed.value)


def test_an_address_with_a_raw_password_is_told_without_it(
    cluster: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = of_postgresql(cluster, tmp_path, monkeypatch)
    monkeypatch.setenv("SCOREPACK_CONNECTION_ERP", cluster.address(PASSWORD))
    with pytest.raises(SourceFailed, match="the address in SCOREPACK_CONNECTION_ERP is not of the form") as failed:
        shop.ingest("2025-01")
    assert "cret" not in str(failed.value)
    monkeypatch.delenv("SCOREPACK_CONNECTION_ERP")
    with pytest.raises(SourceFailed, match="Set the environment variable SCOREPACK_CONNECTION_ERP"):
        shop.ingest("2025-01")


@pytest.mark.parametrize("slow", ["pg_sleep(30)", "generate_series(1, 9)"])
def test_a_query_that_takes_too_long_is_ended(
    slow: str, cluster: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.collecting import postgresql as module

    shop = of_postgresql(cluster, tmp_path, monkeypatch)
    # A single slow step is ended by the server; many quick ones, each within its time, are ended here.
    monkeypatch.setattr(module, "_ROWS", 1)
    query = f"SELECT 1 AS id, pg_sleep(0.4)::text AS shop, now() AS sold_on, 1 AS amount FROM {slow}"
    shop.declare(query, connection={"timeout_seconds": 1})
    with pytest.raises(SourceFailed, match=r"statement timeout|took more than 1 seconds"):
        shop.ingest("2025-01")


def test_words_of_the_database_hide_values_where_the_source_is_personal(
    cluster: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = of_postgresql(cluster, tmp_path, monkeypatch)
    columns = {**COLUMNS, "id": {"personal": True}}
    shop.declare("SELECT 'Jane Doe'::int AS id, shop, sold_on, amount FROM sales", columns=columns)
    with pytest.raises(SourceFailed, match="invalid input syntax for type integer") as failed:
        shop.ingest("2025-01")
    assert "Jane" not in str(failed.value)


def test_every_type_of_postgresql_comes_as_its_own_text(
    cluster: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = of_postgresql(cluster, tmp_path, monkeypatch)
    cluster.run("ALTER ROLE reader SET timezone = 'Asia/Tokyo'", "ALTER ROLE reader SET datestyle = 'German'")
    values = {
        "1.10::numeric(30, 20)": "1.10000000000000000000", "0.1::float8 + 0.2": "0.30000000000000004",
        "true": "true", "NULL::int": None, "'infinity'::date": "infinity", "date '2025-03-01'": "2025-03-01",
        "'2025-01-01 10:00+02'::timestamptz": "2025-01-01 08:00:00+00", "interval '1 day 2:00'": "1 day 02:00:00",
        "'{1,2}'::int[]": "{1,2}", "'{\"a\": 1}'::jsonb": '{"a": 1}', "'\\x00ff'::bytea": "\\x00ff", "'é'": "é",
    }  # fmt: skip
    selected = ", ".join(f"{sql} AS v{place}" for place, sql in enumerate(values))
    columns = {f"v{place}": {"nullable": True} for place in range(len(values))}
    declared = {**columns, "amount": COLUMNS["amount"], "sold_on": COLUMNS["sold_on"]}
    query = f"SELECT {selected}, 1 AS amount, :period AS sold_on"
    shop.declare(query, columns=declared, key=[], unit={"always": "north"})
    try:
        (found,) = shop.ingest("2025-03")
    finally:
        cluster.run("ALTER ROLE reader RESET ALL")
    assert found.state == "loaded", found
    row = shop.rows().row(0, named=True)
    assert [row[f"v{place}"] for place in range(len(values))] == list(values.values())


def test_a_column_of_sqlite_may_hold_other_types_than_its_first_rows(tmp_path: Path) -> None:
    company = small_company(tmp_path / "company", ())
    shop = Shop(company, Sqlite(company.root / "erp.db"))
    shop.database.run("CREATE TABLE sales (id, shop, sold_on, amount)")
    shop.insert([f"{number},north,2025-01-02,NULL" for number in range(2_000)])
    shop.insert(["0.1 + 0.2,south,2025-01-03,1.5", "'id 1',south,2025-01-03,7", "x'00ff',south,2025-01-03,NULL"])
    columns = {**COLUMNS, "id": {}, "amount": {**COLUMNS["amount"], "nullable": True}}
    shop.declare(MONTH, columns=columns)
    assert shop.ingest("2025-01")[0].rows == 2_003
    kept = shop.rows().filter(pl.col("shop") == "south").sort("id").with_columns(pl.col("amount").cast(pl.Float64))
    assert kept.select("id", "amount").rows() == [("0.30000000000000004", 1.5), ("id 1", 7.0), ("x'00FF'", None)]


def test_a_locked_sqlite_file_is_waited_for_and_then_told(tmp_path: Path) -> None:
    company = small_company(tmp_path / "company", ())
    database = Sqlite(company.root / "erp.db")
    database.run(TABLE)
    shop = Shop(company, database)
    shop.declare(MONTH, connection={"timeout_seconds": 1})
    hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE'); print(1); input()"
    # Locks of files do not hold within one process.
    with Popen([sys.executable, "-uc", hold, database.file], stdin=PIPE, stdout=PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(SourceFailed, match="database is locked"):
            shop.ingest("2025-01")
        holder.communicate(b"\n")


@pytest.mark.parametrize("place", [2, 3_000])
def test_a_result_that_breaks_off_is_no_delivery(place: int, shop: Shop) -> None:
    shop.insert([f"{number},north,2025-01-02,1" for number in range(100, 5_000)])
    wrong = "abs(-9223372036854775808)" if isinstance(shop.database, Sqlite) else "1 / (id - id)"
    shop.declare(
        f"SELECT CASE WHEN id = {place + 100} THEN {wrong} ELSE id END AS id, shop, sold_on, amount FROM sales"
    )
    with pytest.raises(SourceFailed, match=r"'erp' failed: (integer overflow|division by zero)\.$"):
        shop.ingest("2025-01")
    assert shop.loads() == []


def of_postgresql(cluster: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A company whose sales are asked of the cluster; the table is empty."""
    company = small_company(tmp_path / "company", ())
    cluster.run("DROP TABLE IF EXISTS sales CASCADE", TABLE, "GRANT ALL ON sales TO reader")
    monkeypatch.setenv("SCOREPACK_CONNECTION_ERP", cluster.address())
    shop = Shop(company, Postgres(cluster))
    shop.declare(MONTH)
    return shop
