"""Files whose numbers have the other decimal mark: what could be read all the same is not trusted in silence."""

from __future__ import annotations

import pytest

from tests.warehouse.conftest import StageFile

GERMAN = "id;day;unit;amount\n1;2024-01-05;north;12,50\n2;2024-01-05;north;1.500\n3;2024-01-05;north;1.234,56\n"
ENGLISH = 'id,day,unit,amount\n1,2024-01-05,north,12.5\n2,2024-01-05,north,"1,500"\n'
TOLD = (
    "amount: {0}, would be a number with a decimal {1}: accepted values with a {2} may have been read as fractions "
    "where thousands were meant"
)


def test_a_german_file_read_with_points_is_told(stage_file: StageFile) -> None:
    found = stage_file(GERMAN, delimiter=";")
    assert found.ids == ["2"]
    assert found.staged.notes == (TOLD.format("2 rejected values, such as '12,50'", "comma", "point"),)


def test_an_english_file_read_with_commas_is_told(stage_file: StageFile) -> None:
    found = stage_file(ENGLISH, decimal=",")
    assert found.ids == ["2"]
    assert found.staged.notes == (TOLD.format("1 rejected value, such as '12.5'", "point", "comma"),)


@pytest.mark.parametrize("value", ["1,234", "1,2,3", "a,5", "5", ",", "12,x"])
def test_what_may_be_thousands_or_no_number_at_all_tells_nothing(stage_file: StageFile, value: str) -> None:
    found = stage_file(f'id,day,unit,amount\n1,2024-01-05,north,"{value}"\n2,2024-01-05,north,1.5\n')
    assert found.staged.notes == ()
