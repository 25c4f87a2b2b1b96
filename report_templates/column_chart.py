"""The geometry of the chart of a KPI: columns of up to 24 months, the year before behind them, plan and forecast.

Notation after the International Business Communication Standards: actual solid, previous year light and behind, plan as
an outline, the variance in colour between actual and plan, forecast hatched, all columns from zero. A target range is a
band, one that is open on one side a line.
Belongs here: positions only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from report_templates.chart_targets import Rectangle, Targets, spread, targets_of
from report_templates.charts import Axis, axis_over, mark_path, slot_centres
from report_templates.days import short_month
from report_templates.history import MOST_MONTHS
from report_templates.plan_shapes import hatching, outlines
from report_templates.text_fit import text_width
from report_templates.variance_bars import VarianceBars, variance_bars
from transforms.pack import Direction, Point, Status

LABELS_WIDTH = 13.0
LABEL_SIZE = 2.2
FOOT = 6.0
MOST_COLUMN_WIDTH = 5.0
# Of the room of a month: the actual, and round it the plan, whose sides are seen beside a column that is taller.
COLUMN_SHARE, PLAN_SHARE = 0.58, 0.8


@dataclass(frozen=True)
class Label:
    """A text at a position."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Marks:
    """All marks of one status as one path.

    ``stroke`` is the pen's width where the marks are drawn by it, else None (filled).
    """

    status: Status
    path: str
    stroke: float | None


@dataclass(frozen=True)
class ColumnChart:
    """Paths and positions, in millimetres.

    ``columns`` holds (middle, end) per month with a value, in order: a column runs from the ``baseline`` to its end.
    ``plan`` are the outlines of targets, ``forecast`` those of months to come with their ``hatching``. ``target_y``, or
    of a range ``top_y`` and ``foot_y``, are where its labels stand. The paths of columns are strokes as wide as a
    column, which is half the drawing of outlines.
    """

    width: float
    height: float
    baseline: float
    columns: tuple[tuple[float, float], ...]
    column_width: float
    earlier: str
    actual: str
    latest: str
    variances: VarianceBars
    plan: str
    forecast: str
    hatching: str
    target: str
    target_bands: tuple[Rectangle, ...]
    strip: tuple[Marks, ...]
    months: tuple[Label, ...]
    value_y: float | None
    target_y: float | None
    top_y: float | None
    foot_y: float | None
    plot_right: float


def column_chart(
    points: Sequence[Point],
    width: float,
    height: float,
    slots: int = MOST_MONTHS,
    *,
    locale: str,
    direction: Direction,
    forecast: Sequence[Point] = (),
    reach: tuple[float, float] | None = None,
) -> ColumnChart:
    """The geometry for ``points`` (oldest first, the last being the current month) in a frame of millimetres.

    The time axis has ``slots`` months and ends with the last of them, or with the last of ``forecast``, of which up to
    a quarter of the axis is drawn. ``reach`` is what the scale runs from and to at least.
    """
    ahead = months_ahead(forecast, slots)
    shown = list(points)[len(ahead) - slots :]
    values, targets = [p.value for p in shown], targets_of(shown)
    right = width - LABELS_WIDTH
    pitch = right / slots
    before = _year_before(points, shown)
    wanted = [*values, *targets.values, *before, *(p.value for p in ahead), *(p.target for p in ahead), *(reach or ())]
    axis = axis_over(wanted, height - FOOT, 2.2, with_zero=True)
    every = slot_centres(len(shown) + len(ahead), slots, pitch / 2, right - pitch / 2)
    centres, later = every[: len(shown)], every[len(shown) :]
    zero = axis.at(0.0)
    columns = _columns(centres, values, axis)
    is_range = any(p.lower is not None or p.upper is not None for p in shown)
    planned = [] if is_range else _columns(every, [*targets.lines[0], *(p.target for p in ahead)], axis)
    expected = _columns(later, [p.value for p in ahead], axis)
    plan_width = min(pitch * PLAN_SHARE, MOST_COLUMN_WIDTH * PLAN_SHARE / COLUMN_SHARE)
    column_width = min(pitch * COLUMN_SHARE, MOST_COLUMN_WIDTH)
    behind = _columns([c - column_width * 0.35 for c in centres], before, axis)
    last = shown[-1] if shown else None
    has_latest = last is not None and last.value is not None
    return ColumnChart(
        width=width,
        height=height,
        baseline=round(zero, 2),
        columns=tuple(columns),
        column_width=column_width,
        earlier=_strokes(behind, zero),
        actual=_strokes(columns[:-1] if has_latest else columns, zero),
        latest=_strokes(columns[-1:] if has_latest else [], zero),
        variances=variance_bars(centres, shown, direction, axis),
        plan=outlines(planned, zero, plan_width),
        forecast=outlines(expected, zero, column_width),
        hatching=hatching(expected, zero, column_width),
        target=targets.path(centres, axis, pitch * 0.5) if is_range else "",
        target_bands=targets.bands(centres, axis, pitch),
        strip=status_strip(centres, shown, height - FOOT + 2.0, min(0.62, pitch * 0.26)),
        months=month_labels(centres, shown, height - 0.7, slots, locale),
        plot_right=right,
        **_end_labels(last, targets, axis, height - FOOT),
    )


