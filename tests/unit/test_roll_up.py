"""How scores combine: any depth, methods per node, what missing parts do, weights and summed targets by date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scorecards.errors import DeclarationError
from scorecards.lint import lint
from tests.declared import Figures, declare, figures, rows
from transforms.score_table import SCORES

UNITS = """\
id,name,level,parent
company,Company,company,
north,North,division,company
south,South,division,company
west,West,team,north
"""


def declared(root: Path, card: dict[str, Any], kpis: dict[str, Any], **more: Any) -> Any:
    """KPIs a, b, c … that are read off hours of their own reason, scored from 0 to 100 as they are."""
    measures = {"m": {"value": "SUM(hours)", "empty": "missing"}}
    inputs = {
        k: {"inputs": {"x": {"measure": "m", "where": f"reason = '{k}'"}}, "value": "x", **v} for k, v in kpis.items()
    }
    targets = "kpi,anchor,value\n" + "".join(f"{k},floor,0\n{k},target,100\n" for k in kpis)
    strategy = {"scorecards": {"main": {"name": "M", **card}}}
    return declare(root, measures, inputs, units=UNITS, targets=targets, strategy=strategy, **more)


def scored(
    root: Path, card: dict[str, Any], values: dict[str, float | None], kpis: dict[str, Any] | None = None, **more: Any
) -> Figures:
    """The scores of north in March 2024 where these are the KPIs' values; None is missing."""
    project = declared(root, card, {name: (kpis or {}).get(name, {}) for name in values}, **more)
    frame = rows({"day": date(2024, 3, 1), "reason": name, "hours": v} for name, v in values.items() if v is not None)
    return figures(project, frame, "2024-03")


def one(kpis: Any, **roll_up: Any) -> dict[str, Any]:
    """A scorecard with one objective."""
    return {"objectives": {"o": {"name": "O", "perspective": "financial", "kpis": kpis, "roll_up": roll_up}}}


def row(found: Figures, node: str = "o", level: str = "objective") -> dict[str, Any]:
    return found.score(node, "north", "2024-03", level)


VALUES = {"a": 20.0, "b": 50.0, "c": 125.0}
WEIGHED = {"a": {"weight": 1}, "b": {"weight": 2}, "c": {"weight": 1}}


@pytest.mark.parametrize(
    ("method", "score", "raw"),
    [
        ("weighted mean", (20 + 2 * 50 + 100) / 4, (20 + 2 * 50 + 125) / 4),
        ("geometric mean", (20 * 50**2 * 100) ** 0.25, (20 * 50**2 * 125) ** 0.25),
        ("harmonic mean", 4 / (1 / 20 + 2 / 50 + 1 / 100), 4 / (1 / 20 + 2 / 50 + 1 / 125)),
        ("worst", 20, 20),
        ("share on target", 25, 25),
    ],
)
def test_a_node_combines_its_parts_by_its_method(tmp_path: Path, method: str, score: float, raw: float) -> None:
    found = row(scored(tmp_path, one(WEIGHED, method=method), VALUES))
    assert (found["score"], found["raw_score"]) == (pytest.approx(score, rel=1e-12), pytest.approx(raw, rel=1e-12))


@pytest.mark.parametrize("method", ["geometric mean", "harmonic mean"])
def test_one_score_of_zero_makes_a_geometric_or_harmonic_mean_zero(tmp_path: Path, method: str) -> None:
    assert row(scored(tmp_path, one(WEIGHED, method=method), {**VALUES, "b": -4.0}))["score"] == 0


def test_the_share_on_target_forgives_float_noise_and_nothing_more(tmp_path: Path) -> None:
    card = one(["a", "b", "c"], method="share on target")
    found = row(scored(tmp_path, card, {"a": 100 - 1e-10, "b": 100 - 1e-8, "c": 300.0}))
    assert found["score"] == pytest.approx(200 / 3)


