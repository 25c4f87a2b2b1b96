"""Snapshots, increments, corrections, late rows, and where the day comes from on which a delivery became known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.steps.compute import compute_kpis, compute_measures
from pipelines.steps.ingest import ingest, notes_told, passed_over_told
from pipelines.steps.noting import noted_told
from pipelines.steps.status import lying_told, month_states, waiting_told
from scorecards.errors import DataRefused, DeclarationError
from scorecards.periods import months_between
from tests.small_company import SmallCompany, small_company
from warehouse.closing import close, reopen
from warehouse.selection import all_loads
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES

MONTHS = months_between(date(2025, 1, 1), date(2025, 4, 1))
HEADER = "id,shop,sold_on,amount\n"


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    found = small_company(tmp_path / "small", ())
    found.write("extracts/.keep", "")
    return found


def declare(company: SmallCompany, **keys: str) -> None:
    """The sales with other keys in their contract."""
    text = (company.root / "sources/sales.yaml").read_text()
    lines = [line for line in text.splitlines() if line.partition(":")[0] not in keys]
    company.write("sources/sales.yaml", "\n".join([*lines, *(f"{key}: {value}" for key, value in keys.items())]) + "\n")


def revenue(company: SmallCompany) -> dict[str, float | None]:
    """The company's revenue by month, after a run of January to April."""
    setting = company.setting()
    for source_id in setting.project.sources:
        ingest(setting, source_id, MONTHS)
    compute_measures(setting, MONTHS)
    compute_kpis(setting, MONTHS)
    with open_warehouse(setting.home) as warehouse:
        values = warehouse.read(KPI_VALUES, MONTHS).filter(pl.col("kpi") == "revenue", pl.col("unit") == "company")
    return {f"{period:%m}": value for period, value in values.select("period", "value").iter_rows()}


def staged(company: SmallCompany) -> list[tuple[object, ...]]:
    """What analysts see of the sales: id and amount."""
    with open_warehouse(company.setting().home) as warehouse:
        return warehouse._connection.execute("SELECT id, amount::INT FROM staging.sales ORDER BY 1, 2").fetchall()


def test_a_full_snapshot_replaces_all_of_the_one_before(company: SmallCompany) -> None:
    declare(company, path="sales_{file_date}.csv", replaces="all")
    company.write("extracts/sales_20250301.csv", HEADER + "1,north,2025-01-05,10\n2,north,2025-02-05,20\n")
    company.write("extracts/sales_20250401.csv", HEADER + "2,north,2025-02-05,25\n3,north,2025-03-05,30\n")
    assert revenue(company) == {"01": None, "02": 25.0, "03": 30.0, "04": None}
    assert staged(company) == [(2, 25), (3, 30)]


def test_a_correction_replaces_the_months_that_it_has_rows_of(company: SmallCompany) -> None:
    declare(company, path="sales_{file_date}.csv", replaces="months")
    company.write(
        "extracts/sales_20250301.csv",
        HEADER + "1,north,2025-01-05,10\n2,north,2025-02-05,20\n4,north,2025-02-06,1\n",
    )
    company.write("extracts/sales_20250401.csv", HEADER + "2,north,2025-02-05,25\n3,north,2025-03-05,30\n")
    assert revenue(company) == {"01": 10.0, "02": 25.0, "03": 30.0, "04": None}
    assert staged(company) == [(1, 10), (2, 25), (3, 30)]


def test_an_increment_adds_rows_and_the_newest_row_of_a_key_counts(company: SmallCompany) -> None:
    declare(company, path="sales_{file_date}.csv", replaces="nothing")
    company.write("extracts/sales_20250301.csv", HEADER + "1,north,2025-01-05,10\n2,north,2025-02-05,20\n")
    company.write("extracts/sales_20250401.csv", HEADER + "2,north,2025-02-05,25\n3,north,2025-02-07,30\n")
    assert revenue(company) == {"01": 10.0, "02": 55.0, "03": None, "04": None}
    assert staged(company) == [(1, 10), (2, 25), (3, 30)]


