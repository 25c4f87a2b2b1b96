"""Paths of sources: the month and the day that a file's name tells, in whatever form it is written."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecards.source_paths import PathPattern


@pytest.mark.parametrize(
    ("path", "name", "period", "moment", "logical"),
    [
        ("a_{period}.csv", "a_2024-03.csv", (2024, 3), None, "a_2024-03.csv"),
        ("a_{period:%Y%m}.csv", "a_202403.csv", (2024, 3), None, "a_202403.csv"),
        ("{period:%b %y}/a.csv", "Mar 24/a.csv", (2024, 3), None, "mar 24/a.csv"),
        ("{period:%Y}/{period:%B}.csv", "2024/march.csv", (2024, 3), None, "2024/march.csv"),
        ("{period:%Y}/a_{period}.csv", "2024/a_2024-03.csv", (2024, 3), None, "2024/a_2024-03.csv"),
        ("a_{file_date}.csv", "a_20240405.csv", None, (2024, 4, 5), "a_{file_date}.csv"),
        ("a_{file_date}.csv", "a_2024-04-05.csv", None, (2024, 4, 5), "a_{file_date}.csv"),
        ("a_{file_date:%d-%m-%Y}.csv.gz", "a_05-04-2024.csv.gz", None, (2024, 4, 5), "a_{file_date}.csv"),
        (
            "{file_date}/{period}_{file_date:%d.%m.%Y %H%M}.csv",
            "20240405/2024-03_05.04.2024 1730.csv",
            (2024, 3),
            (2024, 4, 5, 17, 30),
            "{file_date}/2024-03_{file_date}.csv",
        ),
        ("a.*_[x]?{period}*.csv", "a.b_[x]?2024-03 (1).csv", (2024, 3), None, "a.b_[x]?2024-03 (1).csv"),
    ],
)
def test_a_name_tells_its_month_and_its_moment_of_delivery(
    path: str, name: str, period: tuple[int, int] | None, moment: tuple[int, ...] | None, logical: str
) -> None:
    assert list(PathPattern(path).problems()) == []
    found = PathPattern(path).read(name)
    assert found is not None
    assert found.period == (date(*period, 1) if period else None)
    assert found.moment == (datetime(*moment) if moment else None)  # type: ignore[arg-type]
    assert found.logical == logical


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a_{period}.csv", "a_202403.csv"),
        ("a_{period:%Y%m}.csv", "a_2024-03.csv"),
        ("a_{period}.csv", "a_2024-3.csv"),
        ("a_{file_date}.csv", "a_2024-0405.csv"),
        ("a_*.csv", "a_x/y.csv"),
        ("{period:%b}.csv", "Mars.csv"),
        ("a.csv", "a_csv"),
        ("a_{period}.csv", "a_2024-03.csv.gz"),
    ],
)
def test_a_name_in_another_form_does_not_fit(path: str, name: str) -> None:
    assert PathPattern(path).read(name) is None
    assert not PathPattern(path).fits(name)


@pytest.mark.parametrize(
    ("path", "name", "words"),
    [
        ("a_{period}.csv", "a_2024-13.csv", "2024-13 is no month"),
        ("a_{file_date}.csv", "a_20240231.csv", "2024-02-31 is no day"),
        ("{period:%B %Y}.csv", "Marz 2024.csv", "marz-2024 is no month"),
        ("{period:%Y}/{period}.csv", "2023/2024-01.csv", "{period} is both 2023 and 2024"),
    ],
)
def test_a_month_or_day_that_does_not_exist_is_told(path: str, name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PathPattern(path).read(name)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/a.csv", "'path' must stay below the extracts folder"),
        ("a/../../b.csv", "'path' must stay below the extracts folder"),
        ("{month}.csv", "'path' has the unknown placeholder {month}; known: {period}, {file_date}"),
        ("{period:%Y}.csv", "{period} in 'path' does not tell the month; write it with %m"),
        ("{period:%m}.csv", "{period} in 'path' does not tell the year; write it with %Y"),
        ("{file_date:%Y%m}.csv", "{file_date} in 'path' does not tell the day; write it with %d"),
        (
            "{period:%Y-%m-%Q}.csv",
            "'path' has %Q in {period:%Y-%m-%Q}, which is not known; known: %Y, %y, %m, %d, %H, %M, %S, %b, %B",
        ),
    ],
)
def test_a_path_that_cannot_tell_what_it_promises_is_a_problem(path: str, problem: str) -> None:
    assert list(PathPattern(path).problems()) == [problem]
