"""One scale for columns that are measured in the same unit on a page, so that equal heights are equal amounts.

A KPI that would be lower than a quarter of the tallest has, with others of its size, a scale of its own; where there
is more than one scale of a unit, each chart names the end of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from report_templates.chart_targets import targets_of
from transforms.pack import KpiLine

_LOWEST_SHARE = 0.25


@dataclass(frozen=True)
class Reach:
    """What a scale runs from and to, zero included; ``is_one_of_several`` where the unit has others."""

    low: float
    high: float
    is_one_of_several: bool


def shared_reaches(lines: Sequence[KpiLine], months: int) -> Mapping[str, Reach]:
    """By KPI the scale of its columns over so many months; KPIs without any figure have none."""
    extents = {line.id: found for line in lines if (found := _extent(line, months)) is not None}
    units: dict[str, list[KpiLine]] = {}
    for line in lines:
        if line.id in extents:
            units.setdefault(line.measured_in, []).append(line)
    reaches: dict[str, Reach] = {}
    for unit, members in units.items():
        groups = _groups(members, extents) if unit else [[line] for line in members]
        for group in groups:
            low = min(extents[line.id][0] for line in group)
            high = max(extents[line.id][1] for line in group)
            reaches |= {line.id: Reach(low, high, bool(unit) and len(groups) > 1) for line in group}
    return reaches


def _groups(members: Sequence[KpiLine], extents: Mapping[str, tuple[float, float]]) -> list[list[KpiLine]]:
    def size(line: KpiLine) -> float:
        low, high = extents[line.id]
        return high - low

    groups: list[list[KpiLine]] = []
    for line in sorted(members, key=size, reverse=True):
        if groups and size(line) >= _LOWEST_SHARE * size(groups[-1][0]):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _extent(line: KpiLine, months: int) -> tuple[float, float] | None:
    points = [*line.history[-months:], *line.forecast]
    values = [point.value for point in points] + [point.value for point in line.history]
    known = [value for value in (*values, *targets_of(points).values) if value is not None]
    return (min(0.0, *known), max(0.0, *known)) if known else None
