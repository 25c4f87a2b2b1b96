"""Pieces of SQL as text: names, literals and lists, in lines that a terminal of eighty columns can hold.

Belongs here: quoting and laying out. What a statement says is for its writer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from scorecards.expressions import is_word_of_sql

WIDTH = 66


def ident(name: str) -> str:
    """A column's name, in quotes where SQL would read it otherwise."""
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) is not None and not is_word_of_sql(name)
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def day(value: date) -> str:
    """A literal of a day."""
    return f"DATE '{value.isoformat()}'"


def listed(head: str, items: Sequence[str], indent: str = "  ", tail: str = "") -> str:
    """``head`` and the items, separated by commas, on as few lines as they need; no item is ever broken."""
    lines, line = [], head
    for place, item in enumerate(items):
        piece = item + ("," if place < len(items) - 1 else tail)
        if line.strip() and len(line) + len(piece) > WIDTH and line != head:
            lines.append(line.rstrip())
            line = indent
        line += piece + " "
    return "\n".join([*lines, line.rstrip()])
