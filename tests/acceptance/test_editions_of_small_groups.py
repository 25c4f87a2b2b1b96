"""A second edition of a month does not tell, beside the first, what each of them withholds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorecards.periods import parse_period
from tests.acceptance.conftest import Command
from tests.acceptance.test_people_recounted import figures, run
from warehouse.editions import withheld_then
from warehouse.home import Home

MONTH, NEXT = "2025-01", "2025-02"
FILES = {
    "scorecard.yaml": (
        "organisation: Quiet Ltd\nfirst_period: 2025-01\nlevels: [company, team]\n"
        "small_groups: {people: people, at_least: 5}\n"
    ),
    "strategy.yaml": (
        "scorecards:\n  main:\n    name: Main\n    objectives:\n"
        "      health: {name: Stay well, perspective: learning_and_growth, kpis: [absence, absence_year]}\n"
    ),
    "sources/staff.yaml": (
        "source: staff\ndomain: hr\npath: staff_*.csv\nkey: [employee]\nunit: unit\nperiod: month\n"
        "columns: {employee: {personal: true}, unit: {}, month: {type: month}}\n"
    ),
    "sources/days.yaml": (
        "source: days\ndomain: hr\npath: days_*.csv\nkey: [unit]\nunit: unit\nperiod: month\n"
        "columns: {unit: {}, month: {type: month}, days: {type: integer}}\n"
    ),
    "kpis/kpis.yaml": """\
measures:
  people: {source: staff, value: COUNT(*), over_time: last}
  days: {source: days, value: SUM(days)}
kpis:
  absence:
    {name: Absence, definition: Days absent., owner: Head of People, value: days, measured_in: days, direction: lower}
  absence_year:
    {name: Absence of the year, definition: Days absent., owner: Head of People, value: days, measured_in: days,
     direction: lower, window: year to date}
""",
    "targets.csv": (
        "kpi,anchor,value\nabsence,floor,500\nabsence,target,5\nabsence_year,floor,500\nabsence_year,target,5\n"
    ),
}  # fmt: skip
DAYS = {"a": 11, "b": 23, "c": 37, "d": 41}
UNITS = "id,name,level,parent\ncompany,Company,company,\nleft,Left,company,company\nright,Right,company,company\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    place(tmp_path / "project")
    for month in (MONTH, NEXT):
        deliver(tmp_path / "project", month, a=4, b=6, c=9, d=9)
    return tmp_path / "project"


def place(root: Path, **elsewhere: str) -> None:
    """Write the units: teams of the company, but for those that stand elsewhere."""
    lines = [f"{unit},{unit.upper()},team,{elsewhere.get(unit, 'company')}\n" for unit in DAYS]
    (root / "units.csv").write_text(UNITS + "".join(lines), encoding="utf-8")


def deliver(root: Path, month: str, **people: int) -> None:
    """Write a month's files: so many people in each team, and the days of each, which stay as they are."""
    folder = root / "extracts"
    folder.mkdir(exist_ok=True)
    staff = [f"{unit}{number},{unit},{month}\n" for unit, count in people.items() for number in range(count)]
    (folder / f"staff_{month}.csv").write_text("employee,unit,month\n" + "".join(staff), encoding="utf-8")
    days = "".join(f"{unit},{month},{count}\n" for unit, count in DAYS.items())
    (folder / f"days_{month}.csv").write_text("unit,month,days\n" + days, encoding="utf-8")


def shown(root: Path, scorepack: Command, month: str, kpi: str = "absence") -> dict[str, float]:
    found = figures(root, scorepack, month, kpi)
    return {unit: value for unit, (value, _) in found.items() if value is not None}


def publish(root: Path, scorepack: Command, month: str) -> None:
    said = scorepack("publish", month, "--by", "Ada", "--reason", "counted anew", project=root)
    assert said.code == 0, said.text


def test_where_heads_alone_are_corrected_the_same_units_stay_withheld(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    publish(root, scorepack, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, MONTH)
    # By these counts alone c would stand beside a, and b, which was withheld with a, would be told.
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}
    publish(root, scorepack, MONTH)
    run(root, NEXT)
    assert shown(root, scorepack, NEXT, "absence_year") == {"company": 224, "c": 74, "d": 82}
    assert scorepack("rebuild", project=root).code == 0
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}, "computed anew, it is the same"


def test_what_was_withheld_by_mistake_is_shown_once_it_is_counted(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    publish(root, scorepack, MONTH)
    deliver(root, MONTH, a=8, b=6, c=9, d=9)
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, **DAYS}


def test_a_month_that_was_never_published_is_withheld_by_its_own_counts(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "b": 23, "d": 41}


def test_what_a_later_months_packs_showed_of_a_month_is_published_too(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    run(root, NEXT)
    publish(root, scorepack, NEXT)
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}


def test_what_a_later_months_windows_told_of_a_month_that_was_not_run_is_published_too(
    root: Path, scorepack: Command
) -> None:
    run(root, NEXT)
    publish(root, scorepack, NEXT)
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, NEXT)
    # The year to February told c in January, and b with a; b alone would tell a.
    assert shown(root, scorepack, NEXT, "absence_year") == {"company": 224, "c": 74, "d": 82}


def test_units_that_hold_others_than_before_are_withheld_where_a_few_have_moved(root: Path, scorepack: Command) -> None:
    place(root, a="left", b="left", c="left", d="right")
    run(root, MONTH)
    publish(root, scorepack, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "left": 71, "right": 41, "c": 37, "d": 41}
    place(root, a="right", b="left", c="left", d="right")
    run(root, MONTH)
    # What left held before, less what it holds now, would be a.
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}


def test_an_edition_records_only_patterns_that_none_has_shown(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    publish(root, scorepack, MONTH)
    run(root, NEXT)
    publish(root, scorepack, NEXT)
    assert [one.period for one in withheld_then(Home(root / ".scorepack"))] == list(map(parse_period, (MONTH, NEXT)))
