"""The ways of scoring over plain arrays, many places at once, and which way a KPI takes. All figures by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scorecards.kpis import Kpi
from scorecards.organisation import Band, Organisation, Scale
from scorecards.scoring import Relative, Step
from tests.declared import KPI, declare
from transforms.grid import Floats, Ints
from transforms.scored import Operands, Peers, Scored
from transforms.scoring import looks_back, number_of_band, score_kpi
from transforms.scoring_relative import score_relative
from transforms.scoring_rules import score_formula, score_steps, score_texts

NAN = float("nan")
SCALE = Scale(anchors={"floor": 10, "target": 60}, lowest=10, highest=80)
SIBLINGS: Ints = np.array([1, 2, 1, 1, 2, 1, 1, 3])
LEVEL: Ints = np.array([1, 1, 1, 1, 1, 1, 1, 3])
VALUES = np.array([30.0, 7.0, 10.0, NAN, 7.0, 20.0, 20.0, 99.0])


def operands(
    value: Floats = VALUES,
    named: dict[str, Floats] | None = None,
    past: dict[tuple[int, int], list[Floats]] | None = None,
) -> Operands:
    def before(months: int, step: int) -> Iterator[Floats]:
        yield from (past or {})[months, step]

    return Operands(value, named or {}, Peers(SIBLINGS, LEVEL, before))


def near(*figures: float) -> Any:
    return pytest.approx(np.array(figures, float), abs=1e-9, nan_ok=True)


def reasons(found: Scored) -> list[str | None]:
    return [next((reason for mask, reason in found.reasons if mask[at]), None) for at in range(len(found.raw))]


def relative(to: str, by: str, direction: str = "higher", **more: Any) -> Scored:
    return score_relative(
        operands(), Relative(to=to, by=by, **more), SCALE, direction=direction, step=1  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "direction", "places"),
    [
        # Siblings 1: 10, 20, 20, 30. Siblings 2: 7, 7. Siblings 3: one alone.
        ("min-max", "higher", [1, 0.5, 0, NAN, 0.5, 0.5, 0.5, 0.5]),
        ("min-max", "lower", [0, 0.5, 1, NAN, 0.5, 0.5, 0.5, 0.5]),
        ("percentile rank", "higher", [1, 0.5, 0, NAN, 0.5, 0.5, 0.5, NAN]),
        ("percentile rank", "lower", [0, 0.5, 1, NAN, 0.5, 0.5, 0.5, NAN]),
        # Mean 20, population variance (100 + 100) / 4.
        ("z-score", "higher", [0.5 + 1 / 50**0.5, 0.5, 0.5 - 1 / 50**0.5, NAN, 0.5, 0.5, 0.5, 0.5]),
        ("z-score", "lower", [0.5 - 1 / 50**0.5, 0.5, 0.5 + 1 / 50**0.5, NAN, 0.5, 0.5, 0.5, 0.5]),
    ],
)
def test_a_place_among_siblings_runs_from_the_lowest_score_to_that_of_the_target(
    by: str, direction: str, places: list[float]
) -> None:
    found = relative("siblings", by, direction, at_least=2)
    assert found.raw == near(*(10 + 50 * place for place in places))
    assert reasons(found) == [None, None, None, "too_few_to_compare", None, None, None, "too_few_to_compare"]


def test_a_place_in_the_level_counts_those_below_and_half_of_its_equals() -> None:
    found = relative("level", "percentile rank", at_least=2)
    # Of 7, 7, 10, 20, 20, 30: the share of the other five below, equals half.
    assert found.raw == near(*(10 + 50 * n / 5 for n in (5, 0.5, 2, NAN, 0.5, 3.5, 3.5, NAN)))
    assert relative("level", "min-max").raw[:3] == near(60, 10, 10 + 50 * 3 / 23)
    spread = (sum((v - 94 / 6) ** 2 for v in (7, 7, 10, 20, 20, 30)) / 6) ** 0.5
    assert relative("level", "z-score").raw[0] == pytest.approx(10 + 50 * (0.5 + 0.1 * (30 - 94 / 6) / spread))


def test_too_few_is_fewer_than_declared_the_value_itself_included() -> None:
    assert reasons(relative("siblings", "min-max", at_least=4))[:2] == [None, "too_few_to_compare"]
    assert reasons(relative("siblings", "min-max", at_least=5))[:2] == ["too_few_to_compare"] * 2


def test_nobody_known_is_too_few_and_no_error() -> None:
    found = score_relative(
        operands(np.full(8, NAN)), Relative(to="level", by="z-score"), SCALE, direction="higher", step=1
    )  # fmt: skip
    assert np.isnan(found.raw).all()
    assert set(reasons(found)) == {"too_few_to_compare"}


def test_a_spread_of_float_noise_is_none_and_a_small_one_is_not() -> None:
    for value, place in ((1e6 + 1e-7, 0.5), (1e6 + 1e-5, 1.0)):
        for sign in (1, -1):
            values = np.full(8, sign * 1e6)
            values[0] = sign * value
            found = score_relative(
                operands(values), Relative(to="level", by="min-max"), SCALE,
                direction="higher" if sign > 0 else "lower", step=1,
            )  # fmt: skip
            assert found.raw[0] == pytest.approx(10 + 50 * place)
    on_the_edge = operands(np.array([1e12, *[1e12 - 1] * 7]))  # apart by exactly 1e-12 of their size
    found = score_relative(on_the_edge, Relative(to="level", by="min-max"), SCALE, direction="higher", step=1)
    assert found.raw[:7].tolist() == [35] * 7


PAST = [np.array([4.0, 4.0, NAN, 5.0, 5.0]), np.array([6.0, NAN, 1.0, 5.0, 4.0]), np.array([2.0, 8.0, 2.0, NAN, 3.0])]


@pytest.mark.parametrize(
    ("by", "direction", "places"),
    [
        ("min-max", "higher", [0.5, 0, NAN, 0.5, 1]),
        ("min-max", "lower", [0.5, 1, NAN, 0.5, 0]),
        ("percentile rank", "higher", [0.5, 0, NAN, 0.5, 1]),
        ("percentile rank", "lower", [0.5, 1, NAN, 0.5, 0]),
        ("z-score", "higher", [0.5, 0.4, NAN, 0.5, 0.5 + 0.1 * 1.5**0.5]),
        ("z-score", "lower", [0.5, 0.6, NAN, 0.5, 0.5 - 0.1 * 1.5**0.5]),
    ],
)
def test_a_place_in_the_past_is_among_the_months_that_are_known(by: str, direction: str, places: list[float]) -> None:
    found = score_relative(
        operands(PAST[0], past={(9, 3): PAST}), Relative(to="history", by=by, months=9), SCALE,  # type: ignore[arg-type]
        direction=direction, step=3,
    )  # fmt: skip
    known = [0, 1, 3, 4]  # where the value itself is missing, so is the score
    assert found.raw[known] == near(*(10 + 50 * places[place] for place in known))


def test_too_few_months_are_fewer_than_declared() -> None:
    for at_least, few in ((2, False), (3, True)):
        found = score_relative(
            operands(PAST[0], past={(9, 1): PAST}), Relative(to="history", by="min-max", months=9, at_least=at_least),
            SCALE, direction="higher", step=1,
        )  # fmt: skip
        assert [reason is not None for reason in reasons(found)] == [False, few, few, few, False]


NAMED = {"target": np.array([8.0, 8.0, NAN, 8.0]), "previous": np.array([9.0, 6.0, 6.0, NAN])}
FOUR = np.array([8.0, 7.0, 7.0, 1.0])


def test_a_step_over_what_is_missing_does_not_hold_and_the_first_that_holds_counts() -> None:
    steps = [
        Step(when="value >= target", score=100),
        Step(when="value > previous", score=80, band="amber"),
        Step(when="value < last_year", score=70),
        Step(score=5, band="red"),
    ]
    found = score_steps(operands(FOUR, NAMED), steps, ["red", "amber", "green"])
    assert found.raw.tolist() == [100, 80, 80, 5]
    assert found.bands is not None
    assert found.bands.tolist() == [-1, 1, 1, 0]
    assert reasons(found) == [None] * 4
    without_last = score_steps(operands(FOUR, NAMED), steps[:3], ["red", "amber", "green"])
    assert without_last.raw == near(100, 80, 80, NAN)
    assert without_last.bands is not None
    assert without_last.bands.tolist() == [-1, 1, 1, -1]
    assert reasons(without_last) == [None, None, None, "no_score"]


def test_rules_that_name_no_column_hold_everywhere() -> None:
    assert score_steps(operands(), [Step(score=7)], []).raw.tolist() == [7] * 8
    assert score_formula(operands(), "3 + 4").raw.tolist() == [7] * 8


def test_a_formula_over_what_is_missing_or_beyond_all_numbers_gives_no_score() -> None:
    found = score_formula(operands(FOUR, NAMED), "value / (previous - 6) + COALESCE(target, 0)")
    assert found.raw == near(8 / 3 + 8, NAN, NAN, NAN)
    assert reasons(found) == [None, "no_score", "no_score", "no_score"]
    assert found.bands is None
    assert score_formula(operands(FOUR), "COALESCE(benchmark, value * 2)").raw.tolist() == [16, 14, 14, 2]


def test_a_text_between_two_places_of_the_list_is_not_listed() -> None:
    found = score_texts(np.array([1.0, 1.5, 2.0, NAN, -1.0]), {"poor": 5, "good": 100})
    assert found.raw == near(5, NAN, 100, NAN, NAN)
    assert reasons(found) == [None, "text_not_listed", None, "text_not_listed", "text_not_listed"]


ORGANISATION = Organisation(organisation="T", first_period="2024-01", scale=SCALE)  # type: ignore[arg-type]
ANCHORS = {"floor": np.full(8, 1.0), "target": np.full(8, 100.0)}


@pytest.mark.parametrize(
    ("declared", "scores"),
    [
        ({}, {0: 10 + 50 * 29 / 99, 2: 10 + 50 * 9 / 99}),
        ({"direction": "lower"}, {0: "anchors_not_monotone"}),
        ({"scoring": {"scale": "log"}}, {2: 35}),
        ({"direction": "within"}, {0: "no_target"}),
        ({"measured_in": "yes/no"}, {0: "not_yes_or_no"}),
        ({"scored": False}, {0: "unscored", 7: "unscored"}),
        ({"scoring": {"texts": {"a": 20, "b": 30}}}, {0: "text_not_listed"}),
        ({"scoring": {"steps": [{"when": "value > 50", "score": 33}]}}, {7: 33, 0: "no_score"}),
        ({"scoring": {"formula": "value + target"}}, {0: 130}),
        ({"scoring": {"relative": {"to": "siblings", "by": "min-max"}}}, {0: 60, 2: 10}),
        ({"scoring": {"relative": {"to": "siblings", "by": "min-max"}}, "direction": "lower"}, {0: 10, 2: 60}),
    ],
)
def test_a_kpi_is_scored_in_the_way_that_it_declares(declared: dict[str, Any], scores: dict[int, float | str]) -> None:
    kpi = Kpi.model_validate({**KPI, "value": "m", **declared})
    found = score_kpi(kpi, operands(named=ANCHORS), ORGANISATION)
    why = reasons(found)
    assert all(mask.dtype == bool for mask, _ in found.reasons)
    assert {place: why[place] or found.raw[place] for place in scores} == {
        place: score if isinstance(score, str) else pytest.approx(score) for place, score in scores.items()
    }


@pytest.mark.parametrize(("scale", "score"), [("linear", 10 + 50 * 4 / 9), ("log", 10 + 50 * np.log10(5))])
def test_both_sides_of_a_range_follow_the_scale_of_the_kpi(scale: str, score: float) -> None:
    kpi = Kpi.model_validate({**KPI, "value": "m", "direction": "within", "scoring": {"scale": scale}})
    sides = {"lower_floor": np.array([1.0]), "lower_target": np.array([10.0])}
    found = score_kpi(kpi, operands(np.array([5.0]), sides), ORGANISATION)
    assert found.raw[0] == pytest.approx(score)


@pytest.mark.parametrize(("direction", "scores"), [("higher", [60, 10]), ("lower", [10, 60])])
def test_yes_is_good_or_bad_by_the_direction(direction: str, scores: list[float]) -> None:
    kpi = Kpi.model_validate({**KPI, "value": "m", "measured_in": "yes/no", "direction": direction})
    assert score_kpi(kpi, operands(np.array([1.0, 0.0])), ORGANISATION).raw.tolist() == scores


def test_a_quarterly_kpi_steps_through_its_past_by_quarters() -> None:
    scoring = {"relative": {"to": "history", "by": "min-max", "months": 9}}
    kpi = Kpi.model_validate({**KPI, "value": "m", "frequency": "quarter", "window": "quarter", "scoring": scoring})
    found = score_kpi(kpi, operands(PAST[0], past={(9, 3): PAST}), ORGANISATION)
    assert found.raw[4] == 60


def test_a_steps_band_is_its_number_among_the_declared() -> None:
    kpi = Kpi.model_validate({**KPI, "value": "m", "scoring": {"steps": [{"score": 1, "band": "amber"}]}})
    found = score_kpi(kpi, operands(), ORGANISATION)
    assert found.bands is not None
    assert found.bands.tolist() == [1] * 8


def test_a_score_reaches_a_band_from_a_billionth_below_it() -> None:
    bands = [Band(id="a", name="a", status="bad"), Band(id="b", name="b", at_least=70, status="warning"),
             Band(id="c", name="c", at_least=95, status="good")]  # fmt: skip
    scores = np.array([-5, 70 - 2e-9, 70 - 1e-9, 70 - 5e-10, 70, 94.9, 95, 300, NAN])
    found = number_of_band(scores, bands)
    assert found.tolist() == [0, 0, 1, 1, 1, 1, 2, 2, -1]
    assert found.dtype == np.int64
    assert number_of_band(scores[:1], bands[:1]).tolist() == [0]


@pytest.mark.parametrize(
    ("kpis", "months"),
    [
        ([], 0),
        ([{}], 0),
        ([{"scoring": {"relative": {"to": "history", "by": "min-max", "months": 24}}}], 23),
        ([{"scoring": {"relative": {"to": "level", "by": "min-max"}}}], 0),
        ([{"scoring": {"formula": "value - previous"}}], 1),
        ([{"scoring": {"formula": "previous"}, "frequency": "quarter", "window": "quarter"}], 3),
        ([{"scoring": {"formula": "value / last_year"}}], 12),
        ([{"scoring": {"formula": "value / target"}}], 0),
        ([{"scoring": {"steps": [{"when": "value > 1", "score": 1}, {"when": "value > last_year", "score": 2}]}}], 12),
        ([{"scoring": {"steps": [{"score": 1}]}}, {"scoring": {"formula": "previous"}}, {}], 1),
    ],
)
def test_scores_look_back_as_far_as_the_kpi_that_looks_back_furthest(
    tmp_path: Path, kpis: list[dict[str, Any]], months: int
) -> None:
    project = declare(tmp_path, kpis={f"k{number}": {"value": "revenue", **kpi} for number, kpi in enumerate(kpis)})
    assert looks_back(project) == months
