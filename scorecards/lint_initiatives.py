"""Rules about initiatives: that each has money, a person and a day, and moves something."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem
from scorecards.lint_facts import Facts
from scorecards.lint_rule import rule
from scorecards.strategy import Initiative

_BOOK = "Kaplan and Norton, The Execution Premium (2008), chapter 4"


def _open(facts: Facts) -> Iterator[tuple[str, Initiative]]:
    """Initiatives that are not done: what is over needs no budget, owner or day any more."""
    return (pair for pair in facts.project.strategy.initiatives.items() if pair[1].status != "done")


@rule("warning", "An initiative has no budget.", remedy="Write budget:, be it 0.", source=_BOOK)
def initiative_without_budget(facts: Facts) -> Iterator[Problem]:
    """A strategy whose projects have no money of their own is paid for last.

    Also small sums say that somebody agreed.
    """
    for initiative_id, initiative in _open(facts):
        if initiative.budget is None:
            yield facts.in_strategy(("initiatives", initiative_id), "has no budget.")


@rule("warning", "An initiative has no owner.", remedy="Name the role or person that runs it.", source=_BOOK)
def initiative_without_owner(facts: Facts) -> Iterator[Problem]:
    """A project that nobody runs does not run."""
    for initiative_id, initiative in _open(facts):
        if not initiative.owner:
            yield facts.in_strategy(("initiatives", initiative_id), "has no owner.")


@rule("warning", "An initiative has no due date.", remedy="Write due:, the day on which it ends.", source=_BOOK)
def initiative_without_due(facts: Facts) -> Iterator[Problem]:
    """Without a last day it can be neither late nor finished, and its effect is never asked for."""
    for initiative_id, initiative in _open(facts):
        if initiative.due is None:
            yield facts.in_strategy(("initiatives", initiative_id), "has no due date.")


@rule(
    "warning",
    "An initiative moves no objective.",
    remedy="Name in objectives: what it is for, or take it off the scorecard.",
    source=_BOOK,
)
def initiative_without_objective(facts: Facts) -> Iterator[Problem]:
    """Initiatives stand on a scorecard because an objective needs them; all other projects have their own lists."""
    for initiative_id, initiative in _open(facts):
        if not initiative.objectives:
            yield facts.in_strategy(("initiatives", initiative_id, "objectives"), "names no objective.")


@rule(
    "warning",
    "An initiative is overdue.",
    remedy="Set its status to done, or a new day, and say in the commentary why.",
    source=_BOOK,
    needs_history=True,
)
def initiative_overdue(facts: Facts) -> Iterator[Problem]:
    """Its day has passed by the end of the newest computed month, and it is not done.

    Unsaid delays are how a review learns to believe no date at all.
    """
    today = facts.last_day
    if today is None:
        return
    for initiative_id, initiative in _open(facts):
        if initiative.due is not None and initiative.due <= today:
            message = f"was due on {initiative.due}, is {initiative.status}, and it is {today}."
            yield facts.in_strategy(("initiatives", initiative_id, "due"), message)
