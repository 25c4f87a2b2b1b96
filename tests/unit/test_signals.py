"""The rules of XmR charts one by one, and what a chart means for a KPI."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from scorecards.periods import add_months
from tests.declared import declare
from transforms.signal_series import overlaps
from transforms.signal_table import signal_points, signals
from transforms.signals import LABELS, Charts, xmr_charts

FIRST = date(2023, 1, 1)
NOISE = [1.0, -1.0, 2.0, -2.0, 0.0, 1.0, -2.0, 2.0, -1.0, 0.0, 2.0, -2.0]


def chart(*values: float, screen: bool = True, baseline: int | None = None) -> Charts:
    return xmr_charts(np.array(values, float)[:, None], screen=screen, baseline=baseline)


def words(charts: Charts) -> list[str]:
    return [LABELS[code] for code in charts.labels[:, 0]]


def test_limits_are_the_mean_and_2_66_mean_moving_ranges_to_both_sides() -> None:
    found = chart(2, 4, 3, 7)
    assert found.mean[0] == 4
    assert found.mean_range[0] == pytest.approx(7 / 3)
    assert (found.lower[0], found.upper[0]) == pytest.approx((4 - 2.66 * 7 / 3, 4 + 2.66 * 7 / 3))


def test_two_points_have_limits_by_their_one_range() -> None:
    found = chart(2, 4)
    assert (found.mean_range[0], found.lower[0], found.upper[0]) == pytest.approx((2, 3 - 5.32, 3 + 5.32))


def test_screening_leaves_out_a_leap_once_and_never_the_point_from_the_mean() -> None:
    values = [0, 1, 0, 1, 0, 1, 0, 1, 20]
    screened, unscreened = chart(*values), chart(*values, screen=False)
    assert screened.mean[0] == unscreened.mean[0] == pytest.approx(24 / 9)
    assert (screened.mean_range[0], unscreened.mean_range[0]) == pytest.approx((1.0, 26 / 8))
    assert xmr_charts(np.array(values, float)[:, None]).mean_range[0] == screened.mean_range[0]


def test_a_range_of_3_267_times_their_mean_is_left_out_and_one_a_hair_shorter_is_not() -> None:
    others = [748.0] * 8 + [749.0]
    steps = np.array([*others, 3267.0])
    assert chart(*np.cumsum([0.0, *steps])).mean_range[0] == pytest.approx(6733 / 9)
    steps += [0, 0, 0, 0, 0, 0, 0, 0, 0.02, -0.01]
    assert chart(*np.cumsum([0.0, *steps])).mean_range[0] == pytest.approx(np.mean(steps))


def test_a_point_on_the_limit_is_not_outside_and_one_beyond_it_is() -> None:
    base = [4.0, 6.0] * 6
    assert words(chart(*base, 5 + 2.66 * 2, baseline=12))[-1] == "common cause"
    assert words(chart(*base, 5 + 2.66 * 2 + 1e-6, baseline=12))[-1] == "outside"


def test_seven_strictly_rising_points_are_a_trend_all_seven_of_them_and_six_are_none() -> None:
    base = [10.0, 50.0] * 6
    assert words(chart(*base, *[20, 24, 28, 32, 36, 40, 44], baseline=12))[-8:] == ["common cause"] + ["trend"] * 7
    assert "trend" not in words(chart(*base, *[20, 24, 28, 32, 36, 40], baseline=12))
    assert "trend" not in words(chart(*base, *[20, 24, 28, 28, 32, 36, 40], baseline=12))
    falling = [*base, 20.0, 44.0, 40.0, 36.0, 32.0, 28.0, 24.0, 22.0]
    assert words(chart(*falling, baseline=12))[-8:] == ["common cause"] + ["trend"] * 7


def test_seven_on_one_side_are_a_shift_and_a_point_on_the_mean_breaks_the_run() -> None:
    base = [0.0, 10.0] * 6
    side = [6.0, 7.0, 6.0, 7.0, 6.0, 7.0, 6.0]
    assert words(chart(*base[:-1], 0, *side, baseline=12))[-7:] == ["shift"] * 7
    assert "shift" not in words(chart(*base[:-1], 0, *side[:6], baseline=12))
    broken = [*side[:3], chart(*base[:-1], 0, baseline=12).mean[0], *side[3:]]
    assert "shift" not in words(chart(*base[:-1], 0, *broken, baseline=12))


def test_two_of_three_flags_the_near_points_only_and_needs_all_three_on_their_side() -> None:
    base = [4.0, 6.0] * 6  # limits 5 ± 5.32, two thirds 5 ± 3.547
    near, inner, outside = 9.0, 6.0, 11.0
    assert words(chart(*base, near, inner, near, baseline=12))[-3:] == ["two of three", "common cause", "two of three"]
    assert "two of three" not in words(chart(*base, near, 4.0, near, baseline=12))
    assert words(chart(*base, near, inner, outside, baseline=12))[-3:] == ["common cause", "common cause", "outside"]
    assert words(chart(*base, near, outside, near, baseline=12))[-3:] == ["two of three", "outside", "two of three"]
    assert words(chart(*base, 1.0, 4.0, 1.0, baseline=12))[-3:] == ["two of three", "common cause", "two of three"]


def test_a_point_on_two_thirds_of_the_limit_is_not_near_it_and_one_beyond_is() -> None:
    base, third = [4.0, 6.0] * 6, 2.66 * 2 * 2 / 3
    for side in (1, -1):
        on, beyond = 5 + side * third, 5 + side * (third + 1e-6)
        assert "two of three" not in words(chart(*base, on, 5.0 + side, on, baseline=12))
        assert words(chart(*base, beyond, 5.0 + side, beyond, baseline=12))[-3] == "two of three"


def test_a_point_takes_the_first_label_of_outside_trend_two_of_three_shift() -> None:
    base = [4.0, 6.0] * 6
    rising = words(chart(*base, 5.5, 6, 6.5, 7, 7.5, 8.8, 9.5, 11, baseline=12))
    assert rising[-8:] == ["trend"] * 7 + ["outside"]
    aside = words(chart(*base, 6, 7, 6, 9, 9, 7, 6, baseline=12))
    assert aside[-7:] == ["shift", "shift", "shift", "two of three", "two of three", "shift", "shift"]


@pytest.mark.parametrize(
    "values",
    [
        [5.0] * 20,
        [0.0] * 20,
        [0.1 + 0.2, 0.3] * 10,
        [0.1 * 3 + i * 1e-17 for i in range(20)],
        [0.3 + i * 5.6e-17 for i in range(20)],
        [5.0] * 20 + [6.0],
        [6.0] + [5.0] * 20,
        [0.0] * 10 + [1.0] + [0.0] * 10,
        [1e15 + i * 0.125 for i in range(20)],
    ],
)
def test_a_constant_or_nearly_constant_series_has_no_signal(values: list[float]) -> None:
    assert set(words(chart(*values))) == {"common cause"}
    assert set(words(chart(*values, screen=False))) == {"common cause"}


def test_a_constant_series_has_its_limits_at_its_value_and_a_nearly_constant_one_none() -> None:
    found = chart(*[5.0] * 20)
    assert (found.lower[0], found.mean[0], found.upper[0]) == (5, 5, 5)
    assert np.isnan(chart(*[5.0] * 20, 6.0).upper[0])
    assert chart(5.0, 5.0).upper[0] == 5
    assert np.isnan(chart(5.0).upper[0])


def test_what_is_noise_is_told_by_the_numbers_behind_the_points_where_they_are_known() -> None:
    values = np.array([[0.0], [1.0]] * 10)
    alone, change = xmr_charts(values), xmr_charts(values, sizes=np.array([1e12]))
    assert (alone.mean_range[0], alone.upper[0]) == (1, 0.5 + 2.66)
    assert (change.mean_range[0], change.lower[0], change.upper[0]) == (0, 0.5, 0.5)
    assert xmr_charts(values, sizes=np.array([1e12]), screen=False).mean_range[0] == 0


def test_every_series_has_noise_and_constancy_of_its_own() -> None:
    values = np.array([[0.0, 0.0, 5.0], [1.0, 1e12, 5.0]] * 10)
    found = xmr_charts(values)
    assert found.mean.tolist() == [0.5, 5e11, 5]
    assert found.mean_range.tolist() == [1, 1e12, 0]
    assert found.lower.tolist() == pytest.approx([0.5 - 2.66, 5e11 - 2.66e12, 5])
    assert found.sides[1].tolist() == [1, 1, 0]
    assert (found.sides.dtype, found.labels.dtype) == (np.int8, np.int8)


HAIR = 1 / 1024
"""With numbers of this size behind the points, noise is exactly so much (asserted below)."""
SIZE = np.array([(HAIR - 1e-12) / 1e-9])


def at_the_edge_of_noise(*values: float, baseline: int | None = None) -> Charts:
    """The chart of points whose noise is exactly ``HAIR``."""
    assert 1e-9 * SIZE[0] + 1e-12 == HAIR
    return xmr_charts(np.array(values, float)[:, None], baseline=baseline, sizes=SIZE)


def test_what_differs_by_no_more_than_the_noise_is_the_same() -> None:
    same, apart = at_the_edge_of_noise(0, HAIR), at_the_edge_of_noise(0, HAIR * 1.0625)
    assert (same.mean_range[0], same.lower[0], same.upper[0]) == (0, HAIR / 2, HAIR / 2)
    assert apart.upper[0] > HAIR
    assert at_the_edge_of_noise(0, 2 * HAIR).sides[:, 0].tolist() == [0, 0]
    assert at_the_edge_of_noise(0, 2.125 * HAIR).sides[:, 0].tolist() == [-1, 1]


@pytest.mark.parametrize("side", [1, -1])
def test_a_point_is_beyond_a_limit_or_two_thirds_of_it_by_more_than_the_noise(side: int) -> None:
    limit = 2.66 * 2  # of -1 and 1
    on, beyond = side * (limit + HAIR), side * (limit + 1.0625 * HAIR)
    assert words(at_the_edge_of_noise(-1, 1, on, baseline=2))[-1] == "common cause"
    assert words(at_the_edge_of_noise(-1, 1, beyond, baseline=2))[-1] == "outside"
    on, beyond = side * (limit * 2 / 3 + HAIR), side * (limit * 2 / 3 + 1.0625 * HAIR)
    assert words(at_the_edge_of_noise(-1, 1, on, on, side, baseline=2))[-2] == "common cause"
    assert words(at_the_edge_of_noise(-1, 1, beyond, beyond, side, baseline=2))[-2] == "two of three"


@pytest.mark.parametrize("side", [1, -1])
def test_a_trend_rises_or_falls_by_more_than_the_noise_at_each_step(side: int) -> None:
    steps = np.arange(7)
    assert "trend" not in words(at_the_edge_of_noise(-50, 50, *(side * HAIR * steps), baseline=2))
    rising = words(at_the_edge_of_noise(-50, 50, *(side * HAIR * 1.0625 * steps), baseline=2))
    assert rising[2:] == ["trend"] * 7


def test_a_range_is_left_out_only_where_it_lies_within_the_noise_of_3_267_times_their_mean() -> None:
    on, below = 3267 - HAIR, 3267 - 1.0625 * HAIR
    for longest, is_kept in ((on, False), (below, True)):
        ranges = [748.0] * 8 + [10_000 - 8 * 748 - longest, longest]
        kept = 1000 if is_kept else (10_000 - longest) / 9
        assert at_the_edge_of_noise(*np.cumsum([0.0, *ranges])).mean_range[0] == pytest.approx(kept, rel=1e-14)


def test_a_fixed_baseline_takes_the_first_points_and_all_while_there_are_fewer() -> None:
    later = [value + 50 for value in NOISE]
    fixed, first = chart(*NOISE, *later, baseline=12), chart(*NOISE)
    assert (fixed.mean[0], fixed.upper[0]) == (first.mean[0], first.upper[0])
    assert words(fixed)[12:] == ["outside"] * 12
    assert chart(*NOISE[:8], baseline=12).mean[0] == pytest.approx(np.mean(NOISE[:8]))


def table(
    tmp_path: Path, values: list[float | None], target: float | None = None, *, changes: dict[str, Any] | None = None,
    bounds: tuple[float | None, float | None] = (None, None), extra: pl.DataFrame | None = None, **declared: Any
) -> pl.DataFrame:  # fmt: skip
    """The signals of one KPI in every month of its values."""
    project = declare(tmp_path, kpis={"k": {"value": "revenue", **declared}})
    frame = history(values).with_columns(**(changes or {}))
    used = frame.select(
        pl.lit("main").alias("scorecard"), "period", "unit", "kpi", pl.lit(target, pl.Float64).alias("target"),
        pl.lit(bounds[0], pl.Float64).alias("lower_target"), pl.lit(bounds[1], pl.Float64).alias("upper_target"),
    )  # fmt: skip
    return signals(project, frame if extra is None else pl.concat([frame, extra], how="diagonal"), used)


def history(values: list[float | None]) -> pl.DataFrame:
    months = [add_months(FIRST, i) for i in range(len(values))]
    frame = pl.DataFrame({"period": months, "value": values}, schema={"period": pl.Date, "value": pl.Float64})
    return frame.with_columns(
        pl.lit("north").alias("unit"),
        pl.lit("k").alias("kpi"),
        pl.lit(True).alias("is_main"),
        pl.col("period").alias("value_period"),
    )


def last(found: pl.DataFrame) -> dict[str, Any]:
    return found.row(-1, named=True)


LEAP = [*(50 + n for n in NOISE), 80.0]


@pytest.mark.parametrize(
    ("direction", "leap", "variation"),
    [("higher", 80.0, "improvement"), ("higher", 20.0, "concern"), ("lower", 80.0, "concern")],
)
def test_variation_is_good_or_bad_by_the_kpis_direction(
    tmp_path: Path, direction: str, leap: float, variation: str
) -> None:
    found = last(table(tmp_path, [*LEAP[:-1], leap], direction=direction))
    assert (found["label"], found["variation"]) == ("outside", variation)


@pytest.mark.parametrize(
    ("leap", "bounds", "variation"),
    [
        (80.0, (40.0, 60.0), "concern"),
        (80.0, (70.0, 90.0), "improvement"),
        (20.0, (70.0, 90.0), "concern"),
        (80.0, (40.0, 90.0), "special cause"),
        (80.0, (None, None), "special cause"),
        (80.0, (None, 60.0), "concern"),
        (80.0, (40.0, 79.5), "concern"),
        (20.0, (20.5, 60.0), "concern"),
    ],
)
def test_within_bounds_a_signal_is_good_where_it_is_nearer_to_them_than_the_mean(
    tmp_path: Path, leap: float, bounds: tuple[float | None, float | None], variation: str
) -> None:
    found = table(tmp_path, [*LEAP[:-1], leap], direction="within", bounds=bounds)
    assert last(found)["variation"] == variation


@pytest.mark.parametrize(
    ("direction", "target", "assurance"),
    [
        ("higher", 40.0, "consistently passes"),
        ("higher", 60.0, "consistently fails"),
        ("higher", 50.0, "hit and miss"),
        ("lower", 60.0, "consistently passes"),
        ("lower", 40.0, "consistently fails"),
        ("lower", None, None),
    ],
)
def test_assurance_holds_the_target_against_the_limits(
    tmp_path: Path, direction: str, target: float | None, assurance: str | None
) -> None:
    assert last(table(tmp_path, [50 + n for n in NOISE], target, direction=direction))["assurance"] == assurance


@pytest.mark.parametrize("direction", ["higher", "lower", "within"])
@pytest.mark.parametrize(("value", "target"), [(0.3, 0.1 + 0.2), (0.1 + 0.2, 0.3), (0.0, 0.0)])
def test_a_constant_kpi_on_its_target_consistently_passes(
    tmp_path: Path, direction: str, value: float, target: float
) -> None:
    assert value != target or value == 0
    found = table(tmp_path, [value] * 12, target, direction=direction, bounds=(target, target))
    assert last(found)["assurance"] == "consistently passes"


@pytest.mark.parametrize(("direction", "target"), [("higher", 0.53), ("lower", 0.47)])
def test_a_small_kpi_just_off_its_target_hits_and_misses(tmp_path: Path, direction: str, target: float) -> None:
    found = table(tmp_path, [0.5 + n / 100 for n in NOISE], target, direction=direction)
    assert last(found)["assurance"] == "hit and miss"
    far = table(tmp_path / "far", [0.5 + n / 100 for n in NOISE], 1 - target, direction=direction)
    assert last(far)["assurance"] == "hit and miss"


@pytest.mark.parametrize(
    ("bounds", "assurance"),
    [
        ((40.0, 60.0), "consistently passes"),
        ((50.0, 60.0), "hit and miss"),
        ((60.0, 70.0), "consistently fails"),
        ((None, 60.0), "consistently passes"),
        ((None, None), None),
    ],
)
def test_assurance_within_bounds(
    tmp_path: Path, bounds: tuple[float | None, float | None], assurance: str | None
) -> None:
    found = table(tmp_path, [50 + n for n in NOISE], direction="within", bounds=bounds)
    assert last(found)["assurance"] == assurance


def test_fewer_than_12_points_are_on_trial(tmp_path: Path) -> None:
    found = table(tmp_path, [50 + n for n in NOISE])
    assert found["is_trial"].to_list() == [True] * 11 + [False]
    assert found["points"].to_list() == list(range(1, 13))


def test_a_month_without_a_value_is_no_point_and_has_no_variation(tmp_path: Path) -> None:
    gapped = table(tmp_path / "gapped", [1.0, 2.0, None, 4.0], 3.0)
    whole = table(tmp_path / "whole", [1.0, 2.0, 4.0], 3.0)
    third, fourth = gapped.row(2, named=True), gapped.row(3, named=True)
    assert (third["points"], third["mean"]) == (2, 1.5)
    assert (third["label"], third["variation"], third["assurance"]) == (None, None, None)
    assert fourth["mean_moving_range"] == last(whole)["mean_moving_range"] == 1.5


def test_where_nothing_is_special_the_variation_is_common_cause(tmp_path: Path) -> None:
    found = table(tmp_path, [50 + n for n in NOISE])
    assert found["label"].to_list() == found["variation"].to_list() == ["common cause"] * 12
    assert found["mean"].head(2).to_list() == [51, 50]


def test_flagged_points_are_counted_and_those_outside_among_them(tmp_path: Path) -> None:
    found = table(tmp_path, [*LEAP, 50.0, 20.0], signals={"baseline": 12})
    assert found["flagged"].to_list() == [0] * 12 + [1, 1, 2]
    assert found["outside"].to_list() == [0] * 12 + [1, 1, 2]
    trend = last(table(tmp_path / "trend", [10.0, 50.0] * 6 + [20.0, 24, 28, 32, 36, 40, 44]))
    assert (trend["label"], trend["flagged"], trend["outside"]) == ("trend", 7, 0)


@pytest.mark.parametrize(
    ("values", "direction", "variation"),
    [
        ([12.0, 15, 18, 21, 24, 27, 30], "higher", "improvement"),
        ([12.0, 15, 18, 21, 24, 27, 30], "lower", "concern"),
        ([48.0, 45, 42, 39, 36, 33, 30], "higher", "concern"),
        ([48.0, 45, 42, 39, 36, 33, 30], "lower", "improvement"),
    ],
)
def test_a_trend_that_ends_on_the_mean_is_judged_by_where_it_goes(
    tmp_path: Path, values: list[float], direction: str, variation: str
) -> None:
    found = last(table(tmp_path, [10.0, 50.0] * 6 + values, direction=direction, signals={"baseline": 12}))
    assert (found["mean"], found["label"], found["variation"]) == (30, "trend", variation)


def test_off_the_mean_its_side_counts_and_not_the_last_step(tmp_path: Path) -> None:
    values = [0.0, 10.0] * 6 + [6.0, 7.0, 6.0, 7.0, 6.0, 7.0, 6.0]
    found = last(table(tmp_path, values, signals={"baseline": 12}))
    assert (found["label"], found["variation"]) == ("shift", "improvement")


def test_a_change_on_last_year_of_a_kpi_with_bounds_has_no_better_way(tmp_path: Path) -> None:
    values = [50.0] * 12 + [50.0 + n for n in [*NOISE, 40.0]]
    found = table(tmp_path, values, direction="within", bounds=(60.0, 95.0), signals={"seasonal": True})
    assert (last(found)["label"], last(found)["variation"]) == ("outside", "special cause")


def test_declared_screening_and_baseline_reach_the_chart(tmp_path: Path) -> None:
    values = [*LEAP, *(50 + n for n in NOISE)]
    for number, settings in enumerate(({}, {"screen": False}, {"baseline": 12}, {"screen": False, "baseline": 13})):
        found = last(table(tmp_path / str(number), values, signals=settings))
        by_hand = chart(*values, **settings)  # type: ignore[arg-type]
        assert (found["mean"], found["mean_moving_range"]) == (by_hand.mean[0], by_hand.mean_range[0])
        assert (found["lower"], found["upper"]) == (by_hand.lower[0], by_hand.upper[0])


def test_noise_is_told_by_the_size_of_the_values_and_of_those_of_last_year(tmp_path: Path) -> None:
    nearly = last(table(tmp_path / "nearly", [1e12 + n for n in NOISE]))
    assert nearly["lower"] == nearly["mean"] == nearly["upper"] == pytest.approx(1e12)
    for before, now in ((1e12, 0.0), (0.0, 1e12), (1e12, 1e12)):
        values = [before + n for n in NOISE] + [now + n for n in [*NOISE[1:], 5.0]]
        found = last(table(tmp_path / f"from {before} to {now}", values, signals={"seasonal": True}))
        assert found["points"] == 12
        assert found["lower"] == found["mean"] == found["upper"] == pytest.approx(now - before, abs=5)


def test_a_quarterly_value_from_before_a_rebase_is_no_point_after_it(tmp_path: Path) -> None:
    dates = pl.Series([*[None] * 2, *[date(2023, 3, 1)] * 3, date(2023, 6, 1)], dtype=pl.Date)
    found = table(
        tmp_path, [None, None, 3.0, 3.0, 3.0, 7.0], changes={"value_period": dates}, frequency="quarter",
        signals={"rebase": ["2023-05"]},
    )  # fmt: skip
    assert found["points"].to_list() == [0, 0, 1, 1, 0, 1]
    assert found["label"].to_list() == [None, None, "common cause", "common cause", None, "common cause"]


def test_a_kpi_of_texts_has_no_chart_and_keeps_its_row(tmp_path: Path) -> None:
    kpi = {"value": "state", "measured_in": "text", "scoring": {"texts": {"poor": 0, "good": 100}}}
    project = declare(tmp_path, {"state": {"value": "ANY_VALUE(reason)"}}, {"k": kpi})
    anchors = {f"{side}target": pl.lit(None, pl.Float64) for side in ("", "lower_", "upper_")}
    values = history([1.0, 2.0, 1.0])
    used = values.select(pl.lit("main").alias("scorecard"), "period", "unit", "kpi", **anchors)
    found = signals(project, values, used)
    assert found.select("period", "points", "mean", "label").rows() == [
        (date(2023, month, 1), 0, None, None) for month in (1, 2, 3)
    ]


def test_charts_stand_side_by_side_and_each_is_as_if_it_were_alone(tmp_path: Path) -> None:
    settings: dict[str, dict[str, Any]] = {
        "k": {},
        "l": {"screen": False},
        "m": {"baseline": 12, "rebase": ["2023-09"]},
    }
    project = declare(tmp_path, kpis={kpi: {"value": "revenue", "signals": way} for kpi, way in settings.items()})
    series = {
        ("k", "north"): [50 + n for n in [*NOISE, 30.0, *NOISE]],
        ("k", "south"): [1e12 + 1e11 * n for n in [*NOISE[3:], *NOISE, 5.0, 5.0, 0.0, 1.0]],
        ("l", "north"): [n * n for n in [*NOISE, 8.0, *NOISE]],
        ("m", "south"): [-n for n in [*NOISE, *NOISE, 40.0]],
        ("m", "north"): [*NOISE, *NOISE[:5], 30.0],
    }
    frames = {
        key: history(list(values)).with_columns(pl.lit(key[0]).alias("kpi"), pl.lit(key[1]).alias("unit"))
        for key, values in series.items()
    }

    def found(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        used = frame.select(
            pl.lit("main").alias("scorecard"), "period", "unit", "kpi", pl.lit(2.0).alias("target"),
            lower_target=pl.lit(None, pl.Float64), upper_target=pl.lit(None, pl.Float64),
        )  # fmt: skip
        drawn = signal_points(project, frame, sorted(frame["period"].unique())).sort("kpi", "unit", "period")
        return signals(project, frame, used), drawn

    mixed = pl.concat(frames.values()).sample(fraction=1.0, shuffle=True, seed=7)
    together, alone = found(mixed), [found(frame) for frame in frames.values()]
    key = ["scorecard", "period", "unit", "kpi"]
    assert together[0].equals(pl.concat([table for table, _ in alone]).sort(key))
    assert together[1].equals(pl.concat([drawn for _, drawn in alone]).sort("kpi", "unit", "period"))
    counts = together[0].group_by("kpi", "unit").agg(pl.col("outside").max()).sort("kpi", "unit")
    assert counts.rows() == [
        ("k", "north", 1),
        ("k", "south", 0),
        ("l", "north", 1),
        ("m", "north", 1),
        ("m", "south", 1),
    ]


def test_a_rebase_begins_a_chart_of_its_own(tmp_path: Path) -> None:
    found = table(tmp_path, [*NOISE, *(50 + n for n in NOISE)], signals={"rebase": ["2024-01"]})
    before, after = found.row(11, named=True), last(found)
    assert (before["points"], after["points"]) == (12, 12)
    assert after["mean"] == pytest.approx(before["mean"] + 50)
    assert (after["flagged"], found.row(12, named=True)["is_trial"]) == (0, True)


def test_a_seasonal_kpi_is_judged_on_its_change_since_the_same_month_of_last_year(tmp_path: Path) -> None:
    summer = [100.0 if i % 12 in (5, 6, 7) else 10.0 for i in range(36)]
    moved = [value + NOISE[i * 5 % 12] for i, value in enumerate(summer)]
    plain = table(tmp_path / "plain", moved, 5.0, signals={"screen": False})
    seasonal = table(tmp_path / "seasonal", moved, 5.0, signals={"seasonal": True})
    assert last(plain)["flagged"] > 0
    found = last(seasonal)
    assert (found["basis"], found["points"], found["flagged"]) == ("change on last year", 24, 0)
    assert found["assurance"] is None
    assert seasonal.row(11, named=True)["points"] == 0


def test_further_windows_slices_and_values_of_earlier_dates_are_no_points(tmp_path: Path) -> None:
    values = [1.0, 2.0, 3.0, 4.0]
    others = history([900.0] * 4).with_columns(pl.lit(False).alias("is_main"))
    found = table(tmp_path / "others", values, extra=others)
    assert found.equals(table(tmp_path / "alone", values))
    quarterly = table(
        tmp_path / "quarterly",
        [None, None, 3.0, 3.0, 3.0, 7.0],
        changes={"value_period": pl.Series([*[None] * 2, *[date(2023, 3, 1)] * 3, date(2023, 6, 1)], dtype=pl.Date)},
        frequency="quarter",
    )
    assert quarterly["points"].to_list() == [0, 0, 1, 1, 1, 2]
    assert quarterly["label"].to_list() == [None, None, *["common cause"] * 4]


@pytest.mark.parametrize(
    ("declared", "is_overlapping"),
    [
        ({}, False),
        ({"window": "trailing 3 months"}, True),
        ({"window": "year to date"}, True),
        ({"window": "trailing 3 months", "frequency": "quarter"}, False),
        ({"value": "a", "inputs": {"a": {"measure": "revenue", "window": "trailing 12 months"}}}, True),
        ({"window": "quarter"}, True),
        ({"window": "quarter to date"}, True),
        ({"window": "quarter", "frequency": "quarter"}, False),
        ({"window": "quarter to date", "frequency": "quarter"}, False),
        ({"window": "year", "frequency": "quarter"}, True),
        ({"window": "year", "frequency": "year"}, False),
        ({"window": "year to date", "frequency": "year"}, False),
        ({"value": "a", "inputs": {"a": {"measure": "revenue"}}}, False),
        ({"value": "a", "inputs": {"a": {"kpi": "smooth"}}}, True),
        ({"value": "a", "inputs": {"a": {"kpi": "between"}}}, True),
    ],
)
def test_values_that_share_months_are_marked_as_overlapping(
    tmp_path: Path, declared: dict[str, Any], is_overlapping: bool
) -> None:
    smooth = {"value": "revenue", "window": "trailing 6 months"}
    between = {"value": "s", "inputs": {"s": {"kpi": "smooth"}}}
    project = declare(tmp_path, kpis={"k": {"value": "revenue", **declared}, "between": between, "smooth": smooth})
    assert overlaps(project) == {"k": is_overlapping, "between": True, "smooth": True}


def test_the_points_drawn_keep_the_limits_of_their_own_stretch_in_the_kpis_terms(tmp_path: Path) -> None:
    values = [*NOISE, *(50 + n for n in NOISE)]
    rebased = declare(tmp_path / "r", kpis={"k": {"value": "revenue", "signals": {"rebase": ["2024-01"]}}})
    months = [add_months(FIRST, i) for i in range(24)]
    drawn = signal_points(rebased, history(values), months)
    assert drawn["mean"].to_list() == pytest.approx([np.mean(NOISE)] * 12 + [50 + np.mean(NOISE)] * 12)
    seasonal = declare(tmp_path / "s", kpis={"k": {"value": "revenue", "signals": {"seasonal": True}}})
    drawn = signal_points(seasonal, history(values), months)
    assert drawn["period"].min() == add_months(FIRST, 12)
    assert drawn["mean"].to_list() == pytest.approx([50 + n for n in NOISE])
