"""Charts against the same rules worked by hand, label by label; and what must hold of every series."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from scorecards.periods import add_months
from scorecards.project import Project
from tests.declared import declare
from tests.xmr_by_hand import chart_by_hand
from transforms.signal_table import signal_points, signals
from transforms.signals import LABELS, Charts, xmr_charts

# Small steps, long stays and a few leaps, so that every rule is met: walks give trends and shifts, leaps outsiders.
STEADY = st.lists(st.integers(-40, 40), min_size=1, max_size=45)
WALKS = st.lists(st.integers(-3, 5), min_size=1, max_size=45).map(lambda steps: [int(v) for v in np.cumsum(steps)])
FEW = st.lists(st.sampled_from([0, 0, 0, 1, 1, 2, 9]), min_size=1, max_size=45)
SERIES = st.one_of(STEADY, WALKS, FEW)
BASELINES = st.one_of(st.none(), st.integers(12, 30))


def chart(values: list[int] | list[float], screen: bool = True, baseline: int | None = None) -> Charts:
    return xmr_charts(np.array(values, float)[:, None], screen=screen, baseline=baseline)


def words(charts: Charts, series: int = 0) -> list[str]:
    return [LABELS[code] for code in charts.labels[:, series]]


@settings(max_examples=600, deadline=None)
@given(SERIES, st.booleans(), BASELINES)
def test_every_label_and_limit_is_the_one_worked_out_by_hand(
    values: list[int], screen: bool, baseline: int | None
) -> None:
    found, expected = chart(values, screen, baseline), chart_by_hand(values, screen, baseline)
    assert words(found) == expected.labels
    assert found.mean[0] == pytest.approx(float(expected.mean))
    for limit, by_hand in ((found.lower[0], expected.lower), (found.upper[0], expected.upper)):
        assert np.isnan(limit) if by_hand is None else limit == pytest.approx(float(by_hand))


def test_the_series_tried_meet_every_rule() -> None:
    found = {label for series in seeded_series() for label in chart_by_hand(series).labels}
    assert found == set(LABELS)


@pytest.mark.parametrize(("screen", "baseline"), [(True, None), (False, None), (True, 12)])
def test_the_same_series_every_time_have_the_charts_worked_out_by_hand(screen: bool, baseline: int | None) -> None:
    for series in seeded_series():
        found, expected = chart(series, screen, baseline), chart_by_hand(series, screen, baseline)
        assert words(found) == expected.labels
        assert found.sides[:, 0].tolist() == [(v > expected.mean) - (v < expected.mean) for v in series]
        assert found.mean[0] == pytest.approx(float(expected.mean))
        limits = [float("nan") if limit is None else float(limit) for limit in (expected.lower, expected.upper)]
        assert [found.lower[0], found.upper[0]] == pytest.approx(limits, nan_ok=True)


def seeded_series() -> list[list[int]]:
    random = np.random.default_rng(3)
    walks = [np.cumsum(random.integers(-3, 5, 40)) for _ in range(60)]
    leaps = [random.integers(-40, 40, 40) for _ in range(60)]
    short = [random.integers(-4, 4, count) for count in range(1, 20)]
    few = [random.choice([0, 0, 0, 0, 1, 2, 9], 30) for _ in range(20)]
    return [[int(value) for value in series] for series in (*walks, *leaps, *short, *few)]


@settings(max_examples=200, deadline=None)
@given(SERIES, st.integers(0, 44))
def test_float_noise_changes_no_label(values: list[int], seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-1, 1, len(values)) * 1e-13
    noisy = [value * 0.1 + float(n) for value, n in zip(values, noise, strict=True)]
    assert words(chart(noisy)) == words(chart(values))


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e12, 1e12), st.integers(1, 60), st.integers(0, 99))
def test_a_constant_series_has_no_signal_whatever_its_float_noise(level: float, count: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(-3, 4, count) * np.spacing(level)
    assert words(chart([level + float(n) for n in noise])) == ["common cause"] * count


@settings(max_examples=200, deadline=None)
@given(SERIES)
def test_turned_upside_down_the_labels_are_the_same(values: list[int]) -> None:
    turned, straight = chart([-v for v in values]), chart(values)
    assert words(turned) == words(straight)
    assert (turned.sides == -straight.sides).all()


@settings(max_examples=100, deadline=None)
@given(SERIES, st.sampled_from([0.01, 7.0, 1e6]))
def test_another_unit_of_measurement_changes_no_label(values: list[int], factor: float) -> None:
    assert words(chart([v * factor for v in values])) == words(chart(values))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=9, max_size=9), min_size=1, max_size=5))
def test_a_series_is_judged_alike_alone_and_among_others(series: list[list[float]]) -> None:
    together = xmr_charts(np.array(series).T)
    for column, values in enumerate(series):
        alone = chart(values)
        assert words(alone) == words(together, column)
        for name in ("mean", "mean_range", "lower", "upper"):
            assert np.array_equal(getattr(alone, name), getattr(together, name)[[column]], equal_nan=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    kpis = {
        "plain": {"value": "revenue"},
        "seasonal": {"value": "revenue", "signals": {"seasonal": True}, "direction": "lower"},
        "rebased": {"value": "revenue", "signals": {"rebase": ["2023-09", "2024-02"], "screen": False}},
        "fixed": {"value": "revenue", "signals": {"baseline": 12}, "direction": "within"},
    }
    return declare(tmp_path_factory.mktemp("signals"), kpis=kpis)


HISTORIES = st.lists(
    st.lists(st.one_of(st.none(), st.integers(-20, 20)), min_size=30, max_size=30), min_size=4, max_size=4
)
MONTHS = [add_months(date(2023, 1, 1), i) for i in range(30)]


def history(project: Project, series: list[list[int | None]]) -> pl.DataFrame:
    rows = [
        (month, "north", kpi, True, month, None if value is None else float(value))
        for kpi, values in zip(project.kpis, series, strict=True)
        for month, value in zip(MONTHS, values, strict=True)
    ]
    schema = {
        "period": pl.Date, "unit": pl.String, "kpi": pl.String, "is_main": pl.Boolean, "value_period": pl.Date,
        "value": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def used(values: pl.DataFrame) -> pl.DataFrame:
    bounds = [pl.lit(float(v)).alias(n) for n, v in (("target", 3), ("lower_target", -5), ("upper_target", 5))]
    return values.select(pl.lit("main").alias("scorecard"), "period", "unit", "kpi", *bounds)


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.integers(0, 29))
def test_later_months_change_nothing_earlier_and_a_month_alone_is_the_month_of_a_backfill(
    project: Project, series: list[list[int | None]], last: int
) -> None:
    values = history(project, series)
    everything = signals(project, values, used(values))
    until = values.filter(pl.col("period") <= MONTHS[last])
    alone = signals(project, until, used(until.filter(pl.col("period") == MONTHS[last])))
    assert_frame_equal(alone, everything.filter(pl.col("period") == MONTHS[last]), check_exact=True)


@settings(max_examples=40, deadline=None)
@given(HISTORIES)
def test_the_chart_that_is_drawn_ends_with_the_label_that_is_published(
    project: Project, series: list[list[int | None]]
) -> None:
    values = history(project, series)
    table = signals(project, values, used(values)).filter(pl.col("period") == MONTHS[-1])
    drawn = signal_points(project, values, MONTHS)
    for row in table.iter_rows(named=True):
        points = drawn.filter(pl.col("kpi") == row["kpi"], pl.col("period") <= MONTHS[-1]).sort("period")
        newest = points.filter(pl.col("period") == MONTHS[-1])
        assert newest["label"].to_list() == ([] if row["label"] is None else [row["label"]])
        since = {"rebased": date(2024, 2, 1)}.get(row["kpi"], date.min)
        own = points.filter(pl.col("period") >= since)
        assert own.filter(pl.col("label") != "common cause").height == row["flagged"]
        assert own.height == row["points"]
