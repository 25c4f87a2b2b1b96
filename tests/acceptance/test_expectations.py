"""What the command line says of deliveries that are late, new in form, or not what was expected."""

from __future__ import annotations

import json
from datetime import date

from pipelines.steps.freshness import late
from tests.acceptance.conftest import Command
from tests.small_company import SmallCompany

RUN = ("backfill", "2025-01", "2025-02", "--packs", "none")


def expect(company: SmallCompany, words: str) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", f"{contract}{words}\n")


def test_a_delivery_is_late_once_the_declared_days_after_the_month_are_over(company: SmallCompany) -> None:
    expect(company, "owner: Tills\nexpects: {due: 5 days}")
    setting = company.setting()
    january = [date(2025, 1, 1)]
    assert late(setting, january, date(2025, 2, 5)) == []
    [found] = late(setting, january, date(2025, 2, 6))
    assert (found.source, found.due, found.came_on, found.days(date(2025, 2, 6))) == (
        "sales",
        date(2025, 2, 5),
        None,
        1,
    )


def test_of_a_quarterly_source_one_month_must_have_come_by_the_last(company: SmallCompany, scorepack: Command) -> None:
    expect(company, "frequency: quarter\nexpects: {due: 5 days}")
    april, june = date(2025, 4, 1), date(2025, 6, 1)
    assert [(one.period, one.due) for one in late(company.setting(), [april, june], date(2025, 7, 9))] == [
        (june, date(2025, 7, 5))
    ]
    for month in (3, 6):
        company.write(f"extracts/complaints_2025-0{month}.csv", "id,shop,raised_on\n")
    found = scorepack("backfill", "2025-01", "2025-06", "--packs", "none")
    # Sales came in the first quarter, before its last month, and not in the second.
    assert "missing: 2025-03: sales" not in found.out + found.err
    assert "missing: 2025-05: complaints\n" in found.out + found.err
    assert "sales" in (found.out + found.err).partition("missing: 2025-06: ")[2].partition("\n")[0]
    months = {month["period"]: month for month in json.loads(scorepack("status", "--json").out)}
    states = {month: {one["source"]: one["state"] for one in told["by_source"]} for month, told in months.items()}
    assert [states[f"2025-0{month}"]["sales"] for month in range(1, 7)] == [
        "loaded", "loaded", "not due", "not due", "not due", "missing"
    ]  # fmt: skip
    assert [months[f"2025-0{month}"]["sources"] for month in range(1, 7)] == [2, 2, 1, 1, 1, 2]
    assert [one.period for one in late(company.setting(), [date(2025, 3, 1), june], date(2025, 7, 9))] == [june]


def test_of_a_yearly_file_of_many_months_the_year_is_judged_by_its_rows(
    company: SmallCompany, scorepack: Command
) -> None:
    contract = (company.root / "sources/complaints.yaml").read_text()
    company.write(
        "sources/complaints.yaml", contract.replace("complaints_{period}.csv", "complaints.csv") + "frequency: year\n"
    )
    company.write("extracts/complaints.csv", "id,shop,raised_on\n1,north,2025-02-11\n")
    scorepack("backfill", "2025-01", "2025-12", "--packs", "none")
    months = {month["period"]: month for month in json.loads(scorepack("status", "--months", "12", "--json").out)}
    state = {month: told["by_source"][0]["state"] for month, told in months.items()}
    assert {month: one for month, one in state.items() if one != "not due"} == {"2025-02": "loaded"}
    company.write("extracts/complaints.csv", "id,shop,raised_on\n1,north,2026-02-11\n")
    scorepack("backfill", "2025-01", "2025-12", "--packs", "none")
    told = json.loads(scorepack("status", "--months", "15", "--json").out)
    state = {month["period"]: month["by_source"][0]["state"] for month in told}
    assert {month: one for month, one in state.items() if one != "not due"} == {
        "2026-02": "loaded",
        "2025-12": "missing",
    }


def test_status_tells_what_is_late_and_what_came_in_time_or_late(company: SmallCompany, scorepack: Command) -> None:
    expect(company, "owner: Tills\nexpects: {due: 2 days}")
    assert scorepack(*RUN).code == 0
    told = scorepack("status", "--months", "300").out
    assert "late: 2025-03 sales: was due on 2025-04-02" in told
    assert "ago. Ask Tills." in told
    assert "late: 2025-02" not in told
    months = json.loads(scorepack("status", "--json").out)
    assert [month["late"] for month in months] == [[], []]
    # January's file says that it came on 3 February: a day late, but it came.
    [came, _] = late(company.setting(), [date(2025, 1, 1), date(2025, 2, 1)], date(2025, 4, 1))
    assert (came.period, came.came_on, came.days(date(2025, 4, 1))) == (date(2025, 1, 1), date(2025, 2, 3), 1)


def test_a_new_column_is_noted_once_and_not_where_it_is_ignored(company: SmallCompany, scorepack: Command) -> None:
    for month in ("2025-01", "2025-02"):
        file = next((company.root / "extracts").glob(f"sales_{month}*"))
        lines = file.read_text().splitlines()
        file.write_text("\n".join([lines[0] + ",till", *(f"{line},7" for line in lines[1:])]) + "\n")
    told = scorepack(*RUN).out
    assert told.count("noted:") == 1
    assert "noted: sales: sales_2025-01_20250203.csv has a column 'till' that the contract does not know." in told
    assert "'till'" in scorepack("status").out
    expect(company, "ignored: till")
    assert "noted:" not in scorepack(*RUN).out + scorepack("status").out


def test_a_month_that_changed_too_much_is_refused_with_the_numbers_and_its_neighbours_are_computed(
    company: SmallCompany, scorepack: Command
) -> None:
    expect(company, "expects: {change: {at_most: 30%}}")
    company.sales("2025-02", "1,north,2025-02-01,5\n")
    found = scorepack(*RUN)
    assert found.code == 1
    told = "2025-02 has 1 row, 83% fewer than 6 in 2025-01; expected is a change of at most 30%."
    assert told in found.err
    assert "1 of 2 months were not computed" in found.err
    assert told in scorepack("status").out


def test_a_control_file_is_no_stranger_among_the_extracts(company: SmallCompany, scorepack: Command) -> None:
    expect(company, "expects: {control: {path: 'sales_{period}_control.csv', rows: rows, severity: warn}}")
    company.write("extracts/sales_2025-01_control.csv", "period,rows\n2025-01,6\n")
    told = scorepack(*RUN)
    assert told.code == 0
    assert "not taken in" not in told.out
    noted = [line for line in told.out.splitlines() if line.startswith("noted:")]
    assert len(noted) == 1
    assert "for 2025-02 no control total has come" in noted[0]