def test_a_self_standing_node_has_the_score_of_its_own_kpi_and_the_others_stand_by(tmp_path: Path) -> None:
    card = one(WEIGHED, method="self-standing", kpi="b")
    found = scored(tmp_path, card, {**VALUES, "a": None})
    assert (row(found)["score"], row(found)["coverage"]) == (50, 0.75)
    assert [found.score(k, "north", "2024-03")["effective_share"] for k in "abc"] == [0, 1, 0]
    missing = row(scored(tmp_path / "missing", card, {**VALUES, "b": None}))
    assert (missing["score"], missing["missing_reason"]) == (None, "own_kpi_missing")


def test_a_self_standing_scorecard_may_be_judged_by_a_kpi_far_below(tmp_path: Path) -> None:
    card = {**one(WEIGHED), "roll_up": {"method": "self-standing", "kpi": "c"}}
    found = scored(tmp_path, card, VALUES)
    assert row(found, "main", "scorecard")["score"] == 100
    assert row(found)["score"] == 55
    assert [found.score(k, "north", "2024-03")["effective_share"] for k in "abc"] == [0, 0, 1]


def test_a_self_standing_node_whose_kpi_applies_nowhere_is_missing_and_says_so(tmp_path: Path) -> None:
    nowhere = {"a": {}, "b": {"applies_to": {"levels": "person"}}}
    found = scored(tmp_path, one(nowhere, method="self-standing", kpi="b"), {"a": 20.0, "b": 50.0})
    line, top = row(found), row(found, "main", "scorecard")
    assert (line["score"], line["raw_score"], line["missing_reason"]) == (None, None, "own_kpi_missing")
    assert (line["lagging_score"], line["coverage"], line["applicable_count"]) == (None, 1, 1)
    assert (top["score"], top["missing_reason"]) == (None, "nothing_scored")


GONE = {"a": 20.0, "b": 50.0, "c": None}


@pytest.mark.parametrize(
    ("roll_up", "score", "reason"),
    [
        ({}, 40, None),
        ({"missing": "strict"}, None, "part_missing"),
        ({"minimum_parts": 2}, 40, None),
        ({"minimum_parts": 3}, None, "too_few_parts"),
        ({"minimum_coverage": "75%"}, 40, None),
        ({"minimum_coverage": "76%"}, None, "coverage_below_minimum"),
    ],
)
def test_what_a_missing_part_does_is_declared_for_the_node(
    tmp_path: Path, roll_up: dict[str, Any], score: float | None, reason: str | None
) -> None:
    found = row(scored(tmp_path, one(WEIGHED, **roll_up), GONE))
    assert (found["score"], found["missing_reason"], found["coverage"]) == (score, reason, 0.75)


def test_where_a_node_says_nothing_the_organisation_does(tmp_path: Path) -> None:
    organisation = {"roll_up": {"missing": "strict", "method": "worst"}}
    assert row(scored(tmp_path, one(WEIGHED), GONE, scorecard=organisation))["missing_reason"] == "part_missing"
    own = one(WEIGHED, missing="renormalise")
    assert row(scored(tmp_path / "own", own, GONE, scorecard=organisation))["score"] == 20


DEEP = {
    "objectives": {
        "top": {"name": "T", "perspective": "financial", "kpis": {"a": {"weight": 1}}},
        "middle": {"name": "M", "perspective": "financial", "part_of": "top", "weight": 3, "kpis": []},
        "leaf": {
            "name": "L", "perspective": "financial", "part_of": "middle", "kpis": ["b", "c"],
            "roll_up": {"method": "worst"},
        },
        "other": {"name": "O", "perspective": "financial", "part_of": "middle", "weight": 3, "kpis": ["d"]},
    }
}  # fmt: skip


def test_objectives_are_part_of_others_to_any_depth(tmp_path: Path) -> None:
    values = {"a": 80.0, "b": 30.0, "c": 90.0, "d": 50.0}
    found = scored(tmp_path, DEEP, values)
    assert [row(found, name)["score"] for name in ("leaf", "other", "middle", "top")] == [30, 50, 45, 53.75]
    assert row(found, "financial", "perspective")["score"] == 53.75
    assert [row(found, name)["parent"] for name in ("leaf", "middle", "top")] == ["middle", "top", "financial"]
    shares = [found.score(k, "north", "2024-03")["share"] for k in "abcd"]
    assert shares == pytest.approx([0.25, 0.75 * 0.25 / 2, 0.75 * 0.25 / 2, 0.75 * 0.75], abs=1e-15)
    assert row(found, "top")["applicable_count"] == 4


