"""How scores are made, in eight lines, from the pack's own scale and bands."""

from __future__ import annotations

from report_templates.formatting import number, percent
from transforms.pack import Pack


def method_lines(pack: Pack) -> tuple[str, ...]:
    """Scale, clamping, weights, bands, missing data and rounding: one sentence each."""
    anchors = sorted(pack.scale_anchors.items(), key=lambda item: item[1])
    placed = ", ".join(f"{number(score, 0, pack.locale)} at the {name}" for name, score in anchors)
    low, high = (number(v, 0, pack.locale) for v in (pack.scale_lowest, pack.scale_highest))
    coverage = percent(pack.node.coverage, 0, pack.locale)
    return (
        f"Scale: a KPI scores {placed}; between two anchors the score lies on a straight line.",
        f"Clamping: scores below {low} count as {low} and scores above {high} as {high} before they are averaged.",
        "Weights: every average is weighted; where a KPI has no score, the others' weights are scaled up to 100 %.",
        f"Bands: {_bands(pack)}.",
        f"Missing is not zero: coverage is the share of the weight that has data, here {coverage}.",
        "Signals: the usual range is the mean of all months ± 2.66 times their mean moving range. Special causes are "
        "points outside, 7 rising or falling, 7 on one side of the mean, 2 of 3 near a limit. Values that share months "
        "are not judged.",
        "Assurance: passes or fails where the target lies beyond the usual range, hit and miss where it lies within.",
        "Rounding: every difference is taken between two figures as they are shown, so that a page adds up.",
    )


def _bands(pack: Pack) -> str:
    parts = []
    for i, band in enumerate(pack.bands):
        after = pack.bands[i + 1].at_least if i + 1 < len(pack.bands) else None
        start = None if band.at_least is None else number(band.at_least, 0, pack.locale)
        end = None if after is None else number(after, 0, pack.locale)
        words = (
            f"from {start}" if start and not end else f"below {end}" if end and not start else f"{start} to below {end}"
        )
        parts.append(f"{band.name} {words}" if start or end else f"{band.name} throughout")
    return ", ".join(parts)
