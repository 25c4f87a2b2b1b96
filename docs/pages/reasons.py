"""Reasons of missing values, by the constants that the transforms use."""

from __future__ import annotations

from transforms.kpis import DIVISION_BY_ZERO, NO_DATA, NO_ROWS, NOT_A_NUMBER, WINDOW_INCOMPLETE
from transforms.roll_up import (
    COVERAGE_BELOW_MINIMUM,
    NOTHING_SCORED,
    OWN_KPI_MISSING,
    PART_MISSING,
    TOO_FEW_PARTS,
)
from transforms.scored import (
    ANCHORS_NOT_MONOTONE,
    NO_LOGARITHM,
    NO_SCORE,
    NO_TARGET,
    NOT_YES_OR_NO,
    TEXT_NOT_LISTED,
    TOO_FEW_TO_COMPARE,
    UNSCORED,
)
from transforms.windows import NO_RATE

REASONS = {
    NO_DATA: ("inputs, KPIs", "No delivery speaks of any month of the window."),
    NO_ROWS: (
        "inputs, KPIs",
        "The data came, but hold nothing for this unit, and nothing does not mean zero here (`empty`).",
    ),
    WINDOW_INCOMPLETE: ("inputs, KPIs", "Months of the window lack, and `min_months` does not accept so few."),
    NO_RATE: ("inputs, KPIs", "An amount of the window is in a currency for which its month has no exchange rate."),
    DIVISION_BY_ZERO: ("inputs, KPIs", "The formula divides by zero."),
    NOT_A_NUMBER: ("KPIs", "The formula gives no finite number for another reason, such as the logarithm of zero."),
    NO_TARGET: ("scores of KPIs", "There is a value, but no target in force, or no second anchor such as a floor."),
    ANCHORS_NOT_MONOTONE: ("scores of KPIs", "The anchors in force do not run one way, so that they give no scale."),
    NO_LOGARITHM: ("scores of KPIs", "With `scale: log`: the value or an anchor is zero or less."),
    NOT_YES_OR_NO: ("scores of KPIs", "With `measured_in: yes/no`: the value is neither 1 nor 0."),
    TEXT_NOT_LISTED: ("scores of KPIs", "The text is not one that `scoring.texts` lists."),
    NO_SCORE: ("scores of KPIs", "No step holds, or the formula gives no number, as where an operand is not there."),
    TOO_FEW_TO_COMPARE: ("scores of KPIs", "Fewer values to compare with than `scoring.relative` asks for."),
    UNSCORED: (
        "scores",
        "The KPI is declared with `scored: false`, or nothing below is meant to be scored. It counts nowhere, not as "
        "missing either.",
    ),
    NOTHING_SCORED: ("scores above KPIs", "Nothing below has a score."),
    PART_MISSING: ("scores above KPIs", "A part has no score, and the node is `strict`."),
    TOO_FEW_PARTS: ("scores above KPIs", "Fewer parts have a score than `minimum_parts` asks for."),
    OWN_KPI_MISSING: ("scores above KPIs", "The node is self-standing, and its own KPI has no score."),
    COVERAGE_BELOW_MINIMUM: ("scores above KPIs", "Less of the weight has data than `minimum_coverage` asks for."),
}
