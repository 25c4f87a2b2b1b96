"""One KPI of a scorecard as a leaf of its tree: scored, clamped to the scale, banded and counted.

Belongs here: what becomes of a way of scoring's result before anything is combined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scorecards.organisation import SIDES
from scorecards.project import Project
from transforms.grid import Floats, Ints
from transforms.roll_up import STATUSES, Part
from transforms.score_operands import ScoreOperands
from transforms.scored import NO_SCORE
from transforms.scoring import number_of_band, score_kpi

_Kind = TypeVar("_Kind", bound=np.generic)


def kpi_part(
    project: Project, operands: ScoreOperands, card_id: str, kpi_id: str, places: Ints, weights: Floats, cells: Ints
) -> tuple[Part, Floats]:
    """The KPI over all ``cells`` of the scorecard, and its targets.

    ``places`` are the positions among ``cells`` where it applies, with its weight at each.
    """
    kpi, organisation = project.kpis[kpi_id], project.organisation
    operand = operands.of(card_id, kpi_id, cells[places])
    scored = score_kpi(kpi, operand, organisation)
    absent = operands.missing(kpi_id, operand.value, cells[places]) if kpi.scored else ()
    reasons = (*absent, *scored.reasons, (np.isnan(scored.raw), NO_SCORE))
    is_missing = np.any([mask for mask, _ in reasons], axis=0)
    raw = np.where(is_missing, np.nan, scored.raw)
    score = np.clip(raw, organisation.scale.lowest, organisation.scale.highest)
    band = number_of_band(score, organisation.bands)
    if scored.bands is not None:
        band = np.where((scored.bands >= 0) & ~is_missing, scored.bands, band)
    statuses = np.array([STATUSES.index(declared.status) for declared in organisation.bands] + [-1])[band]
    tallies = {f"{status}_count": statuses == number for number, status in enumerate(STATUSES)}
    tallies |= {"scored_count": ~is_missing, "applicable_count": np.full(places.shape, kpi.scored)}
    present = (~is_missing).astype(np.float64)
    zero = np.zeros(places.shape)
    sums = {"leading": (zero, zero), "lagging": (zero, zero)}
    sums["leading" if kpi.leading else "lagging"] = (np.where(is_missing, 0.0, score), present)

    def spread(column: NDArray[_Kind], nothing: float) -> NDArray[_Kind]:
        """A column over the places where the KPI applies, as one over all."""
        if places.size == cells.size and (places[1:] > places[:-1]).all():
            return column
        everywhere = np.full(cells.shape, nothing, dtype=column.dtype)
        everywhere[places] = column
        return everywhere

    part = Part(
        key=("kpi", kpi_id),
        weight=spread(weights, 0),
        applies=spread(np.ones(places.shape, bool), False),
        counts=spread(np.full(places.shape, kpi.scored), False),
        score=spread(score, np.nan),
        raw=spread(raw, np.nan),
        coverage=spread(present, 0),
        band=spread(band, -1),
        reasons=tuple((spread(mask, False), reason) for mask, reason in reasons),
        tallies={name: spread(tally.astype(np.int32), 0) for name, tally in tallies.items()},
        sums={kind: (spread(scored_, 0), spread(weight, 0)) for kind, (scored_, weight) in sums.items()},
    )
    return part, spread(_target(operand.named, places), np.nan)


def _target(named: Mapping[str, Floats], places: Ints) -> Floats:
    """The target in force; of a range, that of its one side, or none where both sides have one of their own."""
    nothing = np.full(places.shape, np.nan)
    lower, upper = (named.get(f"{side}_target", nothing) for side in SIDES)
    one_side = np.where(np.isnan(lower), upper, np.where(np.isnan(upper) | (lower == upper), lower, nothing))
    found = named.get("target", nothing)
    return np.where(np.isnan(found), one_side, found)
