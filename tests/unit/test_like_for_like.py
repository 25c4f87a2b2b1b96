"""transforms.like_for_like and joined_and_left: what units that moved did to scores above them, counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.steps.insight import Figures as Standing
from pipelines.steps.insight import insight_of
from scorecards.project import Project
from tests.declared import declare, figures_of, rows
from transforms.adding_up import adds_up
from transforms.definitions import KPI_DEFINITIONS
from transforms.joined_and_left import joined_and_left, moves_of
from transforms.kpis import main_values
from transforms.like_for_like import values_without
from warehouse.tables import SCORE_CHANGES

THEN, NOW = date(2024, 2, 1), date(2024, 3, 1)
UNITS = """\
id,name,level,parent,valid_from,valid_to
company,Company,company,,,
east,East,division,company,,
west,West,division,company,,
harbour,Harbour,shop,east,,
market,Market Street,shop,east,,2024-03-14
market,Market Street,shop,west,2024-03-15,
station,Station,shop,west,,
"""
TARGETS = """\
kpi,unit,anchor,value,effective_from
sales,,floor,0,
sales,harbour,floor,0,
sales,market,floor,0,
sales,station,floor,0,
sales,harbour,target,100,
sales,market,target,50,
sales,station,target,50,
"""
SALES: dict[str, Any] = {"value": "total", "target_roll_up": "sum"}
MEASURES = {"total": {"value": "SUM(amount)"}, "count": {"value": "COUNT(*)"}}
AMOUNTS = {"harbour": (80, 90), "market": (30, 30), "station": (40, 40)}


def company(
    root: Path, kpi: dict[str, Any] = SALES, targets: str = TARGETS, moving: str = "", units: str = UNITS
) -> Project:
    scorecard = {"levels": ["company", "division", "shop"]} | ({"units_that_move": moving} if moving else {})
    return declare(root, MEASURES, {"sales": kpi}, units=units, targets=targets, scorecard=scorecard)


def parts_of(project: Project, amounts: dict[str, tuple[float, float]]) -> dict[str, dict[str, float]]:
    """By unit the parts of the KPI's change of score from February to March, and that they are its change."""
    sold = [
        {"unit": unit, "day": month.replace(day=5), "amount": amount}
        for unit, both in amounts.items()
        for month, amount in zip((THEN, NOW), both, strict=True)
    ]
    found = figures_of(project, rows(sold), [THEN, NOW])
    nothing = pl.DataFrame(schema=KPI_DEFINITIONS)
    standing = Standing((NOW,), found.scores, found.anchors, main_values(found.values), nothing)
    changes = insight_of(project, standing)[SCORE_CHANGES].filter(
        pl.col("compared_with") == "previous period", pl.col("level") == "kpi", pl.col("points").is_not_null()
    )
    told: dict[str, dict[str, float]] = {}
    for row in changes.iter_rows(named=True):
        told.setdefault(row["unit"], {})[row["part"]] = row["points"]
    for unit, parts in told.items():
        ends = [found.score("sales", unit, month)["score"] for month in ("2024-02", "2024-03")]
        assert sum(parts.values()) == pytest.approx(ends[1] - ends[0], abs=1e-12)
    return told


def test_what_moved_units_did_is_neither_value_nor_target(tmp_path: Path) -> None:
    found = parts_of(company(tmp_path), AMOUNTS)
    # East: 110 of 150, then 90 of 100. Without Market Street it had 80 of 100: 6.67 points by who counts, 10 by value.
    assert found["east"] == {"value": pytest.approx(10), "units": pytest.approx(80 - 110 / 150 * 100)}
    # West: 40 of 50, then 70 of 100. Without Market Street nothing moved.
    assert found["west"] == {"value": pytest.approx(0), "units": pytest.approx(-10)}
    assert found["company"] == {"value": pytest.approx(5)}
    assert found["market"] == {"value": pytest.approx(0)}


def test_a_target_that_somebody_changed_meanwhile_is_told_apart(tmp_path: Path) -> None:
    found = parts_of(company(tmp_path, targets=TARGETS + "sales,harbour,target,120,2024-03-01\n"), AMOUNTS)
    # 80 of 100 becomes 90 of 120. By value 90 - 80 of 100 or 75 - 66.67 of 120; by target -13.33 or -15.
    assert found["east"] == {
        "value": pytest.approx((10 + 75 - 200 / 3) / 2), "target": pytest.approx((200 / 3 - 80 + 75 - 90) / 2),
        "units": pytest.approx(80 - 110 / 150 * 100),
    }  # fmt: skip


def test_of_a_ratio_the_rows_of_the_moved_unit_are_taken_off(tmp_path: Path) -> None:
    targets = "kpi,anchor,value\nsales,floor,0\nsales,target,100\n"
    found = parts_of(company(tmp_path, {"value": "total / count"}, targets), AMOUNTS)
    # East's mean sale: (80 + 30) / 2 = 55, then 90; of Harbour alone 80.
    assert found["east"] == {"value": pytest.approx(10), "units": pytest.approx(25)}
    assert found["west"] == {"value": pytest.approx(0), "units": pytest.approx(-5)}


