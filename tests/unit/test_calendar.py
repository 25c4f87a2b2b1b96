"""scorecards.calendar and its rules, and a real 4-4-5 year: which days belong to a period, and what follows from it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scorecards.calendar import MONTHS, Calendar
from scorecards.errors import DeclarationError, Problem
from scorecards.periods import months_between, parse_period
from scorecards.project import Project, load_project
from scorecards.sources import Source
from scorecards.tables import CalendarPeriod
from tests.declared import declare, figures, rows, write_project
from transforms.dating import Dating, dating_of
from transforms.placing import covered_months, hold, orphans, place_rows, reference_table
from transforms.plan import make_plan
from transforms.tree import trees

# 52 weeks from Sunday 2 February 2025, in quarters of 4, 4 and 5 weeks.
YEAR_445 = """\
period,first_day,last_day
2025-02,2025-02-02,2025-03-01
2025-03,2025-03-02,2025-03-29
2025-04,2025-03-30,2025-05-03
2025-05,2025-05-04,2025-05-31
2025-06,2025-06-01,2025-06-28
2025-07,2025-06-29,2025-08-02
2025-08,2025-08-03,2025-08-30
2025-09,2025-08-31,2025-09-27
2025-10,2025-09-28,2025-11-01
2025-11,2025-11-02,2025-11-29
2025-12,2025-11-30,2025-12-27
2026-01,2025-12-28,2026-01-31
"""
SCORECARD = {"first_period": "2025-02", "fiscal_year_starts": "february"}
SOURCE = {"covers": {"first": "2025-02", "last": "2026-01"}}


def retailer(root: Path, *args: Any, calendar: str = YEAR_445, **declared: Any) -> Project:
    """A project under the 4-4-5 year."""
    write_project(root, *args, scorecard=SCORECARD, source=SOURCE, **declared)
    (root / "calendar.csv").write_text(calendar)
    return load_project(root)


def problems(root: Path, calendar: str) -> list[Problem]:
    with pytest.raises(DeclarationError) as refused:
        retailer(root, calendar=calendar)
    return [problem for problem in refused.value.problems if problem.severity == "error"]


def test_without_a_table_a_period_is_its_calendar_month() -> None:
    assert MONTHS.period_of(date(2024, 2, 29)) == MONTHS.first_day(date(2024, 2, 1)) == date(2024, 2, 1)
    assert MONTHS.last_day(date(2024, 2, 1)) == date(2024, 2, 29)
    assert MONTHS.newest_over(date(2025, 3, 1)) == date(2025, 2, 1)
    assert not MONTHS.is_table


def test_every_day_of_the_445_year_has_the_period_of_its_week(tmp_path: Path) -> None:
    calendar = retailer(tmp_path).calendar
    weeks = [(date(2025, 2, 2) + timedelta(weeks=n), n) for n in range(52)]
    # Counted by weeks, without the table: 13 in a quarter, its last period from the ninth week on.
    wanted = [months_between(date(2025, 2, 1), date(2026, 1, 1))[n // 13 * 3 + min(n % 13 // 4, 2)] for _, n in weeks]
    for (sunday, _), period in zip(weeks, wanted, strict=True):
        assert {calendar.period_of(sunday + timedelta(days=n)) for n in range(7)} == {period}
    assert calendar.period_of(date(2025, 2, 1)) is calendar.period_of(date(2026, 2, 1)) is None
    assert len(list(calendar.days())) == 364


def test_a_period_beyond_the_table_is_told_with_where_the_table_ends(tmp_path: Path) -> None:
    project = retailer(tmp_path)
    with pytest.raises(DeclarationError) as refused:
        project.tree(date(2026, 2, 1))
    assert str(refused.value) == (
        "calendar.csv:13: period: has no days for 2026-02; it ends with 2026-01. Add the periods after 2026-01-31."
    )


def test_a_period_is_over_when_its_days_and_its_month_have_passed(tmp_path: Path) -> None:
    calendar = retailer(tmp_path).calendar
    found = [calendar.newest_over(day) for day in (date(2025, 4, 1), date(2025, 5, 3), date(2025, 5, 4))]
    assert [period.month for period in found] == [3, 3, 4]
    assert calendar.newest_over(date(2030, 1, 1)) == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "2025-04,2025-03-30",
            "2025-04,2025-03-31",
            "calendar.csv:4: first_day: 2025-03-30 belongs to no period: 2025-03 ends on 2025-03-29. Write 2025-03-30, "
            "or let the period before end later.",
        ),
        (
            "2025-04,2025-03-30",
            "2025-04,2025-04-02",
            "calendar.csv:4: first_day: 2025-03-30 to 2025-04-01 belong to no period: 2025-03 ends on 2025-03-29. "
            "Write 2025-03-30, or let the period before end later.",
        ),
        (
            "2025-04,2025-03-30",
            "2025-04,2025-03-29",
            "calendar.csv:4: first_day: '2025-03-29' belongs to 2025-03 (line 3) already. Write 2025-03-30, or let the "
            "period before end earlier.",
        ),
        (
            "2025-03,2025-03-02,2025-03-29\n",
            "",
            "calendar.csv:3: period: 2025-03 is missing between lines 2 and 3. Every month from the first to the last "
            "has a row.",
        ),
        (
            "2025-02,2025-02-02,2025-03-01\n",
            "",
            "calendar.csv:2: period: begins with 2025-03, but the project with 2025-02. Add the periods before it.",
        ),
        (
            "2025-02,2025-02-02",
            "2025-01,2025-01-05,2025-02-01\n2025-02,2025-02-02",
            "calendar.csv:2: period: 2025-01 is before the first period 2025-02 of scorecard.yaml. Delete the row, or "
            "set first_period to it.",
        ),
        (
            "2026-01,",
            "2025-12,",
            "calendar.csv:13: period: 2025-12 stands in line 12 too. Keep one of them.",
        ),
        (
            "2025-05,2025-05-04,2025-05-31",
            "2025-05,2025-05-31,2025-05-04",
            "calendar.csv:5: last_day: '2025-05-04' is before first_day. Swap the two days.",
        ),
        (
            "2025-05,",
            "2025-5,",
            "calendar.csv:5: period: '2025-5' is not a month; write it as 2025-09.",
        ),
        (
            "2025-05,2025-05-04",
            "2025-05,",
            "calendar.csv:5: first_day: is empty. Fill it in.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_table_is_told_once_with_its_line_and_what_to_write(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert YEAR_445.count(old) == 1
    assert [str(problem) for problem in problems(tmp_path, YEAR_445.replace(old, new))] == [told]


def test_a_table_without_rows_is_told(tmp_path: Path) -> None:
    assert [str(p) for p in problems(tmp_path, "period,first_day,last_day\n")] == [
        "calendar.csv: declares no period. Delete it for calendar months, or write period,first_day,last_day."
    ]


def test_a_schedule_that_would_run_before_the_period_ends_is_warned_of(tmp_path: Path) -> None:
    write_project(tmp_path, scorecard={**SCORECARD, "close_day": 3}, source=SOURCE)
    (tmp_path / "calendar.csv").write_text(YEAR_445)
    warned = [str(problem) for problem in load_project(tmp_path).warnings if problem.file == "calendar.csv"]
    assert warned == [
        "calendar.csv:4: last_day: 2025-04 ends on 2025-05-03, but the schedule runs it on 2025-05-03. Declare a later "
        "close_day in scorecard.yaml."
    ]


# One piece a day in the north, from the day before the year begins to the day after it ends.
DAILY = rows(
    {"unit": "north", "day": date(2025, 2, 1) + timedelta(days=n), "pieces": 1, "amount": 1} for n in range(366)
)


@pytest.mark.parametrize(
    ("window", "period", "days"),
    [
        ("month", "2025-02", 28),
        ("month", "2025-04", 35),
        ("quarter to date", "2025-03", 56),
        ("quarter to date", "2025-04", 91),
        ("quarter", "2025-07", 91),
        ("year to date", "2025-06", 91 + 56),
        ("year to date", "2026-01", 364),
        ("trailing 3 months", "2025-05", 28 + 35 + 28),
    ],
)
def test_a_flow_of_the_445_year_holds_the_days_of_its_weeks(
    tmp_path: Path, window: str, period: str, days: int
) -> None:
    project = retailer(tmp_path, {"m": {"value": "SUM(pieces)"}}, {"k": {"value": "m", "window": window}})
    assert figures(project, DAILY, period).value("k", "north", period) == days


def test_a_date_column_of_a_measure_is_dated_by_the_same_table(tmp_path: Path) -> None:
    measures = {"m": {"value": "COUNT(*)", "period": "done"}}
    project = retailer(tmp_path, measures, {"k": {"value": "m"}})
    frame = rows({"day": date(2025, 2, 3), "done": day} for day in (date(2025, 3, 29), date(2025, 3, 30), None))
    found = figures(project, frame, "2025-03", "2025-04")
    assert [found.value("k", "north", period) for period in ("2025-03", "2025-04")] == [1, 1]


def test_a_stock_at_the_end_of_a_period_is_that_of_its_last_day(tmp_path: Path) -> None:
    calendar = retailer(tmp_path).calendar
    source = Source.model_validate(
        {
            "source": "posts", "domain": "hr", "path": "posts.csv", "unit": "unit",
            "period": {"start": "began", "end": "ended"},
            "columns": {"unit": {}, "began": {"type": "date"}, "ended": {"type": "date", "nullable": True}},
        }
    )  # fmt: skip
    spans = {
        # 30 April is no period's last day here: April ends on 3 May, and March on 29 March.
        "over the month's end only": (date(2025, 4, 15), date(2025, 5, 2), []),
        "on the last day": (date(2025, 5, 3), date(2025, 5, 3), [4]),
        "still": (date(2025, 3, 30), None, [4, 5]),
    }
    months = months_between(date(2025, 2, 1), date(2025, 5, 1))
    for name, (began, ended, wanted) in spans.items():
        placed = pl.LazyFrame(
            {"unit": ["u"], "began": [began], "ended": [ended], "_period": [None]},
            schema_overrides={"ended": pl.Date, "_period": pl.Date},
        )
        held = hold(source, placed, months, calendar).collect()["_period"].sort()
        assert [period.month for period in held] == wanted, name
    began = pl.LazyFrame({"began": [date(2025, 3, 30)], "ended": [date(2025, 4, 1)], "_period": [None]})
    assert covered_months(source, began, [], months, calendar) == [date(2025, 4, 1)]


def test_the_tree_of_a_period_is_that_of_its_last_day(tmp_path: Path) -> None:
    units = (
        "id,name,level,parent,valid_from,valid_to\n"
        "company,C,company,,,\nnorth,N,division,company,,\nsouth,S,division,company,,\n"
        "t,T,team,north,,2025-05-02\nt,T,team,south,2025-05-03,\nlate,L,team,south,2025-05-04,\n"
    )
    project = retailer(tmp_path, units=units)
    april = project.tree(date(2025, 4, 1))
    assert april.units["t"].parent == "south"
    assert "late" not in april.units
    assert "late" in project.tree(date(2025, 5, 1)).units
    pairs = trees(project, [date(2025, 4, 1)]).pairs.filter(pl.col("unit") == "t")["ancestor"].to_list()
    assert pairs == ["t", "south", "company"]


def test_a_target_is_in_force_from_the_period_on_whose_last_day_it_holds(tmp_path: Path) -> None:
    targets = (
        "kpi,anchor,value,effective_from\nk,floor,0,\nk,target,10,\nk,target,20,2025-05-03\nk,target,30,2025-05-04\n"
    )
    project = retailer(tmp_path, {"m": {"value": "SUM(pieces)"}}, {"k": {"value": "m"}}, targets=targets)
    found = figures(project, DAILY, "2025-03", "2025-05")
    assert [found.score("k", "north", period)["target"] for period in ("2025-03", "2025-04", "2025-05")] == [10, 20, 30]


def test_a_column_of_the_type_month_names_its_period_itself() -> None:
    calendar = Calendar((CalendarPeriod(date(2025, 2, 1), date(2025, 2, 2), date(2025, 3, 1), 2),))
    frame = pl.DataFrame({"a": [date(2025, 2, 1), date(2025, 3, 1), None]}, schema={"a": pl.Date})
    as_month = frame.select(Dating(calendar, frozenset({"a"})).period("a"))["a"].to_list()
    as_day = frame.select(Dating(calendar).period("a"))["a"].to_list()
    assert as_month == [date(2025, 2, 1), None, None]
    assert as_day == [None, date(2025, 2, 1), None]


def test_a_looked_up_day_outside_the_table_is_told_and_never_dropped(tmp_path: Path) -> None:
    calls = {"source": "calls", "domain": "process", "path": "calls.csv", "key": "id", "period": "none",
             "columns": {"id": {}, "day": {"type": "date"}}}  # fmt: skip
    source = Source.model_validate(
        {
            "source": "answers", "domain": "process", "path": "answers.csv", "unit": {"always": "company"},
            "period": "call_day", "columns": {"call": {}}, "lookups": {"call": {"source": "calls", "on": "call"}},
        }
    )  # fmt: skip
    project = retailer(tmp_path)
    table = pl.LazyFrame({"id": ["a", "b"], "day": [date(2025, 3, 1), date(2025, 2, 1)]})
    staged = pl.LazyFrame({"call": ["a", "b", "c"], "_unit": ["company"] * 3, "_file": ["f"] * 3, "_row": [1, 2, 3]})
    lookups = {"call": reference_table(Source.model_validate(calls), table)}
    placed = place_rows(source, staged, lookups, Dating(project.calendar))
    assert placed.collect()["_period"].to_list() == [date(2025, 2, 1), None, None]
    assert orphans(source, placed, ["company"])["reason"].to_list() == [
        "call_day: its day lies in no period of calendar.csv",
        "call_day: nothing is found for it",
    ]


def test_a_project_without_a_table_is_dated_as_before(tmp_path: Path) -> None:
    project = declare(tmp_path)
    assert dating_of(project, project.sources["rows"]) == Dating()
    assert make_plan(project).variants.keys() == {"revenue"}
    assert project.calendar.last_day(parse_period("2024-02")) == date(2024, 2, 29)
