"""What was withheld by an earlier rule of small groups, and whether the rule in force allows it to be told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scorecards.groups import Telling, WithheldBy, telling_of
from tests.declared import UNITS, declare

MEASURES: dict[str, Any] = {"people": {"value": "COUNT(*)"}, "pay": {"value": "SUM(amount)"}}
RULE = {"people": "people", "at_least": 5}


def declared(
    root: Path, rule: dict[str, Any] | None, measures: dict[str, Any] = MEASURES, kpi: dict[str, Any] | None = None,
    units: str = UNITS,
) -> tuple[str, Telling]:  # fmt: skip
    """What is kept of the rule with figures made of ``pay`` in January, and what may be told by it."""
    kpis = {"k": {"value": "COALESCE(people, 1)", **(kpi or {})}}
    scorecard = {} if rule is None else {"small_groups": rule}
    project = declare(root, measures, kpis, source={"domain": "hr"}, scorecard=scorecard, targets="", units=units)
    return WithheldBy(project).of(["pay"], date(2024, 1, 1)), telling_of(project)


@pytest.mark.parametrize(
    ("then", "is_allowed"),
    [
        (RULE, True),
        ({**RULE, "at_least": 10}, True),
        ({**RULE, "at_least": 4}, False),
        ({**RULE, "across_months": False}, False),
        (None, False),
    ],
)
def test_a_rule_as_strict_as_the_one_in_force_will_do(
    tmp_path: Path, then: dict[str, Any] | None, is_allowed: bool
) -> None:
    kept, _ = declared(tmp_path / "then", then)
    _, now = declared(tmp_path / "now", RULE)
    assert now.allows(kept) is is_allowed


def test_without_a_rule_in_force_everything_may_be_told(tmp_path: Path) -> None:
    kept, _ = declared(tmp_path / "then", None)
    _, now = declared(tmp_path / "now", None)
    assert now.allows(kept)
    assert now.sources == frozenset()


@pytest.mark.parametrize(
    ("pay", "people"),
    [
        ({"value": "SUM(amount)", "people": "nobody"}, MEASURES["people"]),
        ({"value": "SUM(amount)", "people": "others"}, MEASURES["people"]),
        (MEASURES["pay"], {"value": "COUNT(*)", "where": "late"}),
    ],
    ids=["nobody", "others", "counted otherwise"],
)
def test_figures_about_other_people_do_not_obey(tmp_path: Path, pay: Any, people: Any) -> None:
    measures = {"people": people, "pay": pay, "others": {"value": "COUNT(*) FILTER (WHERE late)"}}
    kept, _ = declared(tmp_path / "then", RULE, measures)
    _, now = declared(tmp_path / "now", RULE)
    assert not now.allows(kept)


def test_what_is_about_nobody_now_may_be_told_whatever_it_was(tmp_path: Path) -> None:
    kept, _ = declared(tmp_path / "then", None)
    _, now = declared(tmp_path / "now", RULE, {**MEASURES, "pay": {"value": "SUM(amount)", "people": "nobody"}})
    assert now.allows(kept)


@pytest.mark.parametrize(("others", "is_allowed"), [({"rows"}, True), ({"other"}, False)])
def test_a_measure_that_is_gone_is_about_nobody_where_its_source_is(
    tmp_path: Path, others: set[str], is_allowed: bool
) -> None:
    kept, _ = declared(tmp_path / "then", None)
    now = Telling(frozenset({"staff"}), frozenset(others), 5, True)
    assert now.allows(kept) is is_allowed


@pytest.mark.parametrize(
    "kpi",
    [{"by": ["reason"]}, {"where": "late"}, {"inputs": {"some": {"measure": "pay", "where": "late"}}, "value": "some"}],
)
def test_figures_beside_other_parts_do_not_obey(tmp_path: Path, kpi: dict[str, Any]) -> None:
    kept, _ = declared(tmp_path / "then", RULE)
    same, now = declared(tmp_path / "now", RULE, kpi=kpi)
    assert now.allows(same)
    assert not now.allows(kept), "the women of then, less the women without one grade of now"


def test_figures_of_other_units_do_not_obey_and_those_of_a_month_before_a_move_do(tmp_path: Path) -> None:
    kept, _ = declared(tmp_path / "then", RULE)
    other = UNITS.replace("south,South,division,company", "south,South,division,north")
    _, corrected = declared(tmp_path / "corrected", RULE, units=other)
    assert not corrected.allows(kept)
    dated = "id,name,level,parent,valid_from,valid_to\ncompany,Company,company,,,\nnorth,North,division,company,,\n"
    dated += "south,South,division,company,,2024-01-31\nsouth,South,division,north,2024-02-01,\n"
    _, moved = declared(tmp_path / "moved", RULE, units=dated)
    assert moved.allows(kept)
