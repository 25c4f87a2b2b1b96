"""Rules about a KPI by itself: that it says what it is, in what it counts, and who answers for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scorecards.errors import Problem
from scorecards.expressions import names_in
from scorecards.kpis import Kpi
from scorecards.lint_facts import Facts
from scorecards.lint_rule import rule

_SMART = "Doran, There's a S.M.A.R.T. way to write management's goals, Management Review 70/11 (1981)"
_FEWEST_WORDS = 3
_WORD_FOR_PERCENT = re.compile(r"%|pct\.?|per ?cent|percentage|prozent", re.IGNORECASE)
_EMPTY_WORDS = frozenset(
    {
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "for",
        "to",
        "and",
        "or",
        "our",
        "is",
        "are",
        "this",
        "kpi",
        "indicator",
        "tbd",
    }
)


@rule(
    "warning",
    "A KPI has no owner.",
    remedy="Name the role or person that answers for it.",
    source=f"{_SMART}: assignable",
)
def kpi_without_owner(facts: Facts) -> Iterator[Problem]:
    """What everybody owns nobody mends.

    When the KPI turns red, the pack must name the one who is asked first.
    """
    for kpi_id, kpi in facts.project.kpis.items():
        if not kpi.owner:
            yield facts.in_kpi(kpi_id, ("owner",), "names no owner.")


@rule(
    "warning",
    "A KPI does not say in what it is measured.",
    remedy="Write measured_in: percent, currency, or a word such as days.",
    source=f"{_SMART}: measurable",
)
def kpi_without_measured_in(facts: Facts) -> Iterator[Problem]:
    """A number without its unit of measurement cannot be read: 12 days, 12 per cent and 12 million look the same.

    A KPI whose value is a text counts in nothing.
    """
    for kpi_id, kpi in facts.project.kpis.items():
        if not kpi.measured_in and not kpi.scoring.texts:
            yield facts.in_kpi(kpi_id, ("measured_in",), "does not say in what it is measured.")


@rule(
    "warning",
    "A KPI is measured in a word for percent that is not percent.",
    remedy="Write measured_in: percent, and let its value and targets be shares: 0.95 is shown as 95 %.",
    source="International System of Units: % stands for the number 0.01 (SI Brochure, 9th edition, 5.4.7)",
)
def percent_by_another_word(facts: Facts) -> Iterator[Problem]:
    """Any other word is put behind the value as it is: a share of 0.95 reads 0.95 %.

    With `percent` it reads 95 %, and its changes are told in percentage points.
    """
    for kpi_id, kpi in facts.project.kpis.items():
        if kpi.measured_in != "percent" and _WORD_FOR_PERCENT.fullmatch(kpi.measured_in.strip()):
            yield facts.in_kpi(kpi_id, ("measured_in",), f"is measured in '{kpi.measured_in}'.")


@rule(
    "warning",
    "A KPI has no definition.",
    remedy="Say in a sentence what is counted, over what, and what is left out.",
    source=f"{_SMART}: specific; Neely et al., Designing performance measures, IJOPM 17/11 (1997)",
)
def kpi_without_definition(facts: Facts) -> Iterator[Problem]:
    """Two readers who understand a KPI differently argue about the number instead of the business.

    The definition is printed in every pack.
    """
    for kpi_id, kpi in facts.project.kpis.items():
        if not kpi.definition:
            yield facts.in_kpi(kpi_id, ("definition",), "has no definition.")


@rule(
    "warning",
    "A KPI's definition says no more than its name.",
    remedy="Say in a sentence what is counted, over what, and what is left out.",
    source=f"{_SMART}: specific; Neely et al., Designing performance measures, IJOPM 17/11 (1997)",
)
def kpi_not_specific(facts: Facts) -> Iterator[Problem]:
    """A definition says which cases count, and which do not.

    One that repeats the name, or takes fewer than three words, leaves that open, and two readers mean two different
    numbers.
    """
    for kpi_id, kpi in facts.project.kpis.items():
        words, name = _words(kpi.definition), set(_words(kpi.name))
        if words and (len(words) < _FEWEST_WORDS or not set(words) - name - _EMPTY_WORDS):
            message = f"'{kpi.definition}' says no more than the name '{kpi.name}'."
            yield facts.in_kpi(kpi_id, ("definition",), message)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@rule(
    "warning",
    "A KPI stands on no scorecard.",
    remedy="Name it under an objective, or delete it.",
    source="SMART, as mostly read today: relevant",
)
def kpi_on_no_scorecard(facts: Facts) -> Iterator[Problem]:
    """It costs time to compute and to keep right, and nobody sees it.

    A KPI is relevant when an objective is measured by it, or another KPI is computed from it.
    """
    used = {use.kpi_id for use in facts.uses}
    for kpi_id, kpi in facts.project.kpis.items():
        inputs = {declared.kpi for declared in kpi.inputs.values() if declared.kpi}
        used |= (inputs | _named(kpi) - set(kpi.inputs) - set(facts.project.measures)) - {kpi_id}
    for kpi_id in facts.project.kpis:
        if kpi_id not in used:
            yield facts.in_kpi(kpi_id, (), "stands on no scorecard.")


def _named(kpi: Kpi) -> set[str]:
    """Names in the formulas of a KPI."""
    scoring = [kpi.scoring.formula, *(step.when for step in kpi.scoring.steps)]
    return {name for text in (kpi.value, *kpi.anchors.values(), *scoring) if text for name in names_in(text)}


@rule(
    "warning",
    "A measure that adds up over months says what a late unit is.",
    remedy="Leave 'late' out; or say what the measure is 'over_time', where it is a level.",
    source="What is declared and has no effect misleads the next reader",
)
def late_on_a_flow(facts: Facts) -> Iterator[Problem]:
    """Only a level can be late: a month without orders is a month without orders (see `empty`)."""
    for measure_id, measure in facts.project.measures.items():
        if measure.late is not None and measure.over_time == "sum":
            place = facts.project.places[f"measures {measure_id}"]
            yield place.problem(("measures", measure_id, "late"), "has no effect: the measure is no stock.")


@rule(
    "warning",
    "A rebase of a KPI's chart begins no new limits.",
    remedy="Write the months in their order, each after the first month of the data, none before it has come.",
    source="What is declared and has no effect misleads the next reader",
)
def rebase_without_effect(facts: Facts) -> Iterator[Problem]:
    """New limits begin at a month that has earlier points and has come.

    One that is mistyped leaves the old limits in force, and nothing else shows it.
    """
    first, newest = facts.project.organisation.first_period, facts.history.period if facts.history else None
    for kpi_id, kpi in facts.project.kpis.items():
        months = kpi.signals.rebase
        at = ("signals", "rebase")
        if list(months) != sorted(set(months)):
            yield facts.in_kpi(kpi_id, at, "is not in the order of time.")
        for month in months:
            if month <= first:
                yield facts.in_kpi(kpi_id, at, f"{month:%Y-%m} has no month of the project before it.")
            elif newest is not None and month > newest:
                message = f"{month:%Y-%m} is later than the newest month that is computed, {newest:%Y-%m}."
                yield facts.in_kpi(kpi_id, at, message)


@rule(
    "warning",
    "An input of a KPI is used by no formula.",
    remedy="Use it, or delete it.",
    source="What is declared and has no effect misleads the next reader",
)
def input_without_use(facts: Facts) -> Iterator[Problem]:
    """Whoever reads the inputs believes that they count.

    One that no formula names is mostly a slip: the formula names the measure itself, with the KPI's window instead
    of the input's own.
    """
    for kpi_id, kpi in facts.project.kpis.items():
        for input_id in kpi.inputs:
            if input_id not in _named(kpi):
                yield facts.in_kpi(kpi_id, ("inputs", input_id), "is used by no formula.")
