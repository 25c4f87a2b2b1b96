"""What of a KPI is withheld: over windows, by parts, of snapshots that are late, of measures about others or nobody."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.declared import COLUMNS, UNITS, Figures, declare, figures, figures_of, rows

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


def test_a_unit_without_people_in_the_last_month_does_not_stand_alone_in_its_window(tmp_path: Path) -> None:
    heads = {"north": [2, 0, 0], "south": [9, 11, 11]}
    told = found(tmp_path, heads, across_months=False)
    assert told.reason("quarter", "north", "2024-03") == "small_group"
    assert told.reason("quarter", "south", "2024-03") == "small_group", "company less south would be north"
    assert told.value("quarter", "company", "2024-03") == 3300


def test_nor_does_a_part_without_people_in_the_last_month(tmp_path: Path) -> None:
    kpis = {"by_reason": {"value": "pay", "by": ["reason"], "window": "trailing 3 months", "min_months": 1}}
    heads = {"north": [12, 1, 1], "south": [12, 12, 12]}
    told = found(tmp_path, heads, kpis=kpis, across_months=False).values
    shown = set(told.filter(told["slice"] != "", told["period"] == date(2024, 3, 1))["unit"])
    assert "north" not in shown


def test_parts_are_shown_only_where_every_part_is_large(tmp_path: Path) -> None:
    kpis = {"by_reason": {"value": "pay", "by": ["reason"]}}
    told = found(tmp_path, {"north": [12], "south": [6]}, kpis=kpis).values
    shown = set(told.filter(told["slice"] != "")["unit"])
    assert shown == {"company"}, "south has three of each; north would tell them by subtraction"
    assert found(tmp_path / "b", {"north": [12], "south": [10]}, kpis=kpis).values.height == 9


@pytest.mark.parametrize(
    "measure",
    [
        {"value": "SUM(amount) FILTER (WHERE reason = 'a')"},
        {"value": "SUM(amount)", "where": "reason = 'a'"},
        {"value": "SUM(CASE WHEN reason = 'a' THEN amount ELSE 0 END)"},
        {"value": "COUNT(*) FILTER (WHERE reason = 'a' AND NOT late)"},
    ],
)
def test_a_condition_on_what_people_are_makes_a_part_wherever_it_is_declared(
    tmp_path: Path, measure: dict[str, str]
) -> None:
    kpis = {
        "whole": {"value": "pay"},
        "part": {"value": "pay", "where": "reason = 'a'"},
        "of_input": {"inputs": {"some": {"measure": "pay", "where": "reason = 'a'"}}, "value": "some"},
        "of_measure": {"value": "pay_of_a"},
    }
    measures = {**MEASURES, "pay_of_a": measure}
    small = found(tmp_path, {"north": [8], "south": [20]}, measures, kpis)
    assert small.value("whole", "north", "2024-01") == 800
    for kpi in ("part", "of_input", "of_measure"):
        assert small.reason(kpi, "north", "2024-01") == "small_group", "four are of a, and four are not"
    large = found(tmp_path / "large", {"north": [10], "south": [20]}, MEASURES, {"part": kpis["part"]})
    assert large.value("part", "north", "2024-01") == 500


def test_a_count_of_the_people_themselves_by_one_column_tells_how_many_they_are_and_makes_no_part(
    tmp_path: Path,
) -> None:
    measures = {
        **MEASURES,
        "of_a": {"value": "COUNT(*) FILTER (WHERE reason = 'a')"},
        "share_of_a": {"value": "AVG(CASE WHEN reason = 'a' THEN 1 ELSE 0 END)"},
    }
    kpis = {"share": {"value": "of_a / people"}, "same": {"value": "share_of_a"}}
    told = found(tmp_path, {"north": [8], "south": [20]}, measures, kpis)
    assert told.value("share", "north", "2024-01") == 0.5
    assert told.value("same", "north", "2024-01") == 0.5


def test_conditions_that_hold_of_some_together_are_told_only_where_their_difference_is_large(tmp_path: Path) -> None:
    kpis = {
        "most": {"value": "pay", "where": "hours > 1"},
        "more": {"value": "pay", "where": "hours > 0"},
    }
    hours = {"north": [0.0] * 6 + [1.0] * 2 + [2.0] * 6, "south": [0.0] * 9 + [1.0] * 9 + [2.0] * 9}
    project = declare(
        tmp_path, MEASURES, kpis, source={"domain": "hr"}, scorecard={"small_groups": {"people": "people"}}
    )
    records = [
        {"unit": unit, "day": "2024-01-28", "amount": 100, "hours": each} for unit, own in hours.items() for each in own
    ]
    told = figures(project, _typed(records), "2024-01")
    assert {told.reason(kpi, "north", "2024-01") for kpi in kpis} == {"small_group"}, "two have one hour"


ROWS = """\
source: absence
domain: hr
path: absence.csv
unit: unit
period: day
columns: {unit: {}, day: {type: date}, gender: {}, grade: {}, days: {type: integer}}
"""


def absences(root: Path, staff: list[str], absent: list[str], kpis: Any) -> Figures:
    """Figures of north, where staff have gender and grade (such as f1), and one day of absence each as it is coded."""
    (root / "sources").mkdir(parents=True)
    (root / "sources/absence.yaml").write_text(ROWS)
    columns = {"unit": {}, "day": {"type": "date"}, "gender": {}, "grade": {}, "status": {}, "pay": {"type": "integer"}}
    project = declare(
        root,
        {
            "people": {"value": "COUNT(*)", "where": "status = 'active'"},
            "days": {"source": "absence", "value": "SUM(days)"},
            "absent": {"source": "absence", "value": "COUNT(*)", "people": "absent"},
            "days_of_absent": {"source": "absence", "value": "SUM(days)", "people": "absent"},
            "pay": {"value": "SUM(pay)"},
            "pay_active": {"value": "SUM(pay)", "where": "status = 'active'"},
        },
        kpis, source={"domain": "hr", "columns": columns}, scorecard={"small_groups": {"people": "people"}},
    )  # fmt: skip
    day = date(2024, 1, 28)

    def coded(codes: list[str], **more: Any) -> pl.DataFrame:
        return pl.DataFrame(
            [{"unit": "north", "day": day, "gender": code[0], "grade": code[1], **more} for code in codes]
        )

    staff_rows = [coded(staff, status="active", pay=100), coded(["f1"], status="on leave", pay=100)]
    staged = pl.concat(staff_rows)
    return figures_of(project, staged, [date(2024, 1, 1)], others={"absence": coded(absent, days=1)})


BY_GENDER = {"all": {"value": "days"}, "each": {"value": "days", "by": ["gender"]}}
W, WA, A = (
    {"value": "days", "where": text} for text in ("gender = 'f'", "gender = 'f' AND grade = '1'", "grade = '1'")
)


@pytest.mark.parametrize(
    ("kpis", "staff", "absent", "withheld"),
    [
        (BY_GENDER, ["f1"] * 6 + ["m1"] * 6, ["f1", "m1"], set()),
        (BY_GENDER, ["f1"] * 6 + ["m1"] * 6, ["f1", "m1", "x1"], {"each"}),
        (BY_GENDER, ["f1"] * 6 + ["m1"] * 6, ["f1", "m1", " 1"], {"each"}),
        ({"w": W, "wa": WA}, ["f1"] * 6 + ["f2"] * 2 + ["m1"] * 9, ["f1", "m1"], {"w", "wa"}),
        ({"w": W, "wa": WA}, ["f1"] * 6 + ["f2"] * 5 + ["m1"] * 9, ["f1", "m1"], set()),
        ({"w": W, "a": A}, ["f1"] * 6 + ["m2"] * 6 + ["f2"], ["f1"], {"w", "a"}),
        ({"w": W, "a": A}, ["f1"] * 3 + ["m2"] * 3 + ["f2"] * 3 + ["m1"] * 3, ["f1"], set()),
        ({"w": W, "a": A, "wa": WA}, ["f1"] * 3 + ["m2"] * 3 + ["f2"] * 3 + ["m1"] * 3, ["f1"], {"w", "a", "wa"}),
        ({"pay": {"value": "pay"}, "of": {"value": "pay_active"}}, ["f1"] * 9, ["f1"], {"of"}),
    ],
)
def test_parts_are_withheld_where_all_that_is_told_together_tells_of_few(
    tmp_path: Path, kpis: Any, staff: list[str], absent: list[str], withheld: set[str]
) -> None:
    told = absences(tmp_path, staff, absent, kpis).values.filter(pl.col("unit") == "north")
    shown = set(
        told.filter(pl.col("value").is_not_null(), ~((pl.col("kpi") == "each") & (pl.col("slice") == "")))["kpi"]
    )
    assert set(kpis) - shown == withheld


@pytest.mark.parametrize(("absent", "reason"), [(1, "small_group"), (4, "small_group"), (5, None)])
def test_a_sum_about_those_who_have_a_row_is_told_where_enough_have_one(
    tmp_path: Path, absent: int, reason: str | None
) -> None:
    kpis = {"about_staff": {"value": "days"}, "about_absent": {"value": "days_of_absent"}}
    told = absences(tmp_path, ["f1"] * 9, ["f1"] * absent, kpis)
    assert told.value("about_staff", "north", "2024-01") == absent
    assert told.reason("about_absent", "north", "2024-01") == reason


def test_a_percentile_needs_a_group_on_both_sides(tmp_path: Path) -> None:
    measures = {**MEASURES, "middle": {"value": "MEDIAN(amount)"}, "high": {"value": "QUANTILE_CONT(amount, 0.75)"}}
    kpis = {"middle": {"value": "middle"}, "high": {"value": "high"}}
    told = found(tmp_path, {"north": [12], "south": [9]}, measures, kpis)
    assert told.value("middle", "north", "2024-01") == 100
    assert told.reason("high", "north", "2024-01") == "small_group"
    assert told.reason("middle", "south", "2024-01") == "small_group"
    assert told.value("high", "company", "2024-01") == 100


PART = "reason = 'a'"


@pytest.mark.parametrize(
    ("measure", "kpi"),
    [
        ({}, {"by": ["reason"]}),
        ({}, {"where": PART}),
        ({}, {"value": "some", "inputs": {"some": {"measure": "middle", "where": PART}}}),
        ({"where": PART}, {}),
        ({"value": f"MEDIAN(amount) FILTER (WHERE {PART})"}, {}),
        ({"value": f"QUANTILE_CONT(CASE WHEN {PART} THEN amount END, 0.5)"}, {}),
    ],
)
def test_a_percentile_of_a_part_is_never_shown(tmp_path: Path, measure: dict[str, str], kpi: dict[str, Any]) -> None:
    measures = {**MEASURES, "middle": {"value": "MEDIAN(amount)", **measure}}
    told = found(tmp_path, {"north": [40], "south": [40]}, measures, {"k": {"value": "middle", **kpi}}).values
    parts = told.filter(pl.col("slice") != "") if "by" in kpi else told
    assert parts.filter(pl.col("value").is_not_null()).is_empty(), "five of a are enough for a mean, not on both sides"
    if "by" in kpi:
        assert told.filter(pl.col("slice") == "", pl.col("value") == 100).height == 3, "the whole is shown"


def test_that_nobody_is_in_a_unit_is_not_told_of_it(tmp_path: Path) -> None:
    measures = {**MEASURES, "answers": {"value": "COUNT(*)"}}
    heads = {"north": [0, 0, 2], "south": [9, 9, 9], "company": [6, 6, 6]}
    told = found(tmp_path, heads, measures, {**KPIS, "answers": {"value": "answers"}})
    assert [told.reason("now", "north", f"2024-0{month}") for month in (1, 2, 3)] == ["small_group"] * 3
    assert [told.reason("answers", "north", f"2024-0{month}") for month in (1, 2, 3)] == ["small_group"] * 3
    assert told.reason("now", "company", "2024-01") is None


def counted_by_person(root: Path, measures: Any, kpis: Any, records: list[dict[str, Any]]) -> Figures:
    """Figures of rows about persons (their number is in ``pieces``), several of whom may have several rows."""
    people = {"people": {"value": "COUNT(DISTINCT pieces)"}}
    project = declare(
        root, {**people, **measures}, kpis, source={"domain": "hr"},
        scorecard={"small_groups": {"people": "people", "at_least": 5}},
    )  # fmt: skip
    day = {"day": date(2024, 1, 5), "amount": Decimal(1)}
    return figures(project, rows({**day, **one} for one in records), "2024-01")


def test_how_many_rows_there_are_of_few_persons_is_no_count_of_persons(tmp_path: Path) -> None:
    measures = {
        "rows_of_a": {"value": "COUNT(*) FILTER (WHERE reason = 'a')"},
        "persons_of_a": {"value": "COUNT(DISTINCT pieces) FILTER (WHERE reason = 'a')"},
    }
    kpis = {"rows": {"value": "rows_of_a"}, "persons": {"value": "persons_of_a"}}
    ill = [{"pieces": 0, "reason": "a"}] * 15 + [{"pieces": n, "reason": "b"} for n in range(1, 10)]
    told = counted_by_person(tmp_path, measures, kpis, ill)
    assert told.reason("rows", "north", "2024-01") == "small_group", "these are the days of one person"
    alone = counted_by_person(tmp_path / "b", measures, {"persons": kpis["persons"]}, ill)
    assert alone.value("persons", "north", "2024-01") == 1


def test_a_percentile_over_rows_is_not_shown_where_one_person_may_have_most_of_them(tmp_path: Path) -> None:
    measures, kpis = {"middle": {"value": "MEDIAN(amount)"}}, {"middle": {"value": "middle"}}
    rows_of_one = [{"pieces": 9, "amount": Decimal(777)}] * 11
    told = counted_by_person(tmp_path, measures, kpis, [{"pieces": n} for n in range(20)] + rows_of_one * 3)
    assert told.reason("middle", "north", "2024-01") == "small_group"


def test_rows_that_are_dated_otherwise_than_people_are_counted_are_not_shown(tmp_path: Path) -> None:
    measures = {"paid": {"value": "SUM(amount)"}, "paid_when_done": {"value": "SUM(amount)", "period": "done"}}
    kpis = {name: {"value": name} for name in measures}
    records = [{"pieces": n, "done": date(2024, 1, 9) if n == 1 else date(2024, 3, 9)} for n in range(9)]
    told = counted_by_person(tmp_path, measures, kpis, records)
    assert told.value("paid", "north", "2024-01") == 9
    assert told.reason("paid_when_done", "north", "2024-01") == "small_group", "one person's alone was done in January"


def test_nor_are_rows_of_another_source_where_these_are_counted_by_their_own_date_too(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir(parents=True)
    (tmp_path / "sources/absence.yaml").write_text(ROWS.replace("grade: {}", "ended: {type: date}"))
    measures = {
        "days": {"source": "absence", "value": "SUM(days)"},
        "days_ended": {"source": "absence", "value": "SUM(days)", "period": "ended"},
    }
    january, february = date(2024, 1, 28), date(2024, 2, 5)
    absent = [{"unit": "north", "day": january, "ended": february, "days": 17}]
    absent += [
        {"unit": unit, "day": day, "ended": day, "days": 2} for unit, day in [("north", february), ("south", january)]
    ]
    staff = [{"unit": "north", "day": day} for day, count in ((january, 3), (february, 9)) for _ in range(count)]
    staff += [{"unit": "south", "day": day} for day in (january, february) for _ in range(9)]

    def told(root: Path, *names: str) -> Figures:
        project = declare(
            root, {**MEASURES, **{name: measures[name] for name in names}}, {name: {"value": name} for name in names},
            source={"domain": "hr"}, scorecard={"small_groups": {"people": "people"}},
        )  # fmt: skip
        return figures_of(
            project, rows(staff), [date(2024, month, 1) for month in (1, 2)], others={"absence": pl.DataFrame(absent)}
        )

    both = told(tmp_path, "days", "days_ended")
    assert both.reason("days", "north", "2024-01") == "small_group"
    assert both.value("days", "north", "2024-02") == 2
    assert both.reason("days_ended", "north", "2024-02") == "small_group", "less the two days it is January's of three"
    assert told(tmp_path, "days_ended").value("days_ended", "north", "2024-02") == 19


def test_persons_who_are_in_two_units_are_not_taken_for_two(tmp_path: Path) -> None:
    measures, kpis = {"paid": {"value": "SUM(amount)"}}, {"paid": {"value": "paid"}}
    both = [{"pieces": n, "unit": unit} for n in range(3) for unit in ("north", "south")]
    others = [{"pieces": n, "unit": "company"} for n in range(10, 17)]
    told = counted_by_person(tmp_path, measures, kpis, both)
    assert told.reason("paid", "company", "2024-01") == "small_group", "six rows of three persons"
    told = counted_by_person(tmp_path / "b", measures, kpis, [*both, *others])
    assert [told.reason("paid", unit, "2024-01") for unit in ("north", "south")] == ["small_group"] * 2
    assert told.value("paid", "company", "2024-01") == 13


def test_what_few_people_carry_along_is_not_left_by_what_the_others_tell(tmp_path: Path) -> None:
    measures = {
        **MEASURES,
        "pay": {"value": "SUM(amount)", "over_time": "last"},
        "carried": {"value": "SUM(amount)", "over_time": "last", "late": "last known for 2 months"},
    }
    kpis = {"now": {"value": "pay"}, "carried": {"value": "carried"}}
    told = found(tmp_path, {"north": [3, 0, 0], "south": [9, 9, 9]}, measures, kpis)
    assert told.value("now", "south", "2024-02") == 900
    assert told.reason("carried", "company", "2024-02") == "small_group", "less south it is three of January's"
    assert told.reason("carried", "company", "2024-03") == "small_group"
    large = found(tmp_path / "b", {"north": [6, 0, 0], "south": [9, 9, 9]}, measures, kpis)
    assert large.value("carried", "company", "2024-02") == 1500, "the six of January were told then"
    assert large.value("carried", "south", "2024-02") == 900


def test_a_part_that_is_carried_along_is_not_left_by_the_others_who_are_there(tmp_path: Path) -> None:
    measures = {**MEASURES, "pay": {"value": "SUM(amount)", "over_time": "last", "late": "last known for 2 months"}}
    kpis = {"each": {"value": "pay", "by": ["reason"]}}

    def carried(root: Path, few: int) -> Figures:
        project = declare(
            root, measures, kpis, source={"domain": "hr"}, scorecard={"small_groups": {"people": "people"}}
        )
        heads = {
            ("north", "01"): "a" * few + "b" * 9, ("north", "02"): "b" * 9,
            ("south", "01"): "a" * 9 + "b" * 9, ("south", "02"): "a" * 9 + "b" * 9,
        }  # fmt: skip
        records = [
            {"unit": unit, "day": f"2024-{month}-28", "amount": 100, "reason": reason}
            for (unit, month), reasons in heads.items()
            for reason in reasons
        ]
        return figures(project, _typed(records), "2024-01", "2024-02")

    def shown(told: Figures) -> list[float | None]:
        february = told.values.filter(pl.col("period") == date(2024, 2, 1), pl.col("slice") == "reason=a")
        return february.filter(pl.col("unit") == "company")["value"].to_list()

    assert shown(carried(tmp_path / "few", 3)) == [], "less the nine of south it is the three of north in January"
    assert shown(carried(tmp_path / "many", 6)) == [1500]


@pytest.mark.parametrize("over_time", ["minimum", "maximum"])
def test_extremes_of_months_are_not_added_up_where_one_was_not_told(tmp_path: Path, over_time: str) -> None:
    measures = {**MEASURES, "pay": {"value": "SUM(amount)", "over_time": over_time}}
    kpis = {"now": {"value": "pay"}, "both": {"value": "pay", "window": "trailing 2 months", "min_months": 1}}
    few = found(tmp_path, {"north": [3, 3], "south": [6, 8], "company": [9, 9]}, measures, kpis)
    assert few.value("now", "company", "2024-02") == 2000
    assert few.reason("both", "company", "2024-02") == "small_group", "north and south took a month each"
    many = found(tmp_path / "many", {"north": [5, 6], "south": [8, 6], "company": [9, 9]}, measures, kpis)
    assert many.value("both", "company", "2024-02") == {"minimum": 2000, "maximum": 2300}[over_time]


def test_a_mean_is_about_those_who_have_a_value(tmp_path: Path) -> None:
    measures = {**MEASURES, "answer": {"value": "AVG(pieces)"}, "answers": {"value": "SUM(pieces) / COUNT(pieces)"}}
    measures["many"] = {"value": "AVG(CAST(pieces > 5 AS INTEGER)) * 7"}
    kpis = {name: {"value": name} for name in ("answer", "answers", "many", "pay")}
    columns = {**COLUMNS, "pieces": {"type": "integer", "nullable": True}}
    project = declare(
        tmp_path, measures, kpis, source={"domain": "hr", "columns": columns},
        scorecard={"small_groups": {"people": "people"}},
    )  # fmt: skip
    answered = {"north": [7, *[None] * 9], "south": [7] * 6 + [None] * 2}
    records = [
        {"unit": unit, "day": "2024-01-28", "amount": 100, "pieces": each}
        for unit, own in answered.items()
        for each in own
    ]
    told = figures(project, _typed(records), "2024-01")
    for kpi in ("answer", "answers", "many"):
        assert {unit: told.reason(kpi, unit, "2024-01") for unit in ("north", "south", "company")} == {
            "north": "small_group", "south": "small_group", "company": None
        }, "one of north has answered"  # fmt: skip
        assert told.value(kpi, "company", "2024-01") == 7
    assert told.value("pay", "north", "2024-01") == 1000, "all ten are paid"


@pytest.mark.parametrize("mixed", ["SUM(pieces) / SUM(amount)", "SUM(amount) + SUM(pieces)", "SUM(pieces) / COUNT(*)"])
def test_what_some_have_does_not_stand_beside_what_all_have_in_one_measure_but_in_one_kpi(
    tmp_path: Path, mixed: str
) -> None:
    columns = {**COLUMNS, "pieces": {"type": "integer", "nullable": True}}
    measures = {**MEASURES, "bonus": {"value": "SUM(pieces)"}, "mixed": {"value": mixed}}
    kpis = {name: {"value": name} for name in ("pay", "bonus", "mixed")} | {"share": {"value": "bonus / pay"}}
    project = declare(
        tmp_path, measures, kpis, units=UNITS + "lab,Lab,division,company\n",
        source={"domain": "hr", "columns": columns}, scorecard={"small_groups": {"people": "people"}},
    )  # fmt: skip
    records = [
        {"unit": unit, "day": "2024-01-28", "amount": 100, "pieces": 9 if number < paid else None}
        for unit, count, paid in (("lab", 3, 3), ("north", 9, 5), ("south", 7, 7))
        for number in range(count)
    ]
    told = figures(project, _typed(records), "2024-01")
    assert {told.reason("mixed", unit, "2024-01") for unit in ("lab", "north", "south", "company")} == {"small_group"}
    shown = {kpi: {u for u in ("lab", "north", "south") if told.reason(kpi, u, "2024-01") is None} for kpi in kpis}
    assert (shown["pay"], shown["bonus"], shown["share"]) == ({"north"}, {"south"}, set())
    assert told.value("share", "company", "2024-01") == 9 * 15 / 1900


PERSONS = """\
source: persons
domain: process
path: persons.csv
period: none
key: [id]
columns: {id: {}, points: {type: integer, nullable: true}, grade: {type: integer}}
"""


@pytest.mark.parametrize("refers", [False, True])
def test_a_mean_of_what_is_looked_up_is_about_those_of_whom_something_is_found(tmp_path: Path, refers: bool) -> None:
    (tmp_path / "sources").mkdir(parents=True)
    (tmp_path / "sources/persons.yaml").write_text(PERSONS)
    name = {"type": "string", **({"references": "persons"} if refers else {})}
    source = {
        "domain": "hr", "columns": {**COLUMNS, "name": name}, "lookups": {"person": {"source": "persons", "on": "name"}}
    }  # fmt: skip
    measures = {**MEASURES, **{each: {"value": f"AVG(person_{each})"} for each in ("points", "grade")}}
    kpis = {each: {"value": each} for each in ("pay", "points", "grade")}
    project = declare(tmp_path, measures, kpis, source=source, scorecard={"small_groups": {"people": "people"}})
    of = {"north": [73, *[None] * 9], "south": [50] * 9}
    staff = [
        {"unit": unit, "day": date(2024, 1, 28), "amount": Decimal(100), "name": f"{unit}{number}"}
        for unit, points in of.items()
        for number in range(len(points))
    ]
    persons = [
        {"id": f"{unit}{number}", "points": each, "grade": 3}
        for unit, points in of.items()
        for number, each in enumerate(points)
        if refers or number < 4 or unit == "south"
    ]
    told = figures_of(project, rows(staff), [date(2024, 1, 1)], references={"persons": pl.DataFrame(persons)})
    assert told.value("pay", "north", "2024-01") == 1000
    assert told.reason("points", "north", "2024-01") == "small_group", "one of north has points"
    assert told.reason("grade", "north", "2024-01") == (None if refers else "small_group"), "four of north are found"
    assert told.value("grade", "company", "2024-01") == 3


def test_texts_that_are_no_numbers_leave_those_apart_that_are(tmp_path: Path) -> None:
    measures = {**MEASURES, "answer": {"value": "AVG(TRY_CAST(reason AS INTEGER))"}}
    project = declare(
        tmp_path, measures, {"answer": {"value": "answer"}}, source={"domain": "hr"},
        scorecard={"small_groups": {"people": "people"}},
    )  # fmt: skip

    def told(answers: list[str]) -> Figures:
        return figures(
            project, _typed([{"day": "2024-01-28", "amount": 100, "reason": one} for one in answers]), "2024-01"
        )

    assert told(["7", *["none"] * 9]).reason("answer", "north", "2024-01") == "small_group", "one has answered"
    assert told([*["7"] * 6, *["none"] * 9]).value("answer", "north", "2024-01") == 7


def test_a_window_with_months_in_which_nobody_was_there_yet_is_shown(tmp_path: Path) -> None:
    told = found(tmp_path, {"north": [0, 6, 6], "south": [9, 9, 9]})
    assert told.value("quarter", "north", "2024-03") == 1200


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
