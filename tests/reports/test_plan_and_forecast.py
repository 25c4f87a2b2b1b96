"""IBCS in charts of columns: plan outlined, forecast hatched, all from zero on one scale a unit, exactly."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from report_templates import column_chart as columns_of
from report_templates.column_chart import COLUMN_SHARE, FOOT, LABELS_WIDTH, PLAN_SHARE
from report_templates.kpi_charts import kpi_chart
from report_templates.kpi_messages import chart_message
from report_templates.kpi_rows import kpi_row
from report_templates.language import ENGLISH
from report_templates.perspective_view import perspective_views
from report_templates.plan_shapes import HATCH
from report_templates.rendering import OURS, render_html
from report_templates.shared_scales import Reach, shared_reaches
from scorecards.periods import add_months
from tests.reports.pack_factory import PERIOD, company_pack
from transforms.pack import KpiLine, Pack, Point

column_chart = partial(columns_of.column_chart, locale=ENGLISH, direction="higher")

WIDTH, HEIGHT = 100.0, 40.0
FLOOR, TOP = HEIGHT - FOOT, 2.2


def points(values: list[float | None], target: float | None = None, first: date = PERIOD) -> list[Point]:
    return [Point(add_months(first, i - len(values) + 1), v, target, None) for i, v in enumerate(values)]


def ahead(*values: float) -> list[Point]:
    return [Point(add_months(PERIOD, i + 1), v, None, None) for i, v in enumerate(values)]


def boxes(path: str) -> list[tuple[float, float, float, float]]:
    """The outlines of a path as (left, foot, end, right)."""
    found = re.findall(r"M([-\d.]+) ([-\d.]+)V([-\d.]+)H([-\d.]+)V([-\d.]+)", path)
    assert "".join(f"M{a} {b}V{c}H{d}V{e}" for a, b, c, d, e in found) == path
    return [(float(left), float(foot), float(end), float(right)) for left, foot, end, right, _ in found]


def test_the_plan_is_an_outline_from_zero_to_the_target_round_every_column() -> None:
    chart = column_chart(points([50.0, 100.0, None], 80.0), WIDTH, HEIGHT, 4)
    pitch = (WIDTH - LABELS_WIDTH) / 4
    end = FLOOR - 0.8 * (FLOOR - TOP)
    middles = [pitch * place for place in (1.5, 2.5, 3.5)]
    # The widest column is 5 mm, and its plan in the same proportion to it as where months are narrow.
    half = 5.0 * PLAN_SHARE / COLUMN_SHARE / 2
    wanted = [(x - half, FLOOR, end, x + half) for x in middles]
    for drawn, expected in zip(boxes(chart.plan), wanted, strict=True):
        assert drawn == pytest.approx(expected, abs=0.006)
    assert chart.target == ""


def test_a_forecast_stands_after_this_month_hatched_and_on_the_same_scale() -> None:
    chart = column_chart(points([50.0] * 8), WIDTH, HEIGHT, 8, forecast=ahead(100.0, 75.0))
    pitch = (WIDTH - LABELS_WIDTH) / 8
    half = 5.0 / 2
    last = boxes(chart.forecast)[-1]
    assert [end for _, _, end, _ in boxes(chart.forecast)] == pytest.approx(
        [TOP, FLOOR - 0.75 * (FLOOR - TOP)], abs=0.006
    )
    assert last[0] == pytest.approx(pitch * 7.5 - half, abs=0.006)
    assert len(chart.columns) == 6
    assert chart.columns[-1] == (pytest.approx(pitch * 5.5), pytest.approx(FLOOR - 0.5 * (FLOOR - TOP)))


def test_hatching_stays_inside_its_column_at_45_degrees() -> None:
    chart = column_chart(points([50.0] * 8), WIDTH, HEIGHT, 8, forecast=ahead(-40.0, 75.0))
    frames = boxes(chart.forecast)
    strokes = re.findall(r"M([-\d.]+) ([-\d.]+)L([-\d.]+) ([-\d.]+)", chart.hatching)
    assert len(strokes) > 2 * 5 / HATCH
    for stroke in strokes:
        x0, y0, x1, y1 = map(float, stroke)
        assert x1 - x0 == pytest.approx(y0 - y1, abs=0.03)
        assert any(
            left - 0.02 <= x0 <= x1 <= right + 0.02 and min(foot, end) - 0.02 <= y1 <= y0 <= max(foot, end) + 0.02
            for left, foot, end, right in frames
        )


def test_without_a_forecast_or_target_nothing_is_outlined_or_hatched() -> None:
    chart = column_chart(points([50.0] * 8), WIDTH, HEIGHT, 8)
    assert (chart.plan, chart.forecast, chart.hatching) == ("", "", "")


def test_at_most_a_quarter_of_the_axis_is_to_come() -> None:
    chart = column_chart(points([1.0] * 24), WIDTH, HEIGHT, 24, forecast=ahead(*[1.0] * 11))
    assert (len(boxes(chart.forecast)), len(chart.columns)) == (6, 18)


def line(name: str, measured_in: str, value: float) -> KpiLine:
    own = company_pack().kpis[0]
    history = tuple(points([value] * 24, value))
    return replace(
        own, id=name, name=name, measured_in=measured_in, value=value, target=value, history=history, signal=None
    )


def test_columns_of_the_same_unit_have_one_scale_so_that_equal_heights_are_equal_amounts() -> None:
    lines = [line("a", "orders", 100.0), line("b", "orders", 50.0), line("c", "days", 7.0)]
    reaches = shared_reaches(lines, 24)
    assert reaches == {"a": Reach(0.0, 100.0, False), "b": Reach(0.0, 100.0, False), "c": Reach(0.0, 7.0, False)}
    pack = company_pack()
    heights = {}
    for each in lines[:2]:
        drawn = kpi_chart(pack, kpi_row(pack, each), WIDTH, HEIGHT, 24, reaches[each.id]).columns
        assert drawn is not None
        heights[each.id] = drawn.baseline - drawn.columns[-1][1]
    assert heights["a"] == pytest.approx(2 * heights["b"], abs=0.02)


def test_what_would_be_lower_than_a_quarter_has_its_own_scale_and_says_so() -> None:
    lines = [line("a", "orders", 100.0), line("b", "orders", 25.0), line("c", "orders", 24.0), line("d", "orders", 7.0)]
    reaches = shared_reaches(lines, 24)
    assert [reaches[name].high for name in "abcd"] == [100.0, 100.0, 24.0, 24.0]
    assert all(reaches[name].is_one_of_several for name in "abcd")
    pack = company_pack()
    assert kpi_chart(pack, kpi_row(pack, lines[3]), WIDTH, HEIGHT, 24, reaches["d"]).scale_to == "24"


def with_forecast(pack: Pack) -> Pack:
    def extended(one: KpiLine) -> KpiLine:
        return replace(one, forecast=tuple(ahead(one.value or 0.0, 2 * (one.value or 0.0)))) if one is first else one

    first = pack.kpis[0]
    pages = tuple(replace(page, kpis=tuple(map(extended, page.kpis))) for page in pack.perspectives)
    return replace(pack, perspectives=pages)


def test_all_columns_of_a_unit_on_a_page_share_one_scale() -> None:
    pack, place = company_pack(), 0
    found: dict[tuple[int, str], set[float]] = {}
    for view in perspective_views(pack, OURS.page, 24):
        place += view.starts_page
        for chart in view.charts:
            if chart.columns is None or chart.scale_to or not chart.row.line.measured_in:
                continue
            drawn, value = chart.columns, chart.row.line.value
            assert value is not None
            per_unit = (drawn.baseline - drawn.columns[-1][1]) / value / (drawn.height - FOOT - TOP)
            found.setdefault((place, chart.row.line.measured_in), set()).add(round(per_unit, 5))
    assert {key: len(scales) for key, scales in found.items()} == dict.fromkeys(found, 1)


def test_a_forecast_is_told_in_the_legend_beside_its_column_and_in_the_alternative_text() -> None:
    pack = with_forecast(company_pack())
    page, of_its_month = render_html(pack), re.compile(r" · [A-Z][a-z]{2}\u00a0\d\d forecast ")
    assert "forecast hatched." in page
    assert of_its_month.search(page)
    assert "Forecast: November 2026" in chart_message(pack, pack.kpis[0])
    assert not of_its_month.search(render_html(company_pack()))
