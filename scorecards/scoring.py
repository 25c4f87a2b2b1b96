"""How a KPI's value becomes a score, where that is not the line through its anchors.

Belongs here: the declarations. How they are computed is ``transforms/scoring.py``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from scorecards.base import Declared, Id
from scorecards.organisation import Period


class Step(Declared):
    """One rule of a list, of which the first whose condition holds gives the score."""

    when: str | None = Field(
        None, description="SQL condition over the same names as `formula`; none: all that is left."
    )
    score: float = Field(description="The score on the declared scale.")
    band: Id | None = Field(None, description="A band of its own; none: that of the score.")


class Relative(Declared):
    """A score from the place of a value among others, the best of them highest."""

    to: Literal["siblings", "level", "history"] = Field(
        description="The units of the same parent, all units of the same level, or the KPI's own past months."
    )
    by: Literal["min-max", "z-score", "percentile rank"] = Field(
        description="Place between the worst (0) and the best (100); 50 + 10 standard deviations; share of the others "
        "that are worse, those equal counting half. 0 stands for the scale's `lowest`, 100 for the target's score. "
        "Where all are equal, each is in the middle."
    )
    months: int = Field(24, ge=2, le=600, description="For `history`: how many months, this one included.")
    at_least: int = Field(3, ge=2, description="With fewer values to compare with, there is no score.")


class Scoring(Declared):
    """How a KPI's value becomes a score; nothing given: on the straight line through the anchors in force."""

    scale: Literal["linear", "log"] = Field(
        "linear", description="With log, equal ratios earn equal points: the line runs through logarithms."
    )
    texts: dict[str, float] = Field(
        default={},
        description="For a KPI whose value is a text: every text it may take with its score, "
        "in order: best last, or best first with `direction: lower`. Its value is the place in this order.",
    )
    steps: tuple[Step, ...] = Field((), description="Rules from first to last; the first that holds gives the score.")
    formula: str | None = Field(
        None,
        description="SQL that gives the score, over value, numerator, denominator, previous (the value one period "
        "before), last_year, and the anchors and references in force. What is not there is NULL.",
    )
    relative: Relative | None = Field(None, description="Scored by its place among others instead of by targets.")

    @model_validator(mode="after")
    def _one_way(self) -> Scoring:
        ways = [name for name in ("texts", "steps", "formula", "relative") if getattr(self, name)]
        if len(ways) > 1:
            raise ValueError(f"'{ways[0]}' and '{ways[1]}' exclude each other; give one")
        if ways and self.scale == "log":
            raise ValueError(f"'scale' belongs to the line through the anchors, not to '{ways[0]}'")
        if self.steps and any(step.when is None for step in self.steps[:-1]):
            raise ValueError("only the last of 'steps' may lack 'when'; those after it could never hold")
        return self

    @property
    def is_line(self) -> bool:
        """Whether the score lies on the line through the anchors."""
        return not (self.texts or self.steps or self.formula or self.relative)


class Signals(Declared):
    """How the XmR chart of a KPI is drawn: which points give its limits."""

    screen: bool = Field(True, description="Leave moving ranges of 3.267 times their mean or more out of the limits.")
    baseline: int | None = Field(
        None,
        ge=12,
        description="Limits are those of the first n points, at least 12, since the last rebase, once there are so "
        "many.",
    )
    rebase: tuple[Period, ...] = Field(
        (),
        description="Months such as 2025-04 at which new limits begin, and new runs too: earlier points are not in "
        "the chart.",
    )
    seasonal: bool = Field(
        False,
        description="Judge the difference (in the KPI's own terms, no ratio) to the same month of last year instead "
        "of the value.",
    )
