"""What of a KPI is withheld: over windows, by parts, of snapshots that are late, of measures about others or nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.declared import Figures, declare, figures, rows

MEASURES: dict[str, Any] = {
    "people": {"value": "COUNT(*)", "over_time": "average", "late": "left out"},
    "pay": {"value": "SUM(amount)"},
}
KPIS: dict[str, Any] = {
    "now": {"value": "pay"},
    "quarter": {"value": "pay", "window": "trailing 3 months", "min_months": 1},
}


def found(root: Path, heads: dict[str, list[int]], measures: Any = MEASURES, kpis: Any = KPIS, **rule: Any) -> Figures:
    """Figures of the months from January on, in which the units have so many people of one pay."""
    project = declare(
        root, measures, kpis, source={"domain": "hr"},
        scorecard={"small_groups": {"people": "people", "at_least": 5, **rule}},
    )  # fmt: skip
    records = [
        {"unit": unit, "day": f"2024-{month:02d}-28", "amount": 100, "reason": "a" if number % 2 else "b"}
        for unit, counts in heads.items()
        for month, count in enumerate(counts, start=1)
        for number in range(count)
    ]
    return figures(project, _typed(records), "2024-01", f"2024-{max(map(len, heads.values())):02d}")


def _typed(records: list[dict[str, Any]]) -> Any:
    from datetime import date
    from decimal import Decimal

    return rows({**one, "day": date.fromisoformat(one["day"]), "amount": Decimal(one["amount"])} for one in records)


def test_a_window_is_withheld_where_one_of_its_months_is(tmp_path: Path) -> None:
    heads = {"north": [4, 6, 6, 6], "south": [9, 9, 9, 9]}
    told = found(tmp_path, heads)
    assert [told.reason("now", "north", f"2024-0{month}") for month in (1, 2, 3, 4)] == [
        "small_group",
        None,
        None,
        None,
    ]
    assert [told.reason("quarter", "north", f"2024-0{month}") for month in (3, 4)] == ["small_group", None]
    assert told.value("quarter", "north", "2024-04") == 1800
    assert told.reason("now", "south", "2024-01") == "small_group", "company less south would be north"
    assert told.value("now", "company", "2024-01") == 1300


def test_the_last_month_decides_where_months_are_not_taken_together(tmp_path: Path) -> None:
    told = found(tmp_path, {"north": [4, 6, 6], "south": [9, 9, 9]}, across_months=False)
    assert told.value("quarter", "north", "2024-03") == 1600
    assert told.reason("quarter", "north", "2024-01") == "small_group"


def test_parts_are_shown_only_where_every_part_is_large(tmp_path: Path) -> None:
    kpis = {"by_reason": {"value": "pay", "by": ["reason"]}}
    told = found(tmp_path, {"north": [12], "south": [6]}, kpis=kpis).values
    shown = set(told.filter(told["slice"] != "")["unit"])
    assert shown == {"company"}, "south has three of each; north would tell them by subtraction"
    assert found(tmp_path / "b", {"north": [12], "south": [10]}, kpis=kpis).values.height == 9


def test_a_condition_on_the_whole_kpi_makes_a_part_and_one_on_an_input_counts_among_the_people(tmp_path: Path) -> None:
    kpis = {
        "part": {"value": "pay", "where": "reason = 'a'"},
        "counted": {"inputs": {"some": {"measure": "pay", "where": "reason = 'a'"}}, "value": "some"},
    }
    told = found(tmp_path, {"north": [8], "south": [20]}, kpis=kpis)
    assert told.reason("part", "north", "2024-01") == "small_group"
    assert told.value("counted", "north", "2024-01") == 400


def test_measures_are_about_the_people_they_name_or_nobody(tmp_path: Path) -> None:
    measures = {
        **MEASURES,
        "answers": {"value": "COUNT(*) FILTER (WHERE reason = 'a')"},
        "points": {"value": "SUM(amount)", "people": "answers"},
        "costs": {"value": "SUM(amount)", "people": "nobody"},
    }
    kpis = {**KPIS, "points": {"value": "points"}, "costs": {"value": "costs"}}
    told = found(tmp_path, {"north": [8], "south": [20]}, measures, kpis)
    assert told.value("now", "north", "2024-01") == 800
    assert told.reason("points", "north", "2024-01") == "small_group", "four have answered"
    small = found(tmp_path / "b", {"north": [2], "south": [20]}, measures, kpis)
    assert small.value("costs", "north", "2024-01") == 200
    assert small.reason("now", "north", "2024-01") == "small_group"


def test_a_snapshot_that_stands_in_for_a_later_month_is_withheld_with_its_own(tmp_path: Path) -> None:
    measures = {**MEASURES, "level": {"value": "SUM(amount)", "over_time": "last", "late": "last known for 2 months"}}
    kpis = {"level": {"value": "level"}}
    told = found(tmp_path, {"north": [3, 0], "south": [9, 9]}, measures, kpis)
    assert told.reason("level", "north", "2024-02") == "small_group"


def test_a_withheld_operand_withholds_its_formula_and_no_other_reason_is_hidden(tmp_path: Path) -> None:
    kpis = {
        "per_head": {"value": "pay / people"},
        "long_ago": {"inputs": {"was": {"measure": "pay", "offset": "2 years"}}, "value": "was"},
    }
    told = found(tmp_path, {"north": [3], "south": [9]}, kpis=kpis)
    assert told.reason("per_head", "north", "2024-01") == "small_group"
    assert told.reason("long_ago", "north", "2024-01") == "no_data"
