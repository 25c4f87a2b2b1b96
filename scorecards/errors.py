"""The family of errors that a user can cause, and how they are told.

Belongs here: exceptions and the record of one problem. Does not belong here: any rule that decides what is a problem.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scorecards.words import on_one_line

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where it is, what it is, and what would be right.

    ``line`` counts from 1; 0 stands for "the file as a whole". ``key`` is the dotted path inside the file. ``rule`` is
    the id of the rule of `check` that found it, and by which it can be switched off; empty for what cannot be.
    """

    file: str
    line: int
    key: str
    message: str
    remedy: str = ""
    severity: Severity = "error"
    rule: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        rule = f" [{self.rule}]" if self.rule else ""
        return on_one_line(f"{place}:{key} {self.message}{remedy}{rule}")


class ScorepackError(Exception):
    """Base of every error that is told without a traceback. ``exit_code`` follows the command line's contract."""

    exit_code = 2


class DeclarationError(ScorepackError):
    """The project's declarations are wrong; carries every problem found, and what was not done because of them."""

    def __init__(self, problems: Iterable[Problem], consequence: str = "Nothing was run.") -> None:
        self.problems = tuple(sorted(problems))
        self.consequence = consequence
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[DeclarationError], tuple[tuple[Problem, ...], str]]:
        """How it comes back from a worker process: with its problems, not with their text."""
        return type(self), (self.problems, self.consequence)


class CallError(ScorepackError):
    """The command was called with something that cannot be: an unknown unit, a month outside the project."""


class DataRefused(ScorepackError):
    """The data was refused: a file cannot be read, or more rows were rejected than the contract allows."""

    exit_code = 1


class SourceFailed(ScorepackError):
    """A database or a remote folder did not give what was asked of it; nothing is known of what it holds."""

    exit_code = 1


class HomeBusy(ScorepackError):
    """Another process holds the warehouse, or the home cannot be written."""

    exit_code = 1


OR_DECLARE_IT = " Or declare it in 'scale.references' of scorecard.yaml."
"""After what helps with an unknown anchor: it may be meant for formulas."""


def did_you_mean(wrong: str, known: Sequence[str]) -> str:
    """The sentence that helps after an unknown name: the nearest known one, or the list when it is short."""
    near = difflib.get_close_matches(wrong, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?{_looking_alike(wrong, near[0])}"
    if not known:
        return "None is declared."
    shown = ", ".join(f"'{name}'" for name in list(known)[:8])
    return f"Known: {shown}{', …' if len(known) > 8 else ''}."


def _looking_alike(wrong: str, known: str) -> str:
    """What tells two names apart that look the same: which characters only one of them has."""
    if _seen(wrong) != _seen(known):
        return ""
    here, there = (
        ", ".join(f"U+{ord(letter):04X}" for letter in dict.fromkeys(one) if letter not in other) or "none"
        for one, other in ((wrong, known), (known, wrong))
    )
    return f" They look the same; only the first has {here}, only the second {there}."


def _seen(name: str) -> str:
    """A name as a reader sees it: composed, without what has no width."""
    composed = unicodedata.normalize("NFKC", name)
    return "".join(letter for letter in composed if unicodedata.category(letter) != "Cf")


def nearest_unit(reason: str, codes: Sequence[str]) -> str:
    """``did_you_mean`` for the reason of a row whose unit is unknown, and shown; empty for any other reason."""
    unknown = re.search(r"'([^']+)' is not a declared unit$", reason)
    return did_you_mean(unknown[1], codes) if unknown else ""
