"""What ``explain`` tells of people is made of what the month was computed from, or is not told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Command
from tests.counted_company import DAYS, MONTH, NEXT, counted_company, deliver, deliver_days, run

NOT_TOLD = "Of people nothing else is told until the month is run again"
FEW, MANY = 2, 8
"""People of c, of whom the few are withheld where they are counted so."""
Change = Callable[[Path, int], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The company, with groups that are all large enough."""
    root = counted_company(tmp_path / "project")
    for month in (MONTH, NEXT):
        deliver(root, month, a=8, b=8, c=9, d=9)
    return root


def explained(root: Path, scorepack: Command, kpi: str, month: str, *more: str) -> dict[str, Any]:
    """The one operand of c's value."""
    answer = scorepack("explain", kpi, "c", month, "--json", *more, project=root)
    assert answer.code == 0, answer.text
    [found] = json.loads(answer.out)["inputs"]
    return dict(found)


def recount(root: Path, people: int) -> None:
    """Of January come so many people in c, with other days than before."""
    deliver(root, MONTH, a=8, b=8, c=people, d=9)
    deliver_days(root, MONTH, **{**DAYS, "c": 77})


def recount_and_run(root: Path, people: int) -> None:
    recount(root, people)
    run(root, MONTH)


def take_in(root: Path, people: int) -> None:
    """Take the new files of January in by a run of the month after, which leaves January as it was."""
    recount(root, people)
    run(root, NEXT)


def recount_run_and_take_back(root: Path, people: int) -> None:
    """The files are as they were, but what stands in the warehouse is not yet."""
    recount_and_run(root, people)
    for month in (MONTH, NEXT):
        deliver(root, month, a=8, b=8, c=9, d=9)


def test_what_the_month_was_computed_from_is_told(root: Path, scorepack: Command) -> None:
    run(root, MONTH, NEXT)
    found = explained(root, scorepack, "absence_year", NEXT)
    assert found["is_told"]
    assert [one["value"] for one in found["months"]] == [37, 37]
    assert (found["value"], found["sql_gives"]) == (74, 74)
    assert found["loads"]
    assert "run just now, it gives 74: the value" in scorepack("explain", "absence_year", "c", NEXT, project=root).text


CHANGES = [
    ("absence_year", NEXT, recount_and_run),
    ("absence_year", NEXT, recount_run_and_take_back),
    ("absence", MONTH, take_in),
]


@pytest.mark.parametrize(("kpi", "month", "change"), CHANGES)
def test_newer_data_are_not_told_beside_a_figure_of_older_ones(
    root: Path, scorepack: Command, kpi: str, month: str, change: Change
) -> None:
    run(root, MONTH, NEXT)
    change(root, MANY)
    found = explained(root, scorepack, kpi, month)
    assert found["value"] == {"absence": 37, "absence_year": 74}[kpi]
    assert not found["is_told"]
    for key in ("months", "loads", "rates", "units"):
        assert found[key] == [], key
    for key in ("sql_gives", "value_sql", "rows_sql"):
        assert found[key] is None, key
    assert any(NOT_TOLD in note for note in found["notes"])
    text = scorepack("explain", kpi, "c", month, project=root).text
    assert NOT_TOLD in " ".join(text.split())
    assert not re.search(r"\b(77|114)\b|loads|just now|SELECT", text)


@pytest.mark.parametrize(("kpi", "month", "change"), CHANGES)
def test_nor_are_they_where_few_are_counted_since(
    root: Path, scorepack: Command, kpi: str, month: str, change: Change
) -> None:
    run(root, MONTH, NEXT)
    change(root, FEW)
    text = scorepack("explain", kpi, "c", month, project=root).text
    assert not re.search(r"\b(77|114)\b|just now|SELECT", text)


def test_nor_are_they_in_what_is_told_of_an_edition(root: Path, scorepack: Command) -> None:
    run(root, MONTH, NEXT)
    assert scorepack("close", NEXT, "--by", "Ada", project=root).code == 0
    recount_and_run(root, MANY)
    answer = scorepack("publish", NEXT, "--by", "Ada", project=root)
    assert answer.code == 0, answer.text
    found = explained(root, scorepack, "absence_year", NEXT, "--edition", "1")
    assert found["value"] == 74
    assert (found["months"], found["sql_gives"]) == ([], None)
    text = scorepack("explain", "absence_year", "c", NEXT, "--edition", "1", project=root).text
    assert not re.search(r"\b(77|114)\b", text)
