"""Stocks of units whose snapshot has not come, and units that move and take their past along or leave it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.declared import UNITS, declare, figures, rows

SNAPSHOTS = {
    "2024-01": {"north": 10, "south": 5},
    "2024-02": {"north": 11, "south": 6},
    "2024-03": {"north": 12},
    "2024-04": {"north": 13},
    "2024-05": {"north": 14, "south": 9},
}


def heads(snapshots: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    return [
        {"unit": unit, "day": date.fromisoformat(f"{month}-28"), "pieces": pieces}
        for month, units in snapshots.items()
        for unit, pieces in units.items()
    ]


def outcome(root: Path, measure: dict[str, Any], unit: str, period: str, window: str = "month", **more: Any) -> object:
    measures = {"heads": {"value": "SUM(pieces)", "over_time": "last", **measure}}
    project = declare(root, measures, {"k": {"value": "heads", "window": window}}, **more)
    found = figures(project, rows(heads(SNAPSHOTS)), period)
    return found.reason("k", unit, period) or found.value("k", unit, period)


@pytest.mark.parametrize(
    ("late", "unit", "period", "wanted"),
    [
        (None, "company", "2024-03", "unit_late"),
        ("missing", "company", "2024-03", "unit_late"),
        ("missing", "south", "2024-03", "unit_late"),
        ("missing", "north", "2024-03", 12),
        ("missing", "company", "2024-05", 23),
        ("left out", "company", "2024-03", 12),
        ("left out", "south", "2024-03", "no_rows"),
        ("last known for 1 month", "company", "2024-03", 18),
        ("last known for 1 month", "south", "2024-03", 6),
        ("last known for 1 month", "company", "2024-04", "unit_late"),
        ("last known for 2 months", "company", "2024-04", 19),
    ],
)
def test_a_late_snapshot_is_treated_as_declared(
    tmp_path: Path, late: str | None, unit: str, period: str, wanted: object
) -> None:
    assert outcome(tmp_path, {"late": late} if late else {}, unit, period) == wanted


def test_an_average_over_months_with_a_late_one_is_missing_for_the_sum_only(tmp_path: Path) -> None:
    average = {"over_time": "average"}
    assert outcome(tmp_path / "a", average, "company", "2024-04", "trailing 2 months") == "unit_late"
    assert outcome(tmp_path / "b", average, "north", "2024-04", "trailing 2 months") == 12.5
    carried = {**average, "late": "last known for 3 months"}
    assert outcome(tmp_path / "c", carried, "company", "2024-03", "trailing 3 months") == (15 + 17 + 18) / 3


def test_a_unit_left_out_counts_zero_in_the_months_that_it_lacks_for_those_above_and_not_for_itself(
    tmp_path: Path,
) -> None:
    measures = {"heads": {"value": "SUM(pieces)", "over_time": "average", "late": "left out"}}
    kpis = {"k": {"value": "heads", "window": "trailing 3 months", "min_months": 2}}
    found = figures(declare(tmp_path, measures, kpis), rows(heads(SNAPSHOTS)), "2024-03")
    assert [found.value("k", unit, "2024-03") for unit in ("north", "south")] == [11, 5.5]
    assert found.value("k", "company", "2024-03") == (15 + 17 + 12) / 3


def test_a_unit_that_was_closed_is_not_late(tmp_path: Path) -> None:
    units = "id,name,level,parent,valid_to\ncompany,C,company,,\nnorth,N,division,company,\n"
    units += "south,S,division,company,2024-02-29\n"
    assert outcome(tmp_path, {}, "company", "2024-03", units=units) == 12


MOVED = """\
id,name,level,parent,valid_from,valid_to
company,Company,company,,,
north,North,division,company,,
south,South,division,company,,
team,Team,team,north,,2024-02-29
team,Team,team,south,2024-03-01,
"""


@pytest.mark.parametrize(
    ("declared", "north", "south"), [("take their past along", 0, 1 + 2 + 4), ("leave their past behind", 1 + 2, 4)]
)
def test_a_unit_that_moves_takes_its_past_along_or_leaves_it_behind(
    tmp_path: Path, declared: str, north: int, south: int
) -> None:
    records = [{"unit": "team", "day": date(2024, month, 5), "pieces": 2 ** (month - 1)} for month in (1, 2, 3)]
    project = declare(
        tmp_path, {"made": {"value": "SUM(pieces)"}}, {"k": {"value": "made", "window": "year to date"}},
        units=MOVED, scorecard={"units_that_move": declared},
    )  # fmt: skip
    found = figures(project, rows(records), "2024-03")
    assert [found.value("k", unit, "2024-03") for unit in ("north", "south", "company")] == [north, south, 7]


def test_distinct_counts_over_windows_equal_a_count_row_by_row(tmp_path: Path) -> None:
    kpis = {
        f"k{n}": {"value": "people", "window": window}
        for n, window in enumerate(
            ["month", "trailing 3 months", "year to date", "quarter to date", "trailing 12 months"]
        )
    }
    records = [
        {
            "unit": ("north", "south")[n % 2],
            "day": date(2024 + n % 17 // 12, n % 17 % 12 + 1, 7),
            "reason": "abcdefgh"[n * n % 8],
        }
        for n in range(90)
    ]
    project = declare(tmp_path, {"people": {"value": "COUNT(DISTINCT reason)"}}, kpis, units=UNITS)
    found = figures(project, rows(records), "2023-06", "2025-06")
    firsts = {
        "k0": lambda p: p, "k1": lambda p: _back(p, 2), "k2": lambda p: p.replace(month=1),
        "k3": lambda p: p.replace(month=(p.month - 1) // 3 * 3 + 1), "k4": lambda p: _back(p, 11),
    }  # fmt: skip
    checked = 0
    for row in found.values.iter_rows(named=True):
        first = firsts[row["kpi"]](row["period"])
        if row["missing_reason"] is None:
            mine = {
                r["reason"]
                for r in records
                if first <= r["day"].replace(day=1) <= row["period"] and row["unit"] in (r["unit"], "company")
            }
            assert row["value"] == len(mine), row
            checked += 1
    assert checked > 150


def _back(period: date, months: int) -> date:
    index = period.year * 12 + period.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