@pytest.mark.parametrize(
    ("late_rows", "meanwhile", "reopened"),
    [("wait", {"01": 10.0, "02": 20.0}, {"01": 15.0, "02": 20.0}),
     ("next open month", {"01": 10.0, "02": 25.0}, {"01": 15.0, "02": 20.0})],
)  # fmt: skip
def test_rows_that_come_late_for_a_closed_month_do_as_declared(
    company: SmallCompany, late_rows: str, meanwhile: dict[str, float], reopened: dict[str, float]
) -> None:
    declare(company, path="sales_{file_date}.csv", replaces="nothing", late_rows=late_rows)
    company.write("extracts/sales_20250301.csv", HEADER + "1,north,2025-01-05,10\n2,north,2025-02-05,20\n")
    revenue(company)
    close(company.setting().home, date(2025, 1, 1), "Ada")
    company.write("extracts/sales_20250401.csv", HEADER + "3,north,2025-01-06,5\n")
    assert {month: value for month, value in revenue(company).items() if value is not None} == meanwhile
    january = next(one for one in month_states(company.setting(), 12, date(2025, 5, 1)) if one.period.month == 1)
    told = {
        "wait": (1, "waiting: 2025-01 is closed, and does not count sales_20250401.csv."),
        "next open month": (
            0,
            "moved: 2025-01 is closed: 1 row that came for it since counts in 2025-02: sales_20250401.csv",
        ),
    }[late_rows]
    assert (january.waiting, [told[1] in line for line in waiting_told(company.setting())]) == (told[0], [True])
    reopen(company.setting().home, date(2025, 1, 1), "Ada", "a sale was found")
    assert {month: value for month, value in revenue(company).items() if value is not None} == reopened


def close_january(company: SmallCompany, path: str = "sales_{file_date}.csv") -> None:
    """Sales of January and February, January closed, and late rows to count in the next open month."""
    declare(company, path=path, replaces="nothing", late_rows="next open month")
    company.write(
        "extracts/" + path.replace("{file_date}", "20250301").replace("{period}", "2025-01"),
        HEADER
        + "1,north,2025-01-05,10\n2,north,2025-01-06,50\n"
        + ("3,north,2025-02-05,20\n" * ("{period}" not in path)),
    )
    revenue(company)
    close(company.setting().home, date(2025, 1, 1), "Ada")


def view_by_month(company: SmallCompany) -> dict[str, int]:
    """What analysts see of the sales: amounts by month."""
    statement = "SELECT strftime(_period, '%m'), sum(amount)::INT FROM staging.sales GROUP BY 1 ORDER BY 1"
    with open_warehouse(company.setting().home) as warehouse:
        return dict(warehouse._connection.execute(statement).fetchall())


def has(found: dict[str, float | None]) -> dict[str, float]:
    return {month: value for month, value in found.items() if value is not None}


def test_a_late_correction_of_a_row_that_a_closed_month_counts_waits_so_that_its_key_counts_once(
    company: SmallCompany,
) -> None:
    close_january(company)
    company.write(
        "extracts/sales_20250401.csv",
        HEADER + "2,north,2025-01-06,40\n5,north,2025-01-20,1\n6,north,2025-02-20,2\n7,north,2025-01-21,4\n",
    )
    # Twice a new key, late: the newest counts, once.
    company.write("extracts/sales_20250402.csv", HEADER + "7,north,2025-01-21,5\n1,north,2025-01-05,9\n")
    found = has(revenue(company))
    assert found == {"01": 60.0, "02": 28.0} == view_by_month(company)
    assert sum(found.values()) == 10 + 50 + 20 + 1 + 2 + 5
    assert list(waiting_told(company.setting())) == [
        "waiting: 2025-01 is closed and has the keys of 2 rows that came since, which wait: sales_20250401.csv, "
        "sales_20250402.csv. Open it with: scorepack reopen 2025-01 --by NAME --reason WHY; or deliver the difference "
        "as a row with a key of its own.",
        "moved: 2025-01 is closed: 2 rows that came for it since count in 2025-02: sales_20250401.csv, "
        "sales_20250402.csv",
    ]
    january = next(one for one in month_states(company.setting(), 12, date(2025, 5, 1)) if one.period.month == 1)
    assert january.waiting == 2
    reopen(company.setting().home, date(2025, 1, 1), "Ada", "an audit")
    found = has(revenue(company))
    assert found == {"01": 55.0, "02": 22.0} == view_by_month(company)
    assert (list(waiting_told(company.setting())), sum(found.values())) == ([], 9 + 40 + 20 + 1 + 2 + 5)


