"""KPIs whose target moves at every date by declaration, told from those whose target somebody changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.declared import declare
from transforms.moving_targets import moving_targets

PERIOD = date(2025, 4, 1)


def rows(*days: str, unit: str = "", anchor: str = "target", per: str = "window") -> str:
    return "kpi,unit,effective_from,anchor,value,per\n" + "".join(
        f"k,{unit},{day},{anchor},{10 + number},{per}\n" for number, day in enumerate(days)
    )


def moves(root: Path, targets: str, period: date = PERIOD, **kpi: Any) -> bool:
    declared = {"k": {"value": "made", **kpi}}
    return "k" in moving_targets(declare(root, {"made": {"value": "SUM(pieces)"}}, declared, targets=targets), period)


@pytest.mark.parametrize(
    ("days", "is_moving"),
    [
        (("2025-02-01", "2025-03-01", "2025-04-01"), True),
        (("2025-03-01", "2025-04-15", "2025-05-01"), True),
        (("2025-04-01", "2025-05-01", "2025-06-01"), True),
        (("2025-03-01", "2025-04-01"), False),
        (("2025-01-01", "2025-02-01", "2025-03-01"), False),
        (("2024-01-01", "2025-01-01", "2025-04-01"), False),
        (("",), False),
    ],
)
def test_rows_at_three_months_on_end_move_and_a_change_now_and_then_does_not(
    tmp_path: Path, days: tuple[str, ...], is_moving: bool
) -> None:
    assert moves(tmp_path, rows(*days)) is is_moving


def test_rows_of_different_units_or_of_floors_are_not_one_target_that_moves(tmp_path: Path) -> None:
    apart = rows("2025-03-01", unit="north") + rows("2025-04-01", unit="south").split("\n", 1)[1]
    assert not moves(tmp_path / "units", apart + rows("2025-05-01", unit="company").split("\n", 1)[1])
    assert not moves(tmp_path / "floors", rows("2025-03-01", "2025-04-01", "2025-05-01", anchor="floor"))


def test_a_quarterly_kpi_moves_with_rows_every_quarter(tmp_path: Path) -> None:
    quarterly = {"frequency": "quarter", "window": "quarter"}
    every = rows("2025-01-01", "2025-04-01", "2025-07-01")
    assert moves(tmp_path / "a", every, date(2025, 7, 1), **quarterly)
    assert moves(tmp_path / "b", rows("2024-10-01", "2025-01-01", "2025-04-01"), date(2025, 7, 1), **quarterly)
    assert not moves(tmp_path / "c", rows("2025-01-01", "2025-07-01"), date(2025, 7, 1), **quarterly)


def test_a_target_per_month_moves_with_a_window_to_date_only(tmp_path: Path) -> None:
    assert moves(tmp_path / "a", rows("2025-01-01", per="month"), window="year to date")
    assert not moves(tmp_path / "b", rows("2025-01-01", per="window"), window="year to date")
    assert not moves(tmp_path / "c", rows("2025-01-01", per="month"), window="trailing 3 months")


def test_a_formula_over_data_moves_and_one_over_the_target_or_a_number_does_not(tmp_path: Path) -> None:
    inputs = {"now": {"measure": "made"}, "before": {"measure": "made", "offset": "1 year"}}
    own = {"inputs": inputs, "value": "1 * now"}
    assert moves(tmp_path / "a", "", anchors={"target": "before * 1.1", "floor": "target * 0.5"}, **own)
    assert not moves(tmp_path / "b", rows("2025-01-01"), anchors={"floor": "target * 0.5"}, **own)