def test_an_objective_comes_after_its_parts_whatever_their_names(tmp_path: Path) -> None:
    objectives = {
        "a": {"name": "A", "perspective": "financial", "kpis": []},
        "b": {"name": "B", "perspective": "financial", "part_of": "a", "kpis": []},
        "c": {"name": "C", "perspective": "financial", "part_of": "b", "kpis": ["a"]},
    }
    found = scored(tmp_path, {"objectives": objectives}, {"a": 30.0})
    assert [row(found, name)["score"] for name in "abc"] == [30, 30, 30]


def test_a_dated_weight_is_for_its_level_even_where_names_are_the_same(tmp_path: Path) -> None:
    objectives = {
        "financial": {"name": "F", "perspective": "financial", "kpis": ["a"]},
        "other": {"name": "O", "perspective": "financial", "kpis": ["b"]},
        "third": {"name": "T", "perspective": "customer", "kpis": ["c"]},
    }
    table = "scorecard,level,node,unit,effective_from,weight\n,objective,financial,,2024-01-01,3\n"
    found = scored(tmp_path, {"objectives": objectives}, {"a": 1.0, "b": 2.0, "c": 3.0}, weights=table)
    assert [row(found, name)["weight"] for name in ("financial", "other", "third")] == [0.75, 0.25, 1]
    assert row(found, "financial", "perspective")["weight"] == 0.5


def test_beside_every_combined_score_stand_counts_by_status_and_leading_and_lagging_scores(tmp_path: Path) -> None:
    values = {"a": 100.0, "b": 20.0, "c": 80.0, "d": None}
    card = one({"a": {"weight": 1}, "b": {"weight": 3}, "c": {"weight": 2}, "d": {"weight": 2}})
    found = scored(tmp_path, card, values, {"a": {"leading": True}, "b": {"leading": True}})
    for node, level in (("o", "objective"), ("financial", "perspective"), ("main", "scorecard")):
        line = row(found, node, level)
        assert (line["leading_score"], line["lagging_score"]) == (40, 80)
        assert [line[f"{s}_count"] for s in ("bad", "warning", "good", "scored", "applicable")] == [1, 1, 1, 3, 4]
    kpi = found.score("a", "north", "2024-03")
    assert (kpi["leading_score"], kpi["good_count"]) == (None, None)


WEIGHTS = """\
scorecard,level,node,unit,effective_from,weight
,kpi,b,,2024-01-01,3
,kpi,b,north,2024-02-01,7
,kpi,b,north,2024-04-01,99
,kpi,b,company,2024-03-01,9
,objective,o,,2024-03-01,4
"""
TWO = {
    "objectives": {
        "o": {"name": "O", "perspective": "financial", "kpis": ["a", "b"]},
        "p": {"name": "P", "perspective": "financial", "kpis": ["c"]},
    }
}


@pytest.mark.parametrize(
    ("unit", "period", "weight"),
    [
        ("north", "2023-12", 1 / 2), ("north", "2024-01", 3 / 4), ("north", "2024-02", 7 / 8),
        ("north", "2024-03", 7 / 8), ("north", "2024-04", 0.99), ("west", "2024-03", 7 / 8),
        ("south", "2024-02", 3 / 4), ("south", "2024-03", 9 / 10),
    ],
)  # fmt: skip
def test_a_weight_holds_from_its_day_for_its_unit_and_all_below(
    tmp_path: Path, unit: str, period: str, weight: float
) -> None:
    project = declared(tmp_path, TWO, {name: {} for name in "abc"}, weights=WEIGHTS)
    found = figures(project, rows([{"day": date(2024, 3, 1), "reason": "a", "hours": 1.0}]), "2023-12", "2024-04")
    assert found.score("b", unit, period)["weight"] == pytest.approx(weight, abs=1e-15)
    objective = found.score("o", unit, period, "objective")["weight"]
    assert objective == (0.8 if period >= "2024-03" else 0.5)


