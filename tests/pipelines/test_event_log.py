import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.event_log import OpenEventLog
from pipelines.instance import dagster_folder, open_instance
from scorecards.periods import months_between, parse_period
from tests.small_company import SmallCompany, small_company
from warehouse.home import Home

SCORES = dg.AssetKey(["scores", "scores"])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    made = small_company(tmp_path_factory.mktemp("project") / "small")
    periods = months_between(parse_period("2025-01"), parse_period("2025-03"))
    materialise("month_end", made.root, None, None, periods, "none", Steps(None))
    return made


def home_of(company: SmallCompany) -> Home:
    return Home(company.root / ".scorepack")


def test_what_a_run_logs_is_there_for_dagster_s_own_storage(company: SmallCompany) -> None:
    with dg.DagsterInstance.from_config(str(dagster_folder(home_of(company)))) as instance:
        assert type(instance.event_log_storage).__name__ == "SqliteEventLogStorage"
        (run,) = instance.get_runs()
        assert run.status == dg.DagsterRunStatus.SUCCESS
        assert sorted(instance.get_materialized_partitions(SCORES)) == ["2025-01-01", "2025-02-01", "2025-03-01"]
        logged = instance.all_logs(run.run_id)
        assert logged[-1].dagster_event_type == dg.DagsterEventType.RUN_SUCCESS


def test_a_run_leaves_no_database_of_its_history_open(company: SmallCompany) -> None:
    # SQLite deletes a write-ahead log when the last connection to its database is closed.
    history = dagster_folder(home_of(company)) / "history"
    assert list(history.rglob("*.db"))
    assert list(history.rglob("*.db-wal")) == []


def test_events_of_two_threads_are_all_kept(company: SmallCompany) -> None:
    with open_instance(home_of(company)) as instance:

        def report(place: int) -> None:
            instance.report_runless_asset_event(dg.AssetMaterialization("by_hand", partition=str(place)))

        with ThreadPoolExecutor(2) as hands:
            list(hands.map(report, range(20)))
        assert len(instance.get_materialized_partitions(dg.AssetKey("by_hand"))) == 20


def test_events_that_are_stored_together_leave_the_rows_of_events_stored_one_by_one(
    company: SmallCompany, tmp_path: Path
) -> None:
    with open_instance(home_of(company)) as instance:
        (run,) = instance.get_runs()
        kinds = ASSET_EVENTS | ASSET_CHECK_EVENTS
        events = [event for event in instance.all_logs(run.run_id) if event.dagster_event_type in kinds]
    assert len({event.dagster_event_type for event in events}) == 4
    one_by_one, together = SqliteEventLogStorage(str(tmp_path / "one")), OpenEventLog(str(tmp_path / "together"))
    for event in events:
        one_by_one.store_event(event)
    together.store_event_batch(events)
    together.dispose()
    assert rows_of(tmp_path / "one", run.run_id) == rows_of(tmp_path / "together", run.run_id)


def rows_of(folder: Path, run_id: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the history's tables of events, but for the times at which they were written."""
    tables = {
        run_id: ["event_logs"], "index": ["event_logs", "asset_keys", "asset_event_tags", "asset_check_executions"]
    }  # fmt: skip
    found = {}
    for database, names in tables.items():
        connection = sqlite3.connect(folder / f"{database}.db")
        for name in names:
            columns = [column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")]
            kept = ", ".join(column for column in columns if column != "create_timestamp")
            found[f"{database}.{name}"] = connection.execute(f"SELECT {kept} FROM {name} ORDER BY 1, 2").fetchall()
        connection.close()
    assert found["index.asset_keys"]
    assert found["index.asset_check_executions"]
    return found
