"""Deliveries: which files in the extracts folder belong to a source, and which look like it but are passed over."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

from scorecards.errors import DataRefused
from scorecards.source_paths import PathPattern
from scorecards.sources import Source

MANIFEST = "manifest.csv"


@dataclass(frozen=True)
class Delivery:
    """A file of a source: where it lies, its path in the folder of extracts, its month and its day of delivery.

    ``logical`` is the path without its file date and without the suffix of its packing: a second delivery of it
    replaces the first for all it holds.
    """

    path: Path
    name: str
    logical: str
    period: date | None
    file_date: date | None

    def lying_at(self, path: Path) -> Delivery:
        """The same delivery, its bytes at another place."""
        return replace(self, path=path)


@dataclass(frozen=True)
class Candidate:
    """What lies where a source's files lie: its path below the folder, and why it cannot be taken, if it cannot."""

    path: Path
    name: str
    reason: str = ""

    def __post_init__(self) -> None:
        """No name that could begin a line of its own, or steer a terminal, is taken in."""
        if not self.reason and not self.name.isprintable():
            object.__setattr__(self, "reason", "its name holds control characters")


def deliveries(source: Source, extracts: Path) -> list[Delivery]:
    """The source's files below ``extracts``, in known-on order, then by name.

    Of files that tell the same month and moment of delivery the last by name counts: see ``passed_over``. Names whose
    month or day does not exist and links that lead outside are not followed.
    """
    return deliveries_among(source, candidates(source, extracts), extracts)


def form_day(source: Source, name: str, known_on: date) -> date | None:
    """The day by which the form of a file of many months is chosen: of its name, or of its line in the manifest."""
    moment = file_moment(source, name)
    if moment is not None:
        return moment.date()
    return known_on if source.known_on == "manifest" else None


def file_period(source: Source, name: str) -> date | None:
    """The month that a file's name tells; None where its source has none in its path."""
    told = PathPattern(source.path).read(name)
    return told.period if told is not None else None


def file_moment(source: Source, name: str) -> datetime | None:
    """The moment of delivery that a file's name tells; None where its source has none in its path."""
    told = PathPattern(source.path).read(name)
    return told.moment if told is not None else None


def passed_over(source: Source, extracts: Path) -> list[tuple[str, str]]:
    """Files that look like the source's but are not taken in, each with the reason: nothing is left out silently."""
    return passed_over_among(source, candidates(source, extracts), extracts)


def deliveries_among(source: Source, candidates: Sequence[Candidate], folder: Path) -> list[Delivery]:
    """See ``deliveries``, wherever the files lie; ``folder`` holds the manifest, where the source has use for it."""
    return [delivery for delivery, twin in _found(source, candidates, folder) if twin is None]


def passed_over_among(source: Source, candidates: Sequence[Candidate], folder: Path) -> list[tuple[str, str]]:
    """See ``passed_over`` and ``deliveries_among``."""
    pattern = PathPattern(source.path)
    known = manifest(source, folder)
    unlisted = f"{MANIFEST} does not name it"
    strangers = [
        (one.name, reason)
        for one in candidates
        if (reason := _misfit(pattern, one) or (unlisted if known is not None and one.name not in known else ""))
    ]
    twins = [
        (delivery.name, f"{twin} is the same delivery, and counts")
        for delivery, twin in _found(source, candidates, folder)
        if twin is not None
    ]
    return sorted(strangers + twins)


def _found(source: Source, candidates: Sequence[Candidate], folder: Path) -> list[tuple[Delivery, str | None]]:
    """The source's files in order, each with the name of the one that counts in its place, if there is one."""
    pattern, known = PathPattern(source.path), manifest(source, folder)
    found: list[tuple[datetime, Delivery]] = []
    for one in candidates:
        told = None if _misfit(pattern, one) else pattern.read(one.name)
        if told is not None and (known is None or one.name in known):
            day = told.moment.date() if told.moment else None
            day = known[one.name] if known is not None else day
            moment = told.moment or (datetime.combine(day, time()) if day else datetime.min)
            found.append((moment, Delivery(one.path, one.name, told.logical, told.period, day)))
    found.sort(key=lambda pair: (pair[0], pair[1].name))
    last = {(moment, delivery.logical): delivery.name for moment, delivery in found}
    counting = [last[moment, delivery.logical] for moment, delivery in found]
    return [
        (delivery, None if name == delivery.name else name) for (_, delivery), name in zip(found, counting, strict=True)
    ]


def _misfit(pattern: PathPattern, candidate: Candidate) -> str:
    """Why a candidate is no file of the source: what it is, or what is wrong with its name; empty where nothing is."""
    if candidate.reason:
        return candidate.reason
    if not pattern.fits(candidate.name):
        return f"its name does not fit {pattern.path}"
    try:
        pattern.read(candidate.name)
    except ValueError as error:
        return f"its name holds no real date: {error}. Rename it"
    return ""


def manifest(source: Source, extracts: Path) -> dict[str, date] | None:
    """By file the day on which it became known, as ``manifest.csv`` says; None where the source has no use for it.

    Raises ``DataRefused`` when there is no manifest, or a line of it cannot be read.
    """
    if source.known_on != "manifest":
        return None
    try:
        with (extracts / MANIFEST).open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
    except OSError as error:
        needed = f"{source.source} needs it (known_on)"
        raise DataRefused(f"{MANIFEST} cannot be read: {error.strerror}. {needed}.") from None
    found: dict[str, date] = {}
    for line, row in enumerate(rows, start=2):
        try:
            found[str(row["file"])] = date.fromisoformat(str(row["known_on"]))
        except KeyError:
            raise DataRefused(f"{MANIFEST}: the header needs the columns file and known_on.") from None
        except ValueError:
            raise DataRefused(
                f"{MANIFEST}:{line}: known_on: '{row['known_on']}' is not a day; write it as 2025-04-05."
            ) from None
    return found


def candidates(source: Source, extracts: Path) -> list[Candidate]:
    """What lies below ``extracts`` where the source's files lie: each is a delivery, or passed over."""
    root, folders = extracts.resolve(), dict[Path, bool]()
    found = []
    for path in extracts.glob(PathPattern(source.path).glob):
        if path.parent not in folders:
            folders[path.parent] = path.parent.resolve().is_relative_to(root)
        reason = ""
        # A link that leads to itself is no file either, and has no end that could be asked for.
        if not path.is_file():
            reason = "it is no file"
        # All but the last step of a path is the same for the many files of a folder.
        elif not (path.resolve().is_relative_to(root) if path.is_symlink() else folders[path.parent]):
            reason = "it is a link that leads out of the extracts folder"
        found.append(Candidate(path, path.relative_to(extracts).as_posix(), reason))
    return found
