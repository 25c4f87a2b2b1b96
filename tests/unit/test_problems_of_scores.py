"""What is refused of scales, targets, texts and anchors, told once, at its own line, with what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scorecards.errors import DeclarationError, Problem
from scorecards.lint import lint
from scorecards.lint_facts import History
from scorecards.periods import parse_period
from scorecards.project import load_project
from tests.declared import declare, write_project

RELATIVE = {"relative": {"to": "siblings", "by": "percentile rank"}}
WORD = {"word": {"value": "ANY_VALUE(reason)"}}


def problems(root: Path) -> list[Problem]:
    with pytest.raises(DeclarationError) as refused:
        load_project(root)
    return [problem for problem in refused.value.problems if problem.severity == "error"]


def line_of(root: Path, name: str, text: str) -> int:
    return next(number for number, line in enumerate((root / name).read_text().splitlines(), 1) if text in line)


def test_a_scale_on_which_a_lower_score_is_better_is_refused_with_its_mirror(tmp_path: Path) -> None:
    scale = {"anchors": {"floor": 5, "target": 1}, "lowest": 1, "highest": 5}
    (found,) = problems(write_project(tmp_path, scorecard={"scale": scale}))
    assert found.key == "scale"
    assert "a higher score must be the better one: the target's (1) must lie above the floor's (5)" in found.message
    assert "Mirror the scale: floor: 1, target: 5, and write x for 6 - x" in found.message


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("0.5", "Write 50% if you mean a half, 0.5% if you mean 0.5 percent."),
        ("-0.02", "Write -2% if you mean a share of -0.02, -0.02% if you mean -0.02 percent."),
        ("12", "Write 12%."),
    ],
)
def test_a_bare_number_for_a_percentage_is_told_both_ways_where_it_may_be_a_share(
    tmp_path: Path, value: str, remedy: str
) -> None:
    targets = f"scorecard,kpi,unit,effective_from,anchor,value\nmain,k,company,2023-01-01,target,{value}\n"
    kpis = {"k": {"value": "revenue", "measured_in": "percent"}}
    (found,) = problems(write_project(tmp_path, kpis=kpis, targets=targets))
    assert found.remedy == remedy


@pytest.mark.parametrize(
    ("direction", "texts", "message"),
    [
        ("higher", {"good": 100, "fair": 50}, "must rise from one text to the next, since higher is better"),
        ("lower", {"weak": 0, "fair": 50}, "must fall from one text to the next, since lower is better"),
        ("higher", {"weak": 0, "fair": 50, "good": 50}, ""),
        ("lower", {"good": 100, "fair": 50}, ""),
    ],
)
def test_texts_stand_in_the_order_of_the_direction(
    tmp_path: Path, direction: str, texts: dict[str, int], message: str
) -> None:
    kpis = {"k": {"value": "word", "direction": direction, "scoring": {"texts": texts}}}
    root = write_project(tmp_path, WORD, kpis)
    if not message:
        load_project(root)
        return
    (found,) = problems(root)
    assert (found.key, found.message.startswith(message)) == ("kpis.k.scoring.texts", True)


def test_a_mistake_of_a_kpi_for_each_value_is_told_once_at_its_own_line(tmp_path: Path) -> None:
    each = {"column": "reason", "values": {"a": "A", "b": "B"}}
    kpis = {"first": {"value": "revenue"}, "second": {"value": "revenue + nothing", "each": each}}
    root = write_project(tmp_path, kpis=kpis)
    (found,) = problems(root)
    assert (found.key, found.line) == ("kpis.second.value", line_of(root, "kpis/all.yaml", "revenue + nothing"))


def test_a_kpi_that_is_written_out_is_declared_where_its_declaration_stands(tmp_path: Path) -> None:
    each = {"column": "reason", "values": {"a": "A", "b": "B"}}
    project = declare(tmp_path, kpis={"first": {"value": "revenue"}, "second": {"value": "revenue", "each": each}})
    place = project.places["kpis second_b"]
    assert place.line(("kpis", "second_b")) == line_of(tmp_path, "kpis/all.yaml", "second:")


def test_an_anchor_that_is_not_known_may_be_a_reference(tmp_path: Path) -> None:
    kpis = {"k": {"value": "revenue", "anchors": {"baseline": "revenue"}}}
    (found,) = problems(write_project(tmp_path, kpis=kpis))
    assert found.remedy.endswith("Or declare it in 'scale.references' of scorecard.yaml.")


def test_a_text_without_scores_is_told_what_to_list(tmp_path: Path) -> None:
    (found,) = problems(write_project(tmp_path, WORD, {"k": {"value": "word"}}))
    assert "a text, not a number" in found.message
    assert found.remedy == "List its texts in 'scoring.texts', each with its score."


@pytest.mark.parametrize(
    ("kpi", "scorecard", "message"),
    [
        ({"signals": {"baseline": 8}}, {}, "'8' is not at least 12."),
        ({"decimals": 9}, {}, "'9' is not at most 6."),
        ({"at_most": "100%"}, {}, "'at_most' is 100%, which does not fit a KPI measured in"),
        ({"at_least": 5, "at_most": 5}, {}, "'at_least' (+5) must be below 'at_most' (+5)"),
        ({"each": {"column": "reason", "values": {}}}, {}, "'{}' is too short: at least 1 value."),
        ({}, {"balance": {"most_spread": 0}}, "'0' is not more than 0."),
        ({}, {"roll_up": {"method": "best"}}, "'best' is not one of"),
    ],
)
def test_what_lies_beyond_its_bounds_is_told_in_our_words(
    tmp_path: Path, kpi: dict[str, Any], scorecard: dict[str, Any], message: str
) -> None:
    found = problems(write_project(tmp_path, kpis={"k": {"value": "revenue", **kpi}}, scorecard=scorecard))
    assert found[0].message.startswith(message)
    assert "nput should" not in str(found[0])
    assert not found[0].remedy.startswith("Known")


def found_by(root: Path, rule: str, period: str = "2025-06") -> list[str]:
    history = History(parse_period(period))
    return [f"{one.key}: {one.message}" for one in lint(load_project(root), history) if one.rule == rule]


def test_what_a_late_unit_is_has_no_effect_on_a_flow(tmp_path: Path) -> None:
    measures = {"flow": {"value": "SUM(amount)", "late": "missing"}, "stock": {"value": "SUM(amount)",
        "over_time": "last", "late": "missing"}}  # fmt: skip
    root = write_project(tmp_path, measures, {"k": {"value": "flow / stock"}})
    assert found_by(root, "late-on-a-flow") == ["measures.flow.late: has no effect: the measure is no stock."]


@pytest.mark.parametrize(
    ("rebase", "words"),
    [
        (["2024-05"], []), (["2024-05", "2024-02"], ["is not in the order of time."]),
        (["2029-05"], ["2029-05 is later than the newest month that is computed, 2025-06."]),
        (["2023-01"], ["2023-01 has no month of the project before it."]),
    ],
)  # fmt: skip
def test_a_rebase_that_begins_no_new_limits_is_told(tmp_path: Path, rebase: list[str], words: list[str]) -> None:
    root = write_project(tmp_path, kpis={"k": {"value": "revenue", "signals": {"rebase": rebase}}})
    assert found_by(root, "rebase-without-effect") == [f"kpis.k.signals.rebase: {each}" for each in words]


def test_a_text_is_not_asked_in_what_it_is_measured(tmp_path: Path) -> None:
    texts = {"weak": 0, "good": 100}
    kpis = {"k": {"value": "word", "measured_in": "", "scoring": {"texts": texts}}}
    assert found_by(write_project(tmp_path, WORD, kpis), "kpi-without-measured-in") == []


def test_one_value_that_is_scored_in_two_published_ways_is_a_kpi_over_the_other(tmp_path: Path) -> None:
    kpis = {"own": {"value": "revenue"}, "among_others": {"value": "own", "scoring": RELATIVE}}
    assert found_by(write_project(tmp_path / "over", kpis=kpis), "kpi-twice") == []
    twice = {**kpis, "among_others": {"value": "revenue", "scoring": RELATIVE}}
    assert len(found_by(write_project(tmp_path / "twice", kpis=twice), "kpi-twice")) == 1
