"""Cells of a workbook that hold no value although they are not empty: errors, and formulas that were never computed.

They travel as texts under a mark, through everything that fills down, turns and joins, until a rule rejects their row;
a text cell that only says ``#N/A`` has no mark. Imported where workbooks are read (``workbook_process.py``): it must
not import what takes long.
"""

from __future__ import annotations

from typing import Any, Final

MARK: Final = "\ufdd0"
"""No letter: Unicode keeps it for such marks."""

UNSTORED: Final = "="
"""What is shown of a formula without a stored value."""


def marked(shown: str) -> str:
    """The text of a flawed cell; ``shown`` is the error, such as #DIV/0!, or ``UNSTORED``."""
    return MARK + shown


def is_marked(cell: Any) -> bool:
    """Whether a cell is flawed."""
    return isinstance(cell, str) and cell.startswith(MARK)


def unmarked(text: str) -> str:
    """The text as it is shown."""
    return text.removeprefix(MARK)
