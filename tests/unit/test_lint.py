"""The rules of `check` on declarations: each finds its own fault and nothing else, and can be switched off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scorecards.lint import RULES, lint
from scorecards.project import load_project
from tests.good_scorecard import TARGETS, change, found, good_scorecard, rules_found

KPIS, STRATEGY, SCORECARD = "kpis/all.yaml", "strategy.yaml", "scorecard.yaml"
AT = "scorecards.main"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without any finding."""
    return good_scorecard(tmp_path)


def objective(root: Path, name: str, **keys: Any) -> None:
    """Add an objective, by default one below `sell` with its KPI, or change keys of one."""
    usual = {"name": name, "perspective": "making", "leads_to": ["sell"], "kpis": []}

    def edit(data: Any) -> None:
        own = data["scorecards"]["main"]["objectives"]
        own[name] = {**own.get(name, usual), **keys}

    change(root, STRATEGY, edit)


def on_card(root: Path, **keys: Any) -> None:
    change(root, STRATEGY, lambda data: data["scorecards"]["main"].update(keys))


def kpi(root: Path, kpi_id: str, /, **keys: Any) -> None:
    change(root, KPIS, lambda data: data["kpis"].setdefault(kpi_id, dict(data["kpis"]["sales"])).update(keys))


def targets(root: Path, old: str, new: str) -> None:
    assert old in TARGETS
    (root / "targets.csv").write_text(TARGETS.replace(old, new))


def test_a_good_scorecard_has_no_finding(root: Path) -> None:
    assert found(root) == []


def test_an_objective_without_kpi_is_found_unless_it_has_parts(root: Path) -> None:
    objective(root, "grow", perspective="money")
    objective(root, "make", leads_to=["sell", "grow"])
    assert found(root) == [("objective-without-kpi", f"{AT}.objectives.grow", "has no KPI.")]
    kpi(root, "orders", value="pieces", leading=True)
    (root / "targets.csv").write_text(TARGETS + ",orders,,2025-01-01,floor,1,\n,orders,,2025-01-01,target,2,\n")
    objective(root, "part", perspective="money", part_of="grow", kpis=["orders"], leads_to=[])
    assert found(root) == []


def test_a_perspective_without_objective_is_found(root: Path) -> None:
    on_card(root, perspectives={"money": {"name": "M"}, "making": {"name": "P"}, "people": {"name": "L"}})
    message = "'people' has no objective on this scorecard."
    assert found(root) == [("perspective-without-objective", f"{AT}.perspectives.people", message)]


def test_a_perspective_without_leading_kpi_is_found_and_so_is_the_top_one_that_nothing_leading_drives(
    root: Path,
) -> None:
    kpi(root, "effort", leading=False)
    assert [(rule, key) for rule, key, _ in found(root)] == [
        ("perspective-without-leading-kpi", f"{AT}.perspectives.money"),
        ("perspective-without-leading-kpi", f"{AT}.perspectives.making"),
    ]


def test_more_than_25_objectives_and_no_fewer_are_found(root: Path) -> None:
    for number in range(23):
        objective(root, f"o{number}", kpis=[])
    assert "too-many-objectives" not in rules_found(root)
    objective(root, "one_more")
    finding = ("too-many-objectives", f"{AT}.objectives", "are 26, on one scorecard.")
    assert finding in found(root)


def test_more_than_40_kpis_on_one_page_are_found_where_they_apply(root: Path) -> None:
    for number in range(39):
        kpi(root, f"k{number}", value=f"revenue + {number}", anchors={"target": "pieces", "floor": "target / 2"})
    uses: dict[str, Any] = {"sales": {}, **{f"k{number}": {} for number in range(39)}}
    objective(root, "sell", kpis=uses)
    assert ("too-many-kpis", AT, "shows 41 KPIs on the page of 'south'.") in found(root)
    objective(root, "sell", kpis={**uses, "k0": {"applies_to": {"ids": ["north"]}}})
    assert ("too-many-kpis", AT, "shows 41 KPIs on the page of 'north'.") in found(root)
    objective(
        root, "sell", kpis={**uses, "k0": {"applies_to": {"ids": ["north"]}}, "k1": {"applies_to": {"ids": ["south"]}}}
    )
    assert "too-many-kpis" not in rules_found(root)


