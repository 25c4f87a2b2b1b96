"""Which KPIs apply where and with which weights, before anything is measured. Worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scorecards.project import Project
from tests.declared import declare
from transforms.aggregation import USES, WEIGHTS, dated_weights, scores, uses
from transforms.kpis import KPI_VALUES
from transforms.score_table import SCORES
from transforms.targets import ANCHORS

UNITS = """\
id,name,level,parent,valid_from
company,Company,company,,
north,North,division,company,
south,South,division,company,2024-03-01
"""
STRATEGY: dict[str, Any] = {
    "scorecards": {
        "main": {
            "name": "M",
            "objectives": {
                "o": {
                    "name": "O", "perspective": "financial",
                    "kpis": {"a": {}, "b": {"weight": 3, "applies_to": {"levels": "division"}}},
                },
                "p": {
                    "name": "P", "perspective": "financial",
                    "kpis": {"c": {"weight": 2}, "d": {"applies_to": {"levels": "person"}}},
                },
            },
        },
        "above": {
            "name": "A", "units": {"levels": "company"},
            "objectives": {
                "q": {
                    "name": "Q", "perspective": "financial",
                    "kpis": {"a": {"weight": 5}, "b": {"applies_to": {"levels": "division"}}},
                },
            },
        },
    },
}  # fmt: skip
DATED = """\
scorecard,level,node,unit,effective_from,weight
,kpi,a,,2024-02-01,7
main,kpi,b,north,2024-02-01,8
main,kpi,b,,2024-04-01,9
,objective,o,company,2024-02-01,4
above,perspective,financial,,2024-04-01,6
"""
JANUARY, FEBRUARY, MARCH, APRIL = (date(2024, month, 1) for month in (1, 2, 3, 4))


def declared(root: Path, weights: str = "") -> Project:
    kpis = {name: {"value": "revenue"} for name in "abcd"}
    return declare(root, kpis=kpis, units=UNITS, strategy=STRATEGY, weights=weights)


def found(project: Project, *periods: date) -> dict[str, list[tuple[Any, ...]]]:
    """By scorecard, what applies: month, unit, KPI, objective and weight."""
    frame = uses(project, periods)
    assert frame.schema == pl.Schema(USES)
    lines = sorted((card, period.month, *rest) for card, period, *rest in frame.rows())
    return {card: [tuple(rest) for name, *rest in lines if name == card] for card in ("above", "main")}


def test_a_kpi_applies_where_its_scorecard_and_itself_are_for_the_unit_as_long_as_there_is_one(tmp_path: Path) -> None:
    assert found(declared(tmp_path), FEBRUARY, MARCH) == {
        "above": [(2, "company", "a", "q", 5), (3, "company", "a", "q", 5)],
        "main": [
            (2, "company", "a", "o", 1), (2, "company", "c", "p", 2),
            (2, "north", "a", "o", 1), (2, "north", "b", "o", 3), (2, "north", "c", "p", 2),
            (3, "company", "a", "o", 1), (3, "company", "c", "p", 2),
            (3, "north", "a", "o", 1), (3, "north", "b", "o", 3), (3, "north", "c", "p", 2),
            (3, "south", "a", "o", 1), (3, "south", "b", "o", 3), (3, "south", "c", "p", 2),
        ],
    }  # fmt: skip


def test_a_dated_weight_takes_the_place_of_the_declared_one_from_its_month_on_and_where_it_is_nearest(
    tmp_path: Path,
) -> None:
    assert found(declared(tmp_path, DATED), JANUARY, APRIL) == {
        "above": [(1, "company", "a", "q", 5), (4, "company", "a", "q", 7)],
        "main": [
            (1, "company", "a", "o", 1), (1, "company", "c", "p", 2),
            (1, "north", "a", "o", 1), (1, "north", "b", "o", 3), (1, "north", "c", "p", 2),
            (4, "company", "a", "o", 7), (4, "company", "c", "p", 2),
            (4, "north", "a", "o", 7), (4, "north", "b", "o", 8), (4, "north", "c", "p", 2),
            (4, "south", "a", "o", 7), (4, "south", "b", "o", 9), (4, "south", "c", "p", 2),
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("periods", "weights"),
    [
        ([JANUARY], []),
        (
            [FEBRUARY],
            [
                ("above", 2, "company", "objective", "o", 4),
                ("main", 2, "company", "objective", "o", 4),
                ("main", 2, "north", "objective", "o", 4),
            ],
        ),
        (
            [APRIL, MARCH],
            [
                ("above", 3, "company", "objective", "o", 4),
                ("above", 4, "company", "objective", "o", 4),
                ("above", 4, "company", "perspective", "financial", 6),
                *(("main", month, unit, "objective", "o", 4)
                  for month in (3, 4) for unit in ("company", "north", "south")),
            ],
        ),
    ],
)  # fmt: skip
def test_dated_weights_of_objectives_and_perspectives_stand_by_month_without_those_of_kpis(
    tmp_path: Path, periods: list[date], weights: list[tuple[Any, ...]]
) -> None:
    frame = dated_weights(declared(tmp_path, DATED), periods)
    assert frame.schema == pl.Schema(WEIGHTS)
    assert sorted((card, period.month, *rest) for card, period, *rest in frame.rows()) == weights


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_however_many_kpis_and_weights_there_are_each_kpi_has_its_own(tmp_path: Path, count: int) -> None:
    names = [f"k{number}" for number in range(count)]
    strategy = {"scorecards": {"main": {"name": "M", "objectives": {
        "o": {"name": "O", "perspective": "financial", "kpis": names},
    }}}}  # fmt: skip
    lines = "".join(f",kpi,{name},,,{number + 2}\n" for number, name in enumerate(names))
    project = declare(
        tmp_path, kpis={name: {"value": "revenue"} for name in names}, units=UNITS, strategy=strategy,
        weights=f"scorecard,level,node,unit,effective_from,weight\n{lines}",
    )  # fmt: skip
    company = uses(project, [JANUARY]).filter(unit="company").select("kpi", "objective", "weight")
    assert company.rows() == [(name, "o", number + 2) for number, name in enumerate(names)]


def test_without_dated_weights_or_months_there_is_nothing_but_the_columns(tmp_path: Path) -> None:
    project = declared(tmp_path)
    assert dated_weights(project, [MARCH]).equals(pl.DataFrame(schema=WEIGHTS))
    assert uses(project, []).equals(pl.DataFrame(schema=USES))
    assert dated_weights(declared(tmp_path / "dated", DATED), []).equals(pl.DataFrame(schema=WEIGHTS))


def test_where_nothing_applies_there_are_no_scores_but_their_columns(tmp_path: Path) -> None:
    values, anchors = pl.DataFrame(schema=KPI_VALUES), pl.DataFrame(schema=ANCHORS)
    found = scores(declared(tmp_path), pl.DataFrame(schema=USES), values, anchors)
    assert found.equals(pl.DataFrame(schema=SCORES))
    assert found.schema == pl.Schema(SCORES)
