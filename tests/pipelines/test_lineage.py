"""What Dagster is told of columns: their meanings, where they come from, and how many rows a month has."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.resources import ProjectResource
from tests.declared import write_project
from tests.small_company import small_company

MONTHS = ("2025-01", "2025-02", "2025-03")
CELLS, VALUES = dg.AssetKey(["measures", "measure_cells"]), dg.AssetKey(["kpis", "kpi_values"])


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    company = small_company(tmp_path_factory.mktemp("lineage") / "small", MONTHS)
    return build_definitions(ProjectResource(project=str(company.root)))


@pytest.fixture(scope="module")
def events(definitions: dg.Definitions) -> list[Any]:
    """The materialisations of a run over three months, packs and all."""
    job = definitions.resolve_job_def("month_end")
    keys = [f"{month}-01" for month in MONTHS]
    tags = {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]}
    result = job.execute_in_process(tags=tags, instance=dg.DagsterInstance.ephemeral())
    assert result.success
    return result.get_asset_materialization_events()


def metadata_of(definitions: dg.Definitions) -> dict[str, dict[str, Any]]:
    graph = definitions.resolve_asset_graph()
    return {key.to_user_string(): dict(graph.get(key).metadata) for key in graph.get_all_asset_keys()}


def columns_of(metadata: dict[str, Any]) -> dict[str, dg.TableColumn]:
    schema = metadata.get("dagster/column_schema")
    schema = getattr(schema, "schema", schema)
    return {column.name: column for column in schema.columns} if schema is not None else {}


def lineage_of(metadata: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    found = metadata.get("dagster/column_lineage")
    found = getattr(found, "column_lineage", found)
    return {
        name: {(dep.asset_key.to_user_string(), dep.column_name) for dep in deps}
        for name, deps in (found.deps_by_column.items() if found is not None else ())
    }


def test_every_computed_table_has_the_columns_and_meanings_of_its_schema(definitions: dg.Definitions) -> None:
    from warehouse.tables import CELLS, KPI_VALUES, PACKS, SCORE_CHANGES, SCORES, SIGNALS

    found = metadata_of(definitions)
    for table in (CELLS, KPI_VALUES, SCORES, SIGNALS, SCORE_CHANGES, PACKS):
        shown = columns_of(found[f"{table.schema}/{table.name}"])
        assert {name: (one.type, one.description) for name, one in shown.items()} == {
            name: (column.type, column.meaning) for name, column in table.columns.items()
        }


def test_a_value_is_followed_from_its_score_to_the_staged_columns(definitions: dg.Definitions) -> None:
    found = {name: lineage_of(metadata) for name, metadata in metadata_of(definitions).items()}
    assert found["scores/scores"]["score"] == {("kpis/kpi_values", "value")}
    assert found["kpis/kpi_values"]["value"] == {("measures/measure_cells", name) for name in ("exact", "real")}
    assert found["measures/measure_cells"]["exact"] == {("staging/sales", "amount")}
    assert found["measures/measure_cells"]["unit"] == {("staging/sales", "shop"), ("staging/complaints", "shop")}
    assert found["measures/measure_cells"]["period"] == {
        ("staging/sales", "sold_on"), ("staging/complaints", "raised_on")
    }  # fmt: skip


def test_lineage_names_only_columns_that_there_are(definitions: dg.Definitions) -> None:
    found = metadata_of(definitions)
    stated = 0
    for name, metadata in found.items():
        for column, deps in lineage_of(metadata).items():
            assert column in columns_of(metadata), f"{name}.{column}"
            for upstream, source in deps:
                assert source in columns_of(found[upstream]), f"{upstream}.{source}"
                stated += 1
    assert stated > 30


def test_a_search_for_a_kpi_finds_its_sources_and_its_table(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    told = {key.to_user_string(): graph.get(key).description or "" for key in graph.get_all_asset_keys()}
    assert {name for name, text in told.items() if "`complaint_rate`" in text} == {
        "staging/sales", "staging/complaints", "kpis/kpi_values", "scores/scores"
    }  # fmt: skip
    assert "`average_sale`" not in told["staging/complaints"]
    assert "`sale_size`" in told["measures/measure_cells"]


def test_every_month_has_its_row_count_and_the_newest_its_lineage(events: list[Any]) -> None:
    counts: dict[str, dict[str, int]] = {}
    for event in events:
        metadata = event.materialization.metadata
        if "dagster/partition_row_count" in metadata:
            name = event.asset_key.to_user_string()
            counts.setdefault(name, {})[event.partition] = metadata["dagster/partition_row_count"].value
    assert counts["staging/sales"] == dict.fromkeys((f"{month}-01" for month in MONTHS), 6)
    # Revenue, sales and both parts of the mean in two shops; complaints in the north alone.
    assert counts["measures/measure_cells"] == dict.fromkeys((f"{month}-01" for month in MONTHS), 9)
    assert counts["kpis/kpi_values"] == dict.fromkeys((f"{month}-01" for month in MONTHS), 9)
    assert set(counts) >= {"scores/scores", "signals/signals", "packs/packs"}
    shown = {
        (event.asset_key.to_user_string(), event.partition)
        for event in events
        if "dagster/column_lineage" in event.materialization.metadata
    }
    assert ("kpis/kpi_values", "2025-03-01") in shown
    assert {partition for _, partition in shown} == {"2025-03-01"}


def test_describing_a_project_takes_no_time_worth_speaking_of(tmp_path: Path) -> None:
    from pipelines.assets import lineage
    from pipelines.steps.setting import open_setting

    meridian = Path(__file__).resolve().parents[2] / "examples" / "meridian"
    setting = open_setting(meridian, tmp_path / "home")
    plan, begun = setting.plan, time.process_time()
    for source_id in setting.project.sources:
        lineage.kpis_of(setting.project, plan, source_id)
    lineage.lineage(lineage.cells_from(setting.project, plan))
    # A hundredth of a second on an idle machine.
    assert time.process_time() - begun < 0.5


def test_rows_that_are_counted_for_one_unit_have_no_lineage_and_are_computed(tmp_path: Path) -> None:
    """A count over files of a month each, all for one unit, reads no column."""
    counted = {
        "source": "visits", "path": "visits_{period}.csv", "unit": {"always": "north"}, "period": "{period}",
        "columns": {"visitor": {"type": "string"}},
    }  # fmt: skip
    measures = {"visits": {"source": "visits", "value": "COUNT(*)"}}
    root = write_project(tmp_path / "project", measures, {"k": {"value": "visits"}}, source=counted)
    (root / "extracts").mkdir(exist_ok=True)
    (root / "extracts" / "visits_2025-01.csv").write_text("visitor\na\nb\n")
    job = build_definitions(ProjectResource(project=str(root))).resolve_job_def("month_end")
    assert job.execute_in_process(partition_key="2025-01-01", instance=dg.DagsterInstance.ephemeral()).success
