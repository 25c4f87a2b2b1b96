"""What the name of a file tells: its month, its day, and what to call the source."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from scorecards.errors import CallError
from scorecards.sources import Source

_DAY = r"(?<!\d)(\d{4}-\d{2}-\d{2}|\d{8})(?!\d)"
_MONTH = r"(?<!\d)\d{4}-\d{2}(?![\d-])"
_SHORT_MONTH = r"(?<!\d)((?:19|20)\d{2})([_.]?)(0[1-9]|1[0-2])(?!\d)"


def named_source(path: Path, name: str) -> Source:
    """A contract that has no more than the path, by which a packed file is told.

    Raises ``CallError`` where the name cannot be a contract's path.
    """
    try:
        return Source.model_validate(
            {
                "domain": "process",
                "period": "none",
                "source": "file",
                "path": name,
                "format": "csv",
                "columns": {"a": {}},
            }
        )
    except ValidationError as error:
        why = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise CallError(f"{path} has a name that cannot be a contract's path ({why}). Rename a copy of it.") from None


def stem_of(name: str) -> str:
    """The name of the file without its folder, its ending and what dates it."""
    stem = re.sub(r"\.[^.]*$", "", name.rpartition("/")[2])
    return re.sub(r"[_\W]*(\d{4}-\d{2}(-\d{2})?|\d{6,8})(?!\d)", "", stem) or "source"


def path_of(name: str) -> tuple[str, date | None]:
    """The path with {period} and {file_date} where the file's name has a month and a day, and the month."""
    folder, _, file = name.rpartition("/")
    month: date | None = None
    day = next((found for found in re.finditer(_DAY, file) if _is_day(found[0])), None)
    if day is not None:
        file = f"{file[: day.start()]}{{file_date}}{file[day.end() :]}"
    stamp = next((found for found in re.finditer(_MONTH, file) if 1 <= int(found[0][5:]) <= 12), None)
    if stamp is not None:
        month = date(int(stamp[0][:4]), int(stamp[0][5:]), 1)
        file = f"{file[: stamp.start()]}{{period}}{file[stamp.end() :]}"
    short = re.search(_SHORT_MONTH, file)
    if month is None and short is not None:
        month = date(int(short[1]), int(short[3]), 1)
        file = f"{file[: short.start()]}{{period:%Y{short[2]}%m}}{file[short.end() :]}"
    return (f"{folder}/" if folder else "") + file, month


def _is_day(stamp: str) -> bool:
    try:
        return 1990 <= date.fromisoformat(stamp).year < 2100
    except ValueError:
        return False
