"""The web UI: one partition materialised through its API, as somebody does who clicks there."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.servers import served
from tests.small_company import SmallCompany, small_company
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import SCORES

LAUNCH = """mutation($p: ExecutionParams!) { launchRun(executionParams: $p) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = "query($r: ID!) { runOrError(runId: $r) { ... on Run { status } } }"


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small")


@pytest.fixture
def address(company: SmallCompany) -> Iterator[str]:
    with served(company.root) as found:
        yield found


def ask(address: str, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{address}/graphql", data=body, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)["data"]


def wait_for(address: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    raise AssertionError("the web UI did not come up")


def test_a_month_is_materialised_from_the_web_ui(company: SmallCompany, address: str) -> None:
    wait_for(address)
    nodes = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }"
    (repository,) = ask(address, nodes)["repositoriesOrError"]["nodes"]
    selector = {
        "repositoryName": repository["name"],
        "repositoryLocationName": repository["location"]["name"],
        "jobName": "month_end",
    }
    tags = [{"key": "dagster/partition", "value": "2025-04-01"}]
    launched = ask(address, LAUNCH, p={"selector": selector, "runConfigData": {}, "executionMetadata": {"tags": tags}})
    run = launched["launchRun"]["run"]["runId"]
    status = ""
    for _ in range(120):
        status = ask(address, STATUS, r=run)["runOrError"]["status"]
        if status in ("SUCCESS", "FAILURE", "CANCELED"):
            break
        time.sleep(1)
    assert status == "SUCCESS"
    with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
        scores = warehouse.read(SCORES)
    assert {f"{period:%Y-%m}" for period in scores["period"]} == {"2025-04"}
    assert scores.filter(pl.col("level") == "scorecard")["score"].null_count() == 0
    assert (company.root / ".scorepack" / "packs" / "2025-04" / "company-company.pdf").exists()
