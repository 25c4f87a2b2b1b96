"""A rule of `check`: what it is called, how grave its findings are, and why it exists.

Belongs here: the record of a rule, and the decorator that makes one from a function. The rules themselves stand in
the ``lint_*.py`` modules by subject; ``lint.py`` applies them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scorecards.errors import Problem, Severity
from scorecards.lint_facts import Facts

Find = Callable[[Facts], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """One rule. ``says`` is what a finding tells, ``why`` why it matters; ``source`` is where the rule comes from.

    A rule that ``needs_history`` is left out as long as no month has been computed.
    """

    id: str
    severity: Severity
    says: str
    why: str
    remedy: str
    source: str
    needs_history: bool
    find: Find


def rule(
    severity: Severity, says: str, *, remedy: str, source: str, needs_history: bool = False
) -> Callable[[Find], Rule]:
    """Make a rule of a function: its name gives the id, its docstring tells why the rule exists."""

    def make(find: Find) -> Rule:
        why = " ".join((find.__doc__ or "").split()).replace("``", "`")
        return Rule(find.__name__.replace("_", "-"), severity, says, why, remedy, source, needs_history, find)

    return make
