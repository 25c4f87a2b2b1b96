"""When a node has a score, what missing parts do to it, and what each part really weighs.

Belongs here: one node at all its places, and shares from the top down. The methods are ``combining.py``, the walk over
the tree and the frames ``aggregation.py``. Sources: weighted arithmetic mean, Kaplan and Norton's usual roll-up;
geometric and harmonic mean as in the Human Development Reports' technical notes; the minimum coverage is COINr's
data-availability threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from scorecards.organisation import Scale
from transforms.combining import Combining
from transforms.grid import Floats, Ints, Truths
from transforms.scored import UNSCORED

NOTHING_SCORED = "nothing_scored"
PART_MISSING = "part_missing"
TOO_FEW_PARTS = "too_few_parts"
COVERAGE_BELOW_MINIMUM = "coverage_below_minimum"
OWN_KPI_MISSING = "own_kpi_missing"
STATUSES: tuple[Literal["bad", "warning", "good"], ...] = ("bad", "warning", "good")
Key = tuple[str, str]
Tally = NDArray[np.int32]
_Number = TypeVar("_Number", np.int32, np.int64, np.float64)


@dataclass(frozen=True)
class Rules:
    """How one node combines its parts, as ``nodes.NODES`` gives it."""

    method: str
    missing: str
    minimum_coverage: float
    minimum_parts: int


@dataclass(frozen=True)
class Part:
    """One node or KPI at all places of a scorecard.

    ``applies`` says where it stands on the scorecard, ``counts`` where something below it is meant to be scored.
    ``band`` is the number of the score's band, −1 where there is none; ``tallies`` count KPIs. ``sums`` holds for
    leading and lagging KPIs below the sum of score times weight, and of weight. ``renormalised`` is what the parts
    really weigh here, by key, where each has a score.
    """

    key: Key
    weight: Floats
    applies: Truths
    counts: Truths
    score: Floats
    raw: Floats
    coverage: Floats
    band: Ints
    reasons: tuple[tuple[Truths, str], ...]
    tallies: Mapping[str, Tally]
    sums: Mapping[str, tuple[Floats, Floats]]
    renormalised: Mapping[Key, Floats] = field(default_factory=dict)

    def in_band(self, band: Ints) -> Part:
        """The same with the numbers of its bands."""
        return replace(self, band=band)


@dataclass(frozen=True)
class OwnKpi:
    """What of a KPI, wherever on the scorecard it hangs, becomes that of a self-standing node."""

    key: Key
    score: Floats
    raw: Floats
    sums: Mapping[str, tuple[Floats, Floats]]


def combine(
    key: Key, weight: Floats, rules: Rules, parts: Sequence[Part], own_kpi: OwnKpi | None, scale: Scale
) -> Part:
    """The node over its parts, which come in a fixed order: a float sum in another could differ in its last digit."""
    applies = np.any([part.applies for part in parts], axis=0)
    counts = np.any([part.counts for part in parts], axis=0)
    weights = [np.where(part.counts, part.weight, 0.0) for part in parts]
    total = _sum(weights)
    present = [~np.isnan(part.score) & part.counts for part in parts]
    there = [np.where(is_there, weight, 0.0) for is_there, weight in zip(present, weights, strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = _sum([w * part.coverage for w, part in zip(weights, parts, strict=True)])
        coverage = np.where(total > 0, covered / total, 0.0)
        used = _sum([w * part.coverage for w, part in zip(there, parts, strict=True)]) / total
        whole = _sum(there)
        shares = [np.where(whole > 0, w / whole, 0.0) for w in there]
    if own_kpi is not None:
        renormalised = {own_kpi.key: np.where(np.isnan(own_kpi.score), 0.0, 1.0)}
        score, raw, sums = own_kpi.score, own_kpi.raw, own_kpi.sums
        reasons = [(~counts, UNSCORED), (np.isnan(score), OWN_KPI_MISSING)]
    else:
        renormalised = {part.key: share for part, share in zip(parts, shares, strict=True)}
        with np.errstate(divide="ignore", invalid="ignore"):
            score = _mean(rules.method, [part.score for part in parts], there, scale)
            raw = _mean(rules.method, [part.raw for part in parts], there, scale)
        sums = {kind: _sums_of(kind, parts, shares) for kind in ("leading", "lagging")}
        number = _count(present)
        reasons = [(~counts, UNSCORED), (number == 0, NOTHING_SCORED)]
        if rules.missing == "strict":
            reasons.append((number < _count([part.counts for part in parts]), PART_MISSING))
        reasons.append((number < rules.minimum_parts, TOO_FEW_PARTS))
        # A share that is meant to be 50 % may be a hair less.
        reasons.append((used < rules.minimum_coverage - 1e-12, COVERAGE_BELOW_MINIMUM))
    is_missing = np.any([mask for mask, _ in reasons], axis=0)
    tallies = {name: _sum([part.tallies[name] for part in parts]) for name in parts[0].tallies}
    return Part(
        key, weight, applies, counts, _without(score, is_missing), _without(raw, is_missing), coverage,
        np.full(weight.shape, -1), tuple(reasons), tallies, sums, renormalised,
    )  # fmt: skip


def _mean(method: str, scores: Sequence[Floats], weights: Sequence[Floats], scale: Scale) -> Floats:
    """The scores combined; a part with a weight of 0 is not there. NaN where none is."""
    combining = Combining.on(method, scale)
    parts = (combining.totals(weight, score) for score, weight in zip(scores, weights, strict=True))
    return combining.score(reduce(combining.together, parts))


def _sums_of(kind: str, parts: Sequence[Part], shares: Sequence[Floats]) -> tuple[Floats, Floats]:
    columns = [part.sums[kind] for part in parts]
    return (
        _sum([share * scored for share, (scored, _) in zip(shares, columns, strict=True)]),
        _sum([share * weight for share, (_, weight) in zip(shares, columns, strict=True)]),
    )


def _sum(columns: Sequence[NDArray[_Number]]) -> NDArray[_Number]:
    total = columns[0].copy()
    for column in columns[1:]:
        total += column
    return total


def _count(columns: Sequence[Truths]) -> Ints:
    return _sum([column.astype(np.int64) for column in columns])


def _without(values: Floats, is_missing: Truths) -> Floats:
    return np.where(is_missing, np.nan, values)
