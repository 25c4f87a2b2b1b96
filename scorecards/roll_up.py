"""How scores combine up the scorecard, when a combination counts, and what balance and certainty are judged by.

Belongs here: the declarations. How they are computed is ``transforms/aggregation.py`` and its neighbours.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from scorecards.base import Declared, Id, Share

Method = Literal["weighted mean", "geometric mean", "harmonic mean", "worst", "share on target", "self-standing"]
Missing = Literal["renormalise", "strict"]


class MinimumCoverage(Declared):
    """Below this share of applicable weight with data, a node has no score."""

    objective: Share = Field(0.0, description="For objectives.")
    perspective: Share = Field(0.5, description="For perspectives.")
    scorecard: Share = Field(0.5, description="For whole scorecards.")


class MinimumParts(Declared):
    """With fewer scored parts than this, a node has no score."""

    objective: int = Field(1, ge=1, description="Scored KPIs (or objectives) of an objective.")
    perspective: int = Field(1, ge=1, description="Scored objectives of a perspective.")
    scorecard: int = Field(1, ge=1, description="Scored perspectives of a scorecard.")


class RollUp(Declared):
    """How scores combine wherever a node does not say otherwise."""

    method: Method = Field("weighted mean", description="How the scores of a node's parts become its own.")
    missing: Missing = Field(
        "renormalise",
        description="What a missing part does: its weight goes to the others, or the node is missing too (strict).",
    )
    minimum_coverage: MinimumCoverage = Field(MinimumCoverage(), description="Below it, a node has no score.")
    minimum_parts: MinimumParts = Field(MinimumParts(), description="Below it, a node has no score.")


class NodeRollUp(Declared):
    """How the scores of one node's parts become its own; what is not given is as the organisation declares."""

    method: Method | None = Field(None, description="None: as the organisation's `roll_up`.")
    missing: Missing | None = Field(None, description="None: as the organisation's `roll_up`.")
    minimum_coverage: Share | None = Field(None, description="None: as the organisation's for this level.")
    minimum_parts: int | None = Field(None, ge=1, description="None: as the organisation's for this level.")
    kpi: Id | None = Field(
        None,
        description="With the method self-standing: the KPI whose score is the node's own; the parts only stand by.",
    )

    @model_validator(mode="after")
    def _kpi_belongs_to_self_standing(self) -> NodeRollUp:
        if (self.method == "self-standing") != (self.kpi is not None):
            raise ValueError("'kpi' belongs to the method self-standing, which needs it")
        return self


class Balance(Declared):
    """When a scorecard counts as out of balance."""

    most_weight: Share = Field(0.5, description="A perspective with more of the scorecard's weight is warned about.")
    most_spread: float = Field(
        40, gt=0, description="Points between the best and the worst perspective above which the pack speaks of it."
    )


class Sensitivity(Declared):
    """How the certainty of combined scores is judged: weights are varied at random, with a fixed seed."""

    weights: Share = Field(0.25, description="By how much every declared weight may be off, either way.")
    draws: int = Field(200, ge=20, le=10_000, description="How many sets of weights are tried.")
    seed: int = Field(1, ge=0, description="Another seed gives other sets of weights.")
