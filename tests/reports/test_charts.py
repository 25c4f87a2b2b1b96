import re
from datetime import date

import pytest

from report_templates.charts import axis_over, bullet, line_path, sparkline
from report_templates.column_chart import FOOT, LABELS_WIDTH, column_chart
from report_templates.formatting import rounded
from report_templates.history import MOST_MONTHS
from report_templates.waterfall import OTHER, ROUNDING, waterfall
from scorecards.periods import add_months
from tests.reports.pack_factory import BANDS
from transforms.pack import Contribution, Point


def points(values: list[float | None], target: float | None = None) -> list[Point]:
    last = date(2026, 10, 1)
    count = len(values)
    return [Point(add_months(last, i - count + 1), v, target, "good") for i, v in enumerate(values)]


def test_a_sparkline_places_every_value_on_one_exact_scale() -> None:
    spark = sparkline([0.0, 5.0, 10.0], [], width=100, height=20, slots=3)
    assert spark.line == "M2.6 17.4L50 10L97.4 2.6"
    assert spark.last == (97.4, 2.6)


def test_a_missing_month_is_a_gap_and_a_lone_point_is_seen() -> None:
    assert line_path([0, 1, 2, 3], [1.0, None, 2.0, None]) == "M0 1h.6M2 2h.6"


def test_the_newest_month_stands_at_the_right_however_short_the_history() -> None:
    assert sparkline([1.0], [], width=96).last == (93.4, 9.0)
    missing_last = sparkline([1.0, None], [])
    assert missing_last.last is None


def test_a_constant_series_lies_in_the_middle() -> None:
    axis = axis_over([7.0, 7.0], 20.0, 0.0)
    assert axis.at(7.0) == pytest.approx(10.0)


def test_nothing_at_all_draws_nothing() -> None:
    spark = sparkline([None] * 24, [None] * 24)
    assert (spark.line, spark.target, spark.last) == ("", "", None)


def test_the_target_line_steps_where_the_target_changes() -> None:
    spark = sparkline([1.0, 2.0, 3.0], [1.0, 1.0, 3.0], width=100, height=20, slots=3)
    assert spark.target.count("M") == 2


def test_a_bullet_bar_ends_at_its_score_and_the_tick_stands_at_the_target() -> None:
    bar = bullet(60.0, BANDS, 0.0, 120.0, 100.0, width=120)
    assert bar.bar == (0.0, 60.0)
    assert bar.target == 100.0
    assert [round(x, 6) for x, _ in bar.bands] == [0.0, 70.0, 95.0]
    assert sum(width for _, width in bar.bands) == pytest.approx(120.0)


def test_a_bullet_without_a_score_has_no_bar_and_a_score_beyond_the_scale_is_clamped() -> None:
    assert bullet(None, BANDS, 0.0, 120.0, 100.0).bar is None
    assert bullet(500.0, BANDS, 0.0, 100.0, 100.0, width=100).bar == (0.0, 100.0)


def test_columns_start_at_zero_and_end_at_their_value() -> None:
    chart = column_chart(points([50.0, 100.0]), 100.0, 40.0)
    assert chart.baseline == pytest.approx(40.0 - FOOT)
    ends = [end for _, end in chart.columns]
    assert ends == pytest.approx([(chart.baseline + 2.2) / 2, 2.2])
    pitch = (100.0 - LABELS_WIDTH) / MOST_MONTHS
    assert chart.columns[-1][0] == pytest.approx(100.0 - LABELS_WIDTH - pitch / 2)


def test_negative_values_hang_below_the_zero_line() -> None:
    chart = column_chart(points([-10.0, 10.0]), 100.0, 40.0)
    below, above = (end for _, end in chart.columns)
    assert above < chart.baseline < below
    assert below - chart.baseline == pytest.approx(chart.baseline - above, abs=0.02)


def test_only_the_current_month_is_drawn_as_the_latest() -> None:
    assert column_chart(points([1.0, 2.0]), 90.0, 30.0).latest.count("M") == 1
    missing = column_chart(points([1.0, None]), 90.0, 30.0)
    assert missing.latest == ""
    assert missing.value_y is None


def test_the_year_before_is_drawn_where_it_is_known() -> None:
    assert column_chart(points([1.0] * 25), 90.0, 30.0).earlier.count("M") == 13
    assert column_chart(points([1.0] * 12), 90.0, 30.0).earlier == ""


def test_the_labels_of_value_and_target_do_not_overlap() -> None:
    chart = column_chart(points([10.0, 10.1], target=10.0), 90.0, 30.0)
    assert chart.value_y is not None
    assert chart.target_y is not None
    assert abs(chart.value_y - chart.target_y) >= 3.4 - 1e-9


def moves(*values: float) -> list[Contribution]:
    return [Contribution(f"k{i}", f"KPI {i}", "p", v) for i, v in enumerate(values)]


def test_a_waterfall_runs_from_the_previous_score_to_this_one() -> None:
    chart = waterfall(76.8, 73.0, moves(-1.9, -1.3, 0.4, -1.0), 105.0, 50.0)
    low, high = chart.ticks[0], chart.ticks[-1]
    scale = (high[1] - low[1]) / (high[0] - low[0])
    assert chart.end[0] - chart.start[0] == pytest.approx((73.0 - 76.8) * scale)
    assert chart.steps[-1].after == pytest.approx(chart.end[0])
    for step in chart.steps:
        assert step.width == pytest.approx(abs(step.points) * scale)


def test_a_waterfall_is_never_cut() -> None:
    chart = waterfall(50.0, 51.0, moves(20.0, -30.0, 11.0), 105.0, 50.0)
    for step in chart.steps:
        assert chart.plot_left - 1e-9 <= step.x
        assert step.x + step.width <= chart.plot_right + 1e-9


def test_a_waterfall_names_where_its_scale_starts() -> None:
    chart = waterfall(76.8, 73.0, moves(-3.8), 105.0, 50.0)
    assert chart.ticks[0] == (73.0, chart.plot_left)


def test_what_is_not_named_is_summed_so_that_nothing_is_lost() -> None:
    chart = waterfall(50.0, 50.0 + 1.2, moves(*[0.1] * 12), 105.0, 50.0, most=3)
    assert [s.name for s in chart.steps][-1] == OTHER
    assert sum(s.points for s in chart.steps) == pytest.approx(1.2)


def test_paths_hold_numbers_only() -> None:
    chart = column_chart(points([1e-7, 3e9, None, -4.0] * 6, target=2.0), 90.0, 30.0)
    for path in (chart.actual, chart.latest, chart.earlier, chart.target):
        assert re.fullmatch(r"[MHVLhz\d.\s-]*", path)


def test_the_first_month_stands_at_the_left_of_a_short_axis() -> None:
    chart = column_chart(points([1.0] * 9), 90.0, 30.0, 9)
    pitch = (90.0 - LABELS_WIDTH) / 9
    assert chart.columns[0][0] == pytest.approx(pitch / 2)


def test_the_figures_of_a_waterfall_sum_to_the_change_shown() -> None:
    chart = waterfall(66.25, 71.84, moves(1.96, 1.96, 1.67), 105.0, 50.0)
    assert [s.name for s in chart.steps][-1] == ROUNDING
    assert sum(rounded(s.points, 1) for s in chart.steps) == rounded(71.84, 1) - rounded(66.25, 1)