SUMS = """\
kpi,unit,effective_from,anchor,value,per
k,,,floor,0,
k,,,target,7,
k,west,,target,10,month
k,south,,target,5,month
k,company,2024-05-01,target,500,
"""


def summed(root: Path, table: str = SUMS, strategy: dict[str, Any] | None = None) -> Figures:
    kpis = {"k": {"value": "m", "window": "quarter to date", "target_roll_up": "sum"}}
    project = declare(root, {"m": {"value": "SUM(hours)"}}, kpis, units=UNITS, targets=table, strategy=strategy)
    return figures(project, rows([{"day": date(2024, 1, 1), "hours": 1.0}]), "2024-01", "2024-05")


@pytest.mark.parametrize(
    ("unit", "period", "target"),
    [
        ("west", "2024-02", 20), ("north", "2024-02", 20), ("south", "2024-03", 15), ("company", "2024-01", 15),
        ("company", "2024-03", 45), ("company", "2024-05", 500),
    ],
)  # fmt: skip
def test_a_target_may_be_the_sum_of_those_below(tmp_path: Path, unit: str, period: str, target: float) -> None:
    found = summed(tmp_path)
    assert found.score("k", unit, period)["target"] == target
    origins = {name: origin for name, anchor, origin in found.anchors.filter(period=date(2024, 1, 1)).select(
        "unit", "anchor", "origin").iter_rows() if anchor == "target"}  # fmt: skip
    assert origins["company"] == origins["north"] == "sum of the units below"
    assert origins["south"] == "targets.csv:5"


def test_no_partial_sum_stands_for_a_target(tmp_path: Path) -> None:
    without_south = "".join(line for line in SUMS.splitlines(keepends=True) if "south" not in line)
    found = summed(tmp_path, without_south)
    assert [found.score("k", unit, "2024-01")["target"] for unit in ("company", "north", "south")] == [7, 10, 7]


def test_targets_are_summed_over_units_that_have_another_scorecard(tmp_path: Path) -> None:
    objectives = {"o": {"name": "O", "perspective": "financial", "kpis": ["k"]}}
    strategy = {
        "scorecards": {
            "main": {"name": "M", "units": {"levels": "company"}, "objectives": objectives},
            "below": {"name": "B", "units": {"excluding": []}, "objectives": objectives},
        }
    }
    found = summed(tmp_path, strategy=strategy).scores
    one_card = found.filter(scorecard="main", level="kpi", period=date(2024, 1, 1))
    assert one_card["target"].to_list() == [15]


def test_no_scorecard_applies_gives_no_scores(tmp_path: Path) -> None:
    card = {**one(["a"]), "units": {"levels": "person"}}
    found = scored(tmp_path, card, {"a": 1.0}).scores
    assert (found.height, found.schema) == (0, pl.Schema(SCORES))


def problems(root: Path, card: dict[str, Any], kpis: dict[str, Any] | None = None, **more: Any) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        declared(root, card, kpis or {name: {} for name in "abc"}, **more)
    return [str(problem) for problem in caught.value.problems if problem.severity == "error"]


