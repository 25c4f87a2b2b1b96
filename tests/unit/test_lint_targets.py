"""The rules of `check` about targets, initiatives, and KPIs that are declared twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scorecards.lint import lint
from scorecards.project import load_project
from tests.good_scorecard import TARGETS, change, found, good_scorecard, rules_found

KPIS, STRATEGY = "kpis/all.yaml", "strategy.yaml"
USE = "scorecards.main.objectives.sell.kpis.sales"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without any finding."""
    return good_scorecard(tmp_path)


def kpi(root: Path, kpi_id: str, /, **keys: Any) -> None:
    change(root, KPIS, lambda data: data["kpis"].setdefault(kpi_id, dict(data["kpis"]["sales"])).update(keys))


def targets(root: Path, *lines: str) -> None:
    """Only these rows for sales, and those of effort."""
    kept = [line for line in TARGETS.splitlines() if ",sales," not in line]
    (root / "targets.csv").write_text("\n".join([*kept, *lines]) + "\n")


def test_a_kpi_needs_a_target_and_a_second_anchor(root: Path) -> None:
    targets(root)
    needs = "needs a target and one more anchor, such as a floor, to be scored."
    assert found(root) == [("kpi-without-target", USE, needs)]
    targets(root, ",sales,,2025-01-01,target,200,")
    message = "has a target but no second anchor, such as a floor, to be scored by."
    assert found(root) == [("kpi-without-target", USE, message)]


@pytest.mark.parametrize(
    "keys",
    [
        {"scored": False},
        {"scoring": {"steps": [{"when": "value > 3", "score": 100}, {"score": 0}]}},
        {"scoring": {"formula": "value * 10"}},
        {"scoring": {"relative": {"to": "siblings", "by": "z-score"}}},
        {"measured_in": "yes/no"},
        {"anchors": {"target": "work", "floor": "target / 2"}},
    ],
)
def test_what_is_not_scored_by_anchors_of_the_table_needs_none(root: Path, keys: dict[str, Any]) -> None:
    targets(root)
    kpi(root, "sales", **keys)
    assert found(root) == []


def test_a_target_for_some_units_only_is_found_at_its_first_row(root: Path) -> None:
    targets(root, ",sales,north,2025-01-01,target,200,", ",sales,north,2025-01-01,floor,100,")
    (problem,) = lint(load_project(root))
    assert (problem.rule, problem.file, problem.line) == ("target-for-some-units", "targets.csv", 4)
    assert problem.message == "'sales' on 'main' has no target and floor for company and south."


def test_targets_are_inherited_from_above_and_summed_from_below_where_declared(root: Path) -> None:
    rows = [f",sales,{unit},2025-01-01,{row}," for unit in ("north", "south") for row in ("target,200", "floor,100")]
    targets(root, *rows)
    assert rules_found(root) == ["target-for-some-units"]
    kpi(root, "sales", target_roll_up="sum")
    assert found(root) == []


def test_a_sum_from_below_needs_a_target_of_every_unit_below_that_declares_the_kpi(root: Path) -> None:
    kpi(root, "sales", target_roll_up="sum")
    north = [",sales,north,2025-01-01,target,200,", ",sales,north,2025-01-01,floor,100,"]
    targets(root, *north, ",sales,south,2025-01-01,target,200,")
    (problem,) = lint(load_project(root))
    assert problem.rule == "target-for-some-units"
    assert problem.message == "'sales' on 'main' has no target and floor for company and south."
    change(root, "strategy.yaml", _without_south)
    assert found(root) == []


def _without_south(data: Any) -> None:
    objective = data["scorecards"]["main"]["objectives"]["sell"]
    objective["kpis"] = {"sales": {"applies_to": {"ids": ["company", "north"]}}}


def test_a_sum_reaches_the_top_through_a_unit_that_has_none_of_its_own(root: Path) -> None:
    kpi(root, "sales", target_roll_up="sum")
    units = (root / "units.csv").read_text(encoding="utf-8")
    (root / "units.csv").write_text(f"{units}east,East,team,north\nwest,West,team,north\n", encoding="utf-8")
    rows = [f",sales,{unit},2025-01-01,{row}," for unit in ("east", "west", "south") for row in ("target,2", "floor,1")]
    targets(root, *rows)
    assert found(root) == []
    targets(root, *(row for row in rows if ",west," not in row))
    (problem,) = lint(load_project(root))
    assert problem.message == "'sales' on 'main' has no target and floor for company, north and west."


