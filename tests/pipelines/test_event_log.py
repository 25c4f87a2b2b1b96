from concurrent.futures import ThreadPoolExecutor

import dagster as dg
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
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
