"""The SQL that declarations may contain: parsed by sqlglot in DuckDB's dialect, and held to an allow-list.

Belongs here: parsing, and what an expression refers to. What may be written is ``expression_rules.py``; how it is
computed is ``transforms/expressions.py``. Nothing is ever evaluated from text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from scorecards.errors import did_you_mean
from scorecards.expression_rules import AGGREGATES, ExpressionError, check_node
from scorecards.expression_types import TOLD, Kind, kind_of

MOST_LETTERS = 10_000
"""The length of the longest expression that is read."""
_BEFORE = "SELECT "


@lru_cache(maxsize=4096)
def parse(text: str) -> exp.Expression:
    """Parse one SQL expression. Raises ``ExpressionError`` for anything that is not a single allowed expression."""
    if len(text) > MOST_LETTERS:
        raise ExpressionError(f"'{text[:60]}…' is longer than {MOST_LETTERS:,} characters")
    try:
        trees = [tree for tree in sqlglot.parse(f"{_BEFORE}{text}", read="duckdb") if tree is not None]
    except SqlglotError as error:
        raise ExpressionError(f"'{text}' is not a SQL expression: {_what_is_wrong(error)}") from None
    except RecursionError:
        raise ExpressionError("is nested too deeply") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Select) or set(_given(trees[0])) != {"expressions"}:
        raise ExpressionError(f"'{text}' must be a single expression, without FROM, WHERE or ;")
    if len(trees[0].expressions) != 1:
        raise ExpressionError(f"'{text}' holds {len(trees[0].expressions)} expressions; give one")
    tree = cast(exp.Expression, trees[0].expressions[0].transform(_plain))
    for node in cast(Iterator[exp.Expression], tree.walk()):
        check_node(node, text)
    return tree


def names_in(text: str) -> frozenset[str]:
    """The column or input names that the expression refers to."""
    return frozenset(column.name for column in parse(text).find_all(exp.Column))


def is_word_of_sql(name: str) -> bool:
    """Whether a formula cannot name this without quotes, such as then or order."""
    try:
        return not isinstance(parse(f"{name} + {name}").this, exp.Column) or names_in(f"{name} / {name} - 1") != {name}
    except ExpressionError:
        return True


def is_text_aggregate(text: str) -> bool:
    """Whether a measure's value is the one text that its rows agree on: ANY_VALUE, with or without a filter."""
    try:
        tree = parse(text)
    except ExpressionError:
        return False
    return isinstance(tree.this if isinstance(tree, exp.Filter) else tree, exp.AnyValue)


def check(text: str, known: Mapping[str, Kind], *, wanted: Kind, aggregate: bool, what: str) -> str | None:
    """What is wrong with an expression, or None.

    ``known`` are the names that it may use and what they hold, told as ``what`` ("column of leavers"). ``wanted`` is
    what it must give: a number, or true or false. ``aggregate`` says whether every column must stand inside an
    aggregate (a measure's value) or no aggregate is allowed (a formula, a condition).
    """
    try:
        tree = parse(text)
        unknown = sorted(names_in(text) - set(known))
        if unknown:
            return " ".join(f"'{name}' is not a {what}. {did_you_mean(name, sorted(known))}" for name in unknown)
        misplaced = _misplaced(tree, text, aggregate)
        if misplaced:
            return misplaced
        found = kind_of(tree, known)
    except (ExpressionError, RecursionError) as error:
        return str(error) if isinstance(error, ExpressionError) else f"'{text[:60]}…' is nested too deeply"
    return None if found in (wanted, "nothing") else f"'{text}' gives {TOLD[found]}, not {TOLD[wanted]}"


def _plain(node: exp.Expression) -> exp.Expression:
    """ANY_VALUE passes over nulls by itself; the parser says so with a node of its own, which is left out."""
    return node.this if isinstance(node, exp.IgnoreNulls) and isinstance(node.this, exp.AnyValue) else node


def _misplaced(tree: exp.Expression, text: str, aggregate: bool) -> str | None:
    """An aggregate where none may be, or a column outside an aggregate where all must be inside."""
    found = list(tree.find_all(*AGGREGATES))
    if not aggregate:
        return f"'{text}' must not hold an aggregate such as {AGGREGATES[type(found[0])]}" if found else None
    if not found:
        return f"'{text}' must hold an aggregate, such as SUM(…) or COUNT(*)"
    loose = [column.name for column in tree.find_all(exp.Column) if not column.find_ancestor(*AGGREGATES, exp.Filter)]
    return f"'{loose[0]}' stands outside an aggregate in '{text}'" if loose else None


def outermost_division(text: str) -> tuple[exp.Expression, exp.Expression] | None:
    """Numerator and denominator of the formula's outermost division, or None where there is none or no single one."""
    level: list[exp.Expression] = [parse(text)]
    while level:
        divisions = [node for node in level if isinstance(node, exp.Div)]
        if divisions:
            return (divisions[0].this, divisions[0].expression) if len(divisions) == 1 else None
        level = [child for node in level for child in node.iter_expressions()]
    return None


def _given(node: exp.Expression) -> list[str]:
    return [key for key, value in node.args.items() if value]


def _what_is_wrong(error: SqlglotError) -> str:
    """The parser's finding, its place counted in the expression and not in the statement around it."""
    found = error.errors[0] if isinstance(error, ParseError) and error.errors else None
    if found is None:
        return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    words, line, letter = str(found["description"]).rstrip("."), int(found["line"]), int(found["col"])
    missing = re.match(r"Required keyword: '\w+' missing for <class '[\w.]+\.(\w+)'>", words)
    words = f"something is missing beside {missing[1].upper()}" if missing else words
    at = f"letter {max(letter - len(_BEFORE), 1)}" if line == 1 else f"line {line}, letter {letter}"
    return f"{words} ({at})"
