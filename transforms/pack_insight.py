"""What a pack says about its scores beyond their height: why they moved, how balanced and how sure they are.

Belongs here: the records of ``pack.py`` for these. They are filled by ``pack_insight_building.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChangePart = Literal["value", "against target", "came", "went", "definition", "target", "units", "weights"]
FindingKind = Literal["heavy_perspective", "far_apart", "hides_red", "holds_red"]


@dataclass(frozen=True)
class Contribution:
    """A part of the change of a score, the overall one or a perspective's, in points.

    Of one KPI (``kpi``, ``name``): by its value (with its target, where that moves at every date), because it came or
    went, or because it is defined otherwise than then. Of none, with an empty name: all other changed targets, units
    that joined or left, all changed weights, or another roll-up.
    """

    kpi: str | None
    name: str
    perspective: str
    points: float
    part: ChangePart = "value"


@dataclass(frozen=True)
class Balance:
    """How far the perspectives with a score lie apart; perspectives by name. ``shortfall`` is geometric below mean."""

    arithmetic: float
    geometric: float | None
    shortfall: float | None
    spread: float
    best: str
    worst: str
    heaviest: str
    heaviest_share: float


@dataclass(frozen=True)
class Finding:
    """Something out of balance; ``perspective`` and ``other`` by name, as ``balance.findings`` explains them.

    ``level`` is that of ``other``: perspective, objective or kpi; None where there is no other.
    """

    kind: FindingKind
    perspective: str
    other: str
    level: str | None


@dataclass(frozen=True)
class Certainty:
    """The range of a score when weights may be off, and the chance (0 to 1) that its band or rank would be another.

    Ranks are of the whole only, among the units of the same level; None where there is no other.
    """

    name: str
    score: float
    low: float
    high: float
    band_chance: float
    rank: int | None = None
    ranked: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    rank_chance: float | None = None


@dataclass(frozen=True)
class UnitChange:
    """What a unit directly below did to a KPI's value since the previous period, in the KPI's own terms.

    ``unit`` is its name; None for what no unit below reports. ``rate`` and ``mix`` only of ratios.
    """

    kpi: str
    unit: str | None
    change: float
    rate: float | None
    mix: float | None