@pytest.mark.parametrize(
    ("money", "making", "messages"),
    [
        (1, 1, []),
        (3, 7, ["'making' carries 70% of the weight, more than 50%."]),
        (
            1,
            4,
            [
                "'money' carries 20% of the weight, less than half of an equal share (50%).",
                "'making' carries 80% of the weight, more than 50%.",
            ],
        ),
    ],
)
def test_weights_that_hide_a_perspective_are_found(root: Path, money: int, making: int, messages: list[str]) -> None:
    on_card(root, weights={"money": money, "making": making})
    assert [(rule, message) for rule, _, message in found(root)] == [
        ("weights-hide-a-perspective", message) for message in messages
    ]


def test_dated_weights_are_judged_as_they_follow_each_other(root: Path) -> None:
    header = "level,node,weight,effective_from\n"
    (root / "weights.csv").write_text(f"{header}perspective,making,9,2025-01-01\nperspective,money,9,2025-01-01\n")
    assert found(root) == []
    (root / "weights.csv").write_text(f"{header}perspective,making,9,2025-01-01\nperspective,money,9,2025-02-01\n")
    (hidden, ruling) = lint(load_project(root))
    assert (hidden.file, hidden.line, ruling.line) == ("weights.csv", 2, 2)
    assert ruling.message == "'making' carries 90% of the weight, more than 50% of 'main'."


def test_a_scorecard_below_another_must_support_one_of_its_objectives(root: Path) -> None:
    own = {"name": "Own", "perspective": "making", "kpis": ["effort"]}
    below = {"name": "B", "parent": "main", "perspectives": {"making": {"name": "M"}}, "objectives": {"own": own}}
    change(root, STRATEGY, lambda data: data["scorecards"].update(below=below))
    message = "no objective supports one of main."
    assert found(root) == [("scorecard-without-cascade", "scorecards.below.parent", message)]
    change(root, STRATEGY, lambda data: data["scorecards"]["below"]["objectives"]["own"].update(supports=["make"]))
    assert found(root) == []


def test_units_without_scorecard_are_told_in_one_note(root: Path) -> None:
    on_card(root, units={"levels": ["company"]})
    assert found(root) == [("unit-without-scorecard", "id", "north and south have no scorecard.")]


def test_the_map_is_judged_by_its_arrows(root: Path) -> None:
    kpi(root, "orders", value="pieces", anchors={"target": "work", "floor": "target / 2"})
    objective(root, "store", leads_to=[], kpis=["orders"])
    off = "objective-off-the-map"
    assert found(root) == [(off, f"{AT}.objectives.store", "supports no other objective.")]
    objective(root, "store", perspective="money")
    assert found(root) == [(off, f"{AT}.objectives.store", "is supported by no other objective.")]
    objective(root, "store", perspective="making", leads_to=["make"])
    assert found(root) == []
    objective(root, "make", leads_to=[])
    objective(root, "store", leads_to=[])
    message = "have no arrow between them: there is no map."
    assert (off, f"{AT}.objectives", message) in found(root)


def test_an_arrow_down_the_page_is_found(root: Path) -> None:
    kpi(root, "orders", value="pieces", anchors={"target": "work", "floor": "target / 2"})
    objective(root, "store", perspective="money", leads_to=["make"], kpis=["orders"])
    objective(root, "make", leads_to=["sell", "store"])
    message = "'money' stands above 'making', where 'make' is: the arrow runs down."
    assert ("map-runs-upstream", f"{AT}.objectives.store.leads_to", message) in found(root)


