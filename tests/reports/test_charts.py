import re
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from report_templates import column_chart as columns_of
from report_templates import waterfall as waterfalls
from report_templates import xmr_chart as lines_of
from report_templates.chart_targets import LABEL_GAP
from report_templates.charts import axis_over, bullet, line_path, sparkline
from report_templates.column_chart import FOOT, LABEL_SIZE, LABELS_WIDTH
from report_templates.formatting import rounded
from report_templates.history import MOST_MONTHS
from report_templates.kpi_rows import kpi_row
from report_templates.language import ENGLISH
from report_templates.text_fit import text_width
from report_templates.waterfall import OTHER, ROUNDING
from scorecards.periods import add_months
from tests.reports.pack_factory import BANDS, company_pack
from transforms.pack import Contribution, Direction, Point

column_chart = partial(columns_of.column_chart, locale=ENGLISH, direction="higher")
xmr_chart = partial(lines_of.xmr_chart, locale=ENGLISH)
waterfall = partial(waterfalls.waterfall, locale=ENGLISH)


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


def ranged(values: list[float | None], *ends: tuple[float | None, float | None]) -> list[Point]:
    return [replace(p, lower=low, upper=high) for p, (low, high) in zip(points(values), ends, strict=True)]


def test_a_range_is_a_band_between_two_lines_that_steps_with_its_ends() -> None:
    chart = column_chart(ranged([7.0, 8.0, 9.0], (5.0, 10.0), (5.0, 10.0), (6.0, 10.0)), 100.0, 40.0, 3)
    floor, pitch = 40.0 - FOOT, (100.0 - LABELS_WIDTH) / 3
    per_unit = (floor - 2.2) / 10
    assert chart.target_bands == (
        pytest.approx((0.0, 2.2, 2 * pitch, 5 * per_unit)),
        pytest.approx((2 * pitch, 2.2, pitch, 4 * per_unit)),
    )
    assert chart.target.count("M") == 3
    assert (chart.target_y, chart.top_y, chart.foot_y) == (
        None,
        pytest.approx(2.2),
        pytest.approx(floor - 6 * per_unit),
    )


@pytest.mark.parametrize(("direction", "better"), [("higher", "better"), ("lower", "worse")])
def test_the_variance_is_the_piece_between_target_and_actual_coloured_by_its_meaning(
    direction: Direction, better: str
) -> None:
    chart = column_chart(points([50.0, 100.0, 80.0, None], 80.0), 100.0, 40.0, 4, direction=direction)
    floor = 40.0 - FOOT
    per_unit = (floor - 2.2) / 100
    worse = "worse" if better == "better" else "better"
    (x1, _), (x2, _), *_ = chart.columns
    target = f"{floor - 80 * per_unit:.2f}"
    assert getattr(chart.variances, better) == f"M{x2:.2f} {target}V2.20"
    assert getattr(chart.variances, worse) == f"M{x1:.2f} {target}V{floor - 50 * per_unit:.2f}"


def test_of_a_range_only_what_is_outside_is_a_variance_and_never_a_good_one() -> None:
    history = ranged([3.0, 7.0, 12.0], *[(5.0, 10.0)] * 3)
    chart = column_chart(history, 100.0, 40.0, 3, direction="within")
    floor = 40.0 - FOOT
    per_unit = (floor - 2.2) / 12
    xs = [x for x, _ in chart.columns]
    pieces = [(xs[0], 5, 3), (xs[2], 10, 12)]
    assert chart.variances.better == ""
    assert chart.variances.worse == "".join(
        f"M{x:.2f} {floor - end * per_unit:.2f}V{floor - value * per_unit:.2f}" for x, end, value in pieces
    )


def test_a_month_of_the_year_before_stays_within_the_chart_though_it_is_no_longer_shown_itself() -> None:
    chart = column_chart(points([900.0, *[10.0] * 24]), 100.0, 40.0, 24)
    assert chart.earlier.startswith("M")
    assert min(float(end) for end in re.findall(r"V([\d.-]+)", chart.earlier)) >= 2.2


def test_a_range_that_is_open_on_one_side_is_a_line() -> None:
    for ends in ((5.0, None), (None, 5.0)):
        chart = column_chart(ranged([7.0, 8.0], ends, ends), 100.0, 40.0)
        assert (chart.target_bands, chart.target.count("M")) == ((), 1)
        assert chart.target_y is not None
        assert (chart.top_y, chart.foot_y) == (None, None)


