"""Printing: rich for people, plain for pipes, problems with their places, progress for what takes longer."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scorecards.errors import DeclarationError, Problem, ScorepackError
from scorecards.words import TURNING, on_one_line, plural

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_MOST_PROBLEMS = 50
_CONTROLS = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNING}]")
_WIDTH_IN_PIPES = 160
_WIDTH_OF_GROUPS = 80
_STYLES = {"error": "red", "warning": "yellow", "note": "cyan"}


def console(*, stderr: bool = False) -> Console:
    """A console that knows whether a person looks."""
    from rich.console import Console
    from rich.text import Text

    class Harmless(Console):
        """A console on which text of files and declarations cannot steer the terminal, nor begin a line of its own."""

        def render_str(self, text: str, **named: Any) -> Text:
            return super().render_str(without_controls(text), **named)

    is_seen = (sys.stderr if stderr else sys.stdout).isatty()
    return Harmless(
        stderr=stderr, highlight=False, emoji=False, soft_wrap=not is_seen, width=None if is_seen else _WIDTH_IN_PIPES
    )


def without_controls(text: str) -> str:
    """The text with a sign in the place of every control character but line feed and tab."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def say(text: str = "") -> None:
    """One line of ordinary output, whatever others' words in it hold: names, reasons, headers, a server's answer."""
    say_lines(on_one_line(text))


def say_lines(text: str) -> None:
    """Text of several lines that is laid out already, such as JSON."""
    console().print(text, markup=False)


def table_of(*headings: str, gap: int = 2) -> Table:
    """An empty table without lines, as all commands print theirs, with so many blanks between its columns.

    A text that holds line breaks makes no line of its own in it, and a word that is too long is broken and not cut.
    """
    from rich.table import Table

    class OneLined(Table):
        """A table whose cells are texts of one line."""

        def add_row(self, *cells: Any, **named: Any) -> None:
            super().add_row(*(on_one_line(one) if isinstance(one, str) else one for one in cells), **named)

    table = OneLined(*headings, box=None, padding=(0, gap, 0, 0))
    for column in table.columns:
        column.overflow = "fold"
    return table


def print_error(error: ScorepackError) -> None:
    """An error in its own words, to stderr; every problem of a declaration on a line of its own."""
    out = console(stderr=True)
    if isinstance(error, DeclarationError):
        print_problems(error.problems)
        count = sum(problem.severity == "error" for problem in error.problems)
        out.print(f"{plural(count, 'error')}. {error.consequence}", markup=False)
    else:
        out.print(str(error), markup=False)


def print_problems(problems: Iterable[Problem]) -> None:
    """Problems to stderr, at most fifty, the gravest first; several of one rule stand together below its words."""
    out = console(stderr=True)
    ordered = sorted(problems, key=lambda problem: (list(_STYLES).index(problem.severity), problem))
    groups: dict[object, list[Problem]] = {}
    for problem in ordered[:_MOST_PROBLEMS]:
        groups.setdefault((problem.severity, problem.rule) if problem.rule else problem, []).append(problem)
    for found in groups.values():
        style = _STYLES[found[0].severity]
        if len(found) == 1:
            out.print(f"{found[0].severity}: {found[0]}", markup=False, style=style)
        else:
            heading, *places = grouped(found)
            out.print(heading, markup=False, style=style)
            out.print("\n".join(places), markup=False)
    if len(ordered) > _MOST_PROBLEMS:
        out.print(f"… and {len(ordered) - _MOST_PROBLEMS} more: scorepack check --json", markup=False)


def grouped(found: Sequence[Problem]) -> list[str]:
    """Findings of one rule within 80 columns: the rule with its remedy, then each place with what it is there.

    What all of them say alike is said once; a remedy of its own stands at its place.
    """
    from scorecards.lint import RULES

    first, rule = found[0], RULES[found[0].rule]
    heading = f"{first.severity}: {rule.says} {rule.remedy} [{rule.id}]"
    is_alike = len({(problem.message, problem.remedy) for problem in found}) == 1
    told = [heading if not is_alike or first.remedy == rule.remedy else f"{heading} {first.remedy}"]
    for problem in found:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        words = [place, problem.key] if problem.key else [place]
        if not is_alike:
            words.append(problem.message if problem.remedy == rule.remedy else f"{problem.message} {problem.remedy}")
        told.append(": ".join(words))
    return [
        textwrap.fill(
            text, _WIDTH_OF_GROUPS, initial_indent="  " if number else "", subsequent_indent="    " if number else "  ",
            break_long_words=False, break_on_hyphens=False,
        )
        for number, text in enumerate(told)
    ]  # fmt: skip


class Steps:
    """Shows the steps of a run: a bar for a person, a line per step for a pipe. Keeps the error that ended it."""

    def __init__(self, progress: Any | None) -> None:
        self._progress = progress
        self._task: Any = None
        self._layer = ""
        self.error: Exception | None = None

    def begin(self, step: str) -> None:
        """A step begins; the sources of staging share one line."""
        layer = step.split(" ")[0] if step.startswith("staging") else step
        if self._progress is None:
            if layer != self._layer:
                print(layer, file=sys.stderr, flush=True)
        elif layer != self._layer:
            self._finish()
            self._task = self._progress.add_task(layer, total=None)
        self._layer = layer
        if self._progress is not None:
            self._progress.update(self._task, description=step)

    def advance(self, done: int, total: int) -> None:
        """So many parts of the step are done."""
        if self._progress is not None:
            self._progress.update(self._task, completed=done, total=total)

    def fail(self, error: Exception) -> None:
        """Remember the first error."""
        self.error = self.error or error

    def _finish(self) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=self._layer, completed=1, total=1)


@contextmanager
def steps() -> Iterator[Steps]:
    """Listen to a run and show its steps on stderr."""
    from pipelines.progress import listening

    if not sys.stderr.isatty():
        shown = Steps(None)
        with listening(shown):
            yield shown
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:<28}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(stderr=True)) as progress:
        shown = Steps(progress)
        with listening(shown):
            yield shown
        shown._finish()
