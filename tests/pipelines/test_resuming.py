"""A run that was cut off and is started again does only what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.steps import compute, insight
from pipelines.steps import setting as settings
from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.insight import compute_insight
from scorecards.periods import parse_period
from tests.small_company import MONTHS, SmallCompany, small_company
from warehouse import taking_in
from warehouse.selection import all_loads
from warehouse.store import open_warehouse
from warehouse.tables import CERTAINTY, COMPUTED, KPI_VALUES, SCORE_CHANGES, SCORES, VALUE_CHANGES

PERIODS = [parse_period(month) for month in MONTHS]


class CutOff(Exception):
    """Stands for the end of the process."""


def failing_at(call: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """The function, cut off at its n-th call."""
    calls = 0

    def once(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise CutOff
        return real(*arguments, **named)

    return once


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCompany:
    monkeypatch.setattr(settings, "_MOST", 2)
    monkeypatch.setattr(taking_in, "_TOGETHER", 2)
    return small_company(tmp_path / "small")


def months_of(company: SmallCompany, tampered: str) -> dict[str, list[date]]:
    """The months of the values and scores of revenue, and those of them that bear the mark of tampering."""
    found: dict[str, list[date]] = {}
    with open_warehouse(company.setting().home) as warehouse:
        for table, value in ((KPI_VALUES, "value"), (SCORES, "score")):
            rows = warehouse.read(table)
            found[table.name] = sorted(set(rows["period"]))
            found[f"{table.name} {tampered}"] = sorted(set(rows.filter(rows[value] == -1)["period"]))
    return found


def test_deliveries_that_were_recorded_are_not_staged_again(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = company.setting()
    monkeypatch.setattr(taking_in, "stage", failing_at(2, taking_in.stage))
    with pytest.raises(CutOff):
        ingest(setting, "sales", PERIODS)
    first = all_loads(setting.home, "sales")
    assert [load.period for load in first] == PERIODS[:2]
    monkeypatch.undo()
    staged: list[str] = []
    real = taking_in.stage

    def noted(*arguments: Any) -> Any:
        staged.extend(file.shown for file in arguments[1])
        return real(*arguments)

    monkeypatch.setattr(taking_in, "stage", noted)
    ingest(setting, "sales", PERIODS)
    assert [name[6:13] for name in staged] == list(MONTHS[2:])
    assert [load.period for load in all_loads(setting.home, "sales")] == PERIODS
    assert all_loads(setting.home, "sales")[:2] == first
    names = {path.stem for path in (setting.home.staging / "sales").iterdir()}
    assert names == {load.id for load in all_loads(setting.home, "sales")}


def test_months_that_were_committed_are_not_computed_again(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = company.setting()
    for source_id in setting.project.sources:
        ingest(setting, source_id, PERIODS)
    compute_measures(setting, PERIODS)
    with monkeypatch.context() as patched:
        patched.setattr(compute, "kpi_definitions", failing_at(3, compute.kpi_definitions))
        with pytest.raises(CutOff):
            compute_kpis(setting, PERIODS)
    assert months_of(company, "tampered")["kpi_values"] == PERIODS[:4]
    with open_warehouse(setting.home) as warehouse:
        warehouse._connection.execute("UPDATE kpis.kpi_values SET value = -1 WHERE kpi = 'revenue'")
    compute_kpis(setting, PERIODS)
    found = months_of(company, "tampered")
    assert (found["kpi_values"], found["kpi_values tampered"]) == (PERIODS, PERIODS[:4])
    with monkeypatch.context() as patched:
        patched.setattr(compute, "score_levels", failing_at(2, compute.score_levels))
        with pytest.raises(CutOff):
            compute_scores(setting, PERIODS)
    with open_warehouse(setting.home) as warehouse:
        warehouse._connection.execute("UPDATE scores.scores SET score = -1")
    compute_scores(setting, PERIODS)
    found = months_of(company, "tampered")
    assert (found["scores"], found["scores tampered"]) == (PERIODS, PERIODS[:2])


def test_cells_of_monthly_files_are_committed_some_months_after_the_other(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = company.setting()
    for source_id in setting.project.sources:
        ingest(setting, source_id, PERIODS)
    with monkeypatch.context() as patched:
        patched.setattr(compute, "measure_cells", failing_at(5, compute.measure_cells))
        with pytest.raises(CutOff):
            compute_measures(setting, PERIODS)
    # Of twelve months of two sources, all six of the first and two of the second are there.
    assert compute_measures(setting, PERIODS) == 4


def test_insight_that_is_cut_off_between_two_parts_is_that_of_all_months_at_once(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = company.setting()
    for source_id in setting.project.sources:
        ingest(setting, source_id, PERIODS)
    for step in (compute_measures, compute_kpis, compute_scores, compute_insight):
        step(setting, PERIODS)
    tables = (SCORE_CHANGES, VALUE_CHANGES, CERTAINTY)
    with open_warehouse(setting.home) as warehouse:
        at_once = [warehouse.read(table) for table in tables]
        [(rows,)] = warehouse._connection.execute(
            "SELECT max(rows) FROM (SELECT count(*) AS rows FROM scores.scores GROUP BY period)"
        ).fetchall()
        for table in tables:
            warehouse._connection.execute(f"DELETE FROM {table.full_name}")
        warehouse._connection.execute(f"DELETE FROM {COMPUTED.full_name} WHERE step = 'insight'")
    monkeypatch.setattr(insight, "_ROWS", 2 * rows)
    with monkeypatch.context() as patched:
        patched.setattr(insight, "certainty", failing_at(3, insight.certainty))
        with pytest.raises(CutOff):
            compute_insight(setting, PERIODS)
    with open_warehouse(setting.home) as warehouse:
        assert sorted(set(warehouse.read(CERTAINTY)["period"])) == PERIODS[:4]
    compute_insight(setting, PERIODS)
    with open_warehouse(setting.home) as warehouse:
        assert all(table.equals(warehouse.read(each)) for table, each in zip(at_once, tables, strict=True))
        assert all(table.height for table in at_once)