@pytest.mark.parametrize(
    ("moving", "expected"),
    [
        # To date 110 + 90 - 30 is 170, before it was 80 without Market Street: all that lies between is its own.
        ("take their past along", {"value": 90 / 4, "units": -30 / 4}),
        # Its February stays in East's sum, so that nothing leaves it.
        ("leave their past behind", {"value": 90 / 4}),
    ],
)
def test_over_several_months_it_is_told_only_where_the_past_went_along(
    tmp_path: Path, moving: str, expected: dict[str, float]
) -> None:
    targets = "kpi,anchor,value\nsales,floor,0\nsales,target,400\n"
    found = parts_of(company(tmp_path, {"value": "total", "window": "year to date"}, targets, moving), AMOUNTS)
    assert found["east"] == pytest.approx(expected)


@pytest.mark.parametrize(("ends", "begins", "unit"), [("2024-03-14", "", "east"), ("", "2024-03-15", "west")])
def test_a_unit_that_ends_or_begins_leaves_or_joins(tmp_path: Path, ends: str, begins: str, unit: str) -> None:
    rest = "".join(line for line in UNITS.splitlines(keepends=True) if not line.startswith("market"))
    place = f"market,Market Street,shop,{unit},{begins},{ends}\n"
    amounts = AMOUNTS | {"market": (30, 0) if ends else (0, 30)}
    found = parts_of(company(tmp_path, units=rest + place), amounts)
    if ends:
        assert found["east"] == {"value": pytest.approx(10), "units": pytest.approx(80 - 110 / 150 * 100)}
        # The company: 150 of 200, then 130 of 150; without Market Street 120 of 150.
        assert found["company"] == {"value": pytest.approx(10 / 1.5), "units": pytest.approx(80 - 75)}
    else:
        assert found["west"] == {"value": pytest.approx(0), "units": pytest.approx(-10)}


def test_who_joined_and_who_left_is_told_by_the_topmost_unit_of_what_moved(tmp_path: Path) -> None:
    units = UNITS.replace(
        "company,Company,company,,,", "group,Group,company,,,\ncompany,Company,company,group,,"
    ).replace("station,Station,shop,west,,", "station,Station,shop,west,,2024-02-29\nnew,New,shop,east,2024-03-01,")
    project = company(tmp_path, units=units)
    told = joined_and_left(project, {NOW: THEN}).select("unit", "other", "has_joined", "is_whole").rows()
    assert sorted(told) == [
        ("company", "new", True, True), ("company", "station", False, False), ("east", "market", False, True),
        ("east", "new", True, True), ("group", "new", True, True), ("group", "station", False, False),
        ("west", "market", True, True), ("west", "station", False, False),
    ]  # fmt: skip
    assert joined_and_left(project, {THEN: date(2024, 1, 1)}).is_empty()


def test_a_division_that_moves_is_told_alone_and_not_with_its_shops(tmp_path: Path) -> None:
    units = """\
id,name,level,parent,valid_from,valid_to
group,Group,company,,,
one,One,company,group,,
two,Two,company,group,,
east,East,division,one,,2024-02-29
east,East,division,two,2024-03-01,
harbour,Harbour,shop,east,,
"""
    told = joined_and_left(company(tmp_path, units=units, targets=""), {NOW: THEN}).select(
        "unit", "other", "has_joined"
    )
    assert sorted(told.rows()) == [("one", "east", False), ("two", "east", True)]


def test_persons_are_told_by_the_team_that_they_stand_in_and_by_nobody_above(tmp_path: Path) -> None:
    units = """\
id,name,level,parent,valid_from,valid_to
company,Company,company,,,
team,Team,team,company,,
p_1,p_1,person,team,,
p_2,p_2,person,team,2024-03-01,
"""
    scorecard = {"levels": ["company", "team", "person"]}
    project = declare(tmp_path, MEASURES, {"sales": {"value": "total"}}, units=units, scorecard=scorecard)
    (told,) = moves_of(project, [THEN, NOW])["team"]
    assert (told.period, told.unit, told.has_joined, told.is_whole) == (NOW, "p_2", True, True)
    assert "company" not in moves_of(project, [THEN, NOW])


@pytest.mark.parametrize(("reason", "told"), [("small_group", False), ("no_rows", True), (None, True)])
def test_what_is_withheld_is_never_taken_off_so_that_nothing_tells_of_it(
    tmp_path: Path, reason: str | None, told: bool
) -> None:
    project = company(tmp_path)
    row = {"period": NOW, "kpi": "sales", "numerator": None, "denominator": None}
    values = pl.DataFrame(
        [
            {**row, "unit": "east", "value": 110.0, "missing_reason": None},
            {**row, "unit": "market", "value": 30.0 if reason is None else None, "missing_reason": reason},
        ],
        schema_overrides={"numerator": pl.Float64, "denominator": pl.Float64, "missing_reason": pl.String},
    )  # fmt: skip
    gone = joined_and_left(project, {NOW: THEN}).filter(~pl.col("has_joined"))
    found = values_without(values, gone, adds_up(project), project)
    assert (found.height > 0) is told
