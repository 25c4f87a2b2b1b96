"""What `check` says of small groups: whether people can be counted, and what is never shown because they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from scorecards.errors import DeclarationError
from scorecards.lint import lint
from scorecards.project import load_project
from tests.declared import COLUMNS, declare, write_project

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
        ("double", "scorecard.yaml: small_groups.people: 'double' (SUM(amount * 2)) counts nobody."),
        (
            "none",
            "scorecard.yaml: small_groups.people: 'none' is about nobody (people: nobody), and is to count people.",
        ),
        (None, "scorecard.yaml: small_groups.people: has no value."),
        (["people"], "scorecard.yaml: small_groups.people: '['people']' is a list, and one value is wanted."),
    ],
)
def test_what_is_to_count_people_must_be_a_measure_that_counts(tmp_path: Path, people: Any, told: str) -> None:
    others = {"double": {"value": "SUM(amount * 2)"}, "none": {"value": "COUNT(*)", "people": "nobody"}}
    assert told in problems(tmp_path, {"people": people}, {**HEADS, **others})


@pytest.mark.parametrize("value", ["COUNT(DISTINCT reason)", "COUNT(*) FILTER (WHERE late)", "SUM(pieces)"])
def test_rows_persons_and_sums_of_a_column_count(tmp_path: Path, value: str) -> None:
    assert problems(tmp_path, {"people": "people"}, {**HEADS, "people": {"value": value}}) == []


def test_a_part_of_a_person_is_no_limit(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, {"people": "people", "at_least": 2.5})
    assert told == "scorecard.yaml: small_groups.at_least: '2.5' is not a whole number."


def broken_down(root: Path) -> None:
    """A project whose KPI is broken down by a column that the people, of a source still to be written, may not have."""
    write_project(
        root,
        {"amount": {"value": "SUM(amount)"}, "heads": {"source": "staff", "value": "COUNT(*)"}},
        {"k": {"value": "amount", "by": ["reason"]}},
        source={"domain": "hr"},
        scorecard={"small_groups": {"people": "heads"}},
    )


def test_where_the_peoples_source_cannot_be_read_that_is_told(tmp_path: Path) -> None:
    broken_down(tmp_path)
    with pytest.raises(DeclarationError) as none:
        load_project(tmp_path)
    assert [one.message for one in none.value.problems] == ["'staff' is not a source."]
    (tmp_path / "sources/staff.yaml").write_text("source: staff\ndomain: people\n")
    with pytest.raises(DeclarationError) as broken:
        load_project(tmp_path)
    assert {one.file for one in broken.value.problems} == {"sources/staff.yaml"}


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


ABSENCE = """\
source: absence
domain: hr
path: absence.csv
unit: unit
period: day
columns: {unit: {}, day: {type: date}, kind: {}, sex: {}, days: {type: integer}}
derived: {is_woman: {type: boolean, value: "sex = 'f'"}}
"""
UNKNOWN = "asks for 'sex', of which nobody knows whether it tells of the person"
OF_ROWS = "is the value of single rows, or multiplies columns by each other"
DAYS: dict[str, Any] = {"source": "absence", "value": "SUM(days)"}


@pytest.mark.parametrize(
    ("measure", "kpi", "told"),
    [
        (DAYS, {"where": "kind = 'sick'"}, []),
        ({**DAYS, "where": "kind = 'sick'"}, {}, []),
        (DAYS, {"where": "sex = 'f'"}, [f"kpis.k.where: {UNKNOWN}"]),
        (DAYS, {"where": "is_woman"}, [f"kpis.k.where: {UNKNOWN}"]),
        (
            {**DAYS, "where": "sex = 'f'"}, {},
            [f"measures.m: {UNKNOWN}"],
        ),
        ({**DAYS, "value": "MAX(days)"}, {}, [f"measures.m: {OF_ROWS}"]),
        ({**DAYS, "value": "AVG(days)"}, {}, ["measures.m: is about those who have a row, and people counts others"]),
        ({**DAYS, "value": "AVG(days)", "people": "nobody"}, {"where": "sex = 'f'"}, []),
    ],
)  # fmt: skip
def test_what_nobody_can_count_is_told_with_its_reason(
    tmp_path: Path, measure: dict[str, Any], kpi: dict[str, Any], told: list[str]
) -> None:
    (tmp_path / "sources").mkdir(parents=True)
    (tmp_path / "sources/absence.yaml").write_text(ABSENCE)
    rule = {"people": "people", "columns_of_rows": ["kind"]}
    found = problems(tmp_path, rule, {**HEADS, "m": measure}, {"k": {"value": "m", **kpi}})
    assert [one.partition(": ")[2].split(": its")[0].split(": never")[0] for one in found] == told


PERCENTILE_OF_PART = "is a percentile of a part of the people: its figures are never shown."
MIXED = "adds up or divides figures of different people, whose columns are not filled alike"


@pytest.mark.parametrize(
    ("value", "is_told"),
    [
        ("SUM(bonus)", False),
        ("AVG(bonus)", False),
        ("SUM(bonus * 2) / COUNT(bonus)", False),
        ("SUM(COALESCE(bonus, 0))", False),
        ("SUM(CASE WHEN late THEN bonus ELSE 0 END)", False),
        ("AVG(CASE WHEN late THEN bonus END)", False),
        ("SUM(bonus) / COUNT(*) FILTER (WHERE bonus IS NOT NULL)", False),
        ("SUM(bonus) / COUNT(*) FILTER (WHERE bonus > 0)", False),
        ("SUM(amount) / COUNT(bonus)", False),
        ("COUNT(bonus) / COUNT(*)", False),
        ("SUM(amount) / COUNT(*)", False),
        ("AVG(CAST(bonus > 5 AS INTEGER))", False),
        ("AVG(CASE WHEN bonus > 5 THEN 1 ELSE 0 END)", False),
        ("SUM(bonus) / SUM(amount)", True),
        ("SUM(bonus) + SUM(award)", True),
        ("SUM(bonus) / COUNT(*)", True),
        ("SUM(bonus) / COUNT(award)", True),
        ("SUM(bonus) / COUNT(*) FILTER (WHERE late)", True),
        ("SUM(bonus) / COUNT(*) FILTER (WHERE bonus IS NULL)", True),
        ("SUM(bonus) / COUNT(*) FILTER (WHERE bonus > 0 OR late)", True),
        ("SUM(bonus) / COUNT(COALESCE(bonus, 0))", True),
        ("AVG(COALESCE(bonus, 0))", True),
        ("SUM(COALESCE(bonus, 1))", True),
        ("SUM(COALESCE(bonus, 0) + 1)", True),
        ("AVG(CASE WHEN late THEN bonus ELSE 0 END)", True),
        ("SUM(CASE WHEN late THEN bonus ELSE 1 END)", True),
    ],
)
def test_a_measure_whose_aggregates_are_about_different_people_is_never_shown(
    tmp_path: Path, value: str, is_told: bool
) -> None:
    paid = {"type": "decimal", "scale": 2, "nullable": True}
    write_project(
        tmp_path, {**HEADS, "m": {"value": value}}, KPIS,
        source={"domain": "hr", "columns": {**COLUMNS, "bonus": paid, "award": paid}},
        scorecard={"small_groups": {"people": "people"}},
    )  # fmt: skip
    found = [(one.key, one.message, one.remedy) for one in load_project(tmp_path).warnings]
    message = f"{MIXED} ({value}): its figures are never shown."
    remedy = "Make a measure of each, and add or divide them in the KPI."
    assert found == ([("measures.m", message, remedy)] if is_told else [])


@pytest.mark.parametrize(
    ("people", "measure", "kpi", "told"),
    [
        ("COUNT(*)", {}, {}, []),
        ("COUNT(*) FILTER (WHERE late)", {"where": "late"}, {}, []),
        ("COUNT(*)", {"where": "late"}, {}, [f"measures.middle: {PERCENTILE_OF_PART}"]),
        ("COUNT(*)", {}, {"by": ["reason"]}, ["kpis.k.by: divides the people, and 'middle' is a percentile"]),
        ("COUNT(*)", {}, {"where": "late"}, ["kpis.k.where: makes a part of the people, of which 'middle' is"]),
        ("COUNT(DISTINCT name)", {}, {}, ["measures.middle: is taken over rows, and people counts people otherwise"]),
        ("SUM(pieces)", {}, {}, ["measures.middle: is taken over rows, and people counts people otherwise"]),
    ],
)
def test_a_percentile_needs_people_who_are_counted_by_rows_and_all_of_them(
    tmp_path: Path, people: str, measure: dict[str, Any], kpi: dict[str, Any], told: list[str]
) -> None:
    measures = {"people": {"value": people}, "middle": {"value": "MEDIAN(amount)", **measure}}
    found = problems(tmp_path, {"people": "people"}, measures, {"k": {"value": "middle", **kpi}})
    found = [one.partition(": ")[2] for one in found if "people by" not in one]
    assert [one[: len(expected)] for one, expected in zip(found, told, strict=True)] == told


@pytest.mark.parametrize(
    ("others", "is_told"),
    [
        ({}, False),
        ({"by_end": {**DAYS, "period": "ended"}}, False),
        ({"by_day": {**DAYS, "people": "nobody"}}, False),
        ({"by_day": DAYS}, True),
        ({"by_day": {**DAYS, "value": "COUNT(*)"}}, True),
    ],
)
def test_measures_of_one_source_that_are_dated_by_two_columns_are_not_shown_by_the_second(
    tmp_path: Path, others: dict[str, Any], is_told: bool
) -> None:
    (tmp_path / "sources").mkdir(parents=True)
    (tmp_path / "sources/absence.yaml").write_text(ABSENCE.replace("kind: {}", "ended: {type: date}, kind: {}"))
    measures = {**HEADS, "m": {**DAYS, "period": "ended"}, **others}
    told = [
        "kpis/all.yaml: measures.m: is dated by ended, and 'by_day' of the same source otherwise: its figures are "
        "never shown."
    ]
    assert problems(tmp_path, {"people": "people"}, measures) == (told if is_told else [])


def test_columns_of_rows_are_columns(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, {"people": "people", "columns_of_rows": ["reason", "reson"]})
    assert told == "scorecard.yaml: small_groups.columns_of_rows.1: 'reson' is no column of any source."


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


def of_people(root: Path, measures: dict[str, Any], **declared: Any) -> list[tuple[str, str]]:
    """The findings of the rules on whose figures measures are, each with its key."""
    project = declare(root, measures, KPIS, **declared)
    rules = ("people-summed", "people-counted-late", "people-of-one-source", "persons-without-people")
    return [(one.rule, one.key) for one in lint(project) if one.rule in rules]


def test_people_counted_by_a_sum_are_a_finding(tmp_path: Path) -> None:
    rule = {"small_groups": {"people": "people"}}
    found = of_people(tmp_path, {**HEADS, "people": {"value": "SUM(pieces)"}}, source={"domain": "hr"}, scorecard=rule)
    assert found == [("people-summed", "measures.people.value")]


@pytest.mark.parametrize(
    ("value", "late_rows", "found"),
    [
        ("COUNT(*)", "next open month", [("people-counted-late", "measures.people.value")]),
        ("COUNT(reason) FILTER (WHERE late)", "next open month", [("people-counted-late", "measures.people.value")]),
        ("COUNT(DISTINCT reason)", "next open month", []),
        ("COUNT(*)", "wait", []),
    ],
)
def test_rows_that_come_late_and_count_as_more_people_of_a_later_month_are_a_finding(
    tmp_path: Path, value: str, late_rows: str, found: list[tuple[str, str]]
) -> None:
    source = {"domain": "hr", "replaces": "nothing", "late_rows": late_rows}
    measures = {**HEADS, "people": {"value": value}}
    assert of_people(tmp_path, measures, source=source, scorecard={"small_groups": {"people": "people"}}) == found


def test_measures_of_one_source_that_follow_different_people_are_a_finding(tmp_path: Path) -> None:
    measures = {
        **HEADS,
        "answers": {"value": "COUNT(*) FILTER (WHERE late)"},
        "points": {"value": "SUM(amount)", "people": "answers"},
        "costs": {"value": "SUM(amount)", "people": "nobody"},
    }
    rule = {"small_groups": {"people": "people"}}
    found = of_people(tmp_path / "a", measures, source={"domain": "hr"}, scorecard=rule)
    assert found == [("people-of-one-source", "measures.points.people")]
    alike = {**measures, "points": {"value": "SUM(amount)"}}
    assert of_people(tmp_path / "b", alike, source={"domain": "hr"}, scorecard=rule) == []


def test_rows_of_persons_in_another_domain_need_a_word_on_whose_figures_they_are(tmp_path: Path) -> None:
    columns = {**COLUMNS, "reason": {"type": "string", "personal": True}}
    persons = {"source": {"columns": columns, "key": ["reason", "day"]}}
    found = of_people(tmp_path / "a", HEADS, **persons)
    assert found == [("persons-without-people", "key")]
    told = {name: {**measure, "people": "people"} for name, measure in HEADS.items()}
    rule = {"small_groups": {"people": "people"}}
    assert of_people(tmp_path / "b", told, **persons, scorecard=rule) == []


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"p_4f2a91": "p_4f2a91", "p_8c03d7": "Account manager 8C03D7", "4711": "Driver (4711)"}, None),
        ({"p_1": "Kim Sample"}, "'p_1' is a person and has a name that its id does not make."),
        (
            {"p_1": "Person 1", "p_2": "Kim Sample 21", "p_a": "Ann Abel"},
            "'p_2' and 'p_a' are persons and have names that their ids do not make.",
        ),
    ],
)
def test_a_person_whose_units_name_is_not_made_of_its_id_is_a_finding(
    tmp_path: Path, names: dict[str, str], told: str | None
) -> None:
    write_project(tmp_path, HEADS, KPIS, scorecard={"levels": ["company", "person"]})
    units = tmp_path / "units.csv"
    rows = "".join(f"{unit},{name},person,all\n" for unit, name in names.items())
    units.write_text("id,name,level,parent\nall,Kim & Sons,company,\n" + rows)
    found = [one for one in lint(load_project(tmp_path)) if one.rule == "person-with-a-name"]
    assert [one.message for one in found] == ([told] if told else [])
    assert [one.severity for one in found] == (["warning"] if told else [])


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (["p_4f2a91", "4711", "p_1", "abc123", "p_a_b"], None),
        (["p_4f2a91", "kim_sample"], "'kim_sample' is a person's id and says who it is."),
        (["jose4711", "p_2"], "'jose4711' is a person's id and says who it is."),
        (["ks_2", "anna", "berta"], "'anna' and 'berta' are persons' ids and say who it is."),
    ],
)
def test_a_persons_id_that_says_who_it_is_is_a_finding(tmp_path: Path, ids: list[str], told: str | None) -> None:
    write_project(tmp_path, HEADS, KPIS, scorecard={"levels": ["company", "person"]})
    rows = "".join(f"{unit},{unit},person,all\n" for unit in ids)
    (tmp_path / "units.csv").write_text("id,name,level,parent\nall,All,company,\n" + rows)
    own: list[dict[str, Any]] = [
        {"name": "José Müller", "email": f"{unit}.sample@example.com", "units": [unit], "scope": "only themselves"}
        for unit in ids[:1]
    ]
    (tmp_path / "recipients.yaml").write_text(yaml.safe_dump({"recipients": own}, allow_unicode=True))
    found = [one for one in lint(load_project(tmp_path)) if one.rule == "person-told-by-an-id"]
    assert [(one.key, one.message) for one in found] == ([("id", told)] if told else [])


def test_a_breakdown_by_what_the_people_do_not_have_is_told(tmp_path: Path) -> None:
    broken_down(tmp_path)
    columns = "columns: {unit: {}, day: {type: date}}"
    text = f"source: staff\ndomain: hr\npath: staff.csv\nunit: unit\nperiod: day\n{columns}\n"
    (tmp_path / "sources/staff.yaml").write_text(text)
    assert [f"{one.key}: {one.message}" for one in load_project(tmp_path).warnings] == [
        "kpis.k.by: 'reason' is no column of what counts the people (heads): its parts are never shown."
    ]
