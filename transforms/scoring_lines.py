"""Scores on a straight line through anchors: one line, or one on each side of a range; linear or logarithmic.

Belongs here: the arithmetic of lines. Which KPIs are scored so is ``scoring.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scorecards.organisation import SIDES, Scale
from transforms.grid import Floats
from transforms.scored import ANCHORS_NOT_MONOTONE, NO_LOGARITHM, NO_TARGET, Scored


def score_on_line(
    value: Floats, anchors: Mapping[str, Floats], scale: Scale, *, direction: str, logarithmic: bool
) -> Scored:
    """The score on the line through the two anchors next to the value, extended beyond the outermost.

    ``anchors`` hold the value of every anchor in force, NaN where there is none. ``direction`` is higher or lower.
    Missing with ``no_target`` without a target or with fewer than two anchors, with ``anchors_not_monotone`` where
    anchors do not run strictly in the direction, and with ``no_logarithm`` where a logarithm does not exist. Source:
    linear interpolation; the ends are extrapolated so that the unclamped score still tells how far beyond target a
    value is.
    """
    names = sorted((name for name in scale.anchors if name in anchors), key=scale.anchors.__getitem__)
    points = {name: anchors[name] for name in names}
    nothing = np.full(value.shape, np.nan)
    unlogged = np.zeros(value.shape, dtype=bool)
    if logarithmic:
        unlogged = (value <= 0) | np.any([points[name] <= 0 for name in names] or [unlogged], axis=0)
        value = _log(value)
        points = {name: _log(point) for name, point in points.items()}
    sign = 1.0 if direction == "higher" else -1.0
    raw, lower, lower_score = nothing.copy(), nothing, nothing
    known = np.zeros(value.shape, dtype=int)
    turns = np.zeros(value.shape, dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        for name in names:
            point, score = points[name], scale.anchors[name]
            has_segment = ~np.isnan(point) & ~np.isnan(lower)
            turns |= has_segment & ~(sign * (point - lower) > 0)
            line = lower_score + (score - lower_score) * ((value - lower) / (point - lower))
            # At the anchor itself its score is exact, whatever the line rounds to.
            line = np.where(value == point, score, line)
            raw = np.where(has_segment & (np.isnan(raw) | (sign * (value - lower) >= 0)), line, raw)
            known += ~np.isnan(point)
            lower_score = np.where(np.isnan(point), lower_score, score)
            lower = np.where(np.isnan(point), lower, point)
    untargeted = (known < 2) | np.isnan(anchors.get("target", nothing))
    return Scored(raw, ((untargeted & ~unlogged, NO_TARGET), (unlogged, NO_LOGARITHM), (turns, ANCHORS_NOT_MONOTONE)))


def score_within(value: Floats, anchors: Mapping[str, Floats], scale: Scale, *, logarithmic: bool) -> Scored:
    """The worse of two scores: on the line below the range and on that above it; inside, the target's score.

    Each side has anchors of its own (``lower_floor``), and ``target`` serves both where a side has no target of its
    own. A side without any anchor of its own does not count; there must be one.
    """
    nothing = np.full(value.shape, np.nan)
    raw = np.full(value.shape, scale.target_score)
    reasons = []
    is_sided = np.zeros(value.shape, dtype=bool)
    for side, direction in zip(SIDES, ("higher", "lower"), strict=True):
        own = {name: anchors[f"{side}_{name}"] for name in scale.anchors if f"{side}_{name}" in anchors}
        if not own:
            continue
        counts = np.any([~np.isnan(points) for points in own.values()], axis=0)
        common = anchors.get("target", nothing)
        own["target"] = np.where(np.isnan(own.get("target", nothing)), common, own.get("target", nothing))
        found = score_on_line(value, own, scale, direction=direction, logarithmic=logarithmic)
        raw = np.where(counts, np.minimum(raw, found.raw), raw)
        is_sided |= counts
        reasons += [(mask & counts, reason) for mask, reason in found.reasons]
    crossed = anchors.get("lower_target", nothing) > anchors.get("upper_target", nothing)
    return Scored(raw, ((~is_sided, NO_TARGET), *reasons, (crossed, ANCHORS_NOT_MONOTONE)))


def _log(numbers: Floats) -> Floats:
    return np.log(numbers, where=numbers > 0, out=np.full(numbers.shape, np.nan))
