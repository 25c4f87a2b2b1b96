"""Units by months as one axis: cells, their past, and rows by groups."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from transforms.grid import Grid, Sparse, numbers, series, split

GRID = Grid(date(2023, 12, 1), date(2024, 2, 1), ("a", "b"))


def test_a_cell_is_one_unit_in_one_month_and_months_follow_one_another() -> None:
    assert GRID.size == 6
    months = [(date(2023, 12, 1), "b"), (date(2024, 2, 1), "a"), (date(2024, 2, 1), "b"), (date(2023, 12, 1), "a")]
    frame = pl.DataFrame(months, schema={"period": pl.Date, "unit": pl.String}, orient="row")
    cells = GRID.cells(frame)
    assert cells.tolist() == [1, 4, 5, 0] == [GRID.cell(*month) for month in months]
    assert GRID.periods_of(cells).to_list() == [period for period, _ in months]
    assert GRID.units_of(cells).to_list() == [unit for _, unit in months]
    assert GRID.months(cells).tolist() == [0, 2, 2, 0]


def test_the_same_unit_earlier_is_nowhere_before_the_first_month() -> None:
    assert GRID.earlier(np.arange(6), 1).tolist() == [-1, -1, 0, 1, 2, 3]
    assert GRID.earlier(np.arange(6), 2).tolist() == [-1, -1, -1, -1, 0, 1]
    assert GRID.earlier(np.arange(6), 0).tolist() == [0, 1, 2, 3, 4, 5]


def test_the_smallest_grid_spans_all_frames_that_have_rows() -> None:
    early = pl.DataFrame({"period": [date(2023, 3, 1), date(2023, 1, 1)], "unit": ["z", "b"]})
    late = pl.DataFrame({"period": [date(2024, 5, 1), date(2023, 2, 1)], "unit": ["a", "b"]})
    assert Grid.over([early, late, late.clear()]) == Grid(date(2023, 1, 1), date(2024, 5, 1), ("a", "b", "z"))


def test_numbers_known_at_some_cells_are_missing_at_the_others_and_where_there_is_no_cell() -> None:
    found = Sparse(np.array([4, 0]), np.array([40.0, 7.0])).at(6, np.array([0, 1, 4, 5, -1, 0]))
    assert found == pytest.approx([7, np.nan, 40, np.nan, np.nan, 7], nan_ok=True)


def test_missing_numbers_are_nan_on_the_grid_and_null_in_frames() -> None:
    assert numbers(pl.Series([1, None])) == pytest.approx([1, np.nan], nan_ok=True)
    assert series(np.array([1.5, np.nan])).to_list() == [1.5, None]
    assert series(np.empty(0)).dtype == pl.Float64


def test_rows_are_split_by_their_values_each_group_in_the_order_of_the_rows() -> None:
    frame = pl.DataFrame({"k": ["y", "x", "y", "x", "y"], "n": ["1", "2", "2", "2", "1"]})
    found = split(frame, ["k", "n"])
    assert {key: rows.tolist() for key, rows in found.items()} == {
        ("x", "2"): [1, 3],
        ("y", "1"): [0, 4],
        ("y", "2"): [2],
    }
    assert list(found) == [("x", "2"), ("y", "1"), ("y", "2")]
    assert split(frame.clear(), ["k"]) == {}


@pytest.mark.parametrize("kinds", [3, 300])
def test_many_rows_of_many_groups_keep_their_order_too(kinds: int) -> None:
    first, second = np.divmod(np.arange(100_000) * 7919 % kinds**2, kinds)
    wide = np.char.zfill(np.arange(kinds).astype(str), 3)
    found = split(pl.DataFrame({"a": wide[first], "b": wide[second]}), ["a", "b"])
    expected: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(wide[first].tolist(), wide[second].tolist(), strict=True)):
        expected.setdefault(key, []).append(row)
    assert len(expected) == kinds**2
    # Compared before the assertion: nobody wants to read how ninety thousand groups differ, or to wait for it.
    has_the_same_rows = {key: rows.tolist() for key, rows in found.items()} == expected
    assert has_the_same_rows
    is_in_order = list(found) == sorted(expected)
    assert is_in_order
