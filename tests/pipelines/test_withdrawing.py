"""A delivery that was wrong altogether, withdrawn: as if it had never come, and let count again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.steps.auditing import told, verify
from pipelines.steps.compute import compute_kpis, compute_measures
from pipelines.steps.edition_comparing import compare
from pipelines.steps.editions import publish
from pipelines.steps.ingest import ingest
from pipelines.steps.rebuilding import rebuild
from pipelines.steps.rejected import standing_rejects
from pipelines.steps.setting import blocked, good_periods
from pipelines.steps.standing import stale_months
from pipelines.steps.status import lying_told, month_states, refusals_told
from pipelines.steps.withdrawing import Asked, Changed, withdraw, withdrawn_told
from scorecards.errors import CallError
from scorecards.periods import months_between
from tests.small_company import SmallCompany, small_company
from warehouse import journal
from warehouse.closing import close, reopen
from warehouse.selection import all_loads
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES, TABLES

MONTHS = months_between(date(2025, 1, 1), date(2025, 4, 1))
MARCH = MONTHS[2]
HEADER = "id,shop,sold_on,amount\n"
STRAY = "sales_2025-03_20250510.csv"
CORRECTED = "31,north,2025-03-01,1000.00\n"


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small", ("2025-01", "2025-02", "2025-03", "2025-04"))


def run(company: SmallCompany, as_of: str = "") -> None:
    materialise("month_end", company.root, None, None, MONTHS, "none", Steps(None), as_of)


def compute(company: SmallCompany) -> dict[str, float]:
    """Take in what lies there and compute, without all that a run does beside; the revenue by month."""
    setting = company.setting()
    for source_id in setting.project.sources:
        ingest(setting, source_id, MONTHS)
    good = good_periods(setting, MONTHS)
    compute_measures(setting, good)
    compute_kpis(setting, good)
    return revenue(company)


def take_out(company: SmallCompany, name: str = STRAY, source: str = "sales", delivery: str = "") -> Changed:
    return withdraw(company.setting(), Asked(source, name, delivery, "Ada", "another company's file"))


def put_back(company: SmallCompany, name: str = STRAY, source: str = "sales", delivery: str = "") -> Changed:
    return withdraw(company.setting(), Asked(source, name, delivery, "Bea", "it was ours", withdraws=False))


def revenue(company: SmallCompany, as_of: date | None = None) -> dict[str, float]:
    """The company's revenue by month, as it was computed; months without any are left out."""
    with open_warehouse(company.setting().home.at(as_of) if as_of else company.setting().home) as warehouse:
        values = warehouse.read(KPI_VALUES, MONTHS).filter(pl.col("kpi") == "revenue", pl.col("unit") == "company")
    found = values.drop_nulls("value").select("period", "value")
    return {f"{period:%m}": value for period, value in found.iter_rows()}


def tables(company: SmallCompany) -> dict[str, pl.DataFrame]:
    with open_warehouse(company.setting().home) as warehouse:
        return {table.name: warehouse.read(table) for table in TABLES}


def declare(company: SmallCompany, **keys: str) -> None:
    """The sales with other keys in their contract, and without any delivery so far."""
    text = (company.root / "sources/sales.yaml").read_text()
    lines = [line for line in text.splitlines() if line.partition(":")[0] not in keys]
    company.write("sources/sales.yaml", "\n".join([*lines, *(f"{key}: {value}" for key, value in keys.items())]) + "\n")
    for path in (company.root / "extracts").glob("sales_*"):
        path.unlink()


def set_day(monkeypatch: pytest.MonkeyPatch, day: date, *modules: str) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Clock:
            return cls(day.year, day.month, day.day, tzinfo=UTC)

    for module in modules:
        monkeypatch.setattr(f"{module}.datetime", Clock)


