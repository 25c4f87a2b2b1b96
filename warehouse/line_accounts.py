"""Whether every line of a text file is accounted for in what DuckDB made of it."""

from __future__ import annotations

import mmap
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.reading import literal
from warehouse.records import FEWEST_FIELDS, Dialect
from warehouse.text_files import Text


@dataclass(frozen=True)
class Accounts:
    """Rows without any value, and lines that continue a row because a quoted value holds their line end.

    ``row_like`` of these have as many delimiters as a row (``records.row_like``).
    """

    empty: int
    further_lines: int
    row_like: int


def accounts(
    connection: duckdb.DuckDBPyConnection,
    text: Text,
    dialect: Dialect,
    scan: str,
    fields: Sequence[str],
    is_empty: str,
    rejected: int,
) -> Accounts | None:
    """The accounts of a file, or None where lines are left over.

    ``scan`` is SQL of all that DuckDB reads, with ``fields``; ``rejected`` is the number of lines that it did not take.
    """
    further = blank = alike = "0"
    if dialect.quote:
        further, blank = (
            " + ".join(f"CASE WHEN contains({name}, chr(10)) THEN {lost.format(name)} ELSE 0 END" for name in fields)
            for lost in (
                r"length({0}) - length(replace({0}, chr(10), ''))",
                r"length({0}) - length(regexp_replace({0}, '\n+', chr(10), 'g'))",
            )
        )
    if dialect.quote and dialect.width >= FEWEST_FIELDS:
        delimiters = f"length(line) - length(replace(line, {literal(dialect.delimiter)}, ''))"
        lines = f"list_filter(string_split({{0}}, chr(10))[2:], lambda line: {delimiters} = {dialect.width - 1})"
        alike = " + ".join(
            f"CASE WHEN contains({name}, chr(10)) THEN len({lines.format(name)}) ELSE 0 END" for name in fields
        )
    ((rows, empty, further_lines, blank_inside, row_like),) = connection.execute(
        f"SELECT count(*), count(*) FILTER ({is_empty}), coalesce(sum({further}), 0)::BIGINT, "
        f"coalesce(sum({blank}), 0)::BIGINT, coalesce(sum({alike}), 0)::BIGINT FROM {scan}"
    ).fetchall()
    outside = blank_lines(text.path, dialect.lines_before) - blank_inside
    is_balanced = rows + further_lines + outside + rejected == text.lines - dialect.lines_before
    return Accounts(int(empty), int(further_lines), int(row_like)) if is_balanced else None


def blank_lines(path: Path, lines_before: int) -> int:
    """The number of lines without any letter after the first ``lines_before``."""
    with path.open("rb") as handle:
        for _ in range(lines_before):
            handle.readline()
        start = handle.tell()
        with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
            is_first = int(start == 0 and content[:1] == b"\n")
            found = re.compile(rb"\n(?=\n)").finditer(content, max(0, start - 1))
            return is_first + sum(1 for _ in found)


def has_quoted_comment(path: Path, dialect: Dialect) -> bool:
    """Whether a quoted value at the beginning of a line looks like a comment: DuckDB does not tell them apart."""
    if not dialect.comment or not dialect.quote:
        return False
    prefixes = "|".join(re.escape(prefix) for prefix in dialect.comment)
    wanted = re.compile(f"\n *{re.escape(dialect.quote)} *(?:{prefixes})".encode())
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return wanted.search(content) is not None
