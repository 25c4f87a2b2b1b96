"""Moving the declarations to another calendar: they are written for a story that ends in October 2026.

Belongs here: the dates in YAML and CSV declarations. Does not belong here: anything about extracts.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from pathlib import Path

from examples.meridian.simulation.story import shift_months

WRITTEN_FOR = date(2026, 10, 1)
_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
_DAY = re.compile(r"\b(20\d\d)-(0[1-9]|1[0-2])(?:-([0-3]\d))?\b")
_NAMED = re.compile(rf"\b({'|'.join(_MONTHS)}) (20\d\d)\b")


def write_declarations(source: Path, to: Path, until: str) -> None:
    """Copy the YAML and CSV declarations of ``source``, dates and month names moved so that they end at ``until``.

    A file named after a month moves with it. Nothing is written where ``to`` is the source itself.
    """
    if source.resolve() == to.resolve():
        return
    last = date.fromisoformat(f"{until}-01")
    months = (last.year - WRITTEN_FOR.year) * 12 + last.month - WRITTEN_FOR.month
    originals = sorted([*source.glob("*.yaml"), *source.glob("*/*.yaml"), *source.glob("*.csv")])
    targets = {path: to / move_dates(path.relative_to(source).as_posix(), months) for path in originals}
    for path in originals:
        stale = to / path.relative_to(source)
        if stale not in targets.values() and stale.is_file() and stale.read_bytes() == path.read_bytes():
            stale.unlink()
    for path, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(move_dates(path.read_text(encoding="utf-8"), months), encoding="utf-8", newline="\n")
    for path in sorted(source.glob("assets/*")):
        (to / "assets").mkdir(exist_ok=True)
        (to / "assets" / path.name).write_bytes(path.read_bytes())


def move_dates(text: str, months: int) -> str:
    """The text with every 2026-10, 2026-10-31 and October 2026 moved by months; a month's last day stays its last."""
    text = _DAY.sub(lambda found: _moved(found, months), text)
    return _NAMED.sub(lambda found: _named(found, months), text)


def _moved(found: re.Match[str], months: int) -> str:
    first = shift_months(date(int(found[1]), int(found[2]), 1), months)
    text = f"{first.year:04d}-{first.month:02d}"
    if not found[3]:
        return text
    was_last = int(found[3]) == calendar.monthrange(int(found[1]), int(found[2]))[1]
    last = calendar.monthrange(first.year, first.month)[1]
    return f"{text}-{last if was_last else min(int(found[3]), last):02d}"


def _named(found: re.Match[str], months: int) -> str:
    first = shift_months(date(int(found[2]), _MONTHS.index(found[1]) + 1, 1), months)
    return f"{_MONTHS[first.month - 1]} {first.year}"
