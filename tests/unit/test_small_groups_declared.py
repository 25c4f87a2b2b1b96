"""What `check` says of small groups: whether people can be counted, and what is never shown because they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scorecards.errors import DeclarationError
from scorecards.lint import lint
from scorecards.project import load_project
from tests.declared import declare, write_project

HEADS = {"people": {"value": "COUNT(*)"}, "amount": {"value": "SUM(amount)"}, "mean": {"value": "AVG(amount)"}}
KPIS = {"k": {"value": "amount / people"}}


def problems(root: Path, rule: dict[str, Any] | None, measures: Any = HEADS, kpis: Any = KPIS) -> list[str]:
    """The errors, or else the warnings, with file and key."""
    write_project(
        root, measures, kpis, source={"domain": "hr"}, scorecard={} if rule is None else {"small_groups": rule}
    )
    try:
        found = load_project(root).warnings
    except DeclarationError as error:
        found = tuple(error.problems)
    return [f"{one.file}: {one.key}: {one.message}" for one in found]


def test_a_measure_that_counts_is_enough(tmp_path: Path) -> None:
    assert problems(tmp_path, {"people": "people"}) == []


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ("peple", "scorecard.yaml: small_groups.people: 'peple' is not a measure."),
        ("mean", "scorecard.yaml: small_groups.people: 'mean' (AVG(amount)) counts nobody."),
    ],
)
def test_what_is_to_count_people_must_be_a_measure_that_counts(tmp_path: Path, people: str, told: str) -> None:
    assert told in problems(tmp_path, {"people": people})


def test_people_of_a_measure_are_checked_alike_and_need_the_rule(tmp_path: Path) -> None:
    named = {**HEADS, "amount": {"value": "SUM(amount)", "people": "nothing"}}
    assert problems(tmp_path / "a", {"people": "people"}, named) == [
        "kpis/all.yaml: measures.amount.people: 'nothing' is not a measure."
    ]
    without = problems(tmp_path / "b", None, {**HEADS, "amount": {"value": "SUM(amount)", "people": "people"}})
    assert without == [
        "kpis/all.yaml: measures.amount.people: says whose figures these are, but scorecard.yaml has no small_groups: "
        "nothing is withheld."
    ]


def test_nobody_is_always_allowed_where_there_is_a_rule(tmp_path: Path) -> None:
    assert (
        problems(tmp_path, {"people": "people"}, {**HEADS, "amount": {"value": "SUM(amount)", "people": "nobody"}})
        == []
    )


def test_fewer_than_two_are_no_group(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, {"people": "people", "at_least": 1})
    assert "small_groups.at_least" in told


def test_people_measured_without_the_rule_are_a_finding(tmp_path: Path) -> None:
    project = declare(tmp_path, HEADS, KPIS, source={"domain": "hr"})
    found = [one for one in lint(project) if one.rule == "small-groups-shown"]
    assert [one.message for one in found] == ["is not declared, and rows tells of people."]
    other = declare(tmp_path / "other", HEADS, KPIS)
    assert not [one for one in lint(other) if one.rule == "small-groups-shown"]


def test_a_breakdown_by_what_the_people_do_not_have_is_told(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        {"amount": {"value": "SUM(amount)"}, "heads": {"source": "staff", "value": "COUNT(*)"}},
        {"k": {"value": "amount", "by": ["reason"]}},
        source={"domain": "hr"},
        scorecard={"small_groups": {"people": "heads"}},
    )
    columns = "columns: {unit: {}, day: {type: date}}"
    text = f"source: staff\ndomain: hr\npath: staff.csv\nunit: unit\nperiod: day\n{columns}\n"
    (tmp_path / "sources/staff.yaml").write_text(text)
    assert [f"{one.key}: {one.message}" for one in load_project(tmp_path).warnings] == [
        "kpis.k.by: 'reason' is no column of what counts the people (heads): its parts are never shown."
    ]