def test_a_late_row_that_counts_in_a_month_that_was_closed_since_is_not_counted_in_the_next_one_too(
    company: SmallCompany,
) -> None:
    close_january(company)
    company.write("extracts/sales_20250401.csv", HEADER + "5,north,2025-01-20,1\n")
    revenue(company)
    close(company.setting().home, date(2025, 2, 1), "Ada")
    company.write("extracts/sales_20250402.csv", HEADER + "5,north,2025-01-20,3\n8,north,2025-01-21,7\n")
    assert has(revenue(company)) == {"01": 60.0, "02": 21.0, "03": 7.0} == view_by_month(company)
    assert "waiting: 2025-02 is closed and has the keys of 1 row" in next(waiting_told(company.setting()))
    reopen(company.setting().home, date(2025, 2, 1), "Ada", "an audit")
    assert has(revenue(company)) == {"01": 60.0, "02": 30.0} == view_by_month(company)


def test_late_files_of_a_month_count_beside_those_of_the_open_month_which_may_have_the_same_keys(
    company: SmallCompany,
) -> None:
    close_january(company, "sales_{period}_{file_date}.csv")
    company.write("extracts/sales_2025-01_20250401.csv", HEADER + "2,north,2025-01-06,40\n5,north,2025-01-20,1\n")
    company.write("extracts/sales_2025-02_20250302.csv", HEADER + "2,north,2025-02-05,20\n5,north,2025-02-06,3\n")
    assert has(revenue(company)) == {"01": 60.0, "02": 24.0} == view_by_month(company)


def test_a_late_file_of_a_month_that_was_closed_without_any_speaks_of_the_open_month_alone(
    company: SmallCompany,
) -> None:
    declare(company, replaces="nothing", late_rows="next open month")
    company.write("extracts/sales_2025-03_20250401.csv", HEADER + "9,north,2025-03-05,30\n")
    revenue(company)
    close(company.setting().home, date(2025, 1, 1), "Ada")
    company.write("extracts/sales_2025-01_20250402.csv", HEADER + "1,north,2025-01-06,40\n")
    assert has(revenue(company)) == {"02": 40.0, "03": 30.0} == view_by_month(company)


def test_increments_of_monthly_files_have_the_rows_of_each_month_whatever_months_are_computed_together(
    company: SmallCompany,
) -> None:
    declare(company, replaces="nothing")
    for month, amount in (("01", 10), ("02", 20)):
        company.write(f"extracts/sales_2025-{month}_20250301.csv", HEADER + f"1,north,2025-{month}-05,{amount}\n")
    company.write("extracts/sales_2025-02_20250302.csv", HEADER + "1,north,2025-02-05,25\n")
    assert has(revenue(company)) == {"01": 10.0, "02": 25.0} == view_by_month(company)


def test_a_source_without_history_is_kept_month_by_month_and_a_backfill_does_not_touch_the_past(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(company, path="sales_now.csv", period='"{known_on}"', known_on="load")

    def on(day: int, month: int) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: object = None) -> Clock:
                return cls(2025, month, day, tzinfo=UTC)

        monkeypatch.setattr("warehouse.taking_in.datetime", Clock)

    for month, day, amount in ((2, 3, 10), (2, 20, 11), (3, 4, 12)):
        on(day, month)
        company.write("extracts/sales_now.csv", HEADER + f"1,north,2025-01-05,{amount}\n")
        found = revenue(company)
    assert found == {"01": 11.0, "02": 12.0, "03": None, "04": None}
    # A month later nothing has changed at the source: the same bytes speak for March, and for nothing else.
    on(2, 4)
    assert revenue(company) == {"01": 11.0, "02": 12.0, "03": 12.0, "04": None}
    assert revenue(company) == {"01": 11.0, "02": 12.0, "03": 12.0, "04": None}
    assert len(all_loads(company.setting().home, "sales")) == 4