def test_the_labels_of_a_range_and_of_the_value_between_keep_their_order_and_distance() -> None:
    points_of = ranged([10.0, 10.1], (10.0, 10.3), (10.0, 10.3))
    columns = column_chart(points_of, 90.0, 30.0)
    lines = xmr_chart(points_of, [None, None], 90.0, 30.0)
    for top, value, foot in [(c.top_y, c.value_y, c.foot_y) for c in (columns, lines)]:
        assert top is not None
        assert value is not None
        assert foot is not None
        assert min(value - top, foot - value) >= LABEL_GAP - 1e-9
    assert lines.target_bands[0][3] > 0


def test_a_sparkline_of_a_range_has_both_its_lines() -> None:
    spark = sparkline([1.0, 2.0], [1.0, 1.0], width=100, height=20, slots=2, uppers=[3.0, 3.0])
    assert spark.target == "M-44.8 17.4H144.8M-44.8 2.6H144.8"


@pytest.mark.parametrize(
    ("lower", "upper", "labels"),
    [(5.0, 9.0, ("target ≤ 9", "target ≥ 5")), (1200.5, 1500.0, ("≤ 1,500", "≥ 1,201"))],
)
def test_the_ends_of_a_range_are_called_targets_where_there_is_room(
    lower: float, upper: float, labels: tuple[str, str]
) -> None:
    pack = company_pack()
    line = replace(
        pack.kpis[5], direction="within", target=None, lower_target=lower, upper_target=upper, value=lower, decimals=0
    )
    assert kpi_row(pack, line).range_labels == labels


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


def test_a_kpi_that_is_told_as_an_exception_keeps_its_row() -> None:
    chart = waterfall(50.0, 53.6, moves(1.1, 0.9, 0.9, 0.8, -0.4, 0.3), 105.0, 50.0, most=4, kept=("k4",))
    assert [(s.name, s.points) for s in chart.steps][:4] == [
        ("KPI 0", 1.1),
        ("KPI 1", 0.9),
        ("KPI 2", 0.9),
        ("KPI 4", -0.4),
    ]
    assert chart.steps[-1].name == OTHER


def test_exceptions_leave_half_of_the_rows_to_what_moved_the_score_most() -> None:
    many = moves(5.0, 4.0, 3.0, *[-0.1] * 8)
    chart = waterfall(50.0, 61.2, many, 105.0, 50.0, most=4, kept=[f"k{i}" for i in range(3, 11)])
    assert [s.kpi for s in chart.steps] == ["k0", "k1", "k3", "k4", None]


def test_an_exception_that_did_not_move_the_score_needs_no_row() -> None:
    chart = waterfall(50.0, 51.5, moves(1.0, 0.5, 0.01), 105.0, 50.0, most=2, kept=("k2",))
    assert [s.kpi for s in chart.steps] == ["k0", "k1", None]


def test_paths_hold_numbers_only() -> None:
    chart = column_chart(points([1e-7, 3e9, None, -4.0] * 6, target=2.0), 90.0, 30.0)
    for path in (chart.actual, chart.latest, chart.earlier, chart.target):
        assert re.fullmatch(r"[MHVLhz\d.\s-]*", path)


@pytest.mark.parametrize("slots", [3, 9, 13, 24])
@pytest.mark.parametrize("width", [46.0, 60.0, 91.0])
def test_names_of_months_stay_within_the_drawing(width: float, slots: int) -> None:
    for chart in (column_chart(points([1.0] * slots), width, 30.0, slots), lines(slots, width)):
        assert chart.months[-1].text == "Oct\u00a026"
        for label in chart.months:
            assert label.x - text_width(label.text, LABEL_SIZE) / 2 > -0.01
            assert label.x + text_width(label.text, LABEL_SIZE) / 2 <= width
        assert len({label.x for label in chart.months}) == len(chart.months)


def lines(slots: int, width: float) -> lines_of.XmrChart:
    return xmr_chart(points([1.0] * slots), [None] * slots, width, 30.0, slots)


def test_the_first_month_stands_at_the_left_of_a_short_axis() -> None:
    chart = column_chart(points([1.0] * 9), 90.0, 30.0, 9)
    pitch = (90.0 - LABELS_WIDTH) / 9
    assert chart.columns[0][0] == pytest.approx(pitch / 2)


def test_the_figures_of_a_waterfall_sum_to_the_change_shown() -> None:
    chart = waterfall(66.25, 71.84, moves(1.96, 1.96, 1.67), 105.0, 50.0)
    assert [s.name for s in chart.steps][-1] == ROUNDING
    assert sum(rounded(s.points, 1) for s in chart.steps) == rounded(71.84, 1) - rounded(66.25, 1)
