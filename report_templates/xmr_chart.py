"""The geometry of an XmR chart: values as a line, the usual range behind it, the mean, and a shape at every signal.

Belongs here: positions only. The scale holds what is drawn and need not begin at zero: the chart compares a value with
its usual range, not with nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.charts import Axis, axis_over, line_path, slot_centres, step_path
from report_templates.column_chart import FOOT, LABELS_WIDTH, Label, Marks, month_labels, status_strip
from report_templates.history import MOST_MONTHS
from transforms.pack import Point, SignalPoint, Variation

TOP = 2.2
LABEL_GAP = 2.9


@dataclass(frozen=True)
class XmrChart:
    """Paths and positions, in millimetres.

    ``ranges`` holds one rectangle as (x, y, width, height) for every stretch of equal limits. ``signals`` is the paths
    of flagged points by variation. ``value_y``, ``target_y``, ``upper_y`` and ``lower_y`` are where labels stand, None
    where there is nothing to say or no room.
    """

    width: float
    height: float
    plot_right: float
    floor: float
    ranges: tuple[tuple[float, float, float, float], ...]
    mean: str
    target: str
    line: str
    points: str
    last: tuple[float, float] | None
    signals: tuple[tuple[Variation, str], ...]
    strip: tuple[Marks, ...]
    months: tuple[Label, ...]
    value_y: float | None
    target_y: float | None
    upper_y: float | None
    lower_y: float | None


def xmr_chart(
    points: Sequence[Point],
    judged: Sequence[SignalPoint | None],
    width: float,
    height: float,
    slots: int = MOST_MONTHS,
) -> XmrChart:
    """The chart of ``points`` (oldest first, the last being the current month), each with its place in ``judged``."""
    shown, places = list(points)[-slots:], list(judged)[-slots:]
    values, targets = [p.value for p in shown], [p.target for p in shown]
    lowers = [None if p is None else p.lower for p in places]
    uppers = [None if p is None else p.upper for p in places]
    means = [None if p is None or p.lower is None else p.mean for p in places]
    right = width - LABELS_WIDTH
    pitch = right / slots
    floor = height - FOOT
    axis = axis_over([*values, *targets, *lowers, *uppers], floor - 0.8, TOP)
    xs = [round(x, 2) for x in slot_centres(len(shown), slots, pitch / 2, right - pitch / 2)]
    ys = [None if v is None else axis.at(v) for v in values]
    last = (xs[-1], round(ys[-1], 2)) if ys and ys[-1] is not None else None
    labels = _label_places(axis, floor, values, targets, uppers, lowers)
    return XmrChart(
        width=width,
        height=height,
        plot_right=right,
        floor=round(floor, 2),
        ranges=tuple(_ranges(xs, lowers, uppers, axis, pitch)),
        mean=step_path(xs, [None if m is None else axis.at(m) for m in means], pitch / 2),
        target=step_path(xs, [None if t is None else axis.at(t) for t in targets], pitch / 2),
        line=line_path(xs, ys),
        # A stroke of no length with round ends is a dot.
        points="".join(f"M{x:.2f} {y:.2f}h.01" for x, y in zip(xs, ys, strict=True) if y is not None),
        last=last,
        signals=_signals(xs, ys, places, min(1.1, max(pitch * 0.36, 0.6))),
        strip=status_strip(xs, shown, floor + 2.0, min(0.62, pitch * 0.26)),
        months=month_labels(xs, shown, height - 0.7, slots),
        **labels,
    )


def diamond_path(x: float, y: float, radius: float) -> str:
    """A square on its corner round a centre."""
    r = radius
    return f"M{x:.2f} {y - r:.2f}l{r:.2f} {r:.2f}l{-r:.2f} {r:.2f}l{-r:.2f} {-r:.2f}z"


def _ranges(
    xs: Sequence[float], lowers: Sequence[float | None], uppers: Sequence[float | None], axis: Axis, pitch: float
) -> list[tuple[float, float, float, float]]:
    found: list[tuple[float, float, float, float]] = []
    for i, (x, lower, upper) in enumerate(zip(xs, lowers, uppers, strict=True)):
        if lower is None or upper is None:
            continue
        top, tall = axis.at(upper), axis.at(lower) - axis.at(upper)
        if i and found and (lowers[i - 1], uppers[i - 1]) == (lower, upper):
            left, _, wide, _ = found[-1]
            found[-1] = (left, top, wide + pitch, tall)
        else:
            found.append((x - pitch / 2, top, pitch, tall))
    return found


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
    targets: Sequence[float | None],
    uppers: Sequence[float | None],
    lowers: Sequence[float | None],
) -> dict[str, float | None]:
    """Where the labels at the right stand: the value first, then target and limits as far as they have room."""
    names = ("value_y", "target_y", "upper_y", "lower_y")
    wanted = {
        name: axis.at(last) if series and (last := series[-1]) is not None else None
        for name, series in zip(names, (values, targets, uppers, lowers), strict=True)
    }
    places: dict[str, float | None] = dict.fromkeys(names)
    taken: list[tuple[str, float]] = []
    for name in names:
        place = wanted[name]
        if place is None:
            continue
        spread = _spread([*taken, (name, place)], TOP, floor)
        if spread is not None and (name in ("value_y", "target_y") or _is_near(spread, wanted)):
            taken.append((name, place))
            places.update(spread)
    return places


def _spread(wanted: Sequence[tuple[str, float]], top: float, floor: float) -> dict[str, float] | None:
    """The labels moved apart, in their order, between top and floor; None where they do not fit."""
    if (len(wanted) - 1) * LABEL_GAP > floor - top:
        return None
    ordered = sorted(wanted, key=lambda item: item[1])
    ys: list[float] = []
    for _, y in ordered:
        ys.append(max(y, top, ys[-1] + LABEL_GAP if ys else top))
    for i in range(len(ys) - 1, -1, -1):
        ys[i] = min(ys[i], ys[i + 1] - LABEL_GAP if i + 1 < len(ys) else floor)
    return {name: y for (name, _), y in zip(ordered, ys, strict=True)}


def _is_near(spread: dict[str, float], wanted: dict[str, float | None]) -> bool:
    """Whether every label still stands beside what it names."""
    return all(abs(y - (wanted[name] or 0.0)) <= LABEL_GAP for name, y in spread.items())
