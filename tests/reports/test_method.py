"""The method is told as it is declared, and only as far as it concerns the pack's own KPIs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from report_templates.method import method_lines
from report_templates.method_of_nodes import node_lines
from scorecards.roll_up import Method, Missing
from tests.declared import declare
from tests.reports.pack_factory import company_pack, watched_pack
from transforms.pack import Comparison, KpiLine, NodeRule, Pack, ScoreStep, ScoringRule
from transforms.pack_method import Way
from transforms.pack_method_building import node_rules, scoring_rule

PACK = company_pack()
MEAN = "weighted mean of its parts"
METHODS: dict[Method, str] = {
    "weighted mean": "a score is the weighted mean of its parts' scores.",
    "geometric mean": "the weighted geometric mean of its parts' scores, zero where one of them is zero or less.",
    "harmonic mean": "the weighted harmonic mean of its parts' scores, zero where one of them is zero or less.",
    "worst": "the lowest score of its parts, however little they weigh.",
    "share on target": "the share of its weight that scores 100 or more, from 0 for none to 100 for all.",
    "self-standing": "the score of Revenue alone.",
}


def ruled(change: Callable[[NodeRule], dict[str, Any]]) -> Pack:
    return replace(PACK, rules=tuple(replace(rule, **change(rule)) for rule in PACK.rules))


def told(pack: Pack) -> str:
    return " ".join(method_lines(pack))


def with_lines(change: Callable[[int, KpiLine], KpiLine], pack: Pack = PACK) -> Pack:
    """The pack with every KPI changed, which is given with its place."""
    place = {line.id: number for number, line in enumerate(pack.kpis)}
    pages = (
        replace(page, kpis=tuple(change(place[line.id], line) for line in page.kpis)) for page in pack.perspectives
    )
    return replace(pack, perspectives=tuple(pages))


def test_differences_are_said_to_be_taken_as_they_are_and_no_page_to_add_up() -> None:
    assert told(PACK).endswith(
        "Rounding: a difference is that of the figures shown, the exact one where these look equal and are not."
    )


# Nodes


@pytest.mark.parametrize("method", get_args(Method))
def test_the_method_of_combining_is_the_one_that_is_declared_and_no_other_is_spoken_of(method: Method) -> None:
    own = "Revenue" if method == "self-standing" else ""
    text = told(ruled(lambda _: {"method": method, "own_kpi": own}))
    assert METHODS[method] in text
    assert [other for other, words in METHODS.items() if words in text] == [method]
    assert (MEAN in text) == (method == "weighted mean")


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("missing", get_args(Missing))
def test_what_a_missing_part_does_is_told_as_it_is_declared(method: Method, missing: Missing) -> None:
    text = told(ruled(lambda _: {"method": method, "missing": missing}))
    scaled, strict = "the others' weights are scaled up to 100 %", "where a part has no score, there is none"
    is_mean = method not in ("worst", "self-standing")
    assert (scaled in text) == (missing == "renormalise" and is_mean)
    assert (strict in text) == (missing == "strict" and method != "self-standing")
    assert ("Missing parts" in text) == (method != "self-standing")


def test_of_the_worst_and_strict_nothing_is_said_of_means_and_weights() -> None:
    text = told(ruled(lambda _: {"method": "worst", "missing": "strict"}))
    assert "mean of its parts" not in text
    assert "scaled up" not in text


def test_the_least_coverage_and_the_least_parts_are_told_by_level_and_node() -> None:
    assert node_lines(PACK)[-1] == (
        "Needed for a score: data for 50\u202f% of the weight (the whole scorecard and all perspectives)."
    )
    everywhere = ruled(lambda _: {"minimum_coverage": 0.625, "minimum_parts": 2})
    assert node_lines(everywhere)[-1] == (
        "Needed for a score: data for 62.5\u202f% of the weight and 2 parts with a score."
    )
    nothing = ruled(lambda _: {"minimum_coverage": 0.0})
    assert "Needed" not in told(nothing)
    first = PACK.perspectives[0].id
    one = ruled(lambda rule: {"minimum_coverage": 0.8} if rule.node == first else {})
    assert "data for 80\u202f% of the weight (Financial)" in told(one)


def test_a_node_that_declares_its_own_way_is_named() -> None:
    first = PACK.perspectives[0].id
    text = told(ruled(lambda rule: {"method": "worst", "missing": "strict"} if rule.node == first else {}))
    assert (
        "Combining: above the KPIs, a score is the weighted mean of its parts' scores; the lowest score of its parts, "
        "however little they weigh (Financial)." in text
    )
    assert "where a part has no score, there is none (Financial)." in text


def test_the_rules_of_a_pack_are_the_nodes_own_or_the_organisations(tmp_path: Path) -> None:
    objectives = {
        "a": {"name": "A", "perspective": "financial", "kpis": ["j"]},
        "b": {
            "name": "B", "perspective": "customer", "kpis": ["k"],
            "roll_up": {"method": "self-standing", "kpi": "k", "minimum_coverage": 0.3},
        },
    }  # fmt: skip
    card = {"name": "Main", "objectives": objectives, "roll_up": {"minimum_parts": 2}}
    kpis = {"j": {"value": "revenue"}, "k": {"name": "Kay", "value": "revenue"}}
    project = declare(
        tmp_path, kpis=kpis, strategy={"scorecards": {"main": card}},
        scorecard={"roll_up": {"method": "worst", "missing": "strict", "minimum_coverage": {"scorecard": 0.75}}},
    )  # fmt: skip
    found = {(rule.level, rule.node): rule for rule in node_rules(project, "main")}
    assert found["scorecard", "main"] == NodeRule("scorecard", "main", "worst", "strict", 0.75, 2)
    assert found["perspective", "financial"] == NodeRule("perspective", "financial", "worst", "strict", 0.5, 1)
    assert found["objective", "a"] == NodeRule("objective", "a", "worst", "strict", 0.0, 1)
    assert found["objective", "b"] == NodeRule("objective", "b", "self-standing", "strict", 0.3, 1, "Kay")


# Scores

AMONG = "siblings", "level", "history"
WAYS: dict[str, tuple[ScoringRule, str]] = {
    "logarithm": (ScoringRule(is_logarithmic=True), "equal ratios of the value earn equal points"),
    "range": (ScoringRule("range"), "100 within the range, below and above it on a line of its own"),
    "yes or no": (ScoringRule("yes or no"), "100 for yes and 0 for no"),
    "texts": (ScoringRule("texts", steps=(ScoreStep("good", 100),)), "by text, each with a score of its own"),
    "steps": (ScoringRule("steps", steps=(ScoreStep("value > 1", 100),)), "the first that holds gives the score"),
    "bands": (ScoringRule("steps", steps=(ScoreStep("", 100, "red"),)), "some rules give a band of their own"),
    "formula": (ScoringRule("formula", formula="value"), "by a formula"),
    "siblings": (
        ScoringRule("relative", comparison=Comparison("siblings", "min-max", 24, 3)),
        "by place among the units of the same parent, from 0 for the worst to 100 for the best, with at least 3 of",
    ),
    "level": (
        ScoringRule("relative", comparison=Comparison("level", "z-score", 24, 5)),
        "by place among all units of the same level, 50 at the mean, 10 more for each standard deviation better, with "
        "at least 5 of them",
    ),
    "history": (
        ScoringRule("relative", comparison=Comparison("history", "percentile rank", 12, 3)),
        "by place among its own values of the last 12 months, from 0 to 100 by the share of the others that are worse",
    ),
    "unscored": (ScoringRule("unscored"), "shown without a score"),
}  # fmt: skip


def test_every_way_of_scoring_is_tried() -> None:
    assert {rule.way for rule, _ in WAYS.values()} | {"line"} == set(get_args(Way))


@pytest.mark.parametrize("way", WAYS)
def test_where_all_kpis_are_scored_in_one_way_that_alone_is_told(way: str) -> None:
    rule, words = WAYS[way]
    text = told(with_lines(lambda _, line: replace(line, scoring=rule)))
    assert words in text
    assert ("Scale:" in text) == (rule.way in ("line", "range"))
    assert ("straight line" in text) == (way == "range")
    others = [other for other, (_, said) in WAYS.items() if said in text and other != way]
    assert others == (["steps"] if way == "bands" else [])


@pytest.mark.parametrize("way", WAYS)
def test_a_kpi_that_is_scored_otherwise_is_named(way: str) -> None:
    rule, words = WAYS[way]
    text = told(with_lines(lambda place, line: replace(line, scoring=rule) if place == 0 else line))
    assert "between two anchors the score lies on a straight line." in text
    assert "Scored otherwise: " in text
    assert words in text
    assert "(Revenue)" in text


def test_a_pack_whose_kpis_are_all_on_a_line_says_nothing_of_other_ways() -> None:
    assert "Scored otherwise" not in told(PACK)
    assert not any(words in told(PACK) for _, words in WAYS.values())


def test_no_where_lower_is_better_is_what_scores() -> None:
    def better(_: int, line: KpiLine) -> KpiLine:
        return replace(line, scoring=ScoringRule("yes or no"), direction="lower")

    assert "0 for yes and 100 for no" in told(with_lines(better))


def test_many_kpis_are_counted_and_few_are_named() -> None:
    def of_first(count: int) -> str:
        rule = ScoringRule("formula", formula="value")
        return told(with_lines(lambda place, line: replace(line, scoring=rule) if place < count else line))

    assert "by a formula (Revenue and Revenue growth on last year)" in of_first(2)
    assert "by a formula (6 KPIs)" in of_first(6)


DECLARED: dict[str, tuple[dict[str, Any], ScoringRule]] = {
    "line": ({}, ScoringRule()),
    "range": ({"direction": "within"}, ScoringRule("range")),
    "logarithm": ({"scoring": {"scale": "log"}}, ScoringRule(is_logarithmic=True)),
    "unscored": ({"scored": False}, ScoringRule("unscored")),
    "formula": ({"scoring": {"formula": "value * 2"}}, ScoringRule("formula", formula="value * 2")),
    "steps": (
        {"scoring": {"steps": [{"when": "value > 1", "score": 100, "band": "green"}, {"score": 0}]}},
        ScoringRule("steps", steps=(ScoreStep("value > 1", 100, "green"), ScoreStep("", 0))),
    ),
    "relative": (
        {"scoring": {"relative": {"to": "history", "by": "z-score", "months": 12}}},
        ScoringRule("relative", comparison=Comparison("history", "z-score", 12, 3)),
    ),
    "yes or no": ({"measured_in": "yes/no"}, ScoringRule("yes or no")),
    "texts": (
        {"scoring": {"texts": {"poor": 0, "good": 100}}},
        ScoringRule("texts", steps=(ScoreStep("poor", 0), ScoreStep("good", 100))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", DECLARED)
def test_the_rule_of_a_kpi_is_what_it_declares(way: str, tmp_path: Path) -> None:
    declared, rule = DECLARED[way]
    value = "ANY_VALUE(reason)" if way == "texts" else "SUM(amount)"
    project = declare(tmp_path, {"m": {"value": value}}, {"k": {"value": "m", **declared}}, targets="")
    assert scoring_rule(project.kpis["k"]) == rule


# Signals


def watched(**changes: Any) -> Pack:
    """The pack with charts of all values, of which that of the first KPI is another."""

    def change(place: int, line: KpiLine) -> KpiLine:
        own = {"baseline": None, **({} if place else changes)}
        return line if line.signal is None else replace(line, signal=replace(line.signal, **own))

    return with_lines(change, watched_pack())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"baseline": 24}, "of all values so far; of at most the first 24 values (Revenue)."),
        ({"since": date(2025, 4, 1)}, "of all values so far; of the values since April 2025 (Revenue)."),
        ({"baseline": 12, "since": date(2025, 4, 1)}, "of at most the first 12 values since April 2025 (Revenue)."),
        ({"is_screened": False}, "3.267 times their mean or more do not count, but for Revenue."),
        ({"is_seasonal": True}, "Judged by the change on the same month of last year: Revenue."),
    ],
)
def test_a_chart_whose_limits_come_from_other_values_is_named(changes: dict[str, Any], words: str) -> None:
    assert words in told(watched(**changes))
    assert words not in told(watched())


def test_screening_is_told_by_default_and_not_where_no_chart_is_screened() -> None:
    assert "Moving ranges of 3.267 times their mean or more do not count." in told(watched())

    def unscreened(_: int, line: KpiLine) -> KpiLine:
        return replace(line, signal=line.signal and replace(line.signal, is_screened=False))

    assert "3.267" not in told(with_lines(unscreened, watched_pack()))


def test_months_that_are_shared_and_targets_held_against_limits_are_told_where_there_are_any() -> None:
    def plain(_: int, line: KpiLine) -> KpiLine:
        return replace(line, signal=line.signal and replace(line.signal, is_overlapping=False, assurance=None))

    assert "share months" in told(watched())
    assert "Assurance:" in told(watched())
    text = told(with_lines(plain, watched_pack()))
    assert "share months" not in text
    assert "Assurance:" not in text


def test_a_pack_without_charts_says_nothing_of_signals() -> None:
    assert "Signals" not in told(PACK)
    assert "Assurance" not in told(PACK)