def months_ahead(forecast: Sequence[Point], slots: int) -> list[Point]:
    """The months to come that a time axis of ``slots`` months has room for."""
    return list(forecast)[: slots // 4]


def _year_before(points: Sequence[Point], shown: Sequence[Point]) -> list[float | None]:
    known = {p.period: p.value for p in points}
    return [known.get(date(p.period.year - 1, p.period.month, 1)) for p in shown]


def _columns(centres: Sequence[float], values: Sequence[float | None], axis: Axis) -> list[tuple[float, float]]:
    return [(c, axis.at(v)) for c, v in zip(centres, values, strict=True) if v is not None]


def _strokes(columns: Sequence[tuple[float, float]], zero: float) -> str:
    return "".join(f"M{x:.2f} {zero:.2f}V{y:.2f}" for x, y in columns)


def status_strip(centres: Sequence[float], points: Sequence[Point], y: float, radius: float) -> tuple[Marks, ...]:
    """The marks of the months' statuses below a chart, one path for every status."""
    paths: dict[Status, list[str]] = {}
    for centre, point in zip(centres, points, strict=True):
        if point.status == "good":
            # A stroke of no length with round ends is a circle.
            paths.setdefault("good", []).append(f"M{centre:.2f} {y:.2f}h.01")
        elif point.status == "bad":
            paths.setdefault("bad", []).append(f"M{centre - 0.9 * radius:.2f} {y:.2f}h{1.8 * radius:.2f}")
        elif point.status == "warning":
            paths.setdefault("warning", []).append(mark_path("warning", centre, y, radius))
    strokes: dict[Status, float] = {"good": 2 * radius, "bad": 1.8 * radius}
    return tuple(Marks(status, "".join(parts), strokes.get(status)) for status, parts in sorted(paths.items()))


def month_labels(
    centres: Sequence[float], points: Sequence[Point], y: float, slots: int, locale: str
) -> tuple[Label, ...]:
    """The names of some months below a chart, counted back from the last."""
    labels: list[Label] = []
    last = len(points) - 1
    step = 6 if slots > 12 else 3
    for i, point in enumerate(points):
        if (last - i) % step == 0:
            name = short_month(point.period, locale, year=True)
            # The first month of a narrow chart is narrower than its name, which would begin left of the drawing.
            labels.append(Label(round(max(centres[i], text_width(name, LABEL_SIZE) / 2), 2), y, name))
    return tuple(labels)


def _end_labels(last: Point | None, targets: Targets, axis: Axis, floor: float) -> dict[str, float | None]:
    value = None if last is None or last.value is None else axis.at(last.value)
    target, top, foot = targets.last(axis)
    if top is not None and foot is not None:
        ends = [("top_y", top), ("foot_y", foot), *([] if value is None else [("value_y", value)])]
        return {"value_y": None, "target_y": None, "top_y": top, "foot_y": foot, **(spread(ends, 2.2, floor) or {})}
    if value is not None and target is not None and abs(value - target) < 3.4:
        middle, value_is_above = (value + target) / 2, value <= target
        middle = min(max(middle, 3.2), floor - 1.7)
        value, target = (middle - 1.7, middle + 1.7) if value_is_above else (middle + 1.7, middle - 1.7)
    return {"value_y": value, "target_y": target, "top_y": None, "foot_y": None}
