"""Months are computed in parts: many months where little is computed, fewer where much is."""

from __future__ import annotations

from datetime import date

from pipelines.steps.setting import in_batches
from scorecards.periods import add_months

MONTHS = [add_months(date(2016, 1, 1), back) for back in range(120)]


def test_months_of_few_rows_are_computed_in_parts_of_sixty() -> None:
    assert [len(part) for part in in_batches(MONTHS, dict.fromkeys(MONTHS, 100))] == [60, 60]


def test_months_of_many_rows_are_computed_in_parts_of_two_years() -> None:
    parts = list(in_batches(MONTHS, dict.fromkeys(MONTHS, 1_000_000)))
    assert [len(part) for part in parts] == [24] * 5
    assert [month for part in parts for month in part] == MONTHS


def test_a_part_ends_before_its_rows_are_too_many() -> None:
    assert [len(part) for part in in_batches(MONTHS[:60], dict.fromkeys(MONTHS, 8_000))] == [31, 29]


def test_of_no_months_there_is_no_part() -> None:
    assert list(in_batches([], {})) == []
