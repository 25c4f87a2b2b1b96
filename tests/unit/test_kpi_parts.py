"""One KPI as a leaf of its scorecard: at the places where it applies, and at those where it does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from scorecards.project import Project
from tests.declared import declare
from transforms.grid import Floats, Grid
from transforms.kpi_parts import kpi_part
from transforms.kpis import KPI_VALUES
from transforms.roll_up import Part
from transforms.score_operands import ScoreOperands
from transforms.targets import ANCHORS

JANUARY = date(2024, 1, 1)
UNITS = ("a", "b", "c", "d", "e")
NAN = float("nan")


def near(*figures: float) -> Any:
    return pytest.approx(np.array(figures, float), nan_ok=True)


def leaf(
    root: Path, values: dict[str, float | str], anchors: dict[str, dict[str, float]], places: list[int],
    weights: list[float], **declared: Any,
) -> tuple[Part, Floats]:  # fmt: skip
    """The KPI k in January; the scorecard stands at five units of six. A text for a value is why it is missing."""
    project: Project = declare(root, kpis={"k": {"value": "revenue", **declared}})
    rows = [
        {"period": JANUARY, "unit": unit, "kpi": "k", "is_main": True}
        | ({"missing_reason": value} if isinstance(value, str) else {"value": value})
        for unit, value in values.items()
    ]
    table = [
        {"scorecard": "main", "period": JANUARY, "unit": unit, "kpi": "k", "anchor": anchor, "value": value}
        for unit, named in anchors.items()
        for anchor, value in named.items()
    ]
    grid = Grid(JANUARY, JANUARY, ("0", *UNITS))
    schema: Any = {"schema": KPI_VALUES}, {"schema": ANCHORS}
    operands = ScoreOperands(
        project, grid, pl.DataFrame(rows, **schema[0]), pl.DataFrame(table, **schema[1]), [JANUARY]
    )
    cells = np.arange(1, 6)
    return kpi_part(project, operands, "main", "k", np.array(places), np.array(weights), cells)


def reasons(part: Part) -> list[str | None]:
    return [next((reason for mask, reason in part.reasons if mask[at]), None) for at in range(len(part.score))]


LINE = {"floor": 0.0, "target": 10.0}


def test_a_kpi_stands_where_it_applies_and_nowhere_else(tmp_path: Path) -> None:
    values: dict[str, float | str] = {"a": 9.0, "b": 1.0, "d": 12.0, "e": "window_incomplete"}
    anchors = dict.fromkeys("abde", LINE)
    part, target = leaf(tmp_path, values, anchors, [3, 0, 4], [0.5, 2.0, 4.0], leading=True)
    assert part.key == ("kpi", "k")
    assert part.applies.tolist() == part.counts.tolist() == [True, False, False, True, True]
    assert part.applies.dtype == part.counts.dtype == bool
    assert part.weight.tolist() == [2, 0, 0, 0.5, 4]
    assert part.score == near(90, NAN, NAN, 100, NAN)
    assert part.raw == near(90, NAN, NAN, 120, NAN)
    assert part.coverage.tolist() == [1, 0, 0, 1, 0]
    assert part.band.tolist() == [1, -1, -1, 2, -1]
    assert reasons(part) == [None, None, None, None, "window_incomplete"]
    assert {name: tally.tolist() for name, tally in part.tallies.items()} == {
        "bad_count": [0] * 5, "warning_count": [1, 0, 0, 0, 0], "good_count": [0, 0, 0, 1, 0],
        "scored_count": [1, 0, 0, 1, 0], "applicable_count": [1, 0, 0, 1, 1],
    }  # fmt: skip
    assert {tally.dtype for tally in part.tallies.values()} == {np.dtype(np.int32)}
    assert [column.tolist() for column in part.sums["leading"]] == [[90, 0, 0, 100, 0], [1, 0, 0, 1, 0]]
    assert [column.tolist() for column in part.sums["lagging"]] == [[0] * 5, [0] * 5]
    assert target == near(10, NAN, NAN, 10, 10)


def test_a_kpi_that_applies_everywhere_keeps_to_its_places_in_any_order(tmp_path: Path) -> None:
    values: dict[str, float | str] = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 8.0}
    anchors = dict.fromkeys(UNITS, LINE)
    for number, places in enumerate(([0, 1, 2, 3, 4], [4, 2, 0, 1, 3], [0, 1, 2, 4, 3])):
        weights = [float(place) for place in places]
        part, target = leaf(tmp_path / str(number), values, anchors, places, weights)
        assert part.score == near(10, 20, 30, 40, 80)
        assert part.weight.tolist() == [0, 1, 2, 3, 4]
        assert [column.tolist() for column in part.sums["lagging"]] == [[10, 20, 30, 40, 80], [1] * 5]
        assert part.tallies["bad_count"].tolist() == [1, 1, 1, 1, 0]
        assert part.tallies["warning_count"].tolist() == [0, 0, 0, 0, 1]
        assert target == near(10, 10, 10, 10, 10)


def test_a_score_is_clamped_at_both_ends_and_the_raw_one_goes_on(tmp_path: Path) -> None:
    part, _ = leaf(tmp_path, {"a": -3.0, "b": 13.0}, {"a": LINE, "b": LINE}, [0, 1], [1, 1])
    assert part.score[:2].tolist() == [0, 100]
    assert part.raw[:2] == near(-30, 130)


def test_why_a_score_is_missing_begins_with_the_value_unless_the_kpi_is_never_scored(tmp_path: Path) -> None:
    values: dict[str, float | str] = {"a": "no_rows", "b": 5.0}
    part, _ = leaf(tmp_path / "scored", values, {"a": LINE}, [0, 1, 2], [1, 1, 1])
    assert reasons(part)[:3] == ["no_rows", "no_target", "no_data"]
    part, _ = leaf(tmp_path / "unscored", values, {}, [0, 1, 2], [1, 1, 1], scored=False)
    assert reasons(part)[:3] == ["unscored"] * 3
    assert part.counts.tolist() == [False] * 5
    assert part.tallies["applicable_count"].tolist() == [0] * 5


def test_a_step_that_names_no_band_leaves_that_of_its_score(tmp_path: Path) -> None:
    steps = [{"when": "value > 5", "score": 90, "band": "red"}, {"when": "value > 1", "score": 90}]
    part, _ = leaf(tmp_path, {"a": 7.0, "b": 3.0, "c": 0.0}, {}, [0, 1, 2], [1, 1, 1], scoring={"steps": steps})
    assert part.band.tolist() == [0, 1, -1, -1, -1]
    assert [part.tallies[f"{status}_count"][:3].tolist() for status in ("bad", "warning", "good")] == [
        [1, 0, 0], [0, 1, 0], [0, 0, 0],
    ]  # fmt: skip
    assert reasons(part) == [None, None, "no_score", None, None]


def test_the_target_of_a_range_is_that_of_its_one_side(tmp_path: Path) -> None:
    anchors = {
        "a": {"lower_floor": 0.0, "lower_target": 4.0},
        "b": {"upper_target": 6.0, "upper_floor": 9.0},
        "c": {"lower_target": 5.0, "upper_target": 5.0, "upper_floor": 9.0},
        "d": {"lower_target": 4.0, "upper_target": 6.0, "upper_floor": 9.0},
        "e": {"target": 7.0, "lower_floor": 0.0},
    }
    _, target = leaf(tmp_path, dict.fromkeys(UNITS, 5.0), anchors, [0, 1, 2, 3, 4], [1] * 5, direction="within")
    assert target == near(4, 6, 5, NAN, 7)
