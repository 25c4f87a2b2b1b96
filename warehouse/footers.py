"""Lines at the end of a text file that are no rows: totals, signatures, counts of records."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from scorecards.errors import DataRefused
from warehouse.patterns import begins_with
from warehouse.text_files import Text

_TAIL = 1 << 20


def without_footer(text: Text, footer: int | str, blanks: str, work: Path) -> tuple[Text, tuple[str, ...]]:
    """The text without its footer, and the lines of the footer.

    A number cuts so many lines that are not empty (nothing but ``blanks``); a pattern cuts the lines at the very end
    that begin with it, and none in the middle of the file. Raises ``DataRefused`` where there are fewer lines.
    """
    if not footer:
        return text, ()
    size = text.path.stat().st_size
    with text.path.open("rb") as handle:
        handle.seek(max(0, size - _TAIL))
        tail = handle.read()
    lines = tail.splitlines(keepends=True) if size <= _TAIL else tail.splitlines(keepends=True)[1:]
    kept = footer_start([line.decode() for line in lines], footer, blanks)
    if kept is None:
        raise DataRefused(f"the file has fewer than the {footer} footer lines of the contract. Check 'footer'.")
    cut = lines[kept:]
    if not cut:
        return text, ()
    target = part_of(text.path, work / "without_footer", end=size - sum(map(len, cut)))
    shown = tuple(line.decode().rstrip("\n") for line in cut if line.decode().strip(f"{blanks}\n"))
    return replace(text, path=target, lines=text.lines - len(cut)), shown


def footer_start(lines: Sequence[str], footer: int | str, blanks: str) -> int | None:
    """The place of the first line that belongs to the footer; None where there are fewer lines than its number."""
    is_footer: Callable[[str], bool]
    if isinstance(footer, int):
        left = footer

        def is_footer(line: str) -> bool:
            nonlocal left
            left -= 1
            return left >= 0
    else:

        def is_footer(line: str) -> bool:
            return begins_with(line.lstrip(f'{blanks}"'), footer)

    start = place = len(lines)
    while place:
        place -= 1
        if not lines[place].strip(f"{blanks}\n"):
            continue
        if not is_footer(lines[place]):
            return start
        start = place
    return start if isinstance(footer, str) or left == 0 else None


def part_of(path: Path, target: Path, *, start: int = 0, end: int | None = None) -> Path:
    """A copy of the bytes from ``start`` to before ``end``."""
    with path.open("rb") as handle, target.open("wb") as out:
        handle.seek(start)
        shutil.copyfileobj(handle, out, 1 << 22)
        if end is not None:
            out.truncate(end - start)
    return target