def test_a_circle_is_named_once_and_is_an_error(root: Path) -> None:
    for name, leads_to in (("a", ["b"]), ("b", ["c", "sell"]), ("c", ["a"])):
        objective(root, name, leads_to=leads_to)
    circles = [problem for problem in lint(load_project(root)) if problem.rule == "map-in-circles"]
    assert [(p.key, p.message) for p in circles] == [
        (f"{AT}.objectives.c.leads_to", "the map runs in a circle: a → b → c → a.")
    ]
    assert circles[0].severity == "error"


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ({"owner": " "}, "kpi-without-owner"),
        ({"measured_in": ""}, "kpi-without-measured-in"),
        ({"measured_in": "%"}, "percent-by-another-word"),
        ({"measured_in": "Per cent"}, "percent-by-another-word"),
        ({"definition": ""}, "kpi-without-definition"),
        ({"definition": "Our sales."}, "kpi-not-specific"),
        ({"name": "Share of late orders", "definition": "The share of the late orders"}, "kpi-not-specific"),
        ({"inputs": {"spare": {"measure": "work"}}}, "input-without-use"),
    ],
)
def test_a_kpi_must_say_what_it_is(root: Path, keys: dict[str, Any], rule: str) -> None:
    kpi(root, "sales", **keys)
    assert rules_found(root) == [rule]


@pytest.mark.parametrize("key", ["owner", "definition", "measured_in"])
def test_a_key_that_a_good_kpi_has_may_be_absent_and_is_told(root: Path, key: str) -> None:
    change(root, KPIS, lambda data: data["kpis"]["sales"].pop(key))
    assert rules_found(root) == [f"kpi-without-{key.replace('_', '-')}"]


def test_a_kpi_on_no_scorecard_is_found_unless_another_is_computed_from_it(root: Path) -> None:
    kpi(root, "orders", value="pieces")
    assert found(root) == [("kpi-on-no-scorecard", "kpis.orders", "stands on no scorecard.")]
    kpi(root, "sales", inputs={"orders": {"kpi": "orders"}}, value="revenue / orders")
    assert "kpi-on-no-scorecard" not in rules_found(root)


def test_every_rule_can_be_switched_off_and_only_with_a_reason(root: Path) -> None:
    kpi(root, "sales", owner="")
    change(root, SCORECARD, lambda data: data.update(rules_off={"kpi-without-owner": "The board owns it."}))
    assert found(root) == []
    change(root, SCORECARD, lambda data: data.update(rules_off={"kpi-without-owner": " "}))
    assert [(p.severity, p.message) for p in lint(load_project(root))] == [
        ("error", "is switched off without a reason.")
    ]


def test_a_switch_for_no_rule_is_an_error_and_an_idle_one_a_note(root: Path) -> None:
    off = {"kpi-without-ownr": "x", "kpi-twice": "x", "target-out-of-reach": "x"}
    change(root, SCORECARD, lambda data: data.update(rules_off=off))
    unknown, idle = lint(load_project(root))
    assert (unknown.severity, unknown.remedy) == ("error", "Did you mean 'kpi-without-owner'?")
    assert (unknown.file, unknown.key) == (SCORECARD, "rules_off.kpi-without-ownr")
    assert (idle.severity, idle.key) == ("note", "rules_off.kpi-twice")


def test_every_rule_explains_itself() -> None:
    for rule in RULES.values():
        assert rule.says.endswith(".")
        assert rule.remedy.endswith(".")
        assert len(rule.why) > 30
        assert rule.source
        assert not rule.source.endswith(".")


def test_a_declaration_that_stands_for_several_kpis_is_told_once_at_its_own_line(root: Path) -> None:
    each = {"column": "reason", "values": {"a": "A", "b": "B"}}
    kpi(root, "orders", value="pieces", owner="", each=each, anchors={"target": "work", "floor": "target / 2"})
    objective(root, "make", kpis=["effort", "orders"])
    (problem,) = lint(load_project(root))
    assert (problem.rule, problem.key) == ("kpi-without-owner", "kpis.orders.owner")
    assert "owner: ''" in (root / KPIS).read_text().splitlines()[problem.line - 1]
