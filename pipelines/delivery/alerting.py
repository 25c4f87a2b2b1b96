"""Alerts: a mail to those who look after the pipeline when a run has failed, once and not every minute.

Belongs here: what an alert says and when it is sent again. Every attempt is in the journal.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pipelines.delivery.telling import AFTER_FAILURE, KIND, TOLD, is_fresh, subject, tell
from pipelines.delivery.transport import transport_from_environment
from pipelines.steps.setting import Setting
from scorecards.periods import period_text
from scorecards.words import plural
from warehouse import journal

# The same failure is told again after a day; one whose mail did not leave is tried again after a quarter of an hour.
_SILENCE = dict.fromkeys(TOLD, timedelta(days=1))
_MOST_LINES = 12
# What names one run only: the ids of runs and processes.
_ONE_RUNS = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\bprocess \d+\b")


@dataclass(frozen=True)
class Failure:
    """What failed, for which months, the error in its own words, and the command that tries again."""

    job: str
    periods: tuple[date, ...]
    error: str

    @property
    def span(self) -> str:
        """The months in words."""
        names = [period_text(period) for period in self.periods]
        return " to ".join(dict.fromkeys((names[0], names[-1]))) if names else "no month"

    @property
    def told(self) -> str:
        """The error as it is mailed: its first lines, and how many more there are."""
        lines = [line for line in self.error.strip().splitlines() if line.strip()] or ["No error was told."]
        more = len(lines) - _MOST_LINES
        return "\n".join([*lines[:_MOST_LINES], *([f"… and {plural(more, 'more line')}"] if more > 0 else [])])

    @property
    def retry(self) -> str:
        """The command that tries again."""
        first, last = (period_text(self.periods[place]) for place in (0, -1)) if self.periods else ("PERIOD", "PERIOD")
        if self.job == "deliver":
            return f"scorepack send {first}"
        return f"scorepack run {first}" if first == last else f"scorepack backfill {first} {last}"

    @property
    def key(self) -> str:
        """What makes it the same failure: not the run or the process that met it this time."""
        words = _ONE_RUNS.sub("", self.told)
        return hashlib.sha256(f"{self.job}\0{self.span}\0{words}".encode()).hexdigest()[:32]


def alert(setting: Setting, failure: Failure, now: datetime | None = None) -> list[tuple[str, str]]:
    """Mail a failure to all who are declared under ``alerts``; returns what became of each message, by address.

    Empty where nobody is declared, or where the same failure was told within a day.
    """
    now, done = now or datetime.now(UTC), []
    transport = None
    try:
        for address in setting.project.alerts:
            key = f"{failure.key}/{address.lower()}"
            if _was_told(setting, key, now):
                continue
            transport = transport or transport_from_environment(setting.home, "alerts")
            facts = {"job": failure.job, "months": failure.span}
            title = subject("failed", setting.project.organisation.organisation, failure.span, failure.job)
            done.append((address, tell(setting.home, transport, key, address, title, _text(failure), facts, now)))
    finally:
        if transport is not None:
            transport.close()
    return done


def _was_told(setting: Setting, key: str, now: datetime) -> bool:
    before: Sequence[journal.Entry] = journal.entries(setting.home, KIND, key)
    if not before:
        return False
    return is_fresh(before[-1], now, _SILENCE.get(before[-1].body["state"], AFTER_FAILURE))


def _text(failure: Failure) -> str:
    return (
        f"{failure.job} of {failure.span} failed.\n\n{failure.told}\n\n"
        f"When the cause is mended, try again with:\n\n    {failure.retry}\n\n"
        "How all months stand: scorepack status. The same failure is not mailed again for a day.\n"
    )
