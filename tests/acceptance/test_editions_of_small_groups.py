"""A second edition of a month does not tell, beside the first, what each of them withholds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorecards.periods import parse_period
from tests.acceptance.conftest import Command
from tests.counted_company import DAYS, MONTH, NEXT, counted_company, deliver, place, run, shown
from warehouse.editions import withheld_then
from warehouse.home import Home


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return counted_company(tmp_path / "project")


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


def test_a_month_that_was_run_before_another_one_told_of_it_is_judged_again(root: Path, scorepack: Command) -> None:
    for month in (MONTH, NEXT):
        deliver(root, month, a=1, b=5, c=4, d=12)
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "b": 23, "d": 41}, "a and c stand for each other"
    rule = root / "scorecard.yaml"
    declared = rule.read_text()
    rule.write_text(declared.replace("at_least: 5", "at_least: 3"))
    run(root, NEXT)
    publish(root, scorepack, NEXT)
    rule.write_text(declared)
    # Of the year and the month to February readers have c of January: with b it would tell a.
    assert shown(root, scorepack, MONTH) == {}
    said = scorepack("publish", MONTH, "--by", "Ada", project=root)
    told = "2025-01 is withheld, as people were counted otherwise. Run it first: scorepack run 2025-01."
    assert told in " ".join(said.text.split())
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "d": 41}


def test_a_new_unit_over_others_is_withheld_in_what_was_published(root: Path, scorepack: Command) -> None:
    place(root, a="left")
    run(root, MONTH)
    publish(root, scorepack, MONTH)
    before = shown(root, scorepack, MONTH)
    place(root, a="new", b="new", c="left")
    units = root / "units.csv"
    units.write_text(units.read_text() + "new,New,company,left\n")
    run(root, MONTH)
    after = shown(root, scorepack, MONTH)
    assert "new" not in after
    assert set(after) <= set(before)


@pytest.mark.parametrize("other", ["  workforce: {source: staff, value: COUNT(*), over_time: last}\n", ""])
def test_people_who_are_counted_by_another_measure_are_told_of_as_before(
    root: Path, scorepack: Command, other: str
) -> None:
    run(root, MONTH)
    publish(root, scorepack, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}
    declared = root / "kpis/kpis.yaml"
    if other:
        declared.write_text(declared.read_text().replace("kpis:\n", f"{other}kpis:\n", 1))
    else:
        declared.write_text(declared.read_text().replace("  people: {", "  workforce: {"))
    rule = root / "scorecard.yaml"
    rule.write_text(rule.read_text().replace("people: people", "people: workforce"))
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, MONTH)
    # By these counts alone b would be told, and c withheld with a.
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}


def test_an_edition_records_only_patterns_that_none_has_shown(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    publish(root, scorepack, MONTH)
    run(root, NEXT)
    publish(root, scorepack, NEXT)
    assert [one.month for one in withheld_then(Home(root / ".scorepack"))] == list(map(parse_period, (MONTH, NEXT)))
