"""Under the real daemon: what is approved leaves once, packs that are late are told once, a failed run is mailed once.

A backfill of months is one run of all assets.

One test, since the daemon takes its time: it looks at a sensor every minute or two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.definitions import build_definitions
from pipelines.delivery.gate import approve
from pipelines.instance import open_instance
from pipelines.resources import ProjectResource
from pipelines.steps.editions import publish
from pipelines.steps.staleness import KPIS, stored_prints
from scorecards.periods import add_months, parse_period, period_text
from scorecards.working_days import due_moment
from tests.acceptance.test_served import LAUNCH, ask, wait_for
from tests.delivery.mail_server import Script, mail_server
from tests.servers import served
from tests.small_company import SmallCompany, small_company
from warehouse.home import Home
from warehouse.store import open_warehouse

NEWEST = add_months(datetime.now(UTC).date().replace(day=1), -1)
BROKEN = "2025-03"
BACKFILLED = [f"2025-{month:02d}-01" for month in range(5, 10)]
BACKFILL = """mutation($p: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $p) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    """The newest month that is over, published and not approved; an older one with a broken delivery."""
    found = small_company(tmp_path / "small", (BROKEN,))
    name = period_text(NEWEST)
    rows = "".join(f"{i},{('north', 'south')[i % 2]},{name}-0{i + 1},{40 + i}.50\n" for i in range(6))
    found.write(f"extracts/sales_{name}_20250101.csv", "id,shop,sold_on,amount\n" + rows)
    found.complaints(name)
    found.sales(BROKEN, f"x,north,{BROKEN}-01,1\n")
    people = (found.root / "recipients.yaml").read_text()
    found.write("recipients.yaml", people + "alerts: [ops@example.com]\n")
    at = datetime.now(UTC) + timedelta(minutes=2)
    found.write(
        "delivery.yaml", f"due: {{working_day: 1, at: '{at:%H:%M}', early: true}}\nowner: [office@example.com]\n"
    )
    materialise("month_end", found.root, None, None, [NEWEST], "last", Steps(None))
    publish(found.setting(), NEWEST, "Ada")
    return found


def ticks(home: Home) -> dict[str, int]:
    """How often the daemon has looked at each schedule and sensor, to the end."""
    with open_instance(home) as instance:
        return {
            state.origin.instigator_name: sum(
                tick.status.value in ("SUCCESS", "SKIPPED")
                for tick in instance.get_ticks(state.origin.get_id(), state.selector_id)
            )
            for state in instance.all_instigator_state()
        }


def looks_at_deliveries(home: Home) -> int:
    seen = ticks(home)
    return seen.get("delivery_sensor", 0) + seen.get("delivery_schedule", 0)


def until(holds: Callable[[], bool], seconds: int, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(1)


@pytest.mark.slow
def test_the_daemon_sends_what_is_approved_once_and_tells_what_is_late_or_fails_once(company: SmallCompany) -> None:
    script, home = Script(), Home(company.root / ".scorepack")
    with mail_server(script) as port:
        settings = {
            "SCOREPACK_SMTP_URL": f"smtp://127.0.0.1:{port}", "SCOREPACK_MAIL_FROM": "packs@example.com",
        }  # fmt: skip
        with served(company.root, **settings) as address:
            wait_for(address)
            until(lambda: ticks(home).get("delivery_sensor", 0) > 0, 120, "the sensor was not looked at")
            until(lambda: ticks(home).get("failure_alert", 0) > 0, 120, "the failure sensor was not looked at")
            assert [to for to in script.addresses if to not in ("office@example.com",)] == []
            approve(company.setting(), NEWEST, "Grace")
            launch_broken(address)
            backfill = launch_backfill(company, address)
            readers = ["ada@example.com", "joerg@example.com"]
            until(lambda: "ops@example.com" in script.addresses, 240, "the failed run was not mailed")
            mailed = ticks(home)["failure_alert"]
            until(lambda: set(readers) <= set(script.addresses), 240, f"only {script.addresses} were reached")
            left = looks_at_deliveries(home)
            until(lambda: ticks(home)["failure_alert"] > mailed + 1, 200, "no further look at failed runs")
            until(lambda: looks_at_deliveries(home) > left, 200, "no further look at deliveries")
            until(lambda: ticks(home).get("delivery_schedule", 0) > 0, 200, "the schedule was not looked at")
            until(lambda: is_over(home, backfill), 200, "the backfill did not end")
            assert_one_run(home, backfill)
    due = due_moment(company.setting().project.delivery.due, company.setting().project.calendar.last_day(NEWEST), "UTC")  # type: ignore[arg-type]
    expected = [*readers, "ops@example.com", *(["office@example.com"] if due < datetime.now(UTC) else [])]
    assert sorted(script.addresses) == sorted(expected)
    subjects = {to: str(message["Subject"]) for to, message in script.received}
    assert subjects["ops@example.com"].startswith(f"Scorepack: month_end of {BROKEN} failed")
    told = dict(script.received)["ops@example.com"].get_content()
    assert f"scorepack run {BROKEN}" in told
    if "office@example.com" in subjects:
        assert f"{period_text(NEWEST)}: packs are late" in subjects["office@example.com"]


def launch_broken(address: str) -> None:
    """Start the month end of the broken month, as somebody does who clicks."""
    nodes = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }"
    (repository,) = ask(address, nodes)["repositoriesOrError"]["nodes"]
    selector = {
        "repositoryName": repository["name"],
        "repositoryLocationName": repository["location"]["name"],
        "jobName": "month_end",
    }
    tags = [{"key": "dagster/partition", "value": f"{BROKEN}-01"}]
    launched = ask(address, LAUNCH, p={"selector": selector, "runConfigData": {}, "executionMetadata": {"tags": tags}})
    assert launched["launchRun"]["__typename"] == "LaunchRunSuccess", launched


def launch_backfill(company: SmallCompany, address: str) -> str:
    """Backfill months of all assets but the deliveries, as somebody does who chooses them; returns its id."""
    definitions = build_definitions(ProjectResource(project=str(company.root)))
    assets = definitions.resolve_job_def("month_end").asset_layer.executable_asset_keys
    chosen = [{"path": list(asset.path)} for asset in assets]
    launched = ask(address, BACKFILL, p={"assetSelection": chosen, "partitionNames": BACKFILLED})
    assert launched["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", launched
    return str(launched["launchPartitionBackfill"]["backfillId"])


def is_over(home: Home, backfill: str) -> bool:
    with open_instance(home) as instance:
        found = instance.get_backfill(backfill)
    return found is not None and found.status in (BulkActionStatus.COMPLETED_SUCCESS, BulkActionStatus.COMPLETED_FAILED)


def assert_one_run(home: Home, backfill: str) -> None:
    """All months of the backfill were one run, which ended well and computed each of them."""
    with open_instance(home) as instance:
        (run,) = instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": backfill}))
    assert run.status is dg.DagsterRunStatus.SUCCESS
    ends = [run.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end")]
    assert ends == [BACKFILLED[0], BACKFILLED[-1]]
    with open_warehouse(home) as warehouse:
        assert set(stored_prints(warehouse, KPIS)) >= {parse_period(month[:7]) for month in BACKFILLED}
