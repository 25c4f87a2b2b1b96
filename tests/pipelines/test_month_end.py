"""The month end as Dagster runs it: single months, ranges, refusals, and runs that are made again."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.cli.printing import Steps, steps
from pipelines.cli.running import ASSET_RANGE_END, ASSET_RANGE_START, materialise
from pipelines.definitions import build_definitions
from pipelines.instance import open_instance
from pipelines.resources import ProjectResource
from scorecards.errors import DataRefused
from scorecards.periods import months_between, parse_period
from tests.small_company import MONTHS, SmallCompany, small_company
from warehouse import journal
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import TABLES, Table

COMPUTED = [table for table in TABLES if table.schema not in ("landing", "packs")]
DECIMAL_COMMAS = '1,north,2025-03-01,"12,50"\n2,south,2025-03-02,"13,50"\n'


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small")


def run(
    company: SmallCompany, first: str, last: str | None = None, home: Path | None = None, packs: str = "none"
) -> None:
    periods = months_between(parse_period(first), parse_period(last or first))
    materialise("month_end", company.root, home, None, periods, packs, Steps(None))


def read(company: SmallCompany, table: str, home: Path | None = None) -> pl.DataFrame:
    with open_warehouse(Home(home or company.root / ".scorepack")) as warehouse:
        return warehouse.read(next(one for one in TABLES if one.name == table))


def digest(company: SmallCompany, table: Table, home: Path | None = None) -> str:
    """Digest of a table's rows in the order of its key."""
    return hashlib.sha256(read(company, table.name, home).write_csv(float_precision=None).encode()).hexdigest()


def scored(company: SmallCompany) -> list[str]:
    scores = read(company, "scores").filter(pl.col("level") == "scorecard")
    return sorted({f"{period:%Y-%m}" for period in scores["period"]})


def test_a_month_end_leaves_values_that_can_be_worked_out_by_hand(company: SmallCompany) -> None:
    run(company, "2025-01")
    values = read(company, "kpi_values").filter(pl.col("kpi") == "revenue")
    # January: 41.50 to 46.50, the north has the first, third and fifth.
    assert dict(values.select("unit", "value").iter_rows()) == {"company": 264.0, "north": 130.5, "south": 133.5}