def test_what_counted_before_a_stray_file_counts_again_and_all_is_as_if_it_had_never_come(
    company: SmallCompany,
) -> None:
    run(company)
    before = tables(company)
    company.sales("2025-03", CORRECTED, "20250510")
    run(company)
    assert revenue(company)["03"] == 1000.0
    changed = take_out(company)
    assert (changed.counts, changed.counts_no_more) == (("sales_2025-03_20250403.csv",), (STRAY,))
    assert changed.months == (MARCH,)
    setting = company.setting()
    with open_warehouse(setting.home) as warehouse:
        # April looks back three months.
        assert stale_months(setting, warehouse, MONTHS) == {MARCH: ("data",), MONTHS[3]: ("data",)}
    run(company)
    assert [name for name, frame in tables(company).items() if not frame.equals(before[name])] == ["loads"]
    loads = tables(company)["loads"].filter(pl.col("source") == "sales", pl.col("period") == MARCH)
    assert dict(loads.select("file", "is_current").iter_rows()) == {STRAY: False, "sales_2025-03_20250403.csv": True}


def test_nothing_of_the_archive_goes_and_the_log_says_who_did_it_and_why(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    compute(company)
    home = company.setting().home
    before = {path.name for path in home.landing.glob("*/*")}
    take_out(company)
    assert {path.name for path in home.landing.glob("*/*")} == before
    (entry,) = journal.entries(home, "withdrawal")
    (load,) = [load for load in all_loads(home, "sales") if load.name == STRAY]
    assert (entry.body["delivery"], entry.body["digest"]) == (load.delivery, load.digest)
    assert told(entry) == f"sales: {STRAY} withdrawn by Ada: another company's file"
    assert verify(home).unnamed == 0
    put_back(company)
    assert told(journal.entries(home, "withdrawal")[1]).endswith("reinstated by Bea: it was ours")


def test_a_refused_file_blocks_its_month_no_more(company: SmallCompany) -> None:
    compute(company)
    company.sales("2025-03", "31,nowhere,2025-03-01,1.00\n", "20250510")
    compute(company)
    assert list(blocked(company.setting(), MONTHS)) == [MARCH]
    assert len(standing_rejects(company.setting(), "sales")) == 1
    changed = take_out(company)
    assert (changed.blocks_no_more, changed.counts, changed.months) == ((STRAY,), (), (MARCH,))
    setting = company.setting()
    assert (blocked(setting, MONTHS), list(refusals_told(setting))) == ({}, [])
    assert standing_rejects(setting, "sales").is_empty()
    assert compute(company)["03"] == 276.0


def test_a_copy_that_came_first_is_what_the_true_file_is_refused_for_until_it_is_withdrawn(
    company: SmallCompany,
) -> None:
    declare(company, path="sales_{period}_*.csv", known_on="load")
    company.write("extracts/sales_2025-03_copy.csv", HEADER + "1,north,2025-03-01,5\n")
    compute(company)
    company.write("extracts/sales_2025-03_own.csv", HEADER + "1,north,2025-03-01,7\n")
    compute(company)
    assert "sales_2025-03_own.csv: 1 row of 2025-03 with a key" in next(refusals_told(company.setting()))
    changed = take_out(company, "sales_2025-03_copy.csv")
    assert changed.counts == changed.blocks_no_more == ("sales_2025-03_own.csv",)
    assert compute(company) == {"03": 7.0}


def test_the_bytes_that_lie_there_still_are_not_taken_in_again_and_corrected_ones_are(company: SmallCompany) -> None:
    path = company.sales("2025-03", CORRECTED, "20250510")
    compute(company)
    take_out(company)
    assert compute(company)["03"] == 276.0
    setting = company.setting()
    assert list(lying_told(setting)) == []
    day = journal.entries(setting.home, "withdrawal")[0].at[:10]
    said = [f"withdrawn: 2025-03 sales: {STRAY}, by Ada, {day}: another company's file"]
    assert list(withdrawn_told(setting, MONTHS)) == said
    assert list(withdrawn_told(setting, MONTHS[:2])) == []
    stray = path.read_text()
    path.write_text(HEADER + "31,north,2025-03-01,300.00\n")
    assert compute(company)["03"] == 300.0
    assert list(withdrawn_told(company.setting(), MONTHS)) == []
    # Nor are they when an old copy takes the place of the corrected file.
    path.write_text(stray)
    assert compute(company)["03"] == 300.0


def test_a_withdrawn_delivery_is_checked_anew_with_the_others_but_does_not_count_under_a_changed_contract(
    company: SmallCompany,
) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    compute(company)
    take_out(company)
    text = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", text.replace("rejects: {at_most: 10%}", "rejects: {at_most: 20%}"))
    with pytest.raises(CallError, match="was not checked yet as sales is declared now"):
        put_back(company)
    assert compute(company)["03"] == 276.0
    put_back(company)
    assert compute(company)["03"] == 1000.0


def test_reinstated_it_counts_as_if_it_had_never_been_withdrawn(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    run(company)
    before = tables(company)
    take_out(company)
    run(company)
    changed = put_back(company)
    assert (changed.counts, changed.counts_no_more) == ((STRAY,), ("sales_2025-03_20250403.csv",))
    run(company)
    assert [name for name, frame in tables(company).items() if not frame.equals(before[name])] == []


def test_as_of_a_day_before_the_withdrawal_it_counts_and_from_that_day_on_it_does_not(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    run(company)
    set_day(monkeypatch, date(2025, 6, 2), "warehouse.journal")
    take_out(company)
    monkeypatch.undo()
    for day, amount in (("2025-05-09", 276.0), ("2025-06-01", 1000.0), ("2025-06-02", 276.0)):
        run(company, as_of=day)
        assert revenue(company, date.fromisoformat(day))["03"] == amount


def test_a_rebuild_gives_the_same_whether_runs_were_before_or_after_the_withdrawal(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    run(company)
    take_out(company)
    setting = company.setting()
    before = tables(company)
    rebuild(setting.home, setting.project.extracts)
    assert revenue(company)["03"] == 1000.0
    assert [name for name, frame in tables(company).items() if not frame.equals(before[name])] == []
    run(company)
    before = tables(company)
    rebuild(setting.home, setting.project.extracts)
    assert revenue(company)["03"] == 276.0
    assert [name for name, frame in tables(company).items() if not frame.equals(before[name])] == []


def test_a_closed_month_refuses_it_both_ways_until_it_is_reopened(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    compute(company)
    home = company.setting().home
    close(home, MARCH, "Ada")
    told = "changes what counts for 2025-03, which is closed: nothing is withdrawn. Open it with: scorepack reopen 2025"
    with pytest.raises(CallError, match=told):
        take_out(company)
    assert journal.entries(home, "withdrawal") == []
    reopen(home, MARCH, "Ada", "a stray file")
    take_out(company)
    compute(company)
    close(home, MARCH, "Ada")
    with pytest.raises(CallError, match="which is closed: nothing is reinstated"):
        put_back(company)


def test_a_file_of_many_months_asks_for_each_closed_one_that_it_counts_for(company: SmallCompany) -> None:
    declare(company, path="sales_{file_date}.csv", replaces="all")
    company.write("extracts/sales_20250301.csv", HEADER + "1,north,2025-01-05,10\n2,north,2025-02-05,20\n")
    compute(company)
    for month in MONTHS[:2]:
        close(company.setting().home, month, "Ada")
    with pytest.raises(CallError, match="changes what counts for 2025-01, 2025-02, which are closed"):
        take_out(company, "sales_20250301.csv")
    # What came after they were closed does not count for them, and goes without their being reopened.
    company.write("extracts/sales_20250401.csv", HEADER + "3,north,2025-03-05,30\n")
    compute(company)
    assert take_out(company, "sales_20250401.csv").counts == ("sales_20250301.csv",)


def test_what_waits_for_a_closed_month_may_be_withdrawn_and_waits_no_more(company: SmallCompany) -> None:
    compute(company)
    home = company.setting().home
    close(home, MARCH, "Ada")
    company.sales("2025-03", CORRECTED, "20250510")
    compute(company)

    def waiting() -> int:
        return next(one.waiting for one in month_states(company.setting(), 12, date(2025, 6, 1)) if one.period == MARCH)

    assert waiting() == 1
    assert take_out(company).months == ()
    assert waiting() == 0
    reopen(home, MARCH, "Ada", "an audit")
    assert compute(company)["03"] == 276.0


@pytest.mark.parametrize(
    ("replaces", "with_stray", "without"),
    [
        ("all", {"02": 25.0, "03": 30.0}, {"01": 10.0, "02": 20.0}),
        ("months", {"01": 10.0, "02": 25.0, "03": 30.0}, {"01": 10.0, "02": 20.0}),
        ("nothing", {"01": 10.0, "02": 25.0, "03": 30.0}, {"01": 10.0, "02": 20.0}),
    ],
)
def test_snapshots_corrections_and_increments_are_as_before_they_came(
    company: SmallCompany, replaces: str, with_stray: dict[str, float], without: dict[str, float]
) -> None:
    declare(company, path="sales_{file_date}.csv", replaces=replaces)
    company.write("extracts/sales_20250301.csv", HEADER + "1,north,2025-01-05,10\n2,north,2025-02-05,20\n")
    company.write("extracts/sales_20250401.csv", HEADER + "2,north,2025-02-05,25\n3,north,2025-03-05,30\n")
    assert compute(company) == with_stray
    take_out(company, "sales_20250401.csv")
    assert compute(company) == without


def test_late_rows_that_count_in_an_open_month_count_nowhere_once_it_is_withdrawn(company: SmallCompany) -> None:
    declare(company, path="sales_{file_date}.csv", replaces="nothing", late_rows="next open month")
    company.write("extracts/sales_20250301.csv", HEADER + "1,north,2025-01-05,10\n2,north,2025-02-05,20\n")
    compute(company)
    close(company.setting().home, MONTHS[0], "Ada")
    company.write("extracts/sales_20250401.csv", HEADER + "3,north,2025-01-06,5\n")
    assert compute(company) == {"01": 10.0, "02": 25.0}
    assert take_out(company, "sales_20250401.csv").months[0] == MONTHS[1]
    assert compute(company) == {"01": 10.0, "02": 20.0}


def test_a_withdrawn_snapshot_of_today_is_not_kept_for_the_next_month_either(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(company, path="sales_now.csv", period='"{known_on}"', known_on="load")
    for month, day, amount in ((2, 3, 10), (3, 4, 12)):
        set_day(monkeypatch, date(2025, month, day), "warehouse.taking_in")
        company.write("extracts/sales_now.csv", HEADER + f"1,north,2025-01-05,{amount}\n")
        found = compute(company)
    assert found == {"01": 10.0, "02": 12.0}
    loads = all_loads(company.setting().home, "sales")
    with pytest.raises(CallError) as several:
        take_out(company, "sales_now.csv")
    assert str(several.value).splitlines()[0] == "2 deliveries of sales have the name sales_now.csv:"
    assert [line.split()[0] for line in str(several.value).splitlines()[1:3]] == [load.delivery for load in loads]
    assert "known on 2025-03-04, of 2025-02, 1 row" in str(several.value)
    assert str(several.value).endswith("Withdraw one of them with: --delivery ID")
    take_out(company, "sales_now.csv", delivery=loads[1].delivery)
    set_day(monkeypatch, date(2025, 4, 2), "warehouse.taking_in")
    assert compute(company) == {"01": 10.0}
    company.write("extracts/sales_now.csv", HEADER + "1,north,2025-01-05,13\n")
    assert compute(company) == {"01": 10.0, "03": 13.0}


def test_of_tables_without_months_the_one_before_is_what_analysts_see_again(company: SmallCompany) -> None:
    company.write(
        "sources/shops.yaml",
        "source: shops\ndomain: finance\npath: shops_{file_date}.csv\nknown_on: '{file_date}'\nkey: [shop]\n"
        "period: none\ncolumns:\n  shop: {}\n  owner: {}\n",
    )
    for day, owner in (("20250301", "Ada"), ("20250401", "Eve")):
        company.write(f"extracts/shops_{day}.csv", f"shop,owner\nnorth,{owner}\n")
    compute(company)
    take_out(company, "shops_20250401.csv", "shops")
    compute(company)
    with open_warehouse(company.setting().home) as warehouse:
        assert warehouse._connection.execute("SELECT owner FROM staging.shops").fetchall() == [("Ada",)]


def test_what_became_known_by_a_withdrawn_delivery_makes_no_later_one_wait_for_its_day(company: SmallCompany) -> None:
    """A date far ahead in its rows would otherwise date every correction."""
    text = (company.root / "sources/sales.yaml").read_text().replace('known_on: "{file_date}"', "known_on: booked")
    company.write("sources/sales.yaml", text.replace("rejects:", "  booked: {type: date}\nrejects:"))
    declare(company, path="sales *.csv", replaces="months")
    header = "id,shop,sold_on,amount,booked\n"
    company.write("extracts/sales a.csv", header + "1,north,2025-01-05,10,2099-02-03\n")
    compute(company)
    take_out(company, "sales a.csv")
    company.write("extracts/sales b.csv", header + "1,north,2025-01-05,11,2025-02-03\n")
    company.write("extracts/sales c.csv", header + "1,nowhere,2025-01-05,11,2025-02-03\n")
    compute(company)
    (refused,) = [load for load in all_loads(company.setting().home, "sales") if load.refused]
    assert refused.known_on == datetime.now(UTC).date()


def test_the_next_edition_names_the_withdrawal_as_what_changed_its_data(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    run(company)
    publish(company.setting(), MARCH, "Ada")
    take_out(company)
    with pytest.raises(CallError, match="was computed from other data"):
        publish(company.setting(), MARCH, "Ada", "a stray file")
    run(company)
    publish(company.setting(), MARCH, "Ada", "a stray file")
    home = company.setting().home
    day = journal.entries(home, "withdrawal")[0].at[:10]
    changes = compare(company.setting(), MARCH, 1, 2).filter(pl.col("level") == "value", pl.col("node") == "revenue")
    assert set(changes["because"]) == {"data"}
    assert set(changes["loads"]) == {f"sales_2025-03_20250403.csv (2025-04-03), {STRAY} withdrawn ({day})"}
    put_back(company)
    run(company)
    publish(company.setting(), MARCH, "Ada", "it was ours")
    changes = compare(company.setting(), MARCH, 2, 3).filter(pl.col("level") == "value", pl.col("node") == "revenue")
    assert set(changes["because"]) == {"data"}
    assert f"{STRAY} reinstated ({day})" in changes["loads"][0]


def test_data_are_the_cause_where_nothing_takes_the_place_of_what_was_withdrawn(company: SmallCompany) -> None:
    run(company)
    publish(company.setting(), MARCH, "Ada")
    take_out(company, "sales_2025-03_20250403.csv")
    run(company)
    assert "03" not in revenue(company)
    publish(company.setting(), MARCH, "Ada", "a stray file")
    changes = compare(company.setting(), MARCH, 1, 2).filter(pl.col("level") == "value", pl.col("node") == "revenue")
    assert set(changes["because"]) == {"data"}
    assert "sales_2025-03_20250403.csv withdrawn" in changes["loads"][0]


@pytest.mark.parametrize(
    ("source", "name", "delivery", "error"),
    [
        ("sale", STRAY, "", "'sale' is not a source. Did you mean 'sales'?"),
        ("sales", "sales_2025-03_2025051.csv", "", f"is no delivery of sales. Did you mean '{STRAY}'?"),
        ("sales", STRAY, "0123", f"'0123' is no delivery of {STRAY}. Known: '"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    company: SmallCompany, source: str, name: str, delivery: str, error: str
) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    compute(company)
    with pytest.raises(CallError) as raised:
        take_out(company, name, source, delivery)
    assert error in str(raised.value)
    assert journal.entries(company.setting().home, "withdrawal") == []


def test_nothing_is_withdrawn_twice_or_reinstated_that_was_not_or_without_saying_why(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    compute(company)
    with pytest.raises(CallError, match="is not withdrawn: it needs no reinstating"):
        put_back(company)
    with pytest.raises(CallError, match=r"Say why .* is withdrawn, with --reason"):
        withdraw(company.setting(), Asked("sales", STRAY, "", "Ada", " "))
    with pytest.raises(CallError, match="Say who does it, with --by"):
        withdraw(company.setting(), Asked("sales", STRAY, "", " ", "a stray file"))
    assert withdraw(company.setting(), Asked("sales", STRAY, "", "Ada", "a trial"), is_trial=True).months == (MARCH,)
    assert journal.entries(company.setting().home, "withdrawal") == []
    take_out(company)
    with pytest.raises(CallError, match=r"is withdrawn already: by Ada, .*scorepack reinstate sales 'sales_2025"):
        take_out(company)
