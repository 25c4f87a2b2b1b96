"""The part of a pack that says how its scores are made: what is declared for its own KPIs, and for the nodes above.

Belongs here: the records. What a project leaves open stands in them as it counts. The words are ``report_templates``'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from scorecards.roll_up import Method, Missing

NodeLevel = Literal["scorecard", "perspective", "objective"]
Way = Literal["line", "range", "yes or no", "texts", "steps", "formula", "relative", "unscored"]
Among = Literal["siblings", "level", "history"]
Place = Literal["min-max", "z-score", "percentile rank"]


@dataclass(frozen=True)
class NodeRule:
    """How the scores of a node's parts become its own, and how much it needs (share of weight, scored parts).

    ``own_kpi`` names the KPI that a self-standing node is judged by; of others it is empty.
    """

    level: NodeLevel
    node: str
    method: Method
    missing: Missing
    minimum_coverage: float
    minimum_parts: int
    own_kpi: str = ""


@dataclass(frozen=True)
class ScoreStep:
    """A text, or a condition (empty for all that is left), with its score; ``band`` is the id of its own, or empty."""

    when: str
    score: float
    band: str = ""


@dataclass(frozen=True)
class Comparison:
    """Whom a value is compared with, and how its place among them is told; ``months`` counts for ``history``."""

    to: Among
    by: Place
    months: int
    at_least: int


@dataclass(frozen=True)
class ScoringRule:
    """The way in which a KPI's value becomes a score.

    ``is_logarithmic`` counts on a line and for a range; ``steps`` are those of ``texts`` and ``steps``.
    """

    way: Way = "line"
    is_logarithmic: bool = False
    steps: tuple[ScoreStep, ...] = ()
    formula: str = ""
    comparison: Comparison | None = None


ON_A_LINE: Final = ScoringRule()
"""On the straight line through the anchors, as of every KPI that declares nothing else."""
