"""From a value to a score: which way a KPI is scored, and from a score to its band.

Belongs here: the choice of the way, and bands. The ways themselves are ``scoring_lines.py``, ``scoring_rules.py`` and
``scoring_relative.py``; how scores combine is ``roll_up.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scorecards.expressions import names_in
from scorecards.kpis import Kpi
from scorecards.organisation import Band, Organisation
from scorecards.periods import FREQUENCY_MONTHS
from scorecards.project import Project
from transforms.grid import Floats, Ints
from transforms.scored import UNSCORED, Operands, Scored
from transforms.scoring_lines import score_on_line, score_within
from transforms.scoring_relative import score_relative
from transforms.scoring_rules import score_formula, score_steps, score_texts, score_yes_or_no

TOLERANCE = 1e-9


def score_kpi(kpi: Kpi, operands: Operands, organisation: Organisation) -> Scored:
    """Score one KPI at all its places, in the way that it declares; by default on the line through its anchors.

    Where the value itself is missing, so is the score, whatever is returned here. A score beyond the scale is not
    clamped yet.
    """
    scale, scoring = organisation.scale, kpi.scoring
    if not kpi.scored:
        return Scored(np.full(operands.value.shape, np.nan), ((np.ones(operands.value.shape, bool), UNSCORED),))
    if scoring.texts:
        return score_texts(operands.value, scoring.texts)
    if scoring.steps:
        return score_steps(operands, scoring.steps, [band.id for band in organisation.bands])
    if scoring.formula:
        return score_formula(operands, scoring.formula)
    if scoring.relative:
        step = FREQUENCY_MONTHS[kpi.frequency]
        return score_relative(operands, scoring.relative, scale, direction=kpi.direction, step=step)
    if kpi.is_yes_or_no:
        return score_yes_or_no(operands.value, scale, kpi.direction)
    logarithmic = scoring.scale == "log"
    if kpi.direction == "within":
        return score_within(operands.value, operands.named, scale, logarithmic=logarithmic)
    return score_on_line(operands.value, operands.named, scale, direction=kpi.direction, logarithmic=logarithmic)


def looks_back(project: Project) -> int:
    """How many months before its own a score may look, at values of the same KPI."""
    return max((looks_back_of(kpi) for kpi in project.kpis.values()), default=0)


def looks_back_of(kpi: Kpi) -> int:
    """How many months before its own a KPI's score may look, at values of the same KPI."""
    scoring = kpi.scoring
    texts = [scoring.formula, *(step.when for step in scoring.steps)]
    names = {name for text in texts if text for name in names_in(text)}
    past = scoring.relative.months - 1 if scoring.relative and scoring.relative.to == "history" else 0
    return max(past, FREQUENCY_MONTHS[kpi.frequency] if "previous" in names else 0, 12 if "last_year" in names else 0)


def number_of_band(scores: Floats, bands: Sequence[Band]) -> Ints:
    """The number of each unrounded score's band: the highest whose ``at_least`` it reaches, within 1e-9 of noise.

    −1 where the score is missing.
    """
    starts = np.array([band.at_least for band in bands[1:]]) - TOLERANCE
    found = np.searchsorted(starts, scores, side="right").astype(np.int64)
    return np.where(np.isnan(scores), -1, found)


def band_for(score: float | None, bands: tuple[Band, ...]) -> Band | None:
    """The band of one score."""
    if score is None:
        return None
    return [band for band in bands if band.at_least is None or score >= band.at_least - TOLERANCE][-1]
