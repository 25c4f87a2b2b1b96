"""Under the real daemon: what is approved leaves once, packs that are late are told once, a failed run is mailed once.

One test, since the daemon takes its time: it looks at a sensor every minute or two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve
from pipelines.instance import open_instance
from pipelines.steps.editions import publish
from scorecards.periods import add_months, period_text
from scorecards.working_days import due_moment
from tests.acceptance.test_served import LAUNCH, ask, wait_for
from tests.delivery.mail_server import Script, mail_server
from tests.servers import served
from tests.small_company import SmallCompany, small_company
from warehouse.home import Home

NEWEST = add_months(datetime.now(UTC).date().replace(day=1), -1)
BROKEN = "2025-03"


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
            readers = ["ada@example.com", "joerg@example.com"]
            until(lambda: set(readers) <= set(script.addresses), 240, f"only {script.addresses} were reached")
            until(lambda: "ops@example.com" in script.addresses, 240, "the failed run was not mailed")
            seen = ticks(home)
            until(lambda: ticks(home)["failure_alert"] > seen["failure_alert"] + 1, 200, "no further look")
            until(lambda: ticks(home).get("delivery_schedule", 0) > 0, 200, "the schedule was not looked at")
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
