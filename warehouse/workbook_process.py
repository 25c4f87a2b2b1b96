"""Workbooks are read in a process of their own, which may take so much memory and time and no more.

The library that reads them ends its process where a file asks for more memory than there is: a cell in the last column
of the last row of an otherwise empty sheet is enough. Here that costs the process of this module, and the file is
refused. It is started for the first workbook, without our environment, and kept for those that follow.

Belongs here: both ends of the talk between the two processes. This module is imported by the child too: it must not
import what takes long.
"""

from __future__ import annotations

import atexit
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any, Final

MEMORY_GIB: Final = 6
"""The memory that reading one workbook may take."""

SECONDS: Final = 300
"""The time that reading one sheet may take."""

_TOGETHER = 20_000
_START = "import sys; sys.path.insert(0, sys.argv[1]); from warehouse.workbook_process import serve; serve()"


class Unreadable(Exception):
    """No workbook that can be read, in the reader's words."""


class Refusal(Exception):
    """A workbook that is not read: the words are a whole sentence."""


@dataclass(frozen=True)
class Cells:
    """The cells of a sheet, flawed ones as marked texts (``cell_flaws.py``), and what else there is to know of it.

    Its merged cells where the format tells them; the rows (from 0) that it hides, and whether it is hidden itself; and
    whether bare numbers of days are counted from the beginning of 1904; and how many formulas hold a doubtful 0.
    """

    rows: list[list[Any]]
    merged: list[tuple[int, int, int, int]] | None
    hidden: frozenset[int]
    is_hidden: bool
    counts_from_1904: bool
    doubtful: int


class Reader:
    """The other process. A file that ends it is unreadable, and the next one gets a new process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def names(self, path: Path) -> list[str]:
        """The names of a workbook's sheets, which is open from then on. Raises ``Unreadable`` or ``Refusal``."""
        return [str(name) for name in self._asked(("open", str(path.absolute())))]

    def sheet(self, name: str) -> Cells:
        """A sheet of the workbook that was opened last. Raises ``Unreadable`` or ``Refusal``."""
        answers = iter(self._asked(("sheet", name)))
        told = next(answers)
        return Cells([row for rows in answers for row in rows], *told)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _asked(self, question: tuple[str, str]) -> list[Any]:
        process = self._running()
        is_late = False

        def end() -> None:
            nonlocal is_late
            is_late = True
            process.kill()

        timer = Timer(SECONDS, end)
        timer.start()
        try:
            found = list(_answers(process, question))
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()
            why = f"more than {SECONDS // 60} minutes" if is_late else f"more than {MEMORY_GIB} GiB of memory"
            raise Unreadable(f"reading it takes {why}, or ends the reader; deliver it as CSV") from None
        except (Unreadable, Refusal):
            raise
        except BaseException:
            # Interrupted in the middle of an answer, the rest of which would be taken for the next one.
            self.close()
            raise
        finally:
            timer.cancel()
        return found

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START, str(Path(__file__).parent.parent)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        return self._process


def _answers(process: subprocess.Popen[bytes], question: tuple[str, str]) -> Iterator[Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    pickle.dump(question, process.stdin)
    process.stdin.flush()
    while True:
        kind, value = pickle.load(process.stdout)
        if kind == "end":
            return
        if kind == "unreadable":
            raise Unreadable(value)
        if kind == "refused":
            raise Refusal(value)
        yield value


READER: Final = Reader()
"""The reader of this process."""
atexit.register(READER.close)


def serve() -> None:
    """Answer questions until there are no more: what the other process does."""
    before = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MEMORY_GIB << 30
    most = most if before == resource.RLIM_INFINITY else min(most, before)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What the library prints is no answer.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from warehouse.workbook_parts import Refused

    opened: dict[str, Any] = {}
    with suppress(EOFError):
        while True:
            kind, text = pickle.load(sys.stdin.buffer)
            try:
                for answer in _open(opened, text) if kind == "open" else _sheet(opened, text):
                    pickle.dump(("part", answer), out, pickle.HIGHEST_PROTOCOL)
                pickle.dump(("end", None), out)
            except MemoryError:
                pickle.dump(("unreadable", f"reading it takes more than {MEMORY_GIB} GiB of memory"), out)
            except Refused as error:
                pickle.dump(("refused", str(error)), out)
            except BaseException as error:
                # A panic of the library is no Exception.
                if isinstance(error, (KeyboardInterrupt, SystemExit)):
                    raise
                pickle.dump(("unreadable", str(error).strip() or type(error).__name__), out)
            out.flush()


def _open(opened: dict[str, Any], path: str) -> Iterator[str]:
    from python_calamine import CalamineWorkbook

    from warehouse.workbook_parts import require_sound_parts

    require_sound_parts(Path(path))
    with Path(path).open("rb") as content:
        # By a path the library believes the suffix, which may be wrong; without one it looks at the content.
        workbook = CalamineWorkbook.from_filelike(content) if Path(path).suffix else CalamineWorkbook.from_path(path)
    opened.update(path=Path(path), workbook=workbook)
    yield from opened["workbook"].sheet_names


def _sheet(opened: dict[str, Any], name: str) -> Iterator[Any]:
    from python_calamine import SheetVisibleEnum

    from warehouse.workbook_errors import require_readable, survey

    found = survey(opened["path"], name)
    require_readable(found, name)
    sheet = opened["workbook"].get_sheet_by_name(name)
    cells: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    _put(found.flaws, cells)
    ranges = sheet.merged_cell_ranges
    merged = None if ranges is None else [(*start, *stop) for start, stop in ranges]
    looks = {each.name: each.visible for each in opened["workbook"].sheets_metadata}
    is_hidden = looks[name] != SheetVisibleEnum.Visible
    yield merged, frozenset(found.hidden), is_hidden, found.counts_from_1904, found.doubtful
    yield from (cells[start : start + _TOGETHER] for start in range(0, len(cells), _TOGETHER))


def _put(flaws: dict[tuple[int, int], str], cells: list[list[Any]]) -> None:
    """Put flawed cells at their places, which may lie beyond the last value."""
    height = max((row + 1 for row, _ in flaws), default=0)
    width = max((column + 1 for _, column in flaws), default=0)
    cells += [[] for _ in range(height - len(cells))]
    width = max(width, len(cells[0]) if cells else 0)
    if flaws:
        for each in cells:
            each += [""] * (width - len(each))
    for (row, column), text in flaws.items():
        cells[row][column] = text
