"""transforms.kpi_movement, movement, adding_up, rate_and_mix and definitions, on whole small projects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.steps.insight import COMPARED, crossing_of, shifted
from scorecards.project import Project
from tests.declared import Figures, declare, figures_of, rows
from transforms.adding_up import AddsUp, adds_up
from transforms.definitions import definition_digest, kpi_definitions, redefined
from transforms.kpi_movement import kpi_parts
from transforms.movement import PREVIOUS_PERIOD, score_changes
from transforms.nodes import nodes
from transforms.pack_insight_building import InsightTables
from transforms.plan import make_plan
from transforms.rate_and_mix import units_below, value_changes

THEN, NOW = date(2024, 2, 1), date(2024, 3, 1)
NOTHING = pl.DataFrame(schema={"period": pl.Date, "kpi": pl.String})
MEASURES = {
    "total": {"value": "SUM(amount)"},
    "count": {"value": "COUNT(*)"},
    "mean": {"value": "AVG(amount)"},
    "names": {"value": "COUNT(DISTINCT reason)"},
    "stock": {"value": "SUM(pieces)", "over_time": "last"},
    "most": {"value": "SUM(pieces)", "over_time": "maximum"},
}
KPIS: dict[str, dict[str, Any]] = {
    "sum": {"value": "total"},
    "ratio": {"value": "100 - 50 * total / count"},
}
TARGETS = """\
kpi,anchor,value,effective_from
sum,floor,0,
sum,target,100,
sum,target,200,2024-03-01
"""


def sales(unit: str, month: int, amount: float, number: int = 1) -> list[dict[str, Any]]:
    return [{"unit": unit, "day": date(2024, month, 1 + n), "amount": amount} for n in range(number)]


def changes(project: Project, found: Figures, redefined_kpis: pl.DataFrame = NOTHING) -> pl.DataFrame:
    """The score changes of March against February."""

    def of(frame: pl.DataFrame, back: int = 0) -> pl.DataFrame:
        return shifted(frame, back).filter(pl.col("period") == NOW)

    ends = [(of(frame), of(frame, 1)) for frame in (found.scores, found.anchors)]
    crossing = crossing_of(project, [NOW], found.values, *ends[1], back=1)
    parts = kpi_parts(*ends[0], *ends[1], redefined_kpis, crossing)
    return score_changes(*ends[0], nodes(project), project.organisation.scale, parts, PREVIOUS_PERIOD)


def points(frame: pl.DataFrame, level: str, unit: str = "north") -> dict[tuple[str, str | None], float]:
    found = frame.filter(pl.col("level") == level, pl.col("unit") == unit, pl.col("points").is_not_null())
    return {(row["part"], row["kpi"]): row["points"] for row in found.iter_rows(named=True)}


def split_of(project: Project, found: Figures, kpi: str, unit: str = "company") -> dict[str | None, dict[str, Any]]:
    """The value changes of March against February, by sub-unit."""
    frame = value_changes(
        found.values.filter(pl.col("period") == NOW),
        shifted(found.values, 1).filter(pl.col("period") == NOW),
        units_below(project, {NOW: NOW}), units_below(project, {NOW: THEN}),
        adds_up(project), NOTHING, PREVIOUS_PERIOD,
    ).filter(pl.col("kpi") == kpi, pl.col("unit") == unit)  # fmt: skip
    return {row["sub_unit"]: row for row in frame.iter_rows(named=True)}


def test_a_target_that_doubles_takes_its_own_part_of_the_change(tmp_path: Path) -> None:
    project = declare(tmp_path, MEASURES, {"sum": KPIS["sum"]}, targets=TARGETS)
    found = figures_of(project, rows([*sales("north", 2, 50), *sales("north", 3, 80)]), [THEN, NOW])
    # 50 of 100 is 50, 80 of 200 is 40. By the old target 80 is 80, by the new one 50 is 25: the value's effect is
    # 30 or 15, the target's -40 or -25.
    assert points(changes(project, found), "kpi") == {("value", "sum"): 22.5, ("target", "sum"): -32.5}
    assert points(changes(project, found), "scorecard") == {("value", "sum"): 22.5, ("target", "sum"): -32.5}


def test_a_pack_tells_the_parts_of_a_perspectives_own_change(tmp_path: Path) -> None:
    kpis = {"a": {"value": "total"}, "b": {"value": "count"}}
    targets = TARGETS.replace("sum", "a") + "b,floor,0,\nb,target,10,\n"
    project = declare(tmp_path, MEASURES, kpis, targets=targets)
    found = figures_of(project, rows([*sales("north", 2, 50), *sales("north", 3, 40, 2)]), [THEN, NOW])
    moved = changes(project, found)
    ((card, perspective),) = moved.filter(pl.col("level") == "perspective").select("scorecard", "node").unique().rows()
    tables = InsightTables(moved, *(pl.DataFrame() for _ in range(4)))
    told = tables.of_perspective(card, "north", perspective, {("kpi", "a"): "A", ("of", "a"): "P"})
    parts = points(moved, "perspective")
    assert {(part.part, part.kpi): part.points for part in told} == {
        ("value", "a"): parts["value", "a"], ("value", "b"): parts["value", "b"], ("target", None): parts["target", "a"]
    }  # fmt: skip
    assert {(part.name, part.perspective) for part in told if part.kpi == "a"} == {("A", "P")}
    assert tables.of_perspective(card, "nowhere", perspective, {}) == ()


def test_a_kpi_declared_otherwise_then_is_told_as_such_and_not_as_performance(tmp_path: Path) -> None:
    project = declare(tmp_path, MEASURES, {"sum": KPIS["sum"]}, targets=TARGETS)
    found = figures_of(project, rows([*sales("north", 2, 50), *sales("north", 3, 80)]), [THEN, NOW])
    other = pl.DataFrame({"period": [NOW], "kpi": ["sum"]})
    assert points(changes(project, found, other), "scorecard") == {("definition", "sum"): -10.0}


def test_another_roll_up_than_then_is_a_part_of_its_own(tmp_path: Path) -> None:
    kpis = {"a": {"value": "total"}, "b": {"value": "count"}}
    targets = "kpi,anchor,value\na,floor,0\na,target,100\nb,floor,0\nb,target,10\n"
    project = declare(tmp_path, MEASURES, kpis, targets=targets)
    found = figures_of(project, rows([*sales("north", 2, 80), *sales("north", 3, 80)]), [THEN, NOW])
    top = (pl.col("level") == "objective") & (pl.col("period") == THEN)
    # What was the worst of 80 and 10 then is their mean, 45, now.
    worst = found.scores.with_columns(pl.when(top).then(10.0).otherwise("score").alias("score"))
    moved = points(changes(project, Figures(found.inputs, found.values, found.anchors, worst)), "objective")
    assert moved == {("value", "a"): 0, ("value", "b"): 0, ("definition", None): pytest.approx(35)}


def test_a_kpi_that_comes_is_named_and_no_weight_is_said_to_have_changed(tmp_path: Path) -> None:
    kpis = {"a": {"value": "total"}, "b": {"value": "stock"}}
    targets = "kpi,anchor,value\na,floor,0\na,target,100\nb,floor,0\nb,target,10\n"
    project = declare(tmp_path, MEASURES, kpis, targets=targets)
    late = [{"unit": "north", "day": date(2024, 3, 5), "pieces": 10}]
    found = figures_of(project, rows([*sales("north", 2, 50), *sales("north", 3, 50), *late]), [THEN, NOW])
    assert points(changes(project, found), "scorecard") == {("value", "a"): 0, ("came", "b"): 25}


def test_without_an_earlier_score_there_is_no_split_but_a_reason(tmp_path: Path) -> None:
    project = declare(tmp_path, MEASURES, {"sum": KPIS["sum"]}, targets="kpi,anchor,value\nsum,floor,0\nsum,target,9\n")
    found = figures_of(project, rows(sales("north", 3, 5)), [NOW])
    moved = changes(project, found)
    assert set(moved["missing_reason"]) == {"not_scored_then"}
    assert moved["points"].null_count() == moved.height == 12


def test_a_ratio_is_told_apart_into_rate_and_mix_with_its_factor(tmp_path: Path) -> None:
    project = declare(tmp_path, MEASURES, {"ratio": KPIS["ratio"]}, targets="")
    then = [*sales("north", 2, 10, 3), *sales("south", 2, 20)]
    now = [*sales("north", 3, 10), *sales("south", 3, 24, 3)]
    found = figures_of(project, rows([*then, *now]), [THEN, NOW])
    split = split_of(project, found, "ratio")
    # North's share falls from 3/4 to 1/4 at a rate of 10; south's rises, at rates of 20, then 24. Overall 12.5 -> 20.5.
    assert split["north"]["rate"] == pytest.approx(0)
    assert split["north"]["mix"] == pytest.approx(-50 * -0.5 * (10 - 16.5))
    assert split["south"]["rate"] == pytest.approx(-50 * 0.5 * 4)
    assert split["south"]["mix"] == pytest.approx(-50 * 0.5 * (22 - 16.5))
    assert set(split) == {"north", "south"}
    assert sum(row["change"] for row in split.values()) == pytest.approx(-50 * (20.5 - 12.5))


def test_rows_of_the_unit_itself_are_the_rest(tmp_path: Path) -> None:
    project = declare(tmp_path, MEASURES, {"sum": KPIS["sum"]}, targets="")
    then = [*sales("north", 2, 10), *sales("company", 2, 1)]
    now = [*sales("north", 3, 14), *sales("company", 3, 4), *sales("south", 3, 2)]
    found = figures_of(project, rows([*then, *now]), [THEN, NOW])
    assert {unit: row["change"] for unit, row in split_of(project, found, "sum").items()} == {
        "north": 4, "south": 2, None: 3
    }  # fmt: skip


def test_a_unit_that_closes_takes_all_of_its_part_along(tmp_path: Path) -> None:
    units = "id,name,level,parent,valid_to\ncompany,C,company,,\nnorth,N,division,company,\n"
    units += "south,S,division,company,2024-02-29\n"
    project = declare(tmp_path, MEASURES, {"sum": KPIS["sum"]}, targets="", units=units)
    found = figures_of(
        project, rows([*sales("north", 2, 10), *sales("south", 2, 7), *sales("north", 3, 12)]), [THEN, NOW]
    )
    split = {unit: row["change"] for unit, row in split_of(project, found, "sum").items()}
    assert split == {"north": 2, "south": -7}


@pytest.mark.parametrize(
    ("value", "how"),
    [
        ("total", AddsUp(False)),
        ("2 * (total - stock) / 4", AddsUp(False)),
        ("total / count", AddsUp(True, 1.0)),
        ("1 - total / count", AddsUp(True, -1.0)),
        ("(total / count - 1) * 100", AddsUp(True, 100.0)),
        ("(total - stock) / count", AddsUp(True, 1.0)),
        ("mean", None),
        ("names", None),
        ("names / count", None),
        ("most", None),
        ("total + 1", None),
        ("total * count", None),
        ("total / count * stock", None),
        ("total / count / stock", None),
        ("POWER(total / count, 2)", None),
        ("total / count + stock / count", None),
    ],
)  # fmt: skip
def test_only_sums_and_ratios_of_sums_add_up(tmp_path: Path, value: str, how: AddsUp | None) -> None:
    project = declare(tmp_path, MEASURES, {"k": {"value": value}}, targets="")
    assert adds_up(project).get("k") == how


def test_what_does_not_add_up_has_a_reason_instead_of_parts(tmp_path: Path) -> None:
    project = declare(tmp_path, MEASURES, {"k": {"value": "names"}}, targets="")
    named = [{**row, "reason": "a"} for month in (2, 3) for row in sales("north", month, 1)]
    split = split_of(project, figures_of(project, rows(named), [THEN, NOW]), "k")
    assert {unit: row["missing_reason"] for unit, row in split.items()} == {None: "does_not_add_up"}


def test_a_definition_changes_with_what_its_value_is_and_not_with_its_name(tmp_path: Path) -> None:
    def digest(kpi: Mapping[str, Any], total: str = "SUM(amount)") -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        project = declare(folder, {**MEASURES, "total": {"value": total}}, {"k": {"value": "total", **kpi}}, targets="")
        return definition_digest(project, project.kpis["k"])

    same = digest({})
    assert digest({"name": "Other", "owner": "Somebody"}) == same
    others = [digest({"window": "quarter to date"}), digest({"where": "late"}), digest({}, "SUM(hours)")]
    assert same not in others
    assert len(set(others)) == 3


def test_only_months_of_another_digest_count_as_redefined(tmp_path: Path) -> None:
    project = declare(tmp_path, MEASURES, KPIS, targets="")
    now = kpi_definitions(project, make_plan(project), [NOW])
    then = now.with_columns(pl.when(pl.col("kpi") == "sum").then(pl.lit("other")).otherwise("digest").alias("digest"))
    assert redefined(now, then).to_dicts() == [{"period": NOW, "kpi": "sum"}]
    assert redefined(now, then.clear()).is_empty()


def test_scores_are_compared_with_the_month_before_and_the_year_before() -> None:
    assert COMPARED == {"previous period": 1, "last year": 12}


@pytest.mark.parametrize(
    "method", ["weighted mean", "geometric mean", "harmonic mean", "worst", "share on target", "self-standing"]
)
def test_parts_sum_under_every_roll_up_as_scores_are_really_combined(tmp_path: Path, method: str) -> None:
    kpis = {name: {"value": value} for name, value in {"a": "total", "b": "count", "c": "stock"}.items()}
    targets = "kpi,anchor,value\n" + "".join(f"{kpi},floor,0\n{kpi},target,10\n" for kpi in kpis)
    own = {"method": method, **({"kpi": "b"} if method == "self-standing" else {})}
    objectives = {
        "x": {"name": "X", "perspective": "financial", "kpis": {"a": {"weight": 3}, "b": {}}, "roll_up": own},
        "y": {"name": "Y", "perspective": "financial", "weight": 2, "kpis": ["c"]},
    }
    card = {"name": "M", "objectives": objectives, "roll_up": own}
    project = declare(tmp_path, MEASURES, kpis, targets=targets, strategy={"scorecards": {"main": card}})
    stock = [{"unit": "north", "day": date(2024, month, 9), "pieces": 3 * month} for month in (2, 3)]
    found = figures_of(project, rows([*sales("north", 2, 1.5, 4), *sales("north", 3, 0.5, 11), *stock]), [THEN, NOW])
    moved = changes(project, found)
    for level, node in (("objective", "x"), ("perspective", "financial"), ("scorecard", "main")):
        ends = [found.score(node, "north", month, level)["score"] for month in ("2024-02", "2024-03")]
        parts = points(moved.filter(pl.col("node") == node), level)
        assert sum(parts.values()) == pytest.approx(ends[1] - ends[0], abs=1e-9)
        assert "definition" not in {part for part, _ in parts}
