"""What cannot be judged while a file is broken, so that one slip is told once and not by all that refer to it.

Belongs here: which findings of the rules across files are only the echo of a file that could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scorecards.errors import Problem

_UNKNOWN = re.compile(r"'([^']*)' (?:is not an?(?:other)?|has no) ([^.]*)\.")
_NEEDED = re.compile(r"needs an? '[^']*' in (\S+)\.$")
_KINDS = {
    "strategy.yaml": ("scorecard", "objective"),
    "sources/": ("source", "column"),
    "kpis/": ("KPI", "measure"),
    "units.csv": ("unit",),
}


# Tables whose rows are judged together: one that could not be read would make others look wrong.
_TABLES = ("units.csv", "calendar.csv")


class Doubts:
    """Names and kinds of names that may be declared in what could not be read."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._kinds: set[str] = set()
        self._files: set[str] = set()

    def about(self, file: str, data: Any = None) -> None:
        """Doubt what ``file`` declares: the source named in ``data``, else everything of its kind."""
        self._files.add(file)
        name = data.get("source") if isinstance(data, dict) else None
        if file.startswith("sources/") and isinstance(name, str):
            self.names.add(name)
            self._kinds.add("column")
            return
        self._kinds.update(kind for start, kinds in _KINDS.items() if file.startswith(start) for kind in kinds)

    def remaining(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems that stand whatever the unread files hold; warnings only where every file was read."""
        for problem in problems:
            found = _UNKNOWN.findall(problem.message)
            is_echo = bool(found) and all(
                name in self.names or kind.startswith(tuple(self._kinds)) for name, kind in found
            )
            needed = _NEEDED.search(problem.message)
            is_echo = is_echo or (needed is not None and needed[1] in self._files)
            is_part_read = problem.file in _TABLES and problem.file in self._files
            is_doubtful = (problem.severity == "warning" and self._is_any) or is_part_read
            if not is_echo and not is_doubtful:
                yield problem

    @property
    def _is_any(self) -> bool:
        return bool(self._files or self.names)
