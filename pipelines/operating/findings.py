"""What an examination finds: in which state a thing is, and how it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:  # what is missing of packages is told by findings too
    from scorecards.project import Project
    from warehouse.home import Home

FINE: Final = "fine"
NOTE: Final = "note"
MEND: Final = "mend"
State = Literal["fine", "note", "mend"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``remedy`` says what to do; of a note it may be empty, of what is fine it is."""

    check: str
    state: State
    says: str
    remedy: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined: a project folder with its home, and the project itself where its declarations are sound."""

    root: Path
    home: Home
    project: Project | None
    now: datetime


Found = tuple[State, str, str]


def fine(says: str) -> Found:
    """All is as it should be."""
    return FINE, says, ""


def note(says: str, remedy: str = "") -> Found:
    """Something to know; a month end goes on nevertheless."""
    return NOTE, says, remedy


def mend(says: str, remedy: str) -> Found:
    """Something that a month end would stumble over."""
    return MEND, says, remedy
