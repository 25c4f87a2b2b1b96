"""Deliveries: which files in the extracts folder belong to a source, and which look like it but are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scorecards.errors import DataRefused
from scorecards.periods import parse_period
from scorecards.sources import Source


@dataclass(frozen=True)
class Delivery:
    """A file in the extracts folder that belongs to a source: its path below it, its month and its day of delivery.

    ``logical`` is the path without its file date: a second delivery of it replaces the first for all it holds.
    """

    path: Path
    name: str
    logical: str
    period: date | None
    file_date: date | None


def deliveries(source: Source, extracts: Path) -> list[Delivery]:
    """The source's files below ``extracts``, in known-on order.

    Raises ``DataRefused`` for a name whose month or day does not exist. Links that lead outside are not followed.
    """
    expression = _expression(source)
    found: list[Delivery] = []
    for path, name, reason in _candidates(source, extracts):
        match = expression.fullmatch(name)
        if reason or not match:
            continue
        parts = match.groupdict()
        stamp = parts.get("file_date")
        start, end = match.span("file_date") if stamp else (0, 0)
        logical = f"{name[:start]}{{file_date}}{name[end:]}" if stamp else name
        try:
            period = parse_period(parts["period"]) if parts.get("period") else None
            file_date = date.fromisoformat(stamp) if stamp else None
        except ValueError as error:
            raise DataRefused(f"{name}: its name holds no real date ({error}). Rename it.") from None
        found.append(Delivery(path, name, logical, period, file_date))
    return sorted(found, key=lambda delivery: (delivery.file_date or date.min, delivery.name))


def file_day(source: Source, name: str) -> date | None:
    """The day that a file's name tells, as ``file_date``; None where its source has none in its path."""
    match = _expression(source).fullmatch(name)
    stamp = match.groupdict().get("file_date") if match else None
    return date.fromisoformat(stamp) if stamp else None


def file_period(source: Source, name: str) -> date | None:
    """The month that a file's name tells; None where its source has none in its path."""
    match = _expression(source).fullmatch(name)
    month = match.groupdict().get("period") if match else None
    return parse_period(month) if month else None


def passed_over(source: Source, extracts: Path) -> list[tuple[str, str]]:
    """Files that look like the source's but are not taken in, each with the reason: nothing is left out silently."""
    expression = _expression(source)
    return sorted(
        (name, reason or f"its name does not fit {source.path}")
        for _, name, reason in _candidates(source, extracts)
        if reason or not expression.fullmatch(name)
    )


def _expression(source: Source) -> re.Pattern[str]:
    period, day = r"(?P<period>\d{4}-\d{2})", r"(?P<file_date>\d{8}|\d{4}-\d{2}-\d{2})"
    pattern = re.escape(source.path).replace(r"\{period\}", period, 1).replace(r"\{file_date\}", day, 1)
    pattern = pattern.replace(r"\{period\}", "(?P=period)").replace(r"\{file_date\}", "(?P=file_date)")
    return re.compile(pattern.replace(r"\*", "[^/]*"))


def _candidates(source: Source, extracts: Path) -> Iterator[tuple[Path, str, str]]:
    """What lies where the source's files lie: path, name, and why it cannot be taken, if it cannot."""
    root = extracts.resolve()
    wild = re.sub(r"\{.*?\}", "*", re.sub(r"[\[?]", lambda found: f"[{found[0]}]", source.path))
    for path in extracts.glob(wild):
        name = path.relative_to(extracts).as_posix()
        reason = ""
        if not path.is_file():
            reason = "it is no file"
        elif not path.resolve().is_relative_to(root):
            reason = "it is a link that leads out of the extracts folder"
        yield path, name, reason
