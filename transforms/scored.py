"""What scoring one KPI gives at many places at once, and the reasons why a score is missing.

Belongs here: the records that the ways of scoring share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from transforms.grid import Floats, Ints, Truths

NO_VALUE = "no_data"
UNSCORED = "unscored"
NO_TARGET = "no_target"
ANCHORS_NOT_MONOTONE = "anchors_not_monotone"
NO_LOGARITHM = "no_logarithm"
NOT_YES_OR_NO = "not_yes_or_no"
TEXT_NOT_LISTED = "text_not_listed"
NO_SCORE = "no_score"
TOO_FEW_TO_COMPARE = "too_few_to_compare"


@dataclass(frozen=True)
class Peers:
    """Whom a value is compared with: places of the same number are siblings, or of one level, in the same month.

    ``past`` gives, for a number of months and a step, this month's values and those of every step before.
    """

    siblings: Ints
    level: Ints
    past: Callable[[int, int], Iterator[Floats]]


@dataclass(frozen=True)
class Scored:
    """Unclamped scores, NaN where missing, and why: of several reasons at a place the first counts.

    ``bands`` is the number of a band of its own at each place (−1: that of the score), None where there are none.
    """

    raw: Floats
    reasons: tuple[tuple[Truths, str], ...] = ()
    bands: Ints | None = None


@dataclass(frozen=True)
class Operands:
    """One KPI on one scorecard at all its places: its value, and by name what its score may depend on."""

    value: Floats
    named: Mapping[str, Floats]
    peers: Peers
