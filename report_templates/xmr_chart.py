"""The geometry of an XmR chart: values as a line, the usual range behind it, the mean, and a shape at every signal.

Belongs here: positions only. The scale holds what is drawn and need not begin at zero: the chart compares a value with
its usual range, not with nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.chart_targets import LABEL_GAP, Rectangle, Targets, spread, stretches, targets_of
from report_templates.charts import Axis, axis_over, line_path, slot_centres, step_path
from report_templates.column_chart import FOOT, LABELS_WIDTH, Label, Marks, month_labels, status_strip
from report_templates.history import MOST_MONTHS
from transforms.pack import Point, SignalPoint, Variation

TOP = 2.2
_LIMITS = ("upper_y", "lower_y")
_LABELS = ("value_y", "target_y", "top_y", "foot_y", *_LIMITS)


@dataclass(frozen=True)
class XmrChart:
    """Paths and positions, in millimetres.

    ``ranges`` holds one rectangle as (x, y, width, height) for every stretch of equal limits. ``signals`` is the paths
    of flagged points by variation. ``value_y``, ``target_y`` (of a range ``top_y`` and ``foot_y``), ``upper_y`` and
    ``lower_y`` are where labels stand, None where there is nothing to say or no room.
    """

    width: float
    height: float
    plot_right: float
    floor: float
    ranges: tuple[Rectangle, ...]
    mean: str
    target: str
    target_bands: tuple[Rectangle, ...]
    line: str
    points: str
    last: tuple[float, float] | None
    signals: tuple[tuple[Variation, str], ...]
    strip: tuple[Marks, ...]
    months: tuple[Label, ...]
    value_y: float | None
    target_y: float | None
    top_y: float | None
    foot_y: float | None
    upper_y: float | None
    lower_y: float | None


def xmr_chart(
    points: Sequence[Point],
    judged: Sequence[SignalPoint | None],
    width: float,
    height: float,
    slots: int = MOST_MONTHS,
    *,
    locale: str,
    every: int = 1,
) -> XmrChart:
    """The chart of ``points`` (oldest first, the last being the current month), each with its place in ``judged``.

    A KPI has a value of its own ``every`` so many months; that of the months between is not drawn again.
    """
    shown, places = list(points)[-slots:], list(judged)[-slots:]
    own = _own_months(places, every)
    places = _held(places, every)
    values, targets = [p.value for p in shown], targets_of(shown)
    lowers = [None if p is None else p.lower for p in places]
    uppers = [None if p is None else p.upper for p in places]
    means = [None if p is None or p.lower is None else p.mean for p in places]
    right = width - LABELS_WIDTH
    pitch = right / slots
    floor = height - FOOT
    axis = axis_over([*values, *targets.values, *lowers, *uppers], floor - 0.8, TOP)
    xs = [round(x, 2) for x in slot_centres(len(shown), slots, pitch / 2, right - pitch / 2)]
    ys = [None if v is None else axis.at(v) for v in values]
    ends = [(xs[i], round(y, 2)) for i in own if (y := ys[i]) is not None and i > len(ys) - 1 - every]
    last = ends[-1] if ends else None
    labels = _label_places(axis, floor, values, targets, uppers, lowers)
    return XmrChart(
        width=width,
        height=height,
        plot_right=right,
        floor=round(floor, 2),
        ranges=tuple(stretches(xs, lowers, uppers, axis, pitch)),
        mean=step_path(xs, [None if m is None else axis.at(m) for m in means], pitch / 2),
        target=targets.path(xs, axis, pitch / 2),
        target_bands=targets.bands(xs, axis, pitch),
        line=line_path([xs[i] for i in own], [ys[i] for i in own]),
        # A stroke of no length with round ends is a dot.
        points="".join(f"M{x:.2f} {y:.2f}h.01" for x, y in ((xs[i], ys[i]) for i in own) if y is not None),
        last=last,
        signals=_signals(
            [xs[i] for i in own], [ys[i] for i in own], [places[i] for i in own], min(1.1, max(pitch * 0.36, 0.6))
        ),
        strip=status_strip([xs[i] for i in own], [shown[i] for i in own], floor + 2.0, min(0.62, pitch * 0.26)),
        months=month_labels(xs, shown, height - 0.7, slots, locale),
        **labels,
    )


def _own_months(places: Sequence[SignalPoint | None], every: int) -> list[int]:
    """The places of months with a value of their own: whole steps from one that is judged."""
    judged = [i for i, place in enumerate(places) if place is not None]
    return [i for i in range(len(places)) if every == 1 or (judged and (i - judged[-1]) % every == 0)]


def _held(places: Sequence[SignalPoint | None], every: int) -> list[SignalPoint | None]:
    """The places with their limits held until the next value."""
    held: list[SignalPoint | None] = []
    for i, place in enumerate(places):
        before = [earlier for earlier in places[max(0, i - every + 1) : i + 1] if earlier is not None]
        held.append(place if every == 1 else (before[-1] if before else None))
    return held


def diamond_path(x: float, y: float, radius: float) -> str:
    """A square on its corner round a centre."""
    r = radius
    return f"M{x:.2f} {y - r:.2f}l{r:.2f} {r:.2f}l{-r:.2f} {r:.2f}l{-r:.2f} {-r:.2f}z"


def _signals(
    xs: Sequence[float], ys: Sequence[float | None], places: Sequence[SignalPoint | None], radius: float
) -> tuple[tuple[Variation, str], ...]:
    paths: dict[Variation, list[str]] = {}
    for x, y, place in zip(xs, ys, places, strict=True):
        if y is not None and place is not None and place.variation != "common cause":
            paths.setdefault(place.variation, []).append(diamond_path(x, y, radius))
    return tuple((variation, "".join(parts)) for variation, parts in sorted(paths.items()))


def _label_places(
    axis: Axis,
    floor: float,
    values: Sequence[float | None],
    targets: Targets,
    uppers: Sequence[float | None],
    lowers: Sequence[float | None],
) -> dict[str, float | None]:
    """Where the labels at the right stand: the value first, then target and limits as far as they have room."""
    ends = [axis.at(last) if series and (last := series[-1]) is not None else None for series in (uppers, lowers)]
    value = axis.at(values[-1]) if values and values[-1] is not None else None
    wanted = dict(zip(_LABELS, (value, *targets.last(axis), *ends), strict=True))
    places: dict[str, float | None] = dict.fromkeys(_LABELS)
    taken: list[tuple[str, float]] = []
    for name in _LABELS:
        place = wanted[name]
        if place is None:
            continue
        apart = spread([*taken, (name, place)], TOP, floor)
        if apart is not None and (name not in _LIMITS or _is_near(apart, wanted)):
            taken.append((name, place))
            places.update(apart)
    return places


def _is_near(places: dict[str, float], wanted: dict[str, float | None]) -> bool:
    """Whether every label still stands beside what it names."""
    return all(abs(y - (wanted[name] or 0.0)) <= LABEL_GAP for name, y in places.items())