def parts(**of: str) -> dict[str, Any]:
    """Objectives o, p, q (q of another perspective), each part of what is given."""
    places = {"o": "financial", "p": "financial", "q": "customer"}
    kpis = {"o": ["a"], "p": ["b"], "q": ["c"]}
    return {
        "objectives": {
            name: {"name": name, "perspective": place, "kpis": kpis[name]}
            | ({"part_of": of[name]} if name in of else {})
            for name, place in places.items()
        }
    }


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (parts(o="pp"), "o.part_of: 'pp' is not another objective of this scorecard. Did you mean 'p'?"),
        (parts(o="o"), "o.part_of: 'o' is not another objective of this scorecard."),
        (parts(o="q"), "o.part_of: 'q' stands in the perspective 'customer', this objective in 'financial'."),
        (parts(o="p", p="o"), "o.part_of: runs in a circle: o is part of p is part of o. Take one 'part_of' out."),
        (
            {**parts(), "roll_up": {"method": "self-standing", "kpi": "x"}},
            "scorecards.main.roll_up.kpi: 'x' is not a KPI below this node.",
        ),
        (
            {"objectives": {**parts()["objectives"], **one(["a"], method="self-standing", kpi="b")["objectives"]}},
            "objectives.o.roll_up.kpi: 'b' is not a KPI below this node.",
        ),
        (
            {
                **parts(), "perspectives": {
                    "financial": {"name": "F", "roll_up": {"method": "self-standing", "kpi": "c"}},
                    "customer": {"name": "C"},
                },
            },
            "perspectives.financial.roll_up.kpi: 'c' is not a KPI below this node.",
        ),
    ],
)  # fmt: skip
def test_a_tree_that_cannot_be_is_refused_with_what_to_do(tmp_path: Path, card: dict[str, Any], told: str) -> None:
    (found,) = problems(tmp_path, card)
    assert found.startswith("strategy.yaml:")
    assert told in found


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (",kpi,z,,,2", "weights.csv:2: node: 'z' is not a KPI of any scorecard. Known: 'a', 'b', 'c'."),
        (
            "main,perspective,finance,,,2",
            "'finance' is not a perspective of the scorecard 'main'. Did you mean 'financial'?",
        ),
        (",objective,a,,,2", "'a' is not an objective of any scorecard."),
        (",kpi,a,nort,,2", "weights.csv:2: unit: 'nort' is not a unit. Did you mean 'north'?"),
        ("mian,kpi,a,,,2", "weights.csv:2: scorecard: 'mian' is not a scorecard. Did you mean 'main'?"),
        (",kpi,a,,,2\n,kpi,a,,,3", "weights.csv:3: node: repeats line 2. Keep one of them."),
    ],
)
def test_a_weight_of_nothing_is_refused(tmp_path: Path, line: str, told: str) -> None:
    table = f"scorecard,level,node,unit,effective_from,weight\n{line}\n"
    (found,) = problems(tmp_path, parts(), weights=table)
    assert told in found


@pytest.mark.parametrize(
    ("kpi", "told"),
    [
        (
            {"scoring": {"formula": "value / gaol"}},
            "kpis.a.scoring.formula: 'gaol' is not a column of a scoring rule.",
        ),
        ({"scoring": {"formula": "value > 3"}}, "gives true or false, not a number."),
        ({"scoring": {"formula": "SUM(value)"}}, "must not hold an aggregate"),
        ({"scoring": {"steps": [{"when": "value", "score": 1}]}}, "scoring.steps.0.when: 'value' gives a number"),
        (
            {"scoring": {"steps": [{"when": "value > 1", "score": 1, "band": "rde"}]}},
            "scoring.steps.0.band: 'rde' is not a band. Did you mean 'red'?",
        ),
        (
            {"direction": "within", "scoring": {"relative": {"to": "level", "by": "min-max"}}},
            "kpis.a.direction: is within, which 'scoring.relative' has no range for. Write higher or lower.",
        ),
        ({"measured_in": "yes/no", "scoring": {"scale": "log"}}, "kpis.a.measured_in: is yes/no"),
        ({"scored": False, "scoring": {"formula": "value"}}, "kpis.a.scored: is false, but 'scoring' says"),
        (
            {"measured_in": "percent", "target_roll_up": "sum"},
            "kpis.a.target_roll_up: is sum, but percentages of units do not add up.",
        ),
    ],
)
def test_a_way_of_scoring_that_cannot_work_is_refused(tmp_path: Path, kpi: dict[str, Any], told: str) -> None:
    found = problems(tmp_path, parts(), {"a": kpi, "b": {}, "c": {}})
    assert any(told in problem and problem.startswith("kpis/all.yaml:") for problem in found), found