def test_a_target_that_meets_its_floor_through_inheritance_is_an_error(root: Path) -> None:
    own = ",sales,north,2025-06-01,target,100,month"
    (root / "targets.csv").write_text(f"{TARGETS}{own}\n")
    (problem,) = lint(load_project(root))
    assert (problem.rule, problem.severity, problem.line) == ("target-equals-floor", "error", 6)
    assert problem.message == "'target' equals 'floor' (line 2) for 'sales' and north: both are 100."


def test_a_new_target_below_the_old_floor_is_an_error(root: Path) -> None:
    (root / "targets.csv").write_text(f"{TARGETS},sales,,2025-06-01,target,90,month\n")
    (problem,) = lint(load_project(root))
    assert problem.message == "'target' (90) is worse than 'floor' (100) for 'sales', since higher is better."


def test_a_row_that_was_replaced_before_is_no_floor_any_more(root: Path) -> None:
    later = ",sales,,2025-06-01,floor,50,month\n,sales,,2025-07-01,target,90,month\n"
    (root / "targets.csv").write_text(TARGETS + later)
    assert found(root) == []


def test_a_floor_whose_formula_is_the_target_is_an_error(root: Path) -> None:
    kpi(root, "sales", anchors={"target": "work", "floor": "(target)"})
    targets(root)
    assert found(root) == [
        ("target-equals-floor", "kpis.sales.anchors.floor", "the formula of 'floor' is the target itself.")
    ]


def test_targets_without_a_first_day_are_told_in_one_note(root: Path) -> None:
    (root / "targets.csv").write_text(TARGETS.replace("2025-01-01", ""))
    (problem,) = lint(load_project(root))
    assert (problem.rule, problem.severity, problem.line) == ("target-without-date", "note", 3)
    assert problem.message == "no first day has the target of sales and effort."


@pytest.mark.parametrize("key", ["budget", "owner", "due"])
def test_an_initiative_needs_money_a_person_and_a_day_until_it_is_done(root: Path, key: str) -> None:
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].pop(key))
    assert [(rule, where) for rule, where, _ in found(root)] == [(f"initiative-without-{key}", "initiatives.jigs")]
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].update(status="done"))
    assert found(root) == []


def test_an_initiative_that_moves_nothing_is_found(root: Path) -> None:
    change(root, STRATEGY, lambda data: data["initiatives"]["jigs"].update(objectives=[]))
    assert rules_found(root) == ["initiative-without-objective"]


WORK = {"measure": "work"}
BASE: dict[str, Any] = {"value": "(revenue + work) / pieces", "where": "late AND reason = 'x'"}


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ({}, True),
        ({"value": "(work + revenue) / (pieces)"}, True),
        ({"value": "(a + revenue) / pieces", "inputs": {"a": WORK}}, True),
        ({"where": "reason = 'x' AND (late)"}, True),
        ({"value": "(a + revenue) / pieces", "inputs": {"a": {**WORK, "where": "late"}}}, True),
        ({"value": "(twin + work) / pieces"}, True),
        ({"value": "(revenue - work) / pieces"}, False),
        ({"value": "pieces / (revenue + work)"}, False),
        ({"where": "late AND reason = 'y'"}, False),
        ({"where": None}, False),
        ({"window": "year to date"}, False),
        ({"frequency": "quarter"}, False),
        ({"value": "(a + revenue) / pieces", "inputs": {"a": {**WORK, "offset": "1 year"}}}, False),
        ({"value": "(a + revenue) / pieces", "inputs": {"a": {**WORK, "window": "quarter to date"}}}, False),
        ({"value": "(average + work) / pieces"}, False),
        ({"value": "(revenue + work) / pieces * 1000001"}, False),
    ],
)
def test_a_kpi_is_twice_where_the_same_is_computed(root: Path, other: dict[str, Any], is_same: bool) -> None:
    more = {"twin": {"source": "rows", "value": "SUM(amount)", "description": "The same."}}
    more["average"] = {"source": "rows", "value": "AVG(amount)"}
    change(root, KPIS, lambda data: data["measures"].update(more))
    kpi(root, "one", **BASE)
    kpi(root, "two", **{**BASE, **other})
    twice = [message for rule, _, message in found(root) if rule == "kpi-twice"]
    assert twice == (["computes the same as 'one'."] if is_same else [])
