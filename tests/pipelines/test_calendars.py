"""A project under calendar.csv as it is run: which rows are taken in, what happens when the table
changes, and in which month a moment lies that has an offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.options import read_period
from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.progress import listening
from pipelines.steps.ingest import ingest
from pipelines.steps.packs import build_packs
from pipelines.steps.setting import require_over
from scorecards.calendar import Calendar
from scorecards.errors import CallError
from scorecards.periods import months_between, parse_period
from scorecards.sources import Source
from scorecards.tables import CalendarPeriod
from tests.small_company import SmallCompany, small_company
from warehouse.home import Home
from warehouse.selection import accepted_file
from warehouse.staging import File, Terms, stage, staging_connection
from warehouse.store import open_warehouse
from warehouse.tables import TABLES

WEEKS = """\
period,first_day,last_day
2025-01,2024-12-29,2025-01-25
2025-02,2025-01-26,2025-02-22
2025-03,2025-02-23,2025-03-29
"""
JANUARY = "1,north,2024-12-29,1\n2,north,2025-01-25,2\n"
FEBRUARY = "3,north,2025-01-26,4\n4,north,2025-02-22,8\n5,north,2025-02-23,16\n6,north,2025-03-30,32\n"


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    made = small_company(tmp_path / "small", months=())
    contract = (made.root / "sources/sales.yaml").read_text()
    made.write("sources/sales.yaml", contract.replace("at_most: 10%", "at_most: 2"))
    made.write("calendar.csv", WEEKS)
    made.sales("2025-01", JANUARY)
    made.sales("2025-02", FEBRUARY)
    return made


def run(company: SmallCompany, home: Path | None = None) -> dict[tuple[str, date], float]:
    """Run January and February; the revenue of the north by period."""
    periods = months_between(parse_period("2025-01"), parse_period("2025-02"))
    materialise("month_end", company.root, home, None, periods, "none", Steps(None))
    found = read(company, "kpi_values", home).filter(pl.col("kpi") == "revenue", pl.col("unit") == "north")
    return {(unit, period): value for unit, period, value in found.select("unit", "period", "value").iter_rows()}


def read(company: SmallCompany, table: str, home: Path | None = None) -> pl.DataFrame:
    with open_warehouse(Home(home or company.root / ".scorepack")) as warehouse:
        return warehouse.read(next(one for one in TABLES if one.name == table))


def quarantined(company: SmallCompany) -> list[tuple[int, str]]:
    """Line and reason of the rejected rows of the loads that count."""
    counted = read(company, "loads").filter("is_current")
    return read(company, "rejects").join(counted, on="load", how="semi").select("line", "reason").sort("line").rows()


def test_rows_of_a_monthly_file_lie_in_the_days_of_its_period_and_others_are_told(company: SmallCompany) -> None:
    assert run(company) == {("north", date(2025, 1, 1)): 3, ("north", date(2025, 2, 1)): 12}
    assert quarantined(company) == [
        (4, "sold_on: belongs to 2025-03, the file is for 2025-02"),
        (5, "sold_on: '2025-03-30' lies in no period of calendar.csv"),
    ]


def test_a_changed_table_places_the_rows_anew_as_a_fresh_home_does(company: SmallCompany, tmp_path: Path) -> None:
    run(company)
    longer = WEEKS.replace("2025-02-22", "2025-03-01").replace("2025-02-23", "2025-03-02")
    company.write("calendar.csv", longer)
    assert run(company)["north", date(2025, 2, 1)] == 28
    assert [line for line, _ in quarantined(company)] == [5]
    assert run(company, tmp_path / "fresh") == run(company)
    assert read(company, "scores", tmp_path / "fresh").equals(read(company, "scores"))


def test_days_that_a_longer_table_adds_are_taken_out_of_quarantine(company: SmallCompany) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", contract.replace("sales_{period}_{file_date}", "all_{file_date}"))
    company.write("extracts/all_20250403.csv", "id,shop,sold_on,amount\n" + JANUARY + FEBRUARY)
    run(company)
    assert [line for line, _ in quarantined(company)] == [7]
    company.write("calendar.csv", WEEKS + "2025-04,2025-03-30,2025-04-26\n")
    run(company)
    assert quarantined(company) == []


def test_a_pack_knows_the_days_of_its_period(company: SmallCompany) -> None:
    run(company)
    days = {pack.days for pack in build_packs(company.setting(), date(2025, 2, 1))}
    assert days == {(date(2025, 1, 26), date(2025, 2, 22))}


def test_a_period_beyond_the_table_is_refused_with_its_end(company: SmallCompany) -> None:
    with pytest.raises(CallError) as refused:
        read_period("2025-04", company.setting().project)
    assert str(refused.value) == (
        "2025-04 is outside the project's months: 2025-01 (first_period in scorecard.yaml) to 2025-03 (the end of "
        "calendar.csv)."
    )


def test_a_run_of_a_period_that_is_not_over_is_refused_before_anything_is_taken_in(company: SmallCompany) -> None:
    company.write("calendar.csv", WEEKS.replace("2025-03-29", "2099-12-26"))
    company.sales("2025-03", "7,north,2025-03-01,1\n")
    for months in (["2025-03"], ["2025-01", "2025-02", "2025-03"]):
        shown = Steps(None)
        with pytest.raises(CallError) as refused, listening(shown):
            materialise("month_end", company.root, None, None, [*map(parse_period, months)], "none", shown)
        assert str(refused.value) == (
            "2025-03 is not over: its last day by calendar.csv is 2099-12-26. Nothing was run. "
            "Run it after that day; the newest that is over is 2025-02."
        )
    assert read(company, "loads").is_empty()
    assert read(company, "kpi_values").is_empty()


def test_a_partition_that_the_table_has_no_days_for_is_refused_with_the_remedy(company: SmallCompany) -> None:
    with pytest.raises(CallError) as refused:
        require_over(company.setting().project, [parse_period("2025-02"), parse_period("2025-04")])
    assert str(refused.value) == "2025-04 has no days in calendar.csv: add its row. Nothing was run."


def test_looking_up_days_keeps_the_order_of_the_rows(tmp_path: Path) -> None:
    calendar = Calendar((CalendarPeriod(date(2025, 1, 1), date(2025, 1, 1), date(2025, 12, 31), 2),))
    days = [date(2025, 1, 1) + timedelta(days=n * 7 % 365) for n in range(300_000)]
    frame = pl.DataFrame({"id": range(len(days)), "day": days})
    frame.write_csv(tmp_path / "a.csv")
    source = Source.model_validate(
        {
            "source": "a", "domain": "process", "path": "a.csv", "unit": {"always": "top"}, "period": "day",
            "columns": {"id": {"type": "integer"}, "day": {"type": "date"}},
        }
    )  # fmt: skip
    file = File(tmp_path / "a.csv", "a.csv", tmp_path / "a.parquet", tmp_path / "r.parquet")
    with staging_connection(tmp_path) as connection:
        stage(connection, [file], source, Terms(date(2025, 1, 1), ["top"], calendar))
    staged = pl.read_parquet(file.accepted)
    assert staged.sort("_row").select("id", "day").equals(frame)
    assert staged["_period"].unique().to_list() == [date(2025, 1, 1)]


INSTANTS = ("2025-02-28T22:30:00Z", "2025-03-01T00:30:00+02:00", "2025-02-28 17:00 -0530", "2025-03-01T00:30+02")


@pytest.mark.parametrize("form", ["csv", "%z", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("zone", "hours"), [("Europe/Berlin", "02-28 23:30"), ("Europe/Helsinki", "03-01 00:30"), ("UTC", "02-28 22:30")]
)
def test_one_moment_lies_in_one_month_however_it_is_delivered(tmp_path: Path, form: str, zone: str, hours: str) -> None:
    company = small_company(tmp_path / "small", ())
    company.write("scorecard.yaml", f"{(company.root / 'scorecard.yaml').read_text()}time_zone: {zone}\n")
    moments = INSTANTS[1:2] if form == "%z" else INSTANTS[:1] if form == "parquet" else INSTANTS
    found = moments_of(company, form, moments)
    assert {f"{moment:%m-%d %H:%M}" for moment in found} == {hours}
    assert len(found) == len(moments)


def test_without_a_declared_zone_a_text_is_taken_as_it_is_written(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small", ())
    found = moments_of(company, "csv", INSTANTS)
    assert [f"{moment:%m-%d %H:%M}" for moment in found] == ["02-28 22:30", "03-01 00:30", "02-28 17:00", "03-01 00:30"]


def moments_of(company: SmallCompany, form: str, moments: Sequence[str]) -> list[datetime]:
    """The staged moments of sales that came in a file of this form."""
    suffix = "csv" if form == "%z" else form
    contract = (
        (company.root / "sources/sales.yaml").read_text().replace("sales_{period}_{file_date}.csv", f"s.{suffix}")
    )
    kind = "{type: datetime, format: '%Y-%m-%dT%H:%M:%S%z'}" if form == "%z" else "{type: datetime}"
    contract = contract.replace('known_on: "{file_date}"\n', "").replace("sold_on: {type: date}", f"sold_on: {kind}")
    company.write("sources/sales.yaml", contract)
    rows = pl.DataFrame({"id": range(len(moments)), "shop": "north", "sold_on": moments, "amount": 1})
    path = company.write(f"extracts/s.{suffix}", "")
    if form == "parquet":
        rows.with_columns(pl.col("sold_on").str.to_datetime(time_zone="UTC")).write_parquet(path)
    else:
        rows.write_csv(path) if suffix == "csv" else rows.write_ndjson(path)
    setting = company.setting()
    [load] = ingest(setting, "sales", [date(2025, 2, 1)])[0].loads
    assert (load.refused, load.rejected) == (None, 0)
    return list(pl.read_parquet(accepted_file(setting.home, load))["sold_on"])