def test_the_day_of_knowing_comes_from_a_column(company: SmallCompany) -> None:
    text = (company.root / "sources/sales.yaml").read_text().replace('known_on: "{file_date}"', "known_on: booked")
    company.write("sources/sales.yaml", text.replace("rejects:", "  booked: {type: date}\nrejects:"))
    declare(company, path="sales *.csv", replaces="nothing")
    company.write("extracts/sales b.csv", "id,shop,sold_on,amount,booked\n1,north,2025-01-05,10,2025-02-03\n")
    company.write(
        "extracts/sales a.csv",
        "id,shop,sold_on,amount,booked\n1,north,2025-01-05,12,2025-03-03\n2,north,2025-01-05,1,2025-02-11\n",
    )
    assert revenue(company)["01"] == 13.0
    assert sorted(load.known_on for load in all_loads(company.setting().home, "sales")) == [
        date(2025, 2, 3), date(2025, 3, 3)
    ]  # fmt: skip


def test_the_day_of_knowing_comes_from_a_manifest_and_what_it_does_not_name_is_told(company: SmallCompany) -> None:
    declare(company, path="sales_{period}*.csv", known_on="manifest", replaces="nothing")
    company.write("extracts/sales_2025-01.csv", HEADER + "1,north,2025-01-05,10\n")
    company.write("extracts/sales_2025-01_again.csv", HEADER + "1,north,2025-01-05,12\n")
    company.write("extracts/sales_2025-02.csv", HEADER + "2,north,2025-02-05,20\n")
    with pytest.raises(DataRefused, match=r"manifest\.csv cannot be read.*sales needs it"):
        revenue(company)
    company.write(
        "extracts/manifest.csv", "file,known_on\nsales_2025-01.csv,2025-03-01\nsales_2025-01_again.csv,1/2/25\n"
    )
    with pytest.raises(DataRefused, match=r"manifest\.csv:3: known_on: '1/2/25' is not a day"):
        revenue(company)
    company.write(
        "extracts/manifest.csv", "file,known_on\nsales_2025-01.csv,2025-03-01\nsales_2025-01_again.csv,2025-02-01\n"
    )
    # What became known last counts, whatever its name.
    assert revenue(company) == {"01": 10.0, "02": None, "03": None, "04": None}
    from warehouse.deliveries import passed_over

    setting = company.setting()
    assert passed_over(setting.project.sources["sales"], setting.project.extracts) == [
        ("sales_2025-02.csv", "manifest.csv does not name it")
    ]
    assert not [line for line in passed_over_told(setting) if "fit the path of no source: manifest.csv" in line]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"known_on": "weather"}, "none of {file_date}, load, manifest and the columns"),
        ({"known_on": "amount"}, "which is no date"),
        ({"period": '"{known_on}"'}, "'path' names the {period}"),
        ({"late_rows": "next open month"}, "declare replaces: nothing"),
    ],
)
def test_what_cannot_be_is_told_by_the_contract(company: SmallCompany, keys: dict[str, str], told: str) -> None:
    declare(company, **keys)
    with pytest.raises(DeclarationError, match=told.replace("{", r"\{")):
        company.setting()


def test_files_that_came_after_their_month_was_run_are_told_until_it_is_run_again(company: SmallCompany) -> None:
    """Those of a month that was never run are told by the month's own row."""
    for month in ("2025-01", "2025-02", "2025-03"):
        company.sales(month)
    setting = company.setting()
    ingest(setting, "sales", MONTHS[:2])
    assert list(lying_told(company.setting())) == []
    company.sales("2025-01", delivered="20250310")
    company.sales("2025-02", delivered="20250310")
    close(setting.home, date(2025, 1, 1), "Ada")
    ingest(company.setting(), "sales", MONTHS[2:3])
    told = [
        "not yet taken in: 2025-01: sales_2025-01_20250310.csv. 2025-01 is closed. "
        "Open it with: scorepack reopen 2025-01 --by NAME --reason WHY",
        "not yet taken in: 2025-02: sales_2025-02_20250310.csv. Run it with: scorepack run 2025-02",
    ]
    assert list(lying_told(company.setting())) == told
    ingest(company.setting(), "sales", MONTHS[1:2])
    assert list(lying_told(company.setting())) == told[:1]


def test_files_of_months_before_the_first_that_was_run_are_told_together(company: SmallCompany) -> None:
    """A comparison with last year would find nothing there."""
    for month in ("2025-01", "2025-02", "2025-03", "2025-04"):
        company.sales(month)
    company.sales("2024-12")
    assert list(lying_told(company.setting())) == []
    ingest(company.setting(), "sales", MONTHS[2:3])
    assert list(lying_told(company.setting())) == [
        "not yet taken in: 2 files of 2025-01 to 2025-02, months that were never run. "
        "Run them with: scorepack backfill 2025-01 2025-02"
    ]


