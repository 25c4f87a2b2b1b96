"""The geometry of the waterfall: how the score came from the previous period's to this one's, KPI by KPI.

It lies on its side: one row per step, so that names stand beside their bars. Both scores are marks on the scale, not
bars, since the scale need not start at zero and a cut bar would lie about its length; the axis names where it starts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

from report_templates.charts import Axis
from report_templates.formatting import rounded
from report_templates.language import language, mark
from report_templates.movement_words import part_name
from transforms.pack import Contribution

OTHER, ROUNDING = mark("All other KPIs"), mark("Rounding")


@dataclass(frozen=True)
class Step:
    """One row: a KPI's name and points, its bar, the running score's position ``after`` it, the row's middle ``y``."""

    name: str
    kpi: str | None
    points: float
    x: float
    width: float
    after: float
    y: float


@dataclass(frozen=True)
class Waterfall:
    """The rows between two scores.

    ``start`` and ``end`` are (x, y) of the two marks, ``ticks`` the scale's values and positions.
    """

    width: float
    height: float
    row: float
    start: tuple[float, float]
    end: tuple[float, float]
    steps: tuple[Step, ...]
    ticks: tuple[tuple[float, float], ...]
    plot_left: float
    plot_right: float


def waterfall(
    previous: float,
    score: float,
    contributions: Sequence[Contribution],
    width: float,
    height: float,
    *,
    locale: str,
    digits: int = 0,
    most: int = 7,
    kept: Collection[str] = (),
    names_width: float = 44,
) -> Waterfall:
    """The largest ``most`` contributions (ties in the pack's order), the rest summed, in a frame of millimetres.

    KPIs that are ``kept`` (ids) have up to half of the rows before larger ones, so that the page does not hide what it
    speaks of. ``digits`` are those of the scores as shown; points have one at least.

    The last row also takes up what rounding leaves, so that the figures shown sum to the change shown.
    """
    places = max(digits, 1)
    change = rounded(score, places) - rounded(previous, places)
    named = _largest(contributions, most, kept, change, places, locale)
    running, positions = previous, [previous]
    for _, _, points in named:
        running += points
        positions.append(running)
    # The least step between two ticks: a point from 0 to 100, a tenth from 0 to 10, a hundredth from 0 to 1.
    step = 10.0 ** -min(digits, 2)
    low, high = _whole_bounds([value / step for value in (*positions, score)])
    row = (height - 5.0) / (len(named) + 2)
    axis = Axis(low * step, high * step, names_width, width - 9.0)
    steps = tuple(
        Step(
            name,
            kpi,
            points,
            x=min(axis.at(before), axis.at(before + points)),
            width=abs(axis.at(before + points) - axis.at(before)),
            after=axis.at(before + points),
            y=(i + 1.5) * row,
        )
        for i, ((name, kpi, points), before) in enumerate(zip(named, positions, strict=False))
    )
    return Waterfall(
        width,
        height,
        row,
        (axis.at(previous), row / 2),
        (axis.at(score), (len(named) + 1.5) * row),
        steps,
        tuple((tick * step, axis.at(tick * step)) for tick in _ticks(low, high)),
        axis.start,
        axis.end,
    )


def _largest(
    contributions: Sequence[Contribution], most: int, kept: Collection[str], change: Decimal, places: int, locale: str
) -> list[tuple[str, str | None, float]]:
    moving = [c for c in contributions if not rounded(c.points, places).is_zero()]
    # What people changed is never hidden among the other KPIs.
    changed = [c for c in moving if c.kpi is None]
    kpis = sorted((c for c in moving if c.kpi is not None), key=lambda c: -abs(c.points))
    room = max(most - len(changed), 1)
    first, others = kpis[: (room + 1) // 2], kpis[(room + 1) // 2 :]
    # A stable sort: among those that are kept, and among the rest, the larger ones stay first.
    shown = [*first, *sorted(others, key=lambda c: c.kpi not in kept)][:room]
    ranked = sorted([*shown, *changed], key=lambda c: -abs(c.points))
    has_rest = len(ranked) < len(contributions)
    named: list[tuple[str, str | None, float]] = [(part_name(c, locale), c.kpi, c.points) for c in ranked]
    rest = float(change - sum(rounded(c.points, places) for c in ranked))
    name = language(locale)(OTHER if has_rest else ROUNDING)
    return [*named, (name, None, rest)] if has_rest or rest else named


def _whole_bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = floor(min(values)), ceil(max(values))
    return (float(low), float(high)) if high > low else (float(low) - 1, float(high) + 1)


def _ticks(low: float, high: float) -> list[float]:
    for step in (1, 2, 5, 10, 20, 25, 50):
        if (high - low) / step <= 6:
            first = ceil(low / step) * step
            return sorted(
                {low, *(float(t) for t in range(first, int(high) + 1, step) if t - low >= step * 0.6 or t == low)}
            )
    return [low, high]
