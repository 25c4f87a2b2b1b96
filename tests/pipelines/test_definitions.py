"""What Dagster is told: assets, groups, dependencies, checks, jobs and the schedule."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.resources import ProjectResource
from tests.small_company import small_company

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    company = small_company(tmp_path_factory.mktemp("defined") / "small")
    return build_definitions(ProjectResource(project=str(company.root)))


def test_the_assets_their_groups_and_their_flow_are_these(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    flow = {
        key.to_user_string(): (
            graph.get(key).group_name,
            sorted(parent.to_user_string() for parent in graph.get(key).parent_keys),
        )
        for key in graph.get_all_asset_keys()
    }
    assert flow == {
        "staging/sales": ("staging", []),
        "staging/complaints": ("staging", []),
        "measures/measure_cells": ("measures", ["staging/complaints", "staging/sales"]),
        "kpis/kpi_values": ("kpis", ["measures/measure_cells"]),
        "scores/scores": ("scores", ["kpis/kpi_values"]),
        "signals/signals": ("signals", ["scores/scores"]),
        "insight/score_changes": ("insight", ["scores/scores"]),
        "packs/packs": ("packs", ["insight/score_changes", "signals/signals"]),
        "analysts/copy": ("analysts", ["packs/packs"]),
        "packs/outcome": ("packs", ["analysts/copy"]),
        "deliveries/deliveries": ("deliveries", ["packs/packs"]),
    }


def test_all_assets_share_one_monthly_partitions_definition_from_the_first_period(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    partitions = {graph.get(key).partitions_def for key in graph.get_all_asset_keys()}
    assert len(partitions) == 1
    assert partitions.pop().get_first_partition_key() == "2025-01-01"


def test_a_backfill_of_any_asset_but_the_deliveries_which_have_none_is_one_run(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    policies = {key.to_user_string(): graph.get(key).backfill_policy for key in graph.get_all_asset_keys()}
    assert policies.pop("deliveries/deliveries") is None
    assert len(policies) == 10
    assert set(policies.values()) == {dg.BackfillPolicy.single_run()}


def test_every_source_has_a_blocking_check(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    blocking = {
        check.asset_key.to_user_string() for check in graph.asset_check_keys if graph.get_check_spec(check).blocking
    }
    assert blocking == {"staging/sales", "staging/complaints"}


def test_the_month_end_delivers_nothing(definitions: dg.Definitions) -> None:
    month_end = definitions.resolve_job_def("month_end").asset_layer.executable_asset_keys
    deliver = definitions.resolve_job_def("deliver").asset_layer.executable_asset_keys
    assert dg.AssetKey(["deliveries", "deliveries"]) not in month_end
    assert deliver == {dg.AssetKey(["deliveries", "deliveries"])}


def test_the_schedule_stands_on_the_close_day_and_waits_to_be_started(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("month_end_schedule")
    assert (schedule.cron_schedule, schedule.default_status) == ("0 6 5 * *", dg.DefaultScheduleStatus.STOPPED)


def test_the_workspace_file_is_valid_for_dagster(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    command = [
        str(Path(sys.executable).with_name("dagster")),
        "definitions",
        "validate",
        "-w",
        str(ROOT / "workspace.yaml"),
    ]
    environment = {
        **os.environ,
        "SCOREPACK_PROJECT": str(company.root),
        "DAGSTER_HOME": "",
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    environment.pop("DAGSTER_HOME")
    done = subprocess.run(
        command,
        check=False,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All code locations passed validation" in done.stdout + done.stderr


def test_checks_tell_months_without_a_delivery_and_deliveries_that_came_late(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small", ("2025-01", "2025-02"))
    text = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", text + "expects: {due: 5 days}\n")
    (company.root / "extracts/sales_2025-02_20250303.csv").rename(company.root / "extracts/sales_2025-02_20250309.csv")
    definitions = build_definitions(ProjectResource(project=str(company.root)))
    months = {"start": "2025-01-01", "end": "2025-03-01"}
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def("month_end").execute_in_process(
            instance=instance, raise_on_error=False,
            tags={f"dagster/asset_partition_range_{end}": day for end, day in months.items()},
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": {"packs__packs": {"config": {"months": "none"}}},
            },
        )  # fmt: skip
    found = {
        check.check_name: check
        for check in result.get_asset_check_evaluations()
        if check.asset_key == dg.AssetKey(["staging", "sales"])
    }
    assert {name: check.passed for name, check in found.items()} == {
        "within_contract": True, "complete": False, "in_time": False
    }  # fmt: skip
    assert found["complete"].description == "Nothing for 2025-03."
    told = str(found["in_time"].description)
    assert told.startswith("2025-02 was due on 2025-03-05: came 4 days late\n2025-03 was due on")