def backfill_as_dagster_does(company: SmallCompany, home: Path) -> None:
    """The run that a backfill of all assets from the UI submits: of the implicit job, with the range as tags."""
    resource = ProjectResource(project=str(company.root), home=str(home))
    definitions = build_definitions(resource)
    chosen = [key for key in definitions.resolve_all_asset_keys() if key.path[0] != "deliveries"]
    with open_instance(Home(home)) as instance:
        done = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=chosen,
            tags={ASSET_RANGE_START: "2025-01-01", ASSET_RANGE_END: "2025-06-01"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        assert done.success


def test_a_backfill_by_command_or_from_the_ui_and_single_months_leave_equal_tables_and_packs(
    company: SmallCompany, tmp_path: Path
) -> None:
    """Every table, to the last column, and every byte of the last month's packs."""
    homes = [tmp_path / name for name in ("ranged", "single", "dagster")]
    ranged, single, dagster = homes
    run(company, "2025-01", "2025-06", home=ranged, packs="last")
    for month in MONTHS:
        run(company, month, home=single, packs="last" if month == MONTHS[-1] else "none")
    backfill_as_dagster_does(company, dagster)
    tables = [{table.name: digest(company, table, home) for table in TABLES} for home in homes]
    assert tables[0] == tables[1] == tables[2]
    packs = [{path.name: path.read_bytes() for path in (home / "packs" / "2025-06").iterdir()} for home in homes]
    assert packs[0] == packs[1] == packs[2]
    assert len(packs[0]) == 3
    for name in ("kpi_values", "scores", "signals", "score_changes", "certainty", "packs"):
        assert not read(company, name, ranged).is_empty(), name


def test_a_second_run_changes_no_table_and_no_journal_entry(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    before = {table.name: digest(company, table) for table in COMPUTED}
    loads = len(journal.entries(Home(company.root / ".scorepack"), "load"))
    run(company, "2025-01", "2025-03")
    assert {table.name: digest(company, table) for table in COMPUTED} == before
    assert len(journal.entries(Home(company.root / ".scorepack"), "load")) == loads == 6


def test_a_refused_file_stops_its_month_before_anything_is_computed(company: SmallCompany) -> None:
    company.sales("2025-03", DECIMAL_COMMAS)
    with pytest.raises(DataRefused) as refused:
        run(company, "2025-03")
    assert "2025-03 was not computed" in str(refused.value)
    assert "sales_2025-03_20250403.csv: 2 of 2 rows are rejected" in str(refused.value)
    assert "decimal comma" in str(refused.value)
    assert scored(company) == []


def test_what_goes_wrong_beside_a_refused_file_is_told_too(company: SmallCompany) -> None:
    company.sales("2025-03", rows=DECIMAL_COMMAS)
    contract = (company.root / "sources/complaints.yaml").read_text()
    company.write("sources/complaints.yaml", f"{contract}known_on: manifest\n")
    with pytest.raises(DataRefused) as told, steps() as shown:
        materialise("month_end", company.root, None, None, [date(2025, 3, 1)], "none", shown)
    assert "sales: sales_2025-03_20250403.csv: 2 of 2 rows are rejected" in str(told.value)
    assert str(told.value).endswith(
        "manifest.csv cannot be read: No such file or directory. complaints needs it (known_on)."
    )


def test_a_refused_month_in_a_range_neither_blocks_nor_undoes_its_neighbours(company: SmallCompany) -> None:
    company.sales("2025-03", DECIMAL_COMMAS)
    with pytest.raises(DataRefused) as refused:
        run(company, "2025-01", "2025-05")
    assert "1 of 5 months were not computed" in str(refused.value)
    assert "2025-03: sales: sales_2025-03" in str(refused.value)
    assert scored(company) == ["2025-01", "2025-02", "2025-04", "2025-05"]


def test_a_window_over_a_refused_month_is_incomplete_and_not_zero(company: SmallCompany) -> None:
    company.sales("2025-03", DECIMAL_COMMAS)
    with pytest.raises(DataRefused):
        run(company, "2025-01", "2025-05")
    values = read(company, "kpi_values").filter(
        pl.col("kpi") == "average_sale", pl.col("unit") == "company", pl.col("period") == date(2025, 5, 1)
    )
    assert values.select("value", "missing_reason").row(0) == (None, "window_incomplete")


def test_a_corrected_delivery_clears_the_refusal_and_recomputes_the_windows(company: SmallCompany) -> None:
    company.sales("2025-03", DECIMAL_COMMAS)
    with pytest.raises(DataRefused):
        run(company, "2025-01", "2025-05")
    company.sales("2025-03", delivered="20250409")
    run(company, "2025-03", "2025-05")
    other = small_company(company.root.parent / "undisturbed")
    run(other, "2025-01", "2025-05")
    for name in ("kpi_values", "scores"):
        assert read(company, name).equals(read(other, name)), name


def test_a_month_whose_file_never_came_is_computed_with_less_coverage(company: SmallCompany) -> None:
    (company.root / "extracts" / "complaints_2025-02.csv").unlink()
    run(company, "2025-02")
    values = read(company, "kpi_values").filter(pl.col("kpi") == "complaint_rate")
    assert set(values["missing_reason"]) == {"no_data"}
    top = read(company, "scores").filter(pl.col("level") == "scorecard", pl.col("unit") == "company")
    assert top["coverage"].to_list() == [pytest.approx(0.25)]


def test_packs_are_rendered_for_the_last_month_and_not_again_when_nothing_changed(company: SmallCompany) -> None:
    run(company, "2025-04", "2025-06", packs="last")
    packs = read(company, "packs")
    assert packs.select("period", "unit").rows() == [(date(2025, 6, 1), unit) for unit in ("company", "north", "south")]
    files = {name: (company.root / ".scorepack" / name).stat().st_mtime_ns for name in packs["file"]}
    run(company, "2025-06", packs="last")
    assert {name: (company.root / ".scorepack" / name).stat().st_mtime_ns for name in files} == files
    for row in packs.iter_rows(named=True):
        assert hashlib.sha256((company.root / ".scorepack" / row["file"]).read_bytes()).hexdigest() == row["digest"]
        assert row["pages"] >= 3


def test_a_changed_target_renders_its_packs_again(company: SmallCompany) -> None:
    run(company, "2025-06", packs="last")
    before = read(company, "packs")["digest"].to_list()
    targets = (company.root / "targets.csv").read_text().replace("revenue,target,400", "revenue,target,300")
    company.write("targets.csv", targets)
    run(company, "2025-06", packs="last")
    assert all(new != old for new, old in zip(read(company, "packs")["digest"], before, strict=True))


def test_a_kpi_that_is_declared_no_longer_goes_month_by_month(company: SmallCompany) -> None:
    """Months that were not run since still hold its values and scores, and stand in nobody's way."""
    run(company, "2025-01", "2025-03")
    declared = {name: (company.root / name).read_text() for name in ("kpis/kpis.yaml", "strategy.yaml", "targets.csv")}
    company.write("kpis/kpis.yaml", declared["kpis/kpis.yaml"].partition("  complaint_rate:")[0])
    strategy = declared["strategy.yaml"].replace("[revenue, average_sale]", "[revenue]")
    company.write("strategy.yaml", strategy.replace("[complaint_rate]", "[average_sale]"))
    company.write("targets.csv", declared["targets.csv"].partition("complaint_rate,")[0])
    run(company, "2025-01", packs="last")
    kept = {
        f"{period:%m}" for period in read(company, "kpi_values").filter(pl.col("kpi") == "complaint_rate")["period"]
    }
    assert kept == {"02", "03"}
    run(company, "2025-02", "2025-03")
    fresh = company.root.parent / "fresh"
    run(company, "2025-01", "2025-03", home=fresh)
    # Cells that no KPI reads any more stay: nothing of what is computed from them is otherwise.
    for table in COMPUTED:
        if table.schema != "measures":
            assert digest(company, table) == digest(company, table, fresh), table.name


def test_the_query_of_the_page_of_tables_runs_on_the_analysts_copy_and_names_the_units(company: SmallCompany) -> None:
    run(company, "2025-06")
    page = (Path(__file__).parents[2] / "docs/reference/tables.md").read_text(encoding="utf-8")
    attach, query = page.partition("```sql\n")[2].partition("```")[0].split(";")[:2]
    with duckdb.connect() as connection:
        connection.execute(attach.replace(".scorepack/", f"{company.root}/.scorepack/"))
        rows = connection.execute(query).fetchall()
    assert {(kpi, unit) for *_, kpi, _, unit in rows} == {
        ("revenue", "EUR"), ("average_sale", "EUR"), ("complaint_rate", "percent")
    }  # fmt: skip
    assert all(period == date(2025, 6, 1) for period, *_ in rows)