@pytest.mark.parametrize(
    ("kpi", "lines", "told"),
    [
        (
            {}, "k,lower_floor,0",
            "'lower_floor' is not an anchor of the scale. It belongs to KPIs with 'direction: within'",
        ),
        (
            {"direction": "within"}, "k,floor,0",
            "'floor' does not say which side of the range it is on; 'k' is better within. "
            "Write lower_floor or upper_floor.",
        ),
        (
            {"direction": "within"}, "k,lower_floor,5\nk,lower_target,5",
            "'lower_target' (5) must be above 'lower_floor' (5), on the lower side of a range.",
        ),
        (
            {"direction": "within"}, "k,target,5\nk,upper_floor,4",
            "'target' (5) must be below 'upper_floor' (4), on the upper side of a range.",
        ),
        (
            {"direction": "within"}, "k,lower_target,6\nk,upper_target,5\nk,lower_floor,1",
            "'upper_target' (5) must not be below 'lower_target' (6). Swap them.",
        ),
        (
            {"scoring": {"scale": "log"}}, "k,floor,0\nk,target,5",
            "targets.csv:2: value: 0 has no logarithm, but 'k' is scored with 'scale: log'.",
        ),
    ],
)  # fmt: skip
def test_anchors_that_give_no_scale_are_refused(tmp_path: Path, kpi: dict[str, Any], lines: str, told: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        declare(
            tmp_path,
            {"m": {"value": "SUM(hours)"}},
            {"k": {"value": "m", **kpi}},
            targets=f"kpi,anchor,value\n{lines}\n",
        )
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("kpi", "lines", "is_warned"),
    [
        ({"direction": "within"}, "k,target,5\nk,upper_floor,9", False),
        ({"direction": "within"}, "k,lower_target,5\nk,upper_floor,9", True),
        ({"direction": "within"}, "k,target,5", True),
        ({}, "k,target,5\nk,baseline,3", True),
        ({"scored": False}, "k,baseline,3", False),
        ({"scoring": {"formula": "value / baseline"}}, "k,baseline,3", False),
    ],
)
def test_a_kpi_that_cannot_be_scored_is_warned_about(
    tmp_path: Path, kpi: dict[str, Any], lines: str, is_warned: bool
) -> None:
    project = declare(
        tmp_path, {"m": {"value": "SUM(hours)"}}, {"k": {"value": "m", **kpi}},
        targets=f"kpi,anchor,value\n{lines}\n", scorecard={"scale": {"references": "baseline"}},
    )  # fmt: skip
    assert any(problem.rule == "kpi-without-target" for problem in lint(project)) == is_warned


@pytest.mark.parametrize("name", ["value", "lower_limit"])
def test_an_anchor_or_reference_must_not_take_a_name_with_a_meaning(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeclarationError, match=f"'{name}' has a meaning of its own"):
        declare(tmp_path, scorecard={"scale": {"references": [name]}})


def test_a_programme_adds_up_points_where_all_weights_are_points(tmp_path: Path) -> None:
    kpis = {name: {"value": "revenue"} for name in ("a", "b", "c")}
    strategy = {"scorecards": {"main": {
        "name": "Main", "weights": {"financial": 50, "customer": 30}, "objectives": {
            "one": {"name": "One", "perspective": "financial", "weight": 50, "kpis": {"a": 30, "b": 20}},
            "two": {"name": "Two", "perspective": "customer", "weight": 30, "kpis": {"c": 30}},
        },
    }}}  # fmt: skip
    for uses in strategy["scorecards"]["main"]["objectives"].values():  # type: ignore[attr-defined]
        uses["kpis"] = {name: {"weight": points} for name, points in uses["kpis"].items()}
    targets = "kpi,anchor,value\n" + "".join(
        f"{name},floor,0\n{name},target,{full}\n" for name, full in (("a", 10), ("b", 20), ("c", 40))
    )
    project = declare(
        tmp_path, None, kpis, strategy=strategy, targets=targets,
        scorecard={
            "scale": {"anchors": {"floor": 0, "target": 80}, "highest": 80},
            "perspectives": {"financial": {"name": "F"}, "customer": {"name": "C"}},
        },
    )  # fmt: skip
    found = figures(project, rows([{"day": date(2024, 1, 5), "amount": Decimal(10)}]), "2024-01")
    earned = 30 * 1 + 20 * 0.5 + 30 * 0.25
    assert found.score("main", "north", "2024-01", "scorecard")["score"] == pytest.approx(earned)
