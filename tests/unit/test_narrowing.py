"""Which conditions make parts of the people, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.declared import declare
from transforms.narrowing import Narrowing, narrowing_of
from transforms.plan import make_plan

STAFF = """\
source: staff
domain: hr
path: staff.csv
unit: unit
period: day
columns: {unit: {}, day: {type: date}, gender: {}, grade: {}, ready: {type: boolean}, points: {type: integer}}
derived:
  is_happy_woman: {type: boolean, value: "gender = 'f' AND points >= 9"}
"""
ABSENCE = """\
source: absence
domain: hr
path: absence.csv
unit: unit
period: day
columns: {unit: {}, day: {type: date}, gender: {}, grade: {}, kind: {}, sex: {}, days: {type: integer},
  rate: {type: integer}}
derived:
  is_woman: {type: boolean, value: "gender = 'f'"}
  days_of_women: {type: integer, value: "CASE WHEN gender = 'f' THEN days END"}
  is_long: {type: boolean, value: days > 20}
"""


def found(
    root: Path,
    measure: dict[str, Any],
    kpi: dict[str, Any],
    counting: str = "COUNT(*)",
    others: dict[str, Any] | None = None,
) -> Narrowing:
    """What an input over one of two sources is narrowed to; people are counted in the staff file."""
    (root / "sources").mkdir(parents=True)
    (root / "sources/staff.yaml").write_text(STAFF)
    (root / "sources/absence.yaml").write_text(ABSENCE)
    project = declare(
        root,
        {"heads": {"source": "staff", "value": counting}, "m": {"source": "absence", **measure}, **(others or {})},
        {"k": {"value": "m", **kpi}},
        scorecard={"small_groups": {"people": "heads", "columns_of_rows": ["kind", "rate", "is_long"]}},
    )
    plan = make_plan(project)
    (declared,) = plan.inputs_of("k")
    return narrowing_of(project, plan, declared, "heads")


DAYS = {"value": "SUM(days)"}
OF_STAFF = {"source": "staff"}


@pytest.mark.parametrize(
    ("measure", "kpi", "conditions"),
    [
        (DAYS, {}, ()),
        ({**DAYS, "where": "kind = 'sick'"}, {}, ()),
        ({"value": "SUM(days) FILTER (WHERE kind = 'sick')"}, {"where": "is_long"}, ()),
        ({"value": "SUM(days * rate / 8) / COUNT(*)"}, {}, ()),
        (DAYS, {"where": "is_woman"}, ("gender = 'f'",)),
        ({"value": "SUM(days) FILTER (WHERE is_woman)"}, {}, ("gender = 'f'",)),
        (DAYS, {"where": "gender = 'f'"}, ("gender = 'f'",)),
        ({**DAYS, "where": "gender = 'f'"}, {}, ("gender = 'f'",)),
        ({"value": "SUM(days) FILTER (WHERE gender = 'f')"}, {}, ("gender = 'f'",)),
        ({**DAYS, "where": "gender = 'f' AND kind = 'sick'"}, {}, ("gender = 'f'",)),
        ({"value": "COUNT(*) FILTER (WHERE gender = 'f')"}, {}, ("gender = 'f'",)),
        (
            {**DAYS, "where": "gender = 'f'"},
            {"where": "grade = 'x'"},
            ("grade = 'x'", "gender = 'f'", "(grade = 'x') AND (gender = 'f')"),
        ),
        ({**OF_STAFF, "value": "COUNT(*) FILTER (WHERE ready)"}, {}, ()),
        ({**OF_STAFF, "value": "COUNT(*)", "where": "points >= 9"}, {}, ()),
        ({**OF_STAFF, "value": "COUNT(*) FILTER (WHERE points >= 9) / COUNT(*)"}, {}, ()),
        ({**OF_STAFF, "value": "AVG(CASE WHEN points >= 9 THEN 1 WHEN points <= 6 THEN -1 ELSE 0 END)"}, {}, ()),
        ({**OF_STAFF, "value": "SUM(points) FILTER (WHERE points >= 9)"}, {}, ("points >= 9",)),
        ({**OF_STAFF, "value": "COUNT(*)", "where": "is_happy_woman"}, {}, ("is_happy_woman",)),
        (
            {**OF_STAFF, "value": "COUNT(*) FILTER (WHERE points >= 9 AND gender = 'm')"},
            {},
            ("points >= 9", "gender = 'm'", "(points >= 9) AND (gender = 'm')"),
        ),
    ],
)
def test_conditions_on_what_the_people_have_make_parts(
    tmp_path: Path, measure: dict[str, Any], kpi: dict[str, Any], conditions: tuple[str, ...]
) -> None:
    assert found(tmp_path, measure, kpi) == Narrowing(conditions)


def test_a_condition_that_everybody_holds_who_is_counted_makes_no_part(tmp_path: Path) -> None:
    measure = {**OF_STAFF, "value": "SUM(points)", "where": "grade = 'x'"}
    assert found(tmp_path, measure, {}, "COUNT(*) FILTER (WHERE grade = 'x')") == Narrowing()


def test_it_makes_a_part_where_another_measure_has_the_others_too(tmp_path: Path) -> None:
    measure = {**OF_STAFF, "value": "SUM(points)", "where": "grade = 'x'"}
    everybody = {"everybody": {"source": "staff", "value": "SUM(points)"}}
    told = found(tmp_path, measure, {}, "COUNT(*) FILTER (WHERE grade = 'x')", everybody)
    assert told == Narrowing(("grade = 'x'",))


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ("SUM(CASE WHEN gender = 'f' THEN days ELSE 0 END)", "gender"),
        ("SUM(CASE gender WHEN 'f' THEN days ELSE 0 END)", "gender"),
        ("SUM(days) FILTER (WHERE gender = 'f' OR kind = 'sick')", "gender"),
        ("SUM(days_of_women)", "gender"),
    ],
)
def test_where_a_value_asks_for_a_column_no_value_of_it_may_be_a_small_group(
    tmp_path: Path, value: str, column: str
) -> None:
    assert found(tmp_path, {"value": value}, {}) == Narrowing(column=column)


def test_a_boolean_column_asks_by_itself(tmp_path: Path) -> None:
    value = "SUM(points * CAST(ready AS INT))"
    assert found(tmp_path, {**OF_STAFF, "value": value}, {}) == Narrowing(column="ready")


@pytest.mark.parametrize(
    ("value", "kpi"),
    [
        ("SUM(days)", {"where": "gender = 'f' OR kind = 'sick'"}),
        ("SUM(CASE WHEN gender = 'f' THEN days WHEN grade = 'x' THEN 1 ELSE 0 END)", {}),
        ("SUM(CASE WHEN gender = 'f' THEN days ELSE 0 END)", {"where": "grade = 'x'"}),
        ("SUM(days)", {"where": "sex = 'f'"}),
        ("SUM(days)", {"where": "days > 20"}),
        ("SUM(days) FILTER (WHERE sex = 'f')", {}),
        ("SUM(CASE WHEN sex = 'f' THEN days ELSE 0 END)", {}),
        ("SUM(days * LENGTH(NULLIF(gender, 'm')))", {}),
        ("SUM(days * days)", {}),
        ("SUM(GREATEST(days, 20))", {}),
        ("SUM(rate / days)", {}),
        ("AVG(days)", {}),
        ("MEDIAN(days)", {}),
        ("MAX(days)", {}),
        ("QUANTILE_CONT(days, 1)", {}),
        ("MIN(days) + MAX(days)", {}),
    ],
)
def test_parts_that_nobody_can_count_are_never_shown(tmp_path: Path, value: str, kpi: dict[str, Any]) -> None:
    assert found(tmp_path, {"value": value}, kpi) == Narrowing(is_uncounted=True)
