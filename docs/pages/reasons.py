"""Reasons of missing values, by the constants that the transforms use."""

from __future__ import annotations

from transforms.kpis import (
    DIVISION_BY_ZERO,
    FORMULA_GIVES_NOTHING,
    NO_DATA,
    NO_ROWS,
    NOT_A_NUMBER,
    SMALL_GROUP,
    UNIT_LATE,
    WINDOW_INCOMPLETE,
)
from transforms.movement import NOT_SCORED, NOT_SCORED_THEN
from transforms.rate_and_mix import (
    DEFINITION_CHANGED,
    DOES_NOT_ADD_UP,
    NO_EARLIER_VALUE,
    NO_VALUE,
    NOT_MEASURED_BELOW,
)
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
from transforms.windows import NO_RATE, SEVERAL_TEXTS

REASONS = {
    NO_DATA: ("inputs, KPIs", "No delivery speaks of any month of the window."),
    NO_ROWS: (
        "inputs, KPIs",
        "The data came, but hold nothing for this unit, and nothing does not mean zero here (`empty`).",
    ),
    WINDOW_INCOMPLETE: ("inputs, KPIs", "Months of the window lack, and `min_months` does not accept so few."),
    NO_RATE: ("inputs, KPIs", "An amount of the window is in a currency for which its month has no exchange rate."),
    SMALL_GROUP: ("inputs, KPIs", "It tells of a small group of people, or would tell one's figure (`small_groups`)."),
    UNIT_LATE: ("inputs, KPIs", "The snapshot of the unit, or of one below it, has not come (`late`)."),
    SEVERAL_TEXTS: ("inputs, KPIs", "The rows do not agree on one text."),
    DIVISION_BY_ZERO: ("inputs, KPIs", "A division that the formula comes to has a divisor of zero, or none."),
    FORMULA_GIVES_NOTHING: (
        "KPIs",
        "The formula comes to a NULL of its own, as CASE without ELSE does where no condition holds.",
    ),
    NOT_A_NUMBER: ("KPIs", "The formula gives no finite number for another reason, such as the logarithm of zero."),
    NO_TARGET: ("scores of KPIs", "There is a value, but no target in force, or no second anchor such as a floor."),
    ANCHORS_NOT_MONOTONE: ("scores of KPIs", "The anchors in force do not run one way, so that they give no scale."),
    NO_LOGARITHM: ("scores of KPIs", "With `scale: log`: the value or an anchor is zero or less."),
    NOT_YES_OR_NO: ("scores of KPIs", "With `measured_in: yes/no`: the value is neither 1 nor 0."),
    TEXT_NOT_LISTED: ("inputs, KPIs", "The text is not one that `scoring.texts` lists."),
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
    NOT_SCORED: ("score changes", "There is no score, so that nothing can have moved it."),
    NOT_SCORED_THEN: ("score changes", "There was no score in the month that is compared with."),
    NO_VALUE: ("value changes", "There is no value, so that nothing can have moved it."),
    NO_EARLIER_VALUE: ("value changes", "There was no value in the month that is compared with."),
    DEFINITION_CHANGED: ("value changes", "The KPI was declared otherwise when the earlier month was computed."),
    DOES_NOT_ADD_UP: (
        "value changes",
        "Figures of units below do not sum to this: distinct counts, percentiles, extremes, and formulas that are no "
        "sum and no ratio of sums.",
    ),
    NOT_MEASURED_BELOW: ("value changes", "No unit directly below has a value of the KPI."),
    COVERAGE_BELOW_MINIMUM: ("scores above KPIs", "Less of the weight has data than `minimum_coverage` asks for."),
}