def test_files_of_months_of_which_no_run_can_be_are_told_together(company: SmallCompany) -> None:
    """An archive may hold years before the first; a month of the project that is not asked for is not strange."""
    company.sales("2024-12", delivered="20250103")
    for month in ("2025-01", "2025-02"):
        company.sales(month)
    ingest(company.setting(), "sales", MONTHS[1:2])
    assert list(passed_over_told(company.setting())) == [
        "not taken in: sales: sales_2024-12_20250103.csv: 2024-12 is before first_period 2025-01 of scorecard.yaml"
    ]
    for year in ("2023", "2099"):
        for month in ("01", "02", "03", "04"):
            company.sales(f"{year}-{month}", delivered=f"{year}0501")
    assert list(passed_over_told(company.setting())) == [
        "not taken in: sales: sales_2023-01_20230501.csv, sales_2023-02_20230501.csv, sales_2023-03_20230501.csv, …: "
        "5 files of 2023-01 to 2024-12, which are before first_period 2025-01 of scorecard.yaml",
        "not taken in: sales: sales_2099-01_20990501.csv, sales_2099-02_20990501.csv, sales_2099-03_20990501.csv, …: "
        "4 files of 2099-01 to 2099-04, which are not over: run them after that",
    ]


def test_a_copy_that_counts_twice_is_noted_where_no_key_tells_it(company: SmallCompany) -> None:
    declare(company, path="sales_{period}_*.csv", key="[]", known_on="load")
    for name in ("a", "b"):
        company.write(f"extracts/sales_2025-01_{name}.csv", HEADER + "1,north,2025-01-05,10\n")
    company.write("extracts/sales_2025-02_a.csv", HEADER + "1,north,2025-02-05,10\n")
    ingest(company.setting(), "sales", MONTHS)
    assert list(noted_told(company.setting())) == [
        "noted: sales: sales_2025-01_b.csv has the same bytes as sales_2025-01_a.csv, and both count. "
        "Take one away, or declare a key."
    ]


def test_a_snapshot_of_less_than_half_of_the_rows_of_the_one_before_it_is_noted_until_the_next(
    company: SmallCompany,
) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", contract.replace("{period}", "all"))

    def deliver(day: str, rows: int) -> list[str]:
        lines = "".join(f"{i},north,2025-01-03,1\n" for i in range(rows))
        company.write(f"extracts/sales_all_{day}.csv", f"id,shop,sold_on,amount\n{lines}")
        ingest(company.setting(), "sales", [date(2025, 1, 1)])
        return list(noted_told(company.setting(), [date(2025, 1, 1)]))

    assert deliver("20250203", 8) == deliver("20250204", 4) == deliver("20250205", 4) == []
    assert deliver("20250206", 1) == [
        "noted: sales: sales_all_20250206.csv has 1 row, less than half of the 4 of the delivery that it replaces. "
        "If it is incomplete, have it delivered again."
    ]
    assert deliver("20250207", 4) == []


def test_rows_about_months_further_ahead_than_plans_are_noted_with_the_last_month(company: SmallCompany) -> None:
    """They count in no month that is run; with a pattern on the date they are rejected."""
    declare(company, path="sales_{file_date}.csv")
    days = ("2025-01-05", "2028-03-31", "2028-04-01", "2052-01-05")
    rows = "".join(f"{n},north,{day},1\n" for n, day in enumerate(days))
    company.write("extracts/sales_20250301.csv", HEADER + rows)
    setting = company.setting()
    ingest(setting, "sales", MONTHS)
    assert list(notes_told(setting, MONTHS[:1])) == [
        "note: sales: sales_20250301.csv: 2 rows are about months more than 36 after the delivery became known, the "
        "last 2052-01: look whether the dates are right"
    ]
    declare(company, rejects="{at_most: 3}")
    text = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", text.replace("{type: date}", "{type: date, matches: '202[0-7]-.*'}"))
    ingest(company.setting(), "sales", MONTHS)
    (load,) = company.setting().loads("sales")
    assert (load.refused, load.rejected, load.notes) == (None, 3, ())
