"""Pieces of SQL as text: names, literals and lists, in lines that a terminal of eighty columns can hold.

Belongs here: quoting and laying out. What a statement says is for its writer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

WIDTH = 66
# What DuckDB 2.0 does not read as a column's name without quotes; a test asks it for every keyword it has.
_RESERVED = frozenset((
    "false", "null", "true", "all", "analyse", "analyze", "and", "anti", "any", "array", "as", "asc", "asof",
    "asymmetric", "at", "authorization", "binary", "both", "by", "case", "cast", "check", "collate", "collation",
    "column", "concurrently", "constraint", "create", "cross", "default", "deferrable", "desc", "describe",
    "distinct", "do", "else", "end", "except", "fetch", "for", "foreign", "freeze", "from", "full", "glob", "group",
    "having", "ilike", "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lambda", "lateral",
    "leading", "left", "like", "limit", "natural", "not", "notnull", "offset", "on", "only", "or", "order", "outer",
    "overlaps", "pivot", "pivot_longer", "pivot_wider", "placing", "positional", "primary", "qualify", "references",
    "returning", "right", "select", "semi", "show", "similar", "some", "summarize", "symmetric", "table",
    "tablesample", "then", "to", "trailing", "union", "unique", "unpack", "unpivot", "using", "variadic", "verbose",
    "when", "where", "window", "with",
))  # fmt: skip


def ident(name: str) -> str:
    """A column's name, in quotes where SQL would read it otherwise."""
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) is not None
    return name if is_plain and name not in _RESERVED else '"' + name.replace('"', '""') + '"'


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
