"""Where people of a month are counted anew, no two patterns that stand of it can be subtracted from each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Command
from tests.counted_company import (
    DAYS,
    MONTH,
    NEXT,
    counted_company,
    deliver,
    figures,
    place,
    run,
    shown,
    without_windows,
)

THIRD = "2025-03"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return counted_company(tmp_path / "project")


def test_a_month_tells_nothing_by_a_pattern_that_a_later_month_does_not_have_until_it_is_run_again(
    root: Path, scorepack: Command
) -> None:
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, NEXT)
    # The year to February tells b in January now, and a with c: a would be what is left of January.
    assert shown(root, scorepack, MONTH) == {}
    assert set(figures(root, scorepack, MONTH, "absence").values()) == {(None, "small_group")}
    assert f"withheld: {MONTH} (1 month)" in scorepack("status", project=root).text
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "b": 23, "d": 41}
    assert "withheld:" not in scorepack("status", project=root).text


def test_nor_does_a_later_month_whose_windows_and_comparisons_have_the_earlier_pattern(
    root: Path, scorepack: Command
) -> None:
    run(root, MONTH)
    run(root, NEXT)
    assert shown(root, scorepack, NEXT, "absence_year") == {"company": 224, "c": 74, "d": 82}
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "b": 23, "d": 41}
    assert shown(root, scorepack, NEXT, "absence_year") == {}
    assert shown(root, scorepack, NEXT, "absence", "comparisons", "reference") == {}
    run(root, NEXT)
    assert shown(root, scorepack, NEXT, "absence") == {"company": 112, "c": 37, "d": 41}
    assert shown(root, scorepack, NEXT, "absence_year") == {"company": 224, "d": 82}
    assert shown(root, scorepack, NEXT, "absence", "comparisons", "reference") == {"company": 112, "b": 23, "d": 41}


@pytest.mark.parametrize("is_closed", [True, False])
def test_charts_of_a_later_month_are_not_made_of_the_earlier_pattern(
    root: Path, scorepack: Command, is_closed: bool
) -> None:
    without_windows(root)
    deliver(root, THIRD, a=4, b=6, c=9, d=9)
    for month in (MONTH, NEXT, THIRD):
        run(root, month)
    assert shown(root, scorepack, THIRD, "absence", "signals", "points")["c"] == 3
    if is_closed:
        assert scorepack("close", THIRD, "--by", "Ada", project=root).code == 0
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, MONTH)
    assert shown(root, scorepack, THIRD) == {"company": 112, "c": 37, "d": 41}, "it looks at itself alone"
    # A mean over three months would tell c in the first, and so a; the second is compared with the first, and blank.
    # Signals of a closed month wait until it is run.
    assert shown(root, scorepack, THIRD, "absence", "signals", "points").get("c") == (None if is_closed else 1)


@pytest.mark.parametrize("runs_both", [True, False])
def test_comparisons_alone_have_the_earlier_pattern_too(root: Path, scorepack: Command, runs_both: bool) -> None:
    without_windows(root)
    if runs_both:
        run(root, MONTH)
    run(root, NEXT)
    assert shown(root, scorepack, NEXT, "absence", "comparisons", "reference") == {"company": 112, "c": 37, "d": 41}
    deliver(root, MONTH, a=4, b=30, c=9, d=9)
    run(root, MONTH)
    assert shown(root, scorepack, NEXT, "absence", "comparisons", "reference") == {}
    run(root, NEXT)
    assert shown(root, scorepack, NEXT, "absence", "comparisons", "reference") == {"company": 112, "b": 23, "d": 41}


def test_people_recounted_leave_months_shown_where_the_same_units_are_withheld(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    deliver(root, MONTH, a=3, b=6, c=9, d=9)
    run(root, NEXT)
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}
    assert "withheld:" not in scorepack("status", project=root).text


def test_an_older_pattern_that_withholds_more_is_not_told_beside_a_newer_one(root: Path, scorepack: Command) -> None:
    run(root, MONTH)
    deliver(root, MONTH, a=8, b=6, c=9, d=9)
    run(root, NEXT)
    # Were figures corrected with the people, the two months' sums would be of other data.
    assert shown(root, scorepack, MONTH) == {}
    assert "scorepack backfill 2025-01 2025-01" in " ".join(scorepack("status", project=root).text.split())
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, **DAYS}


def test_nor_do_months_of_a_stricter_rule_stand_beside_later_ones_that_tell_otherwise(
    root: Path, scorepack: Command
) -> None:
    deliver(root, MONTH, a=1, b=5, c=4, d=12)
    deliver(root, NEXT, a=1, b=5, c=4, d=12)
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "b": 23, "d": 41}, "a and c stand for each other"
    rule = root / "scorecard.yaml"
    rule.write_text(rule.read_text().replace("at_least: 5", "at_least: 3"))
    run(root, NEXT)
    assert shown(root, scorepack, NEXT, "absence") == {"company": 112, "c": 37, "d": 41}, "a and b do now"
    assert shown(root, scorepack, NEXT, "absence_year") == {"company": 224, "c": 74, "d": 82}
    assert shown(root, scorepack, MONTH) == {}
    run(root, MONTH)
    assert shown(root, scorepack, MONTH) == {"company": 112, "c": 37, "d": 41}


def test_units_that_were_corrected_leave_no_window_over_what_they_were(root: Path, scorepack: Command) -> None:
    place(root, a="left", b="left", c="left", d="right")
    run(root, MONTH)
    run(root, NEXT)
    assert shown(root, scorepack, NEXT, "absence_year") == {"company": 224, "left": 142, "right": 82, "c": 74, "d": 82}
    place(root, a="right", b="left", c="left", d="right")
    run(root, MONTH)
    assert shown(root, scorepack, NEXT, "absence_year") == {}
