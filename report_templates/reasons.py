"""The words of typed reasons: why something has no value or no score.

Belongs here: one clause for every reason that the transforms know.
"""

from __future__ import annotations

from report_templates.language import language, mark

REASONS = {
    "no_data": mark("no data was delivered"),
    "window_incomplete": mark("months of its window are missing"),
    "no_rows": mark("the data hold nothing for this unit"),
    "no_rate": mark("an exchange rate is missing"),
    "division_by_zero": mark("there was nothing to divide by"),
    "formula_gives_nothing": mark("the formula gives no value here"),
    "not_a_number": mark("the formula gives no number"),
    "no_target": mark("no target is set"),
    "anchors_not_monotone": mark("its targets contradict each other"),
    "several_texts": mark("the rows do not agree on one text"),
    "small_group": mark("it is withheld, so that no small group of people can be identified"),
    "unit_late": mark("the data of a unit have not come yet"),
    "no_logarithm": mark("its scale is logarithmic, and there is no logarithm of zero or less"),
    "not_yes_or_no": mark("the value is neither yes nor no"),
    "text_not_listed": mark("the text has no score"),
    "no_score": mark("its rules give no score here"),
    "too_few_to_compare": mark("there is too little to compare it with"),
    "unscored": mark("it is shown for information only"),
    "nothing_scored": mark("nothing below it has a score"),
    "part_missing": mark("a part of it has no score"),
    "too_few_parts": mark("too few of its parts have a score"),
    "own_kpi_missing": mark("the KPI that it is judged by has no score"),
    "coverage_below_minimum": mark("too little of the weight has data"),
    "not_scored": mark("there is no score"),
    "not_scored_then": mark("there was no score then"),
    "no_value": mark("there is no value"),
    "no_earlier_value": mark("there was no value then"),
    "definition_changed": mark("it was defined otherwise then"),
    "does_not_add_up": mark("figures of units do not add up to it"),
    "not_measured_below": mark("no unit below has a value"),
    "not_applicable": mark("it does not apply to this unit"),
}


def reason_words(reason: str | None, locale: str) -> str:
    """The words of a typed reason; an unknown one is read out as it is spelt."""
    say = language(locale)
    if not reason:
        return say("not known")
    return say(REASONS[reason]) if reason in REASONS else reason.replace("_", " ")
