"""Rules about people's own figures: that those of small groups are withheld."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem
from scorecards.lint_facts import Facts
from scorecards.lint_rule import rule


@rule(
    "warning",
    "Figures of people are shown however few they are.",
    remedy="Declare small_groups with the measure that counts people, or say in rules_off why none need it.",
    source="Hundepool et al., Statistical Disclosure Control (2012), chapter 4: the threshold rule",
)
def small_groups_shown(facts: Facts) -> Iterator[Problem]:
    """The absence or the pay of a team of three is that of three persons.

    Where a source of the domain hr is measured, figures of small groups are to be withheld, and with them those from
    which they could be computed.
    """
    project = facts.project
    about = sorted({one.source for one in project.measures.values() if _is_hr(facts, one.source)})
    if about and project.organisation.small_groups is None:
        message = f"is not declared, and {', '.join(about)} {'tells' if len(about) == 1 else 'tell'} of people."
        yield project.places["scorecard.yaml"].problem(("small_groups",), message)


def _is_hr(facts: Facts, source: str) -> bool:
    found = facts.project.sources.get(source)
    return found is not None and found.domain == "hr"
